//! Tickets after their sale: codes, voiding, reissue, moves, names, transfers, complimentary ones.

use std::collections::HashSet;

use black_box::{Show, assert_has_fields, shared};
use serde_json::{Value, json};

fn id(ticket: &Value) -> &str {
    ticket["id"].as_str().expect("an id")
}

#[tokio::test]
async fn no_two_codes_differ_in_one_digit_only_while_a_tenth_is_used() {
    let (show, floor) = Show::standing(&shared(), "Codes", 100, json!({})).await;
    let mut codes: Vec<String> = Vec::new();
    for _ in 0..10 {
        let sold = show.sell(json!([{ "ticket_type": floor, "quantity": 10 }])).await;
        for ticket in sold["tickets"].as_array().expect("tickets") {
            codes.push(ticket["short_code"].as_str().expect("a code").to_owned());
        }
    }
    assert_eq!(codes.iter().collect::<HashSet<_>>().len(), 100);
    for (index, one) in codes.iter().enumerate() {
        assert_eq!(one.len(), 3, "100 tickets leave nine codes in ten of 1,000 unused");
        for other in &codes[index + 1..] {
            let differing = one.bytes().zip(other.bytes()).filter(|(a, b)| a != b).count();
            assert!(differing > 1, "{one} and {other}");
        }
    }
    let mut sorted = codes.clone();
    sorted.sort_unstable();
    assert_ne!(sorted, codes, "they cannot be counted through");
}

#[tokio::test]
async fn a_full_space_of_codes_is_told() {
    // 1,000 codes of three digits; each sale voids its tickets, whose codes stay theirs for ever.
    let (show, floor) = Show::standing(&shared(), "Codes run out", 100, json!({ "code_length": 3 })).await;
    for _ in 0..10 {
        let sold = show.sell(json!([{ "ticket_type": floor, "quantity": 100 }])).await;
        let cancel = show.path(&format!("/orders/{}/cancel", sold.text("order")));
        show.staff.post(&cancel, &json!({ "reason": "Again" })).expect(200).await;
    }
    let body = json!({ "items": [{ "ticket_type": floor, "quantity": 1 }], "payment": { "method": "cash" } });
    show.staff.post(&show.path("/tickets"), &body).problem(409, "codes_exhausted").await;
}

#[tokio::test]
async fn a_ticket_is_shown_with_every_field() {
    let (show, seat) = Show::seated(&shared(), "Shown", 1, 5, json!({})).await;
    let sold = show
        .staff
        .post(
            &show.path("/tickets"),
            &json!({
                "items": [{ "ticket_type": seat, "seats": ["Stalls-1-3"] }],
                "customer": { "name": "Shown Person", "email": "shown@example.org" },
                "payment": { "method": "cash" },
            }),
        )
        .expect(201)
        .await;
    let ticket = &sold["tickets"][0];
    let shown = show.staff.get(&format!("/tickets/{}", id(ticket))).at_position(sold.position()).expect(200).await;
    assert_has_fields(
        &shown.json,
        &["id", "order", "short_code", "ticket_type", "seat", "status", "persons", "holder", "admitted"],
    );
    assert_eq!(shown["order"], sold["order"]);
    assert_eq!(shown["short_code"], ticket["short_code"]);
    assert_eq!(
        (&shown["seat"], &shown["status"], &shown["persons"]),
        (&json!("Stalls-1-3"), &json!("valid"), &json!(1))
    );
    let listed = show.seen("/tickets", sold.position()).await;
    for (field, value) in listed["items"][0].as_object().expect("a ticket") {
        assert_eq!(&shown[field.as_str()], value, "`{field}` is the same in the list");
    }
    let found =
        show.seen(&format!("/tickets?q={}", ticket["short_code"].as_str().expect("a code")), sold.position()).await;
    assert_eq!(found["items"][0]["id"], ticket["id"], "{found}");
}

