//! The history as it is told: sentences, what a thing went through, everything as lines, and why something is as it is.

use black_box::{Client, Recorded, Show, assert_fields, issue_key, shared, whole_history};
use serde_json::{Value, json};

/// A show with rows of seats, of which a buyer took one online, paid at the box office, and came twice.
struct Evening {
    show: Show,
    seat: String,
    hold: String,
    order: String,
    reference: String,
    ticket: Value,
}

const BUYER: &str = "Rosamund Historybuyer";

impl Evening {
    async fn of(name: &str) -> Self {
        let (show, seat) = Show::seated(&shared(), name, 2, 6, json!({})).await;
        show.door(json!({ "gates": [{ "name": "North", "area": "main" }] })).await;
        let held = show.hold(json!([{ "ticket_type": seat, "seats": ["Stalls-1-1"] }])).await;
        let customer = json!({ "name": BUYER, "email": "rosamund@history.example" });
        let body = json!({ "hold": held.text("id"), "customer": customer });
        let order = show.staff.post(&show.path("/orders"), &body).expect(201).await;
        let paid = json!({ "method": "cash", "amount": 4000, "reference": "ledger nine" });
        let path = show.path(&format!("/orders/{}/payments", order.text("id")));
        let paid = show.staff.post(&path, &paid).expect(201).await;
        let ticket = paid["tickets"][0].clone();
        let scan = json!({ "ticket": ticket["id"], "gate": "North" });
        assert_eq!(show.check_in(scan.clone()).await["result"], "admitted");
        assert_eq!(show.check_in(scan).await["result"], "refused");
        Self { show, seat, hold: held.text("id"), order: order.text("id"), reference: order.text("reference"), ticket }
    }

    fn ticket_id(&self) -> &str {
        self.ticket["id"].as_str().expect("an id")
    }

    async fn kinds(&self, filter: &str) -> Vec<String> {
        let events = whole_history(&self.show.staff, &format!("show={}&{filter}", self.show.id)).await;
        events.into_iter().map(|event| event.kind).collect()
    }

    async fn one(&self, kind: &str) -> Recorded {
        let mut found = self.show.recorded(kind).await;
        assert_eq!(found.len(), 1, "one {kind}");
        found.remove(0)
    }

    async fn why(&self, position: u64) -> Vec<(String, String)> {
        let event = self.show.staff.get(&format!("/history/{position}")).expect(200).await;
        let because = event["because"].as_array().expect("because");
        assert!(because.windows(2).all(|pair| pair[0]["position"].as_u64() < pair[1]["position"].as_u64()));
        let text = |item: &Value, name: &str| item[name].as_str().expect("a text").to_owned();
        because.iter().map(|item| (text(item, "relation"), text(item, "type"))).collect()
    }
}

fn told(event: &Recorded) -> &str {
    event.row["sentence"].as_str().expect("a sentence")
}

