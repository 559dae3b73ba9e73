//! A show's life: draft, published, paused, closed, cancelled; its ticket types, pools, windows and channels.

use black_box::{Show, assert_fields, shared, show_body};
use serde_json::{Value, json};

fn sale(ticket_type: &str, quantity: u32) -> Value {
    json!({ "items": [{ "ticket_type": ticket_type, "quantity": quantity }], "payment": { "method": "cash" } })
}

fn hold(ticket_type: &str, quantity: u32) -> Value {
    json!({ "items": [{ "ticket_type": ticket_type, "quantity": quantity }] })
}

#[tokio::test]
async fn a_draft_sells_nothing_and_is_published_once_and_not_empty() {
    let show = Show::draft(&shared(), "Draft", json!({})).await;
    let publish = show.path("/publish");
    show.staff.post(&publish, &json!({})).problem(409, "nothing_to_sell").await;
    show.seating(json!([{ "name": "Floor", "capacity": 5 }])).await;
    let floor = show.ticket_type(json!({ "name": "Standing", "price": 100 })).await;
    show.staff.post(&show.path("/tickets"), &sale(&floor, 1)).problem(409, "not_on_sale").await;
    let shown = show.staff.get(&show.path("")).expect(200).await;
    assert_eq!(shown["status"], "draft");
    show.publish().await;
    show.staff.post(&publish, &json!({})).problem(409, "already_published").await;
}

#[tokio::test]
async fn sales_pause_resume_and_close() {
    let (show, floor) = Show::standing(&shared(), "Paused", 10, json!({})).await;
    let status = async |position: u64| show.seen("", position).await["status"].clone();
    let paused = show.staff.post(&show.path("/pause-sales"), &json!({})).expect(200).await;
    assert_eq!(status(paused.position()).await, "paused");
    show.anyone.post(&show.path("/holds"), &hold(&floor, 1)).problem(409, "sales_paused").await;
    let resumed = show.staff.post(&show.path("/resume-sales"), &json!({})).expect(200).await;
    assert_eq!(status(resumed.position()).await, "published");
    show.hold(json!([{ "ticket_type": floor, "quantity": 1 }])).await;
    let closed = show.staff.post(&show.path("/close-sales"), &json!({})).expect(200).await;
    assert_eq!(status(closed.position()).await, "closed");
    show.anyone.post(&show.path("/holds"), &hold(&floor, 1)).problem(409, "not_on_sale").await;
}

#[tokio::test]
async fn one_channel_pauses_alone() {
    let (show, floor) = Show::standing(&shared(), "Web paused", 10, json!({})).await;
    show.staff.post(&show.path("/pause-sales"), &json!({ "channels": ["web"] })).expect(200).await;
    show.anyone.post(&show.path("/holds"), &hold(&floor, 1)).problem(409, "sales_paused").await;
    show.sell_one(&floor).await;
    show.staff
        .post(&show.path("/pause-sales"), &json!({ "channels": ["carrier_pigeon"] }))
        .problem(422, "invalid")
        .await;
}

#[tokio::test]
async fn a_cancelled_show_takes_no_commands_that_sell() {
    let (show, floor) = Show::standing(&shared(), "Cancelled", 10, json!({})).await;
    show.staff.post(&show.path("/cancel"), &json!({})).problem(422, "invalid").await;
    let cancelled = show.staff.post(&show.path("/cancel"), &json!({ "reason": "Storm" })).expect(200).await;
    assert_eq!(show.seen("", cancelled.position()).await["status"], "cancelled");
    show.staff.post(&show.path("/tickets"), &sale(&floor, 1)).problem(409, "show_cancelled").await;
    show.anyone.post(&show.path("/holds"), &hold(&floor, 1)).problem(409, "show_cancelled").await;
}

#[tokio::test]
async fn a_show_is_rescheduled() {
    let show = Show::draft(&shared(), "Moved", json!({})).await;
    let body = json!({ "starts_at": "2042-01-02T19:00:00Z", "doors_at": "2042-01-02T18:00:00Z" });
    let moved = show.staff.post(&show.path("/reschedule"), &body).expect(200).await;
    let shown = show.seen("", moved.position()).await;
    assert_eq!(
        (&shown["starts_at"], &shown["doors_at"]),
        (&json!("2042-01-02T19:00:00Z"), &json!("2042-01-02T18:00:00Z"))
    );
    let backwards = json!({ "starts_at": "2042-01-02T19:00:00Z", "ends_at": "2042-01-02T18:00:00Z" });
    show.staff.post(&show.path("/reschedule"), &backwards).problem(422, "invalid").await;
}

