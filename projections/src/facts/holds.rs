//! Facts of holds: what was held, and what became of it.
//!
//! A hold counts where it was placed, with the sort of its first item; what became of it is said by a later fact. What becomes of
//! the order that it was for is a fact of sales.

use chrono::{DateTime, Utc};
use domain::{Show, ShowEvent, events::HoldItem, ids::HoldId, show::HoldState, ticket_type::Channel};
use uuid::Uuid;

use super::{Sort, section};

/// What an event changed in the figures of holds of one sort.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct HoldFact {
    pub happened_at: DateTime<Utc>,
    pub hold: Uuid,
    pub order: Option<Uuid>,
    pub outcome: Option<&'static str>,
    pub sort: Sort,
    pub holds: i64,
    pub places: i64,
    pub value: i64,
    pub held: i64,
    pub blocked: i64,
}

/// Adds the facts of an event.
pub(super) fn tell(show: &Show, event: &ShowEvent, recorded_at: DateTime<Utc>, facts: &mut Vec<HoldFact>) {
    let mut sheet = match event {
        ShowEvent::HoldPlaced(event) => {
            let mut sheet = Sheet::of(show, event.hold, recorded_at, Some(event.channel));
            sheet.items(&event.items, 1, true);
            if let Some(first) = sheet.facts.first_mut() {
                first.holds = 1;
            }
            sheet
        }
        ShowEvent::HoldChanged(event) => {
            let mut sheet = Sheet::of(show, event.hold, recorded_at, None);
            sheet.items(&event.removed, -1, true);
            sheet.items(&event.added, 1, true);
            sheet
        }
        ShowEvent::HoldReleased(event) => {
            let mut sheet = Sheet::of(show, event.hold, recorded_at, None);
            sheet.items(&event.items, -1, false);
            sheet.became("released", None);
            sheet
        }
        ShowEvent::HoldExpired(event) => {
            let mut sheet = Sheet::of(show, event.hold, recorded_at, None);
            sheet.items(&event.items, -1, false);
            sheet.became("expired", None);
            sheet
        }
        ShowEvent::OrderPlaced(event) => {
            let Some(hold) = event.hold else { return };
            let mut sheet = Sheet::of(show, hold, recorded_at, None);
            sheet.became("ordered", Some(event.order.0));
            sheet
        }
        _ => return,
    };
    facts.append(&mut sheet.facts);
}

struct Sheet<'a> {
    show: &'a Show,
    hold: Uuid,
    recorded_at: DateTime<Utc>,
    channel: Option<&'static str>,
    facts: Vec<HoldFact>,
}

impl<'a> Sheet<'a> {
    fn of(show: &'a Show, hold: HoldId, recorded_at: DateTime<Utc>, channel: Option<Channel>) -> Self {
        let known = match show.hold(hold) {
            Some(HoldState::Open(open)) => Some(open.channel),
            _ => None,
        };
        let channel = channel.or(known).map(Channel::as_str);
        Self { show, hold: hold.0, recorded_at, channel, facts: Vec::new() }
    }

    /// Items come to the hold or leave it. When it ends, what it was worth stays, and only its places are free again.
    fn items(&mut self, items: &[HoldItem], sign: i64, counts: bool) {
        for item in items {
            let sort = Sort {
                ticket_type: Some(item.ticket_type.0),
                channel: self.channel,
                category: item.category.as_ref().map(ToString::to_string),
                section: section(&item.places),
            };
            let fact = self.fact(sort.clone());
            if counts {
                fact.places += sign * i64::from(item.persons);
                fact.value += sign * item.price.0;
            }
            for place in &item.places {
                let persons = sign * i64::from(place.persons);
                let at = sort.at(self.show, place);
                self.fact(at).held += persons;
                if item.block.is_some() {
                    let at = Sort::default().at(self.show, place);
                    self.fact(at).blocked -= persons;
                }
            }
        }
    }

    fn became(&mut self, outcome: &'static str, order: Option<Uuid>) {
        if self.facts.is_empty() {
            let sort = Sort { channel: self.channel, ..Sort::default() };
            self.fact(sort);
        }
        for fact in &mut self.facts {
            fact.outcome = Some(outcome);
            fact.order = order;
        }
    }

    fn fact(&mut self, sort: Sort) -> &mut HoldFact {
        let at = self.facts.iter().position(|fact| fact.sort == sort).unwrap_or_else(|| {
            self.facts.push(HoldFact { happened_at: self.recorded_at, hold: self.hold, sort, ..HoldFact::default() });
            self.facts.len() - 1
        });
        &mut self.facts[at]
    }
}