#[tokio::test]
async fn a_seat_an_order_a_ticket_a_hold_a_block_and_a_scan_each_have_their_story() {
    let evening = Evening::of("Stories").await;
    let show = &evening.show;
    let sold = show.sell_seat(&evening.seat, "Stalls-1-2").await;
    let blocked = json!({ "label": "Sponsor", "kind": "promoter", "places": [{ "seats": ["Stalls-2-1"] }] });
    let block = show.staff.post(&show.path("/blocks"), &blocked).expect(201).await.text("id");
    show.staff.post(&show.path(&format!("/blocks/{block}/release")), &json!({})).expect(200).await;
    let at_the_door = ["CheckedIn", "CheckInRefused"];
    let story = ["HoldPlaced", "OrderPlaced", "TicketIssued", "CheckedIn", "CheckInRefused"];
    assert_eq!(evening.kinds("seat=Stalls-1-1").await, story);
    assert_eq!(evening.kinds(&format!("hold={}", evening.hold)).await, ["HoldPlaced", "OrderPlaced"]);
    assert_eq!(
        evening.kinds(&format!("order={}", evening.order)).await,
        ["OrderPlaced", "PaymentRecorded", "TicketIssued", "CheckedIn", "CheckInRefused"]
    );
    let of_ticket = format!("ticket={}", evening.ticket_id());
    assert_eq!(evening.kinds(&of_ticket).await, ["TicketIssued", "CheckedIn", "CheckInRefused"]);
    assert_eq!(evening.kinds(&format!("block={block}")).await, ["PlacesBlocked", "BlockReleased"]);
    assert_eq!(evening.kinds("seat=Stalls-2-1").await, ["PlacesBlocked", "BlockReleased"]);
    assert_eq!(evening.kinds("seat=Stalls-2-2").await, [""; 0]);
    for kind in at_the_door {
        let scan = evening.one(kind).await.payload["scan"]["scan"].clone();
        assert_eq!(evening.kinds(&format!("scan={}", scan.as_str().expect("an id"))).await, [kind]);
    }
    // What is said together has to fit together.
    let other = sold["id"].as_str().expect("an id");
    assert_eq!(evening.kinds(&format!("seat=Stalls-1-1&ticket={other}")).await, [""; 0]);
    assert_eq!(evening.kinds(&format!("{of_ticket}&type=CheckedIn")).await, ["CheckedIn"]);
    // A moved ticket belongs to both seats.
    let to = json!({ "seat": "Stalls-2-6" });
    show.staff.post(&show.path(&format!("/tickets/{other}/move")), &to).expect(200).await;
    assert_eq!(evening.kinds("seat=Stalls-2-6").await, ["TicketMoved"]);
    assert_eq!(evening.kinds("seat=Stalls-1-2").await.last().map(String::as_str), Some("TicketMoved"));
    let nowhere = show.staff.get("/history?seat=Stalls-1-1").problem(422, "invalid").await;
    assert_eq!(nowhere.pointers(), ["/seat"]);
}

#[tokio::test]
async fn times_are_bounds_to_the_moment() {
    let evening = Evening::of("Moments").await;
    let events = evening.show.history().await;
    let middle = events[events.len() / 2].recorded_at.clone();
    let behind: Vec<u64> = events.iter().filter(|e| e.recorded_at >= middle).map(|e| e.position).collect();
    let asked = |filter: String| async move {
        let found = whole_history(&evening.show.staff, &format!("show={}&{filter}", evening.show.id)).await;
        found.into_iter().map(|event| event.position).collect::<Vec<_>>()
    };
    let from = asked(format!("from={middle}")).await;
    assert_eq!(from, behind);
    let evening = events.iter().filter(|e| e.recorded_at < middle).count();
    assert_eq!(evening + behind.len(), events.len());
}

