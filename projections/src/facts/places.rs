//! What a show can hold: told when its seating or, in a show without one, what bounds its sales is set anew.
//!
//! The difference of the counts by section and category before and after. Claims stay on seats that stay, but a seat may have
//! another category from then on, so all counts are compared, not the capacity alone.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use domain::{Show, ShowEvent};

use super::{
    Sort,
    sales::{SalesFact, SalesFigures},
};

type Counts = BTreeMap<(Option<String>, Option<String>), [i64; 4]>;

/// What was held before an event.
#[derive(Debug)]
pub(super) struct Held {
    counts: Counts,
    recorded_at: DateTime<Utc>,
}

impl Held {
    pub fn before(show: Option<&Show>, event: &ShowEvent, recorded_at: DateTime<Utc>) -> Option<Self> {
        let show = show?;
        let concerns = match event {
            ShowEvent::SeatingAdopted(_) => true,
            ShowEvent::TicketTypeAdded(_) | ShowEvent::TicketTypeRevised(_) | ShowEvent::PoolRevised(_) => {
                show.seating.is_none()
            }
            _ => false,
        };
        concerns.then(|| Self { counts: counts(show), recorded_at })
    }

    pub fn after(self, show: &Show, facts: &mut Vec<SalesFact>) {
        let after = counts(show);
        let keys: std::collections::BTreeSet<_> = self.counts.keys().chain(after.keys()).cloned().collect();
        for key in keys {
            let of = |counts: &Counts| counts.get(&key).copied().unwrap_or_default();
            let (was, is) = (of(&self.counts), of(&after));
            if was != is {
                let figures = SalesFigures {
                    capacity: is[0] - was[0],
                    held: is[1] - was[1],
                    sold: is[2] - was[2],
                    blocked: is[3] - was[3],
                    ..SalesFigures::default()
                };
                let (section, category) = key;
                let sort = Sort { section, category, ..Sort::default() };
                facts.push(SalesFact { happened_at: self.recorded_at, sort, figures, ..SalesFact::default() });
            }
        }
    }
}

/// Capacity, held, sold and blocked by section and category; without a seating, all that can ever be sold.
fn counts(show: &Show) -> Counts {
    if show.seating.is_none() {
        return Counts::from([((None, None), [i64::from(show.capacity()), 0, 0, 0])]);
    }
    let mut counts = Counts::new();
    for section in show.places.sections() {
        for (category, tally) in &section.tallies {
            let key = (Some(section.name.to_string()), category.as_ref().map(ToString::to_string));
            counts.insert(key, [tally.capacity, tally.held, tally.sold, tally.blocked].map(i64::from));
        }
    }
    counts
}
