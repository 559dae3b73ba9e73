//! A synchronous standby takes over when the primary dies: every sale that was answered and every checkpoint that was published is of
//! its log, whatever was going on.

use std::{
    fs,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use black_box::{Client, Server, Show, eventually, turnout};
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use serde_json::{Value, json};
use sqlx::{Connection, PgConnection};

use crate::replica::Databases;

const WITHIN: Duration = Duration::from_secs(60);

/// So often the sealer is ended in the middle: first with its tiles, then whenever it waits again.
const ENDED: usize = 5;

/// A primary that commits nothing without its standby.
struct Guarded(Databases);

impl Guarded {
    async fn start() -> Self {
        let databases = Databases::start().await;
        let mut primary = PgConnection::connect(&databases.database.owner_url).await.expect("the primary");
        for statement in ["ALTER SYSTEM SET synchronous_standby_names = '*'", "SELECT pg_reload_conf()"] {
            sqlx::query(statement).execute(&mut primary).await.expect("a setting");
        }
        eventually(WITHIN, "the standby is synchronous", async || {
            let state = "SELECT EXISTS (SELECT FROM pg_stat_replication WHERE sync_state = 'sync')";
            sqlx::query_scalar::<_, bool>(state).fetch_one(&mut primary).await.expect("an answer").then_some(())
        })
        .await;
        Self(databases)
    }

    /// To the server and all of its processes, of which each is a group of its own.
    fn signal(server: u32, signal: Signal) {
        let children = fs::read_to_string(format!("/proc/{server}/task/{server}/children")).expect("its processes");
        for process in std::iter::once(server.to_string().as_str()).chain(children.split_whitespace()) {
            let process = process.parse().expect("a process");
            // One that ended by itself meanwhile is gone.
            let _ = kill(Pid::from_raw(process), signal);
        }
    }

    /// The standby neither receives nor answers until it is woken.
    fn freeze_standby(&self) {
        Self::signal(self.0.replica.server().pid(), Signal::SIGSTOP);
    }

    fn wake_standby(&self) {
        Self::signal(self.0.replica.server().pid(), Signal::SIGCONT);
    }

    /// All of the primary's processes end at once; nobody hears of what was going on.
    async fn kill_primary(&self) {
        Self::signal(self.0.primary.server().pid(), Signal::SIGKILL);
        self.0.primary.server().wait_exit().await;
    }

    /// The standby becomes a primary, with a server of its own.
    async fn take_over(&self) -> Server {
        let mut standby = PgConnection::connect(&self.0.copy.owner_url).await.expect("the standby");
        let promoted: Result<bool, _> = sqlx::query_scalar("SELECT pg_promote(true, 60)").fetch_one(&mut standby).await;
        assert!(promoted.expect("an answer"), "the standby does not take over");
        let url = self.0.copy.app_url.clone();
        tokio::task::spawn_blocking(move || Server::start_on(&url)).await.expect("a server")
    }

    /// Ends whoever waits for the standby in the middle of a commit, which is then here and nobody was told so; how many of them
    /// were sealers, who alone commit by a statement of its own what writers may write.
    async fn end_who_waits(&self, primary: &mut PgConnection) -> usize {
        let ended = "SELECT count(pg_terminate_backend(pid)) FILTER (WHERE application_name = 'turnout write' AND query = 'COMMIT'),
                            count(pg_terminate_backend(pid)) FILTER (WHERE application_name <> 'turnout write' OR query <> 'COMMIT')
                       FROM pg_stat_activity WHERE wait_event = 'SyncRep'";
        let (sealers, _): (i64, i64) = sqlx::query_as(ended).fetch_one(primary).await.expect("an answer");
        usize::try_from(sealers).expect("a number")
    }
}

/// What anybody could see.
#[derive(Clone, Default)]
struct Published(Arc<Mutex<Vec<String>>>);

impl Published {
    /// Looks once.
    async fn look(&self, anyone: &Client) -> u64 {
        let Ok(answer) = anyone.get("/history/checkpoint").at_once().try_send().await else { return self.size() };
        if answer.status == 200 {
            let mut seen = self.0.lock().expect("nobody panicked");
            if seen.last() != Some(&answer.text) {
                seen.push(answer.text);
            }
        }
        self.size()
    }

    fn all(&self) -> Vec<String> {
        self.0.lock().expect("nobody panicked").clone()
    }

    /// Of the last that was seen.
    fn size(&self) -> u64 {
        self.all().last().map_or(0, |note| size(note))
    }

    /// Each is of this log: by the program, and by the proof that the server gives.
    async fn assert_kept(&self, databases: &Databases, server: &Server, keys: &str) {
        let folder = tempfile::tempdir().expect("a folder");
        let mut verify = turnout();
        verify.args(["verify", "--key", keys.trim()]).env("DATABASE_URL", &databases.copy.app_url);
        for (number, note) in self.all().iter().enumerate() {
            let file = folder.path().join(number.to_string());
            fs::write(&file, note).expect("a file");
            verify.arg("--checkpoint").arg(file);
        }
        let output = verify.output().expect("to verify");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
        let anyone = server.anyone();
        for note in self.all() {
            let proof = anyone.get(&format!("/history/consistency?from={}", size(&note))).expect(200).await;
            assert_eq!(proof["from_root"], note.lines().nth(2).expect("a root"));
        }
    }
}

fn size(note: &str) -> u64 {
    note.lines().nth(1).and_then(|size| size.parse().ok()).unwrap_or_else(|| panic!("no checkpoint: {note}"))
}

fn sale(floor: &str) -> Value {
    json!({ "items": [{ "ticket_type": floor, "quantity": 2 }], "payment": { "method": "cash" } })
}

/// What was sold goes on being sold where the standby took over.
async fn assert_goes_on(server: &Server, show: &Show, floor: &str, published: &Published) {
    let show = Show { staff: server.staff(), anyone: server.anyone(), ..show.clone() };
    let position = show.sell(json!([{ "ticket_type": floor, "quantity": 1 }])).await.position();
    let anyone = server.anyone();
    eventually(WITHIN, "what was sold since is signed", async || {
        (published.look(&anyone).await >= position).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_sold_and_every_checkpoint_that_was_published_is_of_the_log_of_the_standby_that_takes_over() {
    let guarded = Guarded::start().await;
    let server = guarded.0.node(&[]).await;
    let keys = server.anyone().get("/history/keys").expect(200).await.text;
    let (show, floor) = Show::standing(&server.staff(), "Guarded", 100_000, json!({})).await;
    let published = Published::default();
    let sold = Arc::new(AtomicU64::new(0));
    let selling = {
        let (staff, path, sale, sold) = (server.staff(), show.path("/tickets"), sale(&floor), Arc::clone(&sold));
        tokio::spawn(async move {
            while let Ok(answer) = staff.post(&path, &sale).try_send().await
                && answer.status == 201
            {
                sold.fetch_max(answer.position(), Ordering::SeqCst);
            }
        })
    };
    let anyone = server.anyone();
    eventually(WITHIN, "several checkpoints are published while it sells", async || {
        published.look(&anyone).await;
        (published.all().len() >= 4).then_some(())
    })
    .await;
    // In the middle of it.
    guarded.kill_primary().await;
    published.look(&anyone).await;
    selling.abort();
    drop(server);
    let server = guarded.take_over().await;
    let last = sold.load(Ordering::SeqCst);
    assert!(last > 0);
    server.anyone().get(&show.path("")).at_position(last).expect(200).await;
    published.assert_kept(&guarded.0, &server, &keys).await;
    assert_goes_on(&server, &show, &floor, &published).await;
    published.assert_kept(&guarded.0, &server, &keys).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_answered_or_published_that_a_standby_lacks_however_often_its_commit_is_broken_off() {
    let guarded = Guarded::start().await;
    let server = guarded.0.node(&[]).await;
    let anyone = server.anyone();
    let keys = anyone.get("/history/keys").expect(200).await.text;
    let (show, floor) = Show::standing(&server.staff(), "Alone", 100_000, json!({})).await;
    let position = show.sell(json!([{ "ticket_type": floor, "quantity": 1 }])).await.position();
    let published = Published::default();
    eventually(WITHIN, "it is signed", async || (published.look(&anyone).await >= position).then_some(())).await;
    let before = published.size();

    guarded.freeze_standby();
    let sold = Arc::new(AtomicU64::new(0));
    let selling = {
        let (staff, path, sale, sold) = (server.staff(), show.path("/tickets"), sale(&floor), Arc::clone(&sold));
        tokio::spawn(async move {
            while let Ok(answer) = staff.post(&path, &sale).try_send().await {
                sold.fetch_add(u64::from(answer.status == 201), Ordering::SeqCst);
            }
        })
    };
    // Sales, tiles and whatever the sealer waits for are here now, and nowhere else.
    let mut primary = PgConnection::connect(&guarded.0.database.owner_url).await.expect("the primary");
    let mut ended = 0;
    eventually(WITHIN, "those who wait are ended", async || {
        ended += guarded.end_who_waits(&mut primary).await;
        assert_eq!(published.look(&anyone).await, before, "a checkpoint is published that the standby has not");
        (ended >= ENDED).then_some(())
    })
    .await;
    let tiles = "SELECT log.tree_size()";
    let tiles: i64 = sqlx::query_scalar(tiles).fetch_one(&mut primary).await.expect("a number");
    assert!(u64::try_from(tiles).expect("a number") > before, "the tree grew: it was this that waited");
    drop(primary);
    guarded.kill_primary().await;
    selling.abort();
    assert_eq!(sold.load(Ordering::SeqCst), 0, "a sale is answered that the standby has not");
    drop(server);
    guarded.wake_standby();
    let server = guarded.take_over().await;
    assert_goes_on(&server, &show, &floor, &published).await;
    published.assert_kept(&guarded.0, &server, &keys).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeat_is_not_answered_either_while_the_standby_lacks_what_it_rests_on() {
    let guarded = Guarded::start().await;
    let (sells, repeats) = tokio::join!(guarded.0.node(&[]), guarded.0.node(&[]));
    let (show, floor) = Show::standing(&sells.staff(), "Twice asked", 100, json!({})).await;
    let ask =
        |server: &Server| server.staff().post(&show.path("/tickets"), &sale(&floor)).key("asked-twice").try_send();
    let mut primary = PgConnection::connect(&guarded.0.database.owner_url).await.expect("the primary");

    guarded.freeze_standby();
    let first = tokio::spawn(ask(&sells));
    // It is in the log, and nowhere else.
    eventually(WITHIN, "its commit is broken off", async || {
        guarded.end_who_waits(&mut primary).await;
        let sold = "SELECT EXISTS (SELECT FROM log.events WHERE type = 'TicketIssued')";
        sqlx::query_scalar::<_, bool>(sold).fetch_one(&mut primary).await.expect("an answer").then_some(())
    })
    .await;
    let repeated = ask(&repeats).await.expect("an answer");
    assert_eq!(repeated.status, 503, "the standby has not what this says: {}", repeated.text);
    assert_eq!(first.await.expect("nobody panicked").expect("an answer").status, 503);

    guarded.wake_standby();
    let told = eventually(WITHIN, "both nodes answer again", async || {
        let told = [ask(&sells).await.expect("an answer"), ask(&repeats).await.expect("an answer")];
        told.iter().all(|answer| answer.status == 201).then_some(told)
    })
    .await;
    assert_eq!(told[0].json, told[1].json, "it was sold once");
    let sold: i64 = sqlx::query_scalar("SELECT count(*) FROM log.events WHERE type = 'TicketIssued'")
        .fetch_one(&mut primary)
        .await
        .expect("a number");
    assert_eq!(sold, 2, "two tickets");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_standby_that_is_away_costs_few_connections_however_long_and_a_server_can_be_stopped() {
    /// Longer than a call waits for its answer, and as long again as a dozen looks take.
    const AWAY: Duration = Duration::from_secs(45);
    /// One that appends or looks, one that signs, and one of each that is just being ended.
    const CONNECTIONS: i64 = 4;
    let guarded = Guarded::start().await;
    let mut server = guarded.0.node(&[]).await;
    let (show, floor) = Show::standing(&server.staff(), "Patience", 100, json!({})).await;
    let mut primary = PgConnection::connect(&guarded.0.database.owner_url).await.expect("the primary");

    guarded.freeze_standby();
    let asked = server.staff().post(&show.path("/tickets"), &sale(&floor)).key("patience").try_send().await;
    assert_eq!(asked.expect("an answer").status, 503);
    let since = Instant::now();
    let mut most = 0;
    while since.elapsed() < AWAY {
        let waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'";
        most = most.max(sqlx::query_scalar(waiting).fetch_one(&mut primary).await.expect("a number"));
        assert!(most <= CONNECTIONS, "{most} backends wait for the standby");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    assert!(most > 0, "nobody waits: this looks at nothing");

    guarded.wake_standby();
    eventually(WITHIN, "it is answered", async || {
        let answer = server.staff().post(&show.path("/tickets"), &sale(&floor)).key("patience").try_send().await;
        (answer.expect("an answer").status == 201).then_some(())
    })
    .await;
    let sold: i64 = sqlx::query_scalar("SELECT count(*) FROM log.events WHERE type = 'TicketIssued'")
        .fetch_one(&mut primary)
        .await
        .expect("a number");
    assert_eq!(sold, 2, "once");

    guarded.freeze_standby();
    let waits = tokio::spawn(server.staff().post(&show.path("/tickets"), &sale(&floor)).key("another").try_send());
    let stopped = tokio::task::spawn_blocking(move || server.terminate());
    tokio::time::timeout(WITHIN, stopped).await.expect("the server stops").expect("nobody panicked");
    waits.abort();
    guarded.wake_standby();
}
