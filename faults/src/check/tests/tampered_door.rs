//! The door: tickets that admit too often, areas that hold too many.

use serde_json::json;

use super::super::Kind;
use super::log::{Run, admitted, id, line, sold};

fn enter(run: &mut Run, scan: u128, ticket: u128, area: &str, seat: bool) {
    run.accepted(&[admitted(scan, ticket, area, seat)], vec![("CheckedIn", id(scan))]);
}

#[test]
fn a_double_admission_is_found() {
    let mut run = sold();
    enter(&mut run, 51, 11, "main", true);
    assert_eq!(run.found(), [Kind::AdmittedTooOften]);
}

#[test]
fn whoever_went_out_may_come_back_once() {
    let mut run = sold();
    let (_, mut out) = admitted(51, 11, "main", true);
    out["returning"] = json!(0);
    run.accepted(&[("CheckedOut", out)], vec![("CheckedOut", id(51))]);
    let (_, mut back) = admitted(52, 11, "main", true);
    back["returning"] = json!(1);
    run.accepted(&[("CheckedIn", back.clone())], vec![("CheckedIn", id(52))]);
    assert_eq!(run.found(), []);
    back["scan"]["scan"] = json!(id(53));
    run.accepted(&[("CheckedIn", back)], vec![("CheckedIn", id(53))]);
    assert_eq!(run.found(), [Kind::AdmittedTooOften]);
}

#[test]
fn a_scan_that_was_taken_back_admits_again() {
    let mut run = sold();
    let undone =
        json!({ "scan": id(50), "ticket": id(11), "direction": "in", "area": "main", "persons": 1, "returning": 0 });
    run.accepted(&[("CheckInUndone", undone)], vec![("CheckInUndone", id(50))]);
    enter(&mut run, 51, 11, "main", true);
    assert_eq!(run.found(), []);
}

#[test]
fn a_void_ticket_that_admits_is_found() {
    let mut run = sold();
    let mut void = line(Some("Stalls-A-2"));
    void["ticket"] = json!(id(21));
    void["order"] = json!(id(20));
    void["holder_has_left"] = json!(false);
    run.accepted(&[("TicketVoided", void)], vec![("TicketVoided", id(21))]);
    enter(&mut run, 51, 21, "main", true);
    assert_eq!(run.found(), [Kind::AdmittedTooOften]);
}

#[test]
fn an_area_that_holds_too_many_is_found() {
    let mut run = sold();
    enter(&mut run, 51, 31, "lounge", false);
    assert_eq!(run.found(), []);
    enter(&mut run, 52, 21, "lounge", true);
    assert_eq!(run.found(), [Kind::AdmittedTooOften]);
}

#[test]
fn more_people_than_the_ticket_is_for_are_found() {
    let mut run = sold();
    let (kind, mut payload) = admitted(51, 31, "main", false);
    payload["persons"] = json!(3);
    run.accepted(&[(kind, payload)], vec![("CheckedIn", id(51))]);
    assert_eq!(run.found(), [Kind::AdmittedTooOften]);
}

#[test]
fn a_device_that_lets_in_what_the_server_would_not_is_a_conflict_and_no_fault() {
    let mut run = sold();
    let (kind, mut payload) = admitted(51, 11, "main", true);
    payload["scan"]["offline"] = json!({ "server": { "refused": "already_checked_in" } });
    let conflict = ("AdmissionConflictFound", json!({ "scan": id(51) }));
    let mut silent = run.clone();
    run.accepted(&[(kind, payload.clone()), conflict], vec![("CheckedIn", id(51))]);
    assert_eq!(run.found(), []);
    silent.accepted(&[(kind, payload)], vec![("CheckedIn", id(51))]);
    assert_eq!(silent.found(), [Kind::AdmittedTooOften], "a conflict that nobody is told of");
}
