//! What an organization settles: told as it is, changed in parts, and followed by what is made afterwards.

use std::time::Duration;

use black_box::{Server, Show, assert_fields, eventually, history, show_body, whole_history};
use serde_json::json;

const FIELDS: [&str; 13] = [
    "slug",
    "name",
    "timezone",
    "languages",
    "currency",
    "hold_seconds",
    "pay_within_seconds",
    "code_length",
    "tax",
    "retention",
    "public_numbers",
    "door",
    "limits",
];

#[tokio::test]
async fn settings_are_merged_judged_and_in_the_history() {
    let server = Server::start();
    let staff = server.staff();
    let first = staff.get("/settings").expect(200).await;
    assert_fields(&first.json, &FIELDS);
    assert_eq!(first["retention"], json!({ "people_days": 180, "money_days": 3650 }));
    server.anyone().get("/settings").problem(401, "unauthenticated").await;
    server.anyone().patch("/settings", &json!({})).problem(401, "unauthenticated").await;

    let change = json!({
        "name": "Town Hall", "languages": ["de", "en"], "tax": { "rate_bps": 700, "included": true },
        "retention": { "people_days": 30 }, "door": { "codes": "confirm" },
    });
    let changed = staff.patch("/settings", &change).key("settle").expect(200).await;
    assert_fields(&changed.json, &FIELDS);
    assert_eq!(changed["retention"], json!({ "people_days": 30, "money_days": 3650 }));
    assert_eq!((&changed["name"], &changed["door"]["codes"]), (&json!("Town Hall"), &json!("confirm")));
    let read =
        staff.get("/settings").at_position(changed.position()).header("if-none-match", &first.etag()).expect(200).await;
    assert_eq!(read.json, changed.json);
    staff.get("/settings").header("if-none-match", &read.etag()).expect(304).await;

    let back =
        staff.patch("/settings", &json!({ "tax": null, "retention": { "people_days": null } })).expect(200).await;
    assert_eq!((&back["tax"], &back["retention"]["people_days"]), (&json!(null), &json!(180)));
    // Sent again it is answered as before, and nothing is changed back; nothing to change is nothing recorded.
    let again = staff.patch("/settings", &change).key("settle").expect(200).await;
    assert_eq!((&again.json, again.position()), (&changed.json, changed.position()));
    let none = staff.patch("/settings", &json!({ "tax": null })).expect(200).await;
    assert_eq!((&none.json, none.position()), (&back.json, back.position()));
    staff.patch("/settings", &json!({ "name": "Other" })).key("settle").problem(422, "idempotency_key_reused").await;

    for (body, pointers) in [
        (json!({ "name": null }), vec!["/name"]),
        (json!({ "slug": "x" }), vec!["/slug"]),
        (json!({ "hold_seconds": 0, "limits": { "holds": 0 } }), vec!["/hold_seconds", "/limits/holds"]),
        (json!({ "retention": { "people_days": 400, "money_days": 399 } }), vec!["/retention/money_days"]),
        (json!({ "retention": { "people_days": 3651 } }), vec!["/retention/people_days"]),
        (json!({ "tax": { "rate_bps": 700 } }), vec!["/tax/included"]),
        (json!({ "door": { "codes": "maybe" } }), vec!["/door/codes"]),
        (json!({ "languages": [] }), vec!["/languages"]),
    ] {
        let problem = staff.patch("/settings", &body).problem(422, "invalid").await;
        assert_eq!(problem.pointers(), pointers, "{body}");
    }
    let recorded = whole_history(&staff, "type=SettingsChanged").await;
    let last = recorded.last().expect("a change");
    assert_eq!(last.payload["changed"], json!(["retention", "tax"]));
    assert_eq!(last.position, back.position());
}

