//! The settlement sheet of a show: what was sold, given away, refunded and admitted, and what money is whose. Pure.
//!
//! What always holds: a sheet is a function of the show's events up to a moment, so whoever has them makes the same bytes again.
//! Amounts are whole minor units. Rows add up to totals, gross is net and tax, paid less refunded is kept, and what is due is what
//! all that stands comes to less what was kept (a test says so of random histories). No clock, no vault, no read model.
//!
//! [`Settling`] takes events in, [`Settling::sheet`] renders; [`Settlement::json`] and [`Settlement::csv`] write it down, for the
//! API and for the auditor's bundle alike. `docs/settlement.md` defines each figure.

mod count;
mod fold;
mod read;
mod table;

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

pub use fold::{Settling, Until};
pub use read::{SettlementError, SettlementMoment};

use crate::views::Money;

/// The settlement of a show as of a moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Settlement {
    /// Of what.
    pub show: SettledShow,
    /// As of when.
    pub moment: SettledMoment,
    /// The signed checkpoint that covers it; null while there is none.
    pub checkpoint: Option<SettledCheckpoint>,
    /// Tickets, by ticket type, category, price and tax rate.
    pub tickets: Vec<SettledTickets>,
    /// What else stands in orders: fees, donations, products, discounts.
    pub lines: Vec<SettledLines>,
    /// The sums of `tickets` and `lines`.
    pub totals: SettledTotals,
    /// The same money by tax rate.
    pub taxes: Vec<SettledTax>,
    /// Orders that wait for their payment and have no tickets yet: in no figure above.
    pub reserved: SettledReserved,
    /// Money that moved, by how it did.
    pub payments: Vec<SettledPayments>,
    /// Money: what there is to pay, what was, what is due.
    pub money: SettledMoney,
    /// The door.
    pub door: SettledDoor,
}

/// The show of a settlement, as it stood.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct SettledShow {
    /// Its id.
    pub id: Uuid,
    /// Its name.
    pub name: String,
    /// Where it takes place.
    pub venue: SettledVenue,
    /// `draft`, `published`, `paused`, `closed`, `cancelled`.
    pub status: String,
    /// The zone of its clock.
    pub timezone: String,
    /// When it starts.
    pub starts_at: DateTime<Utc>,
    /// The same in its zone.
    pub starts_at_local: String,
    /// When it ends, where that is said.
    pub ends_at: Option<DateTime<Utc>>,
    /// ISO 4217.
    pub currency: String,
}

/// The venue of a settlement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct SettledVenue {
    /// Its name.
    pub name: String,
    /// Its postal address; may be empty.
    pub address: String,
}

/// The moment of a settlement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct SettledMoment {
    /// All that was recorded until then is in it.
    pub as_of: DateTime<Utc>,
    /// The same in the show's zone.
    pub as_of_local: String,
    /// Whether the show was not over by then.
    pub provisional: bool,
    /// When the show is over: its `ends_at`, else a day after it starts.
    pub over_at: DateTime<Utc>,
    /// Position of the show's last event in it.
    pub position: i64,
    /// How many events of the show are in it.
    pub events: i64,
    /// When the last of them was recorded.
    pub recorded_at: DateTime<Utc>,
}

/// A signed checkpoint of the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct SettledCheckpoint {
    /// How many events it covers.
    pub size: i64,
    /// The root of their Merkle tree, in Base64.
    pub root: String,
}

/// A ticket type of a settlement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct SettledTicketType {
    /// Its id.
    pub id: Uuid,
    /// Its name at that moment.
    pub name: String,
}

/// Tickets of one type, category, price and tax rate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct SettledTickets {
    /// Their type.
    pub ticket_type: SettledTicketType,
    /// The category of their seats.
    pub category: Option<String>,
    /// What was asked for each, tax included.
    pub price: Money,
    /// The rate of the tax when the price was fixed, in basis points; null: none was set.
    pub tax_rate_bps: Option<u32>,
    /// Valid tickets, complimentary ones not counted.
    pub sold: i64,
    /// Valid tickets for which nothing was asked.
    pub complimentary: i64,
    /// Tickets that are void.
    pub voided: i64,
    /// Of the void ones, those whose price went back.
    pub refunded: i64,
    /// Persons of valid tickets.
    pub persons: i64,
    /// Persons of valid tickets who came.
    pub admitted: i64,
    /// What valid tickets come to, tax included.
    pub gross: Money,
    /// Without tax.
    pub net: Money,
    /// The tax in it.
    pub tax: Money,
}

/// Lines that are no tickets, of one kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct SettledLines {
    /// `fee`, `donation`, `product`, `discount`.
    pub kind: String,
    /// How many.
    pub count: i64,
    /// What they come to, tax included; a discount is negative.
    pub gross: Money,
    /// Without tax.
    pub net: Money,
    /// The tax in it.
    pub tax: Money,
}

/// Sums.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct SettledTotals {
    /// Valid tickets, complimentary ones not counted.
    pub sold: i64,
    /// Valid tickets for which nothing was asked.
    pub complimentary: i64,
    /// Tickets that are void.
    pub voided: i64,
    /// Of the void ones, those whose price went back.
    pub refunded: i64,
    /// Persons of valid tickets.
    pub persons: i64,
    /// Persons of valid tickets who came.
    pub admitted: i64,
    /// What tickets and other lines come to, tax included.
    pub gross: Money,
    /// Without tax.
    pub net: Money,
    /// The tax in it.
    pub tax: Money,
}

/// Money of one tax rate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct SettledTax {
    /// The rate in basis points; null: none was set, or the line names none.
    pub rate_bps: Option<u32>,
    /// Tax included.
    pub gross: Money,
    /// Without tax.
    pub net: Money,
    /// The tax.
    pub tax: Money,
}

/// What unpaid orders keep.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct SettledReserved {
    /// Such orders.
    pub orders: i64,
    /// Tickets that they will have.
    pub tickets: i64,
    /// What all their lines come to, tax included.
    pub gross: Money,
    /// Without tax.
    pub net: Money,
    /// The tax in it.
    pub tax: Money,
}

/// Money that moved one way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct SettledPayments {
    /// How: `cash`, `card_terminal`, `bank_transfer` …
    pub method: String,
    /// What came in.
    pub paid: Money,
    /// What went back.
    pub refunded: Money,
    /// What stayed: `paid` less `refunded`.
    pub kept: Money,
}

/// What there is to pay, what was, what is due.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct SettledMoney {
    /// The gross of `totals` and of `reserved` together.
    pub total: Money,
    /// What came in.
    pub paid: Money,
    /// What went back.
    pub refunded: Money,
    /// What stayed: `paid` less `refunded`.
    pub kept: Money,
    /// What is due: `total` less `kept`; also `outstanding` less `owed`.
    pub due: Money,
    /// What customers have still to pay.
    pub outstanding: Money,
    /// What customers have still to get back.
    pub owed: Money,
}

/// The door of a settlement. Counts are persons, but for refusals.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct SettledDoor {
    /// Persons admitted by ticket, in every area and on every day; who comes back is not counted again.
    pub entries: i64,
    /// Persons without tickets who were counted in, less those who were counted out.
    pub counted: i64,
    /// Looks at a ticket that were answered with no.
    pub refusals: i64,
}
