//! How much of a show is left, by ticket type and by section.
//!
//! A row holds all numbers and the windows of sale. What somebody is told is made of it with the time (`on_sale`) and with
//! whether they may see numbers: the public sees levels only, with null for each number, unless the organization shows
//! numbers to everybody.
//!
//! Levels: `none`, nothing is available; `few`, at most a tenth of the capacity, and always when five or fewer are left;
//! `plenty`, more.

use chrono::{DateTime, Utc};
use domain::{
    Show,
    money::Currency,
    show::{SectionPlaces, ShowStatus},
    ticket_type::{CategoryPrice, Channel, Prices, TicketType},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{Money, SalesWindowView};

/// So few are `few` whatever the capacity: less than most groups ask for.
const FEW_AT_LEAST: u32 = 5;

/// How much is left, in a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// More than a tenth, and more than five.
    Plenty,
    /// At most a tenth of the capacity, or at most five.
    Few,
    /// Nothing.
    None,
}

impl Level {
    fn of(available: u32, capacity: u32) -> Self {
        match available {
            0 => Self::None,
            n if n <= (capacity / 10).max(FEW_AT_LEAST) => Self::Few,
            _ => Self::Plenty,
        }
    }
}

/// The numbers behind a level: tickets of a ticket type, persons of a section.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Figures {
    /// All there can be.
    pub capacity: u32,
    /// What can still be had.
    pub available: u32,
    /// In open holds and unpaid orders.
    pub held: u32,
    /// With tickets.
    pub sold: u32,
    /// Out of sale (persons), in the places that a ticket type opens.
    pub blocked: u32,
}

/// What a row of `availability` holds: everything but the time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AvailabilityRow {
    status: String,
    /// The show's window with its default end.
    sales: SalesWindowView,
    /// Whether sales rest on the web.
    web_paused: bool,
    ticket_types: Vec<TicketTypeRow>,
    sections: Vec<SectionRow>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct TicketTypeRow {
    id: Uuid,
    name: String,
    prices: Vec<CategoryPriceView>,
    sales: SalesWindowView,
    on_web: bool,
    figures: Figures,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct SectionRow {
    name: String,
    figures: Figures,
}

/// How much of a show is left.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct AvailabilityView {
    /// `draft`, `published`, `paused`, `closed` or `cancelled`.
    #[schema(example = "published")]
    pub status: String,
    /// Whether visitors can buy a ticket of some type now, as far as status, pauses and windows go.
    pub on_sale: bool,
    /// By ticket type.
    pub ticket_types: Vec<TicketTypeAvailability>,
    /// By section.
    pub sections: Vec<SectionAvailability>,
}

/// How much of a ticket type is left. Numbers are tickets, `blocked` persons; null for the public.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct TicketTypeAvailability {
    /// The ticket type.
    pub id: Uuid,
    /// Its name.
    pub name: String,
    /// What it costs.
    pub prices: Vec<CategoryPriceView>,
    /// In a word.
    pub level: Level,
    /// All there can be.
    pub capacity: Option<u32>,
    /// What can still be had, by places, pools and the type's own capacity.
    pub available: Option<u32>,
    /// In open holds and unpaid orders.
    pub held: Option<u32>,
    /// With tickets.
    pub sold: Option<u32>,
    /// Out of sale in the places that it opens.
    pub blocked: Option<u32>,
}

/// How much of a section is left. Numbers are persons; null for the public.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SectionAvailability {
    /// Its name.
    pub name: String,
    /// In a word.
    pub level: Level,
    /// All its places.
    pub capacity: Option<u32>,
    /// Free ones.
    pub available: Option<u32>,
    /// In open holds and unpaid orders.
    pub held: Option<u32>,
    /// With tickets.
    pub sold: Option<u32>,
    /// Out of sale.
    pub blocked: Option<u32>,
}

/// A price, of a category or of every place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CategoryPriceView {
    /// The category of the seats; null: wherever the ticket type admits to.
    pub category: Option<String>,
    /// What each costs.
    pub price: Money,
}

impl CategoryPriceView {
    pub(super) fn new(price: &CategoryPrice, currency: Currency) -> Self {
        Self { category: Some(price.category.to_string()), price: Money::new(price.price.amount(), currency) }
    }
}

impl AvailabilityRow {
    /// What somebody is told at `now`.
    #[must_use]
    pub fn view(&self, now: DateTime<Utc>, numbers: bool) -> AvailabilityView {
        AvailabilityView {
            status: self.status.clone(),
            on_sale: self.on_sale(now),
            ticket_types: self.ticket_types.iter().map(|row| row.view(numbers)).collect(),
            sections: self.sections.iter().map(|row| row.view(numbers)).collect(),
        }
    }

