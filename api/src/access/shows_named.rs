//! The shows that a body names for a key or a device: each has to be one of the organization's.

use domain::{FieldError, ids::ShowId};
use uuid::Uuid;

use crate::{app::CommandSide, problem::Problem};

/// The most shows that one key or device is bound to: a festival's stages or a season's evenings.
pub(super) const SHOWS_MAX: usize = 1_000;

/// That every show is the organization's; another organization's is told like one that does not exist.
pub(super) async fn all_known(app: &CommandSide, organization: Uuid, shows: &[ShowId]) -> Result<(), Problem> {
    if shows.len() > SHOWS_MAX {
        return Err(Problem::invalid_at("/shows", format!("names {} shows; at most {SHOWS_MAX} can be", shows.len())));
    }
    let mut unknown = Vec::new();
    for (index, show) in shows.iter().enumerate() {
        let known = app.desks.find(*show).await?.is_some_and(|facts| facts.organization == organization);
        if !known {
            unknown.push(FieldError::at(format!("/shows/{index}"), "is no show of this organization"));
        }
    }
    if unknown.is_empty() { Ok(()) } else { Err(Problem::invalid(unknown)) }
}
