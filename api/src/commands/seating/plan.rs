//! A seating as our own JSON writes it: rows seat by seat or as a range, sections with rows or a capacity.

use std::fmt;

use domain::{
    FieldError,
    place::{RowLabel, SeatLabel, SectionName},
    seating::{Feature, Room, Row, SEATS_MAX, Seat, Seating, Section},
    text::Category,
};
use serde::{
    Deserialize, Deserializer,
    de::{Error, MapAccess, Visitor, value::MapAccessDeserializer},
};
use utoipa::ToSchema;

use crate::commands::coordinates::PlanCoordinate;

/// The places of a show, as a whole.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AdoptSeatingBody {
    /// The sections, in the order in which they are shown.
    sections: Vec<SectionBody>,
}

/// A section: either `rows` of seats or a `capacity` of people who stand.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SectionBody {
    /// Its name, unique in the show.
    #[schema(value_type = String, max_length = 60, example = "Block A")]
    name: SectionName,
    /// Its rows, from the front.
    #[serde(default)]
    rows: Option<Vec<RowBody>>,
    /// How many people can stand.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 1_000_000, example = json!(null))]
    capacity: Option<u32>,
}

/// A row: either `seats`, or the numbers `first` to `last`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct RowBody {
    /// Its label, unique in its section; holds no hyphen.
    #[schema(value_type = String, max_length = 20, example = "3")]
    label: RowLabel,
    /// The seats in their order; null is an aisle.
    #[serde(default)]
    #[schema(value_type = Option<Vec<Option<SeatForm>>>)]
    seats: Option<Vec<Option<SeatEntry>>>,
    /// The number of the first seat.
    #[serde(default)]
    #[schema(example = json!(null))]
    first: Option<u32>,
    /// The number of the last seat.
    #[serde(default)]
    #[schema(example = json!(null))]
    last: Option<u32>,
}

/// A seat; one that has only a label may also be written as that text alone.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SeatBody {
    /// Its label, unique in its row; holds no hyphen.
    #[schema(value_type = String, max_length = 20, example = "12")]
    seat: SeatLabel,
    /// To the right, in any unit that is the same for the whole plan.
    #[serde(default)]
    #[schema(value_type = Option<f64>, minimum = -1e9, maximum = 1e9)]
    x: Option<PlanCoordinate>,
    /// Downwards, in that unit.
    #[serde(default)]
    #[schema(value_type = Option<f64>, minimum = -1e9, maximum = 1e9)]
    y: Option<PlanCoordinate>,
    /// Its price category.
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 100)]
    category: Option<Category>,
    /// What is special: `accessible`, `companion`, `restricted_view`.
    #[serde(default)]
    #[schema(value_type = Option<Vec<String>>)]
    features: Option<Vec<Feature>>,
}

/// The two forms of a seat, for the description.
#[derive(ToSchema)]
#[schema(as = SeatForm)]
#[serde(untagged)]
#[expect(dead_code, reason = "describes what `SeatEntry` reads")]
enum SeatForm {
    /// Its label alone.
    #[schema(example = "7")]
    Label(String),
    /// With more than that.
    Seat(SeatBody),
}

/// A seat in either of its two forms. By hand, since an untagged enum would lose the pointer to what is wrong in it.
#[derive(Debug)]
struct SeatEntry(SeatBody);

impl<'de> Deserialize<'de> for SeatEntry {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;

        impl<'de> Visitor<'de> for Either {
            type Value = SeatEntry;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a seat's label, a seat, or null for an aisle")
            }

            fn visit_str<E: Error>(self, label: &str) -> Result<SeatEntry, E> {
                let seat = SeatLabel::try_from(label.to_owned()).map_err(E::custom)?;
                Ok(SeatEntry(SeatBody { seat, x: None, y: None, category: None, features: None }))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<SeatEntry, A::Error> {
                SeatBody::deserialize(MapAccessDeserializer::new(map)).map(SeatEntry)
            }
        }

        deserializer.deserialize_any(Either)
    }
}

impl From<SeatEntry> for Seat {
    fn from(SeatEntry(body): SeatEntry) -> Self {
        Self {
            seat: body.seat,
            x_milli: body.x.map(PlanCoordinate::milli),
            y_milli: body.y.map(PlanCoordinate::milli),
            category: body.category,
            features: body.features.unwrap_or_default(),
        }
    }
}

impl AdoptSeatingBody {
    /// The seating.
    ///
    /// # Errors
    /// What is wrong with it, each with its pointer.
    pub(super) fn into_seating(self) -> Result<Seating, Vec<FieldError>> {
        let mut errors = Vec::new();
        let mut sections = Vec::with_capacity(self.sections.len());
        let mut seats_left = SEATS_MAX;
        for (index, section) in self.sections.into_iter().enumerate() {
            let at = format!("/sections/{index}");
            let room = match (section.rows, section.capacity) {
                (Some(rows), None) => Room::Seated(into_rows(rows, &at, &mut seats_left, &mut errors)),
                (None, Some(capacity)) => Room::Standing(capacity),
                _ => {
                    errors.push(FieldError::at(at, "needs either rows or a capacity"));
                    continue;
                }
            };
            sections.push(Section { name: section.name, room });
        }
        if errors.is_empty() { Seating::new(sections) } else { Err(errors) }
    }
}

