//! The conventions of the contract that hold on every path: problems, status codes, unknown fields, positions, money.

use black_box::{EXAMPLE_START, Show, assert_fields, fixed_uuid, shared, show_body};
use reqwest::Method;
use serde_json::{Value, json};

const MEBIBYTE: usize = 1024 * 1024;

#[tokio::test]
async fn a_body_that_is_not_json_is_400() {
    let staff = shared();
    staff.call(Method::POST, "/shows").body("application/json", "{\"name\": ").problem(400, "not_json").await;
    staff.call(Method::POST, "/shows").body("application/json", "").problem(400, "not_json").await;
}

#[tokio::test]
async fn a_command_without_credentials_or_with_bad_ones_is_401() {
    let staff = shared();
    let (show, _) = Show::standing(&staff, "Credentials", 10, json!({})).await;
    let anyone = &show.anyone;
    let bad = staff.with_bearer("this-is-no-token-of-anybody-at-all-0123456789");
    for client in [anyone, &bad] {
        client.post("/shows", &json!({})).problem(401, "unauthenticated").await;
        client.post(&show.path("/tickets"), &json!({})).problem(401, "unauthenticated").await;
        client.post(&show.path("/check-ins"), &json!({})).problem(401, "unauthenticated").await;
        client.get("/history").problem(401, "unauthenticated").await;
        client.get(&show.path("/attendance")).problem(401, "unauthenticated").await;
        client.get(&show.path("/orders")).problem(401, "unauthenticated").await;
    }
    let refused = anyone.post("/shows", &json!({})).problem(401, "unauthenticated").await;
    assert!(refused.header("www-authenticate").is_some(), "{refused}");
}

#[tokio::test]
async fn a_holds_secret_may_not_do_what_staff_do() {
    let staff = shared();
    let (show, floor) = Show::standing(&staff, "Secrets", 10, json!({})).await;
    let held = show.hold(json!([{ "ticket_type": floor, "quantity": 1 }])).await;
    let buyer = show.anyone.with_bearer(&held.text("secret"));
    buyer.post("/shows", &json!({})).problem(403, "forbidden").await;
    buyer.post(&show.path("/tickets"), &json!({})).problem(403, "forbidden").await;
    // Whatever the path names, the role comes first.
    let nowhere = fixed_uuid(1);
    buyer.post(&format!("/shows/{nowhere}/publish"), &json!({})).problem(403, "forbidden").await;
}

#[tokio::test]
async fn one_holds_secret_does_not_open_another_hold() {
    let staff = shared();
    let (show, floor) = Show::standing(&staff, "Two buyers", 10, json!({})).await;
    let items = json!([{ "ticket_type": floor, "quantity": 1 }]);
    let mine = show.hold(items.clone()).await;
    let theirs = show.hold(items).await;
    let me = show.anyone.with_bearer(&mine.text("secret"));
    let refused = me.delete(&show.path(&format!("/holds/{}", theirs.text("id")))).send().await;
    assert!([401, 403, 404].contains(&refused.status), "{refused}");
    me.delete(&show.path(&format!("/holds/{}", mine.text("id")))).expect(204).await;
}

#[tokio::test]
async fn what_is_unknown_is_404() {
    let staff = shared();
    let nowhere = fixed_uuid(404);
    staff.get(&format!("/shows/{nowhere}")).problem(404, "not_found").await;
    staff.get("/shows/no-show-of-this-name").problem(404, "not_found").await;
    staff.post(&format!("/shows/{nowhere}/publish"), &json!({})).problem(404, "not_found").await;
    staff.get(&format!("/orders/{nowhere}")).problem(404, "not_found").await;
    staff.get(&format!("/tickets/{nowhere}")).problem(404, "not_found").await;
    staff.get("/no-such-path").problem(404, "not_found").await;
    let (show, _) = Show::standing(&staff, "Unknown things", 10, json!({})).await;
    for (path, body) in [
        (format!("/tickets/{nowhere}/void"), json!({ "reason": "None" })),
        (format!("/orders/{nowhere}/cancel"), json!({ "reason": "None" })),
        (format!("/blocks/{nowhere}/release"), json!({})),
        (format!("/check-ins/{nowhere}/undo"), json!({ "reason": "None" })),
    ] {
        staff.post(&show.path(&path), &body).problem(404, "not_found").await;
    }
}

