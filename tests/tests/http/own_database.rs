//! A database that somebody else runs: migrated by its owner, served by a role that owns nothing, by several servers at once.

use std::collections::HashSet;
use std::process::Stdio;

use black_box::{Answer, Server, Show, database, fixed_uuid, turnout};
use embedded_postgres::{FreshDatabase, TemporaryPostgres, temporary};
use futures::StreamExt;
use serde_json::json;
use sqlx::ConnectOptions;
use sqlx::postgres::PgConnectOptions;

async fn empty_database() -> (TemporaryPostgres, FreshDatabase) {
    let postgres = temporary().await.expect("a PostgreSQL");
    let database = postgres.fresh_database().await.expect("a database");
    (postgres, database)
}

fn migrate(database: &FreshDatabase) {
    let output =
        turnout().arg("migrate").env("TURNOUT_OWNER_DATABASE_URL", &database.owner_url).output().expect("to migrate");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_is_migrated_by_its_owner_as_often_as_wanted() {
    let (_postgres, database) = empty_database().await;
    migrate(&database);
    migrate(&database);
    let server = Server::start_on(&database.app_url);
    let (show, floor) = Show::standing(&server.staff(), "Elsewhere", 10, json!({})).await;
    let ticket = show.sell_one(&floor).await;
    assert_eq!(show.check_in(json!({ "ticket": ticket["id"] })).await["result"], "admitted");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_never_migrates_a_database_that_a_url_names() {
    let (_postgres, database) = empty_database().await;
    let folder = tempfile::tempdir().expect("a folder");
    let output = turnout()
        .args(["serve", "--listen", "127.0.0.1:0", "--data"])
        .arg(folder.path())
        .env("DATABASE_URL", &database.owner_url)
        .stdin(Stdio::null())
        .output()
        .expect("its end");
    assert!(!output.status.success());
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(told.contains("turnout migrate"), "what is wrong is said: {told}");
    let options: PgConnectOptions = database.owner_url.parse().expect("a URL");
    let mut connection = options.connect().await.expect("a connection");
    let made = database::tables(&mut connection).await;
    assert!(made.is_empty(), "{made:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_servers_on_one_database_sell_nothing_twice() {
    let (_postgres, database) = empty_database().await;
    migrate(&database);
    let servers = [Server::start_on(&database.app_url), Server::start_on(&database.app_url)];
    let (show, seat) = Show::seated(&servers[0].staff(), "Two servers", 5, 20, json!({})).await;
    let body = json!({ "items": [{ "ticket_type": seat, "quantity": 1 }], "payment": { "method": "cash" } });
    let answers: Vec<Answer> = futures::stream::iter(0..200_u32)
        .map(|buyer| {
            let staff = servers[buyer as usize % 2].staff();
            let (path, body) = (show.path("/tickets"), body.clone());
            async move {
                loop {
                    let answer = staff.post(&path, &body).key(&fixed_uuid(buyer).to_string()).send().await;
                    if answer.status != 503 {
                        return answer;
                    }
                    tokio::time::sleep(std::time::Duration::from_millis(100)).await;
                }
            }
        })
        .buffer_unordered(32)
        .collect()
        .await;
    let sold: HashSet<String> =
        answers.iter().filter(|answer| answer.status == 201).map(|answer| answer.text("/tickets/0/seat")).collect();
    assert_eq!(sold.len(), 100, "a hundred different seats");
    assert_eq!(answers.iter().filter(|answer| answer.status == 201).count(), 100);
    assert!(answers.iter().all(|answer| answer.status == 201 || answer["code"] == "sold_out"));
    let head = show.head().await;
    for server in &servers {
        let seen = server.staff().get(&show.path("/seats")).at_position(head).expect(200).await;
        assert_eq!(seen["seats"].as_object().map(serde_json::Map::len), Some(100), "both show every sale");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_one_server_answered_has_the_same_answer_at_another() {
    let (_postgres, database) = empty_database().await;
    migrate(&database);
    let servers = [Server::start_on(&database.app_url), Server::start_on(&database.app_url)];
    let (show, floor) = Show::standing(&servers[0].staff(), "One key", 10, json!({})).await;
    let body = json!({ "items": [{ "ticket_type": floor, "quantity": 1 }], "payment": { "method": "cash" } });
    let mut answers = Vec::new();
    for round in 0..4 {
        for server in &servers {
            let key = format!("round-{round}");
            answers.push(server.staff().post(&show.path("/tickets"), &body).key(&key).expect(201).await.json);
        }
    }
    for pair in answers.chunks(2) {
        assert_eq!(pair[0], pair[1]);
    }
    assert_eq!(show.tickets(show.head().await).await.len(), 4);
}
