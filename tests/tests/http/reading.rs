//! The read side: positions, ETags, pages, the history, and what the public does not see.

use std::time::{Duration, Instant};

use black_box::{Show, assert_fields, eventually, shared, whole_history};
use serde_json::{Value, json};

use crate::api_keys::later;

#[tokio::test]
async fn a_query_with_a_position_has_seen_it() {
    let (show, floor) = Show::standing(&shared(), "Own writes", 100, json!({})).await;
    for sold in 1..=20 {
        let position = show.sell(json!([{ "ticket_type": floor, "quantity": 1 }])).await.position();
        let availability = show.seen("/availability", position).await;
        assert_eq!(availability["ticket_types"][0]["sold"], sold);
        assert!(availability.position() >= position);
    }
}

#[tokio::test]
async fn a_position_beyond_the_logs_head_is_422_at_once() {
    let (show, _) = Show::standing(&shared(), "Beyond", 10, json!({})).await;
    let started = Instant::now();
    show.staff.get(&show.path("/seats")).at_position(u64::from(u32::MAX)).problem(422, "invalid").await;
    assert!(started.elapsed() < Duration::from_secs(4), "it waited");
    show.staff.get(&show.path("/seats")).at_once().header("turnout-position", "tomorrow").problem(422, "invalid").await;
}

#[tokio::test]
async fn an_unchanged_answer_is_304_and_a_changed_one_has_another_tag() {
    let (show, seat) = Show::seated(&shared(), "Tags", 2, 5, json!({})).await;
    let head = show.head().await;
    for rest in ["", "/availability", "/seats", "/seating", "/attendance", "/orders", "/tickets", "/door-list"] {
        let first = show.seen(rest, head).await;
        let tag = first.etag();
        let second = show.staff.get(&show.path(rest)).header("if-none-match", &tag).expect(304).await;
        assert_eq!(second.text, "");
        assert_eq!(second.etag(), tag, "of {rest}");
    }
    let before = show.seen("/seats", head).await;
    let sold = show.sell(json!([{ "ticket_type": seat, "seats": ["Stalls-1-1"] }])).await;
    let after = show
        .staff
        .get(&show.path("/seats"))
        .at_position(sold.position())
        .header("if-none-match", &before.etag())
        .expect(200)
        .await;
    assert_ne!(after.etag(), before.etag());
    let seating = show.seen("/seating", head).await;
    let same = show.seen("/seating", sold.position()).await;
    assert_eq!(seating.etag(), same.etag(), "seating changes only when seating does");
}

#[tokio::test]
async fn the_tag_of_an_answer_with_names_counts_the_names_changes() {
    let (show, floor) = Show::standing(&shared(), "Names in tags", 10, json!({})).await;
    let sold = show.sell(json!([{ "ticket_type": floor, "quantity": 1 }])).await;
    let ticket = sold.text("/tickets/0/id");
    let before = show.seen("/tickets", sold.position()).await;
    let named = show
        .staff
        .put(&show.path(&format!("/tickets/{ticket}/holder")), &json!({ "name": "Another Name" }))
        .expect(200)
        .await;
    let after = show.seen("/tickets", named.position()).await;
    assert_ne!(before.etag(), after.etag());
    assert!(after.text.contains("Another Name"), "{after}");
}

#[tokio::test]
async fn the_public_and_staff_never_share_a_tag() {
    let (show, seat) = Show::seated(&shared(), "Two views", 1, 5, json!({})).await;
    let held = show.hold(json!([{ "ticket_type": seat, "seats": ["Stalls-1-2"] }])).await;
    let staff = show.seen("/seats", held.position()).await;
    let public = show.anyone.get(&show.path("/seats")).header("if-none-match", &staff.etag()).expect(200).await;
    assert_eq!(public["seats"]["Stalls-1-2"], "taken");
    let mine = show.anyone.with_bearer(&held.text("secret"));
    let mine = mine.get(&show.path("/seats")).header("if-none-match", &public.etag()).expect(200).await;
    assert_eq!(mine["mine"], json!(["Stalls-1-2"]));
}

