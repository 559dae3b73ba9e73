//! The facts of reports: what an event changed in the figures of sales, of the door and of holds. Pure.
//!
//! What always holds: every figure of a report is a sum over facts, so that the facts of a figure are the events that made it, and
//! its value at an earlier position is the sum up to there. Sums over all facts of a show are the figures of its folded state, at
//! every position (a test says so). A figure that did not change is none, and a fact in which nothing changed is left out.
//!
//! What follows from the state behind the event (who came for the first time, what a new seating holds) is the difference of two
//! states: [`begin`] looks at the one before, [`Told::end`] at the one after.

mod door;
mod holds;
mod places;
mod sales;

use chrono::{DateTime, Utc};
use domain::{Show, ShowEvent, events::OrderStatus, ids::TicketId, place::Place, show::Ticket};
use uuid::Uuid;

pub(crate) use door::DoorFact;
pub(crate) use holds::HoldFact;
pub(crate) use sales::SalesFact;

use self::{door::Came, places::Held};

/// What one event changed.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Facts {
    pub sales: Vec<SalesFact>,
    pub door: Vec<DoorFact>,
    pub holds: Vec<HoldFact>,
}

/// What an event changed, as far as the state before it tells.
#[derive(Debug)]
pub(crate) struct Told {
    facts: Facts,
    came: Option<Came>,
    held: Option<Held>,
}

/// What a thing that is sold is: what reports of sales, of the door and of holds are broken down by.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Sort {
    pub ticket_type: Option<Uuid>,
    pub channel: Option<&'static str>,
    pub category: Option<String>,
    pub section: Option<String>,
}

/// What an event changes, seen from the state before it.
pub(crate) fn begin(before: Option<&Show>, event: &ShowEvent, recorded_at: DateTime<Utc>) -> Told {
    let mut facts = Facts::default();
    if let Some(show) = before {
        sales::tell(show, event, recorded_at, &mut facts.sales);
        door::tell(show, event, recorded_at, &mut facts.door);
        holds::tell(show, event, recorded_at, &mut facts.holds);
    }
    Told { facts, came: Came::before(before, event), held: Held::before(before, event, recorded_at) }
}

impl Told {
    /// All that the event changed, now that the state has taken it in.
    pub fn end(self, after: Option<&Show>, recorded_at: DateTime<Utc>) -> Facts {
        let mut facts = self.facts;
        if let (Some(show), Some(came)) = (after, self.came) {
            came.after(show, recorded_at, &mut facts.door);
        }
        if let (Some(show), Some(held)) = (after, self.held) {
            held.after(show, &mut facts.sales);
        }
        facts
    }
}

impl Sort {
    fn of_ticket(show: &Show, ticket: &Ticket) -> Self {
        Self {
            ticket_type: Some(ticket.ticket_type.0),
            channel: show.order(ticket.order).map(|order| order.channel.as_str()),
            category: ticket.category.as_ref().map(ToString::to_string),
            section: section(&ticket.places),
        }
    }

    /// The same at a place, in the category that the place has now.
    fn at(&self, show: &Show, place: &Place) -> Self {
        Self {
            category: category_of(show, place),
            section: place.section.as_ref().map(ToString::to_string),
            ..self.clone()
        }
    }
}

fn section(places: &[Place]) -> Option<String> {
    places.first().and_then(|place| place.section.as_ref()).map(ToString::to_string)
}

/// The category of a place as it is drawn.
fn category_of(show: &Show, place: &Place) -> Option<String> {
    let (section, seat) = show.places.seat(place.seat.as_ref()?)?;
    section.category(seat).map(ToString::to_string)
}

/// How an order stands, in a word: as its status says, but `refunded` where all that was paid has gone back.
fn standing_word(status: OrderStatus, paid: i64, refunded: i64) -> &'static str {
    if refunded > 0 && refunded >= paid {
        return "refunded";
    }
    match status {
        OrderStatus::AwaitingPayment => "awaiting_payment",
        OrderStatus::Paid => "paid",
        OrderStatus::Cancelled => "cancelled",
        OrderStatus::Expired => "expired",
    }
}

/// Persons of a valid ticket who came at least once, to whichever area or day most of them came.
pub(crate) fn came(show: &Show, ticket: TicketId) -> i64 {
    let Some(ticket) = show.ticket(ticket).filter(|ticket| !ticket.void) else { return 0 };
    let most = show.presence.stays(ticket.id).iter().map(|stay| stay.inside.saturating_add(stay.out)).max();
    i64::from(most.unwrap_or(0).min(ticket.persons))
}
