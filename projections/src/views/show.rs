//! A show as everybody may see it: what, where, when, on which terms, and the rules of its door.

use chrono::{DateTime, Utc};
use domain::{
    Show,
    door::{Area, Gate},
    money::Tax,
    ticket_type::{Entries, Pool, Prices, SalesWindow, TicketType, Validity},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{Money, availability::CategoryPriceView, word};

/// A show.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ShowView {
    /// Its id.
    pub id: Uuid,
    /// The readable part of its address.
    pub slug: String,
    /// Its name.
    pub name: String,
    /// What it says of itself; may be empty.
    pub description: String,
    /// Where.
    pub venue: VenueView,
    /// IANA time zone.
    #[schema(example = "Europe/Berlin")]
    pub timezone: String,
    /// When people are let in; null: nobody is too early.
    pub doors_at: Option<DateTime<Utc>>,
    /// When it starts.
    pub starts_at: DateTime<Utc>,
    /// When it ends, if that is said.
    pub ends_at: Option<DateTime<Utc>>,
    /// ISO 4217; the currency of all its money.
    pub currency: String,
    /// The sales window as set; null on a side: from publication, until the show's end (else its start).
    pub sales: SalesWindowView,
    /// How long a hold lasts.
    pub hold_seconds: u32,
    /// How long an order waits for its payment.
    pub pay_within_seconds: u32,
    /// `draft`, `published`, `paused`, `closed` or `cancelled`.
    #[schema(example = "published")]
    pub status: String,
    /// How many digits its short codes have; null before publication.
    pub code_length: Option<u8>,
    /// What is sold, in the order in which it was added.
    pub ticket_types: Vec<TicketTypeView>,
    /// Shared quotas.
    pub pools: Vec<PoolView>,
    /// Where tickets admit to.
    pub areas: Vec<AreaView>,
    /// Where tickets are looked at.
    pub gates: Vec<GateView>,
    /// How long before doors people are let in.
    pub opens_before_seconds: u32,
    /// What a short code does at the door: `admit`, `confirm` or `off`.
    pub codes: String,
    /// How much of the holder's name the door sees: `none`, `initials` or `full`.
    pub holder: String,
    /// Channels on which sales rest although the show is on sale.
    pub paused_channels: Vec<String>,
}

/// Where a show takes place.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct VenueView {
    /// Its name.
    pub name: String,
    /// Its postal address; may be empty.
    pub address: String,
    /// Degrees north.
    pub latitude: Option<f64>,
    /// Degrees east.
    pub longitude: Option<f64>,
}

/// When something is sold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SalesWindowView {
    /// The first moment.
    pub opens_at: Option<DateTime<Utc>>,
    /// The first moment after it.
    pub closes_at: Option<DateTime<Utc>>,
}

impl SalesWindowView {
    /// Whether the window is open at `now`.
    #[must_use]
    pub fn is_open(&self, now: DateTime<Utc>) -> bool {
        self.opens_at.is_none_or(|opens| opens <= now) && self.closes_at.is_none_or(|closes| now < closes)
    }
}

impl From<SalesWindow> for SalesWindowView {
    fn from(window: SalesWindow) -> Self {
        Self { opens_at: window.opens_at, closes_at: window.closes_at }
    }
}

/// When a ticket is valid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ValidityView {
    /// The first moment.
    pub from: Option<DateTime<Utc>>,
    /// The first moment after it.
    pub until: Option<DateTime<Utc>>,
}

impl From<Validity> for ValidityView {
    fn from(valid: Validity) -> Self {
        Self { from: valid.from, until: valid.until }
    }
}

/// What is sold.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct TicketTypeView {
    /// Its id.
    pub id: Uuid,
    /// Its name.
    pub name: String,
    /// Its price everywhere; null where it has `prices`.
    pub price: Option<Money>,
    /// Its prices by category; null where it has one `price`.
    pub prices: Option<Vec<CategoryPriceView>>,
    /// The sections it opens; null: all.
    pub sections: Option<Vec<String>>,
    /// The seat categories it opens; null: all that it has a price for.
    pub categories: Option<Vec<String>>,
    /// The quotas that its tickets take from.
    pub pools: Vec<Uuid>,
    /// The most tickets of it; null: as many as there are places.
    pub capacity: Option<u32>,
    /// How many people one ticket admits.
    pub persons: u32,
    /// The most of it in a visitor's order.
    pub max_per_order: u32,
    /// The fewest of it in an order that has any.
    pub min_per_order: u32,
    /// When it is sold, within the show's own window.
    pub sales: SalesWindowView,
    /// Through which channels it is sold; null: all.
    pub channels: Option<Vec<String>>,
    /// The areas it admits to; null: all.
    pub areas: Option<Vec<String>>,
    /// How often it admits to each area.
    pub entries: EntriesView,
    /// When it admits.
    pub valid: ValidityView,
    /// The tax on its price.
    pub tax: Option<TaxView>,
}

/// A number, or `"unlimited"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(untagged)]
pub enum EntriesView {
    /// So many times.
    Times(u32),
    /// As often as they like.
    Unlimited(Unlimited),
}

