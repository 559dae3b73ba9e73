//! Crashes: of the server and of its PostgreSQL, in the middle of a run of sales. What was answered is there, once; what was
//! not answered is sold once when it is asked for again with its key.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering};
use std::time::Duration;

use black_box::{Answer, Client, Exit, Server, Show, database, eventually, fixed_uuid, whole_history};
use serde_json::{Value, json};
use sqlx::Connection;

const SELLERS: u32 = 16;
/// So many sales are answered before the crash; the run goes on through it.
const ANSWERED_BEFORE_CRASH: usize = 60;

/// What sellers have asked and been told.
#[derive(Default)]
struct Run {
    next: AtomicU32,
    answered_count: AtomicUsize,
    stop: AtomicBool,
    answered: tokio::sync::Mutex<HashMap<u32, Value>>,
}

impl Run {
    /// One seller: sale after sale, each with a key of its own, until told to stop; a sale without an answer is left as it is.
    async fn sell(self: Arc<Self>, staff: Client, path: String, body: Value) {
        while !self.stop.load(Ordering::SeqCst) {
            let number = self.next.fetch_add(1, Ordering::SeqCst);
            let sent = staff.post(&path, &body).key(&fixed_uuid(number).to_string()).try_send().await;
            match sent {
                Ok(answer) if answer.status == 201 => {
                    self.answered.lock().await.insert(number, answer.json.clone());
                    self.answered_count.fetch_add(1, Ordering::SeqCst);
                }
                // Broken off, or turned away while something is down: its outcome is open.
                Ok(Answer { status: 503, .. }) | Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
                Ok(answer) => panic!("{answer}"),
            }
        }
    }
}

/// Sells with `SELLERS` at once, lets `crash` happen in the middle, and checks everything afterwards.
async fn crash_during_sales(server: &mut Server, crash: impl AsyncFnOnce(&mut Server)) {
    let staff = server.staff();
    let (show, floor) = Show::standing(&staff, "Sold through a crash", 50_000, json!({})).await;
    let body = json!({ "items": [{ "ticket_type": floor, "quantity": 1 }], "payment": { "method": "cash" } });
    let run = Arc::new(Run::default());
    let sellers: Vec<_> = (0..SELLERS)
        .map(|_| tokio::spawn(run.clone().sell(staff.clone(), show.path("/tickets"), body.clone())))
        .collect();
    eventually(Duration::from_secs(60), "sales before the crash", async || {
        (run.answered_count.load(Ordering::SeqCst) >= ANSWERED_BEFORE_CRASH).then_some(())
    })
    .await;

    crash(server).await;
    run.stop.store(true, Ordering::SeqCst);
    for seller in sellers {
        seller.await.expect("a seller's end");
    }

    let show = Show { staff: server.staff(), anyone: server.anyone(), id: show.id };
    eventually(Duration::from_secs(60), "the server is ready", async || {
        let ready = server.anyone().get("//health/ready").try_send().await;
        ready.is_ok_and(|answer| answer.status == 200).then_some(())
    })
    .await;

    // Everything answered is there, each once; whatever else is there was asked for.
    let answered = run.answered.lock().await.clone();
    let asked = run.next.load(Ordering::SeqCst);
    assert!(answered.len() >= ANSWERED_BEFORE_CRASH);
    assert!(answered.len() < asked as usize, "the crash came between sales, not into them");
    let head = show.head().await;
    let recorded = show.recorded("TicketIssued").await;
    let listed = ids(&show.tickets(head).await);
    assert_eq!(listed.iter().collect::<HashSet<_>>().len(), listed.len(), "a ticket is listed twice");
    assert_eq!(listed.len(), recorded.len(), "the read model is the log's");
    for (number, answer) in &answered {
        let id = answer["tickets"][0]["id"].as_str().expect("an id");
        assert_eq!(listed.iter().filter(|listed| *listed == id).count(), 1, "sale {number} was answered");
    }
    assert!(listed.len() <= asked as usize);

    // Asked again with its key, each is sold once: the answered ones answer the same.
    let mut head = head;
    for number in 0..asked {
        let again = eventually(Duration::from_secs(30), "an answer", async || {
            let sent = show.staff.post(&show.path("/tickets"), &body).key(&fixed_uuid(number).to_string()).send().await;
            (sent.status != 503).then_some(sent)
        })
        .await;
        assert_eq!(again.status, 201, "{again}");
        head = head.max(again.position());
        if let Some(first) = answered.get(&number) {
            assert_eq!(&again.json, first, "sale {number} has one answer");
        }
    }
    assert_eq!(show.tickets(head).await.len(), asked as usize, "each key sold once");
    assert_eq!(show.recorded("TicketIssued").await.len(), asked as usize);
    assert_no_holes(server).await;
}

