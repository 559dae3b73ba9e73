//! Which places of a show are free, held, sold or blocked.
//!
//! Seats know who has them; standing sections count persons. Nothing is decided here: [`Places::pass`] does what an
//! event says happened. That no place is passed on that is not free is the commands' rule, and a property test's.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use crate::{
    ids::{BlockId, HoldId, OrderId, TicketId},
    place::{Place, RowLabel, SeatAddress, SectionName},
    seating::{Room, Seating},
    shared::Shared,
    text::Category,
};

/// Who has a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Claim {
    /// Nobody.
    Free,
    /// Nobody may have it.
    Blocked(BlockId),
    /// Somebody, for a few minutes.
    Held(HoldId),
    /// Somebody who has not paid yet.
    Ordered(OrderId),
    /// Somebody with a ticket.
    Sold(TicketId),
}

/// How many persons' places are in which state.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// All.
    pub capacity: u32,
    /// In open holds and unpaid orders.
    pub held: u32,
    /// With tickets.
    pub sold: u32,
    /// Out of sale.
    pub blocked: u32,
}

impl Tally {
    /// How many are free.
    pub fn free(&self) -> u32 {
        self.capacity.saturating_sub(self.held + self.sold + self.blocked)
    }

    fn slot(&mut self, claim: Claim) -> Option<&mut u32> {
        match claim {
            Claim::Free => None,
            Claim::Blocked(_) => Some(&mut self.blocked),
            Claim::Held(_) | Claim::Ordered(_) => Some(&mut self.held),
            Claim::Sold(_) => Some(&mut self.sold),
        }
    }

    fn pass(&mut self, persons: u32, from: Claim, to: Claim) {
        if let Some(count) = self.slot(from) {
            *count = count.saturating_sub(persons);
        }
        if let Some(count) = self.slot(to) {
            *count += persons;
        }
    }
}

/// A seat and who has it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SeatSlot {
    /// Its address.
    pub address: SeatAddress,
    /// Its category, as an index into its section's tallies.
    pub category: usize,
    /// Who has it.
    pub claim: Claim,
}

/// A row of seats, `None` being an aisle.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RowPlaces {
    /// Its label.
    pub label: RowLabel,
    /// How far it is from the front: its number, or its place in the section's order. Compared over all sections.
    pub rank: usize,
    /// Seats and aisles, in their order.
    pub slots: Vec<Option<SeatSlot>>,
    /// How many of its seats are free.
    pub free: usize,
}

/// A section.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SectionPlaces {
    /// Its name.
    pub name: SectionName,
    /// Its rows in their order; none where people stand.
    pub rows: Vec<RowPlaces>,
    /// Its places by category. A standing section has one tally without a category.
    pub tallies: Vec<(Option<Category>, Tally)>,
}

impl SectionPlaces {
    /// Whether it has seats.
    pub fn is_seated(&self) -> bool {
        !self.rows.is_empty()
    }

    /// All its places.
    pub fn tally(&self) -> Tally {
        self.tallies.iter().fold(Tally::default(), |sum, (_, t)| Tally {
            capacity: sum.capacity + t.capacity,
            held: sum.held + t.held,
            sold: sum.sold + t.sold,
            blocked: sum.blocked + t.blocked,
        })
    }

    /// The category of a seat of this section.
    pub fn category(&self, seat: &SeatSlot) -> Option<&Category> {
        self.tallies.get(seat.category).and_then(|(category, _)| category.as_ref())
    }
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct SeatRef {
    section: usize,
    row: usize,
    slot: usize,
}

/// The places of a show.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(from = "Vec<SectionPlaces>")]
pub struct Places {
    sections: Vec<SectionPlaces>,
    drawn: Shared<Drawn>,
}

/// What follows from how the places are drawn, whoever has them.
#[derive(Debug, Clone, Default, PartialEq)]
struct Drawn {
    by_address: HashMap<SeatAddress, SeatRef>,
    by_name: HashMap<SectionName, usize>,
    /// Section and row of every row, front rows first.
    from_front: Vec<(usize, usize)>,
}

impl Places {
    /// All places of a seating, free.
    pub fn new(seating: &Seating) -> Self {
        Self::from(seating.sections().iter().map(free_section).collect::<Vec<_>>())
    }

    /// The places of a new seating, with the claims that were on this one's.
    pub fn redrawn(&self, seating: &Seating) -> Self {
        let mut new = Self::new(seating);
        for section in &self.sections {
            if section.is_seated() {
                for seat in section.rows.iter().flat_map(|row| row.slots.iter().flatten()) {
                    new.pass_seat(&seat.address, seat.claim);
                }
            } else if let Some(place) = new.drawn.by_name.get(&section.name).copied()
                && !new.sections[place].is_seated()
                && let (Some((_, new)), Some((_, old))) =
                    (new.sections[place].tallies.first_mut(), section.tallies.first())
            {
                *new = Tally { capacity: new.capacity, ..*old };
            }
        }
        new
    }

    /// The sections, in their order.
    pub fn sections(&self) -> &[SectionPlaces] {
        &self.sections
    }

