//! Somebody is forgotten: by request, or because their show is long over. What they were called, and what was typed about
//! them, is then nowhere; what happened stays as it was.

use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use black_box::{
    Answer, Client, Exit, PASSWORD, Recorded, Server, Show, assert_fields, database, eventually, fixed_uuid,
    invite_link, issue_key, pair, whole_history,
};
use serde_json::{Value, json};
use sqlx::postgres::PgConnection;

/// The embedded server's superuser: only this role sees past row-level security.
const SUPERUSER: &str = "turnout_owner";

/// Longer than anything here takes where nothing is wrong.
const LONG: Duration = Duration::from_secs(30);

/// So that nobody waits for a minute.
const CHECKED_EACH_SECOND: (&str, &str) = ("TURNOUT_RETENTION_CHECK_SECONDS", "1");

/// What is planted about one person, each text once in the world.
const PLANTED: [&str; 10] = [
    "Philippa Forgetmenotte",
    "philippa.forgetmenotte@example.org",
    "+49 361 5550742",
    "refnummer-93-campion",
    "overridereason bryony",
    "undoreason teasel",
    "voidreason burdock",
    "refundreason yarrow",
    "cancelreason comfrey",
    "complimentaryreason sorrel",
];

/// What of it is about money, and kept for the books.
const OF_MONEY: [&str; 4] =
    ["refnummer-93-campion", "refundreason yarrow", "cancelreason comfrey", "complimentaryreason sorrel"];

/// Who is at the door with one of their tickets.
const HOLDER: &str = "Oswaldine Alsoforgotten";

/// What is typed about a show's people, and about nobody in particular.
const OF_THE_SHOW: [&str; 2] = ["blocklabel chervil", "countreason lovage"];

/// What an organization typed about itself.
const OF_THE_ORGANIZATION: [&str; 3] = ["keyname angelica", "devicename hyssop", "erasurereason tansy"];

/// Who worked here.
const MEMBER: [&str; 2] = ["Marjolaine Onceworkedhere", "marjolaine.onceworkedhere@example.org"];

/// Events of a show that are worth a snapshot when its desk closes: 500.
const WORTH_A_SNAPSHOT: usize = 600;

/// PostgreSQL's `pg_dump`, where its other programs are.
fn pg_dump() -> PathBuf {
    let mut found: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .filter_map(|version| Some(version.ok()?.path().join("bin/pg_dump")))
        .filter(|program| program.is_file())
        .collect();
    found.sort();
    found.pop().unwrap_or_else(|| PathBuf::from("pg_dump"))
}

