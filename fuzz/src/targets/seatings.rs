//! Seating plans, ours or pretix's by the first line (`ours`, `pretix`): what is taken is within its limits, every seat of it
//! has an address of its own that requests may name, and it is the same once it was recorded and read again.

use std::collections::HashSet;

use api::{commands::fuzzing, extract::JsonBody};
use axum::http::HeaderValue;
use domain::{
    place::SeatAddress,
    seating::{SEATS_MAX, SECTIONS_MAX, STANDING_MAX, Seating},
};

use super::chosen;
use crate::problem;

pub fn run(data: &[u8]) {
    let Some((format, text)) = chosen(data) else { return };
    let kind = match format {
        "ours" => "application/json",
        "pretix" => "application/vnd.pretix.seating-plan+json",
        _ => return,
    };
    match fuzzing::seating(&JsonBody { kind: Some(HeaderValue::from_static(kind)), bytes: text.to_owned().into() }) {
        Err(refused) => problem::refuses_well(&refused, text),
        Ok(seating) => check(&seating),
    }
}

fn check(seating: &Seating) {
    assert!((1..=SECTIONS_MAX).contains(&seating.sections().len()));
    assert!(seating.seat_count() as usize <= SEATS_MAX);
    assert!(u64::from(seating.standing_count()) <= SECTIONS_MAX as u64 * u64::from(STANDING_MAX));
    assert!(seating.seat_count() + seating.standing_count() > 0);
    let mut addresses = HashSet::new();
    for (section, row, seat) in seating.seats() {
        let address = SeatAddress::new(&section.name, &row.label, &seat.seat);
        assert_eq!(address.parts(), (section.name.as_str(), row.label.as_str(), seat.seat.as_str()));
        assert_eq!(SeatAddress::try_from(address.to_string()).as_ref(), Ok(&address), "a request can name it");
        assert!(addresses.insert(address.to_string()), "{address} is there twice");
    }
    let written = serde_json::to_string(seating).expect("a seating is JSON");
    let read: Seating = serde_json::from_str(&written).expect("what was recorded can be read");
    assert_eq!(read, *seating);
}