fn into_rows(rows: Vec<RowBody>, at: &str, seats_left: &mut usize, errors: &mut Vec<FieldError>) -> Vec<Row> {
    let mut done = Vec::with_capacity(rows.len());
    for (index, row) in rows.into_iter().enumerate() {
        let at = format!("{at}/rows/{index}");
        let seats = match (row.seats, row.first, row.last) {
            (Some(seats), None, None) => seats.into_iter().map(|seat| seat.map(Seat::from)).collect(),
            (None, Some(first), Some(last)) => match range(first, last, *seats_left) {
                Ok(seats) => seats,
                Err(detail) => {
                    errors.push(FieldError::at(format!("{at}/last"), detail));
                    continue;
                }
            },
            _ => {
                errors.push(FieldError::at(at, "needs either seats, or first and last"));
                continue;
            }
        };
        *seats_left = seats_left.saturating_sub(seats.len());
        done.push(Row { label: row.label, seats });
    }
    done
}

/// The seats `first` to `last`. A few characters can ask for four billion: they are counted before they are made.
fn range(first: u32, last: u32, seats_left: usize) -> Result<Vec<Option<Seat>>, String> {
    if last < first {
        return Err("must not be less than first".to_owned());
    }
    if (last - first) as usize >= seats_left {
        return Err(format!("makes more than the {SEATS_MAX} seats that a show may have"));
    }
    (first..=last)
        .map(|number| {
            let seat = SeatLabel::try_from(number.to_string()).map_err(|error| error.to_string())?;
            Ok(Some(Seat { seat, x_milli: None, y_milli: None, category: None, features: Vec::new() }))
        })
        .collect()
}

#[cfg(test)]
#[expect(clippy::needless_pass_by_value, reason = "`json!` makes values")]
mod tests {
    use domain::seating::Milli;
    use serde_json::{Value, json};

    use super::*;

    /// The seating, or the pointers to what is wrong.
    fn seating(sections: Value) -> Result<Seating, Vec<String>> {
        let body = json!({ "sections": sections });
        let body: AdoptSeatingBody = serde_path_to_error::deserialize(body)
            .map_err(|error| vec![format!("/{}", error.path().to_string().replace('.', "/"))])?;
        body.into_seating().map_err(|errors| errors.into_iter().map(|error| error.pointer).collect())
    }

    fn row(row: Value) -> Value {
        json!([{ "name": "Stalls", "rows": [row] }])
    }

    #[test]
    fn seats_ranges_aisles_and_standing_are_taken() {
        let seating = seating(json!([
            { "name": "Stalls", "rows": [
                { "label": "1", "first": 1, "last": 3 },
                { "label": "B", "seats": ["7", null, { "seat": "8a", "x": 1.5, "y": -2, "features": ["accessible"] }] },
            ] },
            { "name": "Floor", "capacity": 250 },
        ]))
        .unwrap();
        assert_eq!((seating.seat_count(), seating.standing_count()), (5, 250));
        let Room::Seated(rows) = &seating.sections()[0].room else { panic!("seats") };
        assert_eq!(rows[1].seats[1], None);
        let last = rows[1].seats[2].as_ref().unwrap();
        assert_eq!((last.x_milli, last.y_milli), (Some(Milli(1_500)), Some(Milli(-2_000))));
        assert_eq!(last.features, [Feature::Accessible]);
    }

    #[test]
    fn what_is_wrong_is_named_where_it_is() {
        for (sections, pointer) in [
            (row(json!({ "label": "1", "seats": ["1", "2", "1"] })), "/sections/0/rows/0/seats/2"),
            (row(json!({ "label": "1", "first": 2, "last": 1 })), "/sections/0/rows/0/last"),
            (row(json!({ "label": "1", "first": 1, "last": 4_000_000_000_u32 })), "/sections/0/rows/0/last"),
            (row(json!({ "label": "1", "first": 1 })), "/sections/0/rows/0"),
            (row(json!({ "label": "1", "first": 1, "last": 2, "seats": [] })), "/sections/0/rows/0"),
            (json!([{ "name": "A", "capacity": 0 }]), "/sections/0/capacity"),
            (json!([{ "name": "A" }]), "/sections/0"),
            (json!([]), "/sections"),
        ] {
            assert_eq!(seating(sections.clone()), Err(vec![pointer.to_owned()]), "{sections}");
        }
    }

    #[test]
    fn the_pointer_reaches_into_a_seat() {
        let wrong = [
            (json!({ "seat": "1", "features": ["comfortable"] }), "features[0]"),
            (json!({ "seat": "1", "x": "left" }), "x"),
            (json!({ "seat": "1-1" }), "seat"),
            (json!({ "seat": "1", "colour": "red" }), "colour"),
        ];
        for (seat, field) in wrong {
            let body = json!({ "sections": row(json!({ "label": "1", "seats": [seat] })) });
            let error = serde_path_to_error::deserialize::<_, AdoptSeatingBody>(body).unwrap_err();
            assert_eq!(error.path().to_string(), format!("sections[0].rows[0].seats[0].{field}"));
        }
    }

    #[test]
    fn ranges_together_never_make_more_seats_than_a_show_has() {
        let rows: Vec<Value> =
            (0..101).map(|row| json!({ "label": row.to_string(), "first": 1, "last": 1000 })).collect();
        let wrong = seating(json!([{ "name": "Stadium", "rows": rows }])).unwrap_err();
        assert_eq!(wrong, ["/sections/0/rows/100/last"]);
    }
}
