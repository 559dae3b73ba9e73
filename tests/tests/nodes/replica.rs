//! Queries from a streaming replica: a second PostgreSQL, made by `pg_basebackup` from the first, that follows it. Its replay is
//! paused to have it lag, which is what a busy replica does by itself.

use std::time::Duration;

use black_box::{Client, Server, Show, turnout};
use embedded_postgres::{FreshDatabase, TemporaryPostgres, temporary_primary};
use serde_json::json;
use sqlx::{Connection, PgConnection};

const WITHIN: Duration = Duration::from_secs(30);

/// A primary and its replica.
pub struct Databases {
    /// The primary's.
    pub database: FreshDatabase,
    /// The same, at the replica.
    pub copy: FreshDatabase,
    /// The replica's server.
    pub replica: TemporaryPostgres,
    /// The primary's.
    pub primary: TemporaryPostgres,
}

impl Databases {
    /// Both, migrated.
    pub async fn start() -> Self {
        let primary = temporary_primary().await.expect("a primary");
        let database = primary.fresh_database().await.expect("a database");
        let migrated = turnout().arg("migrate").env("TURNOUT_OWNER_DATABASE_URL", &database.owner_url).output();
        let migrated = migrated.expect("to migrate");
        assert!(migrated.status.success(), "{}", String::from_utf8_lossy(&migrated.stderr));
        let replica = primary.replica().await.expect("a replica");
        let copy = replica.same_database(&database);
        Self { database, copy, replica, primary }
    }

    /// Lets the replica lag: it goes on receiving and replays nothing.
    pub async fn pause(&self) {
        let mut replica = PgConnection::connect(&self.copy.owner_url).await.expect("the replica");
        sqlx::query("SELECT pg_wal_replay_pause()").execute(&mut replica).await.expect("a pause");
        loop {
            let state: String = sqlx::query_scalar("SELECT pg_get_wal_replay_pause_state()")
                .fetch_one(&mut replica)
                .await
                .expect("its state");
            if state == "paused" {
                return;
            }
        }
    }

    /// Lets it catch up.
    pub async fn resume(&self) {
        let mut replica = PgConnection::connect(&self.copy.owner_url).await.expect("the replica");
        sqlx::query("SELECT pg_wal_replay_resume()").execute(&mut replica).await.expect("to go on");
    }

    /// Stops the primary in good order and starts it again; the replica follows again by itself.
    pub async fn restart_primary(&mut self) {
        self.primary.server_mut().restart().await.expect("to start again");
    }

    /// A server on the primary, with more settings.
    pub async fn node(&self, environment: &[(&'static str, &str)]) -> Server {
        let url = self.database.app_url.clone();
        let environment: Vec<_> = environment.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
        let starting = tokio::task::spawn_blocking(move || {
            let environment: Vec<_> = environment.iter().map(|(name, value)| (*name, value.as_str())).collect();
            Server::start_node(&url, &environment)
        });
        starting.await.expect("a server")
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn ones_own_writes_are_read_from_a_replica_that_lags_or_not_at_all() {
    let databases = Databases::start().await;
    let server = databases.node(&[("TURNOUT_READ_DATABASE_URL", &databases.copy.app_url)]).await;
    let (show, floor) = Show::standing(&server.staff(), "From afar", 100, json!({})).await;
    let availability = show.path("/availability");
    let sold = async |client: &Client, position: u64| {
        client.get(&availability).at_position(position).expect(200).await["ticket_types"][0]["sold"].clone()
    };
    show.sell_one(&floor).await;
    let before = show.head().await;
    assert_eq!(sold(&show.staff, before).await, 1);

    databases.pause().await;
    let sale = json!({ "items": [{ "ticket_type": floor, "quantity": 1 }], "payment": { "method": "cash" } });
    let position = show.staff.post(&show.path("/tickets"), &sale).expect(201).await.position();
    assert!(position > before);
    // Whoever asks for no position gets what the replica has, and is told how old it is.
    let old = show.staff.get(&availability).at_once().expect(200).await;
    assert_eq!((&old["ticket_types"][0]["sold"], old.position()), (&json!(1), before));
    // The primary knows how far the log goes; the replica does not.
    show.staff.get(&availability).at_position(position + 1_000).problem(422, "invalid").await;
    let behind = show.staff.get(&availability).at_position(position).problem(503, "read_model_behind").await;
    assert!(behind.header("retry-after").is_some());
    // A listener hears of nothing that a query here would not show.
    let mut live = show.staff.get(&show.path("/live")).at_once().stream().await;

    let waiting = {
        let (client, path) = (show.staff.clone(), availability.clone());
        tokio::spawn(async move { client.get(&path).at_position(position).expect(200).await })
    };
    databases.resume().await;
    let answer = waiting.await.expect("an answer");
    assert_eq!(answer["ticket_types"][0]["sold"], 2);
    assert!(answer.position() >= position);
    let mut heard = String::new();
    while !heard.contains("\"sold\":2") {
        let chunk = tokio::time::timeout(WITHIN, live.chunk()).await.expect("an event in time");
        heard.push_str(&String::from_utf8_lossy(&chunk.expect("the stream goes on").expect("more of it")));
    }
}
