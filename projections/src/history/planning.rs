//! Sentences of planning.

use domain::{
    events::{BlockReleased, DoorSet, PlacesBlocked, ShowRevised, ShowScheduled},
    ticket_type::{Channel, Prices, TicketTypeTerms},
};

use super::telling::{Telling, say};
use crate::views::word;

impl Telling<'_> {
    pub(super) fn show_scheduled(&self, event: &ShowScheduled) -> String {
        let starts = self.clock(event.timezone, event.schedule.starts_at);
        say!(self, "ShowScheduled", show: event.name.as_str(), starts: starts)
    }

    pub(super) fn show_revised(&self, event: &ShowRevised) -> String {
        let ShowRevised { name, description, venue, sales, hold_seconds, pay_within_seconds } = event;
        let fields = [
            ("name", name.is_some()),
            ("description", description.is_some()),
            ("venue", venue.is_some()),
            ("sales", sales.is_some()),
            ("hold_seconds", hold_seconds.is_some()),
            ("pay_within_seconds", pay_within_seconds.is_some()),
        ];
        let changed = fields.iter().filter(|(_, changed)| *changed).map(|(name, _)| self.word("field", name));
        say!(self, "ShowRevised", fields: self.list(changed.collect(), "none"))
    }

    pub(super) fn terms(&self, id: &str, terms: &TicketTypeTerms) -> String {
        let price = match &terms.prices {
            Prices::Flat(price) => self.money(price.amount()),
            Prices::ByCategory(prices) => {
                let amounts = || prices.iter().map(|price| price.price.amount());
                match (amounts().min(), amounts().max()) {
                    (Some(low), Some(high)) if low < high => {
                        say!(self, "price-between", from: self.money(low), to: self.money(high))
                    }
                    (Some(only), _) => self.money(only),
                    (None, _) => say!(self, "none"),
                }
            }
        };
        say!(self, id, ticket_type: terms.name.as_str(), price: price)
    }

    pub(super) fn door_set(&self, event: &DoorSet) -> String {
        let areas = event.areas.iter().map(|area| area.name.to_string()).collect();
        let gates = event.gates.iter().map(|gate| gate.name.to_string()).collect();
        say!(self, "DoorSet", areas: self.list(areas, "none"), gates: self.list(gates, "none"))
    }

    pub(super) fn channels(&self, id: &str, channels: Option<&[Channel]>) -> String {
        let channels = channels.unwrap_or_default().iter().map(|channel| self.channel(*channel)).collect();
        say!(self, id, channels: self.list(channels, "everywhere"))
    }

    pub(super) fn places_blocked(&self, event: &PlacesBlocked) -> String {
        let (places, count) = self.places(&event.places);
        let kind = self.word("kind", &word(&event.kind));
        say!(self, "PlacesBlocked", places: places, count: count, kind: kind, label: self.typed("label", event.label))
    }

    pub(super) fn block_released(&self, event: &BlockReleased) -> String {
        let (places, count) = self.places(&event.places);
        say!(self, "BlockReleased", places: places, count: count, whole: if event.whole { "yes" } else { "no" })
    }
}
