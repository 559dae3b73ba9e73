//! Places: a seat in two hands, and more than there is, at every step.

use serde_json::json;

use super::super::Kind;
use super::log::{id, line, sale, sold};

#[test]
fn a_seat_that_is_sold_twice_is_oversold() {
    let mut run = sold();
    let (events, facts) = sale(70, 71, Some("Stalls-A-1"));
    run.accepted(&events, facts);
    assert_eq!(run.found(), [Kind::Oversold]);
}

#[test]
fn a_seat_that_is_held_twice_is_oversold_though_both_holds_end() {
    let mut run = sold();
    for hold in [80, 81] {
        let placed = json!({ "hold": id(hold), "items": [line(Some("Stalls-A-4"))] });
        run.accepted(&[("HoldPlaced", placed)], vec![("HoldPlaced", id(hold))]);
    }
    for hold in [80, 81] {
        let ended = json!({ "hold": id(hold), "items": [line(Some("Stalls-A-4"))] });
        run.recorded(&[("HoldExpired", ended)]);
    }
    assert_eq!(run.found(), [Kind::Oversold]);
}

#[test]
fn a_seat_that_is_not_there_is_oversold() {
    let mut run = sold();
    let (events, facts) = sale(70, 71, Some("Stalls-A-5"));
    run.accepted(&events, facts);
    assert_eq!(run.found(), [Kind::Oversold]);
}

#[test]
fn a_pool_is_exceeded_before_its_section_is() {
    let mut run = sold();
    // Two of the three in the pool are sold; four of the five on the floor would be.
    let (events, facts) = sale(70, 71, None);
    run.accepted(&events, facts);
    assert_eq!(run.found(), [Kind::Oversold]);
}

#[test]
fn a_section_is_exceeded_where_the_pool_is_large() {
    let mut run = sold();
    let pool = run.rows.iter().position(|row| row.kind == "PoolAdded").unwrap();
    run.rows[pool].payload = run.rows[pool].payload.replace(":3", ":300");
    run.hash_anew(i64::try_from(pool).unwrap() + 1);
    let (second, third) = (sale(70, 71, None), sale(72, 73, None));
    run.accepted(&second.0, second.1);
    assert_eq!(run.found(), []);
    run.accepted(&third.0, third.1);
    assert_eq!(run.found(), [Kind::Oversold]);
}

#[test]
fn a_void_ticket_frees_its_seat() {
    let mut run = sold();
    let mut void = line(Some("Stalls-A-1"));
    void["ticket"] = json!(id(11));
    void["order"] = json!(id(10));
    void["holder_has_left"] = json!(true);
    run.accepted(&[("TicketVoided", void)], vec![("TicketVoided", id(11))]);
    let (events, facts) = sale(70, 71, Some("Stalls-A-1"));
    run.accepted(&events, facts);
    assert_eq!(run.found(), []);
}

#[test]
fn two_tickets_with_one_code_are_found() {
    let mut run = sold();
    let (mut events, facts) = sale(70, 71, Some("Stalls-A-4"));
    events[2].1["short_code"] = json!(id(11).to_string());
    run.accepted(&events, facts);
    assert_eq!(run.found(), [Kind::Doubled]);
}