#[tokio::test]
async fn new_shows_and_ticket_types_begin_with_what_is_settled() {
    let server = Server::start();
    let staff = server.staff();
    let settled = json!({
        "timezone": "Europe/Vienna", "currency": "CHF", "hold_seconds": 60, "pay_within_seconds": 600, "code_length": 6,
        "tax": { "rate_bps": 1300, "included": true }, "door": { "opens_before_seconds": 900, "holder": "none" },
    });
    staff.patch("/settings", &settled).expect(200).await;
    let mut body = show_body("Settled", &json!({}));
    let object = body.as_object_mut().expect("an object");
    object.remove("timezone");
    object.remove("currency");
    let made = staff.post("/shows", &body).key("settled").expect(201).await;
    let path = format!("/shows/{}", made.text("id"));
    let adult = staff.post(&format!("{path}/ticket-types"), &json!({ "name": "Adult", "price": 1 })).expect(201).await;
    let free = json!({ "name": "Free", "price": 0, "tax": null });
    let free = staff.post(&format!("{path}/ticket-types"), &free).expect(201).await;
    let show = staff.get(&path).at_position(free.position()).expect(200).await;
    for (field, value) in [
        ("timezone", json!("Europe/Vienna")),
        ("currency", json!("CHF")),
        ("hold_seconds", json!(60)),
        ("pay_within_seconds", json!(600)),
        ("opens_before_seconds", json!(900)),
        ("holder", json!("none")),
    ] {
        assert_eq!(show[field], value, "{field}");
    }
    let scheduled = &history(&staff, &made.text("id")).await[0];
    assert_eq!((scheduled.kind.as_str(), &scheduled.payload["code_length"]), ("ShowScheduled", &json!(6)));
    assert_eq!(show["ticket_types"][0]["id"], adult["id"]);
    assert_eq!(show["ticket_types"][0]["tax"], json!({ "rate_bps": 1300, "included": true }));
    assert_eq!(show["ticket_types"][1]["tax"], json!(null));

    // The same request again is answered as before, whatever is settled now; what is said counts.
    staff.patch("/settings", &json!({ "currency": "EUR", "code_length": 4 })).expect(200).await;
    let again = staff.post("/shows", &body).key("settled").expect(201).await;
    assert_eq!((&again.json, again.position()), (&made.json, made.position()));
    let said = show_body("Said", &json!({ "currency": "USD", "hold_seconds": 120, "code_length": null }));
    let said = staff.post("/shows", &said).expect(201).await;
    let path = format!("/shows/{}", said.text("id"));
    let show = staff.get(&path).at_position(said.position()).expect(200).await;
    assert_eq!(
        (&show["currency"], &show["hold_seconds"], &show["code_length"]),
        (&json!("USD"), &json!(120), &json!(null))
    );
    let back = staff.patch(&path, &json!({ "hold_seconds": null })).expect(200).await;
    assert_eq!(staff.get(&path).at_position(back.position()).expect(200).await["hold_seconds"], 60);
}

#[tokio::test]
async fn everybody_sees_numbers_while_the_organization_wants_it() {
    let server = Server::start();
    let staff = server.staff();
    let (show, _) = Show::standing(&staff, "In numbers", 10, json!({})).await;
    let position = show.head().await;
    let path = show.path("/availability");
    let hidden = show.anyone.get(&path).at_position(position).expect(200).await;
    assert!(hidden["sections"][0]["available"].is_null(), "{hidden}");
    staff.patch("/settings", &json!({ "public_numbers": true })).expect(200).await;
    let told = eventually(Duration::from_secs(1), "numbers for everybody", async || {
        let answer = show.anyone.get(&path).header("if-none-match", &hidden.etag()).send().await;
        (answer.status == 200).then_some(answer)
    })
    .await;
    assert_eq!(told["sections"][0]["available"], 10);
    let changes = show.anyone.get(&show.path(&format!("/changes?after={position}"))).expect(200).await;
    assert_eq!(changes["availability"]["sections"][0]["available"], 10);
    staff.patch("/settings", &json!({ "public_numbers": false })).expect(200).await;
    eventually(Duration::from_secs(1), "levels again", async || {
        let answer = show.anyone.get(&path).expect(200).await;
        answer["sections"][0]["available"].is_null().then_some(())
    })
    .await;
}
