//! The door: every reason for which a person is refused, and what admits them all the same.

use black_box::{Answer, Show, assert_fields, fixed_uuid, shared};
use serde_json::{Value, json};

fn id(ticket: &Value) -> &str {
    ticket["id"].as_str().expect("an id")
}

#[track_caller]
fn assert_refused(answer: &Answer, reason: &str, overridable: bool) {
    assert_eq!((&answer["result"], &answer["reason"]), (&json!("refused"), &json!(reason)), "{answer}");
    assert_eq!(answer["overridable"], overridable, "{answer}");
    assert_ne!(answer["do"], "admit", "{answer}");
    assert!(answer["say"].as_str().is_some_and(|say| !say.is_empty()), "{answer}");
}

#[track_caller]
fn assert_admitted(answer: &Answer) {
    assert_eq!((&answer["result"], &answer["do"]), (&json!("admitted"), &json!("admit")), "{answer}");
    assert_eq!(answer["reason"], Value::Null, "{answer}");
}

/// A code of the show's length that is no ticket's.
fn unused_code(ticket: &Value) -> String {
    let code = ticket["short_code"].as_str().expect("a code");
    let last = code.as_bytes()[code.len() - 1] - b'0';
    // One digit off is nobody's while a tenth or less of the codes is used.
    format!("{}{}", &code[..code.len() - 1], (last + 1) % 10)
}

#[tokio::test]
async fn a_second_scan_is_refused_and_tells_when_and_where_the_first_was() {
    let show = Show::draft(&shared(), "Twice", json!({})).await;
    show.seating(json!([{ "name": "Floor", "capacity": 10 }])).await;
    let floor = show.ticket_type(json!({ "name": "Standing", "price": 100 })).await;
    show.door(json!({ "areas": [{ "name": "main", "reentry": "after_exit", "per": "show" }],
        "gates": [{ "name": "North", "area": "main" }, { "name": "South", "area": "main" }],
        "opens_before_seconds": 0, "codes": "admit", "holder": "initials" }))
        .await;
    show.publish().await;
    let ticket = show.sell_one(&floor).await;
    let first = show.check_in(json!({ "short_code": ticket["short_code"], "gate": "North" })).await;
    assert_admitted(&first);
    let second = show.check_in(json!({ "short_code": ticket["short_code"], "gate": "South" })).await;
    assert_refused(&second, "already_checked_in", true);
    assert_fields(&second["previous"], &["at", "gate", "device"]);
    assert_eq!(second["previous"]["at"], first["at"]);
    assert_eq!(second["previous"]["gate"], "North");
    let token = show.check_in(json!({ "token": ticket["token"], "gate": "North" })).await;
    assert_refused(&token, "already_checked_in", true);
    let by_id = show.check_in(json!({ "ticket": ticket["id"], "gate": "North" })).await;
    assert_refused(&by_id, "already_checked_in", true);
    assert_eq!(show.recorded("CheckInRefused").await.len(), 3);
    assert_eq!(show.recorded("CheckedIn").await.len(), 1);
}

#[tokio::test]
async fn what_is_no_code_of_the_show_is_an_unknown_code_and_cannot_be_overridden() {
    let (show, floor) = Show::standing(&shared(), "Unknown codes", 10, json!({})).await;
    let ticket = show.sell_one(&floor).await;
    for code in [unused_code(&ticket), "7".to_owned(), "no digits".to_owned(), String::new(), "9".repeat(40)] {
        let answer = show.check_in(json!({ "short_code": code })).await;
        assert_refused(&answer, "unknown_code", false);
        assert_eq!(answer["ticket"], Value::Null);
    }
    let overridden =
        show.check_in(json!({ "short_code": unused_code(&ticket), "override": { "reason": "Let in" } })).await;
    assert_refused(&overridden, "unknown_code", false);
    let nobody = show.check_in(json!({ "ticket": fixed_uuid(5).to_string() })).await;
    assert_refused(&nobody, "unknown_code", false);
}

