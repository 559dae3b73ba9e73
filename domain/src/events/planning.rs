//! Events of planning: what a show is, where, when, and on which terms it sells.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use crate::{
    codes::CodeLength,
    door::{Area, CodeRule, Gate, HolderRule},
    ids::{BlockId, PoolId, ShowId, TextId, TicketTypeId},
    money::Currency,
    place::Place,
    seating::Seating,
    text::{Address, Description, Name, Slug},
    ticket_type::{Capacity, Channel, SalesWindow, TicketTypeTerms},
    time::{Time, Zone},
};

/// Where a show takes place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Venue {
    /// Its name.
    pub name: Name,
    /// Its postal address.
    pub address: Address,
    /// North of the equator, in ten-millionths of a degree.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub latitude_e7: Option<i32>,
    /// East of Greenwich, in ten-millionths of a degree.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub longitude_e7: Option<i32>,
}

/// When a show takes place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Schedule {
    /// When people are let in; none: nobody is too early.
    pub doors_at: Option<Time>,
    /// When it starts.
    pub starts_at: Time,
    /// When it ends.
    pub ends_at: Option<Time>,
}

impl Schedule {
    /// When it is over, from when on what is known of its people is kept for so long: its end, or a day after its start.
    pub fn over_at(&self) -> Time {
        self.ends_at.unwrap_or_else(|| self.starts_at.checked_add_signed(TimeDelta::days(1)).unwrap_or(self.starts_at))
    }
}

/// A show was planned.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ShowScheduled {
    /// The show, which is also its stream.
    pub show: ShowId,
    /// The readable part of its address.
    pub slug: Slug,
    /// Its name.
    pub name: Name,
    /// What it says of itself.
    pub description: Description,
    /// Where.
    pub venue: Venue,
    /// The zone of its clock and calendar.
    pub timezone: Zone,
    /// When.
    pub schedule: Schedule,
    /// The currency of all its money.
    pub currency: Currency,
    /// When it is sold.
    pub sales: SalesWindow,
    /// How long a hold lasts.
    pub hold_seconds: u32,
    /// How long an order waits for its payment.
    pub pay_within_seconds: u32,
    /// The length of its short codes that the seller wishes; none: from the capacity, at publication.
    pub code_length: Option<CodeLength>,
}

/// What it says of itself changed; what is absent stayed.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ShowRevised {
    /// The new name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<Name>,
    /// The new description.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<Description>,
    /// The new venue.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub venue: Option<Venue>,
    /// The new sales window.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sales: Option<SalesWindow>,
    /// How long a hold lasts from now on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hold_seconds: Option<u32>,
    /// How long an order waits for its payment from now on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pay_within_seconds: Option<u32>,
}

/// It takes place at another time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ShowRescheduled {
    /// When, as a whole.
    pub schedule: Schedule,
}

/// Its places were drawn, or drawn anew.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SeatingAdopted {
    /// The places, as a whole.
    pub sections: Seating,
    /// How many seats they are.
    pub seats: u32,
    /// How many people can stand.
    pub standing: u32,
}

/// A shared quota was added.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PoolAdded {
    /// The pool.
    pub pool: PoolId,
    /// Its name.
    pub name: Name,
    /// The most persons.
    pub capacity: Capacity,
}

/// A shared quota changed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PoolRevised {
    /// The pool.
    pub pool: PoolId,
    /// Its name.
    pub name: Name,
    /// The most persons.
    pub capacity: Capacity,
}

/// A ticket type was added.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TicketTypeAdded {
    /// The ticket type.
    pub ticket_type: TicketTypeId,
    /// Its terms, as a whole.
    pub terms: TicketTypeTerms,
}

/// A ticket type changed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TicketTypeRevised {
    /// The ticket type.
    pub ticket_type: TicketTypeId,
    /// Its terms, as a whole.
    pub terms: TicketTypeTerms,
}

/// The door got its rules.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DoorSet {
    /// The areas.
    pub areas: Vec<Area>,
    /// The gates.
    pub gates: Vec<Gate>,
    /// How long before doors people are let in, in seconds.
    pub opens_before_seconds: u32,
    /// What a short code does.
    pub codes: CodeRule,
    /// How much of the name the door sees.
    pub holder: HolderRule,
}

/// Visitors may see it and buy.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ShowPublished {
    /// How many digits its short codes have, from now on.
    pub code_length: CodeLength,
    /// The capacity that the length was found from, in tickets.
    pub capacity: u32,
}

/// Sales rest.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SalesPaused {
    /// On these channels; none: on all.
    pub channels: Option<Vec<Channel>>,
}

/// Sales go on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SalesResumed {
    /// On these channels; none: on all.
    pub channels: Option<Vec<Channel>>,
}

/// Sales are over.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SalesClosed {}

/// It does not take place.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ShowCancelled {
    /// Why, in the vault.
    pub reason: Option<TextId>,
}

/// For whom or why places are blocked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BlockKind {
    /// For the house.
    House,
    /// For the technicians.
    Production,
    /// For guests.
    GuestList,
    /// For the promoter.
    Promoter,
    /// Cannot be used.
    Broken,
}

/// Places were taken out of sale.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PlacesBlocked {
    /// The block.
    pub block: BlockId,
    /// Its label, in the vault.
    pub label: Option<TextId>,
    /// For whom or why.
    pub kind: BlockKind,
    /// Its places.
    pub places: Vec<Place>,
}

/// Blocked places went back on sale.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BlockReleased {
    /// The block.
    pub block: BlockId,
    /// The places that went back.
    pub places: Vec<Place>,
    /// Whether nothing is left of the block, so that places held from it will not come back to it.
    pub whole: bool,
}
