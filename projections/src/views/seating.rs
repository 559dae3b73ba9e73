//! The places of a show as adopted, always written out. Changes only when the seating does.

use domain::seating::{Milli, Room, Row, Seat, Seating};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::word;

/// All places of a show.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SeatingView {
    /// The sections, in their order; none where a show has no seating.
    pub sections: Vec<SectionView>,
}

/// A part of the hall: rows of seats, or a capacity.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SectionView {
    /// Its name.
    pub name: String,
    /// Its rows; null where people stand.
    pub rows: Option<Vec<RowView>>,
    /// How many people stand; null where they sit.
    pub capacity: Option<u32>,
}

/// A row of seats.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct RowView {
    /// Its label.
    pub label: String,
    /// Seats in their order; null is an aisle.
    pub seats: Vec<Option<SeatView>>,
}

/// A seat. Its address is `Section-Row-Seat`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SeatView {
    /// Its label.
    pub seat: String,
    /// To the right, in the plan's own unit.
    pub x: Option<f64>,
    /// Downwards, in the plan's own unit.
    pub y: Option<f64>,
    /// Its price category.
    pub category: Option<String>,
    /// Among `accessible`, `companion` and `restricted_view`.
    pub features: Vec<String>,
}

/// The places as adopted.
#[must_use]
pub fn seating_view(seating: &Seating) -> SeatingView {
    let sections = seating
        .sections()
        .iter()
        .map(|section| {
            let (rows, capacity) = match &section.room {
                Room::Seated(rows) => (Some(rows.iter().map(row_view).collect()), None),
                Room::Standing(capacity) => (None, Some(*capacity)),
            };
            SectionView { name: section.name.to_string(), rows, capacity }
        })
        .collect();
    SeatingView { sections }
}

fn row_view(row: &Row) -> RowView {
    RowView { label: row.label.to_string(), seats: row.seats.iter().map(|seat| seat.as_ref().map(seat_view)).collect() }
}

fn seat_view(seat: &Seat) -> SeatView {
    SeatView {
        seat: seat.seat.to_string(),
        x: seat.x_milli.map(units),
        y: seat.y_milli.map(units),
        category: seat.category.as_ref().map(ToString::to_string),
        features: seat.features.iter().map(word).collect(),
    }
}

/// Thousandths as a decimal number. Plans are far smaller than 2^53 thousandths, so nothing is lost.
#[expect(clippy::cast_precision_loss, reason = "see above")]
fn units(milli: Milli) -> f64 {
    milli.0 as f64 / 1000.0
}
