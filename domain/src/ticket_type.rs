//! Ticket types: what is sold, at which prices, where it admits to and when. Pools are quotas that several types share.

use serde::{Deserialize, Serialize};

use crate::{
    ValueError,
    ids::{PoolId, TicketTypeId},
    money::{Price, Tax},
    place::SectionName,
    text::{Category, DoorName, Name},
    time::Time,
};

/// Through which door a sale came; taken from the credentials.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// A visitor, for themselves.
    Web,
    /// A seller at the window.
    BoxOffice,
    /// A device at the door.
    Door,
    /// Another program.
    Api,
}

impl Channel {
    /// As it is written.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Web => "web",
            Self::BoxOffice => "box_office",
            Self::Door => "door",
            Self::Api => "api",
        }
    }
}

/// When something is sold; open on either side.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SalesWindow {
    /// The first moment; none: from publication.
    #[serde(default)]
    pub opens_at: Option<Time>,
    /// The first moment after it; none: the show's end, else its start.
    #[serde(default)]
    pub closes_at: Option<Time>,
}

/// When a ticket is valid; open on either side.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Validity {
    /// The first moment.
    #[serde(default)]
    pub from: Option<Time>,
    /// The first moment after it.
    #[serde(default)]
    pub until: Option<Time>,
}

/// How often one person of a ticket is admitted to each area (and day, where the area counts by day).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Entries {
    /// So many times; at least once.
    Times(u32),
    /// As often as they like.
    Unlimited,
}

impl Entries {
    /// How many times; none: unlimited.
    pub fn times(self) -> Option<u32> {
        match self {
            Self::Times(n) => Some(n),
            Self::Unlimited => None,
        }
    }
}

impl Serialize for Entries {
    /// For people a number or `"unlimited"`; in a format without names, which cannot tell the two apart, an option.
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if !serializer.is_human_readable() {
            return self.times().serialize(serializer);
        }
        match self {
            Self::Times(n) => serializer.serialize_u32(*n),
            Self::Unlimited => serializer.serialize_str("unlimited"),
        }
    }
}

impl<'de> Deserialize<'de> for Entries {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl serde::de::Visitor<'_> for Visitor {
            type Value = Entries;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an integer from 1 to 1000, or \"unlimited\"")
            }
            fn visit_u64<E: serde::de::Error>(self, n: u64) -> Result<Entries, E> {
                match u32::try_from(n) {
                    Ok(n @ 1..=1_000) => Ok(Entries::Times(n)),
                    _ => Err(E::invalid_value(serde::de::Unexpected::Unsigned(n), &self)),
                }
            }
            fn visit_i64<E: serde::de::Error>(self, n: i64) -> Result<Entries, E> {
                match u64::try_from(n) {
                    Ok(n) => self.visit_u64(n),
                    Err(_) => Err(E::invalid_value(serde::de::Unexpected::Signed(n), &self)),
                }
            }
            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Entries, E> {
                if text == "unlimited" {
                    Ok(Entries::Unlimited)
                } else {
                    Err(E::invalid_value(serde::de::Unexpected::Str(text), &self))
                }
            }
        }
        if !deserializer.is_human_readable() {
            return Ok(Option::deserialize(deserializer)?.map_or(Self::Unlimited, Self::Times));
        }
        deserializer.deserialize_any(Visitor)
    }
}

/// What a type costs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Prices {
    /// One price everywhere.
    Flat(Price),
    /// A price for each category; seats of other categories are not sold by this type.
    ByCategory(Vec<CategoryPrice>),
}

/// The price of one category.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CategoryPrice {
    /// The category of the seats.
    pub category: Category,
    /// What each costs.
    pub price: Price,
}

impl Prices {
    /// The price of a place of `category`, or none where the type does not sell it.
    pub fn of(&self, category: Option<&Category>) -> Option<Price> {
        match self {
            Self::Flat(price) => Some(*price),
            Self::ByCategory(prices) => {
                let category = category?;
                prices.iter().find(|p| &p.category == category).map(|p| p.price)
            }
        }
    }
}

/// How many people one ticket admits: from 1 to 100.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "u32", into = "u32")]
pub struct Persons(u32);

impl TryFrom<u32> for Persons {
    type Error = ValueError;

    fn try_from(n: u32) -> Result<Self, ValueError> {
        if (1..=100).contains(&n) { Ok(Self(n)) } else { Err(ValueError("must be from 1 to 100".to_owned())) }
    }
}

impl From<Persons> for u32 {
    fn from(persons: Persons) -> Self {
        persons.0
    }
}

/// A quota or a capacity: from 0 to 1,000,000.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "u32", into = "u32")]
pub struct Capacity(u32);

impl TryFrom<u32> for Capacity {
    type Error = ValueError;

    fn try_from(n: u32) -> Result<Self, ValueError> {
        if n <= 1_000_000 { Ok(Self(n)) } else { Err(ValueError("must be from 0 to 1000000".to_owned())) }
    }
}

impl From<Capacity> for u32 {
    fn from(capacity: Capacity) -> Self {
        capacity.0
    }
}

/// Everything that a seller says of a ticket type.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TicketTypeTerms {
    /// What visitors call it.
    pub name: Name,
    /// What it costs.
    pub prices: Prices,
    /// The sections it opens; none: all.
    pub sections: Option<Vec<SectionName>>,
    /// The seat categories it opens; none: all that it has a price for.
    pub categories: Option<Vec<Category>>,
    /// The quotas that its tickets take from.
    pub pools: Vec<PoolId>,
    /// The most tickets of it; none: as many as there are places.
    pub capacity: Option<Capacity>,
    /// How many people one ticket admits.
    pub persons: Persons,
    /// The most tickets of it in a visitor's order.
    pub max_per_order: u32,
    /// The fewest tickets of it in an order that has any.
    pub min_per_order: u32,
    /// When it is sold, within the show's own window.
    pub sales: SalesWindow,
    /// Through which channels it is sold; none: all.
    pub channels: Option<Vec<Channel>>,
    /// The areas it admits to; none: all.
    pub areas: Option<Vec<DoorName>>,
    /// How often it admits.
    pub entries: Entries,
    /// When it admits.
    pub valid: Validity,
    /// The tax on its price.
    pub tax: Option<Tax>,
}

impl TicketTypeTerms {
    /// Whether it opens a section.
    pub fn opens_section(&self, section: &SectionName) -> bool {
        self.sections.as_ref().is_none_or(|open| open.contains(section))
    }

    /// The price of a seat of `category` if the type sells such seats.
    pub fn price_of(&self, category: Option<&Category>) -> Option<Price> {
        if let (Some(open), Some(category)) = (&self.categories, category)
            && !open.contains(category)
        {
            return None;
        }
        self.prices.of(category)
    }
}

/// A ticket type and what is taken of it. Counts are tickets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TicketType {
    /// Its id.
    pub id: TicketTypeId,
    /// What the seller says.
    pub terms: TicketTypeTerms,
    /// Tickets in open holds and unpaid orders.
    pub held: u32,
    /// Valid tickets.
    pub sold: u32,
}

/// A shared quota and what is taken of it. Counts are persons.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pool {
    /// Its id.
    pub id: PoolId,
    /// What sellers call it.
    pub name: Name,
    /// The most persons.
    pub capacity: Capacity,
    /// Persons in open holds and unpaid orders.
    pub held: u32,
    /// Persons of valid tickets.
    pub sold: u32,
}

impl Pool {
    /// How many persons still fit.
    pub fn left(&self) -> u32 {
        u32::from(self.capacity).saturating_sub(self.held + self.sold)
    }
}
