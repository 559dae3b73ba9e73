//! Devices of the door: paired once by a code, bound to shows and gates, named in every scan, refused once revoked.

use black_box::{Client, Show, assert_fields, issue_key, pair, shared};
use futures::future::join_all;
use serde_json::{Value, json};

/// A show with two areas and gates, and a ticket type for both.
async fn show(name: &str) -> (Show, String) {
    let owner = shared();
    let made = owner.post("/organizations", &json!({ "name": name })).expect(201).await;
    let show = Show::draft(&owner.in_organization(&made.text("id")), name, json!({})).await;
    show.seating(json!([{ "name": "Floor", "capacity": 100 }])).await;
    let ticket_type = show.ticket_type(json!({ "name": "Standing", "price": 2500 })).await;
    let areas = json!([{ "name": "Hall", "reentry": "after_exit", "per": "show" }, { "name": "Bar", "reentry": "after_exit", "per": "show" }]);
    let gates = json!([{ "name": "North", "area": "Hall" }, { "name": "South", "area": "Hall" }, { "name": "Counter", "area": "Bar" }]);
    show.door(json!({ "areas": areas, "gates": gates })).await;
    show.publish().await;
    (show, ticket_type)
}

async fn scan(device: &Client, show: &Show, body: Value) -> black_box::Answer {
    device.post(&show.path("/check-ins"), &body).expect(200).await
}

#[tokio::test]
async fn a_pairing_works_once_and_is_told_once() {
    let (show, _) = show("Pairing").await;
    let body = json!({ "name": "North gate 1", "shows": [show.id], "gates": ["North"] });
    let offered = show.staff.post("/devices/pairings", &body).key("a-pairing").expect(201).await;
    assert_fields(&offered.json, &["pairing", "expires_at"]);
    let token = offered.text("pairing");
    assert!(token.starts_with("tp_") && token.len() == 25, "short enough for a small code: {token}");
    let again = show.staff.post("/devices/pairings", &body).key("a-pairing").expect(201).await;
    assert_eq!((&again["pairing"], &again["expires_at"]), (&Value::Null, &offered["expires_at"]));
    assert_eq!(show.staff.get("/devices").expect(200).await["items"], json!([]), "an offer is no device");

    // Of ten that found the code together one is paired.
    let attempts = (0..10).map(|_| show.anyone.post("/devices", &json!({ "pairing": token })).send());
    let answers = join_all(attempts).await;
    let paired: Vec<_> = answers.iter().filter(|answer| answer.status == 201).collect();
    assert_eq!(paired.len(), 1, "{:?}", answers.iter().map(ToString::to_string).collect::<Vec<_>>());
    assert!(answers.iter().all(|answer| answer.status == 201 || answer["code"] == "pairing_used"));
    assert_fields(&paired[0].json, &["device", "token", "name", "shows", "gates", "may_override"]);
    assert_eq!((&paired[0]["name"], &paired[0]["gates"]), (&json!("North gate 1"), &json!(["North"])));
    show.anyone.post("/devices", &json!({ "pairing": token })).problem(409, "pairing_used").await;

    for unknown in ["tp_AAAAAAAAAAAAAAAAAAAAAA", "tp_", "", "x", &token[1..], &paired[0].text("token")] {
        let answer = show.anyone.post("/devices", &json!({ "pairing": unknown })).problem(422, "invalid").await;
        assert_eq!(answer.pointers(), ["/pairing"]);
    }
    let history = show.staff.get("/history?type=DevicePaired").expect(200).await;
    assert!(history["items"][0]["sentence"].as_str().is_some_and(|told| told.starts_with("The device North gate 1 ")));
    for hidden in ["tp_", "td_"] {
        assert!(!history.text.contains(hidden), "{hidden} in {history}");
    }
    assert!(!history["items"][0]["payload"].to_string().contains("North gate 1"));
}

