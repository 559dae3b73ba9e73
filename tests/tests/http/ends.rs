//! What ends by time: recorded within a second when nobody asks, also after a restart, and never in the wrong order.

use std::time::Duration;

use black_box::{Recorded, Server, Show, eventually, shared};
use serde_json::json;

/// Read from the history of the whole organization, which makes no desk of the show look at its holds.
async fn ended(show: &Show, kind: &str) -> Recorded {
    eventually(Duration::from_secs(20), kind, async || show.recorded(kind).await.into_iter().next()).await
}

/// Seconds from one RFC 3339 time in UTC to another of about the same day; days and months are not looked at.
fn seconds_between(earlier: &str, later: &str) -> f64 {
    let seconds = |time: &str| -> f64 {
        let clock = time.split('T').nth(1).expect("a time").trim_end_matches('Z');
        clock.split(':').fold(0.0, |sum, part| sum * 60.0 + part.parse::<f64>().expect("digits"))
    };
    (seconds(later) - seconds(earlier) + 86_400.0) % 86_400.0
}

#[tokio::test]
async fn a_holds_end_is_recorded_within_a_second_when_nobody_asks() {
    let (show, floor) = Show::standing(&shared(), "Lapsing", 2, json!({ "hold_seconds": 2 })).await;
    let held = show.hold(json!([{ "ticket_type": floor, "quantity": 2 }])).await;
    let expired = ended(&show, "HoldExpired").await;
    let late = seconds_between(&held.text("expires_at"), &expired.recorded_at);
    assert!(late <= 1.0, "recorded {late} s after the hold's end");
    let availability = show.seen("/availability", expired.position).await;
    assert_eq!(availability["ticket_types"][0]["available"], 2, "{availability}");
}

#[tokio::test]
async fn a_lapsed_hold_is_expired_for_ever() {
    let (show, floor) = Show::standing(&shared(), "Lapsed", 2, json!({ "hold_seconds": 1 })).await;
    let held = show.hold(json!([{ "ticket_type": floor, "quantity": 2 }])).await;
    ended(&show, "HoldExpired").await;
    let holder = show.anyone.with_bearer(&held.text("secret"));
    let body = json!({ "hold": held["id"], "customer": { "name": "Too Late", "email": "late@example.org" } });
    holder.post(&show.path("/orders"), &body).problem(409, "hold_expired").await;
    let path = show.path(&format!("/holds/{}", held.text("id")));
    holder.post(&format!("{path}/extend"), &json!({})).problem(409, "hold_expired").await;
    let others = show.hold(json!([{ "ticket_type": floor, "quantity": 2 }])).await;
    assert_ne!(others["id"], held["id"]);
    holder.post(&show.path("/orders"), &body).problem(409, "hold_expired").await;
}

#[tokio::test]
async fn what_is_past_its_end_is_ended_first_in_the_log_too() {
    let (show, floor) = Show::standing(&shared(), "Ended first", 1, json!({ "hold_seconds": 1 })).await;
    show.hold(json!([{ "ticket_type": floor, "quantity": 1 }])).await;
    let body = json!({ "items": [{ "ticket_type": floor, "quantity": 1 }] });
    // Impatient: asks until the first hold has lapsed.
    eventually(Duration::from_secs(20), "the place is free again", async || {
        let answer = show.anyone.post(&show.path("/holds"), &body).send().await;
        assert!(answer.status == 201 || answer["code"] == "sold_out", "{answer}");
        (answer.status == 201).then_some(())
    })
    .await;
    let kinds: Vec<String> = show.history().await.into_iter().map(|event| event.kind).collect();
    let place = |kind: &str| kinds.iter().position(|recorded| recorded == kind).expect("recorded");
    let second = kinds.iter().enumerate().filter(|(_, kind)| *kind == "HoldPlaced").nth(1).expect("two holds").0;
    assert!(place("HoldExpired") < second, "no step of the log oversold: {kinds:?}");
}

#[tokio::test]
async fn an_unpaid_order_ends_and_its_seats_are_free() {
    let (show, seat) = Show::seated(&shared(), "Unpaid", 1, 2, json!({ "pay_within_seconds": 2 })).await;
    let held = show.hold(json!([{ "ticket_type": seat, "seats": ["Stalls-1-1"] }])).await;
    let buyer = show.anyone.with_bearer(&held.text("secret"));
    let body = json!({ "hold": held["id"], "customer": { "name": "Never Pays", "email": "never@example.org" } });
    let ordered = buyer.post(&show.path("/orders"), &body).expect(201).await;
    let expired = ended(&show, "OrderExpired").await;
    let late = seconds_between(&ordered.text("expires_at"), &expired.recorded_at);
    assert!(late <= 1.0, "recorded {late} s after the order's end");
    let seats = show.seen("/seats", expired.position).await;
    assert_eq!(seats["seats"], json!({}));
    let shown =
        show.staff.get(&format!("/orders/{}", ordered.text("id"))).at_position(expired.position).expect(200).await;
    assert_eq!(shown["status"], "expired");
    let pay = show.path(&format!("/orders/{}/payments", ordered.text("id")));
    show.staff.post(&pay, &json!({ "method": "cash", "amount": 4000 })).problem(409, "order_not_payable").await;
}

#[tokio::test]
async fn a_holds_end_that_fell_into_an_outage_is_recorded_after_the_restart() {
    let mut server = Server::start();
    let (show, floor) = Show::standing(&server.staff(), "Outage", 2, json!({ "hold_seconds": 1 })).await;
    let held = show.hold(json!([{ "ticket_type": floor, "quantity": 2 }])).await;
    assert_eq!(held.status, 201);
    server.kill();
    server.restart();
    let show = Show { staff: server.staff(), anyone: server.anyone(), id: show.id };
    ended(&show, "HoldExpired").await;
}

#[tokio::test]
async fn sales_open_and_close_by_their_window_and_the_etag_tells() {
    let show = Show::draft(&shared(), "Window", json!({ "sales": { "opens_at": "2040-01-01T00:00:00Z" } })).await;
    show.seating(json!([{ "name": "Floor", "capacity": 5 }])).await;
    let floor = show.ticket_type(json!({ "name": "Standing", "price": 100 })).await;
    let published = show.publish().await;
    let availability = show.anyone.get(&show.path("/availability")).at_position(published.position()).expect(200).await;
    assert_eq!(availability["on_sale"], false);
    let body = json!({ "items": [{ "ticket_type": floor, "quantity": 1 }] });
    show.anyone.post(&show.path("/holds"), &body).problem(409, "not_on_sale").await;
    // Staff are not bound by the window.
    show.sell_one(&floor).await;
    let opened = show.staff.patch(&show.path(""), &json!({ "sales": null })).expect(200).await;
    let after = show.anyone.get(&show.path("/availability")).at_position(opened.position()).expect(200).await;
    assert_eq!(after["on_sale"], true);
    assert_ne!(after.etag(), availability.etag());
    show.hold(json!([{ "ticket_type": floor, "quantity": 1 }])).await;
}