#[tokio::test]
async fn a_token_that_is_not_signed_by_us_is_refused_as_such() {
    let (show, floor) = Show::standing(&shared(), "Forged", 10, json!({})).await;
    let ticket = show.sell_one(&floor).await;
    let token = ticket["token"].as_str().expect("a token");
    let (signed, signature) = token.rsplit_once('.').expect("a signature");
    let (header, claims) = signed.split_once('.').expect("a header");
    let first = if signature.starts_with('A') { 'B' } else { 'A' };
    let forged = [
        format!("{signed}.{first}{}", &signature[1..]),
        format!("{header}.{claims}."),
        // {"alg":"none"}
        format!("eyJhbGciOiJub25lIn0.{claims}."),
        "https://example.org/not-a-ticket".to_owned(),
        "x".repeat(2048),
    ];
    for token in forged {
        let answer = show.check_in(json!({ "token": token })).await;
        assert_refused(&answer, "bad_signature", false);
    }
    let too_long = json!({ "token": "x".repeat(2049) });
    show.staff.post(&show.path("/check-ins"), &too_long).problem(422, "invalid").await;
    assert_admitted(&show.check_in(json!({ "token": token })).await);
}

#[tokio::test]
async fn another_shows_ticket_is_refused_with_that_shows_name() {
    let staff = shared();
    let (tonight, _) = Show::standing(&staff, "Tonight", 10, json!({})).await;
    let (tomorrow, floor) = Show::standing(&staff, "Tomorrow's concert", 10, json!({})).await;
    let ticket = tomorrow.sell_one(&floor).await;
    let answer = tonight.check_in(json!({ "token": ticket["token"] })).await;
    assert_refused(&answer, "wrong_show", false);
    assert!(answer["say"].as_str().expect("a text").contains("Tomorrow's concert"), "{answer}");
    let overridden = tonight.check_in(json!({ "token": ticket["token"], "override": { "reason": "Let in" } })).await;
    assert_refused(&overridden, "wrong_show", false);
}

#[tokio::test]
async fn a_void_ticket_is_refused_and_a_reissued_ones_old_code_and_token_are_replaced() {
    let (show, floor) = Show::standing(&shared(), "Void", 10, json!({})).await;
    let voided = show.sell_one(&floor).await;
    show.staff
        .post(&show.path(&format!("/tickets/{}/void", id(&voided))), &json!({ "reason": "Refunded" }))
        .expect(200)
        .await;
    assert_refused(&show.check_in(json!({ "short_code": voided["short_code"] })).await, "void", true);
    assert_refused(&show.check_in(json!({ "token": voided["token"] })).await, "void", true);

    let old = show.sell_one(&floor).await;
    let reissued = show.staff.post(&show.path(&format!("/tickets/{}/reissue", id(&old))), &json!({})).expect(200).await;
    assert_refused(&show.check_in(json!({ "short_code": old["short_code"] })).await, "replaced", true);
    assert_refused(&show.check_in(json!({ "token": old["token"] })).await, "replaced", true);
    let now = show.seen(&format!("/tickets?q={}", id(&old)), reissued.position()).await;
    assert_eq!(now.status, 200);
    let shown = show.staff.get(&format!("/tickets/{}", id(&old))).at_position(reissued.position()).expect(200).await;
    assert_ne!(shown["short_code"], old["short_code"]);
    assert_admitted(&show.check_in(json!({ "short_code": shown["short_code"] })).await);
}