/// The whole database, as a backup has it.
fn dump(server: &Server) -> String {
    let pid_file =
        std::fs::read_to_string(server.data().join("postgres/postmaster.pid")).expect("a running PostgreSQL");
    let lines: Vec<&str> = pid_file.lines().collect();
    let output = Command::new(pg_dump())
        .args(["--host", lines[4].trim(), "--port", lines[3].trim(), "--username", SUPERUSER, "turnout"])
        .output()
        .expect("pg_dump, one of PostgreSQL's programs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("a dump is text")
}

/// Sells to Philippa, with everything that is ever typed about somebody; her first ticket names Oswaldine.
async fn sell_to_philippa(show: &Show, floor: &str) -> (String, Vec<String>, u64) {
    let [name, email, phone, reference, over, undo, void, refund, cancel, complimentary] = PLANTED;
    let customer = json!({ "name": name, "email": email, "phone": phone });
    let body = json!({
        "items": [{ "ticket_type": floor, "quantity": 3 }],
        "customer": customer,
        "payment": { "method": "bank_transfer", "reference": reference },
    });
    let sold = show.staff.post(&show.path("/tickets"), &body).expect(201).await;
    let tickets: Vec<String> = (0..3).map(|n| sold.text(&format!("/tickets/{n}/id"))).collect();
    let holder = json!({ "name": HOLDER });
    show.staff.put(&show.path(&format!("/tickets/{}/holder", tickets[0])), &holder).expect(200).await;
    let scan = show.check_in(json!({ "ticket": tickets[1] })).await;
    show.check_in(json!({ "ticket": tickets[1], "override": { "reason": over } })).await;
    let path = show.path(&format!("/check-ins/{}/undo", scan.text("scan")));
    show.staff.post(&path, &json!({ "reason": undo })).expect(200).await;
    show.check_in(json!({ "ticket": tickets[0] })).await;
    show.staff.post(&show.path(&format!("/tickets/{}/void", tickets[2])), &json!({ "reason": void })).expect(200).await;
    let order = show.path(&format!("/orders/{}", sold.text("order")));
    let back = json!({ "amount": 100, "method": "cash", "reason": refund });
    show.staff.post(&format!("{order}/refunds"), &back).expect(201).await;

    // Another order of hers, which is cancelled.
    let hold = json!({ "items": [{ "ticket_type": floor, "quantity": 1 }] });
    let held = show.staff.post(&show.path("/holds"), &hold).expect(201).await;
    let placed = json!({ "hold": held["id"], "customer": customer });
    let second = show.staff.post(&show.path("/orders"), &placed).expect(201).await.text("id");
    let why = json!({ "reason": cancel });
    show.staff.post(&show.path(&format!("/orders/{second}/cancel")), &why).expect(200).await;

    // And a ticket that she is given.
    let given = json!({
        "items": [{ "ticket_type": floor, "quantity": 1 }],
        "customer": customer,
        "payment": { "complimentary": { "reason": complimentary } },
    });
    show.staff.post(&show.path("/tickets"), &given).expect(201).await;

    let [label, count] = OF_THE_SHOW;
    let block = json!({ "label": label, "kind": "house", "places": [{ "section": "Floor", "quantity": 1 }] });
    show.staff.post(&show.path("/blocks"), &block).expect(201).await;
    let count = json!({ "area": "main", "direction": "in", "persons": 2, "reason": count });
    let done = show.staff.post(&show.path("/counts"), &count).expect(201).await;
    (sold.text("order"), tickets, done.position())
}

/// A key and a device that are used no more.
async fn end_a_key_and_a_device(show: &Show) {
    let [key, device, _] = OF_THE_ORGANIZATION;
    let (id, _) = issue_key(&show.staff, "seller", json!({ "name": key })).await;
    show.staff.delete(&format!("/api-keys/{id}")).expect(204).await;
    let (paired, _) = pair(show, device, json!({})).await;
    show.staff.delete(&format!("/devices/{}", paired.text("device"))).expect(204).await;
}

/// Somebody joins, is shown and exported by name with what their account says, and is removed: their id.
async fn member_who_left(server: &Server) -> String {
    let (staff, [name, email]) = (server.staff(), MEMBER);
    let (member, token) = invite_link(&staff, email, "seller").await;
    let body = json!({ "token": token, "name": name, "password": PASSWORD });
    let joined = server.anyone().post("/invitations/accept", &body).expect(201).await;
    let session = server.anyone().signed_in(&joined);

    let search = staff.get("/people?q=once%20worked").expect(200).await;
    assert_eq!(search["items"], json!([]), "{search}");
    for q in ["onceworkedHERE", "marjolaine%20once", "MARJOLAINE.once"] {
        let people = staff.get(&format!("/people?q={q}")).expect(200).await;
        let items = people["items"].as_array().expect("items");
        let shown: Vec<_> = items.iter().map(|item| (&item["id"], &item["name"], &item["email"])).collect();
        assert_eq!(shown, [(&json!(member), &json!(name), &json!(email))], "{q}");
    }
    let path = format!("/people/{member}");
    let shown = staff.get(&path).expect(200).await;
    assert_eq!((&shown["name"], &shown["purpose"]), (&json!(name), &json!("member")), "{shown}");
    staff.sees_its_organization().await;
    let export = staff.get(&format!("{path}/export")).expect(200).await;
    assert_eq!((&export["person"]["name"], &export["person"]["email"]), (&json!(name), &json!(email)), "{export}");
    let account = &export["account"];
    assert_fields(account, &["id", "email", "name", "installation_owner", "created_at", "sessions"]);
    assert_eq!((&account["name"], &account["email"]), (&json!(name), &json!(email)), "{account}");
    let sessions = account["sessions"].as_array().expect("sessions");
    assert_eq!(sessions.len(), 1, "{account}");
    assert_fields(&sessions[0], &["id", "started_at", "seen_at", "ends_at", "client"]);
    let types: Vec<_> = export["events"].as_array().into_iter().flatten().map(|event| event["type"].clone()).collect();
    assert!(types.contains(&json!("MemberInvited")) && types.contains(&json!("MemberJoined")), "{types:?}");
    for secret in [PASSWORD, "$argon2id$", joined.session().split_once('=').expect("a cookie").1] {
        assert!(!export.text.contains(secret), "a secret in {export}");
    }

    staff.post(&format!("{path}/erase"), &json!({ "reason": "too early" })).problem(409, "still_a_member").await;
    staff.delete(&format!("/members/{member}")).expect(204).await;
    session.get("/me").problem(401, "unauthenticated").await;
    let export = staff.get(&format!("{path}/export")).expect(200).await;
    assert_eq!(export["account"], Value::Null, "{export}");
    member
}

/// The parts of a snapshot that come in pages: orders and tickets.
const IN_PAGES: [usize; 2] = [1, 2];

/// The parts of a snapshot: how many there are in a byte, how long each is in eight, and each compressed; of one in pages each of
/// these, with its length before it in four.
fn unpacked(snapshot: &[u8]) -> Vec<u8> {
    let count = usize::from(snapshot[0]);
    let (lengths, mut parts) = snapshot[1..].split_at(count * size_of::<u64>());
    let mut all = Vec::new();
    for (number, length) in lengths.as_chunks().0.iter().enumerate() {
        let (mut part, behind) = parts.split_at(usize::try_from(u64::from_le_bytes(*length)).expect("a length"));
        if IN_PAGES.contains(&number) {
            let mut pages = 0;
            while let Some((length, rest)) = part.split_first_chunk() {
                let (page, behind) = rest.split_at(usize::try_from(u32::from_le_bytes(*length)).expect("a length"));
                all.extend(lz4_flex::decompress_size_prepended(page).expect("a page"));
                (part, pages) = (behind, pages + 1);
            }
            assert!(pages > 0 && part.is_empty(), "a part has pages, and nothing behind them");
        } else {
            all.extend(lz4_flex::decompress_size_prepended(part).expect("a part"));
        }
        parts = behind;
    }
    assert!(!all.is_empty() && parts.is_empty(), "a snapshot has parts, and nothing behind them");
    all
}

/// That these texts are in no snapshot, of which there are some: they are compressed, so that no search of tables finds any.
async fn not_in_snapshots(connection: &mut PgConnection, texts: &[&str]) {
    sqlx::raw_sql("SET row_security = off").execute(&mut *connection).await.expect("to see every row");
    let states: Vec<Vec<u8>> =
        sqlx::query_scalar("SELECT state FROM log.snapshots").fetch_all(connection).await.expect("snapshots");
    assert!(!states.is_empty(), "no desk wrote its state down");
    for state in states {
        let state = unpacked(&state);
        assert!(state.len() > 10_000, "{} bytes are no state of {WORTH_A_SNAPSHOT} tickets", state.len());
        for text in texts {
            assert!(!state.windows(text.len()).any(|part| part == text.as_bytes()), "{text} stands in a snapshot");
        }
    }
}

/// The people whom a search finds, by their ids.
async fn found(staff: &Client, q: &str, position: u64) -> Vec<String> {
    let people = staff.get(&format!("/people?q={q}")).at_position(position).expect(200).await;
    let items = people["items"].as_array().expect("items");
    items.iter().map(|item| item["id"].as_str().expect("an id").to_owned()).collect()
}

/// What must stay as it is: the history so far, and the figures.
async fn figures(show: &Show, position: u64) -> (Vec<Value>, Vec<Value>) {
    let history = whole_history(&show.staff, "").await.into_iter().filter(|event| event.position <= position);
    let mut figures = Vec::new();
    for of in ["/availability", "/attendance", "/seats"] {
        figures.push(show.seen(of, position).await.json);
    }
    (history.map(|event| event.without_sentence()).collect(), figures)
}

/// That nothing of these texts is anywhere: in a table, in a backup made now, in what the server said.
async fn nowhere(server: &Server, texts: &[&str]) {
    let mut connection = database::connect(&server.data(), SUPERUSER).await;
    let database_log = std::fs::read_to_string(server.data().join("postgres/server.log")).expect("PostgreSQL's log");
    let (dump, output) = (dump(server), server.output() + &database_log);
    assert!(dump.contains("CREATE TABLE vault.entries") && dump.contains("OrderPlaced"), "the dump is none");
    for text in texts {
        let sampled: i64 = sqlx::query_scalar(
            "SELECT count(*) FROM pg_stats WHERE position($1 in concat(most_common_vals::text, histogram_bounds::text)) > 0",
        )
        .bind(text)
        .fetch_one(&mut connection)
        .await
        .expect("an answer");
        assert_eq!(sampled, 0, "{text} stands in the planner's samples");
        let tables = database::tables_with(&mut connection, text).await;
        assert!(tables.is_empty(), "{text} stands in {tables:?}");
        assert!(!dump.contains(text), "{text} stands in a dump");
        assert!(!output.contains(text), "{text} stands in the server's own output");
    }
}

fn of_type<'a>(events: &'a [Recorded], kind: &str) -> Vec<&'a Recorded> {
    events.iter().filter(|event| event.kind == kind).collect()
}