#[tokio::test]
async fn a_pool_is_shared_by_types_and_a_type_may_need_several() {
    let show = Show::draft(&shared(), "Festival", json!({})).await;
    show.seating(json!([{ "name": "Meadow", "capacity": 100 }])).await;
    let saturday = show.pool("Saturday", 3).await;
    let sunday = show.pool("Sunday", 5).await;
    let one_day = show.ticket_type(json!({ "name": "Saturday", "price": 4000, "pools": [saturday] })).await;
    let both = show.ticket_type(json!({ "name": "Weekend", "price": 7000, "pools": [saturday, sunday] })).await;
    show.publish().await;
    let path = show.path("/tickets");
    show.staff.post(&path, &sale(&both, 2)).expect(201).await;
    show.staff.post(&path, &sale(&one_day, 1)).expect(201).await;
    show.staff.post(&path, &sale(&one_day, 1)).problem(409, "sold_out").await;
    show.staff.post(&path, &sale(&both, 1)).problem(409, "sold_out").await;

    let pool = show.path(&format!("/pools/{saturday}"));
    show.staff.patch(&pool, &json!({ "capacity": 2 })).problem(409, "below_sold").await;
    show.staff.patch(&pool, &json!({ "capacity": 4 })).expect(200).await;
    show.staff.post(&path, &sale(&both, 1)).expect(201).await;
    let unknown = json!({ "name": "X", "price": 1, "pools": [black_box::fixed_uuid(3).to_string()] });
    let refused = show.staff.post(&show.path("/ticket-types"), &unknown).problem(422, "invalid").await;
    assert_eq!(refused.pointers(), ["/pools/0"], "{refused}");
}

#[tokio::test]
async fn a_ticket_types_capacity_never_falls_below_what_is_sold() {
    let show = Show::draft(&shared(), "Capacity", json!({})).await;
    show.seating(json!([{ "name": "Floor", "capacity": 100 }])).await;
    let early = show.ticket_type(json!({ "name": "Early bird", "price": 1000, "capacity": 3 })).await;
    show.publish().await;
    let path = show.path("/tickets");
    show.staff.post(&path, &sale(&early, 3)).expect(201).await;
    show.staff.post(&path, &sale(&early, 1)).problem(409, "sold_out").await;
    let kind = show.path(&format!("/ticket-types/{early}"));
    show.staff.patch(&kind, &json!({ "capacity": 2 })).problem(409, "below_sold").await;
    show.staff.patch(&kind, &json!({ "capacity": 4 })).expect(200).await;
    show.staff.post(&path, &sale(&early, 1)).expect(201).await;
}

#[tokio::test]
async fn a_new_price_is_for_later_sales_alone() {
    let (show, floor) = Show::standing(&shared(), "Prices", 10, json!({})).await;
    let held = show.hold(json!([{ "ticket_type": floor, "quantity": 1 }])).await;
    show.staff.patch(&show.path(&format!("/ticket-types/{floor}")), &json!({ "price": 9900 })).expect(200).await;
    let buyer = show.anyone.with_bearer(&held.text("secret"));
    let body = json!({ "hold": held["id"], "customer": { "name": "Early Buyer", "email": "early@example.org" } });
    let ordered = buyer.post(&show.path("/orders"), &body).expect(201).await;
    assert_eq!(ordered["total"]["amount"], 2500, "prices are fixed at the hold");
    let sold = show.sell(json!([{ "ticket_type": floor, "quantity": 1 }])).await;
    assert_eq!(sold["total"]["amount"], 9900);
}

#[tokio::test]
async fn a_type_may_be_for_some_channels_alone() {
    let show = Show::draft(&shared(), "Channels", json!({})).await;
    show.seating(json!([{ "name": "Floor", "capacity": 10 }])).await;
    let web = show.ticket_type(json!({ "name": "Web", "price": 100, "channels": ["web"] })).await;
    let counter = show.ticket_type(json!({ "name": "Counter", "price": 100, "channels": ["box_office", "api"] })).await;
    show.publish().await;
    show.hold(json!([{ "ticket_type": web, "quantity": 1 }])).await;
    show.anyone.post(&show.path("/holds"), &hold(&counter, 1)).problem(409, "not_on_sale").await;
    show.sell_one(&counter).await;
}