#[tokio::test]
async fn an_unknown_id_in_a_body_is_422_with_its_pointer() {
    let staff = shared();
    let (show, _) = Show::standing(&staff, "Unknown type", 10, json!({})).await;
    let body = json!({
        "items": [{ "ticket_type": fixed_uuid(7).to_string(), "quantity": 1 }],
        "payment": { "method": "cash" },
    });
    let refused = staff.post(&show.path("/tickets"), &body).problem(422, "invalid").await;
    assert_eq!(refused.pointers(), ["/items/0/ticket_type"], "{refused}");
}

#[tokio::test]
async fn a_wrong_method_is_405_and_a_wrong_type_415() {
    let staff = shared();
    let answer = staff.delete("/shows").problem(405, "method_not_allowed").await;
    assert!(answer.header("allow").is_some(), "{answer}");
    staff.call(Method::POST, "/shows").body("text/plain", "name=x").problem(415, "unsupported_media_type").await;
}

#[tokio::test]
async fn a_body_over_its_limit_is_413_and_seating_may_be_larger() {
    let staff = shared();
    let show = Show::draft(&staff, "Large bodies", json!({})).await;
    let padding = " ".repeat(MEBIBYTE + 1);
    let large = show_body("Large", &json!({})).to_string() + &padding;
    staff.call(Method::POST, "/shows").body("application/json", large).problem(413, "too_large").await;

    let seating = json!({ "sections": [{ "name": "Floor", "capacity": 10 }] }).to_string() + &padding;
    staff.call(Method::PUT, &show.path("/seating")).body("application/json", seating).expect(200).await;
    let too_large = " ".repeat(32 * MEBIBYTE + 1);
    staff.call(Method::PUT, &show.path("/seating")).body("application/json", too_large).problem(413, "too_large").await;
}

#[tokio::test]
async fn unknown_fields_and_query_parameters_are_422_with_their_pointer() {
    let staff = shared();
    let body = show_body("Typo", &json!({ "pay_within_second": 60 }));
    let refused = staff.post("/shows", &body).problem(422, "invalid").await;
    assert_eq!(refused.pointers(), ["/pay_within_second"], "{refused}");

    let (show, floor) = Show::standing(&staff, "Typos", 10, json!({})).await;
    let body = json!({ "items": [{ "ticket_type": floor, "quantity": 1, "colour": "red" }] });
    let refused = show.anyone.post(&show.path("/holds"), &body).problem(422, "invalid").await;
    assert_eq!(refused.pointers(), ["/items/0/colour"], "{refused}");

    staff.get("/shows?limits=3").problem(422, "invalid").await;
    staff.get(&show.path("/seats?colour=red")).problem(422, "invalid").await;
    staff.get("/history?kind=TicketIssued").problem(422, "invalid").await;
}

#[tokio::test]
async fn every_wrong_field_is_named_by_its_pointer() {
    let staff = shared();
    for (more, pointer) in [
        (json!({ "name": "" }), "/name"),
        (json!({ "name": 7 }), "/name"),
        (json!({ "name": "x".repeat(10_000) }), "/name"),
        (json!({ "timezone": "Europe/Nowhere" }), "/timezone"),
        (json!({ "currency": "Euro" }), "/currency"),
        (json!({ "starts_at": "tomorrow" }), "/starts_at"),
        (json!({ "hold_seconds": -1 }), "/hold_seconds"),
        (json!({ "code_length": 2 }), "/code_length"),
        (json!({ "code_length": 9 }), "/code_length"),
        (json!({ "venue": { "name": "Hall" } }), "/venue/address"),
    ] {
        let refused = staff.post("/shows", &show_body("Wrong fields", &more)).problem(422, "invalid").await;
        assert_eq!(refused.pointers(), [pointer], "of {more}: {refused}");
        assert_fields(&refused["errors"][0], &["pointer", "detail"]);
    }
    let refused = staff.post("/shows", &json!({})).problem(422, "invalid").await;
    assert!(!refused.pointers().is_empty(), "{refused}");
}

