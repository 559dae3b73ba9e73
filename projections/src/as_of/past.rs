//! A show as it stood at a moment, and what it said of itself then.

use std::sync::Arc;

use domain::Show;
use uuid::Uuid;

use super::Stand;
use crate::{
    queries::{Queries, QueryError},
    views::{
        AttendanceView, AvailabilityView, SeatsView, ShowView, attendance_view, availability_row, seat_claim, show_view,
    },
};

/// A show as it stood at a moment, for its organization's staff.
#[derive(Debug, Clone)]
pub struct Past {
    /// The moment.
    pub stand: Stand,
    pub(super) queries: Queries,
    pub(super) organization: Uuid,
    pub(super) show: Arc<Show>,
}

impl Queries {
    /// A show of an organization as it stood. None: there was no such show then.
    ///
    /// # Errors
    /// See [`QueryError`].
    pub async fn past(&self, organization: Uuid, show: Uuid, stand: Stand) -> Result<Option<Past>, QueryError> {
        let version = self.log.version_at(show, stand.position).await?;
        if version == 0 {
            return Ok(None);
        }
        let folded = self.states.folded(show, version).await?.filter(|folded| folded.organization == organization);
        Ok(folded.map(|folded| Past { stand, queries: self.clone(), organization, show: folded.show }))
    }
}

impl Past {
    /// What it said of itself.
    #[must_use]
    pub fn view(&self) -> ShowView {
        show_view(&self.show)
    }

    /// How much of it was left, in numbers.
    #[must_use]
    pub fn availability(&self) -> AvailabilityView {
        availability_row(&self.show).view(self.stand.time, true)
    }

    /// Every seat that was not free.
    #[must_use]
    pub fn seats(&self) -> SeatsView {
        let show = &*self.show;
        let claims = show.places.taken_seats().map(|seat| (seat.address.to_string(), seat_claim(show, &seat.address)));
        let seats = claims.filter_map(|(seat, claim)| Some((seat, claim.state?))).collect();
        SeatsView { seats, mine: Vec::new() }
    }

    /// The figures of its door.
    #[must_use]
    pub fn attendance(&self) -> AttendanceView {
        attendance_view(&self.show)
    }
}
