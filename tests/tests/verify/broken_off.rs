//! A `turnout rebuild` that is killed, wherever it is, leaves the tables in use as they are; the next one clears up behind it.
//!
//! It is led by the hand: somebody else holds a table that it builds, and lets it have that for one statement after the other. So
//! it stands still at each, and is killed at the first of each stage.

use std::process::{Child, Stdio};
use std::time::Duration;

use black_box::{Server, Show, database, eventually, turnout};
use serde_json::json;
use sqlx::{AssertSqlSafe, Executor as _, PgConnection};

use super::run;

const WITHIN: Duration = Duration::from_secs(60);
const HELD: &str = "read_next.tickets";
/// More statements than it needs for one table.
const STEPS_MAX: usize = 200;

/// The stages, and how the first statement of each begins that needs the table.
const STAGES: [(&str, &str); 5] = [
    ("building", "COPY "),
    ("making indexes", "CREATE "),
    ("catching up", "INSERT INTO tickets "),
    ("checking", "SELECT coalesce("),
    ("switching", "LOCK TABLE "),
];

/// Who holds the table, and who will hold it next.
struct Hand {
    holds: PgConnection,
    waits: Option<PgConnection>,
    looks: PgConnection,
}

impl Hand {
    async fn of(server: &Server) -> Self {
        let connect = async || {
            let mut connection = database::connect(&server.data(), "turnout_owner").await;
            connection.execute("SET application_name = 'hand'").await.expect("a name");
            connection
        };
        Self { holds: connect().await, waits: Some(connect().await), looks: connect().await }
    }

    /// The table that is held, as PostgreSQL knows it; none before the first rebuild.
    async fn table(&mut self) -> Option<i64> {
        let table = AssertSqlSafe(format!("SELECT to_regclass('{HELD}')::oid::bigint"));
        sqlx::query_scalar(table).fetch_one(&mut self.looks).await.expect("an answer")
    }

    /// Takes the table as soon as there is another one than a killed rebuild left.
    async fn takes(&mut self, left: Option<i64>) {
        eventually(WITHIN, "a table is built", async || {
            self.table().await.filter(|table| Some(*table) != left).map(drop)
        })
        .await;
        lock(&mut self.holds).await;
    }

    /// What waits for the table: the rebuild's statement, or this hand's.
    async fn waiting(&mut self, who: &str) -> String {
        let waits = format!(
            "SELECT a.query FROM pg_locks AS l JOIN pg_stat_activity AS a USING (pid)
              WHERE NOT l.granted AND l.relation = to_regclass('{HELD}') AND {who} LIMIT 1"
        );
        eventually(WITHIN, "somebody wants the table", async || {
            let waits = AssertSqlSafe(waits.clone());
            sqlx::query_scalar(waits).fetch_optional(&mut self.looks).await.expect("an answer")
        })
        .await
    }

    /// The statement that the rebuild stands still at.
    async fn stopped_at(&mut self) -> String {
        self.waiting("a.application_name <> 'hand'").await
    }

    /// Lets that one pass: it has the table next, and then this hand again.
    async fn lets_one_pass(&mut self) {
        let mut next = self.waits.take().expect("the other connection");
        let taking = tokio::spawn(async move {
            lock(&mut next).await;
            next
        });
        self.waiting("a.application_name = 'hand'").await;
        self.holds.execute("COMMIT").await.expect("to let go");
        let taken = taking.await.expect("the table");
        self.waits = Some(std::mem::replace(&mut self.holds, taken));
    }

    /// The tables in use, as PostgreSQL knows them.
    async fn tables_in_use(&mut self) -> Vec<(String, i64)> {
        let tables = "SELECT relname::text, oid::bigint FROM pg_class
                       WHERE relnamespace = 'read'::regnamespace AND relkind = 'r' ORDER BY 1";
        sqlx::query_as(tables).fetch_all(&mut self.looks).await.expect("the tables")
    }

    /// Waits until nobody but this hand wants or has anything of the rebuild's.
    async fn is_alone(&mut self) {
        eventually(WITHIN, "the killed rebuild's sessions have ended", async || {
            let others = "SELECT count(*) FROM pg_stat_activity
                           WHERE usename = 'turnout_owner' AND application_name <> 'hand' AND backend_type = 'client backend'";
            let others: i64 = sqlx::query_scalar(others).fetch_one(&mut self.looks).await.expect("an answer");
            (others == 0).then_some(())
        })
        .await;
    }
}

async fn lock(connection: &mut PgConnection) {
    let lock = AssertSqlSafe(format!("BEGIN; LOCK TABLE {HELD} IN ACCESS EXCLUSIVE MODE"));
    connection.execute(lock).await.expect("the table");
}

fn begin_rebuild(server: &Server) -> Child {
    let mut rebuild = turnout();
    rebuild.arg("rebuild").arg("--data").arg(server.data());
    rebuild.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("a rebuild")
}

fn tool(server: &Server, arguments: &[&str]) -> String {
    let output = run(turnout().args(arguments).arg("--data").arg(server.data()));
    let said = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    assert!(output.status.success(), "{arguments:?}: {said}{}", String::from_utf8_lossy(&output.stderr));
    said
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rebuild_that_is_killed_at_any_stage_changes_nothing_and_the_next_one_succeeds() {
    let server = Server::start();
    let (show, floor) = Show::standing(&server.staff(), "Rebuilt in vain", 1_000, json!({})).await;
    let mut sold = 0;
    let mut hand = Hand::of(&server).await;
    for (stage, begins) in STAGES {
        let mut sells = async || {
            let sale = show.sell(json!([{ "ticket_type": floor, "quantity": 1 }])).await;
            sold += 1;
            let left = show.seen("/availability", sale.position()).await;
            assert_eq!(left["ticket_types"][0]["sold"], sold, "while {stage}: {left}");
        };
        sells().await;
        let before = hand.tables_in_use().await;
        let left = hand.table().await;
        let mut rebuild = begin_rebuild(&server);
        hand.takes(left).await;
        let mut passed = Vec::new();
        loop {
            let statement = hand.stopped_at().await;
            if passed.is_empty() {
                // It knows by now how far it builds: with this it has to catch up.
                sells().await;
            }
            if statement.starts_with(begins) {
                break;
            }
            passed.push(statement);
            assert!(passed.len() < STEPS_MAX, "{stage} was not seen: {passed:#?}");
            hand.lets_one_pass().await;
        }
        // Whoever sells and looks is not held up by it, whatever it is at.
        sells().await;
        rebuild.kill().expect("to kill it");
        rebuild.wait().expect("its end");
        hand.holds.execute("ROLLBACK").await.expect("to let go");
        hand.is_alone().await;
        assert_eq!(hand.tables_in_use().await, before, "killed while {stage}");
        sells().await;
        assert!(tool(&server, &["verify", "--read"]).starts_with("All is right: "), "killed while {stage}");
    }
    let before = hand.tables_in_use().await;
    assert!(tool(&server, &["rebuild"]).starts_with("Built anew from "));
    assert_ne!(hand.tables_in_use().await, before);
    let left = show.seen("/availability", show.head().await).await;
    assert_eq!(left["ticket_types"][0]["sold"], sold, "{left}");
    assert!(tool(&server, &["verify", "--read"]).starts_with("All is right: "));
    assert!(tool(&server, &["verify"]).starts_with("All is right: "));
}