#[tokio::test]
async fn control_characters_are_422_but_for_line_feed_and_tab_in_free_text() {
    let staff = shared();
    for text in ["NUL \u{0}", "bell \u{7}", "line\nfeed", "escape \u{1b}"] {
        let refused = staff.post("/shows", &show_body(text, &json!({}))).problem(422, "invalid").await;
        assert_eq!(refused.pointers(), ["/name"], "{refused}");
    }
    let refused =
        staff.post("/shows", &show_body("NUL", &json!({ "description": "a\u{0}b" }))).problem(422, "invalid").await;
    assert_eq!(refused.pointers(), ["/description"], "{refused}");
    let show = Show::draft(&staff, "Lines", json!({ "description": "First line\nsecond\tcolumn" })).await;
    let shown = staff.get(&show.path("")).expect(200).await;
    assert_eq!(shown["description"], "First line\nsecond\tcolumn");
}

#[tokio::test]
async fn a_line_is_not_turned_around_by_what_is_in_it() {
    let staff = shared();
    for bend in ['\u{202a}', '\u{202e}', '\u{2066}', '\u{2069}', '\u{2028}'] {
        let body = show_body(&format!("Cup {bend}puC"), &json!({}));
        let refused = staff.post("/shows", &body).problem(422, "invalid").await;
        assert_eq!(refused.pointers(), ["/name"], "{refused}");
    }
    Show::draft(&staff, "مسرح المدينة", json!({})).await;
}

#[tokio::test]
async fn an_empty_list_where_one_is_needed_is_422() {
    let staff = shared();
    let (show, _) = Show::standing(&staff, "Empty lists", 10, json!({})).await;
    for field in ["sections", "categories", "channels", "areas"] {
        let mut body = json!({ "name": "Nowhere", "price": 100 });
        body[field] = json!([]);
        let refused = staff.post(&show.path("/ticket-types"), &body).problem(422, "invalid").await;
        assert_eq!(refused.pointers(), [format!("/{field}")], "{refused}");
    }
    let refused = staff.post(&show.path("/pause-sales"), &json!({ "channels": [] })).problem(422, "invalid").await;
    assert_eq!(refused.pointers(), ["/channels"], "{refused}");
}

#[tokio::test]
async fn what_is_no_page_is_404_and_a_page_of_the_app_is_there() {
    let anyone = shared().without_bearer();
    for path in ["//metrics", "//.env", "//.git/config", "//wp-login.php", "//admin", "//api", "//api/v2/shows"] {
        anyone.get(path).problem(404, "not_found").await;
        let browser = anyone.get(path).header("accept", "text/html,*/*;q=0.8").send().await;
        assert_eq!(browser.status, 404, "{browser}");
    }
    anyone.call(Method::POST, "//wp-login.php").problem(404, "not_found").await;
    for path in ["//", "//events", "//sign-in", "//e/spring-cup", "//setup", "//settings/members"] {
        let page = anyone.get(path).expect(200).await;
        assert!(page.header("content-type").is_some_and(|kind| kind.starts_with("text/html")), "{page}");
    }
}

#[tokio::test]
async fn a_path_with_something_that_is_no_id_is_404_and_nothing_leaks() {
    let staff = shared();
    let (show, _) = Show::standing(&staff, "Odd paths", 10, json!({})).await;
    for path in ["/tickets/not-an-id", "/orders/';DROP TABLE log.events;--", "/tickets/%00"] {
        let refused = staff.get(path).send().await;
        assert!([404, 422].contains(&refused.status), "{refused}");
        assert!(
            ["sqlx", "postgres", "panicked", "src/", "relation"].iter().all(|word| !refused.text.contains(word)),
            "{refused}"
        );
    }
    staff.post(&show.path("/tickets/not-an-id/void"), &json!({ "reason": "None" })).problem(404, "not_found").await;
}

