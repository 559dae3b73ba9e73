//! A seating in pretix's format (`application/vnd.pretix.seating-plan+json`).
//!
//! Zones become sections; order, positions and categories stay. A pretix plan has no aisles, only gaps: one stands
//! where two neighbours of a row are further apart than one and a half times the row's usual step, the median of the
//! distances. Zones without rows (a stage) are no sections. What we have no use for (ids, colours, areas, shapes) is
//! passed over. Errors point into their document.
//!
//! Format: <https://github.com/pretix/pretix/blob/master/src/pretix/static/seating/seating-plan.schema.json>.

use std::collections::HashSet;

use domain::{
    FieldError,
    place::{RowLabel, SeatLabel, SectionName},
    seating::{Room, Row, Seat, Seating, Section},
    text::Category,
};
use serde::Deserialize;

use crate::commands::coordinates::PlanCoordinate;

/// The content type of these plans.
pub(super) const CONTENT_TYPE: &str = "application/vnd.pretix.seating-plan+json";

/// How many usual steps wide a gap has to be, to be an aisle.
const AISLE_STEPS: f64 = 1.5;
/// Plans are drawn by hand and saved with rounded positions: a hair over the limit is no aisle.
const TOLERANCE: f64 = 1e-6;

/// A pretix seating plan, as far as it matters here.
#[derive(Debug, Deserialize)]
pub(super) struct PretixPlan {
    categories: Vec<PretixCategory>,
    zones: Vec<Zone>,
}

#[derive(Debug, Deserialize)]
struct PretixCategory {
    name: String,
}

#[derive(Debug, Deserialize)]
struct Zone {
    name: SectionName,
    position: Position,
    rows: Vec<PretixRow>,
}

#[derive(Debug, Deserialize)]
struct PretixRow {
    row_number: RowLabel,
    #[serde(default)]
    position: Option<Position>,
    seats: Vec<PretixSeat>,
}

#[derive(Debug, Deserialize)]
struct PretixSeat {
    seat_number: SeatLabel,
    position: Position,
    category: Category,
}

#[derive(Debug, Clone, Copy, Deserialize)]
struct Position {
    x: PlanCoordinate,
    y: PlanCoordinate,
}

impl std::ops::Add for Position {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self { x: self.x + other.x, y: self.y + other.y }
    }
}

impl PretixPlan {
    /// The seating of the plan.
    ///
    /// # Errors
    /// What is wrong with it, with pointers into the plan.
    pub(super) fn into_seating(self) -> Result<Seating, Vec<FieldError>> {
        let errors = self.unknown_categories();
        if !errors.is_empty() {
            return Err(errors);
        }
        let mut origins = Vec::with_capacity(self.zones.len());
        let mut sections = Vec::with_capacity(self.zones.len());
        for (number, zone) in self.zones.into_iter().enumerate().filter(|(_, zone)| !zone.rows.is_empty()) {
            let (rows, of_rows) = zone.rows.into_iter().map(|row| into_row(row, zone.position)).unzip();
            origins.push((number, of_rows));
            sections.push(Section { name: zone.name, room: Room::Seated(rows) });
        }
        Seating::new(sections).map_err(|errors| errors.into_iter().map(|error| into_plan(error, &origins)).collect())
    }

    fn unknown_categories(&self) -> Vec<FieldError> {
        let known: HashSet<&str> = self.categories.iter().map(|category| category.name.as_str()).collect();
        let mut errors = Vec::new();
        for (z, zone) in self.zones.iter().enumerate() {
            for (r, row) in zone.rows.iter().enumerate() {
                for (s, seat) in row.seats.iter().enumerate() {
                    if !known.contains(seat.category.as_str()) && errors.len() < ERRORS_MAX {
                        let detail = format!("{} is none of the plan's categories", seat.category);
                        errors.push(FieldError::at(format!("/zones/{z}/rows/{r}/seats/{s}/category"), detail));
                    }
                }
            }
        }
        errors
    }
}

/// As many as `Seating::new` names.
const ERRORS_MAX: usize = 100;

