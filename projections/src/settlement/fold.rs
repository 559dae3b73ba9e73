//! Takes in a show's events, and remembers beside the folded show what a settlement needs of the past.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Utc};
use domain::{
    ShowEvent, ShowState,
    ids::{ItemId, OrderId, TicketId, TicketTypeId},
};

use super::{SettledCheckpoint, Settlement, count};

/// A show on the way to its settlement.
#[derive(Debug, Default)]
pub struct Settling {
    pub(super) state: ShowState,
    pub(super) past: Past,
    pub(super) last: Option<Last>,
}

/// Where the last event stands.
#[derive(Debug, Clone, Copy)]
pub(super) struct Last {
    pub position: i64,
    pub version: i64,
    pub recorded_at: DateTime<Utc>,
}

/// What the folded show does not tell.
#[derive(Debug, Default)]
pub(super) struct Past {
    /// The tax rate that the price of an item or line was made with, in basis points.
    pub rates: HashMap<ItemId, u32>,
    /// What was paid and refunded, by how it was.
    pub methods: BTreeMap<String, (i64, i64)>,
    /// Void tickets in the order of voiding, with what each took off its order's total.
    pub voided: Vec<(OrderId, TicketId, i64)>,
    /// What was refunded on an order beside discounts: for tickets that were voided.
    pub given_back: HashMap<OrderId, i64>,
}

/// Until when a settlement goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Until {
    /// Until this moment: all that was recorded by then was taken in.
    Moment(DateTime<Utc>),
    /// Until the last event that was taken in, and no further.
    LastEvent,
}

impl Settling {
    /// Takes in the show's next event.
    pub fn take(&mut self, position: i64, version: i64, recorded_at: DateTime<Utc>, event: &ShowEvent) {
        self.last = Some(Last { position, version, recorded_at });
        self.remember(event);
        self.state.evolve(event);
    }

    /// Position of the last event that was taken in; 0: there was none.
    #[must_use]
    pub fn position(&self) -> i64 {
        self.last.map_or(0, |last| last.position)
    }

    /// The settlement. None: no show was scheduled.
    #[must_use]
    pub fn sheet(&self, until: Until, checkpoint: Option<SettledCheckpoint>) -> Option<Settlement> {
        let show = self.state.show()?;
        let last = self.last?;
        let as_of = match until {
            Until::Moment(moment) => moment,
            Until::LastEvent => last.recorded_at,
        };
        Some(count::settlement(show, &self.past, last, as_of, checkpoint))
    }

    fn remember(&mut self, event: &ShowEvent) {
        match event {
            ShowEvent::HoldPlaced(event) => {
                self.priced(event.items.iter().map(|item| (item.id, item.ticket_type)));
            }
            ShowEvent::HoldChanged(event) => {
                self.priced(event.added.iter().map(|item| (item.id, item.ticket_type)));
            }
            ShowEvent::OrderPlaced(event) if event.hold.is_none() => {
                self.priced(event.lines.iter().filter_map(|line| Some((line.id, line.ticket_type?))));
            }
            ShowEvent::PaymentRecorded(event) => {
                self.past.methods.entry(event.method.as_str().to_owned()).or_default().0 += event.amount.0;
            }
            ShowEvent::RefundRecorded(event) => {
                self.past.methods.entry(event.method.as_str().to_owned()).or_default().1 += event.amount.0;
                let discount = event.discount.as_ref().map_or(0, |line| -line.amount.0);
                *self.past.given_back.entry(event.order).or_default() += event.amount.0 - discount;
            }
            ShowEvent::TicketVoided(event) => {
                self.past.voided.push((event.order, event.ticket, event.price.0));
            }
            _ => {}
        }
    }

    /// Prices were fixed, with the taxes as they are now.
    fn priced(&mut self, items: impl Iterator<Item = (ItemId, TicketTypeId)>) {
        let Some(show) = self.state.show() else { return };
        for (item, ticket_type) in items {
            if let Some(tax) = show.ticket_type(ticket_type).and_then(|known| known.terms.tax) {
                self.past.rates.insert(item, tax.rate_bps.into());
            }
        }
    }
}