    fn on_sale(&self, now: DateTime<Utc>) -> bool {
        self.status == ShowStatus::Published.as_str()
            && !self.web_paused
            && self.sales.is_open(now)
            && self.ticket_types.iter().any(|ticket_type| ticket_type.on_web && ticket_type.sales.is_open(now))
    }

    /// The next moment after `now` at which `on_sale` may change by time alone; for ETags and caches.
    #[must_use]
    pub fn changes_at(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.turns().filter(|moment| *moment > now).min()
    }

    /// The last moment, `now` at the latest, at which `on_sale` may have changed by time alone.
    #[must_use]
    pub fn changed_at(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.turns().filter(|moment| *moment <= now).max()
    }

    fn turns(&self) -> impl Iterator<Item = DateTime<Utc>> {
        std::iter::once(&self.sales)
            .chain(self.ticket_types.iter().map(|ticket_type| &ticket_type.sales))
            .flat_map(|window| [window.opens_at, window.closes_at])
            .flatten()
    }
}

impl TicketTypeRow {
    fn view(&self, numbers: bool) -> TicketTypeAvailability {
        let f = self.figures;
        let shown = |n: u32| numbers.then_some(n);
        TicketTypeAvailability {
            id: self.id,
            name: self.name.clone(),
            prices: self.prices.clone(),
            level: Level::of(f.available, f.capacity),
            capacity: shown(f.capacity),
            available: shown(f.available),
            held: shown(f.held),
            sold: shown(f.sold),
            blocked: shown(f.blocked),
        }
    }
}

impl SectionRow {
    fn view(&self, numbers: bool) -> SectionAvailability {
        let f = self.figures;
        let shown = |n: u32| numbers.then_some(n);
        SectionAvailability {
            name: self.name.clone(),
            level: Level::of(f.available, f.capacity),
            capacity: shown(f.capacity),
            available: shown(f.available),
            held: shown(f.held),
            sold: shown(f.sold),
            blocked: shown(f.blocked),
        }
    }
}

/// All numbers of a show.
#[must_use]
pub fn availability_row(show: &Show) -> AvailabilityRow {
    AvailabilityRow {
        status: show.status().as_str().to_owned(),
        sales: show.sales_window().into(),
        web_paused: show.paused.on(Channel::Web),
        ticket_types: show.ticket_types.values().map(|ticket_type| ticket_type_row(show, ticket_type)).collect(),
        sections: show.places.sections().iter().map(section_row).collect(),
    }
}

fn ticket_type_row(show: &Show, ticket_type: &TicketType) -> TicketTypeRow {
    let terms = &ticket_type.terms;
    let prices = match &terms.prices {
        Prices::Flat(price) => {
            vec![CategoryPriceView { category: None, price: Money::new(price.amount(), show.currency) }]
        }
        Prices::ByCategory(prices) => prices.iter().map(|price| CategoryPriceView::new(price, show.currency)).collect(),
    };
    TicketTypeRow {
        id: ticket_type.id.0,
        name: terms.name.to_string(),
        prices,
        sales: terms.sales.into(),
        on_web: terms.channels.as_ref().is_none_or(|channels| channels.contains(&Channel::Web)),
        figures: Figures {
            capacity: show.capacity_of(ticket_type),
            available: show.available(ticket_type),
            held: ticket_type.held,
            sold: ticket_type.sold,
            blocked: blocked_for(show, ticket_type),
        },
    }
}

/// Blocked persons' places among those that a type opens.
fn blocked_for(show: &Show, ticket_type: &TicketType) -> u32 {
    let terms = &ticket_type.terms;
    show.places
        .sections()
        .iter()
        .filter(|section| terms.opens_section(&section.name))
        .flat_map(|section| &section.tallies)
        .filter(|(category, _)| terms.price_of(category.as_ref()).is_some())
        .map(|(_, tally)| tally.blocked)
        .sum()
}

fn section_row(section: &SectionPlaces) -> SectionRow {
    let tally = section.tally();
    SectionRow {
        name: section.name.to_string(),
        figures: Figures {
            capacity: tally.capacity,
            available: tally.free(),
            held: tally.held,
            sold: tally.sold,
            blocked: tally.blocked,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_is_a_tenth_or_five() {
        assert_eq!(Level::of(0, 1_000), Level::None);
        assert_eq!(Level::of(100, 1_000), Level::Few);
        assert_eq!(Level::of(101, 1_000), Level::Plenty);
        assert_eq!(Level::of(5, 20), Level::Few);
        assert_eq!(Level::of(6, 20), Level::Plenty);
    }
}
