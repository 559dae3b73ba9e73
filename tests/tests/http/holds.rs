//! Holds: which places are kept, for whom, and what they may become.

use black_box::{Show, fixed_uuid, shared};
use serde_json::{Value, json};

fn seats(answer: &Value) -> Vec<&str> {
    answer["items"].as_array().expect("items").iter().filter_map(|item| item["seat"].as_str()).collect()
}

#[tokio::test]
async fn best_seats_adjoin_in_the_front_rows_middle() {
    let (show, seat) = Show::seated(&shared(), "Best seats", 3, 11, json!({})).await;
    let held = show.hold(json!([{ "ticket_type": seat, "quantity": 3 }])).await;
    assert_eq!(seats(&held.json), ["Stalls-1-5", "Stalls-1-6", "Stalls-1-7"]);
    let whole_row = show.hold(json!([{ "ticket_type": seat, "quantity": 9 }])).await;
    let row: Vec<&str> = seats(&whole_row.json);
    assert!(row.iter().all(|seat| seat.starts_with("Stalls-2-")), "the first row that has nine: {row:?}");
}

#[tokio::test]
async fn an_aisle_parts_neighbours() {
    let show = Show::draft(&shared(), "Aisle", json!({})).await;
    show.seating(json!([{ "name": "Stalls", "rows": [
        { "label": "1", "seats": ["1", "2", null, "3", "4", "5"] },
    ] }]))
    .await;
    let seat = show.ticket_type(json!({ "name": "Seat", "price": 1000 })).await;
    show.publish().await;
    let held = show.hold(json!([{ "ticket_type": seat, "quantity": 3 }])).await;
    assert_eq!(seats(&held.json), ["Stalls-1-3", "Stalls-1-4", "Stalls-1-5"]);
}

#[tokio::test]
async fn scattered_seats_are_sold_before_anybody_hears_sold_out() {
    let (show, seat) = Show::seated(&shared(), "Scattered", 3, 3, json!({})).await;
    for taken in ["Stalls-1-2", "Stalls-2-1", "Stalls-2-3", "Stalls-3-2"] {
        show.sell_seat(&seat, taken).await;
    }
    let held = show.hold(json!([{ "ticket_type": seat, "quantity": 5 }])).await;
    let mut found = seats(&held.json);
    found.sort_unstable();
    assert_eq!(found, ["Stalls-1-1", "Stalls-1-3", "Stalls-2-2", "Stalls-3-1", "Stalls-3-3"]);
    let body = json!({ "items": [{ "ticket_type": seat, "quantity": 1 }] });
    show.anyone.post(&show.path("/holds"), &body).problem(409, "sold_out").await;
}

#[tokio::test]
async fn without_a_category_the_lowest_priced_that_has_enough_is_taken_and_all_are_of_one() {
    let show = Show::draft(&shared(), "Categories", json!({})).await;
    let row = |label: &str, category: &str, count: u32| {
        let seats: Vec<Value> =
            (1..=count).map(|seat| json!({ "seat": seat.to_string(), "category": category })).collect();
        json!({ "label": label, "seats": seats })
    };
    show.seating(
        json!([{ "name": "Hall", "rows": [row("1", "Gold", 4), row("2", "Silver", 2), row("3", "Gold", 4)] }]),
    )
    .await;
    let adult = show
        .ticket_type(json!({ "name": "Adult", "prices": [
            { "category": "Gold", "price": 9000 }, { "category": "Silver", "price": 3000 },
        ] }))
        .await;
    show.publish().await;
    let two = show.hold(json!([{ "ticket_type": adult, "quantity": 2 }])).await;
    assert_eq!(seats(&two.json), ["Hall-2-1", "Hall-2-2"]);
    assert_eq!(two["total"], json!({ "amount": 6000, "currency": "EUR" }));
    let three = show.hold(json!([{ "ticket_type": adult, "quantity": 3 }])).await;
    assert!(seats(&three.json).iter().all(|seat| seat.starts_with("Hall-1-")), "{three}");
    assert!(three["items"].as_array().expect("items").iter().all(|item| item["category"] == "Gold"));
}

#[tokio::test]
async fn a_held_seat_is_taken_for_others_and_mine_for_its_holder() {
    let (show, seat) = Show::seated(&shared(), "Mine", 2, 5, json!({})).await;
    let held = show.hold(json!([{ "ticket_type": seat, "seats": ["Stalls-1-1"] }])).await;
    let body = json!({ "items": [{ "ticket_type": seat, "seats": ["Stalls-1-2", "Stalls-1-1"] }] });
    let refused = show.anyone.post(&show.path("/holds"), &body).problem(409, "seat_taken").await;
    assert_eq!(refused.pointers(), ["/items/0/seats/1"], "{refused}");

    let staff = show.seen("/seats", held.position()).await;
    assert_eq!(staff["seats"], json!({ "Stalls-1-1": "held" }));
    let holder = show.anyone.with_bearer(&held.text("secret"));
    let mine = holder.get(&show.path("/seats")).at_position(held.position()).expect(200).await;
    assert_eq!(mine["mine"], json!(["Stalls-1-1"]));
    let public = show.anyone.get(&show.path("/seats")).at_position(held.position()).expect(200).await;
    assert_eq!(public["seats"], json!({ "Stalls-1-1": "taken" }));
    assert_eq!(public["mine"], json!([]));
}

