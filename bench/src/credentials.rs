//! What credentials cost: the same requests by the admin token, which is compared and not looked up, by an API key, by
//! somebody who signed in, by a paired device, and without any.

use std::time::Duration;

use anyhow::{Context as _, Result};
use serde_json::{Value, json};

use crate::http::{Connection, Credentials};
use crate::in_turn::{ROUNDS, Way, turns};
use crate::load::Load;
use crate::server::{OWNER_EMAIL, OWNER_PASSWORD, Server};
use crate::show::{Show, devices, sellers, text};

/// How long one way is measured each time. At 64 connections nobody meets the limit of 5,000 requests a second with it.
const WINDOW_MANY: Duration = Duration::from_millis(1_500);
const WINDOW_ONE: Duration = Duration::from_millis(500);

/// Before anything counts: plans are made, caches filled, the first thousand tickets sold.
const WARM_UP: Duration = Duration::from_secs(1);

/// The programs that share the load of API keys.
const KEYS: usize = 4;

/// The same requests in several ways.
#[derive(Debug)]
pub struct Compared {
    /// What was done.
    pub what: &'static str,
    /// By so many at once.
    pub connections: usize,
    /// The first is what the others are compared with.
    pub ways: Vec<Way>,
}

/// Everybody who asks.
struct Everybody {
    keys: Vec<Credentials>,
    session: Credentials,
    device: Credentials,
}

/// Sells, admits and asks at so many connections and at one, each in turn.
pub async fn measure(server: &Server, show: &Show, connections: usize) -> Result<Vec<Compared>> {
    let watched = server.processes()?;
    let load = |who, connections, window| Load { who, connections, window, pace: None, watched };
    let everybody = Everybody::introduce(server, show).await?;
    let admin = [Credentials::admin()];
    let (session, device) = ([everybody.session], [everybody.device]);
    let sellers: [(&'static str, &[Credentials]); 3] =
        [("admin token", &admin), ("API key", &everybody.keys), ("session", &session)];
    let scanners: [(&'static str, &[Credentials]); 2] = [("admin token", &admin), ("device", &device)];
    let readers: [(&'static str, &[Credentials]); 3] =
        [("admin token", &admin), ("API key", &everybody.keys), ("no credentials", &[Credentials::none()])];

    for (_, who) in sellers {
        show.sell(load(who, connections, WARM_UP)).await?;
    }
    let mut compared = Vec::new();
    for (connections, window) in [(connections, WINDOW_MANY), (1, WINDOW_ONE)] {
        let mut tickets = Vec::new();
        let mut ways: Vec<Way> = sellers.iter().map(|(name, _)| Way::new(name)).collect();
        for (way, (_, who)) in in_turn(sellers) {
            show.settle().await?;
            let sales = show.sell(load(who, connections, window)).await?;
            ways[way].add(sales.measured);
            tickets.extend(sales.tickets);
        }
        compared.push(Compared { what: "IssueTicket", connections, ways });

        let share = tickets.len() / (ROUNDS * scanners.len());
        let mut shares = tickets.chunks(share.max(1));
        let mut ways: Vec<Way> = scanners.iter().map(|(name, _)| Way::new(name)).collect();
        for (way, (_, who)) in in_turn(scanners) {
            show.settle().await?;
            let tickets = shares.next().context("too few tickets were sold")?.into();
            let run = show.check_in(load(who, connections, window), Some(tickets)).await?;
            ways[way].add(run.measured);
        }
        compared.push(Compared { what: "CheckIn", connections, ways });

        show.settle().await?;
        let mut ways: Vec<Way> = readers.iter().map(|(name, _)| Way::new(name)).collect();
        for (way, (_, who)) in in_turn(readers) {
            ways[way].add(show.ask_what_is_left(load(who, connections, window)).await?);
        }
        compared.push(Compared { what: "GET availability", connections, ways });
    }
    Ok(compared)
}

/// Every round's turns, one after the other.
fn in_turn<T: Copy, const N: usize>(ways: [T; N]) -> impl Iterator<Item = (usize, T)> {
    (0..ROUNDS).flat_map(move |round| turns(round, N).map(move |way| (way, ways[way])))
}

impl Everybody {
    async fn introduce(server: &Server, show: &Show) -> Result<Self> {
        let keys = sellers(&server.address, KEYS).await?;
        let device = devices(&server.address, &[show], 1).await?.pop().context("no device")?;
        let mut anybody = Connection::open(&server.address, &Credentials::none()).await?;
        Ok(Self { keys, session: sign_in(&mut anybody).await?, device })
    }
}

async fn sign_in(anybody: &mut Connection) -> Result<Credentials> {
    let body = json!({ "email": OWNER_EMAIL, "password": OWNER_PASSWORD });
    let answer = anybody.send("POST", "/session", None, &body.to_string()).await?;
    let cookie = answer.header("set-cookie").and_then(|cookie| cookie.split(';').next());
    let cookie = cookie.with_context(|| format!("no cookie: {}", String::from_utf8_lossy(answer.body)))?;
    let me: Value = serde_json::from_slice(answer.body)?;
    Ok(Credentials::session(cookie, &text(&me, "csrf")?))
}