#[tokio::test]
async fn lists_are_read_page_by_page_and_nothing_is_left_out_or_twice() {
    let (show, floor) = Show::standing(&shared(), "Pages", 100, json!({})).await;
    let mut expected: Vec<String> = Vec::new();
    let mut head = 0;
    for _ in 0..7 {
        let sold = show.sell(json!([{ "ticket_type": floor, "quantity": 1 }])).await;
        expected.push(sold.text("/tickets/0/id"));
        head = sold.position();
    }
    let mut found: Vec<String> = Vec::new();
    let mut cursor = String::new();
    let mut pages = 0;
    loop {
        let page = show.seen(&format!("/tickets?limit=3{cursor}"), head).await;
        assert_fields(&page.json, &["items", "next"]);
        let items = page["items"].as_array().expect("items");
        assert!(items.len() <= 3);
        found.extend(items.iter().map(|ticket| ticket["id"].as_str().expect("an id").to_owned()));
        pages += 1;
        match page["next"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(pages, 3);
    found.sort_unstable();
    expected.sort_unstable();
    assert_eq!(found, expected);
    for wrong in ["limit=0", "limit=201", "limit=many", "cursor=garbage%21"] {
        show.staff.get(&show.path(&format!("/tickets?{wrong}"))).problem(422, "invalid").await;
    }
}

#[tokio::test]
async fn the_history_tells_everything_in_order_with_every_field() {
    let staff = shared();
    let (show, floor) = Show::standing(&staff, "History", 10, json!({})).await;
    let ticket = show.sell_one(&floor).await;
    show.check_in(json!({ "ticket": ticket["id"] })).await;
    let events = show.history().await;
    let kinds: Vec<&str> = events.iter().map(|event| event.kind.as_str()).collect();
    assert_eq!(kinds[..4], ["ShowScheduled", "SeatingAdopted", "TicketTypeAdded", "ShowPublished"]);
    assert_eq!(kinds.last(), Some(&"CheckedIn"));
    assert!(
        kinds.contains(&"OrderPlaced") && kinds.contains(&"PaymentRecorded") && kinds.contains(&"TicketIssued"),
        "{kinds:?}"
    );
    for event in &events {
        assert_fields(
            &event.row,
            &[
                "position",
                "organization",
                "stream_type",
                "stream",
                "version",
                "type",
                "schema",
                "recorded_at",
                "actor",
                "device",
                "channel",
                "command",
                "correlation",
                "causation",
                "payload",
                "content_hash",
                "sentence",
            ],
        );
        assert!(event.recorded_at.ends_with('Z'));
    }
    assert!(events.windows(2).all(|pair| pair[0].recorded_at <= pair[1].recorded_at), "time never runs back");

    let last = events.last().expect("an event");
    let single = staff.get(&format!("/history/{}", last.position)).expect(200).await;
    let mut explained = single.json.clone();
    let because = explained.as_object_mut().and_then(|item| item.remove("because")).expect("because");
    assert_eq!(explained, last.row);
    assert_fields(&because[0], &["position", "relation", "type", "recorded_at", "sentence"]);
    let of_type = whole_history(&staff, &format!("show={}&type=TicketIssued", show.id)).await;
    assert_eq!(of_type.len(), 1);
    let between =
        whole_history(&staff, &format!("show={}&after={}&before={}", show.id, events[0].position, events[3].position))
            .await;
    assert_eq!(between.iter().map(|event| event.version).collect::<Vec<_>>(), [2, 3]);
    staff.get("/history/0").problem(404, "not_found").await;
    staff.get("/history?type=NoSuchType").send().await;
}

#[tokio::test]
async fn changes_since_a_position_come_in_one_answer_and_may_be_waited_for() {
    let (show, seat) = Show::seated(&shared(), "Changes", 1, 5, json!({})).await;
    let start = show.head().await;
    let nothing = show.anyone.get(&show.path(&format!("/changes?after={start}"))).at_position(start).expect(200).await;
    assert_fields(&nothing.json, &["position", "reset", "seats", "availability", "attendance"]);
    assert_eq!((&nothing["seats"], &nothing["availability"]), (&json!({}), &Value::Null), "{nothing}");

    let waiting = tokio::spawn(show.anyone.get(&show.path(&format!("/changes?after={start}&wait=20"))).expect(200));
    let held = show.hold(json!([{ "ticket_type": seat, "seats": ["Stalls-1-1"] }])).await;
    let changed = waiting.await.expect("an answer");
    assert_eq!(changed["seats"], json!({ "Stalls-1-1": "taken" }), "{changed}");
    assert_eq!(changed["reset"], false);
    assert_eq!(changed["attendance"], Value::Null, "the public never sees attendance");
    assert!(changed["position"].as_u64() >= Some(held.position()));

    let holder = show.anyone.with_bearer(&held.text("secret"));
    let released = holder.delete(&show.path(&format!("/holds/{}", held.text("id")))).expect(204).await;
    let after = held.position();
    let freed = show
        .anyone
        .get(&show.path(&format!("/changes?after={after}")))
        .at_position(released.position())
        .expect(200)
        .await;
    assert_eq!(freed["seats"], json!({ "Stalls-1-1": null }), "null when free again: {freed}");
    show.anyone.get(&show.path("/changes?after=1&wait=61")).problem(422, "invalid").await;
}

#[tokio::test]
async fn many_who_ask_at_once_after_a_sale_all_see_it() {
    let (show, floor) = Show::standing(&shared(), "Crowd", 1_000, json!({})).await;
    for sold in 1..=10 {
        let position = show.sell(json!([{ "ticket_type": floor, "quantity": 1 }])).await.position();
        let asking = (0..20).map(|_| show.seen("/availability", position));
        for answer in futures::future::join_all(asking).await {
            assert_eq!(answer["ticket_types"][0]["sold"], sold, "never from before what was seen: {answer}");
            assert!(answer.position() >= position);
        }
    }
}

#[tokio::test]
async fn the_tag_of_what_is_left_changes_when_a_sales_window_opens() {
    let (other, _) = Show::standing(&shared(), "Opens before", 10, json!({})).await;
    let now = other.history().await.last().expect("published").recorded_at.clone();
    let sales = json!({ "sales": { "opens_at": later(&now, 15) } });
    let (show, _) = Show::standing(&shared(), "Opens", 10, sales).await;
    let head = show.head().await;
    let before = show.anyone.get(&show.path("/availability")).at_position(head).expect(200).await;
    assert_eq!(before["on_sale"], false, "{before}");
    let asking = || show.anyone.get(&show.path("/availability")).header("if-none-match", &before.etag()).send();
    let after = eventually(Duration::from_secs(40), "it is on sale", async || {
        let answer = asking().await;
        (answer.status == 200).then_some(answer)
    })
    .await;
    assert_eq!(after["on_sale"], true, "{after}");
    assert_ne!(after.etag(), before.etag());
}

#[tokio::test]
async fn a_kept_answer_is_the_same_in_every_form_with_a_tag_for_each() {
    let (show, _) = Show::seated(&shared(), "Forms", 40, 20, json!({})).await;
    let head = show.head().await;
    let plain = show.anyone.get(&show.path("/seating")).at_position(head).expect(200).await;
    let url = format!("http://{}/api/v1{}", show.anyone.address(), show.path("/seating"));
    let client = reqwest::Client::new();
    let mut tags = vec![plain.etag()];
    // As programs ask, and as browsers do.
    for (asked, coding) in [("gzip", "gzip"), ("gzip, deflate, br, zstd", "zstd")] {
        let packed = client.get(&url).header("accept-encoding", asked).send().await.expect("an answer");
        let header = |name: &str| packed.headers()[name].to_str().expect("text").to_owned();
        assert_eq!(header("content-encoding"), coding);
        assert!(packed.headers().get_all("vary").iter().any(|vary| vary == "accept-encoding"));
        assert!(!tags.contains(&header("etag")), "strong: of these bytes");
        tags.push(header("etag"));
        let bytes = packed.bytes().await.expect("a body").len();
        assert!(bytes * 4 < plain.text.len(), "{bytes} of {}", plain.text.len());
    }
    for tag in tags {
        let known = show.anyone.get(&show.path("/seating")).header("if-none-match", &tag).expect(304).await;
        assert_eq!(known.etag(), tag);
    }
}

#[tokio::test]
async fn the_public_sees_levels_and_staff_see_numbers() {
    let (show, floor) = Show::standing(&shared(), "Levels", 10, json!({})).await;
    let sold = show.sell(json!([{ "ticket_type": floor, "quantity": 4 }])).await;
    let held = show.hold(json!([{ "ticket_type": floor, "quantity": 1 }])).await;
    let staff = show.seen("/availability", held.position()).await;
    let kind = &staff["ticket_types"][0];
    for (field, number) in [("capacity", 10), ("available", 5), ("held", 1), ("sold", 4), ("blocked", 0)] {
        assert_eq!(kind[field], number, "`{field}` of {staff}");
    }
    let public = show.anyone.get(&show.path("/availability")).at_position(sold.position()).expect(200).await;
    let kind = &public["ticket_types"][0];
    assert!(kind["id"].is_string() && kind["prices"].is_array() && kind["level"].is_string(), "{public}");
    for field in ["capacity", "available", "held", "sold", "blocked"] {
        assert_eq!(kind[field], Value::Null, "`{field}` is for staff: {public}");
    }
    for section in public["sections"].as_array().expect("sections") {
        assert!(["plenty", "few", "none"].contains(&section["level"].as_str().expect("a level")), "{public}");
    }
    assert_eq!(public["status"], "published");
}