#[tokio::test]
async fn who_has_not_paid_is_refused_until_nothing_is_due() {
    let (show, floor) = Show::standing(&shared(), "Pay at the door", 10, json!({})).await;
    let order = |terms: &str| {
        let show = show.clone();
        let floor = floor.clone();
        let terms = terms.to_owned();
        async move {
            let items = json!({ "items": [{ "ticket_type": floor, "quantity": 1 }] });
            let held = show.staff.post(&show.path("/holds"), &items).expect(201).await;
            let body = json!({ "hold": held["id"], "terms": terms,
                "customer": { "name": "Pays Later", "email": "later@example.org" } });
            show.staff.post(&show.path("/orders"), &body).expect(201).await
        }
    };
    let at_door = order("pay_at_door").await;
    assert_eq!((&at_door["status"], &at_door["expires_at"]), (&json!("awaiting_payment"), &Value::Null), "{at_door}");
    let code = at_door["tickets"][0]["short_code"].clone();
    let placed = show.recorded("OrderPlaced").await[0].position;
    let refused = show.check_in(json!({ "short_code": code })).await;
    assert_refused(&refused, "unpaid", true);
    // Why leads to the order, which says what is due, and to what was paid of it.
    assert_eq!(refused["because"], json!([placed]));
    assert_eq!(refused["do"], "send_to_box_office", "{refused}");
    assert!(refused["say"].as_str().expect("a text").contains("25"), "what is due is said: {refused}");
    let pay = show.path(&format!("/orders/{}/payments", at_door.text("id")));
    let part = show.staff.post(&pay, &json!({ "method": "cash", "amount": 1000 })).expect(201).await;
    assert_eq!(part["due"]["amount"], 1500);
    assert_eq!(show.recorded("PaymentRecorded").await[0].position, part.position());
    let still = show.check_in(json!({ "short_code": code })).await;
    assert_refused(&still, "unpaid", true);
    assert_eq!(still["because"], json!([placed, part.position()]));
    let related = async |position: u64, relation: &str| {
        let event = show.staff.get(&format!("/history/{position}")).expect(200).await;
        let because = event["because"].as_array().expect("because").iter();
        let positions =
            because.filter(|other| other["relation"] == relation).filter_map(|other| other["position"].as_u64());
        positions.collect::<Vec<_>>()
    };
    assert_eq!(related(still.position(), "reason").await, [placed, part.position()]);
    let consequences = related(placed, "consequence").await;
    assert!(
        [refused.position(), still.position()].iter().all(|refusal| consequences.contains(refusal)),
        "{consequences:?}"
    );
    show.staff.post(&pay, &json!({ "method": "cash", "amount": 1500 })).expect(201).await;
    assert_admitted(&show.check_in(json!({ "short_code": code })).await);

    let on_account = order("on_account").await;
    assert_eq!(on_account["expires_at"], Value::Null);
    assert_admitted(&show.check_in(json!({ "short_code": on_account["tickets"][0]["short_code"] })).await);
}

#[tokio::test]
async fn before_the_doors_open_it_is_too_early_and_may_be_overridden() {
    let show = Show::draft(&shared(), "Too early", json!({ "doors_at": "2041-05-04T16:00:00Z" })).await;
    show.seating(json!([{ "name": "Floor", "capacity": 10 }])).await;
    let floor = show.ticket_type(json!({ "name": "Standing", "price": 100 })).await;
    show.publish().await;
    let ticket = show.sell_one(&floor).await;
    let refused = show.check_in(json!({ "short_code": ticket["short_code"] })).await;
    assert_refused(&refused, "too_early", true);
    let overridden = show
        .check_in(json!({ "short_code": ticket["short_code"], "override": { "reason": "The band's driver" } }))
        .await;
    assert_admitted(&overridden);
    let attendance = show.seen("/attendance", overridden.position()).await;
    assert_eq!((&attendance["overridden"], &attendance["admitted"]), (&json!(1), &json!(1)), "{attendance}");
}

#[tokio::test]
async fn a_tickets_validity_is_looked_at() {
    let show = Show::draft(&shared(), "Validity", json!({})).await;
    show.seating(json!([{ "name": "Floor", "capacity": 10 }])).await;
    let later =
        show.ticket_type(json!({ "name": "Later", "price": 100, "valid": { "from": "2041-05-04T19:00:00Z" } })).await;
    let earlier = show
        .ticket_type(json!({ "name": "Earlier", "price": 100, "valid": { "until": "2020-01-01T00:00:00Z" } }))
        .await;
    show.publish().await;
    let later = show.sell_one(&later).await;
    assert_refused(&show.check_in(json!({ "short_code": later["short_code"] })).await, "not_yet_valid", true);
    let earlier = show.sell_one(&earlier).await;
    assert_refused(&show.check_in(json!({ "short_code": earlier["short_code"] })).await, "no_longer_valid", true);
}

/// Two areas, a gate to each, the backstage gate only for crew.
async fn two_areas() -> (Show, String, String) {
    let show = Show::draft(&shared(), "Areas", json!({})).await;
    show.seating(json!([{ "name": "Floor", "capacity": 50 }])).await;
    show.door(json!({
        "areas": [
            { "name": "hall", "reentry": "after_exit", "per": "show" },
            { "name": "backstage", "reentry": "never", "per": "show" },
        ],
        "gates": [
            { "name": "Front", "area": "hall" },
            { "name": "Stage door", "area": "backstage" },
        ],
        "opens_before_seconds": 0, "codes": "admit", "holder": "initials",
    }))
    .await;
    let guest = show.ticket_type(json!({ "name": "Guest", "price": 100, "areas": ["hall"] })).await;
    let crew = show.ticket_type(json!({ "name": "Crew", "price": 0 })).await;
    show.publish().await;
    (show, guest, crew)
}

