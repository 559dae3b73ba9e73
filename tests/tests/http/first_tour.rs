//! The first tour: plan a show in a real hall, sell it in every common way, and let people in. Every answer is compared
//! with the contract, field by field.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use black_box::{Show, assert_fields, assert_has_fields, shared};
use serde_json::{Value, json};

/// The hall of the tour; see `data/` for the file itself.
const HALL: &str = include_str!("../../../turnout/src/demo/riethsporthalle.pretix.json");
const PRETIX: &str = "application/vnd.pretix.seating-plan+json";

fn euros(cents: i64) -> Value {
    json!({ "amount": cents, "currency": "EUR" })
}

fn decoded(part: &str) -> Value {
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(part).expect("base64url");
    serde_json::from_slice(&bytes).expect("JSON")
}

fn assert_ticket_fields(ticket: &Value) {
    assert_fields(ticket, &["id", "short_code", "ticket_type", "seat", "token"]);
}

#[tokio::test]
async fn a_show_in_a_real_hall_is_planned_sold_and_entered() {
    let staff = shared();
    let anyone = staff.without_bearer();

    // Plan.
    let scheduled = staff
        .post(
            "/shows",
            &json!({
                "name": "Basketball: Erfurt – Jena",
                "description": "Derby.\nDoors two hours before.",
                "venue": { "name": "Riethsporthalle", "address": "Essener Straße 20, 99089 Erfurt", "latitude": 50.998, "longitude": 11.008 },
                "timezone": "Europe/Berlin",
                "starts_at": "2041-05-04T18:00:00Z",
                "currency": "EUR",
            }),
        )
        .expect(201)
        .await;
    assert_fields(&scheduled.json, &["id", "slug"]);
    assert!(scheduled.position() > 0);
    let show = Show { id: scheduled.text("id"), staff: staff.clone(), anyone: anyone.clone() };

    let adopted = staff.call(reqwest::Method::PUT, &show.path("/seating")).body(PRETIX, HALL).expect(200).await;
    assert_eq!(adopted.json, json!({ "seats": 1231, "standing": 0 }));

    let added = staff
        .post(
            &show.path("/ticket-types"),
            &json!({
                "name": "Adult",
                "prices": [
                    { "category": "VIP", "price": 8900 },
                    { "category": "Kategorie I", "price": 3900 },
                    { "category": "Kategorie II", "price": 2500 },
                ],
            }),
        )
        .expect(201)
        .await;
    assert_fields(&added.json, &["id"]);
    let adult = added.text("id");

    // A draft is nobody's business.
    anyone.get(&show.path("")).problem(404, "not_found").await;
    let published = show.publish().await;
    assert_eq!(published.json, json!({}));

    let shown = anyone.get(&show.path("")).at_position(published.position()).expect(200).await;
    assert_eq!(shown["status"], "published");
    assert_eq!(shown["name"], "Basketball: Erfurt – Jena");
    assert_eq!(shown["timezone"], "Europe/Berlin");
    // 1,231 tickets leave nine codes in ten unused with five digits: 100,000.
    assert_eq!(shown["code_length"], 5);
    let by_slug = anyone.get(&format!("/shows/{}", scheduled.text("slug"))).expect(200).await;
    assert_eq!(by_slug["id"], show.id.as_str());

    let seating = anyone.get(&show.path("/seating")).at_position(published.position()).expect(200).await;
    let sections = seating["sections"].as_array().expect("sections");
    let names: Vec<&str> = sections.iter().filter_map(|section| section["name"].as_str()).collect();
    assert_eq!(names, ["Block D", "Block E", "Block F", "Block A", "Block B", "Block C"], "in the file's order");
    let seats = sections
        .iter()
        .flat_map(|section| section["rows"].as_array().expect("rows"))
        .flat_map(|row| row["seats"].as_array().expect("seats"))
        .filter(|seat| !seat.is_null())
        .count();
    assert_eq!(seats, 1231);
    let front = &sections[4]["rows"][0];
    assert_eq!((&front["label"], front["seats"].as_array().map(Vec::len)), (&json!("1"), Some(20)));
    assert_eq!(front["seats"][7], Value::Null, "the file has an aisle between seats 7 and 8 of block B's front row");

    let before = anyone.get(&show.path("/availability")).at_position(published.position()).expect(200).await;
    assert_eq!(before["on_sale"], true);
    assert_eq!(before["ticket_types"][0]["level"], "plenty");
    assert_eq!(before["ticket_types"][0]["sold"], Value::Null, "the public sees levels, not numbers: {before}");

    // Two best seats are held and ordered by somebody without credentials, and paid at the box office.
    let held = show.hold(json!([{ "ticket_type": adult, "quantity": 2, "category": "VIP" }])).await;
    assert_fields(&held.json, &["id", "secret", "expires_at", "items", "total"]);
    assert_eq!(held["total"], euros(17_800));
    let items = held["items"].as_array().expect("items");
    assert_eq!(items.len(), 2);
    let mut numbers = Vec::new();
    for item in items {
        assert_fields(item, &["id", "ticket_type", "seat", "category", "price"]);
        assert_eq!(item["category"], "VIP");
        assert_eq!(item["price"], euros(8900));
        let seat = item["seat"].as_str().expect("a seat's address");
        // The VIP seats are rows 1 and following of block B; the front row is the best.
        let number: i64 = seat.strip_prefix("Block B-1-").expect("the front row of block B").parse().expect("a number");
        numbers.push(number);
    }
    numbers.sort_unstable();
    assert_eq!(numbers[1] - numbers[0], 1, "next to each other");

    let buyer = anyone.with_bearer(&held.text("secret"));
    let ordered = buyer
        .post(
            &show.path("/orders"),
            &json!({
                "hold": held["id"],
                "customer": { "name": "Ada Example", "email": "ada@example.org" },
                "tickets": [{ "item": items[0]["id"], "holder": { "name": "Grace Example" } }],
            }),
        )
        .expect(201)
        .await;
    assert_fields(
        &ordered.json,
        &["id", "reference", "status", "lines", "total", "due", "expires_at", "secret", "tickets"],
    );
    assert_eq!(ordered["status"], "awaiting_payment");
    assert_eq!((&ordered["total"], &ordered["due"]), (&euros(17_800), &euros(17_800)));
    assert_eq!(ordered["tickets"], json!([]));
    let lines = ordered["lines"].as_array().expect("lines");
    assert_eq!(lines.len(), 2);
    assert!(lines.iter().all(|line| line["kind"] == "ticket" && line["amount"] == euros(8900)), "{ordered}");

    let order = ordered.text("id");
    let paid = staff
        .post(&show.path(&format!("/orders/{order}/payments")), &json!({ "method": "cash", "amount": 17_800 }))
        .expect(201)
        .await;
    assert_fields(&paid.json, &["status", "due", "tickets"]);
    assert_eq!(paid["status"], "paid");
    assert_eq!(paid["due"], euros(0));
    let tickets = paid["tickets"].as_array().expect("tickets");
    assert_eq!(tickets.len(), 2);
    for ticket in tickets {
        assert_ticket_fields(ticket);
        let code = ticket["short_code"].as_str().expect("a code");
        assert!(code.len() == 5 && code.bytes().all(|digit| digit.is_ascii_digit()), "{code}");
        assert_eq!(ticket["ticket_type"], adult.as_str());
    }

    let shown = staff.get(&format!("/orders/{order}")).at_position(paid.position()).expect(200).await;
    assert_has_fields(
        &shown.json,
        &[
            "id",
            "reference",
            "status",
            "lines",
            "total",
            "paid",
            "refunded",
            "due",
            "expires_at",
            "channel",
            "customer",
            "tickets",
        ],
    );
    assert_eq!(shown["status"], "paid");
    assert_eq!(shown["paid"], euros(17_800));
    assert_eq!(shown["refunded"], euros(0));
    assert_eq!(shown["customer"]["name"], "Ada Example");
    assert_eq!(shown["reference"], ordered["reference"]);

    // The door: by short code, the same again, the other by its token.
    let first = show.check_in(json!({ "short_code": tickets[0]["short_code"] })).await;
    assert_eq!(first["result"], "admitted");
    assert_eq!(first["do"], "admit");
    assert_eq!((&first["reason"], &first["previous"]), (&Value::Null, &Value::Null));
    assert_eq!(first["undone"], false);
    assert_eq!((&first["entries_left"], &first["persons_left"]), (&json!(0), &json!(0)));
    assert_fields(&first["ticket"], &["id", "short_code", "ticket_type", "seat", "persons", "holder", "notes"]);
    assert_eq!(first["ticket"]["id"], tickets[0]["id"]);
    assert_eq!(first["ticket"]["seat"], tickets[0]["seat"]);
    assert_eq!(first["ticket"]["persons"], 1);

    let second = show.check_in(json!({ "short_code": tickets[0]["short_code"] })).await;
    assert_eq!(second["result"], "refused");
    assert_eq!(second["reason"], "already_checked_in");
    assert_ne!(second["do"], "admit");
    assert_fields(&second["previous"], &["at", "gate", "device"]);
    assert_eq!(second["previous"]["at"], first["at"]);
    assert_ne!(second["scan"], first["scan"]);

    let other = show.check_in(json!({ "token": tickets[1]["token"] })).await;
    assert_eq!(other["result"], "admitted");
    assert_eq!(other["ticket"]["id"], tickets[1]["id"]);

    let attendance = show.seen("/attendance", other.position()).await;
    assert_fields(
        &attendance.json,
        &[
            "issued",
            "admitted",
            "inside",
            "departed",
            "refused",
            "overridden",
            "counted",
            "by_area",
            "by_gate",
            "by_minute",
            "by_ticket_type",
        ],
    );
    assert_eq!(attendance["issued"], 2);
    assert_eq!(attendance["admitted"], 2);
    assert_eq!(attendance["inside"], 2);
    assert_eq!(attendance["refused"], 1);

    // A third ticket from the box office, by its seat, is voided; its seat is free again.
    let sold = show.sell(json!([{ "ticket_type": adult, "seats": ["Block A-3-12"] }])).await;
    assert_fields(&sold.json, &["order", "reference", "total", "tickets"]);
    assert_eq!(sold["total"], euros(2500));
    let third = &sold["tickets"][0];
    assert_ticket_fields(third);
    assert_eq!(third["seat"], "Block A-3-12");
    let seats = show.seen("/seats", sold.position()).await;
    assert_eq!(seats["seats"]["Block A-3-12"], "sold");
    let public = anyone.get(&show.path("/seats")).at_position(sold.position()).expect(200).await;
    assert_eq!(public["seats"]["Block A-3-12"], "taken");

    let voided = staff
        .post(
            &show.path(&format!("/tickets/{}/void", third["id"].as_str().expect("an id"))),
            &json!({ "reason": "Bought by mistake" }),
        )
        .expect(200)
        .await;
    let seats = show.seen("/seats", voided.position()).await;
    assert!(seats["seats"].get("Block A-3-12").is_none(), "free again: {seats}");
    let again = show.sell_seat(&adult, "Block A-3-12").await;
    assert_eq!(again["seat"], "Block A-3-12");
    assert_ne!(again["short_code"], third["short_code"], "codes are unique in the show for ever");
}

