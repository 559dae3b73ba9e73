//! The HAProxy configuration that is shipped, run by the real HAProxy in front of real servers.
//!
//! Which server answered is read from the balancer's own log. `HAPROXY_BIN` names another program than the one on the path.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use black_box::{ADMIN_TOKEN, Client, Server, Show, eventually, fixed_uuid};
use futures::future::join_all;
use serde_json::json;
use tempfile::TempDir;

use crate::cluster::{Cluster, at};

const WITHIN: Duration = Duration::from_secs(30);

fn haproxy() -> Command {
    Command::new(std::env::var_os("HAPROXY_BIN").unwrap_or_else(|| "haproxy".into()))
}

fn configuration() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace").join("deploy/haproxy/haproxy.cfg")
}

/// HAProxy with the shipped configuration, in front of these nodes.
pub struct Balancer {
    child: Child,
    folder: TempDir,
    address: String,
}

impl Balancer {
    async fn start(nodes: &[Server]) -> Self {
        Self::start_divided(nodes, &[]).await
    }

    /// In front of servers that divide the work: commands to these, queries to those.
    pub async fn start_divided(commands: &[Server], queries: &[Server]) -> Self {
        let named = |name: &'static str, servers: &[Server]| {
            let named = servers
                .iter()
                .zip(1..)
                .map(|(server, number)| (format!("{name}_{number}"), server.address().to_owned()));
            named.collect::<Vec<_>>()
        };
        let folder = tempfile::tempdir().expect("a folder");
        // Free a moment ago; HAProxy can be told no port 0.
        let address = TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr()).expect("a port").to_string();
        let child = haproxy()
            .arg("-f")
            .arg(configuration())
            .envs(named("TURNOUT_NODE", commands))
            .envs(named("TURNOUT_QUERIES", queries))
            .env("TURNOUT_BALANCER_LISTEN", &address)
            .stdin(Stdio::null())
            .stdout(File::create(folder.path().join("log")).expect("a file for its log"))
            .stderr(File::create(folder.path().join("errors")).expect("a file for its errors"))
            .spawn()
            .expect("to start haproxy, which scripts/test installs");
        let balancer = Self { child, folder, address };
        let anyone = balancer.anyone();
        eventually(WITHIN, "the balancer answers", async || {
            let answer = anyone.get("//health/ready").try_send().await;
            answer.is_ok_and(|answer| answer.status == 200).then_some(())
        })
        .await;
        balancer
    }

    pub fn anyone(&self) -> Client {
        Client::anonymous(&self.address)
    }

    pub fn staff(&self) -> Client {
        self.anyone().with_bearer(ADMIN_TOKEN)
    }

    /// What it logged: status, milliseconds, node, method, path.
    fn log(&self) -> Vec<Logged> {
        let text = fs::read_to_string(self.folder.path().join("log")).expect("its log");
        // A line is whole only with its end.
        let whole = text.split_inclusive('\n').filter_map(|line| line.strip_suffix('\n'));
        whole.filter_map(Logged::parse).collect()
    }

    /// Which nodes answered requests of a path that holds `part`, from the n-th line of the log on.
    pub fn nodes_of(&self, part: &str, from: usize) -> BTreeSet<String> {
        let log = self.log();
        log.into_iter().skip(from).filter(|line| line.path.contains(part)).map(|line| line.node).collect()
    }
}

impl Drop for Balancer {
    #[expect(clippy::print_stderr, reason = "a failed test shows what its balancer said")]
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if std::thread::panicking() {
            let said = fs::read_to_string(self.folder.path().join("errors")).unwrap_or_default();
            eprintln!("--- the balancer's words ---\n{said}");
        }
    }
}

#[derive(Debug)]
struct Logged {
    node: String,
    path: String,
}

impl Logged {
    /// Of a request; the balancer's other lines (a server goes up or down) are none.
    fn parse(line: &str) -> Option<Self> {
        let fields: Vec<&str> = line.split(' ').collect();
        let [status, _, node, _, path] = fields[..] else { return None };
        status.parse::<u16>().ok()?;
        Some(Self { node: node.to_owned(), path: path.to_owned() })
    }
}

