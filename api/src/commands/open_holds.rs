//! The limits on what one address keeps of a show without credentials, as the show's organization set them: asked before a
//! command is sent, and told what became of it. Staff of the show have none. What is counted, and how, is
//! [`crate::hold_limits`]'s.

use commands::allocation::ItemRequest;
use domain::{
    events::HoldItem,
    ids::{HoldId, OrganizationId},
    organization::SalesLimits,
};

use super::submit::Request;
use crate::{app::CommandSide, client_address::ClientAddress, hold_limits::Reservation, problem::Problem};

/// What a command would keep.
pub(super) enum Wanted<'request> {
    /// A hold of these.
    Hold(&'request [ItemRequest]),
    /// These, in a hold that is there.
    More(&'request [ItemRequest]),
    /// An order of a hold.
    Order(HoldId),
}

/// Room for what is wanted; none is needed by staff, nor for nothing.
///
/// # Errors
/// 409 `too_many_holds`.
pub(super) async fn room(
    app: &CommandSide,
    request: &Request<'_>,
    client: ClientAddress,
    wanted: Wanted<'_>,
) -> Result<Option<Reservation>, Problem> {
    if request.is_staff() {
        return Ok(None);
    }
    let (holds, show) = (&app.defences.holds, request.show());
    let limits = limits(app, request).await?;
    let room = match wanted {
        Wanted::Hold(items) => holds.may_hold(&app.desks, show, client, asked_for(items), limits).await,
        Wanted::More([]) => return Ok(None),
        Wanted::More(items) => holds.may_add(&app.desks, show, client, asked_for(items), limits).await,
        Wanted::Order(hold) => holds.may_order(&app.desks, show, client, hold, limits).await,
    };
    match room {
        Ok(room) => Ok(Some(room)),
        // The same request again keeps nothing more, and has its first answer.
        Err(problem) if problem.code() == "too_many_holds" && request.is_recorded().await? => Ok(None),
        Err(problem) => Err(problem),
    }
}

/// How many people these admit.
pub(super) fn persons(items: &[HoldItem]) -> u32 {
    items.iter().map(|item| item.persons).sum()
}

async fn limits(app: &CommandSide, request: &Request<'_>) -> Result<SalesLimits, Problem> {
    let Some(facts) = app.desks.find(request.show()).await? else { return Err(Problem::not_found()) };
    let organization = app.organizations.find(OrganizationId(facts.organization)).await?;
    Ok(organization.map(|organization| organization.settings.limits).unwrap_or_default())
}

/// Tickets, which are persons but for group tickets: those are counted once the desk has said how many they admit.
fn asked_for(items: &[ItemRequest]) -> u32 {
    u32::try_from(items.iter().map(ItemRequest::tickets).sum::<usize>()).unwrap_or(u32::MAX)
}