#[tokio::test]
async fn a_ticket_admits_to_its_areas_alone() {
    let (show, guest, crew) = two_areas().await;
    let ticket = show.sell_one(&guest).await;
    let refused = show.check_in(json!({ "short_code": ticket["short_code"], "gate": "Stage door" })).await;
    assert_refused(&refused, "wrong_area", true);
    let refused = show.check_in(json!({ "short_code": ticket["short_code"], "area": "backstage" })).await;
    assert_refused(&refused, "wrong_area", true);
    assert_admitted(&show.check_in(json!({ "short_code": ticket["short_code"], "gate": "Front" })).await);

    // By default an area each: crew enters both.
    let crew = show.sell_one(&crew).await;
    assert_admitted(&show.check_in(json!({ "short_code": crew["short_code"], "area": "hall" })).await);
    assert_admitted(&show.check_in(json!({ "short_code": crew["short_code"], "area": "backstage" })).await);
}

#[tokio::test]
async fn where_there_are_several_areas_one_is_named_and_it_exists() {
    let (show, guest, _) = two_areas().await;
    let ticket = show.sell_one(&guest).await;
    let path = show.path("/check-ins");
    show.staff.post(&path, &json!({ "short_code": ticket["short_code"] })).problem(422, "invalid").await;
    for (field, name) in [("area", "attic"), ("gate", "Attic door")] {
        let body = json!({ "short_code": ticket["short_code"], field: name });
        let refused = show.staff.post(&path, &body).problem(422, "invalid").await;
        assert_eq!(refused.pointers(), [format!("/{field}")], "{refused}");
    }
    let both = json!({ "short_code": ticket["short_code"], "token": ticket["token"], "area": "hall" });
    show.staff.post(&path, &both).problem(422, "invalid").await;
    show.staff.post(&path, &json!({ "area": "hall" })).problem(422, "invalid").await;
}

#[tokio::test]
async fn a_gate_for_some_sections_or_types_sends_others_to_theirs() {
    let show = Show::draft(&shared(), "Gates", json!({})).await;
    show.seating(json!([
        { "name": "Left", "rows": [{ "label": "1", "first": 1, "last": 5 }] },
        { "name": "Right", "rows": [{ "label": "1", "first": 1, "last": 5 }] },
    ]))
    .await;
    let seat = show.ticket_type(json!({ "name": "Seat", "price": 100 })).await;
    show.door(json!({
        "areas": [{ "name": "main", "reentry": "after_exit", "per": "show" }],
        "gates": [
            { "name": "Left door", "area": "main", "sections": ["Left"] },
            { "name": "Right door", "area": "main", "sections": ["Right"] },
        ],
        "opens_before_seconds": 0, "codes": "admit", "holder": "initials",
    }))
    .await;
    show.publish().await;
    let ticket = show.sell_seat(&seat, "Left-1-1").await;
    // The gates' names in the answer come from the read model, which may be a moment behind.
    show.seen("", show.head().await).await;
    let refused = show.check_in(json!({ "short_code": ticket["short_code"], "gate": "Right door" })).await;
    assert_refused(&refused, "wrong_gate", true);
    assert_eq!(refused["do"], "other_gate", "{refused}");
    assert!(refused["say"].as_str().expect("a text").contains("Left door"), "which gate is said: {refused}");
    assert_admitted(&show.check_in(json!({ "short_code": ticket["short_code"], "gate": "Left door" })).await);
}

#[tokio::test]
async fn who_went_out_comes_in_again_after_an_exit_and_uses_no_entry() {
    let (show, floor) = Show::standing(&shared(), "In and out", 10, json!({})).await;
    let ticket = show.sell_one(&floor).await;
    let code = ticket["short_code"].clone();
    let not_inside = show.check_in(json!({ "short_code": code, "direction": "out" })).await;
    assert_refused(&not_inside, "not_inside", true);
    assert_admitted(&show.check_in(json!({ "short_code": code, "direction": "in" })).await);
    let out = show.check_in(json!({ "short_code": code, "direction": "out" })).await;
    assert_admitted(&out);
    let attendance = show.seen("/attendance", out.position()).await;
    assert_eq!((&attendance["inside"], &attendance["departed"]), (&json!(0), &json!(1)), "{attendance}");
    assert_admitted(&show.check_in(json!({ "short_code": code, "direction": "in" })).await);
    assert_refused(&show.check_in(json!({ "short_code": code })).await, "already_checked_in", true);
    assert_eq!(show.recorded("CheckedOut").await.len(), 1);
}