#[test]
fn haproxy_takes_the_configuration_for_one_node_and_for_eight_and_with_tls() {
    let folder = tempfile::tempdir().expect("a folder");
    let [key, certificate] = ["key.pem", "certificate.pem"].map(|name| folder.path().join(name));
    let made = Command::new("openssl")
        .args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"])
        .args(["-subj", "/CN=localhost", "-keyout"])
        .arg(&key)
        .arg("-out")
        .arg(&certificate)
        .output()
        .expect("openssl");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let both = fs::read_to_string(&certificate).expect("a certificate") + &fs::read_to_string(&key).expect("a key");
    fs::write(&certificate, both).expect("to write both");

    let checked = |nodes: u32, queries: u32, tls: bool| {
        let mut check = haproxy();
        check.arg("-c").arg("-f").arg(configuration());
        for (name, count, port) in [("TURNOUT_NODE", nodes, 9000), ("TURNOUT_QUERIES", queries, 9100)] {
            check.envs((1..=count).map(|number| (format!("{name}_{number}"), format!("127.0.0.1:{}", port + number))));
        }
        if tls {
            check
                .env("TURNOUT_BALANCER_TLS_LISTEN", "127.0.0.1:9443")
                .env("TURNOUT_BALANCER_CERTIFICATE", &certificate);
        }
        let output = check.output().expect("haproxy");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!said.contains("WARNING"), "{said}");
        (output.status.success(), said)
    };
    for (nodes, queries, tls) in [(1, 0, false), (8, 0, false), (2, 0, true), (1, 1, false), (2, 8, false)] {
        let (taken, said) = checked(nodes, queries, tls);
        assert!(taken, "{nodes} nodes, {queries} for queries, TLS: {tls}: {said}");
    }
    assert!(!checked(0, 0, false).0, "without a node there is nothing to balance");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shows_requests_reach_one_node_and_many_shows_are_spread_over_all() {
    let cluster = Cluster::start(3).await;
    let balancer = Balancer::start(&cluster.nodes).await;
    let (show, floor) = Show::standing(&balancer.staff(), "One node", 100, json!({})).await;
    let held = show.hold(json!([{ "ticket_type": floor, "quantity": 1 }])).await;
    let holder = show.anyone.with_bearer(&held.text("secret"));
    holder.post(&show.path(&format!("/holds/{}/extend", held.text("id"))), &json!({})).expect(200).await;
    let ticket = show.sell_one(&floor).await;
    show.check_in(json!({ "ticket": ticket["id"] })).await;
    for path in ["", "/availability", "/seats", "/changes?after=0&wait=0"] {
        show.staff.get(&show.path(path)).expect(200).await;
    }
    let capitals = format!("/shows/{}/availability", show.id.to_uppercase());
    show.staff.get(&capitals).expect(200).await;

    // Shows that nobody has are spread like those that somebody has; these ids are the same in every run.
    for number in 0..60 {
        balancer.anyone().get(&format!("/shows/{}/seats", fixed_uuid(number))).at_once().expect(404).await;
    }
    for _ in 0..6 {
        balancer.anyone().get("/shows?limit=1").at_once().expect(200).await;
    }
    // It logs a request when the answer has gone.
    let lines = eventually(WITHIN, "the balancer's log", async || {
        let lines = balancer.log();
        (lines.iter().filter(|line| line.path == "/api/v1/shows").count() >= 7).then_some(lines)
    })
    .await;
    let own = balancer.nodes_of(&show.id, 0);
    assert_eq!(own.len(), 1, "one show, one node: {own:?}");
    assert_eq!(balancer.nodes_of(&show.id.to_uppercase(), 0), own, "also in capitals");
    let mut shows = BTreeMap::<&str, u32>::new();
    for line in lines.iter().filter(|line| line.path.ends_with("/seats") && !line.path.contains(&show.id)) {
        *shows.entry(&line.node).or_default() += 1;
    }
    assert_eq!(shows.len(), 3, "{shows:?}");
    assert!(shows.values().all(|count| *count >= 6), "a third each, more or less: {shows:?}");
    assert!(balancer.nodes_of("/api/v1/shows?", 0).is_empty(), "no query is logged");
    let of_no_show: BTreeSet<&str> =
        lines.iter().filter(|line| line.path == "/api/v1/shows").map(|line| line.node.as_str()).collect();
    assert_eq!(of_no_show.len(), 3, "what names no show goes round");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_live_stream_passes_event_by_event() {
    let cluster = Cluster::start(2).await;
    let balancer = Balancer::start(&cluster.nodes).await;
    let (show, floor) = Show::standing(&balancer.staff(), "Live", 100, json!({})).await;
    let mut stream = show.staff.get(&show.path("/live")).stream().await;
    assert_eq!(stream.status().as_u16(), 200);
    for sold in 1..=3 {
        show.sell_one(&floor).await;
        let mut heard = String::new();
        while !heard.contains(&format!("\"sold\":{sold}")) {
            let chunk = tokio::time::timeout(WITHIN, stream.chunk()).await.expect("an event in time");
            heard.push_str(&String::from_utf8_lossy(&chunk.expect("the stream goes on").expect("more of it")));
        }
    }
}

/// The loopback network has many addresses there, without setting up any.
#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn the_servers_count_by_the_clients_address_whatever_the_client_claims() {
    let cluster = Cluster::start_set(2, &[("TURNOUT_TRUSTED_PROXIES", "127.0.0.1")]).await;
    let balancer = Balancer::start(&cluster.nodes).await;
    let (show, floor) = Show::standing(&balancer.staff(), "Who asks", 100, json!({})).await;
    for node in &cluster.nodes {
        node.staff().patch("/settings", &json!({ "limits": { "holds": 1 } })).expect(200).await;
    }
    let hold = async |from: [u8; 4], claims: &str| {
        let http = reqwest::Client::builder().local_address(std::net::IpAddr::from(from)).build().expect("a client");
        let url = format!("http://{}/api/v1{}", balancer.address, show.path("/holds"));
        let body = json!({ "items": [{ "ticket_type": floor, "quantity": 1 }] });
        http.post(url).header("x-forwarded-for", claims).json(&body).send().await.expect("an answer").status().as_u16()
    };
    assert_eq!(hold([127, 0, 0, 2], "203.0.113.1").await, 201);
    assert_eq!(hold([127, 0, 0, 2], "203.0.113.2").await, 409, "the same client, whatever it claims");
    assert_eq!(hold([127, 0, 0, 3], "203.0.113.1").await, 201, "another client");
}

