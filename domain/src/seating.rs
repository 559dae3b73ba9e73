//! The places of a show as a seller draws them: sections of rows of seats, or standing sections with a capacity.
//! What is here is a plan; which of its places are free is `show::places`.
//!
//! A [`Seating`] is valid by construction: no section, row or seat twice, no more than [`SEATS_MAX`] seats.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use crate::{
    FieldError, ValueError,
    place::{RowLabel, SeatAddress, SeatLabel, SectionName},
    shared::Shared,
    text::Category,
};

/// The most seats of a show: more than the largest stadium has.
pub const SEATS_MAX: usize = 100_000;
/// The most people a standing section holds.
pub const STANDING_MAX: u32 = 1_000_000;
/// The most sections of a show.
pub const SECTIONS_MAX: usize = 1_000;

/// A coordinate on a seating plan, in thousandths of the plan's own unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Milli(pub i64);

/// What is special about a seat.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Feature {
    /// Reached and used in a wheelchair.
    Accessible,
    /// Beside an accessible seat, for whoever comes along.
    Companion,
    /// The stage is not wholly in sight.
    RestrictedView,
}

/// One seat of a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seat {
    /// Its label, unique in its row.
    pub seat: SeatLabel,
    /// To the right, in thousandths of the plan's unit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub x_milli: Option<Milli>,
    /// Downwards, in thousandths of the plan's unit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub y_milli: Option<Milli>,
    /// Its price category.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<Category>,
    /// What is special about it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub features: Vec<Feature>,
}

/// A row: seats in their order, with `None` for an aisle. Adjoining means next to each other in this order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// Its label, unique in its section.
    pub label: RowLabel,
    /// Seats and aisles.
    pub seats: Vec<Option<Seat>>,
}

/// What a section holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Room {
    /// Rows of seats.
    Seated(Vec<Row>),
    /// So many people.
    Standing(u32),
}

/// A part of the hall.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "RawSection", into = "RawSection")]
pub struct Section {
    /// Its name, unique in the show.
    pub name: SectionName,
    /// What it holds.
    pub room: Room,
}

/// How a section is written: rows or a capacity.
#[derive(Serialize, Deserialize)]
struct RawSection {
    name: SectionName,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    rows: Option<Vec<Row>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    capacity: Option<u32>,
}

impl TryFrom<RawSection> for Section {
    type Error = ValueError;

    fn try_from(raw: RawSection) -> Result<Self, ValueError> {
        let room = match (raw.rows, raw.capacity) {
            (Some(rows), None) => Room::Seated(rows),
            (None, Some(capacity)) => Room::Standing(capacity),
            _ => return Err(ValueError("needs either rows or a capacity".to_owned())),
        };
        Ok(Self { name: raw.name, room })
    }
}

impl From<Section> for RawSection {
    fn from(section: Section) -> Self {
        match section.room {
            Room::Seated(rows) => Self { name: section.name, rows: Some(rows), capacity: None },
            Room::Standing(n) => Self { name: section.name, rows: None, capacity: Some(n) },
        }
    }
}

/// The places of a show.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Seating {
    sections: Shared<Vec<Section>>,
}

impl Seating {
    /// A valid seating, or what is wrong with the sections; pointers start at `/sections`.
    pub fn new(sections: Vec<Section>) -> Result<Self, Vec<FieldError>> {
        let mut errors = Vec::new();
        let mut names = HashSet::new();
        let mut seats = 0;
        if sections.is_empty() {
            errors.push(FieldError::at("/sections", "name at least one section"));
        }
        if sections.len() > SECTIONS_MAX {
            errors.push(FieldError::at("/sections", format!("has more than {SECTIONS_MAX} sections")));
        }
        for (s, section) in sections.iter().enumerate() {
            let at = format!("/sections/{s}");
            if !names.insert(&section.name) {
                errors.push(FieldError::at(
                    format!("{at}/name"),
                    format!("the section {} is there twice; give each its own name", section.name),
                ));
            }
            match &section.room {
                Room::Standing(capacity) if (1..=STANDING_MAX).contains(capacity) => {}
                Room::Standing(_) => {
                    errors.push(FieldError::at(format!("{at}/capacity"), format!("must be from 1 to {STANDING_MAX}")));
                }
                Room::Seated(rows) => seats += check_rows(&at, section, rows, &mut errors),
            }
        }
        if seats > SEATS_MAX {
            errors.push(FieldError::at("/sections", format!("has {seats} seats; a show has at most {SEATS_MAX}")));
        }
        // A wrong file can be wrong a hundred thousand times; the first hundred tell enough.
        errors.truncate(100);
        if errors.is_empty() { Ok(Self::kept(sections)) } else { Err(errors) }
    }

    /// A seating that was valid when it was kept.
    pub(crate) fn kept(sections: Vec<Section>) -> Self {
        Self { sections: sections.into() }
    }

    /// Its sections, in their order.
    pub fn sections(&self) -> &[Section] {
        &self.sections
    }

    /// Every seat with its section and row.
    pub fn seats(&self) -> impl Iterator<Item = (&Section, &Row, &Seat)> {
        self.sections.iter().flat_map(|section| {
            let rows: &[Row] = match &section.room {
                Room::Seated(rows) => rows,
                Room::Standing(_) => &[],
            };
            rows.iter().flat_map(move |row| row.seats.iter().flatten().map(move |seat| (section, row, seat)))
        })
    }

    /// How many seats there are.
    pub fn seat_count(&self) -> u32 {
        u32::try_from(self.seats().count()).unwrap_or(u32::MAX)
    }

    /// How many people can stand.
    pub fn standing_count(&self) -> u32 {
        self.sections
            .iter()
            .map(|section| match section.room {
                Room::Standing(n) => n,
                Room::Seated(_) => 0,
            })
            .fold(0, u32::saturating_add)
    }
}

fn check_rows(at: &str, section: &Section, rows: &[Row], errors: &mut Vec<FieldError>) -> usize {
    let mut labels = HashSet::new();
    let mut seats = 0;
    for (r, row) in rows.iter().enumerate() {
        if !labels.insert(&row.label) {
            errors.push(FieldError::at(
                format!("{at}/rows/{r}/label"),
                format!("row {} of {} is there twice", row.label, section.name),
            ));
        }
        let mut in_row = HashSet::new();
        for (i, seat) in row.seats.iter().enumerate() {
            let Some(seat) = seat else { continue };
            seats += 1;
            if !in_row.insert(&seat.seat) {
                let address = SeatAddress::new(&section.name, &row.label, &seat.seat);
                errors.push(FieldError::at(
                    format!("{at}/rows/{r}/seats/{i}"),
                    format!("the seat {address} is there twice"),
                ));
            }
        }
    }
    if seats == 0 {
        errors.push(FieldError::at(format!("{at}/rows"), "holds no seat; add one or leave the section out"));
    }
    seats
}