#[tokio::test]
async fn a_tickets_token_is_a_compact_jws_that_names_ticket_and_show_and_a_published_key() {
    let staff = shared();
    let (show, standing) = Show::standing(&staff, "Token", 10, json!({})).await;
    let ticket = show.sell_one(&standing).await;
    let token = ticket["token"].as_str().expect("a token");
    assert!(token.len() <= 260, "{} characters", token.len());

    let parts: Vec<&str> = token.split('.').collect();
    assert_eq!(parts.len(), 3, "{token}");
    let header = decoded(parts[0]);
    assert_eq!(header["alg"], "EdDSA");
    let key = header["kid"].as_str().expect("a key id");
    assert_eq!(key.len(), 8);
    let claims = decoded(parts[1]);
    assert_fields(&claims, &["sub", "aud", "iat", "n"]);
    for (claim, id) in [("sub", ticket["id"].as_str().expect("an id")), ("aud", show.id.as_str())] {
        let text = claims[claim].as_str().expect("a text");
        assert_eq!(text.len(), 22);
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(text).expect("base64url");
        assert_eq!(uuid::Uuid::from_slice(&bytes).expect("a UUID").to_string(), id);
    }

    let keys = staff.without_bearer().get("//.well-known/jwks.json").expect(200).await;
    let known = keys["keys"].as_array().expect("keys");
    let ours = known.iter().find(|known| known["kid"] == key).unwrap_or_else(|| panic!("{key} is not in {keys}"));
    assert_eq!((&ours["kty"], &ours["crv"]), (&json!("OKP"), &json!("Ed25519")));
    assert!(ours.get("d").is_none(), "a private key in public");
}