#[tokio::test]
async fn a_lost_answer_to_a_pairing_is_given_again_without_the_token() {
    let (show, _) = show("Lost").await;
    let body = json!({ "name": "Device", "shows": [show.id] });
    let offered = show.staff.post("/devices/pairings", &body).expect(201).await;
    let pairing = json!({ "pairing": offered.text("pairing") });
    let key = black_box::fixed_uuid(77_001).to_string();
    let first = show.anyone.post("/devices", &pairing).key(&key).expect(201).await;
    let again = show.anyone.post("/devices", &pairing).key(&key).expect(201).await;
    assert_eq!((&again["device"], &again["token"]), (&first["device"], &Value::Null));
    assert_eq!(show.staff.get("/devices").expect(200).await["items"].as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn a_pairing_names_shows_and_gates_that_there_are() {
    let (show, _) = show("Names").await;
    for (body, pointer) in [
        (json!({ "name": "Device", "shows": [] }), "/shows"),
        (json!({ "name": "Device", "shows": [black_box::fixed_uuid(1).to_string()] }), "/shows/0"),
        (json!({ "name": "Device", "shows": [show.id], "gates": ["North", "West"] }), "/gates/1"),
        (json!({ "name": "", "shows": [show.id] }), "/name"),
        (json!({ "shows": [show.id] }), "/name"),
    ] {
        let answer = show.staff.post("/devices/pairings", &body).problem(422, "invalid").await;
        assert_eq!(answer.pointers(), [pointer], "{body}: {answer}");
    }
}

#[tokio::test]
async fn a_device_is_at_its_gate_by_default_and_at_no_other() {
    let (show, standing) = show("Gates").await;
    let (paired, device) = pair(&show, "North 1", json!({ "gates": ["North"] })).await;
    let me = device.get("/me").expect(200).await;
    assert_eq!(
        (&me["role"], &me["device"]["gates"], &me["shows"]),
        (&json!("door"), &json!(["North"]), &json!([show.id]))
    );
    assert_eq!((&me["device"]["id"], &me["name"]), (&paired["device"], &json!("North 1")));

    let ticket = show.sell_one(&standing).await;
    let admitted = scan(&device, &show, json!({ "ticket": ticket["id"] })).await;
    assert_eq!(admitted["result"], "admitted", "its own gate, unasked: {admitted}");
    let again = scan(&device, &show, json!({ "ticket": ticket["id"] })).await;
    assert_eq!((&again["reason"], &again["previous"]["gate"]), (&json!("already_checked_in"), &json!("North")));
    assert_eq!(again["previous"]["device"], paired["device"], "every scan says which device: {again}");
    scan(&device, &show, json!({ "ticket": ticket["id"], "gate": "North" })).await;
    for body in [
        json!({ "ticket": ticket["id"], "gate": "South" }),
        json!({ "ticket": ticket["id"], "gate": "Counter" }),
        json!({ "ticket": ticket["id"], "area": "Bar" }),
    ] {
        device.post(&show.path("/check-ins"), &body).problem(403, "forbidden").await;
    }
    let head = show.head().await;
    let of_device =
        show.staff.get(&format!("/history?device={}", paired.text("device"))).at_position(head).expect(200).await;
    let events = of_device["items"].as_array().expect("items");
    assert_eq!(events.len(), 3, "{of_device}");
    for event in events {
        assert_eq!(event["device"], paired["device"]);
        assert_eq!(event["actor"], format!("device:{}", paired.text("device")));
    }
    // Two gates: one has to be named. None: any.
    let (_, both) = pair(&show, "Hall", json!({ "gates": ["North", "South"] })).await;
    both.post(&show.path("/check-ins"), &json!({ "ticket": ticket["id"] })).problem(422, "invalid").await;
    scan(&both, &show, json!({ "ticket": ticket["id"], "gate": "South" })).await;
    let (_, free) = pair(&show, "Anywhere", json!({})).await;
    scan(&free, &show, json!({ "ticket": ticket["id"], "gate": "Counter" })).await;
}

#[tokio::test]
async fn a_device_overrides_only_where_it_may() {
    let (show, standing) = show("Overrides").await;
    let (_, strict) = pair(&show, "Strict", json!({ "gates": ["North"] })).await;
    let (_, trusted) = pair(&show, "Trusted", json!({ "gates": ["North"], "may_override": true })).await;
    let ticket = show.sell_one(&standing).await;
    assert_eq!(scan(&strict, &show, json!({ "ticket": ticket["id"] })).await["result"], "admitted");
    let refused = scan(&strict, &show, json!({ "ticket": ticket["id"] })).await;
    assert_eq!(refused["result"], "refused", "{refused}");
    let anyway = json!({ "ticket": ticket["id"], "override": { "reason": "Lost in the crowd" } });
    strict.post(&show.path("/check-ins"), &anyway).problem(403, "forbidden").await;
    let admitted = scan(&trusted, &show, anyway).await;
    assert_eq!(admitted["result"], "admitted", "{admitted}");
    let batch = json!({ "scans": [{ "ticket": ticket["id"], "override": { "reason": "Lost again" } }] });
    let answer = strict.post(&show.path("/check-ins/batch"), &batch).send().await;
    assert!(!answer.text.contains("\"admitted\""), "nor in a batch: {answer}");
}

#[tokio::test]
async fn only_the_same_device_or_a_manager_takes_a_look_back() {
    let (show, standing) = show("Undo").await;
    let (_, one) = pair(&show, "One", json!({ "gates": ["North"] })).await;
    let (_, other) = pair(&show, "Other", json!({ "gates": ["North"] })).await;
    let reason = json!({ "reason": "Slipped" });
    for by_manager in [false, true] {
        let ticket = show.sell_one(&standing).await;
        let scanned = scan(&one, &show, json!({ "ticket": ticket["id"] })).await;
        let undo = show.path(&format!("/check-ins/{}/undo", scanned.text("scan")));
        other.post(&undo, &reason).problem(403, "forbidden").await;
        if by_manager {
            show.staff.post(&undo, &reason).expect(200).await;
        } else {
            one.post(&undo, &reason).expect(200).await;
        }
        other.post(&undo, &reason).send().await;
        assert_eq!(scan(&other, &show, json!({ "ticket": ticket["id"] })).await["result"], "admitted");
    }
}

#[tokio::test]
async fn a_device_reaches_its_shows_alone_and_nothing_else() {
    let (own, _) = show("Reach").await;
    let (other, floor) = Show::standing(&own.staff, "Reach next door", 5, json!({})).await;
    let (_, device) = pair(&own, "Reach", json!({})).await;
    let ticket = other.sell_one(&floor).await;
    device.post(&other.path("/check-ins"), &json!({ "ticket": ticket["id"] })).problem(404, "not_found").await;
    device.get(&other.path("/door-list")).problem(404, "not_found").await;
    device.get(&own.path("/door-list")).expect(200).await;
    for path in ["/devices", "/api-keys", "/members", "/history", "/settings", "/sessions"] {
        device.get(path).problem(403, "forbidden").await;
    }
    device.get(&own.path("/orders")).problem(403, "forbidden").await;
}

#[tokio::test]
async fn a_revoked_device_is_refused_and_its_scans_stay() {
    let (show, standing) = show("Revoked").await;
    let (_, seller) = issue_key(&show.staff, "seller", json!({})).await;
    let (paired, device) = pair(&show, "Lost phone", json!({ "gates": ["North"] })).await;
    let listed = seller.get("/devices").expect(200).await;
    assert_fields(&listed["items"][0], &["id", "name", "shows", "gates", "may_override", "paired_at", "last_seen_at"]);
    assert_eq!(
        (&listed["items"][0]["name"], &listed["items"][0]["last_seen_at"]),
        (&json!("Lost phone"), &Value::Null)
    );
    let ticket = show.sell_one(&standing).await;
    let scanned = scan(&device, &show, json!({ "ticket": ticket["id"] })).await;
    assert!(seller.get("/devices").expect(200).await["items"][0]["last_seen_at"].is_string(), "it was heard of");

    let path = format!("/devices/{}", paired.text("device"));
    seller.delete(&path).expect(204).await;
    device.get("/me").problem(401, "unauthenticated").await;
    device.post(&show.path("/check-ins"), &json!({ "ticket": ticket["id"] })).problem(401, "unauthenticated").await;
    device.post(&show.path("/check-ins/batch"), &json!({ "scans": [] })).problem(401, "unauthenticated").await;
    assert_eq!(seller.get("/devices").expect(200).await["items"], json!([]));
    seller.delete(&path).expect(204).await;
    let revoked = show.staff.get("/history?type=DeviceRevoked").expect(200).await;
    assert_eq!(revoked["items"].as_array().map(Vec::len), Some(1), "revoking twice is one event");

    // A newer device can neither take it back nor hide it.
    let (_, newer) = pair(&show, "New phone", json!({ "gates": ["North"] })).await;
    let again = scan(&newer, &show, json!({ "ticket": ticket["id"] })).await;
    assert_eq!((&again["reason"], &again["previous"]["device"]), (&json!("already_checked_in"), &paired["device"]));
    let undo = show.path(&format!("/check-ins/{}/undo", scanned.text("scan")));
    newer.post(&undo, &json!({ "reason": "Not mine" })).problem(403, "forbidden").await;
}