#[tokio::test]
async fn a_ticket_is_voided_once_and_its_place_may_be_kept() {
    let (show, seat) = Show::seated(&shared(), "Voided", 1, 5, json!({})).await;
    let ticket = show.sell_seat(&seat, "Stalls-1-1").await;
    let void = show.path(&format!("/tickets/{}/void", id(&ticket)));
    show.staff.post(&void, &json!({})).problem(422, "invalid").await;
    let voided = show.staff.post(&void, &json!({ "reason": "Broken seat", "keep_place": true })).expect(200).await;
    show.staff.post(&void, &json!({ "reason": "Again" })).problem(409, "already_void").await;
    let seats = show.seen("/seats", voided.position()).await;
    assert_eq!(seats["seats"]["Stalls-1-1"], "blocked", "{seats}");
}

#[tokio::test]
async fn somebody_who_is_inside_is_not_voided_without_a_word() {
    let (show, floor) = Show::standing(&shared(), "Inside", 2, json!({})).await;
    let ticket = show.sell_one(&floor).await;
    show.check_in(json!({ "ticket": ticket["id"] })).await;
    let void = show.path(&format!("/tickets/{}/void", id(&ticket)));
    show.staff.post(&void, &json!({ "reason": "Refund" })).problem(409, "holder_inside").await;
    let voided = show.staff.post(&void, &json!({ "reason": "Refund", "holder_has_left": true })).expect(200).await;
    let availability = show.seen("/availability", voided.position()).await;
    assert_eq!(availability["ticket_types"][0]["available"], 2, "{availability}");
}

#[tokio::test]
async fn a_reissued_tickets_admissions_stay_with_it() {
    let (show, floor) = Show::standing(&shared(), "Reissued", 2, json!({})).await;
    let ticket = show.sell_one(&floor).await;
    show.check_in(json!({ "ticket": ticket["id"] })).await;
    let reissued =
        show.staff.post(&show.path(&format!("/tickets/{}/reissue", id(&ticket))), &json!({})).expect(200).await;
    let shown = show.staff.get(&format!("/tickets/{}", id(&ticket))).at_position(reissued.position()).expect(200).await;
    let scanned = show.check_in(json!({ "short_code": shown["short_code"] })).await;
    assert_eq!(scanned["reason"], "already_checked_in", "{scanned}");
}

#[tokio::test]
async fn a_ticket_moves_to_a_free_seat_of_the_same_price() {
    let show = Show::draft(&shared(), "Moves", json!({})).await;
    show.seating(json!([{ "name": "Hall", "rows": [
        { "label": "1", "seats": [{ "seat": "1", "category": "A" }, { "seat": "2", "category": "A" }, { "seat": "3", "category": "B" }] },
    ] }]))
    .await;
    let adult = show
        .ticket_type(json!({ "name": "Adult", "prices": [{ "category": "A", "price": 2000 }, { "category": "B", "price": 1000 }] }))
        .await;
    show.publish().await;
    let ticket = show.sell_seat(&adult, "Hall-1-1").await;
    let other = show.sell_seat(&adult, "Hall-1-2").await;
    let path = show.path(&format!("/tickets/{}/move", id(&ticket)));
    show.staff.post(&path, &json!({ "seat": "Hall-1-2" })).problem(409, "seat_taken").await;
    show.staff.post(&path, &json!({ "seat": "Hall-1-3" })).problem(409, "price_differs").await;
    show.staff.post(&path, &json!({ "seat": "Hall-9-9" })).problem(409, "unknown_seat").await;
    show.staff
        .post(&show.path(&format!("/tickets/{}/void", id(&other))), &json!({ "reason": "Free the seat" }))
        .expect(200)
        .await;
    let moved = show.staff.post(&path, &json!({ "seat": "Hall-1-2" })).expect(200).await;
    let seats = show.seen("/seats", moved.position()).await;
    assert_eq!(seats["seats"], json!({ "Hall-1-2": "sold" }));
    let scanned = show.check_in(json!({ "short_code": ticket["short_code"] })).await;
    assert_eq!(scanned["ticket"]["seat"], "Hall-1-2", "the code stays: {scanned}");
}

