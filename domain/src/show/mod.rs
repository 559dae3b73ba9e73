//! A show, folded from its events, and the questions that it answers: is this place free, what is on sale, what has
//! run out, who is in.
//!
//! `evolve` does what the events say and never judges them; whether something may happen is asked by the commands
//! before. Two folds of the same events are equal, on every machine: nothing here has a clock, a random number or an
//! order that depends on a hash.

mod attendance;
mod compact;
mod evolve;
mod orders;
mod parts;
mod places;
mod presence;
mod sales;

use std::{
    collections::{BTreeSet, HashMap},
    ops::Deref,
};

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

pub use attendance::{Attendance, DoorFigures, TypeFigures};
pub use orders::{Hold, HoldState, Order, Ticket};
pub use parts::{Orders, OrdersPage, Tickets, TicketsPage};
pub use places::{Claim, Places, RowPlaces, SeatSlot, SectionPlaces, Tally};
pub use presence::{Passage, Presence, Room, Stay};
pub use sales::{NotOnSale, Paused, ShowStatus};

use crate::{
    codes::{CodeLength, ShortCode},
    door::DoorRules,
    events::{BlockKind, Schedule, ShowEvent, Venue},
    ids::{BlockId, HoldId, OrderId, PoolId, ShowId, TextId, TicketId, TicketTypeId},
    money::Currency,
    place::Place,
    seating::Seating,
    shared::Shared,
    text::{Description, Name, Slug},
    ticket_type::{Pool, SalesWindow, TicketType},
    time::{Time, Zone},
};

/// The number of this way to fold. Whoever keeps a state keeps this number with it, and takes none with another number: it may say
/// something else of the same events, or be written otherwise. `tests/fold.rs` fails when the fold changes and this does not.
pub const FOLD_VERSION: u32 = 2;

/// A show's stream, folded.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub enum ShowState {
    /// Nothing was recorded.
    #[default]
    NotScheduled,
    /// There is a show.
    Scheduled(Box<Show>),
}

impl ShowState {
    /// The show, if there is one.
    pub fn show(&self) -> Option<&Show> {
        match self {
            Self::NotScheduled => None,
            Self::Scheduled(show) => Some(show),
        }
    }

    /// Takes in what happened.
    pub fn evolve(&mut self, event: &ShowEvent) {
        match (&mut *self, event) {
            (Self::NotScheduled, ShowEvent::ShowScheduled(event)) => {
                *self = Self::Scheduled(Box::new(Show::new(event)));
            }
            (Self::NotScheduled, _) => {}
            (Self::Scheduled(show), event) => show.evolve(event),
        }
    }

    /// The state after these events.
    pub fn fold<'a>(events: impl IntoIterator<Item = &'a ShowEvent>) -> Self {
        let mut state = Self::default();
        for event in events {
            state.evolve(event);
        }
        state
    }
}

/// Places out of sale.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Block {
    /// Its id.
    pub id: BlockId,
    /// Its label, in the vault.
    pub label: Option<TextId>,
    /// For whom or why.
    pub kind: BlockKind,
    /// What is left of it: seats each, a standing section once with its persons.
    #[serde(with = "compact::places")]
    pub places: Vec<Place>,
    /// Whether it was released as a whole.
    pub released: bool,
}

/// Something with an end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum End {
    /// An open hold.
    Hold(HoldId),
    /// An unpaid order.
    Order(OrderId),
}

