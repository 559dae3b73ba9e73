//! An event that cannot be understood stops the read models of its show: loudly, for nothing but that show, and until somebody mends it
//! and `turnout rebuild --stream` makes them anew.
//!
//! The event is one that the program recorded, of a schema that it has never heard of while the owner of the database says so: its
//! content hash stays that of what was recorded, so that the log is right again once it is mended.

use std::time::Duration;

use black_box::{Server, Show, database, eventually, turnout};
use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection};

use super::run;

const TOKEN: &str = "metrics-token-of-the-tests-0123456789";
const WITHIN: Duration = Duration::from_secs(30);

/// The schema of an event, changed as only the owner can.
async fn set_schema(owner: &mut PgConnection, position: i64, schema: i32) {
    let change = format!(
        "BEGIN;
         ALTER TABLE log.events DISABLE TRIGGER ALL;
         UPDATE log.events SET schema = {schema} WHERE position = {position};
         ALTER TABLE log.events ENABLE TRIGGER ALL;
         ALTER TABLE log.events ENABLE ALWAYS TRIGGER events_are_never_changed;
         COMMIT"
    );
    owner.execute(AssertSqlSafe(change)).await.expect("to change an event");
}

/// What the server says of streams that stopped: by its metrics, and by its health, which is good all the same.
async fn stopped(server: &Server) -> (String, Value) {
    let metrics = server.anyone().with_bearer(TOKEN).get("//metrics").expect(200).await;
    let gauge = metrics.text.lines().find_map(|line| line.strip_prefix("turnout_projector_stopped_streams "));
    let health = server.anyone().get("//health/ready").expect(200).await;
    (gauge.expect("the gauge").to_owned(), health.json)
}

/// Waits until both say this many.
async fn told_of(server: &Server, streams: u64) {
    let said = (streams.to_string(), json!({ "stopped_streams": streams }));
    eventually(WITHIN, &format!("{said:?} is told"), async || (stopped(server).await == said).then_some(())).await;
}