#[tokio::test]
async fn a_hold_is_all_or_nothing() {
    let (show, seat) = Show::seated(&shared(), "All or nothing", 1, 4, json!({})).await;
    show.sell_seat(&seat, "Stalls-1-4").await;
    let body = json!({ "items": [
        { "ticket_type": seat, "seats": ["Stalls-1-1", "Stalls-1-2"] },
        { "ticket_type": seat, "seats": ["Stalls-1-4"] },
    ] });
    let refused = show.anyone.post(&show.path("/holds"), &body).problem(409, "seat_taken").await;
    assert_eq!(refused.pointers(), ["/items/1/seats/0"], "{refused}");
    show.hold(json!([{ "ticket_type": seat, "seats": ["Stalls-1-1", "Stalls-1-2"] }])).await;
}

#[tokio::test]
async fn unknown_and_foreign_seats_are_rejected_by_name() {
    let show = Show::draft(&shared(), "Sections", json!({})).await;
    show.seating(json!([
        { "name": "Left", "rows": [{ "label": "1", "first": 1, "last": 3 }] },
        { "name": "Right", "rows": [{ "label": "1", "first": 1, "last": 3 }] },
    ]))
    .await;
    let left = show.ticket_type(json!({ "name": "Left", "price": 1000, "sections": ["Left"] })).await;
    show.publish().await;
    let hold = |seat: &str| json!({ "items": [{ "ticket_type": left, "seats": [seat] }] });
    let path = show.path("/holds");
    show.anyone.post(&path, &hold("Left-9-9")).problem(409, "unknown_seat").await;
    show.anyone.post(&path, &hold("Right-1-1")).problem(409, "seat_not_in_ticket_type").await;
    let twice = json!({ "items": [{ "ticket_type": left, "seats": ["Left-1-1", "Left-1-1"] }] });
    let refused = show.anyone.post(&path, &twice).send().await;
    assert!([409, 422].contains(&refused.status), "one seat twice in one hold: {refused}");
    let both = json!({ "items": [{ "ticket_type": left, "quantity": 1, "seats": ["Left-1-1"] }] });
    show.anyone.post(&path, &both).problem(422, "invalid").await;
    let none = json!({ "items": [{ "ticket_type": left }] });
    show.anyone.post(&path, &none).problem(422, "invalid").await;
    show.anyone.post(&path, &json!({ "items": [] })).problem(422, "invalid").await;
}

#[tokio::test]
async fn the_public_is_bound_by_max_per_order_and_staff_are_not() {
    let show = Show::draft(&shared(), "Limits", json!({})).await;
    show.seating(json!([{ "name": "Floor", "capacity": 100 }])).await;
    let pair = show.ticket_type(json!({ "name": "Pair", "price": 1000, "min_per_order": 2, "max_per_order": 4 })).await;
    show.publish().await;
    let hold = |quantity: u32| json!({ "items": [{ "ticket_type": pair, "quantity": quantity }] });
    show.anyone.post(&show.path("/holds"), &hold(1)).problem(409, "limit_exceeded").await;
    show.anyone.post(&show.path("/holds"), &hold(5)).problem(409, "limit_exceeded").await;
    show.hold(json!([{ "ticket_type": pair, "quantity": 4 }])).await;
    show.staff.post(&show.path("/holds"), &hold(20)).expect(201).await;
}

#[tokio::test]
async fn a_hold_is_changed_all_or_nothing() {
    let (show, seat) = Show::seated(&shared(), "Changed hold", 1, 6, json!({})).await;
    let held = show.hold(json!([{ "ticket_type": seat, "seats": ["Stalls-1-1", "Stalls-1-2"] }])).await;
    show.sell_seat(&seat, "Stalls-1-6").await;
    let holder = show.anyone.with_bearer(&held.text("secret"));
    let path = show.path(&format!("/holds/{}", held.text("id")));
    let first = held["items"][0]["id"].clone();

    let refused = holder
        .patch(&path, &json!({ "add": [{ "ticket_type": seat, "seats": ["Stalls-1-6"] }], "remove": [first] }))
        .problem(409, "seat_taken")
        .await;
    assert!(refused.pointers()[0].starts_with("/add/0"), "{refused}");
    let changed = holder
        .patch(&path, &json!({ "add": [{ "ticket_type": seat, "seats": ["Stalls-1-3"] }], "remove": [first] }))
        .expect(200)
        .await;
    let seats = show.seen("/seats", changed.position()).await;
    assert_eq!(seats["seats"], json!({ "Stalls-1-2": "held", "Stalls-1-3": "held", "Stalls-1-6": "sold" }), "{seats}");
}

