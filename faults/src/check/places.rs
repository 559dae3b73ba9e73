//! Who has which place of a show, event by event: nothing may go to two hands, no capacity and no pool may be exceeded, not
//! even between two events of one command.

use std::collections::{BTreeMap, HashMap};

use serde_json::Value;
use uuid::Uuid;

use super::payload::{Place, Seating, Taking, Terms};

/// Who has a seat.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hand {
    Free,
    Blocked(Uuid),
    Held(Uuid),
    Ordered(Uuid),
    Sold(Uuid),
}

/// How many are held, sold and blocked, of how many.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    pub capacity: i64,
    pub held: i64,
    pub sold: i64,
    pub blocked: i64,
}

impl Tally {
    fn slot(&mut self, hand: Hand) -> Option<&mut i64> {
        match hand {
            Hand::Free => None,
            Hand::Blocked(_) => Some(&mut self.blocked),
            Hand::Held(_) | Hand::Ordered(_) => Some(&mut self.held),
            Hand::Sold(_) => Some(&mut self.sold),
        }
    }

    fn pass(&mut self, persons: i64, from: Hand, to: Hand) {
        if let Some(count) = self.slot(from) {
            *count -= persons;
        }
        if let Some(count) = self.slot(to) {
            *count += persons;
        }
    }

    /// What is wrong with it, if anything.
    fn excess(&self, of: &str) -> Option<String> {
        let Self { capacity, held, sold, blocked } = *self;
        let over = held + sold + blocked > capacity || held < 0 || sold < 0 || blocked < 0;
        over.then(|| format!("{of}: {held} held, {sold} sold, {blocked} blocked of {capacity}"))
    }
}

/// A ticket type: its terms, and tickets of it.
#[derive(Debug)]
pub struct Type {
    pub terms: Terms,
    pub tickets: Tally,
}

/// The places of one show. What is found wrong is handed back as texts.
#[derive(Debug, Default)]
pub struct Places {
    pub sections: BTreeMap<String, Tally>,
    pub seats: HashMap<String, Hand>,
    section_of: HashMap<String, String>,
    pub types: HashMap<Uuid, Type>,
    pools: HashMap<Uuid, Tally>,
}

impl Places {
    /// A seating, adopted before anything was sold (the load never does it later).
    pub fn adopted(&mut self, payload: &Value) -> anyhow::Result<()> {
        let seating: Seating = serde_json::from_value(payload.clone())?;
        *self =
            Self { types: std::mem::take(&mut self.types), pools: std::mem::take(&mut self.pools), ..Self::default() };
        for section in seating.sections {
            let mut tally = Tally { capacity: section.capacity.unwrap_or(0), ..Tally::default() };
            for row in section.rows.unwrap_or_default() {
                for seat in row.seats.into_iter().flatten() {
                    let address = format!("{}-{}-{}", section.name, row.label, seat.seat);
                    self.seats.insert(address.clone(), Hand::Free);
                    self.section_of.insert(address, section.name.clone());
                    tally.capacity += 1;
                }
            }
            self.sections.insert(section.name, tally);
        }
        Ok(())
    }

    pub fn pool(&mut self, pool: Uuid, capacity: i64) {
        self.pools.entry(pool).or_default().capacity = capacity;
    }

    /// A type, new or with new terms.
    pub fn terms(&mut self, id: Uuid, terms: Terms) {
        // The most tickets that there can be, where the type has no capacity of its own.
        let capacity = terms.capacity.unwrap_or(i64::MAX);
        let old = self.types.remove(&id);
        let mut tickets = old.as_ref().map(|old| old.tickets).unwrap_or_default();
        tickets.capacity = capacity;
        for pool in old.map(|old| old.terms.pools).unwrap_or_default() {
            self.shift(pool, tickets, -terms.persons);
        }
        for pool in &terms.pools {
            self.shift(*pool, tickets, terms.persons);
        }
        self.types.insert(id, Type { terms, tickets });
    }

    fn shift(&mut self, pool: Uuid, tickets: Tally, persons: i64) {
        let pool = self.pools.entry(pool).or_default();
        pool.held += tickets.held * persons;
        pool.sold += tickets.sold * persons;
    }

    /// Everything of one future or present ticket passes on: from sale (or the block it comes from) to a hand, from hand to
    /// hand, or back.
    pub fn pass(&mut self, taking: &Taking, from: Hand, to: Hand) -> Vec<String> {
        let Some(id) = taking.ticket_type else { return Vec::new() };
        let of_sale = taking.block.map_or(Hand::Free, Hand::Blocked);
        let sale = |hand| if hand == Hand::Free { of_sale } else { hand };
        let mut wrong: Vec<String> =
            taking.places.iter().filter_map(|place| self.place(place, sale(from), sale(to))).collect();
        let Some(kind) = self.types.get_mut(&id) else {
            wrong.push(format!("a ticket of type {id}, which there is not"));
            return wrong;
        };
        kind.tickets.pass(1, from, to);
        wrong.extend(kind.tickets.excess(&format!("tickets of type {id}")));
        for pool in kind.terms.pools.clone() {
            let pool_tally = self.pools.entry(pool).or_default();
            pool_tally.pass(taking.persons, from, to);
            wrong.extend(pool_tally.excess(&format!("pool {pool}")));
        }
        wrong
    }

    /// One place passes on, with no ticket: a block, its release, a move.
    pub fn place(&mut self, place: &Place, from: Hand, to: Hand) -> Option<String> {
        let Some(address) = &place.seat else {
            let Some(section) = &place.section else { return None };
            let Some(tally) = self.sections.get_mut(section) else {
                return Some(format!("room in section {section}, which there is not"));
            };
            tally.pass(place.persons, from, to);
            return tally.excess(&format!("section {section}"));
        };
        let Some(hand) = self.seats.get_mut(address) else {
            return Some(format!("seat {address}, which there is not"));
        };
        let was = std::mem::replace(hand, to);
        if let Some(tally) = self.section_of.get(address).and_then(|section| self.sections.get_mut(section)) {
            tally.pass(1, was, to);
        }
        (was != from).then(|| format!("seat {address} goes to {to:?} as if it had been {from:?}, but it is {was:?}"))
    }

    /// Seats that are not free, as `GET …/seats` names their states to staff.
    pub fn taken(&self) -> BTreeMap<&str, &'static str> {
        let state = |hand: &Hand| match hand {
            Hand::Free => None,
            Hand::Blocked(_) => Some("blocked"),
            Hand::Held(_) | Hand::Ordered(_) => Some("held"),
            Hand::Sold(_) => Some("sold"),
        };
        self.seats.iter().filter_map(|(address, hand)| Some((address.as_str(), state(hand)?))).collect()
    }
}
