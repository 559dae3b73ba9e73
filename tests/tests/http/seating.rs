//! Seating: the places of a show, in our format and in pretix's, and what a plan that is not valid says.

use black_box::{Answer, Show, assert_fields, shared};
use reqwest::Method;
use serde_json::{Value, json};

const PRETIX: &str = "application/vnd.pretix.seating-plan+json";

async fn draft(name: &str) -> Show {
    Show::draft(&shared(), name, json!({})).await
}

async fn put(show: &Show, sections: Value) -> Answer {
    show.staff.put(&show.path("/seating"), &json!({ "sections": sections })).send().await
}

#[tokio::test]
async fn seating_is_written_out_as_adopted() {
    let show = draft("Written out").await;
    let adopted = show
        .seating(json!([
            { "name": "Stalls", "rows": [
                { "label": "1", "first": 1, "last": 3 },
                { "label": "B", "seats": ["7", null, { "seat": "8a", "x": 1.5, "y": -2, "category": "Gold", "features": ["accessible", "companion"] }] },
            ] },
            { "name": "Floor", "capacity": 250 },
        ]))
        .await;
    assert_eq!(adopted.json, json!({ "seats": 5, "standing": 250 }));
    let seating = show.seen("/seating", adopted.position()).await;
    assert_fields(&seating.json, &["sections"]);
    let stalls = &seating["sections"][0];
    assert_eq!(stalls["name"], "Stalls");
    let first = stalls["rows"][0]["seats"].as_array().expect("seats");
    assert_eq!(first.len(), 3);
    assert_fields(&first[0], &["seat", "x", "y", "category", "features"]);
    let second = stalls["rows"][1]["seats"].as_array().expect("seats");
    assert_eq!(second[1], Value::Null, "the aisle");
    assert_eq!((&second[2]["category"], &second[2]["features"]), (&json!("Gold"), &json!(["accessible", "companion"])));
    assert_eq!(second[2]["y"].as_f64(), Some(-2.0));
    assert_eq!(seating["sections"][1], json!({ "name": "Floor", "rows": null, "capacity": 250 }));
}

#[tokio::test]
async fn a_plan_that_is_not_valid_says_where_and_changes_nothing() {
    let show = draft("Not valid").await;
    show.seating(json!([{ "name": "Floor", "capacity": 10 }])).await;
    let row = |seats: Value| json!([{ "name": "Stalls", "rows": [{ "label": "1", "seats": seats }] }]);
    for (sections, pointer) in [
        (row(json!(["1", "2", "1"])), "/sections/0/rows/0/seats/2"),
        (row(json!(["1-2"])), "/sections/0/rows/0/seats/0"),
        (row(json!([""])), "/sections/0/rows/0/seats/0"),
        (row(json!([{ "seat": "1", "features": ["comfortable"] }])), "/sections/0/rows/0/seats/0/features/0"),
        (
            json!([{ "name": "Stalls", "rows": [{ "label": "1-1", "first": 1, "last": 2 }] }]),
            "/sections/0/rows/0/label",
        ),
        (
            json!([{ "name": "Stalls", "rows": [{ "label": "1", "first": 1, "last": 2 }, { "label": "1", "first": 1, "last": 2 }] }]),
            "/sections/0/rows/1/label",
        ),
        (json!([{ "name": "A", "capacity": 1 }, { "name": "A", "capacity": 2 }]), "/sections/1/name"),
        (json!([{ "name": "A", "capacity": 0 }]), "/sections/0/capacity"),
        (json!([{ "name": "A", "capacity": -1 }]), "/sections/0/capacity"),
    ] {
        let refused = put(&show, sections.clone()).await;
        assert_eq!((refused.status, &refused["code"]), (422, &json!("invalid")), "of {sections}: {refused}");
        assert!(
            refused.pointers().iter().any(|named| named.starts_with(pointer)),
            "expected {pointer} of {sections}: {refused}"
        );
    }
    let seating = show.staff.get(&show.path("/seating")).expect(200).await;
    assert_eq!(seating["sections"], json!([{ "name": "Floor", "rows": null, "capacity": 10 }]));
    assert_eq!(show.recorded("SeatingAdopted").await.len(), 1);
}

#[tokio::test]
async fn more_than_100_000_seats_are_too_many() {
    let show = draft("Too many").await;
    let rows: Vec<Value> = (1..=101).map(|row| json!({ "label": row.to_string(), "first": 1, "last": 1000 })).collect();
    let refused = put(&show, json!([{ "name": "Stadium", "rows": rows }])).await;
    assert_eq!(refused.status, 422, "{refused}");
    // A range is never written out before it is counted.
    let endless =
        put(&show, json!([{ "name": "Stadium", "rows": [{ "label": "1", "first": 1, "last": 4_000_000_000_u32 }] }]))
            .await;
    assert_eq!(endless.status, 422, "{endless}");
}