/// What sellers of one show asked for by key, and what they were told.
#[derive(Default)]
struct Sold {
    answers: tokio::sync::Mutex<BTreeMap<u32, serde_json::Value>>,
    count: AtomicUsize,
    stop: AtomicBool,
}

impl Sold {
    /// Sale after sale, each with its key until it is decided.
    async fn sell(self: Arc<Self>, staff: Client, path: String, floor: String, first: u32) -> u32 {
        let body = json!({ "items": [{ "ticket_type": floor, "quantity": 1 }], "payment": { "method": "cash" } });
        let mut number = first;
        while !self.stop.load(Ordering::SeqCst) {
            let answer = loop {
                let sent = staff.post(&path, &body).key(&fixed_uuid(number).to_string()).try_send().await;
                // The balancer's own answers for a server that broke off are 502, 503 and 504.
                match sent.ok().filter(|answer| !(500..600).contains(&answer.status)) {
                    Some(answer) => break answer,
                    None => tokio::time::sleep(Duration::from_millis(20)).await,
                }
            };
            assert_eq!(answer.status, 201, "{answer}");
            self.answers.lock().await.insert(number, answer.json.clone());
            self.count.fetch_add(1, Ordering::SeqCst);
            number += 1;
        }
        number - first
    }

    async fn more(&self, sales: usize) {
        let wanted = self.count.load(Ordering::SeqCst) + sales;
        eventually(WITHIN, "more sales", async || (self.count.load(Ordering::SeqCst) >= wanted).then_some(())).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_nodes_shows_are_sold_by_the_others_and_nothing_is_lost_or_doubled() {
    const SELLERS: u32 = 4;
    let mut cluster = Cluster::start(3).await;
    let balancer = Balancer::start(&cluster.nodes).await;
    let mut shows = Vec::new();
    for _ in 0..4 {
        shows.push((
            Show::standing(&balancer.staff(), "Through a crash", 100_000, json!({})).await,
            Arc::new(Sold::default()),
        ));
    }
    let mut sellers = Vec::new();
    for ((show, floor), sold) in &shows {
        for seller in 0..SELLERS {
            let (staff, path) = (balancer.staff(), show.path("/tickets"));
            sellers.push(tokio::spawn(sold.clone().sell(staff, path, floor.clone(), seller * 10_000)));
        }
    }
    join_all(shows.iter().map(|(_, sold)| sold.more(20))).await;

    let (show, _) = &shows[0].0;
    let before = balancer.nodes_of(&show.path("/tickets"), 0);
    let [killed] = &before.iter().collect::<Vec<_>>()[..] else { panic!("one node sells a show: {before:?}") };
    let index: usize = killed.strip_prefix("node").and_then(|number| number.parse().ok()).expect("a number");
    cluster.nodes[index - 1].kill();
    let lines = balancer.log().len();
    join_all(shows.iter().map(|(_, sold)| sold.more(40))).await;
    let after = balancer.nodes_of(&show.path("/tickets"), lines);
    assert!(after.iter().any(|node| node != *killed && node.starts_with("node")), "others sell it: {after:?}");

    // It comes back, and so do its shows.
    cluster.nodes[index - 1].restart();
    let lines = balancer.log().len();
    eventually(WITHIN, "the node serves its show again", async || {
        balancer.nodes_of(&show.path("/tickets"), lines).contains(killed.as_str()).then_some(())
    })
    .await;
    for (_, sold) in &shows {
        sold.stop.store(true, Ordering::SeqCst);
    }
    let mut asked = 0;
    for seller in sellers {
        asked += seller.await.expect("a seller's end");
    }

    let mut issued = 0;
    for ((show, _), sold) in &shows {
        let show = at(show, &cluster.nodes[index % 3]);
        let listed = show.tickets(show.head().await).await;
        let ids: BTreeSet<&str> = listed.iter().filter_map(|ticket| ticket["id"].as_str()).collect();
        assert_eq!(ids.len(), listed.len(), "a ticket is listed twice");
        let answers = sold.answers.lock().await;
        assert_eq!(listed.len(), answers.len(), "as many tickets as keys");
        for (number, answer) in answers.iter() {
            assert!(ids.contains(answer["tickets"][0]["id"].as_str().expect("an id")), "sale {number} was answered");
        }
        assert_eq!(show.recorded("TicketIssued").await.len(), answers.len());
        issued += answers.len();
    }
    assert_eq!(issued, asked as usize);
}
