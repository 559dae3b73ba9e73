//! A small log and its journal, as a run would leave them: a show with four seats (two of them sold to `SELLER`, one held by
//! `BUYER` and then ordered and paid), room for five in a section with a pool, and scans.

use std::collections::HashMap;
use std::time::Duration;

use serde_json::{Value, json};
use uuid::Uuid;

use super::super::{Check, Kind, Row, compare};
use crate::journal::{Entry, Fact, Outcome};

pub const SHOW: Uuid = Uuid::from_u128(1);
pub const SEAT_TYPE: Uuid = Uuid::from_u128(2);
pub const FLOOR_TYPE: Uuid = Uuid::from_u128(3);
pub const POOL: Uuid = Uuid::from_u128(4);

/// An id of a test.
pub fn id(number: u128) -> Uuid {
    Uuid::from_u128(1_000 + number)
}

/// A log with its journal; both are there to be tampered with.
#[derive(Debug, Clone, Default)]
pub struct Run {
    pub rows: Vec<Row>,
    pub journal: Vec<Entry>,
    pub typed: HashMap<Uuid, u64>,
    commands: u64,
}

impl Run {
    /// One command with its events, accepted as it is recorded. Hands back its number.
    pub fn accepted(&mut self, events: &[(&'static str, Value)], facts: Vec<Fact>) -> u64 {
        let number = self.recorded(events);
        let position = i64::try_from(self.rows.len()).ok();
        self.answered(number, Outcome::Accepted { position, facts });
        number
    }

    pub fn answered(&mut self, number: u64, outcome: Outcome) {
        self.journal.push(Entry { number, what: "a test", sent: 1, at: Duration::ZERO, outcome });
    }

    /// One command with its events, of which nobody was told.
    pub fn recorded(&mut self, events: &[(&'static str, Value)]) -> u64 {
        self.commands += 1;
        for (kind, payload) in events {
            self.event(Uuid::from_u128(u128::from(self.commands)), kind, payload);
        }
        self.commands
    }

    /// One event of a command.
    pub fn event(&mut self, command: Uuid, kind: &str, payload: &Value) {
        let next = i64::try_from(self.rows.len()).unwrap() + 1;
        self.rows.push(Row {
            position: next,
            stream_type: "show".to_owned(),
            stream: SHOW,
            version: next,
            kind: kind.to_owned(),
            schema: 1,
            payload: payload.to_string(),
            actor: "admin".to_owned(),
            device: None,
            channel: Some("box_office".to_owned()),
            command,
            request_hmac: Some(vec![7; 32]),
            correlation: command,
            causation: None,
            content_hash: Vec::new(),
            recorded_micros: i64::try_from(command.as_u128()).unwrap(),
        });
        self.hash_anew(next);
    }

    /// Makes the hash of a row right, for tampering with its content alone.
    pub fn hash_anew(&mut self, position: i64) {
        let row = &mut self.rows[usize::try_from(position - 1).unwrap()];
        row.content_hash = row.hash_of_content().to_vec();
    }

    /// What the check finds, each kind once.
    pub fn found(&self) -> Vec<Kind> {
        let mut check = Check::default();
        for row in &self.rows {
            check.take(row);
        }
        compare(&mut check, &self.journal, &self.typed);
        let told: Vec<_> = check.wrongs.told().collect();
        println!("{told:?}");
        Kind::ALL.into_iter().filter(|kind| check.wrongs.count(*kind) > 0).collect()
    }
}

/// The show, published, with one area that lets people back in after an exit and a lounge for two.
pub fn show() -> Run {
    let mut run = Run::default();
    let seats = ["1", "2", "3", "4"].map(|seat| json!({ "seat": seat }));
    let sections =
        json!([{ "name": "Stalls", "rows": [{ "label": "A", "seats": seats }] }, { "name": "Floor", "capacity": 5 }]);
    let terms = |pools: Value, persons: u32| json!({ "name": "Type", "pools": pools, "capacity": null, "persons": persons, "entries": 1 });
    let areas = json!([
        { "name": "main", "limit": null, "reentry": "after_exit", "per": "show" },
        { "name": "lounge", "limit": 2, "reentry": "always", "per": "show" },
    ]);
    run.accepted(&[("ShowScheduled", json!({}))], vec![("ShowScheduled", SHOW)]);
    run.accepted(&[("SeatingAdopted", json!({ "sections": sections }))], vec![("SeatingAdopted", SHOW)]);
    run.accepted(&[("PoolAdded", json!({ "pool": POOL, "capacity": 3 }))], vec![("PoolAdded", POOL)]);
    for (kind, pools, persons) in [(SEAT_TYPE, json!([]), 1), (FLOOR_TYPE, json!([POOL]), 2)] {
        let added = json!({ "ticket_type": kind, "terms": terms(pools, persons) });
        run.accepted(&[("TicketTypeAdded", added)], vec![("TicketTypeAdded", kind)]);
    }
    run.accepted(&[("DoorSet", json!({ "areas": areas }))], vec![("DoorSet", SHOW)]);
    run
}

/// A line of an order or an item of a hold: a seat, or two people on the floor.
pub fn line(seat: Option<&str>) -> Value {
    match seat {
        Some(seat) => {
            json!({ "ticket_type": SEAT_TYPE, "persons": 1, "places": [{ "section": "Stalls", "seat": seat }] })
        }
        None => {
            json!({ "ticket_type": FLOOR_TYPE, "persons": 2, "places": [{ "section": "Floor", "seat": null, "persons": 2 }] })
        }
    }
}

/// The events of a sale from nothing to a ticket, and what its answer names. `order` and `ticket` are numbers of ids.
pub fn sale(order: u128, ticket: u128, seat: Option<&str>) -> (Vec<(&'static str, Value)>, Vec<Fact>) {
    let (order, ticket) = (id(order), id(ticket));
    let mut issued = line(seat);
    issued["ticket"] = json!(ticket);
    issued["order"] = json!(order);
    issued["short_code"] = json!(ticket.to_string());
    let placed = json!({ "order": order, "hold": null, "customer": order, "lines": [line(seat)] });
    let paid = json!({ "payment": id(order.as_u128()), "order": order });
    let events = vec![("OrderPlaced", placed), ("PaymentRecorded", paid), ("TicketIssued", issued)];
    (events, vec![("OrderPlaced", order), ("TicketIssued", ticket)])
}

/// A scan of a ticket into an area.
pub fn admitted(scan: u128, ticket: u128, area: &str, seat: bool) -> (&'static str, Value) {
    let ticket_type = if seat { SEAT_TYPE } else { FLOOR_TYPE };
    let persons = if seat { 1 } else { 2 };
    let scan = json!({ "scan": id(scan), "area": area });
    let seen = json!({ "id": id(ticket), "ticket_type": ticket_type });
    ("CheckedIn", json!({ "scan": scan, "ticket": seen, "persons": persons, "returning": 0, "day": null }))
}

/// The show with sales and scans, nothing wrong with it.
pub fn sold() -> Run {
    let mut run = show();
    for (order, ticket, seat) in [(10, 11, Some("Stalls-A-1")), (20, 21, Some("Stalls-A-2")), (30, 31, None)] {
        let (events, facts) = sale(order, ticket, seat);
        let number = run.accepted(&events, facts);
        run.typed.insert(id(order), number);
    }
    let (hold, items) = (id(40), json!([line(Some("Stalls-A-3"))]));
    run.accepted(&[("HoldPlaced", json!({ "hold": hold, "items": items }))], vec![("HoldPlaced", hold)]);
    run.recorded(&[("HoldExpired", json!({ "hold": hold, "items": items }))]);
    run.accepted(&[admitted(50, 11, "main", true)], vec![("CheckedIn", id(50))]);
    run
}

#[test]
fn a_log_as_it_should_be_has_nothing_wrong() {
    assert_eq!(sold().found(), []);
}