#[tokio::test]
async fn where_nobody_may_return_whoever_went_out_stays_out() {
    let (show, _, crew) = two_areas().await;
    let ticket = show.sell_one(&crew).await;
    let scan =
        |direction: &str| json!({ "short_code": ticket["short_code"], "gate": "Stage door", "direction": direction });
    assert_admitted(&show.check_in(scan("in")).await);
    assert_admitted(&show.check_in(scan("out")).await);
    assert_refused(&show.check_in(scan("in")).await, "already_checked_in", true);
}

#[tokio::test]
async fn where_reentry_is_always_every_admission_uses_an_entry() {
    let show = Show::draft(&shared(), "Ten-entry card", json!({})).await;
    show.seating(json!([{ "name": "Floor", "capacity": 10 }])).await;
    show.door(json!({ "areas": [{ "name": "pool", "reentry": "always", "per": "show" }], "gates": [],
        "opens_before_seconds": 0, "codes": "admit", "holder": "none" }))
        .await;
    let card = show.ticket_type(json!({ "name": "Card", "price": 100, "entries": 3 })).await;
    let season = show.ticket_type(json!({ "name": "Season", "price": 100, "entries": "unlimited" })).await;
    show.publish().await;
    let card = show.sell_one(&card).await;
    for left in [2, 1, 0] {
        let answer = show.check_in(json!({ "short_code": card["short_code"] })).await;
        assert_admitted(&answer);
        assert_eq!(answer["entries_left"], left);
    }
    assert_refused(&show.check_in(json!({ "short_code": card["short_code"] })).await, "already_checked_in", true);
    let season = show.sell_one(&season).await;
    for _ in 0..5 {
        assert_admitted(&show.check_in(json!({ "short_code": season["short_code"] })).await);
    }
}

#[tokio::test]
async fn a_group_ticket_admits_its_persons_together_or_in_parts() {
    let show = Show::draft(&shared(), "Groups", json!({})).await;
    show.seating(json!([{ "name": "Floor", "capacity": 12 }])).await;
    let family = show.ticket_type(json!({ "name": "Family", "price": 5000, "persons": 5 })).await;
    show.publish().await;
    let ticket = show.sell_one(&family).await;
    let two = show.check_in(json!({ "short_code": ticket["short_code"], "persons": 2 })).await;
    assert_admitted(&two);
    assert_eq!((&two["persons_left"], &two["ticket"]["persons"]), (&json!(3), &json!(5)), "{two}");
    let rest = show.check_in(json!({ "short_code": ticket["short_code"] })).await;
    assert_admitted(&rest);
    assert_eq!(rest["persons_left"], 0, "by default all that are left");
    assert_refused(&show.check_in(json!({ "short_code": ticket["short_code"] })).await, "already_checked_in", true);
    let attendance = show.seen("/attendance", rest.position()).await;
    assert_eq!((&attendance["admitted"], &attendance["inside"]), (&json!(5), &json!(5)), "{attendance}");
    // Two such tickets take ten of the twelve places.
    show.sell_one(&family).await;
    let body = json!({ "items": [{ "ticket_type": family, "quantity": 1 }], "payment": { "method": "cash" } });
    show.staff.post(&show.path("/tickets"), &body).problem(409, "sold_out").await;
}

#[tokio::test]
async fn a_full_area_refuses_until_somebody_leaves() {
    let show = Show::draft(&shared(), "Full", json!({})).await;
    show.seating(json!([{ "name": "Floor", "capacity": 10 }])).await;
    show.door(json!({ "areas": [{ "name": "club", "limit": 1, "reentry": "after_exit", "per": "show" }], "gates": [],
        "opens_before_seconds": 0, "codes": "admit", "holder": "none" }))
        .await;
    let floor = show.ticket_type(json!({ "name": "Standing", "price": 100 })).await;
    show.publish().await;
    let first = show.sell_one(&floor).await;
    let second = show.sell_one(&floor).await;
    assert_admitted(&show.check_in(json!({ "short_code": first["short_code"] })).await);
    let full = show.check_in(json!({ "short_code": second["short_code"] })).await;
    assert_refused(&full, "area_full", true);
    assert_eq!(full["do"], "wait", "{full}");
    show.check_in(json!({ "short_code": first["short_code"], "direction": "out" })).await;
    assert_admitted(&show.check_in(json!({ "short_code": second["short_code"] })).await);
}

