//! A history that may have happened, and for each rule one event too many.

use domain::ShowEvent;
use serde_json::{Value, json};
use uuid::Uuid;

use super::Judge;

const TYPE: u128 = 1;
const POOL: u128 = 2;

fn id(number: u128) -> String {
    Uuid::from_u128(number).to_string()
}

/// The golden payload of a type, with other fields.
fn event(event_type: &str, more: &Value) -> ShowEvent {
    let path = format!("{}/../domain/tests/golden/{event_type}.v2.json", env!("CARGO_MANIFEST_DIR"));
    let golden = std::fs::read_to_string(&path).or_else(|_| std::fs::read_to_string(path.replace("v2", "v1")));
    let mut payload: Value = serde_json::from_str(&golden.unwrap()).unwrap();
    for (name, value) in more.as_object().unwrap() {
        payload[name] = value.clone();
    }
    let schema = if std::fs::exists(&path).unwrap() { 2 } else { 1 };
    ShowEvent::decode(event_type, schema, &payload.to_string()).unwrap()
}

fn seat(number: u32) -> Value {
    json!({ "section": "A", "seat": format!("A-1-{number}") })
}

fn floor(persons: u32) -> Value {
    json!({ "section": "Floor", "seat": null, "persons": persons })
}

fn item(number: u128, places: &Value, persons: u32) -> Value {
    json!({ "id": id(number), "kind": "ticket", "ticket_type": id(TYPE), "places": places, "persons": persons,
            "price": 100, "amount": 100, "tax": 0 })
}

fn hold(number: u128, items: &Value) -> ShowEvent {
    event("HoldPlaced", &json!({ "hold": id(number), "items": items }))
}

fn hold_expired(number: u128, items: &Value) -> ShowEvent {
    event("HoldExpired", &json!({ "hold": id(number), "items": items }))
}

fn order(number: u128, hold: Option<u128>, lines: &Value) -> ShowEvent {
    event("OrderPlaced", &json!({ "order": id(number), "hold": hold.map(id), "lines": lines }))
}

fn ticket(number: u128, order: u128, line: u128, places: &Value) -> ShowEvent {
    let more = json!({ "ticket": id(number), "order": id(order), "line": id(line), "ticket_type": id(TYPE), "places": places,
                       "persons": 1, "short_code": format!("{number:05}") });
    event("TicketIssued", &more)
}

fn scan(scan: u128, server: Option<&str>) -> Value {
    let mut scan = json!({ "scan": id(scan), "shown": "ticket", "area": "main", "gate": null, "device": null,
                           "at": "2026-05-01T19:30:00Z" });
    if let Some(server) = server {
        let server = if server == "admitted" { json!("admitted") } else { json!({ "refused": server }) };
        scan["offline"] = json!({ "verdict": "admitted", "list_position": 1, "sequence": 1, "server": server });
    }
    scan
}

fn passage(event_type: &str, of: u128, ticket: u128, returning: u32, more: &Value) -> ShowEvent {
    let mut fields = json!({ "scan": scan(of, None), "persons": 1, "returning": returning, "day": null,
        "ticket": { "id": id(ticket), "short_code": "00001", "ticket_type": id(TYPE), "places": [], "persons": 1 },
        "override_reason": null, "overridden": null });
    for (name, value) in more.as_object().unwrap() {
        fields[name] = value.clone();
    }
    event(event_type, &fields)
}

fn enter(scan: u128, ticket: u128) -> ShowEvent {
    passage("CheckedIn", scan, ticket, 0, &json!({}))
}

/// A judge who has seen these events and found nothing wrong.
#[track_caller]
fn after(events: &[ShowEvent]) -> Judge {
    let terms = json!({ "name": "Seat", "prices": { "flat": 100 }, "sections": null, "categories": null, "pools": [id(POOL)],
        "capacity": 4, "persons": 1, "max_per_order": 10, "min_per_order": 1, "sales": {}, "channels": null, "areas": null,
        "entries": 1, "valid": {}, "tax": null });
    let planned = [
        event("ShowScheduled", &json!({})),
        event(
            "SeatingAdopted",
            &json!({ "sections": [
            { "name": "A", "rows": [{ "label": "1", "seats": [{ "seat": "1" }, { "seat": "2" }, { "seat": "3" }] }] },
            { "name": "Floor", "capacity": 3 },
        ] }),
        ),
        event("PoolAdded", &json!({ "pool": id(POOL), "capacity": 5 })),
        event("TicketTypeAdded", &json!({ "ticket_type": id(TYPE), "terms": terms })),
    ];
    let mut judge = Judge::default();
    for event in planned.iter().chain(events) {
        assert_eq!(judge.take(event), Vec::<String>::new(), "{event:?}");
    }
    judge
}

/// What is wrong with one more event says this.
#[track_caller]
fn wrong(mut judge: Judge, event: &ShowEvent, said: &str) {
    let wrong = judge.take(event);
    assert!(wrong.iter().any(|wrong| wrong.contains(said)), "{said:?} is not among {wrong:?}");
}

fn sold() -> Vec<ShowEvent> {
    let line = json!([item(10, &json!([seat(1)]), 1)]);
    vec![order(20, None, &line), ticket(30, 20, 10, &json!([seat(1)]))]
}

fn then(mut events: Vec<ShowEvent>, more: impl IntoIterator<Item = ShowEvent>) -> Vec<ShowEvent> {
    events.extend(more);
    events
}

