//! Servers that divide the work: commands, queries from a replica, projectors, behind the shipped HAProxy configuration; and
//! projectors that take over from each other.

use std::time::{Duration, Instant};

use black_box::{Client, Server, Show, turnout};
use nix::sys::signal::{Signal, kill, killpg};
use nix::unistd::Pid;
use serde_json::{Value, json};
use sqlx::{Connection, PgConnection};

use crate::balancer::Balancer;
use crate::replica::Databases;

const TOKEN: &str = "metrics-token-of-the-tests-0123456789";
/// What is promised of a takeover, and what a busy machine is given on top.
const TAKEOVER: Duration = Duration::from_secs(5);

fn sale(floor: &str) -> Value {
    json!({ "items": [{ "ticket_type": floor, "quantity": 1 }], "payment": { "method": "cash" } })
}

/// A command server, a query server on the replica, and projectors.
struct Divided {
    commands: Server,
    queries: Server,
    projectors: Vec<Server>,
    databases: Databases,
}

impl Divided {
    async fn start(projectors: usize) -> Self {
        let databases = Databases::start().await;
        let commands = databases.node(&[("TURNOUT_ROLE", "commands")]).await;
        let from = databases.copy.app_url.clone();
        let queries = databases.node(&[("TURNOUT_ROLE", "queries"), ("TURNOUT_READ_DATABASE_URL", &from)]).await;
        let mut started = Vec::new();
        for _ in 0..projectors {
            started.push(databases.node(&[("TURNOUT_ROLE", "projectors"), ("TURNOUT_METRICS_TOKEN", TOKEN)]).await);
        }
        Self { commands, queries, projectors: started, databases }
    }

    /// Sells one, and answers how many are sold once the query server shows it.
    async fn sell(&self, show: &Show, floor: &str) -> u64 {
        let position = self.commands.staff().post(&show.path("/tickets"), &sale(floor)).expect(201).await.position();
        loop {
            let availability = self.queries.staff().get(&show.path("/availability")).at_position(position);
            let answer = availability.send().await;
            if answer.status == 200 {
                return answer["ticket_types"][0]["sold"].as_u64().expect("a number");
            }
            assert_eq!((answer.status, &answer["code"]), (503, &json!("read_model_behind")), "{answer}");
        }
    }

    /// Which projector leads.
    async fn leader(&self) -> usize {
        loop {
            for (index, projector) in self.projectors.iter().enumerate() {
                let metrics = projector.anyone().with_bearer(TOKEN).get("//metrics").expect(200).await;
                if metrics.text.lines().any(|line| line == "turnout_projector_leads 1") {
                    return index;
                }
            }
        }
    }

    async fn number(&self, sql: &'static str) -> i64 {
        let mut primary = PgConnection::connect(&self.databases.database.owner_url).await.expect("the primary");
        sqlx::query_scalar(sql).fetch_one(&mut primary).await.expect("a number")
    }

    /// How many projectors say that they lead.
    async fn leaders(&self) -> usize {
        let mut leaders = 0;
        for projector in &self.projectors {
            let metrics = projector.anyone().with_bearer(TOKEN).get("//metrics").expect(200).await;
            leaders += usize::from(metrics.text.lines().any(|line| line == "turnout_projector_leads 1"));
        }
        leaders
    }

    /// The lease as it is recorded: its fence, and whether it has not ended; of one that holds for the checkpoint, too.
    async fn lease(&self) -> Option<(i64, bool)> {
        let mut primary = PgConnection::connect(&self.databases.database.owner_url).await.expect("the primary");
        let lease =
            "SELECT l.fence, l.expires_at > now() FROM read.leases AS l JOIN read.checkpoints AS c USING (name, fence)
                      WHERE l.name = 'read'";
        sqlx::query_as(lease).fetch_optional(&mut primary).await.expect("an answer")
    }