#[tokio::test]
async fn sentences_name_people_to_those_who_may_see_them_and_in_their_language() {
    let evening = Evening::of("Told").await;
    let show = &evening.show;
    let sold = evening.one("TicketIssued").await;
    let code = evening.ticket["short_code"].as_str().expect("a code");
    let expected =
        format!("Seat Stalls-1-1 was sold to order {} on the web: ticket {code}, Seat, 40.00 EUR", evening.reference);
    assert!(told(&sold).starts_with(&expected), "{}", told(&sold));
    let placed = evening.one("OrderPlaced").await;
    assert!(told(&placed).contains(BUYER), "{}", told(&placed));
    assert!(!placed.payload.to_string().contains(BUYER));
    assert!(told(&evening.one("PaymentRecorded").await).contains("“ledger nine”"));
    let refused = evening.one("CheckInRefused").await;
    let expected = format!("Ticket {code} (Stalls-1-1) was refused at gate North: it had already been let in on ");
    assert!(told(&refused).starts_with(&expected), "{}", told(&refused));

    // An auditor sees neither names nor what was typed, nor codes that still open a door; who works here, and which key it was.
    let (_, auditor) = issue_key(&show.staff, "auditor", json!({})).await;
    let seen = whole_history(&auditor, &format!("show={}", show.id)).await;
    let all: String = seen.iter().map(|event| event.row.to_string()).collect();
    for hidden in [BUYER, "ledger nine", &format!("\"{code}\""), &format!("icket {code}")] {
        assert!(!all.contains(hidden), "{hidden}");
    }
    let issued = seen.iter().find(|event| event.kind == "TicketIssued").expect("a sale");
    assert!(told(issued).contains("ticket •••, Seat"), "{}", told(issued));
    let (_, seller) = issue_key(&show.staff, "manager", json!({ "name": "Till seven" })).await;
    let body = json!({ "items": [{ "ticket_type": evening.seat, "quantity": 1 }], "payment": { "method": "cash" } });
    let position = seller.post(&show.path("/tickets"), &body).expect(201).await.position();
    let by_key = auditor.get(&format!("/history/{position}")).at_position(position).expect(200).await;
    assert!(by_key.text("sentence").ends_with("(key Till seven)"), "{by_key}");

    let german = show.staff.get(&format!("/history/{}", sold.position)).header("accept-language", "de-AT, en;q=0.5");
    let german = german.expect(200).await;
    assert_eq!(german.header("content-language"), Some("de"));
    assert!(german.text("sentence").starts_with("Sitzplatz Stalls-1-1 wurde im Web an Bestellung"), "{german}");
    let listed = show.staff.get("/history?limit=1").header("accept-language", "fr").expect(200).await;
    assert_eq!(listed.header("content-language"), Some("en"));

    // Once they are erased, so is the name in the sentence, and nothing else.
    let person = placed.payload["customer"].as_str().expect("a person").to_owned();
    assert_eq!(evening.kinds(&format!("person={person}")).await.first().map(String::as_str), Some("OrderPlaced"));
    show.staff.post(&format!("/people/{person}/erase"), &json!({ "reason": "asked" })).expect(200).await;
    let after = show.staff.get(&format!("/history/{}", placed.position)).expect(200).await;
    assert_eq!(after["payload"], placed.payload);
    assert_eq!(after.text("sentence"), told(&placed).replace(BUYER, "[erased]"));
}

#[tokio::test]
async fn everything_that_fits_comes_as_lines_in_the_order_of_the_log() {
    let (show, floor) = Show::standing(&shared(), "Lines", 2_000, json!({})).await;
    for _ in 0..8 {
        show.sell(json!([{ "ticket_type": floor, "quantity": 100 }])).await;
    }
    let listed = show.history().await;
    assert!(listed.len() > 800, "more than is read at once: {}", listed.len());
    let lines = show.staff.get(&format!("/history?show={}&format=ndjson", show.id)).expect(200).await;
    assert_eq!(lines.header("content-type"), Some("application/x-ndjson"));
    assert_eq!(lines.header("content-language"), Some("en"));
    let items: Vec<Value> = lines.text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!(items, listed.iter().map(|event| event.row.clone()).collect::<Vec<_>>());
    assert!(lines.text.ends_with('\n'));
    let issued = show.staff.get(&format!("/history?show={}&type=TicketIssued&format=ndjson", show.id));
    assert_eq!(issued.expect(200).await.text.lines().count(), 800);
    let none = show.staff.get(&format!("/history?show={}&type=SalesClosed&format=ndjson", show.id));
    assert_eq!(none.expect(200).await.text, "");
    for (parameter, pointer) in [("limit=2", "/limit"), ("cursor=7", "/cursor")] {
        let refused = show.staff.get(&format!("/history?format=ndjson&{parameter}")).problem(422, "invalid").await;
        assert_eq!(refused.pointers(), [pointer]);
    }
}

