//! Why a command was rejected: the events that hold what was asked for, looked up once the decision has fallen. For staff alone.

use commands::{Code, HeldBy, Rejection};
use domain::ids::ShowId;
use uuid::Uuid;

use crate::{
    app::CommandSide,
    problem::{Because, Problem},
};

/// Things that are looked up for one rejection; a large order names hundreds of seats.
const TOLD_MAX: usize = 50;

/// A rejection as staff of an organization are told it.
pub(super) async fn explained(app: &CommandSide, organization: Uuid, show: ShowId, rejection: Rejection) -> Problem {
    let Rejection::Rule { code, held_by, .. } = &rejection else { return rejection.into() };
    let asked: Vec<_> = held_by
        .iter()
        .map(|by| (subject(show, *by), types(*code, *by)))
        .filter(|(_, types)| !types.is_empty())
        .take(TOLD_MAX)
        .collect();
    match app.why.holding(organization, show.0, &asked).await {
        Ok(found) => {
            let because =
                found.into_iter().map(|found| Because { position: found.position, event_type: found.event_type });
            Problem::from(rejection).because(because.collect())
        }
        // A courtesy: the rejection is as true without it.
        Err(error) => {
            tracing::warn!(%error, "why a command was rejected cannot be looked up now");
            rejection.into()
        }
    }
}

fn subject(show: ShowId, by: HeldBy) -> Uuid {
    match by {
        HeldBy::Block(id) => id.0,
        HeldBy::Hold(id) => id.0,
        HeldBy::Order(id) => id.0,
        HeldBy::Ticket(id) => id.0,
        HeldBy::Scan(id) => id.0,
        HeldBy::Show => show.0,
    }
}

/// Which events of it say so.
fn types(code: Code, by: HeldBy) -> &'static [&'static str] {
    match (code, by) {
        (Code::HoldUsed, _) => &["OrderPlaced"],
        (Code::HoldExpired, _) => &["HoldExpired", "HoldReleased"],
        (Code::AlreadyVoid, HeldBy::Ticket(_)) => &["TicketVoided"],
        (Code::AlreadyVoid, _) => &["OrderCancelled", "OrderExpired"],
        (Code::HolderInside | Code::AlreadyAdmitted, _) => &["CheckedIn"],
        (Code::AlreadyUndone, _) => &["CheckInUndone"],
        (Code::OrderNotPayable, _) => &["OrderCancelled", "OrderExpired", "PaymentRecorded", "OrderPlaced"],
        (Code::AmountMismatch, _) => &["OrderPlaced", "PaymentRecorded"],
        (Code::RefundExceedsPaid, _) => &["RefundRecorded", "PaymentRecorded", "OrderPlaced"],
        (Code::ShowCancelled, _) => &["ShowCancelled"],
        (Code::SalesPaused, _) => &["SalesPaused"],
        (Code::NotOnSale, _) => &["SalesClosed"],
        (Code::AlreadyPublished, _) => &["ShowPublished"],
        (_, HeldBy::Block(_)) => &["PlacesBlocked"],
        (_, HeldBy::Hold(_)) => &["HoldPlaced", "HoldChanged"],
        (_, HeldBy::Order(_)) => &["OrderPlaced"],
        (_, HeldBy::Ticket(_)) => &["TicketIssued", "TicketMoved"],
        (_, HeldBy::Scan(_) | HeldBy::Show) => &[],
    }
}