/// The row, and which seat of the plan stands at each of its places: aisles shift them.
fn into_row(row: PretixRow, zone: Position) -> (Row, Vec<usize>) {
    let gaps = aisles(&row.seats);
    let origin = row.position.map_or(zone, |row| zone + row);
    let mut seats = Vec::with_capacity(row.seats.len() + gaps.len());
    let mut origins = Vec::with_capacity(seats.capacity());
    for (index, seat) in row.seats.into_iter().enumerate() {
        if gaps.contains(&index) {
            seats.push(None);
            origins.push(index);
        }
        let position = origin + seat.position;
        seats.push(Some(Seat {
            seat: seat.seat_number,
            x_milli: Some(position.x.milli()),
            y_milli: Some(position.y.milli()),
            category: Some(seat.category),
            features: Vec::new(),
        }));
        origins.push(index);
    }
    (Row { label: row.row_number, seats }, origins)
}

/// The seats, by index, that have an aisle before them.
fn aisles(seats: &[PretixSeat]) -> HashSet<usize> {
    let distances: Vec<f64> = seats
        .windows(2)
        .map(|pair| {
            let (from, to) = (pair[0].position, pair[1].position);
            (to.x.unit() - from.x.unit()).hypot(to.y.unit() - from.y.unit())
        })
        .collect();
    let mut sorted = distances.clone();
    sorted.sort_by(f64::total_cmp);
    // The lower one of two in the middle: of a seat, a gap and a seat, the gap is not the usual step.
    let Some(usual) = sorted.get(sorted.len().saturating_sub(1) / 2) else { return HashSet::new() };
    let limit = usual * AISLE_STEPS + TOLERANCE;
    distances.iter().enumerate().filter(|(_, distance)| **distance > limit).map(|(index, _)| index + 1).collect()
}

/// An error of the seating, said of the plan: `/sections/0/rows/3/seats/7` was `/zones/0/rows/3/seats/6/seat_number`.
fn into_plan(error: FieldError, origins: &[(usize, Vec<Vec<usize>>)]) -> FieldError {
    let parts: Vec<&str> = error.pointer.split('/').skip(1).collect();
    let number = |index: usize| parts.get(index).and_then(|part| part.parse::<usize>().ok());
    let section = number(1).and_then(|section| origins.get(section));
    let pointer = match (section, number(3), number(5)) {
        (Some((zone, rows)), Some(row), Some(place)) => {
            let seat = rows.get(row).and_then(|seats| seats.get(place));
            format!("/zones/{zone}/rows/{row}/seats/{}/seat_number", seat.copied().unwrap_or(place))
        }
        (Some((zone, _)), Some(row), None) => format!("/zones/{zone}/rows/{row}/row_number"),
        (Some((zone, _)), None, _) => format!("/zones/{zone}/{}", parts.get(2).copied().unwrap_or("name")),
        (None, ..) => "/zones".to_owned(),
    };
    FieldError { pointer, ..error }
}

#[cfg(test)]
#[expect(clippy::needless_pass_by_value, reason = "`json!` makes values")]
mod tests {
    use std::collections::BTreeSet;

    use domain::seating::Milli;
    use serde_json::{Value, json};

    use super::*;

    /// The seating of a real hall, which the demo shows.
    const HALL: &str = include_str!("../../../../turnout/src/demo/riethsporthalle.pretix.json");

    fn plan(seats: Value) -> PretixPlan {
        serde_json::from_value(json!({
            "name": "Small hall", "size": { "width": 100, "height": 100 },
            "categories": [{ "name": "A", "color": "#fff" }],
            "zones": [{ "name": "Parkett", "zone_id": "z", "position": { "x": 100, "y": 10 }, "areas": [],
                "rows": [{ "row_number": "1", "position": { "x": 5, "y": 1 }, "seats": seats }] }],
        }))
        .unwrap()
    }

    fn seat(number: &str, x: f64, category: &str) -> Value {
        json!({ "seat_number": number, "seat_guid": "g", "position": { "x": x, "y": 0 }, "category": category })
    }

    fn labels(seating: &Seating, section: usize, row: usize) -> Vec<String> {
        let Room::Seated(rows) = &seating.sections()[section].room else { panic!("seats") };
        let label = |seat: &Option<Seat>| seat.as_ref().map_or("aisle".to_owned(), |seat| seat.seat.to_string());
        rows[row].seats.iter().map(label).collect()
    }

    fn pointers(errors: &[FieldError]) -> Vec<&str> {
        errors.iter().map(|error| error.pointer.as_str()).collect()
    }