#[test]
fn what_may_happen_is_right() {
    let kept = json!([item(40, &json!([seat(2)]), 1), item(41, &json!([floor(2)]), 2)]);
    let voided =
        json!({ "ticket": id(30), "order": id(20), "ticket_type": id(TYPE), "places": [seat(1)], "persons": 1 });
    after(&then(
        sold(),
        [
            hold(50, &kept),
            hold_expired(50, &kept),
            hold(51, &kept),
            order(21, Some(51), &kept),
            ticket(31, 21, 40, &json!([seat(2)])),
            enter(60, 30),
            passage("CheckedOut", 61, 30, 0, &json!({})),
            passage("CheckedIn", 62, 30, 1, &json!({})),
            event("CheckInUndone", &json!({ "scan": id(62), "ticket": id(30) })),
            passage("CheckedIn", 63, 30, 1, &json!({})),
            event("TicketVoided", &voided),
            hold(52, &json!([item(42, &json!([seat(1)]), 1)])),
            event("PlacesBlocked", &json!({ "block": id(70), "places": [seat(3), floor(1)] })),
            event("BlockReleased", &json!({ "block": id(70), "places": [seat(3), floor(1)] })),
        ],
    ));
}

#[test]
fn a_seat_is_taken_once() {
    let again = json!([item(11, &json!([seat(1)]), 1)]);
    wrong(after(&sold()), &hold(50, &again), "the seat A-1-1 is given to the hold");
    wrong(after(&sold()), &order(21, None, &again), "the seat A-1-1 is given to the order");
    wrong(after(&sold()), &event("PlacesBlocked", &json!({ "block": id(70), "places": [seat(1)] })), "to the block");
    wrong(
        after(&sold()),
        &event("TicketMoved", &json!({ "ticket": id(30), "from": seat(2), "to": seat(3) })),
        "nobody has it",
    );
    wrong(after(&[]), &hold(50, &json!([item(11, &json!([seat(9)]), 1)])), "there is no seat A-1-9");
}

#[test]
fn no_section_type_or_pool_holds_more_than_it_has() {
    let floors = |from: u128, n: u128, persons: u32| {
        Value::from((from..from + n).map(|i| item(i, &json!([floor(persons)]), persons)).collect::<Vec<_>>())
    };
    wrong(after(&[]), &hold(50, &floors(100, 2, 2)), "4 places of the section Floor are taken, which has 3");
    let three = json!([item(1, &json!([seat(1)]), 1), item(2, &json!([seat(2)]), 1), item(3, &json!([seat(3)]), 1)]);
    let all = after(&[hold(50, &three), hold(51, &floors(100, 1, 1))]);
    wrong(all, &hold(52, &floors(200, 1, 1)), "5 tickets of the type Seat are taken, which has 4");
    let all = after(&[hold(50, &three), hold(51, &floors(100, 1, 2))]);
    let smaller = event("PoolRevised", &json!({ "pool": id(POOL), "capacity": 4 }));
    wrong(all, &smaller, "5 persons of the pool");
}

#[test]
fn what_becomes_something_else_was_there() {
    wrong(after(&[]), &ticket(30, 20, 10, &json!([seat(1)])), "for no line of an order");
    wrong(after(&sold()), &ticket(31, 20, 10, &json!([seat(1)])), "for no line of an order");
    wrong(after(&[]), &order(20, Some(50), &json!([])), "which is not open");
    let kept = json!([item(40, &json!([seat(2)]), 1)]);
    wrong(after(&[hold(50, &kept)]), &order(20, Some(50), &json!([])), "not in the order that it becomes");
    wrong(after(&[hold(50, &kept)]), &hold_expired(50, &json!([])), "ends and keeps 1 item");
    let elsewhere = json!([item(40, &json!([seat(3)]), 1)]);
    wrong(after(&[hold(50, &kept)]), &hold_expired(50, &elsewhere), "it names other places");
    wrong(after(&[]), &event("ShowScheduled", &json!({})), "scheduled already");
    wrong(Judge::default(), &hold(50, &kept), "not scheduled yet");
}

#[test]
fn a_ticket_admits_as_often_as_it_says() {
    let inside = || then(sold(), [enter(60, 30)]);
    wrong(after(&inside()), &enter(61, 30), "lets 2 into main and admits 1");
    wrong(after(&inside()), &enter(60, 30), "lets somebody pass twice");
    wrong(after(&inside()), &passage("CheckedIn", 61, 30, 1, &json!({})), "2 are in main");
    wrong(after(&sold()), &enter(60, 99), "which there is not");
    wrong(after(&sold()), &passage("CheckedIn", 60, 30, 0, &json!({ "ticket": null })), "without a ticket");
    let voided =
        json!({ "ticket": id(30), "order": id(20), "ticket_type": id(TYPE), "places": [seat(1)], "persons": 1 });
    wrong(after(&then(sold(), [event("TicketVoided", &voided)])), &enter(60, 30), "which is void");
    let undone = event("CheckInUndone", &json!({ "scan": id(60), "ticket": id(30) }));
    wrong(after(&then(inside(), [undone.clone()])), &undone, "taken back twice");
}

#[test]
fn against_the_rules_somebody_said_so() {
    let inside = || then(sold(), [enter(60, 30)]);
    let overridden = passage("CheckedIn", 61, 30, 0, &json!({ "overridden": "already_checked_in" }));
    wrong(after(&then(inside(), [overridden])), &enter(62, 30), "lets 3 into main");
    let alone = |server: &str| passage("CheckedIn", 61, 30, 0, &json!({ "scan": scan(61, Some(server)) }));
    let conflict = event("AdmissionConflictFound", &json!({ "scan": id(61), "ticket": id(30) }));
    after(&then(inside(), [alone("already_checked_in"), conflict]));
    wrong(after(&then(inside(), [alone("already_checked_in")])), &enter(62, 30), "the conflict of the scan");
    wrong(after(&inside()), &alone("admitted"), "lets 2 into main");
}