#[tokio::test]
async fn an_event_says_what_made_it_so_and_what_rests_on_it() {
    let evening = Evening::of("Because").await;
    let show = &evening.show;
    let relation = |relation: &str, kind: &str| (relation.to_owned(), kind.to_owned());
    let refused = evening.one("CheckInRefused").await.position;
    assert_eq!(evening.why(refused).await, [relation("reason", "CheckedIn")]);
    let admitted = evening.one("CheckedIn").await.position;
    assert_eq!(
        evening.why(admitted).await,
        [relation("reason", "TicketIssued"), relation("consequence", "CheckInRefused")]
    );
    let issued = evening.one("TicketIssued").await.position;
    let why = evening.why(issued).await;
    assert!(why.contains(&relation("reason", "OrderPlaced")), "{why:?}");
    assert!(why.contains(&relation("reason", "PaymentRecorded")), "{why:?}");
    assert!(why.contains(&relation("consequence", "CheckedIn")), "{why:?}");
    let placed = evening.one("OrderPlaced").await.position;
    assert!(evening.why(placed).await.contains(&relation("reason", "HoldPlaced")));

    let path = show.path(&format!("/tickets/{}/void", evening.ticket_id()));
    show.staff.post(&path, &json!({ "reason": "lost", "holder_has_left": true })).expect(200).await;
    let scan =
        json!({ "ticket": evening.ticket_id(), "gate": "North", "override": { "reason": "the manager said so" } });
    let let_in = show.check_in(scan).await;
    assert_eq!(let_in["result"], "admitted");
    let again = evening.one("TicketVoided").await.position;
    assert!(evening.why(again).await.contains(&relation("consequence", "CheckedIn")));
    assert!(evening.why(let_in.position()).await.contains(&relation("reason", "TicketVoided")));

    // What is about the show as a whole: each change names what it changed, and is named by it.
    let scheduled = evening.one("ShowScheduled").await.position;
    let published = evening.one("ShowPublished").await.position;
    assert!(evening.why(published).await.contains(&relation("reason", "ShowScheduled")));
    assert!(evening.why(scheduled).await.contains(&relation("consequence", "ShowPublished")));
    let paid = evening.one("PaymentRecorded").await.position;
    assert!(evening.why(paid).await.contains(&relation("consequence", "TicketIssued")));

    // One sale, one request.
    let sale = show.sell(json!([{ "ticket_type": evening.seat, "quantity": 2 }])).await.position();
    let why = evening.why(sale).await;
    assert_eq!(why.iter().filter(|(relation, _)| relation == "same_request").count(), 1, "{why:?}");
    assert_eq!(why.iter().filter(|(relation, _)| relation == "reason").count(), 2, "{why:?}");
    show.staff.get("/history/999999999").problem(404, "not_found").await;
}

#[tokio::test]
async fn a_rejection_names_to_staff_alone_the_events_that_hold_what_was_asked_for() {
    let evening = Evening::of("Rejected").await;
    let show = &evening.show;
    let blocked = json!({ "label": "Sponsor", "kind": "promoter", "places": [{ "seats": ["Stalls-2-1"] }] });
    show.staff.post(&show.path("/blocks"), &blocked).expect(201).await;
    show.hold(json!([{ "ticket_type": evening.seat, "seats": ["Stalls-2-2"] }])).await;
    let rejected = |client: Client, seats: &'static [&'static str], code: &'static str| {
        let items = json!({ "items": [{ "ticket_type": evening.seat, "seats": seats }] });
        let path = show.path("/holds");
        async move { client.post(&path, &items).problem(409, code).await }
    };
    for (seat, code, kind) in [
        (&["Stalls-1-1"], "seat_taken", "TicketIssued"),
        (&["Stalls-2-1"], "seat_blocked", "PlacesBlocked"),
        (&["Stalls-2-2"], "seat_taken", "HoldPlaced"),
    ] {
        let staff = rejected(show.staff.clone(), seat, code).await;
        let holding = show.recorded(kind).await.pop().expect("an event").position;
        assert_eq!(staff["because"], json!([{ "position": holding, "type": kind }]), "{staff}");
        let public = rejected(show.anyone.clone(), seat, code).await;
        assert_fields(&public.json, &["type", "title", "status", "detail", "code", "errors"]);
    }
    let all = rejected(show.staff.clone(), &["Stalls-1-1", "Stalls-2-1", "Stalls-2-3"], "seat_taken").await;
    assert_eq!(all["because"].as_array().map(Vec::len), Some(2), "{all}");
    let many = json!({ "items": [{ "ticket_type": evening.seat, "quantity": 100 }] });
    let sold_out = show.staff.post(&show.path("/holds"), &many).problem(409, "sold_out").await;
    assert_eq!(sold_out["because"], json!([]));
    let paid = json!({ "method": "cash", "amount": 1 });
    let path = show.path(&format!("/orders/{}/payments", evening.order));
    let payment = evening.one("PaymentRecorded").await.position;
    let unpayable = show.staff.post(&path, &paid).problem(409, "order_not_payable").await;
    assert_eq!(unpayable["because"], json!([{ "position": payment, "type": "PaymentRecorded" }]));
}