/// A show.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Show {
    /// Its id, which is also its stream's.
    pub id: ShowId,
    /// The readable part of its address.
    pub slug: Slug,
    /// Its name.
    pub name: Name,
    /// What it says of itself.
    pub description: Description,
    /// Where.
    #[serde(with = "compact::venue")]
    pub venue: Venue,
    /// The zone of its clock and calendar.
    pub timezone: Zone,
    /// When.
    pub schedule: Schedule,
    /// The currency of all its money.
    pub currency: Currency,
    /// When it is sold.
    pub sales: SalesWindow,
    /// How long a hold lasts, in seconds.
    pub hold_seconds: u32,
    /// How long an order waits for its payment, in seconds.
    pub pay_within_seconds: u32,
    /// The code length that the seller wishes.
    pub wished_code_length: Option<CodeLength>,
    /// The code length, once published.
    pub code_length: Option<CodeLength>,
    /// Whether it does not take place.
    pub cancelled: bool,
    /// Whether sales are over.
    pub closed: bool,
    /// Where sales rest.
    pub paused: Paused,
    /// Its places as drawn.
    #[serde(with = "compact::seating")]
    pub seating: Option<Seating>,
    /// Who has them.
    pub places: Places,
    /// Its quotas, in the order in which they were added.
    pub pools: IndexMap<PoolId, Pool>,
    /// Its ticket types, in the order in which they were added.
    pub ticket_types: IndexMap<TicketTypeId, TicketType>,
    /// The rules of its door.
    pub door: DoorRules,
    /// Its blocks, released ones included.
    pub blocks: IndexMap<BlockId, Block>,
    #[serde(with = "compact::map")]
    holds: HashMap<HoldId, HoldState>,
    #[serde(with = "compact::map")]
    orders: IndexMap<OrderId, Shared<Order>>,
    #[serde(with = "compact::map")]
    references: HashMap<String, OrderId>,
    #[serde(with = "compact::map")]
    tickets: IndexMap<TicketId, Shared<Ticket>>,
    #[serde(with = "compact::map")]
    codes: HashMap<ShortCode, (TicketId, u32)>,
    ends: BTreeSet<(Time, End)>,
    /// Who is in.
    pub presence: Presence,
    /// The figures of the door.
    pub attendance: Attendance,
}

impl Show {
    /// What became of a hold.
    pub fn hold(&self, hold: HoldId) -> Option<&HoldState> {
        self.holds.get(&hold)
    }

    /// An order.
    pub fn order(&self, order: OrderId) -> Option<&Order> {
        self.orders.get(&order).map(Deref::deref)
    }

    /// The order of this reference.
    pub fn order_by_reference(&self, reference: &str) -> Option<&Order> {
        self.references.get(reference).and_then(|order| self.order(*order))
    }

    /// Every order, in the order in which they were placed.
    pub fn orders(&self) -> impl DoubleEndedIterator<Item = &Order> + ExactSizeIterator {
        self.orders.values().map(Deref::deref)
    }

    /// A ticket.
    pub fn ticket(&self, ticket: TicketId) -> Option<&Ticket> {
        self.tickets.get(&ticket).map(Deref::deref)
    }

    /// Every ticket, in the order in which they were issued.
    pub fn tickets(&self) -> impl DoubleEndedIterator<Item = &Ticket> + ExactSizeIterator {
        self.tickets.values().map(Deref::deref)
    }

    /// The ticket that a code was given to, and which issue of it.
    pub fn ticket_by_code(&self, code: ShortCode) -> Option<(&Ticket, u32)> {
        let (ticket, issue) = self.codes.get(&code)?;
        self.ticket(*ticket).map(|ticket| (ticket, *issue))
    }

    /// How many codes were ever given.
    pub fn codes_given(&self) -> u32 {
        u32::try_from(self.codes.len()).unwrap_or(u32::MAX)
    }

    /// Whether a code was ever given.
    pub fn code_is_given(&self, code: ShortCode) -> bool {
        self.codes.contains_key(&code)
    }

    /// What ends at `now` or before, the earliest first.
    pub fn due_ends(&self, now: Time) -> impl Iterator<Item = End> {
        self.ends.iter().take_while(move |(at, _)| *at <= now).map(|(_, end)| *end)
    }

    /// When the next thing ends.
    pub fn next_end(&self) -> Option<Time> {
        self.ends.first().map(|(at, _)| *at)
    }
}