fn etag_of(answer: &Answer) -> String {
    answer.etag()
}

#[tokio::test]
async fn whoever_is_erased_is_nowhere_and_what_happened_stays() {
    let mut server = Server::start_set(&[("TURNOUT_LOG", "debug")]);
    let staff = server.staff();
    let (show, floor) = Show::standing(&staff, "Forgotten", 1_000, json!({})).await;
    for _ in 0..WORTH_A_SNAPSHOT / 100 {
        show.sell(json!([{ "ticket_type": floor, "quantity": 100 }])).await;
    }
    let member = member_who_left(&server).await;
    show.door(
        json!({ "areas": [{ "name": "main", "reentry": "after_exit", "per": "show" }], "gates": [], "holder": "full" }),
    )
    .await;
    let (order, tickets, position) = sell_to_philippa(&show, &floor).await;

    // The desk writes its state down as it closes, and begins with it.
    assert_eq!(server.terminate(), Exit::Code(0));
    server.restart();
    let staff = server.staff();
    let show = Show { id: show.id, staff: staff.clone(), anyone: server.anyone() };

    let hers = found(&staff, "Philippa%20Forgetmenotte", position).await;
    assert_eq!(hers.len(), 3, "a customer is somebody of one order: {hers:?}");
    let [holders] = found(&staff, "oswaldine", position).await.try_into().expect("one holder");
    let mut connection = database::connect(&server.data(), SUPERUSER).await;
    for text in PLANTED.iter().chain([&HOLDER]).chain(&OF_THE_SHOW).chain(&MEMBER[1..]) {
        assert_eq!(database::tables_with(&mut connection, text).await, ["vault.entries"], "{text}");
    }
    not_in_snapshots(&mut connection, &[&PLANTED[..], &[HOLDER], &OF_THE_SHOW, &MEMBER].concat()).await;
    let unknown: Vec<String> =
        sqlx::query_scalar("SELECT DISTINCT purpose FROM vault.entries EXCEPT SELECT purpose FROM vault.purposes")
            .fetch_all(&mut connection)
            .await
            .expect("an answer");
    assert!(unknown.is_empty(), "for how long is {unknown:?} kept?");

    // What PostgreSQL samples for its planner is no table, and would outlive the rows.
    sqlx::raw_sql("ANALYZE").execute(&mut connection).await.expect("to analyze");

    // All of it is shown and given to her before.
    let mut texts = Vec::new();
    for person in &hers {
        let path = format!("/people/{person}");
        let shown = staff.get(&path).at_position(position).expect(200).await;
        assert_fields(
            &shown.json,
            &[
                "id",
                "purpose",
                "name",
                "email",
                "phone",
                "locale",
                "show",
                "created_at",
                "texts",
                "orders",
                "tickets",
                "erases_at",
            ],
        );
        assert_eq!((shown["name"].as_str(), shown["purpose"].as_str()), (Some(PLANTED[0]), Some("customer")));
        texts.extend(shown["texts"].as_array().expect("texts").iter().map(|text| text["text"].clone()));
        let export = staff.get(&format!("{path}/export")).at_position(position).expect(200).await;
        assert!(export.header("content-disposition").is_some_and(|value| value.starts_with("attachment")), "{export}");
        assert_eq!(export.header("cache-control"), Some("no-store"));
        assert!(export["events"].as_array().is_some_and(|events| !events.is_empty()), "{export}");
        assert!(!export.text.contains(HOLDER), "another person's name is given away: {export}");
    }
    for text in &PLANTED[3..] {
        assert!(texts.contains(&json!(text)), "{text} is about nobody: {texts:?}");
    }

    let before = figures(&show, position).await;
    let seen = async |rest: String| show.staff.get(&rest).at_position(position).expect(200).await;
    let named = [
        show.path("/orders"),
        show.path("/tickets"),
        show.path("/door-list"),
        format!("/orders/{order}"),
        format!("/tickets/{}", tickets[0]),
    ];
    let mut tags = Vec::new();
    for path in &named {
        let answer = seen(path.clone()).await;
        assert!(answer.text.contains(HOLDER), "{path}: {answer}");
        tags.push(etag_of(&answer));
    }

    // Erased: answered alike when it is sent again, and unknown from then on.
    staff.post(&format!("/people/{}/erase", fixed_uuid(1)), &json!({ "reason": "no" })).problem(404, "not_found").await;
    staff.post(&format!("/people/{}/erase", fixed_uuid(1)), &json!({})).problem(404, "not_found").await;
    staff.post(&format!("/people/{}/erase", hers[0]), &json!({})).problem(422, "invalid").await;
    let reason = json!({ "reason": "asked for it by letter" });
    let mut last = 0;
    for person in hers.iter().chain([&holders, &member]) {
        let path = format!("/people/{person}/erase");
        let erased = staff.post(&path, &reason).key(&format!("erase-{person}")).expect(200).await;
        let again = staff.post(&path, &reason).key(&format!("erase-{person}")).expect(200).await;
        assert_eq!(again.position(), erased.position());
        staff.post(&path, &reason).problem(404, "not_found").await;
        staff.get(&format!("/people/{person}")).problem(404, "not_found").await;
        staff.get(&format!("/people/{person}/export")).problem(404, "not_found").await;
        last = erased.position();
    }

    for (path, tag) in named.iter().zip(tags) {
        let answer = show.staff.get(path).at_position(last).header("if-none-match", &tag).expect(200).await;
        assert_ne!(answer.etag(), tag, "{path}");
        assert!(!answer.text.contains(HOLDER) && !answer.text.contains(PLANTED[0]), "{path}: {answer}");
    }
    let shown = show.staff.get(&format!("/orders/{order}")).expect(200).await;
    assert!(shown["customer"].is_null(), "{shown}");
    let list = show.seen(&format!("/door-list?after={position}"), last).await;
    assert_eq!(list["whole"], true, "devices forget the names that they have");

    assert_eq!(figures(&show, position).await, before, "what happened is changed");
    let history = whole_history(&staff, "").await;
    let positions: Vec<u64> = history.iter().map(|event| event.position).collect();
    assert_eq!(positions, (1..=last).collect::<Vec<_>>(), "a hole in the log");
    let erased = of_type(&history, "PersonErased");
    assert_eq!(erased.len(), 5);
    assert!(
        !erased.iter().any(|event| event.without_sentence().to_string().contains("letter")),
        "the reason is in the vault"
    );
    // What is about nobody stays for as long as its show's people, and no longer.
    for text in OF_THE_SHOW {
        assert_eq!(database::tables_with(&mut connection, text).await, ["vault.entries"], "{text}");
    }
    let erased = [&PLANTED[..], &[HOLDER], &MEMBER].concat();
    nowhere(&server, &erased).await;
    show.sell(json!([{ "ticket_type": floor, "quantity": 100 }])).await;
    drop(connection);
    assert_eq!(server.terminate(), Exit::Code(0));
    server.restart();
    not_in_snapshots(&mut database::connect(&server.data(), SUPERUSER).await, &erased).await;
}

