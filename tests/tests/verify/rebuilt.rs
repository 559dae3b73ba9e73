//! `turnout rebuild` and `turnout verify --read` beside a server that people buy at, let people in at, and look at.

use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use black_box::{Server, Show, database, eventually, turnout};
use serde_json::json;
use sqlx::{Connection as _, Row as _};

use super::run;

/// What the program printed; it has to succeed.
#[track_caller]
fn tool(server: &Server, arguments: &[&str]) -> String {
    let output = run(turnout().args(arguments).arg("--data").arg(server.data()));
    let said = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    assert!(output.status.success(), "{arguments:?}: {said}{}", String::from_utf8_lossy(&output.stderr));
    said
}

/// All that follows from events outside of the read models: what would change if something happened a second time.
async fn consequences(server: &Server) -> Vec<String> {
    let mut connection = database::connect(&server.data(), "turnout_owner").await;
    let mut all = Vec::new();
    for table in database::tables(&mut connection).await {
        if table.starts_with("reaction.") || table.starts_with("log.events") || table.starts_with("vault.") {
            let counted = format!("SELECT count(*), md5(string_agg(t::text, '' ORDER BY t::text)) FROM {table} AS t");
            let row = sqlx::query(sqlx::AssertSqlSafe(counted)).fetch_one(&mut connection).await.expect("a count");
            all.push(format!("{table}: {} {:?}", row.get::<i64, _>(0), row.get::<Option<String>, _>(1)));
        }
    }
    connection.close().await.expect("to leave");
    all
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_seller_goes_on_selling_while_everything_is_rebuilt() {
    let server = Server::start();
    let (show, seat) = Show::seated(&server.staff(), "Sold meanwhile", 40, 30, json!({})).await;
    for _ in 0..20 {
        show.sell_one(&seat).await;
    }
    let done = Arc::new(AtomicBool::new(false));
    let selling = tokio::spawn({
        let (done, show, seat) = (Arc::clone(&done), show.clone(), seat.clone());
        async move {
            let mut sold = 0;
            while !done.load(Ordering::Relaxed) && sold < 1_000 {
                let sale = show.sell(json!([{ "ticket_type": seat, "quantity": 1 }])).await;
                let seen = show
                    .seen(
                        &format!("/tickets?q={}", sale.json["tickets"][0]["short_code"].as_str().expect("a code")),
                        sale.position(),
                    )
                    .await;
                assert_eq!(seen["items"].as_array().expect("items").len(), 1, "a sale is not seen: {}", seen.text);
                let scanned = show.check_in(json!({ "ticket": sale.json["tickets"][0]["id"] })).await;
                assert_eq!(scanned.json["result"], "admitted");
                sold += 1;
            }
            sold
        }
    });
    let looking = tokio::spawn({
        let (done, show) = (Arc::clone(&done), show.clone());
        async move {
            let mut taken = 0;
            while !done.load(Ordering::Relaxed) {
                let seats = show.anyone.get(&show.path("/seats")).expect(200).await;
                let now = seats["seats"].as_object().expect("seats").len();
                assert!(now >= taken && now >= 20, "of {taken} seats that were taken {now} are left");
                taken = now;
            }
        }
    });
    for arguments in [
        &["verify", "--read"] as &[_],
        &["rebuild"],
        &["rebuild", "tickets", "seats"],
        &["verify", "--read"],
        &["rebuild", "--rollback"],
        &["rebuild"],
        &["rebuild", "--drop-kept"],
    ] {
        let (server, arguments) = (server.data(), arguments);
        let said = tokio::task::spawn_blocking(move || {
            let output = run(turnout().args(arguments).arg("--data").arg(server));
            let said = String::from_utf8_lossy(&output.stdout).into_owned();
            let complained = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success(), "{arguments:?}: {said}{complained}");
            said
        });
        let said = said.await.expect("a rebuild");
        assert!(!said.is_empty());
        if arguments[0] == "verify" {
            // While people buy, too: what it compares is of one moment.
            assert!(!selling.is_finished() && said.starts_with("All is right: "), "{said}");
        }
    }
    done.store(true, Ordering::Relaxed);
    let sold: usize = selling.await.expect("every sale, every look and every check-in");
    looking.await.expect("every look");
    assert!(sold > 0);
    let head = show.head().await;
    let attendance = show.seen("/attendance", head).await;
    assert_eq!((&attendance["issued"], &attendance["admitted"]), (&json!(20 + sold), &json!(sold)));
    assert!(tool(&server, &["verify", "--read"]).starts_with("All is right: "));
    assert!(tool(&server, &["verify"]).starts_with("All is right: "));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rebuild_repeats_nothing_and_what_was_changed_by_hand_is_found_and_mended() {
    let server = Server::start();
    let (show, floor) = Show::standing(&server.staff(), "Mended", 50, json!({})).await;
    for _ in 0..5 {
        show.sell_one(&floor).await;
    }
    show.hold(json!([{ "ticket_type": floor, "quantity": 2 }])).await;
    let head = show.head().await;
    show.seen("/availability", head).await;
    let before = eventually(Duration::from_secs(20), "the hold's end is noted", async || {
        let all = consequences(&server).await;
        all.iter().any(|table| table.starts_with("reaction.ends: 1 ")).then_some(all)
    })
    .await;
    for (arguments, says) in [
        (&["rebuild"] as &[_], "Built anew from "),
        (&["rebuild", "--rollback"], "The kept tables are back in place"),
        (&["rebuild", "--stream", &show.id], "is built anew and goes on"),
    ] {
        let said = tool(&server, arguments);
        assert!(said.contains(says), "{arguments:?}: {said}");
        assert_eq!(consequences(&server).await, before, "{arguments:?}");
    }

    let mut connection = database::connect(&server.data(), "turnout_owner").await;
    sqlx::query("UPDATE read.tickets SET status = 'void'").execute(&mut connection).await.expect("a hand");
    connection.close().await.expect("to leave");
    let output = run(turnout().args(["verify", "--read", "--json"]).arg("--data").arg(server.data()));
    let said: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!((output.status.code(), &said["findings"]), (Some(1), &json!(5)), "{said:#}");
    let what = said["first"][0]["what"].as_str().expect("what is wrong");
    assert!(what.starts_with("tickets, row ") && what.contains(": status is not what stream "), "{what}");
    tool(&server, &["rebuild", "tickets"]);
    assert!(tool(&server, &["verify", "--read"]).starts_with("All is right: "));

    let stream = run(turnout().args(["rebuild", "--stream", &show.id]).arg("--data").arg(server.data()));
    assert!(String::from_utf8_lossy(&stream.stdout).contains("is built anew and goes on"));
    let unknown = run(turnout().args(["rebuild", "sales"]).arg("--data").arg(server.data()));
    assert!(String::from_utf8_lossy(&unknown.stderr).contains("is no read model; there are shows, seating"));
    assert!(!unknown.status.success());
    show.sell_one(&floor).await;
    let head = show.head().await;
    show.seen("/availability", head).await;
}

/// What the program drew and said at a terminal, which is the system's own program for that.
fn at_terminal(server: &Server, arguments: &str) -> String {
    let program = turnout().get_program().to_string_lossy().into_owned();
    // As wide as nothing of the line is cut off.
    let command = format!("stty cols 200; exec {program} rebuild {arguments} --data {}", server.data().display());
    let output = Command::new("script")
        .args(["--quiet", "--return", "--command", &command, "/dev/null"])
        .stdin(Stdio::null())
        .output()
        .expect("script, of Debian's bsdutils");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{arguments}: {said}");
    said
}

/// A number that the bar shows, with its commas.
fn number(word: &str) -> u64 {
    word.replace(',', "").parse().unwrap_or_else(|error| panic!("{word}: {error}"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn at_a_terminal_every_kind_of_rebuild_draws_how_far_it_is_how_fast_and_what_is_left() {
    let server = Server::start();
    let (show, floor) = Show::standing(&server.staff(), "Drawn", 50, json!({})).await;
    let sells = async || {
        show.sell_one(&floor).await;
        show.seen("/availability", show.head().await).await;
    };
    sells().await;
    let events_of = async |of: &str| -> u64 {
        let mut connection = database::connect(&server.data(), "turnout_owner").await;
        let count = sqlx::AssertSqlSafe(format!("SELECT count(*) FROM log.events WHERE {of}"));
        let count: i64 = sqlx::query_scalar(count).fetch_one(&mut connection).await.expect("a count");
        connection.close().await.expect("to leave");
        u64::try_from(count).expect("a number")
    };
    let all = events_of("true").await;
    let shows = |arguments: &str, events: u64| {
        let said = at_terminal(&server, arguments);
        // A bar, `event 7 of 9, 12 a second, 3s left building`; each time it is drawn it begins anew.
        let lines: Vec<Vec<&str>> =
            said.split("event ").skip(1).map(|line| line.split_whitespace().take(9).collect()).collect();
        let last = lines.last().unwrap_or_else(|| panic!("rebuild {arguments} draws nothing: {said:?}"));
        let [done, "of", of, rate, "a", "second,", left, "left", at] = last[..] else { panic!("{last:?} of {said:?}") };
        assert_eq!((number(done), number(of.trim_end_matches(','))), (events, events), "{arguments}: {said:?}");
        number(rate);
        assert!(left.ends_with('s') && at.starts_with("switching"), "{arguments}: {last:?}");
    };
    shows("", all);
    sells().await;
    // What the kept tables have to catch up with.
    shows("--rollback", events_of("true").await - all);
    shows(&format!("--stream {}", show.id), events_of(&format!("stream = '{}'", show.id)).await);
}
