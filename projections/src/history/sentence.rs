//! One plain sentence for an event: a pure function of the event, who asks in which language, and what was looked up.

use std::cell::RefCell;

use domain::{OrganizationEvent, ShowEvent};
use event_store::StreamType;
use uuid::Uuid;

use super::{
    Reading,
    known::{Known, Mentioned},
    telling::{Source, Telling, say},
};

/// What a sentence is made of, as the log holds it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Recorded<'a> {
    pub stream_type: &'a str,
    pub stream: Uuid,
    pub event_type: &'a str,
    pub schema: i32,
    pub payload: &'a str,
    pub actor: &'a str,
}

/// What has to be looked up for the sentences of these events.
pub(super) fn mentioned<'a>(events: impl IntoIterator<Item = Recorded<'a>>, reading: Reading) -> Mentioned {
    let mentioned = RefCell::new(Mentioned::default());
    for event in events {
        tell(event, reading, Source::Asked(&mentioned));
    }
    mentioned.into_inner()
}

/// The same when the keys and devices that were mentioned are known: what these are called by, too.
pub(super) fn names_of(known: &Known, mentioned: &mut Mentioned) {
    mentioned.vault.extend(known.credentials.values());
}

/// The sentence of an event.
pub(super) fn sentence(event: Recorded<'_>, reading: Reading, known: &Known) -> String {
    tell(event, reading, Source::Known(known))
}

/// The same of a show's event that was read before.
pub(super) fn sentence_of_show(show: Uuid, event: &ShowEvent, actor: &str, reading: Reading, known: &Known) -> String {
    let telling = Telling { stream: show, reading, source: Source::Known(known) };
    telling.whole(telling.of_show_event(event), actor)
}

fn tell(event: Recorded<'_>, reading: Reading, source: Source<'_>) -> String {
    let telling = Telling { stream: event.stream, reading, source };
    telling.whole(telling.what(event), event.actor)
}

/// With a capital letter at its beginning.
fn capitalised(sentence: String) -> String {
    let mut characters = sentence.chars();
    match characters.next() {
        Some(first) => first.to_uppercase().chain(characters).collect(),
        None => sentence,
    }
}

impl Telling<'_> {
    /// What happened, and who did it.
    fn whole(&self, what: String, actor: &str) -> String {
        capitalised(say!(self, "sentence", what: what, who: self.actor(actor)))
    }

    fn what(&self, event: Recorded<'_>) -> String {
        let Recorded { event_type, schema, payload, .. } = event;
        let told = match StreamType::parse(event.stream_type) {
            Some(StreamType::Show) => {
                ShowEvent::decode(event_type, schema, payload).map(|event| self.of_show_event(&event))
            }
            Some(StreamType::Organization) => {
                OrganizationEvent::decode(event_type, schema, payload).map(|event| self.of_organization(&event))
            }
            None => return say!(self, "unreadable", type: event_type),
        };
        told.unwrap_or_else(|_| say!(self, "unreadable", type: event_type))
    }

    fn of_show_event(&self, event: &ShowEvent) -> String {
        match event {
            ShowEvent::ShowScheduled(event) => self.show_scheduled(event),
            ShowEvent::ShowRevised(event) => self.show_revised(event),
            ShowEvent::ShowRescheduled(event) => {
                say!(self, "ShowRescheduled", starts: self.moment(event.schedule.starts_at))
            }
            ShowEvent::SeatingAdopted(event) => {
                say!(self, "SeatingAdopted", seats: event.seats, standing: event.standing)
            }
            ShowEvent::PoolAdded(event) => {
                say!(self, "PoolAdded", pool: event.name.as_str(), capacity: u32::from(event.capacity))
            }
            ShowEvent::PoolRevised(event) => {
                say!(self, "PoolRevised", pool: event.name.as_str(), capacity: u32::from(event.capacity))
            }
            ShowEvent::TicketTypeAdded(event) => self.terms("TicketTypeAdded", &event.terms),
            ShowEvent::TicketTypeRevised(event) => self.terms("TicketTypeRevised", &event.terms),
            ShowEvent::DoorSet(event) => self.door_set(event),
            ShowEvent::ShowPublished(event) => {
                say!(self, "ShowPublished", digits: u32::from(event.code_length.digits()))
            }
            ShowEvent::SalesPaused(event) => self.channels("SalesPaused", event.channels.as_deref()),
            ShowEvent::SalesResumed(event) => self.channels("SalesResumed", event.channels.as_deref()),
            ShowEvent::SalesClosed(_) => say!(self, "SalesClosed"),
            ShowEvent::ShowCancelled(event) => say!(self, "ShowCancelled", reason: self.reason(event.reason)),
            ShowEvent::PlacesBlocked(event) => self.places_blocked(event),
            ShowEvent::BlockReleased(event) => self.block_released(event),
            ShowEvent::HoldPlaced(event) => self.hold_placed(event),
            ShowEvent::HoldChanged(event) => self.hold_changed(event),
            ShowEvent::HoldExtended(event) => say!(self, "HoldExtended", until: self.moment(event.expires_at)),
            ShowEvent::HoldReleased(event) => self.hold_ended("HoldReleased", &event.items),
            ShowEvent::HoldExpired(event) => self.hold_ended("HoldExpired", &event.items),
            ShowEvent::OrderPlaced(event) => self.order_placed(event),
            ShowEvent::PaymentRecorded(event) => self.payment_recorded(event),
            ShowEvent::OrderCancelled(event) => self.order_cancelled(event),
            ShowEvent::OrderExpired(event) => self.order_expired(event),
            ShowEvent::RefundRecorded(event) => self.refund_recorded(event),
            ShowEvent::TicketIssued(event) => self.ticket_issued(event),
            ShowEvent::TicketVoided(event) => self.ticket_voided(event),
            ShowEvent::TicketReissued(event) => {
                say!(self, "TicketReissued", ticket: self.ticket_with(event.ticket, &event.short_code))
            }
            ShowEvent::TicketMoved(event) => self.ticket_moved(event),
            ShowEvent::TicketTransferred(event) => {
                say!(self, "TicketTransferred", ticket: self.ticket(event.ticket), who: self.person(event.customer))
            }
            ShowEvent::HolderNamed(event) => {
                say!(self, "HolderNamed", ticket: self.ticket(event.ticket), who: self.person(event.holder))
            }
            ShowEvent::CheckedIn(event) => self.checked_in(event),
            ShowEvent::CheckedOut(event) => self.checked_out(event),
            ShowEvent::CheckInRefused(event) => self.refused(event),
            ShowEvent::CheckInUndone(event) => self.undone(event),
            ShowEvent::AdmissionConflictFound(event) => self.conflict(event),
            ShowEvent::PersonsCounted(event) => self.counted(event),
        }
    }
}

#[cfg(test)]
mod tests;
