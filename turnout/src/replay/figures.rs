//! A show's state in a few figures: what a line of its story ends with.

use std::collections::HashMap;

use domain::{Show, ShowEvent, ShowState, events::OrderStatus, ids::OrderId, money::Amount};
use projections::history::Words;
use serde::Serialize;

/// A state in figures. Places and people are counted, not tickets, where a ticket is for several.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub(super) struct Figures {
    /// Places on sale that nobody has; none in a show without a seating.
    pub free: Option<u32>,
    /// Places in open holds and unpaid orders; in a show without a seating, tickets.
    pub held: u32,
    /// Places with tickets; in a show without a seating, tickets.
    pub sold: u32,
    /// Places out of sale.
    pub blocked: u32,
    /// Orders on which something is due.
    pub orders_due: usize,
    /// All that is due, in minor units.
    pub due: i64,
    /// The same for people to read, with the currency.
    pub due_text: String,
    /// Valid tickets.
    pub valid: u32,
    /// People let in by ticket; those who came back count once.
    pub admitted: u32,
    /// People inside all areas, with and without tickets.
    pub inside: u32,
    /// Refusals at the door.
    pub refused: u32,
}

/// What is due on orders, kept up with the events so that no step looks at all orders.
#[derive(Default)]
pub(super) struct Due {
    orders: HashMap<OrderId, Amount>,
    sum: Amount,
}

impl Due {
    /// Takes in what an event did to the state that it is part of by now.
    pub(super) fn follow(&mut self, event: &ShowEvent, state: &ShowState) {
        let Some(order) = order_of(event) else { return };
        self.sum = self.sum - self.orders.remove(&order).unwrap_or_default();
        let due = state.show().and_then(|show| show.order(order));
        if let Some(due) =
            due.filter(|order| order.status == OrderStatus::AwaitingPayment).map(domain::show::Order::due)
        {
            self.sum = self.sum + due;
            self.orders.insert(order, due);
        }
    }
}

/// The order that an event changes what is due on.
fn order_of(event: &ShowEvent) -> Option<OrderId> {
    match event {
        ShowEvent::OrderPlaced(event) => Some(event.order),
        ShowEvent::PaymentRecorded(event) => Some(event.order),
        ShowEvent::OrderCancelled(event) => Some(event.order),
        ShowEvent::OrderExpired(event) => Some(event.order),
        ShowEvent::RefundRecorded(event) => Some(event.order),
        ShowEvent::TicketVoided(event) => Some(event.order),
        _ => None,
    }
}

impl Figures {
    /// Of a state.
    pub(super) fn of(state: &ShowState, due: &Due, words: Words) -> Self {
        let Some(show) = state.show() else { return Self::default() };
        let (free, held, sold, blocked) = places(show);
        Self {
            free,
            held,
            sold,
            blocked,
            orders_due: due.orders.len(),
            due: due.sum.0,
            due_text: words.money(due.sum, show.currency),
            valid: show.attendance.issued,
            admitted: show.attendance.admitted,
            inside: show.door.areas.iter().map(|area| show.presence.inside(&area.name)).sum(),
            refused: show.attendance.refused,
        }
    }

    /// In a line.
    pub(super) fn line(&self, words: Words) -> String {
        let (held, sold) = (("held", self.held.into()), ("sold", self.sold.into()));
        let mut line = match self.free {
            Some(free) => {
                words.say("replay-state-seated", [("free", free.into()), held, sold, ("blocked", self.blocked.into())])
            }
            None => words.say("replay-state", [held, sold]),
        };
        if self.orders_due > 0 {
            let (amount, orders) = (self.due_text.as_str().into(), self.orders_due.into());
            line.push_str(&words.say("replay-due", [("amount", amount), ("orders", orders)]));
        }
        if self.admitted > 0 || self.inside > 0 {
            let (admitted, inside) = (self.admitted.into(), self.inside.into());
            line.push_str(&words.say("replay-people", [("admitted", admitted), ("inside", inside)]));
        }
        line
    }
}

fn places(show: &Show) -> (Option<u32>, u32, u32, u32) {
    if show.seating.is_none() {
        let sum = |of: fn(&domain::ticket_type::TicketType) -> u32| show.ticket_types.values().map(of).sum();
        return (None, sum(|of_type| of_type.held), sum(|of_type| of_type.sold), 0);
    }
    show.places.sections().iter().map(domain::show::SectionPlaces::tally).fold(
        (Some(0), 0, 0, 0),
        |(free, held, sold, blocked), tally| {
            (free.map(|free| free + tally.free()), held + tally.held, sold + tally.sold, blocked + tally.blocked)
        },
    )
}
