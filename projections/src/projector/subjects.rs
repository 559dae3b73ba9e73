//! What an event touched, so that the history can be asked about a thing: ids of people, orders, tickets, holds, blocks, scans, ticket
//! types, pools, keys and devices, of the show where it is about that as a whole, and of seats an id made of the show and the address.
//!
//! Things that it names, and the order and the places of the ticket that it is about, as the show stood before it.

use domain::{
    OrganizationEvent, Show, ShowEvent,
    events::{HoldItem, Line, Scan, SeenTicket},
    ids::{OrderId, TicketId},
    place::{Place, SeatAddress},
};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use super::persons::{persons, persons_of_organization};

/// What stands for a seat of a show among subjects: a UUIDv8 of both.
pub(crate) fn seat_subject(show: Uuid, seat: &str) -> Uuid {
    let hash =
        Sha256::new().chain_update(b"seat").chain_update(show.as_bytes()).chain_update(seat.as_bytes()).finalize();
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash[..16]);
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}

/// The people whom an event of a show is about and the things that it touched, each once, in ascending order.
pub(crate) fn subjects(show: Uuid, before: Option<&Show>, event: &ShowEvent) -> Vec<Uuid> {
    let mut touched = Subjects { show, before, ids: persons(before, event) };
    touched.note(event);
    let mut ids = touched.ids;
    ids.sort_unstable();
    ids.dedup();
    ids
}

/// The same of an event of an organization.
pub(crate) fn subjects_of_organization(event: &OrganizationEvent) -> Vec<Uuid> {
    let mut ids = persons_of_organization(event);
    match event {
        OrganizationEvent::ApiKeyIssued(event) => ids.push(event.key.0),
        OrganizationEvent::ApiKeyRetired(event) => ids.extend([event.key.0, event.successor.0]),
        OrganizationEvent::ApiKeyRevoked(event) => ids.push(event.key.0),
        OrganizationEvent::DevicePairingOffered(event) => ids.push(event.pairing.0),
        OrganizationEvent::DevicePaired(event) => ids.extend([event.pairing.0, event.device.0]),
        OrganizationEvent::DeviceRevoked(event) => ids.push(event.device.0),
        OrganizationEvent::CodeGuessingNoticed(event) => {
            ids.push(event.show.0);
            ids.extend(event.device.map(|device| device.0));
        }
        OrganizationEvent::RetentionEnded(event) => ids.push(event.show.0),
        OrganizationEvent::OrganizationFounded(_)
        | OrganizationEvent::SettingsChanged(_)
        | OrganizationEvent::MemberInvited(_)
        | OrganizationEvent::MemberAdded(_)
        | OrganizationEvent::MemberJoined(_)
        | OrganizationEvent::MemberRoleChanged(_)
        | OrganizationEvent::MemberRemoved(_)
        | OrganizationEvent::SignedIn(_)
        | OrganizationEvent::SignInsFailed(_)
        | OrganizationEvent::PersonErased(_)
        | OrganizationEvent::TextRetentionEnded(_) => {}
    }
    ids.sort_unstable();
    ids
}

struct Subjects<'a> {
    show: Uuid,
    before: Option<&'a Show>,
    ids: Vec<Uuid>,
}

