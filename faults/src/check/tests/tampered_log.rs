//! The log itself: positions, versions, hashes, times, commands.

use serde_json::json;
use uuid::Uuid;

use super::super::Kind;
use super::log::{admitted, id, sold};

#[test]
fn a_lost_event_is_a_hole_and_an_answer_that_was_lost() {
    let mut run = sold();
    let at = run.rows.iter().position(|row| row.kind == "HoldPlaced").unwrap();
    run.rows.remove(at);
    let found = run.found();
    assert!(found.contains(&Kind::Lost) && found.contains(&Kind::Log), "{found:?}");
}

#[test]
fn a_lost_tail_leaves_no_hole_and_is_found_by_its_answers() {
    let mut run = sold();
    run.rows.pop();
    assert_eq!(run.found(), [Kind::Lost]);
}

#[test]
fn a_hole_in_the_versions_is_found() {
    let mut run = sold();
    let last = run.rows.len();
    run.rows[last - 1].version += 1;
    assert_eq!(run.found(), [Kind::Log]);
}

#[test]
fn a_changed_payload_does_not_have_the_hash() {
    let mut run = sold();
    run.rows[0].payload = json!({ "name": "another" }).to_string();
    assert_eq!(run.found(), [Kind::Log]);
}

#[test]
fn a_changed_actor_does_not_have_the_hash() {
    let mut run = sold();
    run.rows[3].actor = "somebody".to_owned();
    assert_eq!(run.found(), [Kind::Log]);
}

#[test]
fn time_that_runs_back_is_found() {
    let mut run = sold();
    let last = run.rows.len();
    run.rows[last - 1].recorded_micros = 0;
    assert_eq!(run.found(), [Kind::Log]);
}

#[test]
fn a_doubled_event_is_found() {
    let mut run = sold();
    let (kind, payload) = admitted(50, 11, "lounge", true);
    run.event(Uuid::from_u128(99), kind, &payload);
    let found = run.found();
    assert!(found.contains(&Kind::Doubled), "one scan admitted twice: {found:?}");
}

#[test]
fn a_command_that_takes_effect_again_later_is_doubled() {
    let mut run = sold();
    let sale = run.rows.iter().find(|row| row.kind == "OrderPlaced").unwrap().command;
    run.recorded(&[("HoldExpired", json!({ "hold": id(41), "items": [] }))]);
    run.event(sale, "PaymentRecorded", &json!({ "payment": id(60), "order": id(10) }));
    let found = run.found();
    assert!(found.contains(&Kind::Doubled), "{found:?}");
}

/// Pinned by `event-store/src/hash.rs`, whose golden test has the same event and the same hash.
#[test]
fn the_hash_is_the_servers() {
    let mut row = sold().rows.remove(0);
    row.kind = "TicketIssued".to_owned();
    row.payload = r#"{"seat":"A-1-2"}"#.to_owned();
    row.command = Uuid::from_u128(1);
    row.correlation = Uuid::from_u128(2);
    let expected = "a38ff3aa0c277461216ca89f84ada49a486621e5848d382dd34556a7282c64de";
    assert_eq!(hex::encode(row.hash_of_content()), expected);
}