fn ids(tickets: &[Value]) -> Vec<String> {
    tickets.iter().map(|ticket| ticket["id"].as_str().expect("an id").to_owned()).collect()
}

/// Positions are 1, 2, 3 …, over HTTP and in the table itself.
async fn assert_no_holes(server: &Server) {
    let positions: Vec<u64> = whole_history(&server.staff(), "").await.iter().map(|event| event.position).collect();
    for pair in positions.windows(2) {
        assert_eq!(pair[1], pair[0] + 1, "a hole in the history after {}", pair[0]);
    }
    let mut connection = database::connect(&server.data(), "turnout_owner").await;
    let (count, first, last): (i64, i64, i64) =
        sqlx::query_as("SELECT count(*), min(position), max(position) FROM log.events")
            .fetch_one(&mut connection)
            .await
            .expect("the log's positions");
    connection.close().await.expect("the connection's end");
    assert_eq!((first, last), (1, count), "positions run from 1 without a hole");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_sold_before_the_server_was_killed_is_sold_once() {
    let mut server = Server::start();
    crash_during_sales(&mut server, async |server| {
        // Twice: the second time while the sellers come back to a server that has just recovered.
        for _ in 0..2 {
            server.kill();
            server.restart();
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_sold_before_its_postgresql_was_killed_is_sold_once() {
    let mut server = Server::start();
    crash_during_sales(&mut server, async |server| {
        let before = database::postmaster(&server.data());
        server.kill_postgres();
        // It comes back by itself, and the sellers meet it while it does.
        let anyone = server.anyone();
        eventually(Duration::from_secs(60), "another PostgreSQL", async || {
            let pid = std::fs::read_to_string(server.data().join("postgres/postmaster.pid")).ok()?;
            (pid.lines().next()?.trim().parse() != Ok(before)).then_some(())
        })
        .await;
        eventually(Duration::from_secs(60), "the server is ready again", async || {
            (anyone.get("//health/ready").try_send().await.ok()?.status == 200).then_some(())
        })
        .await;
    })
    .await;
}

#[tokio::test]
async fn sigterm_finishes_what_was_accepted_and_exits_with_0() {
    let mut server = Server::start();
    let (show, floor) = Show::standing(&server.staff(), "Last sales", 50_000, json!({})).await;
    let body = json!({ "items": [{ "ticket_type": floor, "quantity": 1 }], "payment": { "method": "cash" } });
    let run = Arc::new(Run::default());
    let sellers: Vec<_> = (0..4)
        .map(|_| tokio::spawn(run.clone().sell(show.staff.clone(), show.path("/tickets"), body.clone())))
        .collect();
    eventually(Duration::from_secs(60), "some sales", async || {
        (run.answered_count.load(Ordering::SeqCst) >= 10).then_some(())
    })
    .await;
    let (mut server, exit) = tokio::task::spawn_blocking(move || {
        let exit = server.terminate();
        (server, exit)
    })
    .await
    .expect("the server's end");
    run.stop.store(true, Ordering::SeqCst);
    for seller in sellers {
        seller.await.expect("a seller's end");
    }
    assert_eq!(exit, Exit::Code(0));
    assert!(!server.data().join("postgres/postmaster.pid").exists(), "its PostgreSQL was stopped in good order");

    server.restart();
    let show = Show { staff: server.staff(), anyone: server.anyone(), id: show.id };
    show.head().await;
    let answered = run.answered.lock().await;
    let sold: HashSet<String> =
        show.recorded("TicketIssued").await.iter().map(|event| event.payload.to_string()).collect();
    for answer in answered.values() {
        let id = answer["tickets"][0]["id"].as_str().expect("an id");
        assert!(sold.iter().any(|payload| payload.contains(id)), "{id} was answered");
    }
}

#[tokio::test]
async fn a_server_that_is_started_again_knows_its_shows_and_checks_its_tickets_in() {
    let mut server = Server::start();
    let (show, floor) = Show::standing(&server.staff(), "Before and after", 100, json!({})).await;
    let ticket = show.sell_one(&floor).await;
    server.kill();
    server.restart();
    let show = Show { staff: server.staff(), anyone: server.anyone(), id: show.id };
    let admitted = show.check_in(json!({ "token": ticket["token"] })).await;
    assert_eq!(admitted["result"], "admitted");
    let refused = show.check_in(json!({ "short_code": ticket["short_code"] })).await;
    assert_eq!(refused["reason"], "already_checked_in");
}