#[tokio::test]
async fn a_refusal_at_the_door_names_the_events_that_it_rests_on() {
    let evening = Evening::of("Refused because").await;
    let show = &evening.show;
    let admitted = evening.one("CheckedIn").await.position;
    let scan = |ticket: &str| json!({ "ticket": ticket, "gate": "North" });
    assert_eq!(show.check_in(scan(evening.ticket_id())).await["because"], json!([admitted]));
    let path = show.path(&format!("/tickets/{}/void", evening.ticket_id()));
    let voided = show.staff.post(&path, &json!({ "reason": "lost", "holder_has_left": true })).expect(200).await;
    // A batch does not wait long for what its answers rest on.
    show.seen("", voided.position()).await;
    let body = json!({ "scans": [scan(evening.ticket_id()), { "short_code": "0000000", "gate": "North" }] });
    let batch = show.staff.post(&show.path("/check-ins/batch"), &body).expect(200).await;
    assert_eq!(batch["results"][0]["reason"], "void");
    assert_eq!(batch["results"][0]["because"], json!([voided.position()]));
    assert_eq!(batch["results"][1]["because"], json!([]));
    let sold = show.sell_seat(&evening.seat, "Stalls-1-5").await;
    assert_eq!(show.check_in(scan(sold["id"].as_str().expect("an id"))).await["because"], json!([]));
}

#[tokio::test]
async fn a_timeline_counts_every_event_of_a_show_once() {
    let evening = Evening::of("Timeline").await;
    let show = &evening.show;
    let events = show.history().await;
    let asked = format!("/history/timeline?show={}&buckets=5", show.id);
    let timeline = show.staff.get(&asked).expect(200).await;
    assert_fields(&timeline.json, &["from", "to", "first_position", "last_position", "events", "buckets"]);
    assert_eq!(timeline["events"], events.len());
    assert_eq!(timeline["first_position"], events[0].position);
    assert_eq!(timeline["last_position"], events[events.len() - 1].position);
    assert_eq!(
        (&timeline["from"], &timeline["to"]),
        (&events[0].row["recorded_at"], &events[events.len() - 1].row["recorded_at"])
    );
    let buckets = timeline["buckets"].as_array().expect("buckets");
    assert!((1..=5).contains(&buckets.len()));
    assert_fields(&buckets[0], &["position", "to", "recorded_at", "events", "sold", "admitted", "refused"]);
    let sum = |name: &str| buckets.iter().filter_map(|bucket| bucket[name].as_u64()).sum::<u64>();
    assert_eq!((sum("events"), sum("sold"), sum("admitted"), sum("refused")), (events.len() as u64, 1, 1, 1));
    assert!(buckets.windows(2).all(|pair| pair[0]["to"].as_u64() < pair[1]["position"].as_u64()));
    show.staff.get("/history/timeline?show=0199aa00-0000-7000-8000-00000000dead").problem(422, "invalid").await;
    show.staff.get(&format!("{asked}0001")).problem(422, "invalid").await;
    let (_, seller) = issue_key(&show.staff, "seller", json!({})).await;
    seller.get(&asked).problem(403, "forbidden").await;
}