    #[test]
    fn a_real_hall_is_read() {
        let plan: PretixPlan = serde_json::from_str(HALL).unwrap();
        let seating = plan.into_seating().unwrap();
        assert_eq!((seating.seat_count(), seating.standing_count(), seating.sections().len()), (1_231, 0, 6));
        let categories: BTreeSet<_> = seating.seats().filter_map(|(_, _, seat)| seat.category.as_ref()).collect();
        let names: Vec<&str> = categories.into_iter().map(Category::as_str).collect();
        assert_eq!(names, ["Kategorie I", "Kategorie II", "VIP"]);
        // Block D, row 14: seat 7 stands at 150, seat 8 at 195, all others 25 apart; so do 21 and 22.
        assert_eq!(seating.sections()[0].name.as_str(), "Block D");
        let row = labels(&seating, 0, 0);
        assert_eq!(row[5..10], ["6", "7", "aisle", "8", "9"]);
        assert_eq!(row.iter().filter(|label| *label == "aisle").count(), 2);
    }

    #[test]
    fn positions_add_up_and_a_gap_of_more_than_one_and_a_half_steps_is_an_aisle() {
        let seats = json!([seat("1", 0.0, "A"), seat("2", 25.0, "A"), seat("3", 62.5, "A"), seat("4", 100.5, "A")]);
        // Steps are 25, 37.5 and 38: the usual one is 37.5.
        let seating = plan(seats).into_seating().unwrap();
        assert_eq!(labels(&seating, 0, 0), ["1", "2", "3", "4"]);
        let seats: Vec<_> = seating.seats().map(|(_, _, seat)| (seat.x_milli, seat.y_milli)).collect();
        assert_eq!(seats[2], (Some(Milli(167_500)), Some(Milli(11_000))));
        let seats = json!([seat("1", 0.0, "A"), seat("2", 25.0, "A"), seat("3", 63.0, "A"), seat("4", 88.0, "A")]);
        let seating = plan(seats).into_seating().unwrap();
        assert_eq!(labels(&seating, 0, 0), ["1", "2", "aisle", "3", "4"]);
    }

    #[test]
    fn errors_point_into_the_plan_past_its_aisles() {
        let unknown = plan(json!([seat("1", 0.0, "A"), seat("2", 25.0, "B")]));
        assert_eq!(pointers(&unknown.into_seating().unwrap_err()), ["/zones/0/rows/0/seats/1/category"]);
        let twice =
            plan(json!([seat("1", 0.0, "A"), seat("2", 25.0, "A"), seat("1", 90.0, "A"), seat("3", 115.0, "A")]));
        assert_eq!(pointers(&twice.into_seating().unwrap_err()), ["/zones/0/rows/0/seats/2/seat_number"]);
        assert_eq!(pointers(&plan(json!([])).into_seating().unwrap_err()), ["/zones/0/rows"]);
    }

    #[test]
    fn a_zone_and_a_row_that_are_there_twice_are_named() {
        let row = |label: &str| json!({ "row_number": label, "seats": [seat("1", 0.0, "A")] });
        let stage = json!({ "name": "Stage", "position": { "x": 0, "y": 0 }, "rows": [], "areas": [] });
        let zone = |rows: Value| json!({ "name": "Parkett", "position": { "x": 0, "y": 0 }, "rows": rows });
        let plan = |zones: Value| {
            let plan = json!({ "categories": [{ "name": "A" }], "zones": zones });
            serde_json::from_value::<PretixPlan>(plan).unwrap().into_seating().unwrap_err()
        };
        assert_eq!(pointers(&plan(json!([zone(json!([row("1")])), zone(json!([row("1")]))]))), ["/zones/1/name"]);
        assert_eq!(pointers(&plan(json!([zone(json!([row("1"), row("1")]))]))), ["/zones/0/rows/1/row_number"]);
        let behind = json!([stage, zone(json!([row("1"), row("1")]))]);
        assert_eq!(pointers(&plan(behind)), ["/zones/1/rows/1/row_number"]);
        assert_eq!(pointers(&plan(json!([stage]))), ["/zones"]);
    }

    #[test]
    fn a_label_with_a_hyphen_is_refused_where_it_stands() {
        let body = json!({ "categories": [], "zones": [{ "name": "A-B", "position": { "x": 0, "y": 0 }, "rows": [
            { "row_number": "1-1", "position": { "x": 0, "y": 0 }, "seats": [] },
        ] }] });
        let error = serde_path_to_error::deserialize::<_, PretixPlan>(body).unwrap_err();
        assert_eq!(error.path().to_string(), "zones[0].rows[0].row_number");
    }
}