#[tokio::test]
async fn a_hold_is_extended_once_and_released() {
    let (show, floor) = Show::standing(&shared(), "Extended", 10, json!({})).await;
    let held = show.hold(json!([{ "ticket_type": floor, "quantity": 2 }])).await;
    let holder = show.anyone.with_bearer(&held.text("secret"));
    let path = show.path(&format!("/holds/{}", held.text("id")));
    holder.post(&format!("{path}/extend"), &json!({})).expect(200).await;
    let again = holder.post(&format!("{path}/extend"), &json!({})).send().await;
    assert_eq!(again.status, 409, "once: {again}");

    let released = holder.delete(&path).expect(204).await;
    assert_eq!(released.text, "");
    let availability = show.seen("/availability", released.position()).await;
    assert_eq!(availability["ticket_types"][0]["held"], 0, "{availability}");
    let kinds: Vec<String> = show.history().await.into_iter().map(|event| event.kind).collect();
    assert!(kinds.ends_with(&["HoldPlaced".into(), "HoldExtended".into(), "HoldReleased".into()]), "{kinds:?}");
    let body = json!({ "hold": held["id"], "customer": { "name": "Too Late", "email": "late@example.org" } });
    let late = holder.post(&show.path("/orders"), &body).send().await;
    assert_eq!(late.status, 409, "{late}");
}

#[tokio::test]
async fn only_staff_are_told_that_a_hold_never_was() {
    let (show, _) = Show::standing(&shared(), "No such hold", 10, json!({})).await;
    let body =
        json!({ "hold": fixed_uuid(9).to_string(), "customer": { "name": "Nobody", "email": "nobody@example.org" } });
    let refused = show.staff.post(&show.path("/orders"), &body).send().await;
    assert!(
        (refused.status == 409 && refused["code"] == "hold_unknown")
            || (refused.status == 422 && refused.pointers() == ["/hold"]),
        "{refused}"
    );
    show.anyone.post(&show.path("/orders"), &body).problem(401, "unauthenticated").await;
}

#[tokio::test]
async fn blocked_places_are_sold_from_their_block_alone() {
    let (show, seat) = Show::seated(&shared(), "Blocks", 1, 4, json!({})).await;
    let block = show
        .staff
        .post(
            &show.path("/blocks"),
            &json!({ "label": "Sponsors", "kind": "house", "places": [{ "seats": ["Stalls-1-2", "Stalls-1-3"] }] }),
        )
        .expect(201)
        .await;
    black_box::assert_fields(&block.json, &["id"]);
    let seats = show.seen("/seats", block.position()).await;
    assert_eq!(seats["seats"], json!({ "Stalls-1-2": "blocked", "Stalls-1-3": "blocked" }));
    let body = json!({ "items": [{ "ticket_type": seat, "seats": ["Stalls-1-2"] }] });
    show.anyone.post(&show.path("/holds"), &body).problem(409, "seat_blocked").await;

    let from_block = json!({ "items": [{ "ticket_type": seat, "quantity": 1, "from_block": block["id"] }] });
    let refused = show.anyone.post(&show.path("/holds"), &from_block).send().await;
    assert!([401, 403, 422].contains(&refused.status), "only staff sell from blocks: {refused}");
    let held = show.staff.post(&show.path("/holds"), &from_block).expect(201).await;
    let taken = held["items"][0]["seat"].as_str().expect("a seat").to_owned();
    assert!(["Stalls-1-2", "Stalls-1-3"].contains(&taken.as_str()), "{held}");

    let released =
        show.staff.post(&show.path(&format!("/blocks/{}/release", block.text("id"))), &json!({})).expect(200).await;
    let seats = show.seen("/seats", released.position()).await;
    assert_eq!(seats["seats"], json!({ taken: "held" }));
}

#[tokio::test]
async fn standing_places_are_blocked_by_number() {
    let (show, floor) = Show::standing(&shared(), "Blocked floor", 10, json!({})).await;
    let body = json!({ "label": "Guests", "kind": "guest_list", "places": [{ "section": "Floor", "quantity": 8 }] });
    show.staff.post(&show.path("/blocks"), &body).expect(201).await;
    let hold = json!({ "items": [{ "ticket_type": floor, "quantity": 3 }] });
    show.anyone.post(&show.path("/holds"), &hold).problem(409, "sold_out").await;
    show.hold(json!([{ "ticket_type": floor, "quantity": 2 }])).await;
    let more = json!({ "label": "More", "kind": "house", "places": [{ "section": "Floor", "quantity": 1 }] });
    show.staff.post(&show.path("/blocks"), &more).problem(409, "sold_out").await;
}