#[tokio::test]
async fn a_cancelled_show_admits_nobody_whatever_is_overridden() {
    let (show, floor) = Show::standing(&shared(), "Called off", 10, json!({})).await;
    let ticket = show.sell_one(&floor).await;
    show.staff.post(&show.path("/cancel"), &json!({ "reason": "Storm" })).expect(200).await;
    assert_refused(&show.check_in(json!({ "short_code": ticket["short_code"] })).await, "show_cancelled", false);
    let overridden =
        show.check_in(json!({ "short_code": ticket["short_code"], "override": { "reason": "Came from afar" } })).await;
    assert_refused(&overridden, "show_cancelled", false);
}

#[tokio::test]
async fn a_confirmed_code_shows_the_ticket_first_and_records_nothing() {
    let show = Show::draft(&shared(), "Confirm", json!({})).await;
    show.seating(json!([{ "name": "Floor", "capacity": 10 }])).await;
    show.door(json!({ "areas": [{ "name": "main", "reentry": "after_exit", "per": "show" }], "gates": [],
        "opens_before_seconds": 0, "codes": "confirm", "holder": "full" }))
        .await;
    let floor = show.ticket_type(json!({ "name": "Standing", "price": 100 })).await;
    show.publish().await;
    let ticket = show
        .staff
        .post(
            &show.path("/tickets"),
            &json!({
                "items": [{ "ticket_type": floor, "quantity": 1 }],
                "customer": { "name": "Ada Example", "email": "ada@example.org" },
                "payment": { "method": "cash" },
            }),
        )
        .expect(201)
        .await["tickets"][0]
        .clone();
    let before = show.history().await.len();
    let scan = fixed_uuid(77).to_string();
    let asked = show.check_in(json!({ "short_code": ticket["short_code"], "scan": scan })).await;
    assert_eq!(asked["result"], "confirm", "{asked}");
    assert_eq!(asked["ticket"]["id"], ticket["id"]);
    assert_eq!(show.history().await.len(), before, "a look is no scan");
    let admitted = show.check_in(json!({ "ticket": ticket["id"], "scan": scan })).await;
    assert_admitted(&admitted);
    assert_eq!(admitted["scan"], scan.as_str());
    // A token needs no second look.
    let other = show.sell_one(&floor).await;
    assert_admitted(&show.check_in(json!({ "token": other["token"] })).await);
}

#[tokio::test]
async fn people_without_a_ticket_are_counted() {
    let (show, _) = Show::standing(&shared(), "Counted", 10, json!({})).await;
    let counts = show.path("/counts");
    show.staff
        .post(&counts, &json!({ "area": "main", "direction": "in", "persons": 4, "reason": "Press" }))
        .expect(201)
        .await;
    let last = show.staff.post(&counts, &json!({ "area": "main", "direction": "out", "persons": 1 })).expect(201).await;
    let attendance = show.seen("/attendance", last.position()).await;
    assert_eq!(attendance["inside"], 3, "{attendance}");
    assert_eq!(show.recorded("PersonsCounted").await.len(), 2);
    let nowhere = json!({ "area": "attic", "direction": "in", "persons": 1 });
    show.staff.post(&counts, &nowhere).problem(422, "invalid").await;
}

#[tokio::test]
async fn the_door_list_has_what_a_device_needs_to_decide_alone() {
    let (show, floor) = Show::standing(&shared(), "Door list", 10, json!({})).await;
    let sold = show.sell(json!([{ "ticket_type": floor, "quantity": 2 }])).await;
    let list = show.seen("/door-list", sold.position()).await;
    let text = list.text.clone();
    for ticket in sold["tickets"].as_array().expect("tickets") {
        assert!(text.contains(ticket["id"].as_str().expect("an id")), "{text}");
        assert!(text.contains(ticket["short_code"].as_str().expect("a code")), "{text}");
    }
    let kid = show.anyone.get("//.well-known/jwks.json").expect(200).await["keys"][0]["kid"].clone();
    assert!(text.contains(kid.as_str().expect("a key id")), "the public keys: {text}");
    let first = &sold["tickets"][0];
    let scanned = show.check_in(json!({ "ticket": first["id"] })).await;
    let changes = show.seen(&format!("/door-list?after={}", sold.position()), scanned.position()).await;
    assert!(changes.text.contains(first["id"].as_str().expect("an id")), "{changes}");
    assert!(!changes.text.contains(sold["tickets"][1]["id"].as_str().expect("an id")), "only what changed: {changes}");
}
