//! Who has which place: each seat once, and in a standing section no more people than it has room for.

use std::{
    collections::{HashMap, HashSet},
    fmt,
};

use domain::{
    ids::{BlockId, HoldId, OrderId, TicketId},
    place::{Place, SeatAddress, SectionName},
    seating::{Room, Seating},
};

use super::Wrong;
use crate::counted::counted;

/// Who has a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Owner {
    /// An open hold.
    Hold(HoldId),
    /// An order without a ticket for it yet.
    Order(OrderId),
    /// A valid ticket.
    Ticket(TicketId),
    /// Nobody may have it.
    Block(BlockId),
}

/// How many people's places are in which hands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Taken {
    /// In open holds and unpaid orders.
    pub held: i64,
    /// With tickets.
    pub sold: i64,
    /// Out of sale.
    pub blocked: i64,
}

impl Taken {
    fn pass(&mut self, persons: i64, from: Option<Owner>, to: Option<Owner>) {
        for (owner, change) in [(from, -persons), (to, persons)] {
            match owner {
                Some(Owner::Hold(_) | Owner::Order(_)) => self.held += change,
                Some(Owner::Ticket(_)) => self.sold += change,
                Some(Owner::Block(_)) => self.blocked += change,
                None => {}
            }
        }
    }
}

impl fmt::Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Hold(id) => write!(f, "the hold {id}"),
            Self::Order(id) => write!(f, "the order {id}"),
            Self::Ticket(id) => write!(f, "the ticket {id}"),
            Self::Block(id) => write!(f, "the block {id}"),
        }
    }
}

/// Who has the places of a show.
#[derive(Default)]
pub(super) struct Places {
    /// Whether a seating was adopted; without one, a ticket is for no place.
    drawn: bool,
    seats: HashSet<SeatAddress>,
    taken: HashMap<SeatAddress, Owner>,
    standing: HashMap<SectionName, Standing>,
    /// People's places of blocks in standing sections.
    blocked: HashMap<(BlockId, SectionName), i64>,
    counted: Taken,
}

#[derive(Default)]
struct Standing {
    capacity: i64,
    taken: i64,
}

impl Places {
    /// Every seat that somebody has.
    pub(super) fn taken_seats(&self) -> impl Iterator<Item = (&SeatAddress, Owner)> {
        self.taken.iter().map(|(seat, owner)| (seat, *owner))
    }

    /// How many places are in which hands.
    pub(super) fn counted(&self) -> Taken {
        self.counted
    }

    /// New places; what was taken has to be among them.
    pub(super) fn adopt(&mut self, seating: &Seating, wrong: &mut Wrong) {
        self.drawn = true;
        self.seats = seating
            .seats()
            .map(|(section, row, seat)| SeatAddress::new(&section.name, &row.label, &seat.seat))
            .collect();
        for seat in self.taken.keys().filter(|seat| !self.seats.contains(*seat)) {
            wrong.push(format!("the seat {seat} is taken and no longer among the places"));
        }
        for section in self.standing.values_mut() {
            section.capacity = 0;
        }
        for section in seating.sections() {
            if let Room::Standing(capacity) = section.room {
                self.standing.entry(section.name.clone()).or_default().capacity = capacity.into();
            }
        }
        for (name, section) in &self.standing {
            section.check(name, wrong);
        }
    }

    /// A place goes from one to another; none: it is on sale.
    pub(super) fn pass(&mut self, place: &Place, from: Option<Owner>, to: Option<Owner>, wrong: &mut Wrong) {
        match (&place.seat, &place.section) {
            (Some(seat), _) => self.pass_seat(seat, from, to, wrong),
            (None, Some(section)) => self.pass_standing(section, place.persons.into(), from, to, wrong),
            (None, None) if self.drawn => wrong.push("a place nowhere in a show with a seating".to_owned()),
            (None, None) => {}
        }
    }

    fn pass_seat(&mut self, seat: &SeatAddress, from: Option<Owner>, to: Option<Owner>, wrong: &mut Wrong) {
        if !self.seats.contains(seat) {
            wrong.push(format!("there is no seat {seat}"));
        }
        let had = match to {
            Some(owner) => self.taken.insert(seat.clone(), owner),
            None => self.taken.remove(seat),
        };
        self.counted.pass(1, had, to);
        match (had, from, to) {
            (had, from, _) if had == from => {}
            (Some(had), None, Some(to)) => wrong.push(format!("the seat {seat} is given to {to}, and {had} has it")),
            (Some(had), Some(from), _) => wrong.push(format!("the seat {seat} comes from {from}, and {had} has it")),
            (None, Some(from), _) => wrong.push(format!("the seat {seat} comes from {from}, and nobody has it")),
            // From nobody to nobody.
            (_, None, _) => {}
        }
    }

    fn pass_standing(
        &mut self,
        name: &SectionName,
        persons: i64,
        from: Option<Owner>,
        to: Option<Owner>,
        wrong: &mut Wrong,
    ) {
        for (owner, change) in [(from, -persons), (to, persons)] {
            if let Some(Owner::Block(block)) = owner {
                let of_block = self.blocked.entry((block, name.clone())).or_default();
                *of_block += change;
                if *of_block < 0 {
                    let come = counted(persons, &format!("place in {name} comes"), &format!("places in {name} come"));
                    wrong.push(format!("{come} from the block {block}, which has fewer"));
                }
            }
        }
        self.counted.pass(persons, from, to);
        let section = self.standing.entry(name.clone()).or_default();
        match (from, to) {
            (None, Some(_)) => {
                section.taken += persons;
                section.check(name, wrong);
            }
            (Some(_), None) => section.taken -= persons,
            _ => {}
        }
    }
}

impl Standing {
    fn check(&self, name: &SectionName, wrong: &mut Wrong) {
        if self.taken > self.capacity {
            let (one, several) =
                (format!("place of the section {name} is"), format!("places of the section {name} are"));
            wrong.push(format!("{} taken, which has {}", counted(self.taken, &one, &several), self.capacity));
        }
    }
}