/// The word `unlimited`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Unlimited {
    /// The only one.
    Unlimited,
}

impl From<Entries> for EntriesView {
    fn from(entries: Entries) -> Self {
        match entries {
            Entries::Times(n) => Self::Times(n),
            Entries::Unlimited => Self::Unlimited(Unlimited::Unlimited),
        }
    }
}

/// A tax rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TaxView {
    /// In basis points: 1900 is 19 %.
    pub rate_bps: u32,
    /// Whether prices hold the tax.
    pub included: bool,
}

impl From<Tax> for TaxView {
    fn from(tax: Tax) -> Self {
        Self { rate_bps: tax.rate_bps.into(), included: tax.included }
    }
}

/// A shared quota.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PoolView {
    /// Its id.
    pub id: Uuid,
    /// Its name.
    pub name: String,
    /// The most persons.
    pub capacity: u32,
}

/// Where a ticket admits to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AreaView {
    /// Its name.
    pub name: String,
    /// The most people inside at once.
    pub limit: Option<u32>,
    /// `never`, `after_exit` or `always`.
    pub reentry: String,
    /// `show` or `day`.
    pub per: String,
}

/// A door at which tickets are looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct GateView {
    /// Its name.
    pub name: String,
    /// The area it leads to.
    pub area: String,
    /// The sections it serves; null: all.
    pub sections: Option<Vec<String>>,
    /// The ticket types it serves; null: all.
    pub ticket_types: Option<Vec<Uuid>>,
}

/// A show as everybody may see it.
#[must_use]
pub fn show_view(show: &Show) -> ShowView {
    ShowView {
        id: show.id.0,
        slug: show.slug.as_str().to_owned(),
        name: show.name.to_string(),
        description: show.description.to_string(),
        venue: VenueView {
            name: show.venue.name.to_string(),
            address: show.venue.address.to_string(),
            latitude: show.venue.latitude_e7.map(degrees),
            longitude: show.venue.longitude_e7.map(degrees),
        },
        timezone: show.timezone.into(),
        doors_at: show.schedule.doors_at,
        starts_at: show.schedule.starts_at,
        ends_at: show.schedule.ends_at,
        currency: show.currency.into(),
        sales: show.sales.into(),
        hold_seconds: show.hold_seconds,
        pay_within_seconds: show.pay_within_seconds,
        status: show.status().as_str().to_owned(),
        code_length: show.code_length.map(domain::codes::CodeLength::digits),
        ticket_types: show.ticket_types.values().map(|ticket_type| ticket_type_view(show, ticket_type)).collect(),
        pools: show.pools.values().map(pool_view).collect(),
        areas: show.door.areas.iter().map(area_view).collect(),
        gates: show.door.gates.iter().map(gate_view).collect(),
        opens_before_seconds: show.door.opens_before_seconds,
        codes: word(&show.door.codes),
        holder: word(&show.door.holder),
        paused_channels: show.paused.channels.iter().map(|channel| channel.as_str().to_owned()).collect(),
    }
}

fn ticket_type_view(show: &Show, ticket_type: &TicketType) -> TicketTypeView {
    let terms = &ticket_type.terms;
    let (price, prices) = match &terms.prices {
        Prices::Flat(price) => (Some(Money::new(price.amount(), show.currency)), None),
        Prices::ByCategory(prices) => {
            (None, Some(prices.iter().map(|price| CategoryPriceView::new(price, show.currency)).collect()))
        }
    };
    TicketTypeView {
        id: ticket_type.id.0,
        name: terms.name.to_string(),
        price,
        prices,
        sections: terms.sections.as_deref().map(texts),
        categories: terms.categories.as_deref().map(texts),
        pools: terms.pools.iter().map(|pool| pool.0).collect(),
        capacity: terms.capacity.map(u32::from),
        persons: terms.persons.into(),
        max_per_order: terms.max_per_order,
        min_per_order: terms.min_per_order,
        sales: terms.sales.into(),
        channels: terms.channels.as_ref().map(|c| c.iter().map(|channel| channel.as_str().to_owned()).collect()),
        areas: terms.areas.as_deref().map(texts),
        entries: terms.entries.into(),
        valid: terms.valid.into(),
        tax: terms.tax.map(TaxView::from),
    }
}

fn pool_view(pool: &Pool) -> PoolView {
    PoolView { id: pool.id.0, name: pool.name.to_string(), capacity: pool.capacity.into() }
}

fn area_view(area: &Area) -> AreaView {
    AreaView { name: area.name.to_string(), limit: area.limit, reentry: word(&area.reentry), per: word(&area.per) }
}

fn gate_view(gate: &Gate) -> GateView {
    GateView {
        name: gate.name.to_string(),
        area: gate.area.to_string(),
        sections: gate.sections.as_deref().map(texts),
        ticket_types: gate.ticket_types.as_ref().map(|types| types.iter().map(|id| id.0).collect()),
    }
}

fn texts<T: ToString>(texts: &[T]) -> Vec<String> {
    texts.iter().map(T::to_string).collect()
}

fn degrees(e7: i32) -> f64 {
    f64::from(e7) / 1e7
}