impl Subjects<'_> {
    fn note(&mut self, event: &ShowEvent) {
        match event {
            ShowEvent::PlacesBlocked(event) => {
                self.ids.push(event.block.0);
                self.places(&event.places);
            }
            ShowEvent::BlockReleased(event) => {
                self.ids.push(event.block.0);
                self.places(&event.places);
            }
            ShowEvent::HoldPlaced(event) => self.hold(event.hold.0, &event.items),
            ShowEvent::HoldChanged(event) => {
                self.hold(event.hold.0, &event.added);
                self.hold(event.hold.0, &event.removed);
            }
            ShowEvent::HoldExtended(event) => self.ids.push(event.hold.0),
            ShowEvent::HoldReleased(event) => self.hold(event.hold.0, &event.items),
            ShowEvent::HoldExpired(event) => self.hold(event.hold.0, &event.items),
            ShowEvent::OrderPlaced(event) => {
                self.ids.extend(event.hold.map(|hold| hold.0));
                self.order(event.order, &event.lines);
            }
            ShowEvent::PaymentRecorded(event) => self.ids.push(event.order.0),
            ShowEvent::OrderCancelled(event) => self.order(event.order, &event.lines),
            ShowEvent::OrderExpired(event) => self.order(event.order, &event.lines),
            ShowEvent::RefundRecorded(event) => {
                self.order(event.order, event.discount.as_slice());
            }
            ShowEvent::TicketIssued(event) => {
                self.ids.extend([event.ticket.0, event.order.0]);
                self.places(&event.places);
            }
            ShowEvent::TicketVoided(event) => {
                self.ids.extend([event.ticket.0, event.order.0]);
                self.places(&event.places);
            }
            ShowEvent::TicketReissued(event) => self.ticket(event.ticket),
            ShowEvent::TicketMoved(event) => {
                self.ticket(event.ticket);
                self.places([&event.from, &event.to]);
            }
            ShowEvent::TicketTransferred(event) => self.ticket(event.ticket),
            ShowEvent::HolderNamed(event) => self.ticket(event.ticket),
            ShowEvent::CheckedIn(event) => self.scan(&event.scan, event.ticket.as_ref()),
            ShowEvent::CheckedOut(event) => self.scan(&event.scan, event.ticket.as_ref()),
            ShowEvent::CheckInRefused(event) => self.scan(&event.scan, event.ticket.as_ref()),
            ShowEvent::CheckInUndone(event) => {
                self.ids.push(event.scan.0);
                event.ticket.into_iter().for_each(|ticket| self.ticket(ticket));
            }
            ShowEvent::AdmissionConflictFound(event) => {
                self.ids.push(event.scan.0);
                event.ticket.into_iter().for_each(|ticket| self.ticket(ticket));
            }
            ShowEvent::PoolAdded(event) => self.ids.push(event.pool.0),
            ShowEvent::PoolRevised(event) => self.ids.push(event.pool.0),
            ShowEvent::TicketTypeAdded(event) => self.ids.push(event.ticket_type.0),
            ShowEvent::TicketTypeRevised(event) => self.ids.push(event.ticket_type.0),
            // What is about the show as a whole: there are few of it.
            ShowEvent::ShowScheduled(_)
            | ShowEvent::ShowRevised(_)
            | ShowEvent::ShowRescheduled(_)
            | ShowEvent::SeatingAdopted(_)
            | ShowEvent::DoorSet(_)
            | ShowEvent::ShowPublished(_)
            | ShowEvent::SalesPaused(_)
            | ShowEvent::SalesResumed(_)
            | ShowEvent::SalesClosed(_)
            | ShowEvent::ShowCancelled(_) => self.ids.push(self.show),
            ShowEvent::PersonsCounted(_) => {}
        }
    }

    fn hold(&mut self, hold: Uuid, items: &[HoldItem]) {
        self.ids.push(hold);
        for item in items {
            self.ids.extend(item.block.map(|block| block.0));
            self.places(&item.places);
        }
    }

    fn order(&mut self, order: OrderId, lines: &[Line]) {
        self.ids.push(order.0);
        for line in lines {
            self.ids.extend(line.block.map(|block| block.0));
            self.ids.extend(line.ticket.map(|ticket| ticket.0));
            self.places(&line.places);
        }
    }

    /// A ticket, with its order and, where it has one, its seat, as they were before.
    fn ticket(&mut self, id: TicketId) {
        self.ids.push(id.0);
        if let Some(ticket) = self.before.and_then(|show| show.ticket(id)) {
            self.ids.push(ticket.order.0);
            self.places(&ticket.places);
        }
    }

    fn scan(&mut self, scan: &Scan, ticket: Option<&SeenTicket>) {
        self.ids.push(scan.scan.0);
        if let Some(ticket) = ticket {
            self.ticket(ticket.id);
        }
    }

    fn places<'p>(&mut self, places: impl IntoIterator<Item = &'p Place>) {
        let show = self.show;
        let seats = places.into_iter().filter_map(|place| place.seat.as_ref());
        self.ids.extend(seats.map(|seat: &SeatAddress| seat_subject(show, seat.as_str())));
    }
}