#[tokio::test]
async fn the_people_of_a_show_go_by_themselves_when_their_time_has_come() {
    let server = Server::start_set(&[("TURNOUT_LOG", "debug"), CHECKED_EACH_SECOND]);
    let staff = server.staff();
    let long = json!({ "retention": { "people_days": 3650, "money_days": 7300 } });
    staff.patch("/settings", &long).expect(200).await;
    let over = json!({ "starts_at": "2021-05-04T18:00:00Z", "ends_at": "2021-05-04T20:00:00Z" });
    let (show, floor) = Show::standing(&staff, "Long over", 50, over).await;
    let (coming, standing) = Show::standing(&staff, "Still to come", 10, json!({})).await;
    let (_, _, position) = sell_to_philippa(&show, &floor).await;
    let customer = json!({ "name": "Still Remembered", "email": "still@example.org" });
    let body = json!({ "items": [{ "ticket_type": standing, "quantity": 1 }], "customer": customer, "payment": { "method": "cash" } });
    let kept = staff.post(&coming.path("/tickets"), &body).expect(201).await;
    let hers = found(&staff, "philippa", kept.position()).await;
    let person = hers.first().expect("entries");
    let erases_at = staff.get(&format!("/people/{person}")).expect(200).await.text("erases_at");
    assert!(erases_at.starts_with("2031-05-02T20:00:00"), "3,650 days after its end, not {erases_at}");
    let before = figures(&show, position).await;

    let short = json!({ "retention": { "people_days": 1, "money_days": 7300 } });
    staff.patch("/settings", &short).expect(200).await;
    let ended = eventually(LONG, "the retention's end", async || {
        of_type(&whole_history(&staff, "").await, "RetentionEnded").first().map(|event| (*event).clone())
    })
    .await;
    assert_eq!(ended.payload, json!({ "show": show.id, "kept": "money" }));
    let people = PLANTED.into_iter().chain([HOLDER]).chain(OF_THE_SHOW);
    let people: Vec<&str> = people.filter(|text| !OF_MONEY.contains(text)).collect();
    nowhere(&server, &people).await;
    let mut connection = database::connect(&server.data(), SUPERUSER).await;
    for text in OF_MONEY {
        assert_eq!(database::tables_with(&mut connection, text).await, ["vault.entries"], "{text} is for the books");
    }
    assert_eq!(found(&staff, "remembered", ended.position).await.len(), 1, "of another show");
    assert_eq!(figures(&show, position).await, before, "what happened is changed");
}