#[tokio::test]
async fn a_holder_is_named_and_code_and_token_stay() {
    let (show, floor) = Show::standing(&shared(), "Named", 2, json!({})).await;
    let ticket = show.sell_one(&floor).await;
    let named = show
        .staff
        .put(&show.path(&format!("/tickets/{}/holder", id(&ticket))), &json!({ "name": "Grace Newname" }))
        .expect(200)
        .await;
    let shown = show.staff.get(&format!("/tickets/{}", id(&ticket))).at_position(named.position()).expect(200).await;
    assert!(shown["holder"].to_string().contains("Grace Newname"), "{shown}");
    assert_eq!(shown["short_code"], ticket["short_code"]);
    let scanned = show.check_in(json!({ "token": ticket["token"] })).await;
    assert_eq!(scanned["result"], "admitted");
    assert!(!scanned.text.contains("Newname"), "the door sees initials by default: {scanned}");
}

#[tokio::test]
async fn a_ticket_is_transferred_until_somebody_was_admitted_with_it() {
    let (show, floor) = Show::standing(&shared(), "Transfers", 2, json!({})).await;
    let ticket = show.sell_one(&floor).await;
    let path = show.path(&format!("/tickets/{}/transfer", id(&ticket)));
    let body = json!({ "customer": { "name": "New Owner", "email": "new.owner@example.org" } });
    let transferred = show.staff.post(&path, &body).expect(200).await;
    let shown =
        show.staff.get(&format!("/tickets/{}", id(&ticket))).at_position(transferred.position()).expect(200).await;
    assert!(shown["holder"].to_string().contains("New Owner"), "{shown}");
    show.check_in(json!({ "ticket": ticket["id"] })).await;
    show.staff.post(&path, &body).problem(409, "already_admitted").await;
}

#[tokio::test]
async fn a_complimentary_ticket_costs_nothing_and_says_why() {
    let (show, floor) = Show::standing(&shared(), "Guests", 2, json!({})).await;
    let items = json!([{ "ticket_type": floor, "quantity": 1 }]);
    let path = show.path("/tickets");
    show.staff.post(&path, &json!({ "items": items })).problem(422, "invalid").await;
    show.staff
        .post(&path, &json!({ "items": items, "payment": { "complimentary": {} } }))
        .problem(422, "invalid")
        .await;
    let given = show
        .staff
        .post(&path, &json!({ "items": items, "payment": { "complimentary": { "reason": "The mayor" } } }))
        .expect(201)
        .await;
    let order =
        show.staff.get(&format!("/orders/{}", given.text("order"))).at_position(given.position()).expect(200).await;
    assert_eq!((&order["status"], &order["due"]["amount"]), (&json!("paid"), &json!(0)), "{order}");
    let scanned = show.check_in(json!({ "short_code": given["tickets"][0]["short_code"] })).await;
    assert_eq!(scanned["result"], "admitted");
}

#[tokio::test]
async fn a_ticket_is_to_be_had_as_a_picture_and_for_the_calendar() {
    let (show, floor) = Show::standing(&shared(), "Kept", 2, json!({})).await;
    let sold = show.sell(json!([{ "ticket_type": floor, "quantity": 1 }])).await;
    let path = format!("/tickets/{}", id(&sold["tickets"][0]));
    let picture = show.staff.get(&format!("{path}/qr.png")).at_position(sold.position()).expect(200).await;
    assert_eq!(picture.header("content-type"), Some("image/png"));
    let calendar = show.staff.get(&format!("{path}/calendar.ics")).at_position(sold.position()).expect(200).await;
    assert!(calendar.header("content-type").is_some_and(|kind| kind.starts_with("text/calendar")));
    assert!(calendar.text.starts_with("BEGIN:VCALENDAR") && calendar.text.contains("DTSTART"), "{calendar}");
    show.anyone.get(&path).problem(401, "unauthenticated").await;
}