fn rebuild_stream(server: &Server, show: &Show) -> String {
    let output = run(turnout().args(["rebuild", "--stream", &show.id]).arg("--data").arg(server.data()));
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn verify(server: &Server, arguments: &[&str]) -> (String, Option<i32>) {
    let output = run(turnout().arg("verify").args(arguments).arg("--data").arg(server.data()));
    (String::from_utf8_lossy(&output.stdout).into_owned(), output.status.code())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_event_that_cannot_be_understood_stops_its_show_alone_and_is_told_until_it_is_mended() {
    const QUERIES: [&str; 5] = ["/seats", "/availability", "/orders", "/tickets", "/attendance"];
    let server = Server::start_set(&[("TURNOUT_METRICS_TOKEN", TOKEN)]);
    let (sick, seat) = Show::seated(&server.staff(), "Sick", 1, 5, json!({})).await;
    let (well, floor) = Show::standing(&server.staff(), "Well", 50, json!({})).await;
    sick.sell_seat(&seat, "Stalls-1-1").await;
    well.sell_one(&floor).await;
    let before = well.head().await;
    for path in QUERIES {
        // Also into memory, where seats and availability are answered from.
        sick.seen(path, before).await;
    }
    told_of(&server, 0).await;

    let mut owner = database::connect(&server.data(), "turnout_owner").await;
    database::hold_projectors(&mut owner).await;
    let sold = sick.sell(json!([{ "ticket_type": seat, "seats": ["Stalls-1-2"] }])).await.position();
    let poison: i64 =
        sqlx::query_scalar("SELECT min(position) FROM log.events WHERE position > $1 AND stream = $2::uuid")
            .bind(i64::try_from(before).expect("a position"))
            .bind(&sick.id)
            .fetch_one(&mut owner)
            .await
            .expect("the first event of the sale");
    let schema: i32 = sqlx::query_scalar("SELECT schema FROM log.events WHERE position = $1")
        .bind(poison)
        .fetch_one(&mut owner)
        .await
        .expect("its schema");
    set_schema(&mut owner, poison, 99).await;
    database::let_projectors_go(&mut owner).await;

    // Everybody else is served, and sells on.
    let sale = well.sell(json!([{ "ticket_type": floor, "quantity": 1 }])).await;
    let head = sale.position();
    let left = well.seen("/availability", head).await;
    assert_eq!(left["ticket_types"][0]["sold"], 2, "{left}");
    assert_eq!(well.check_in(json!({ "ticket": sale["tickets"][0]["id"] })).await["result"], "admitted");
    assert_eq!(well.seen("/attendance", well.head().await).await["inside"], 1);

    // Whoever waits for what is behind it is not answered with less; whoever waits for nothing gets what is there.
    let poison_at = u64::try_from(poison).expect("a position");
    for path in QUERIES {
        for position in [poison_at, sold, head] {
            let behind = sick.staff.get(&sick.path(path)).at_position(position).problem(503, "read_model_behind").await;
            assert!(behind.header("retry-after").is_some(), "{behind}");
        }
        sick.seen(path, before).await;
    }
    let seats = sick.staff.get(&sick.path("/seats")).at_once().expect(200).await;
    assert_eq!(seats["seats"], json!({ "Stalls-1-1": "sold" }), "{seats}");
    let orders = sick.staff.get(&sick.path("/orders")).at_once().expect(200).await;
    assert_eq!(orders["items"].as_array().map(Vec::len), Some(1), "{orders}");

    // It says that it is as of before the event, so that whoever asks for what came since then misses nothing of it.
    for path in QUERIES.into_iter().chain(["", "/seating", "/door-list"]) {
        let told = sick.staff.get(&sick.path(path)).at_once().expect(200).await;
        assert_eq!(told.position(), poison_at - 1, "{path}");
    }

    told_of(&server, 1).await;
    let log = server.output();
    let said = log.lines().filter(|line| line.contains("its stream stops here")).collect::<Vec<_>>();
    assert_eq!(said.len(), 1, "{said:?}");
    let named = [&sick.id, &poison.to_string(), "ERROR"];
    assert!(named.iter().all(|word| said[0].contains(*word)), "{} does not name {named:?}", said[0]);
    let (found, code) = verify(&server, &["--read"]);
    assert!(code == Some(1) && found.contains(&sick.id) && !found.contains(&well.id), "{found}");

    // As long as it cannot be understood it is not skipped, however often it is tried.
    let still = rebuild_stream(&server, &sick);
    assert!(still.contains("still stops at an event that this version cannot understand"), "{still}");
    told_of(&server, 1).await;
    sick.staff.get(&sick.path("/seats")).at_position(head).problem(503, "read_model_behind").await;

    // Mended: told at once, although nothing happens meanwhile, also to whoever waits for what changes.
    let (waiting, since) = (sick.staff.clone(), sick.path(&format!("/changes?after={}&wait=60", poison_at - 1)));
    let heard = tokio::spawn(async move { waiting.get(&since).at_once().expect(200).await });
    set_schema(&mut owner, poison, schema).await;
    owner.close().await.expect("to leave");
    let goes_on = rebuild_stream(&server, &sick);
    assert!(goes_on.contains("is built anew and goes on"), "{goes_on}");
    told_of(&server, 0).await;
    // What is answered from memory looks again within a second; until then it says to come again.
    let seats = eventually(WITHIN, "the show is served again", async || {
        let seats = sick.staff.get(&sick.path("/seats")).at_position(head).send().await;
        (seats.status != 503).then_some(seats)
    })
    .await;
    assert_eq!(seats["seats"], json!({ "Stalls-1-1": "sold", "Stalls-1-2": "sold" }), "{seats}");
    let heard = heard.await.expect("an answer");
    assert_eq!((&heard["seats"], &heard["reset"]), (&json!({ "Stalls-1-2": "sold" }), &json!(false)), "{heard}");
    let list = sick.staff.get(&sick.path(&format!("/door-list?after={}", poison_at - 1))).at_position(head);
    let list = list.expect(200).await;
    assert_eq!((&list["whole"], &list["tickets"][0]["seat"]), (&json!(false), &json!("Stalls-1-2")), "{list}");
    let sold = sick.sell(json!([{ "ticket_type": seat, "seats": ["Stalls-1-3"] }])).await.position();
    for path in QUERIES {
        sick.seen(path, sold).await;
    }
    assert_eq!(sick.tickets(sold).await.len(), 3);
    for arguments in [&["--read"] as &[_], &[]] {
        let (found, code) = verify(&server, arguments);
        assert!(code == Some(0) && found.starts_with("All is right: "), "{found}");
    }
}