    /// A section.
    pub fn section(&self, name: &SectionName) -> Option<&SectionPlaces> {
        self.drawn.by_name.get(name).map(|&i| &self.sections[i])
    }

    /// Rows with their sections, the front ones first.
    pub fn rows_from_front(&self) -> impl Iterator<Item = (usize, &SectionPlaces, &RowPlaces)> {
        self.drawn.from_front.iter().map(|&(s, r)| (s, &self.sections[s], &self.sections[s].rows[r]))
    }

    /// A seat with its section.
    pub fn seat(&self, address: &SeatAddress) -> Option<(&SectionPlaces, &SeatSlot)> {
        let at = self.drawn.by_address.get(address)?;
        let section = &self.sections[at.section];
        let seat = section.rows[at.row].slots[at.slot].as_ref()?;
        Some((section, seat))
    }

    /// Every seat that is not free.
    pub fn taken_seats(&self) -> impl Iterator<Item = &SeatSlot> {
        self.sections
            .iter()
            .flat_map(|section| section.rows.iter().flat_map(|row| row.slots.iter().flatten()))
            .filter(|seat| seat.claim != Claim::Free)
    }

    /// Passes a place from one claim to another.
    pub fn pass(&mut self, place: &Place, from: Claim, to: Claim) {
        if let Some(address) = &place.seat {
            self.pass_seat(address, to);
        } else if let Some(&section) = place.section.as_ref().and_then(|name| self.drawn.by_name.get(name))
            && let Some((_, tally)) = self.sections[section].tallies.first_mut()
        {
            tally.pass(place.persons, from, to);
        }
    }

    fn pass_seat(&mut self, address: &SeatAddress, to: Claim) {
        let Some(&at) = self.drawn.by_address.get(address) else { return };
        let section = &mut self.sections[at.section];
        let row = &mut section.rows[at.row];
        if let Some(seat) = row.slots[at.slot].as_mut() {
            let from = std::mem::replace(&mut seat.claim, to);
            match (from == Claim::Free, to == Claim::Free) {
                (true, false) => row.free -= 1,
                (false, true) => row.free += 1,
                _ => {}
            }
            section.tallies[seat.category].1.pass(1, from, to);
        }
    }
}

impl Serialize for Places {
    /// The sections alone: where each seat is follows from them.
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.sections.serialize(serializer)
    }
}

impl From<Vec<SectionPlaces>> for Places {
    fn from(sections: Vec<SectionPlaces>) -> Self {
        let seats = sections.iter().flat_map(|section| section.rows.iter().map(|row| row.slots.len())).sum();
        let mut by_address = HashMap::with_capacity(seats);
        let mut by_name = HashMap::with_capacity(sections.len());
        let mut from_front = Vec::new();
        for (s, section) in sections.iter().enumerate() {
            by_name.insert(section.name.clone(), s);
            for (r, row) in section.rows.iter().enumerate() {
                from_front.push((s, r));
                for (slot, seat) in row.slots.iter().enumerate() {
                    if let Some(seat) = seat {
                        by_address.insert(seat.address.clone(), SeatRef { section: s, row: r, slot });
                    }
                }
            }
        }
        from_front.sort_by_key(|&(s, r)| (sections[s].rows[r].rank, s));
        Self { sections, drawn: Drawn { by_address, by_name, from_front }.into() }
    }
}

/// A section of which nobody has a place.
fn free_section(section: &crate::seating::Section) -> SectionPlaces {
    let mut new = SectionPlaces { name: section.name.clone(), rows: Vec::new(), tallies: Vec::new() };
    match &section.room {
        Room::Standing(capacity) => {
            new.tallies.push((None, Tally { capacity: *capacity, ..Tally::default() }));
        }
        Room::Seated(rows) => {
            let ranks = ranks(rows.iter().map(|row| &row.label));
            for (row, rank) in rows.iter().zip(ranks) {
                let mut slots = Vec::with_capacity(row.seats.len());
                for seat in &row.seats {
                    slots.push(seat.as_ref().map(|seat| {
                        let address = SeatAddress::new(&section.name, &row.label, &seat.seat);
                        let category = tally_of(&mut new.tallies, seat.category.as_ref());
                        new.tallies[category].1.capacity += 1;
                        SeatSlot { address, category, claim: Claim::Free }
                    }));
                }
                let free = slots.iter().flatten().count();
                new.rows.push(RowPlaces { label: row.label.clone(), rank, slots, free });
            }
        }
    }
    new
}

fn tally_of(tallies: &mut Vec<(Option<Category>, Tally)>, category: Option<&Category>) -> usize {
    if let Some(i) = tallies.iter().position(|(c, _)| c.as_ref() == category) {
        return i;
    }
    tallies.push((category.cloned(), Tally::default()));
    tallies.len() - 1
}

/// How far each row is from the front: its number where all labels of the section are numbers, else its place in order.
fn ranks<'a>(labels: impl Iterator<Item = &'a RowLabel>) -> Vec<usize> {
    let labels: Vec<&RowLabel> = labels.collect();
    let numbers: Option<Vec<usize>> = labels.iter().map(|label| label.as_str().parse().ok()).collect();
    numbers.unwrap_or_else(|| (1..=labels.len()).collect())
}