    /// Each event was counted once, in every read model: they are what the log says, row by row.
    async fn assert_counted_once(&self) {
        let looked =
            turnout().args(["verify", "--read"]).env("DATABASE_URL", &self.databases.database.app_url).output();
        let looked = looked.expect("to look");
        let said = String::from_utf8_lossy(&looked.stdout);
        assert!(looked.status.success() && said.starts_with("All is right: "), "{said}");
        let head = self.number("SELECT max(position) FROM log.events").await;
        assert_eq!(self.number("SELECT position FROM read.checkpoints WHERE name = 'read'").await, head);
        let listed = self.number("SELECT count(*) FROM read.activity").await;
        assert_eq!(self.number("SELECT count(DISTINCT position) FROM read.activity").await, listed);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn commands_and_queries_are_separate_processes_behind_one_balancer() {
    let divided = Divided::start(1).await;
    let (commands, queries) = (std::slice::from_ref(&divided.commands), std::slice::from_ref(&divided.queries));
    let balancer = Balancer::start_divided(commands, queries).await;
    // A whole evening through one address: planned, sold, let in, looked at, and one reads what one wrote.
    let (show, floor) = Show::standing(&balancer.staff(), "Divided", 100, json!({})).await;
    let ticket = show.sell_one(&floor).await;
    show.check_in(json!({ "ticket": ticket["id"] })).await;
    let attendance = show.staff.get(&show.path("/attendance")).expect(200).await;
    assert_eq!(attendance["inside"], 1, "{attendance}");
    let found = show.staff.get(&format!("/tickets/{}", ticket["id"].as_str().expect("an id"))).expect(200).await;
    assert_eq!(found["token"], ticket["token"], "both sides sign with one key");
    // Who somebody is, both know: an account made and signed in at one side is asked about at the other.
    let (_, member) = black_box::invite(&balancer.staff(), "ada@example.org", "seller").await;
    assert_eq!(member.get("/me").expect(200).await["email"], "ada@example.org");
    balancer.anyone().get("//").expect(200).await;
    balancer.anyone().get("//.well-known/jwks.json").expect(200).await;

    for (path, node) in [("/check-ins", "node1"), ("/tickets?", "node1"), ("/attendance", "queries1")] {
        let nodes = balancer.nodes_of(path.trim_end_matches('?'), 0);
        assert!(nodes.contains(node), "{path} by {nodes:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_asked_for_what_others_do_says_so() {
    let divided = Divided::start(1).await;
    let (show, floor) = Show::standing(&divided.commands.staff(), "Elsewhere", 10, json!({})).await;
    let misdirected = async |client: Client, is_query: bool| {
        let call = if is_query {
            client.get(&show.path("/availability"))
        } else {
            client.post(&show.path("/tickets"), &sale(&floor))
        };
        call.problem(421, "misdirected").await;
    };
    misdirected(divided.commands.staff(), true).await;
    misdirected(divided.queries.staff(), false).await;
    misdirected(divided.projectors[0].anyone(), true).await;
    misdirected(divided.projectors[0].anyone(), false).await;
    divided.commands.anyone().get("/nothing").problem(404, "not_found").await;
    for server in [&divided.commands, &divided.queries, &divided.projectors[0]] {
        server.anyone().get("//health/live").expect(200).await;
        server.anyone().get("//health/ready").expect(200).await;
    }
    assert_eq!(divided.number("SELECT count(*) FROM log.events WHERE type = 'TicketIssued'").await, 0);
}

#[test]
fn only_a_server_of_role_all_runs_a_database_of_its_own() {
    let folder = tempfile::tempdir().expect("a folder");
    for role in ["commands", "queries", "projectors"] {
        let mut serve = turnout();
        serve.args(["serve", "--listen", "127.0.0.1:0", "--role", role, "--data"]).arg(folder.path().join("data"));
        let output = serve.output().expect("an end");
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success() && told.contains("DATABASE_URL") && told.contains(role), "{told}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_projectors_one_takes_over_within_five_seconds_when_the_other_is_killed() {
    let mut divided = Divided::start(2).await;
    let (show, floor) = Show::standing(&divided.commands.staff(), "Killed", 1_000, json!({})).await;
    assert_eq!(divided.sell(&show, &floor).await, 1);
    for sold in 2..=3 {
        let leader = divided.leader().await;
        // From before the kill until what was sold behind it is seen.
        let began = Instant::now();
        divided.projectors[leader].kill();
        assert_eq!(divided.sell(&show, &floor).await, sold);
        let took = began.elapsed();
        assert!(took < TAKEOVER, "taken over after {took:?}");
        divided.projectors[leader].restart();
    }
    divided.assert_counted_once().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_projector_that_was_frozen_writes_nothing_when_it_wakes() {
    let divided = Divided::start(2).await;
    let (show, floor) = Show::standing(&divided.commands.staff(), "Frozen", 1_000, json!({})).await;
    assert_eq!(divided.sell(&show, &floor).await, 1);
    let frozen = divided.leader().await;
    let process = Pid::from_raw(divided.projectors[frozen].process().cast_signed());
    kill(process, Signal::SIGSTOP).expect("to freeze it");
    assert_eq!(divided.sell(&show, &floor).await, 2);
    let fence = divided.number("SELECT fence FROM read.checkpoints WHERE name = 'read'").await;
    kill(process, Signal::SIGCONT).expect("to wake it");
    for sold in 3..=20 {
        assert_eq!(divided.sell(&show, &floor).await, sold);
    }
    // It has looked by now, and follows: whoever took over still leads, under the same fence.
    assert_ne!(divided.leader().await, frozen);
    let metrics = divided.projectors[frozen].anyone().with_bearer(TOKEN).get("//metrics").expect(200).await;
    assert!(metrics.text.lines().any(|line| line == "turnout_projector_leads 0"), "{}", metrics.text);
    assert_eq!(divided.number("SELECT fence FROM read.checkpoints WHERE name = 'read'").await, fence);
    divided.assert_counted_once().await;
}

#[derive(Clone, Copy, Debug)]
enum Restart {
    InOrder,
    Killed,
}

#[tokio::test(flavor = "multi_thread")]
async fn the_lease_outlives_a_restart_of_postgresql_and_one_projector_goes_on_and_counts_nothing_twice() {
    the_lease_outlives(Restart::InOrder).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_lease_outlives_a_crash_of_postgresql_and_one_projector_goes_on_and_counts_nothing_twice() {
    the_lease_outlives(Restart::Killed).await;
}

async fn the_lease_outlives(restart: Restart) {
    let mut divided = Divided::start(2).await;
    let (show, floor) = Show::standing(&divided.commands.staff(), "Restarted", 1_000, json!({})).await;
    assert_eq!(divided.sell(&show, &floor).await, 1);
    // It changes hands, so that its fence is not that of a first lease.
    let first = divided.leader().await;
    divided.projectors[first].terminate();
    for sold in 2..=10 {
        assert_eq!(divided.sell(&show, &floor).await, sold);
    }
    divided.projectors[first].restart();
    let before = divided.lease().await;
    assert!(matches!(before, Some((2.., true))), "{before:?}");
    assert_eq!(divided.leaders().await, 1);

    if matches!(restart, Restart::Killed) {
        let postmaster = Pid::from_raw(divided.databases.primary.server().pid().cast_signed());
        killpg(postmaster, Signal::SIGKILL).expect("to kill PostgreSQL");
        divided.databases.primary.server().wait_exit().await;
    }
    divided.databases.restart_primary().await;
    for sold in 11..=20 {
        let position = crate::cluster::decided(|| {
            divided.commands.staff().post(&show.path("/tickets"), &sale(&floor)).key(&format!("sale-number-{sold:04}"))
        })
        .await;
        assert_eq!(position.status, 201, "{position}");
        let availability = crate::cluster::decided(|| {
            divided.queries.staff().get(&show.path("/availability")).at_position(position.position())
        })
        .await;
        assert_eq!(
            (availability.status, &availability["ticket_types"][0]["sold"]),
            (200, &json!(sold)),
            "{availability}"
        );
    }
    // Whoever leads took it on top of the one that there was: a lease that was lost would begin at 1 again.
    let after = divided.lease().await;
    assert!(matches!(after, Some((_, true))) && after >= before, "{restart:?}: {before:?}, then {after:?}");
    assert_eq!(divided.leaders().await, 1, "{restart:?}");
    divided.assert_counted_once().await;
}
