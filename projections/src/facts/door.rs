//! Facts of the door: who went in and out, who was refused, and of whose tickets somebody came at all.
//!
//! They happened when the ticket was looked at: a device without the network sends that later. What is taken back is taken off
//! the moment at which it had been.

use chrono::{DateTime, Utc};
use domain::{
    Show, ShowEvent,
    door::{Direction, RefusalReason},
    events::{Scan, SeenTicket},
    ids::TicketId,
};
use uuid::Uuid;

use super::{Sort, came, section};
use crate::views::word;

/// What an event changed in the figures of the door.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct DoorFact {
    pub happened_at: DateTime<Utc>,
    pub order: Option<Uuid>,
    pub ticket: Option<Uuid>,
    pub sort: Sort,
    pub gate: Option<String>,
    pub area: Option<String>,
    pub device: Option<Uuid>,
    pub reason: Option<String>,
    pub admitted: i64,
    pub returned: i64,
    pub departed: i64,
    pub undone: i64,
    pub overridden: i64,
    pub refused: i64,
    pub came: i64,
}

/// Adds the facts of an event.
pub(super) fn tell(show: &Show, event: &ShowEvent, recorded_at: DateTime<Utc>, facts: &mut Vec<DoorFact>) {
    match event {
        ShowEvent::CheckedIn(event) => facts.push(DoorFact {
            admitted: i64::from(event.persons.saturating_sub(event.returning)),
            returned: i64::from(event.returning),
            overridden: i64::from(event.overridden.is_some()),
            reason: reason(event.overridden),
            ..scanned(show, &event.scan, event.ticket.as_ref())
        }),
        ShowEvent::CheckedOut(event) => facts.push(DoorFact {
            departed: i64::from(event.persons),
            overridden: i64::from(event.overridden.is_some()),
            reason: reason(event.overridden),
            ..scanned(show, &event.scan, event.ticket.as_ref())
        }),
        ShowEvent::CheckInRefused(event) => facts.push(DoorFact {
            refused: 1,
            reason: reason(event.reason),
            ..scanned(show, &event.scan, event.ticket.as_ref())
        }),
        ShowEvent::CheckInUndone(event) => {
            let persons = i64::from(event.persons);
            let mut fact = DoorFact {
                happened_at: event.scanned_at,
                gate: event.gate.as_ref().map(ToString::to_string),
                area: Some(event.area.to_string()),
                device: show.presence.passage(event.scan).and_then(|passage| passage.device).map(|device| device.0),
                undone: persons,
                ..of_ticket(show, event.ticket)
            };
            fact.sort.ticket_type = fact.sort.ticket_type.or(event.ticket_type.map(|ticket_type| ticket_type.0));
            match event.direction {
                Direction::In => {
                    fact.admitted = -i64::from(event.persons.saturating_sub(event.returning));
                    fact.returned = -i64::from(event.returning);
                }
                Direction::Out => fact.departed = -persons,
            }
            facts.push(fact);
        }
        ShowEvent::TicketMoved(event) => {
            let here = came(show, event.ticket);
            if here == 0 {
                return;
            }
            let fact = DoorFact { happened_at: recorded_at, came: -here, ..of_ticket(show, Some(event.ticket)) };
            let there = Sort {
                category: event.category.as_ref().map(ToString::to_string),
                section: event.to.section.as_ref().map(ToString::to_string),
                ..fact.sort.clone()
            };
            if there != fact.sort {
                facts.push(DoorFact { sort: there, came: here, ..fact.clone() });
                facts.push(fact);
            }
        }
        _ => {}
    }
}

/// Of a ticket, before an event, how many had come.
#[derive(Debug)]
pub(super) struct Came {
    ticket: TicketId,
    before: i64,
}

impl Came {
    pub fn before(show: Option<&Show>, event: &ShowEvent) -> Option<Self> {
        let ticket = match event {
            ShowEvent::CheckedIn(event) => event.ticket.as_ref()?.id,
            ShowEvent::CheckedOut(event) => event.ticket.as_ref()?.id,
            ShowEvent::CheckInUndone(event) => event.ticket?,
            ShowEvent::TicketVoided(event) => event.ticket,
            _ => return None,
        };
        Some(Self { ticket, before: came(show?, ticket) })
    }

    /// Adds by how many more or fewer have come, to the fact of the same ticket if there is one.
    pub fn after(self, show: &Show, recorded_at: DateTime<Utc>, facts: &mut Vec<DoorFact>) {
        let change = came(show, self.ticket) - self.before;
        if change == 0 {
            return;
        }
        let fact = of_ticket(show, Some(self.ticket));
        match facts.first_mut().filter(|known| known.sort == fact.sort) {
            Some(known) => known.came = change,
            None => facts.push(DoorFact { happened_at: recorded_at, came: change, ..fact }),
        }
    }
}

fn scanned(show: &Show, scan: &Scan, seen: Option<&SeenTicket>) -> DoorFact {
    let mut fact = DoorFact {
        happened_at: scan.at,
        gate: scan.gate.as_ref().map(ToString::to_string),
        area: Some(scan.area.to_string()),
        device: scan.device.map(|device| device.0),
        ..of_ticket(show, seen.map(|ticket| ticket.id))
    };
    if let Some(seen) = seen.filter(|_| fact.sort.ticket_type.is_none()) {
        fact.sort.ticket_type = Some(seen.ticket_type.0);
        fact.sort.section = section(&seen.places);
    }
    fact
}

fn of_ticket(show: &Show, ticket: Option<TicketId>) -> DoorFact {
    let known = ticket.and_then(|ticket| show.ticket(ticket));
    DoorFact {
        ticket: ticket.map(|ticket| ticket.0),
        order: known.map(|ticket| ticket.order.0),
        sort: known.map_or_else(Sort::default, |ticket| Sort::of_ticket(show, ticket)),
        ..DoorFact::default()
    }
}

fn reason(reason: Option<RefusalReason>) -> Option<String> {
    reason.as_ref().map(word)
}