#[tokio::test]
async fn what_an_organization_typed_about_itself_goes_by_itself_as_well() {
    let server = Server::start_set(&[("TURNOUT_LOG", "debug"), CHECKED_EACH_SECOND]);
    let staff = server.staff();
    let (show, floor) = Show::standing(&staff, "Own texts", 10, json!({})).await;
    end_a_key_and_a_device(&show).await;
    let (_, _) = issue_key(&staff, "seller", json!({ "name": "keyname that stays" })).await;
    let customer = json!({ "name": "Ada", "email": "ada@example.org" });
    let body = json!({ "items": [{ "ticket_type": floor, "quantity": 1 }], "customer": customer, "payment": { "method": "cash" } });
    let position = staff.post(&show.path("/tickets"), &body).expect(201).await.position();
    let [person] = found(&staff, "ada", position).await.try_into().expect("one person");
    let why = json!({ "reason": OF_THE_ORGANIZATION[2] });
    staff.post(&format!("/people/{person}/erase"), &why).expect(200).await;
    staff.patch("/settings", &json!({ "retention": { "people_days": 10, "money_days": 20 } })).expect(200).await;
    let mut connection = database::connect(&server.data(), SUPERUSER).await;
    for text in OF_THE_ORGANIZATION {
        assert_eq!(database::tables_with(&mut connection, text).await, ["vault.entries"], "{text}");
    }

    // Nobody waits for days: what is stored is made older by hand, as no role of the server could.
    for older in [
        "UPDATE identity.credentials SET ends_at = ends_at - interval '11 days'",
        "UPDATE vault.entries SET created_at = created_at - interval '11 days'",
    ] {
        sqlx::query(older).execute(&mut connection).await.expect("to make it older");
    }
    let ended =
        eventually(LONG, "the retention's end", async || whole_history(&staff, "type=TextRetentionEnded").await.pop())
            .await;
    assert!(ended.payload["names_ended_by"].is_string() && ended.payload["reasons_typed_by"].is_null(), "{ended:?}");
    nowhere(&server, &OF_THE_ORGANIZATION[..2]).await;
    let [.., reason] = OF_THE_ORGANIZATION;
    for text in [reason, "keyname that stays"] {
        assert_eq!(database::tables_with(&mut connection, text).await, ["vault.entries"], "{text}");
    }
}
