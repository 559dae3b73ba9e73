//! Makes up histories of a show: whatever may happen by the rules, in an order that a number decides.
//!
//! No commands here (this crate cannot see them): a story asks the folded state what is possible and says what happens then.

mod door;
mod plan;
mod sales;
mod seldom;

use chrono::TimeDelta;
use domain::{
    Show, ShowEvent, ShowState,
    codes::{CodeLength, ShortCode},
    door::{Area, CodeRule, Direction, Gate, HolderRule, Per, Reentry, RefusalReason},
    events::*,
    ids::*,
    money::{Amount, Price, Tax, gross_and_tax},
    place::{Place, RowLabel, SeatAddress, SeatLabel, SectionName},
    seating::{Room, Row, Seat, Seating, Section},
    show::{Claim, HoldState},
    text::{Category, Description, DoorName, Name, Slug},
    ticket_type::{Capacity, CategoryPrice, Channel, Entries, Persons, Prices, SalesWindow, TicketTypeTerms, Validity},
    time::Zone,
};
use uuid::Uuid;

pub use plan::large_seating;
use plan::{door_name, name, section};

use crate::world::noon;

pub struct Story {
    pub show: ShowId,
    pub events: Vec<ShowEvent>,
    pub state: ShowState,
    told: usize,
    seated: TicketTypeId,
    standing: TicketTypeId,
    group: TicketTypeId,
    pool: PoolId,
    random: u64,
    things: u64,
    holds: Vec<HoldId>,
    orders: Vec<OrderId>,
    tickets: Vec<TicketId>,
    scans: Vec<ScanId>,
}

impl Story {
    /// A published show of 24 seats in two categories, a floor for 40, a pool, and a door of two areas.
    pub fn begin(seed: u64) -> Self {
        let mut story = Self {
            show: ShowId(Uuid::from_u64_pair(seed, 1)),
            events: Vec::new(),
            state: ShowState::default(),
            told: 0,
            seated: TicketTypeId(Uuid::from_u64_pair(seed, 2)),
            standing: TicketTypeId(Uuid::from_u64_pair(seed, 3)),
            group: TicketTypeId(Uuid::from_u64_pair(seed, 4)),
            pool: PoolId(Uuid::from_u64_pair(seed, 5)),
            random: seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1,
            things: 100,
            holds: Vec::new(),
            orders: Vec::new(),
            tickets: Vec::new(),
            scans: Vec::new(),
        };
        story.plan();
        story
    }

    /// So many more things happen.
    pub fn goes_on(&mut self, steps: usize) {
        for _ in 0..steps {
            self.something_happens();
        }
    }

    /// What happened since this was asked last.
    pub fn news(&mut self) -> &[ShowEvent] {
        let from = std::mem::replace(&mut self.told, self.events.len());
        &self.events[from..]
    }

    pub fn show(&self) -> &Show {
        self.state.show().unwrap()
    }

    fn something_happens(&mut self) {
        match self.below(26) {
            0..=4 => self.hold(),
            5 => self.hold_changes(),
            6 => self.hold_ends(),
            7..=10 => self.order(),
            11..=13 => self.payment(),
            14 => self.order_ends(),
            15 => self.void(),
            16 => self.reissue_or_name(),
            17 => self.move_seat(),
            18..=20 => self.enter(),
            21 => self.leave(),
            22 => self.undo(),
            23 => self.refuse_or_count(),
            24 => self.block_or_release(),
            _ => self.change_plans(),
        }
    }

    fn block_or_release(&mut self) {
        let blocks: Vec<_> = self.show().blocks.values().filter(|block| !block.places.is_empty()).cloned().collect();
        if let (Some(block), true) = (self.one_of(&blocks), self.below(2) == 0) {
            self.say(BlockReleased { block: block.id, places: block.places, whole: true });
        } else if let Some(seat) = self.free_seat() {
            let block = BlockId(self.thing());
            let (in_section, _) = self.show().places.seat(&seat).unwrap();
            let places = vec![Place::seat(in_section.name.clone(), seat)];
            self.say(PlacesBlocked { block, label: None, kind: BlockKind::House, places });
        }
    }

    fn free_seat(&mut self) -> Option<SeatAddress> {
        let free: Vec<SeatAddress> = self
            .show()
            .places
            .sections()
            .iter()
            .flat_map(|section| section.rows.iter().flat_map(|row| row.slots.iter().flatten()))
            .filter(|seat| seat.claim == Claim::Free)
            .map(|seat| seat.address.clone())
            .collect();
        self.one_of(&free)
    }

    fn code(&mut self) -> ShortCode {
        ShortCode::try_from(format!("{:04}", self.show().codes_given()).as_str()).unwrap()
    }

    fn say(&mut self, event: impl Into<ShowEvent>) {
        let event = event.into();
        self.state.evolve(&event);
        self.events.push(event);
    }

    fn thing(&mut self) -> Uuid {
        self.things += 1;
        Uuid::from_u64_pair(self.show.0.as_u64_pair().0, self.things)
    }

    fn one_of<T: Clone>(&mut self, things: &[T]) -> Option<T> {
        if things.is_empty() { None } else { Some(things[self.below(things.len())].clone()) }
    }

    /// xorshift64*: the same seed tells the same story on every machine.
    fn below(&mut self, n: usize) -> usize {
        self.random ^= self.random >> 12;
        self.random ^= self.random << 25;
        self.random ^= self.random >> 27;
        let drawn = self.random.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33;
        usize::try_from(drawn).unwrap() % n
    }
}
