//! Which people an event is about, so that the history can be asked about a person. Ids only: the names are in the vault.
//!
//! Those that it names, and those whose order or ticket it is about, as the show stood before it. What happens to a ticket
//! is about its holder and its customer; at the door only about whoever came with it.

use domain::{
    OrganizationEvent, Show, ShowEvent,
    events::SeenTicket,
    ids::{OrderId, PersonId, TicketId},
};
use uuid::Uuid;

/// The people whom an event of a show is about, some of them perhaps twice.
pub(crate) fn persons(before: Option<&Show>, event: &ShowEvent) -> Vec<Uuid> {
    let persons: Vec<PersonId> = match event {
        ShowEvent::OrderPlaced(event) => {
            event.customer.into_iter().chain(event.holders.iter().map(|named| named.holder)).collect()
        }
        ShowEvent::PaymentRecorded(event) => of_order(before, event.order),
        ShowEvent::OrderCancelled(event) => of_order(before, event.order),
        ShowEvent::OrderExpired(event) => of_order(before, event.order),
        ShowEvent::RefundRecorded(event) => of_order(before, event.order),
        ShowEvent::TicketIssued(event) => event.holder.into_iter().chain(of_order(before, event.order)).collect(),
        ShowEvent::TicketVoided(event) => of_ticket(before, event.ticket),
        ShowEvent::TicketReissued(event) => of_ticket(before, event.ticket),
        ShowEvent::TicketMoved(event) => of_ticket(before, event.ticket),
        ShowEvent::TicketTransferred(event) => and(of_ticket(before, event.ticket), event.customer),
        ShowEvent::HolderNamed(event) => and(of_ticket(before, event.ticket), event.holder),
        ShowEvent::CheckedIn(event) => seen(before, event.ticket.as_ref()),
        ShowEvent::CheckedOut(event) => seen(before, event.ticket.as_ref()),
        ShowEvent::CheckInRefused(event) => seen(before, event.ticket.as_ref()),
        ShowEvent::CheckInUndone(event) => event.ticket.and_then(|id| at_the_door(before, id)).into_iter().collect(),
        ShowEvent::AdmissionConflictFound(event) => {
            event.ticket.and_then(|id| at_the_door(before, id)).into_iter().collect()
        }
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
        | ShowEvent::PersonsCounted(_) => Vec::new(),
    };
    persons.into_iter().map(|person| person.0).collect()
}

/// The people whom an event of an organization is about. Members are people under their own ids.
pub(crate) fn persons_of_organization(event: &OrganizationEvent) -> Vec<Uuid> {
    let person = match event {
        OrganizationEvent::MemberInvited(event) => Some(event.member.0),
        OrganizationEvent::MemberAdded(event) => Some(event.member.0),
        OrganizationEvent::MemberJoined(event) => Some(event.member.0),
        OrganizationEvent::MemberRoleChanged(event) => Some(event.member.0),
        OrganizationEvent::MemberRemoved(event) => Some(event.member.0),
        OrganizationEvent::SignedIn(event) => Some(event.member.0),
        OrganizationEvent::SignInsFailed(event) => Some(event.member.0),
        OrganizationEvent::PersonErased(event) => Some(event.person.0),
        OrganizationEvent::OrganizationFounded(_)
        | OrganizationEvent::SettingsChanged(_)
        | OrganizationEvent::ApiKeyIssued(_)
        | OrganizationEvent::ApiKeyRetired(_)
        | OrganizationEvent::ApiKeyRevoked(_)
        | OrganizationEvent::DevicePairingOffered(_)
        | OrganizationEvent::DevicePaired(_)
        | OrganizationEvent::DeviceRevoked(_)
        | OrganizationEvent::CodeGuessingNoticed(_)
        | OrganizationEvent::RetentionEnded(_)
        | OrganizationEvent::TextRetentionEnded(_) => None,
    };
    person.into_iter().collect()
}

fn of_order(show: Option<&Show>, order: OrderId) -> Vec<PersonId> {
    show.and_then(|show| show.order(order)).and_then(|order| order.customer).into_iter().collect()
}

fn of_ticket(show: Option<&Show>, ticket: TicketId) -> Vec<PersonId> {
    let Some(ticket) = show.and_then(|show| show.ticket(ticket)) else { return Vec::new() };
    let customer = ticket.customer.or_else(|| of_order(show, ticket.order).first().copied());
    ticket.holder.into_iter().chain(customer).collect()
}

fn at_the_door(show: Option<&Show>, ticket: TicketId) -> Option<PersonId> {
    of_ticket(show, ticket).first().copied()
}

fn seen(show: Option<&Show>, ticket: Option<&SeenTicket>) -> Vec<PersonId> {
    ticket.and_then(|ticket| ticket.holder.or_else(|| at_the_door(show, ticket.id))).into_iter().collect()
}

fn and(mut persons: Vec<PersonId>, person: PersonId) -> Vec<PersonId> {
    persons.push(person);
    persons
}