#[tokio::test]
async fn tax_stands_on_the_lines() {
    let show = Show::draft(&shared(), "Taxed", json!({})).await;
    show.seating(json!([{ "name": "Floor", "capacity": 10 }])).await;
    let taxed = show
        .ticket_type(json!({ "name": "Taxed", "price": 10_700, "tax": { "rate_bps": 700, "included": true } }))
        .await;
    show.publish().await;
    let sold = show.sell(json!([{ "ticket_type": taxed, "quantity": 1 }])).await;
    assert_eq!(sold["total"]["amount"], 10_700);
    let order =
        show.staff.get(&format!("/orders/{}", sold.text("order"))).at_position(sold.position()).expect(200).await;
    assert!(order["lines"][0]["tax"].to_string().contains("700"), "{order}");
}

#[tokio::test]
async fn a_type_has_a_price_or_prices_and_never_a_negative_one() {
    let show = Show::draft(&shared(), "Type fields", json!({})).await;
    show.seating(json!([{ "name": "Floor", "capacity": 10 }])).await;
    for (body, pointer) in [
        (json!({ "name": "X", "price": -1 }), "/price"),
        (json!({ "name": "X", "price": 1.5 }), "/price"),
        (json!({ "name": "", "price": 1 }), "/name"),
        (json!({ "name": "X", "price": 1, "sections": ["Attic"] }), "/sections/0"),
        (json!({ "name": "X", "price": 1, "persons": 0 }), "/persons"),
        (json!({ "name": "X", "price": 1, "channels": ["pigeon"] }), "/channels/0"),
    ] {
        let refused = show.staff.post(&show.path("/ticket-types"), &body).problem(422, "invalid").await;
        assert_eq!(refused.pointers(), [pointer], "of {body}: {refused}");
    }
    let neither = json!({ "name": "X" });
    show.staff.post(&show.path("/ticket-types"), &neither).problem(422, "invalid").await;
    let both = json!({ "name": "X", "price": 1, "prices": [{ "category": "A", "price": 1 }] });
    show.staff.post(&show.path("/ticket-types"), &both).problem(422, "invalid").await;
}

#[tokio::test]
async fn shows_are_listed_and_found_by_name_and_time_and_drafts_only_by_staff() {
    let staff = shared();
    let far = json!({ "starts_at": "2099-07-01T18:00:00Z" });
    let (open, _) = Show::standing(&staff, "Findable Aurelia", 10, far.clone()).await;
    let hidden = Show::draft(&staff, "Findable Aurelia draft", far).await;
    let head = hidden.head().await;
    let ids = |answer: &black_box::Answer| -> Vec<String> {
        answer["items"]
            .as_array()
            .expect("items")
            .iter()
            .map(|show| show["id"].as_str().expect("an id").to_owned())
            .collect()
    };
    let public = staff.without_bearer().get("/shows?q=aurelia").at_position(head).expect(200).await;
    assert_eq!(ids(&public), [open.id.as_str()]);
    let all = staff.get("/shows?q=aurelia").at_position(head).expect(200).await;
    assert_eq!(ids(&all).len(), 2, "{all}");
    let later =
        staff.get("/shows?from=2099-06-30T00:00:00Z&to=2099-07-02T00:00:00Z").at_position(head).expect(200).await;
    assert!(ids(&later).contains(&open.id));
    let earlier = staff.get("/shows?q=aurelia&to=2099-06-30T00:00:00Z").at_position(head).expect(200).await;
    assert!(ids(&earlier).is_empty(), "{earlier}");
}

#[tokio::test]
async fn two_shows_of_one_name_have_slugs_of_their_own() {
    let staff = shared();
    let body = show_body("The same name", &json!({}));
    let one = staff.post("/shows", &body).expect(201).await;
    let two = staff.post("/shows", &body).expect(201).await;
    assert_fields(&one.json, &["id", "slug"]);
    assert_ne!(one["slug"], two["slug"]);
    let found = staff.get(&format!("/shows/{}", two.text("slug"))).at_position(two.position()).expect(200).await;
    assert_eq!(found["id"], two["id"]);
}