/// A pretix plan of one zone with these seats in one row.
fn pretix(categories: &Value, seats: &Value) -> String {
    json!({
        "name": "Small hall",
        "categories": categories,
        "zones": [{ "name": "Parkett", "position": { "x": 0, "y": 0 }, "rows": [
            { "row_number": "1", "row_number_position": "both", "position": { "x": 0, "y": 0 }, "seats": seats },
        ] }],
        "size": { "width": 100, "height": 100 },
    })
    .to_string()
}

fn pretix_seat(number: &str, x: i32, category: &str) -> Value {
    json!({ "seat_number": number, "seat_guid": format!("guid-{x}"), "position": { "x": x, "y": 0 }, "category": category })
}

#[tokio::test]
async fn a_pretix_plan_keeps_order_categories_and_its_aisles() {
    let show = draft("Pretix").await;
    let categories = json!([{ "name": "A", "color": "#fff" }]);
    // The usual step is 25; 38 is more than one and a half times that, 37 is not.
    let seats = json!([
        pretix_seat("1", 0, "A"),
        pretix_seat("2", 25, "A"),
        pretix_seat("3", 62, "A"),
        pretix_seat("4", 87, "A"),
        pretix_seat("5", 125, "A"),
        pretix_seat("6", 150, "A"),
    ]);
    let adopted = show
        .staff
        .call(Method::PUT, &show.path("/seating"))
        .body(PRETIX, pretix(&categories, &seats))
        .expect(200)
        .await;
    assert_eq!(adopted.json, json!({ "seats": 6, "standing": 0 }));
    let seating = show.seen("/seating", adopted.position()).await;
    let labels: Vec<&str> = seating["sections"][0]["rows"][0]["seats"]
        .as_array()
        .expect("seats")
        .iter()
        .map(|seat| seat["seat"].as_str().unwrap_or("aisle"))
        .map(|seat| seat.rsplit('-').next().expect("a label"))
        .collect();
    assert_eq!(labels, ["1", "2", "3", "4", "aisle", "5", "6"], "{seating}");
    assert_eq!(seating["sections"][0]["name"], "Parkett");
}

#[tokio::test]
async fn a_pretix_plan_that_is_not_valid_is_rejected_with_pointers_into_it() {
    let show = draft("Pretix, not valid").await;
    let categories = json!([{ "name": "A", "color": "#fff" }]);
    for (seats, pointer) in [
        (json!([pretix_seat("1", 0, "A"), pretix_seat("1", 25, "A")]), "/zones/0/rows/0/seats/1"),
        (json!([pretix_seat("1", 0, "A"), pretix_seat("2", 25, "Unheard of")]), "/zones/0/rows/0/seats/1/category"),
    ] {
        let refused = show
            .staff
            .call(Method::PUT, &show.path("/seating"))
            .body(PRETIX, pretix(&categories, &seats))
            .problem(422, "invalid")
            .await;
        assert!(refused.pointers().iter().any(|named| named.starts_with(pointer)), "expected {pointer}: {refused}");
    }
    show.staff.call(Method::PUT, &show.path("/seating")).body(PRETIX, "{").problem(400, "not_json").await;
    assert!(show.recorded("SeatingAdopted").await.is_empty());
}

#[tokio::test]
async fn seating_is_replaced_after_sales_began_only_if_every_used_seat_is_still_there() {
    let (show, seat) = Show::seated(&shared(), "Replaced", 2, 5, json!({})).await;
    show.sell_seat(&seat, "Stalls-1-5").await;
    show.hold(json!([{ "ticket_type": seat, "seats": ["Stalls-2-5"] }])).await;
    let block = json!({ "label": "Camera", "kind": "production", "places": [{ "seats": ["Stalls-2-4"] }] });
    show.staff.post(&show.path("/blocks"), &block).expect(201).await;
    let rows = |last: u32| {
        json!([{ "name": "Stalls", "rows": [
        { "label": "1", "first": 1, "last": last }, { "label": "2", "first": 1, "last": last },
    ] }])
    };
    let refused = put(&show, rows(3)).await;
    assert_eq!((refused.status, &refused["code"]), (409, &json!("seating_in_use")), "{refused}");
    for seat in ["Stalls-1-5", "Stalls-2-5", "Stalls-2-4"] {
        assert!(refused["errors"].to_string().contains(seat), "{seat}: {refused}");
    }
    assert!(!refused["errors"].to_string().contains("Stalls-1-4"), "free seats may go: {refused}");
    let adopted = put(&show, rows(7)).await;
    assert_eq!((adopted.status, &adopted.json), (200, &json!({ "seats": 14, "standing": 0 })), "{adopted}");
    let seats = show.seen("/seats", adopted.position()).await;
    assert_eq!(seats["seats"], json!({ "Stalls-1-5": "sold", "Stalls-2-5": "held", "Stalls-2-4": "blocked" }));
    show.sell_seat(&seat, "Stalls-1-7").await;
}
