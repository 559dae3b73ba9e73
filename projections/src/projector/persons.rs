//! Which people an event names, so that the history can be asked about a person. Ids only: the names are in the vault.

use domain::{ShowEvent, ids::PersonId};
use uuid::Uuid;

/// The customers and holders that an event names, each once, in ascending order.
pub(super) fn persons(event: &ShowEvent) -> Vec<Uuid> {
    let mut persons: Vec<PersonId> = match event {
        ShowEvent::OrderPlaced(event) => {
            event.customer.into_iter().chain(event.holders.iter().map(|named| named.holder)).collect()
        }
        ShowEvent::TicketIssued(event) => event.holder.into_iter().collect(),
        ShowEvent::TicketTransferred(event) => vec![event.customer],
        ShowEvent::HolderNamed(event) => vec![event.holder],
        ShowEvent::CheckedIn(event) => event.ticket.iter().filter_map(|ticket| ticket.holder).collect(),
        ShowEvent::CheckedOut(event) => event.ticket.iter().filter_map(|ticket| ticket.holder).collect(),
        ShowEvent::CheckInRefused(event) => event.ticket.iter().filter_map(|ticket| ticket.holder).collect(),
        ShowEvent::ShowScheduled(_)
        | ShowEvent::ShowRevised(_)
        | ShowEvent::ShowRescheduled(_)
        | ShowEvent::SeatingAdopted(_)
        | ShowEvent::PoolAdded(_)
        | ShowEvent::PoolRevised(_)
        | ShowEvent::TicketTypeAdded(_)
        | ShowEvent::TicketTypeRevised(_)
        | ShowEvent::DoorSet(_)
        | ShowEvent::ShowPublished(_)
        | ShowEvent::SalesPaused(_)
        | ShowEvent::SalesResumed(_)
        | ShowEvent::SalesClosed(_)
        | ShowEvent::ShowCancelled(_)
        | ShowEvent::PlacesBlocked(_)
        | ShowEvent::BlockReleased(_)
        | ShowEvent::HoldPlaced(_)
        | ShowEvent::HoldChanged(_)
        | ShowEvent::HoldExtended(_)
        | ShowEvent::HoldReleased(_)
        | ShowEvent::HoldExpired(_)
        | ShowEvent::PaymentRecorded(_)
        | ShowEvent::OrderCancelled(_)
        | ShowEvent::OrderExpired(_)
        | ShowEvent::RefundRecorded(_)
        | ShowEvent::TicketVoided(_)
        | ShowEvent::TicketReissued(_)
        | ShowEvent::TicketMoved(_)
        | ShowEvent::CheckInUndone(_)
        | ShowEvent::AdmissionConflictFound(_)
        | ShowEvent::PersonsCounted(_) => Vec::new(),
    };
    persons.sort_unstable();
    persons.dedup();
    persons.into_iter().map(|person| person.0).collect()
}