#[tokio::test]
async fn commands_answer_with_the_position_of_their_last_event() {
    let staff = shared();
    let show = Show::draft(&staff, "Positions", json!({})).await;
    let adopted = show.seating(json!([{ "name": "Floor", "capacity": 10 }])).await;
    let last = show.history().await.pop().expect("an event");
    assert_eq!(last.kind, "SeatingAdopted");
    assert_eq!(adopted.position(), last.position);
}

#[tokio::test]
async fn a_command_that_changes_nothing_answers_with_its_streams_last_position() {
    let staff = shared();
    let (show, _) = Show::standing(&staff, "Nothing new", 10, json!({})).await;
    let last = show.history().await.pop().expect("an event").position;
    let same = staff.patch(&show.path(""), &json!({ "name": "Nothing new" })).expect(200).await;
    assert_eq!(same.json, json!({}));
    assert_eq!(same.position(), last);
    assert_eq!(show.history().await.len() as u64, show.history().await.last().expect("an event").version);
    assert_eq!(show.history().await.last().expect("an event").position, last, "nothing was recorded");
}

#[tokio::test]
async fn times_are_utc_with_z_and_money_is_minor_units_with_its_currency() {
    let staff = shared();
    let (show, floor) =
        Show::standing(&staff, "Formats", 10, json!({ "starts_at": "2041-05-04T20:00:00+02:00" })).await;
    let shown = staff.get(&show.path("")).expect(200).await;
    let starts_at = shown.text("starts_at");
    assert!(starts_at.ends_with('Z'), "{starts_at}");
    assert_eq!(starts_at, EXAMPLE_START);
    let held = show.hold(json!([{ "ticket_type": floor, "quantity": 3 }])).await;
    assert!(held.text("expires_at").ends_with('Z'));
    assert_eq!(held["total"], json!({ "amount": 7500, "currency": "EUR" }));
}

#[tokio::test]
async fn merge_patch_leaves_what_it_does_not_name_and_null_sets_a_default_back() {
    let staff = shared();
    let show = Show::draft(&staff, "Patched", json!({ "hold_seconds": 120, "description": "Kept" })).await;
    let revised =
        staff.patch(&show.path(""), &json!({ "name": "Patched twice", "hold_seconds": null })).expect(200).await;
    let shown = show.seen("", revised.position()).await;
    assert_eq!(shown["name"], "Patched twice");
    assert_eq!(shown["description"], "Kept");
    assert_eq!(shown["hold_seconds"], 900, "{shown}");
    staff.patch(&show.path(""), &json!({ "name": null })).problem(422, "invalid").await;
    staff.patch(&show.path(""), &json!({ "starts_at": EXAMPLE_START })).problem(422, "invalid").await;
}

#[tokio::test]
async fn the_health_paths_need_no_credentials() {
    let anyone = shared().without_bearer();
    anyone.get("//health/live").expect(200).await;
    anyone.get("//health/ready").expect(200).await;
}

#[tokio::test]
async fn answers_carry_null_where_there_is_nothing_and_never_leave_a_field_out() {
    let staff = shared();
    let show = Show::draft(&staff, "Nulls", json!({})).await;
    let shown = staff.get(&show.path("")).expect(200).await;
    for field in ["doors_at", "ends_at"] {
        assert_eq!(shown.json.get(field), Some(&Value::Null), "`{field}` of {shown}");
    }
    assert_eq!(shown["venue"].get("latitude"), Some(&Value::Null), "{shown}");
    let list = staff.get("/shows?limit=1").expect(200).await;
    assert_fields(&list.json, &["items", "next"]);
}
