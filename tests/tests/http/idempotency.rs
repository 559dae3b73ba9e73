//! Once: the same key has the same answer and no second effect, for ever.

use black_box::{Server, Show, fixed_uuid, shared, show_body};
use futures::future::join_all;
use serde_json::json;

#[tokio::test]
async fn the_same_key_has_the_same_answer_and_no_second_effect() {
    let staff = shared();
    let (show, floor) = Show::standing(&staff, "Once", 10, json!({})).await;
    let body = json!({
        "items": [{ "ticket_type": floor, "quantity": 2 }],
        "customer": { "name": "Once Only", "email": "once@example.org" },
        "payment": { "method": "cash", "reference": "till 3" },
    });
    let first = staff.post(&show.path("/tickets"), &body).key("sale-1").expect(201).await;
    let second = staff.post(&show.path("/tickets"), &body).key("sale-1").expect(201).await;
    assert_eq!(first.json, second.json, "also short codes and tokens");
    assert_eq!(first.position(), second.position());
    assert_eq!(show.recorded("TicketIssued").await.len(), 2);
}

#[tokio::test]
async fn many_with_one_key_at_once_take_effect_once() {
    let staff = shared();
    let (show, floor) = Show::standing(&staff, "Once at once", 10, json!({})).await;
    let body = json!({ "items": [{ "ticket_type": floor, "quantity": 1 }], "payment": { "method": "cash" } });
    let answers =
        join_all((0..24).map(|_| staff.post(&show.path("/tickets"), &body).key("impatient").expect(201))).await;
    assert!(answers.iter().all(|answer| answer.json == answers[0].json));
    assert_eq!(show.recorded("TicketIssued").await.len(), 1);
}

#[tokio::test]
async fn the_same_key_with_another_body_is_422() {
    let staff = shared();
    let (show, floor) = Show::standing(&staff, "Another body", 10, json!({})).await;
    let sale = |quantity: u32| json!({ "items": [{ "ticket_type": floor, "quantity": quantity }], "payment": { "method": "cash" } });
    staff.post(&show.path("/tickets"), &sale(1)).key("k").expect(201).await;
    staff.post(&show.path("/tickets"), &sale(2)).key("k").problem(422, "idempotency_key_reused").await;
    assert_eq!(show.recorded("TicketIssued").await.len(), 1);
    // The scope is caller, method and path: elsewhere the key is free.
    let (other, other_floor) = Show::standing(&staff, "Another show", 10, json!({})).await;
    let body = json!({ "items": [{ "ticket_type": other_floor, "quantity": 2 }], "payment": { "method": "cash" } });
    staff.post(&other.path("/tickets"), &body).key("k").expect(201).await;
}

#[tokio::test]
async fn a_show_is_made_once_however_often_it_is_sent() {
    let staff = shared();
    let body = show_body("Made once", &json!({}));
    let key = "a-show-is-made-once";
    let first = staff.post("/shows", &body).key(key).expect(201).await;
    let second = staff.post("/shows", &body).key(key).expect(201).await;
    assert_eq!(first.json, second.json);
    let reused = show_body("Made twice", &json!({}));
    staff.post("/shows", &reused).key(key).problem(422, "idempotency_key_reused").await;
    let without_key = staff.post("/shows", &body).expect(201).await;
    assert_ne!(without_key["id"], first["id"], "without a key every request is new");
}

#[tokio::test]
async fn a_key_without_credentials_is_a_uuid_and_its_scope_is_the_show_and_the_path() {
    let staff = shared();
    let (show, floor) = Show::standing(&staff, "Anonymous keys", 10, json!({})).await;
    let body = json!({ "items": [{ "ticket_type": floor, "quantity": 1 }] });
    let path = show.path("/holds");
    show.anyone.post(&path, &body).key("guessable").problem(422, "invalid").await;
    let key = fixed_uuid(1).to_string();
    let first = show.anyone.post(&path, &body).key(&key).expect(201).await;
    let second = show.anyone.post(&path, &body).key(&key).expect(201).await;
    assert_eq!(first.json, second.json, "the secret, too, is shown again");
    assert_eq!(show.recorded("HoldPlaced").await.len(), 1);
}

#[tokio::test]
async fn a_key_is_visible_characters_and_at_most_255_of_them() {
    let staff = shared();
    let (show, floor) = Show::standing(&staff, "Keys", 10, json!({})).await;
    let body = json!({ "items": [{ "ticket_type": floor, "quantity": 1 }], "payment": { "method": "cash" } });
    staff.post(&show.path("/tickets"), &body).key(&"k".repeat(255)).expect(201).await;
    staff.post(&show.path("/tickets"), &body).key(&"k".repeat(256)).problem(422, "invalid").await;
    staff.post(&show.path("/tickets"), &body).key("two words").problem(422, "invalid").await;
}

#[tokio::test]
async fn a_rejected_command_leaves_no_trace_and_its_key_is_decided_anew() {
    let staff = shared();
    let (show, floor) = Show::standing(&staff, "Decided anew", 1, json!({})).await;
    let sold = show.sell_one(&floor).await;
    let body = json!({ "items": [{ "ticket_type": floor, "quantity": 1 }], "payment": { "method": "cash" } });
    staff.post(&show.path("/tickets"), &body).key("second").problem(409, "sold_out").await;
    let void = show.path(&format!("/tickets/{}/void", sold["id"].as_str().expect("an id")));
    staff.post(&void, &json!({ "reason": "Returned" })).expect(200).await;
    staff.post(&show.path("/tickets"), &body).key("second").expect(201).await;
}

#[tokio::test]
async fn an_order_is_placed_once_with_its_key_and_shows_its_secret_again() {
    let staff = shared();
    let (show, floor) = Show::standing(&staff, "Order once", 10, json!({})).await;
    let held = show.hold(json!([{ "ticket_type": floor, "quantity": 1 }])).await;
    let buyer = show.anyone.with_bearer(&held.text("secret"));
    let body = json!({ "hold": held["id"], "customer": { "name": "Order Once", "email": "order@example.org" } });
    let first = buyer.post(&show.path("/orders"), &body).key("order-1").expect(201).await;
    let second = buyer.post(&show.path("/orders"), &body).key("order-1").expect(201).await;
    assert_eq!(first.json, second.json);
    assert_eq!(show.recorded("OrderPlaced").await.len(), 1);
    buyer.post(&show.path("/orders"), &body).key("order-2").problem(409, "hold_used").await;
}

#[tokio::test]
async fn a_repeat_has_the_first_answer_also_after_the_server_was_killed() {
    let mut server = Server::start();
    let (show, floor) = Show::standing(&server.staff(), "Before the crash", 10, json!({})).await;
    let body = json!({
        "items": [{ "ticket_type": floor, "quantity": 1 }],
        "customer": { "name": "Before Crash", "email": "before@example.org" },
        "payment": { "method": "cash" },
    });
    let first = show.staff.post(&show.path("/tickets"), &body).key("k").expect(201).await;
    server.kill();
    server.restart();
    let again = server.staff().post(&show.path("/tickets"), &body).key("k").expect(201).await;
    assert_eq!(first.json, again.json);
}
