//! The load: so many connections, each sending its next command when it has the answer to the last one.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::http::Connection;

/// More than can be sold in all windows together.
const CAPACITY: u32 = 1_000_000;

/// One row of the table.
#[derive(Clone, Debug)]
pub struct Measured {
    /// What was done.
    pub what: String,
    /// By so many connections at once.
    pub connections: usize,
    elapsed: Duration,
    latencies: Vec<Duration>,
    /// How often it was done, or how many rows it wrote.
    count: u64,
    /// How many events were recorded in all; none where no events are.
    events: Option<u64>,
}

impl Measured {
    /// Of latencies in any order.
    pub fn new(what: &str, connections: usize, elapsed: Duration, mut latencies: Vec<Duration>, count: u64) -> Self {
        latencies.sort_unstable();
        Self { what: what.to_owned(), connections, elapsed, latencies, count, events: None }
    }

    fn recording(self, events: u64) -> Self {
        Self { events: Some(events), ..self }
    }

    /// A second.
    pub fn rate(&self) -> f64 {
        self.count as f64 / self.elapsed.as_secs_f64()
    }

    /// Events a second, where events are recorded.
    pub fn events_rate(&self) -> Option<f64> {
        self.events.map(|events| events as f64 / self.elapsed.as_secs_f64())
    }

    /// The latency that so many in a hundred stay below.
    pub fn percentile(&self, percent: usize) -> Duration {
        let last = self.latencies.len().saturating_sub(1);
        self.latencies.get(last * percent / 100).copied().unwrap_or_default()
    }
}

/// A run of sales: its figures, and what was sold.
#[derive(Debug)]
pub struct Sales {
    /// The row of the table.
    pub measured: Measured,
    /// The tickets' ids.
    pub tickets: Vec<String>,
}

/// The one show that everything happens to.
#[derive(Debug)]
pub struct Show {
    address: String,
    path: String,
    ticket_type: String,
}

impl Show {
    /// A published show with one standing section.
    pub async fn standing(address: &str) -> Result<Self> {
        let mut connection = Connection::open(address).await?;
        let body = json!({
            "name": "Bench", "description": "", "venue": { "name": "Field", "address": "Field 1" },
            "timezone": "Europe/Berlin", "starts_at": "2041-05-04T18:00:00Z", "currency": "EUR",
        });
        let show = command(&mut connection, "POST", "/shows", &body).await?;
        let path = format!("/shows/{}", text(&show, "id")?);
        let seating = json!({ "sections": [{ "name": "Field", "capacity": CAPACITY }] });
        command(&mut connection, "PUT", &format!("{path}/seating"), &seating).await?;
        let kind = json!({ "name": "Standing", "price": 2500 });
        let ticket_type = text(&command(&mut connection, "POST", &format!("{path}/ticket-types"), &kind).await?, "id")?;
        command(&mut connection, "POST", &format!("{path}/publish"), &json!({})).await?;
        Ok(Self { address: address.to_owned(), path, ticket_type })
    }

    /// Sells one ticket after the other on every connection.
    pub async fn sell(&self, connections: usize, window: Duration) -> Result<Sales> {
        let body = json!({
            "items": [{ "ticket_type": self.ticket_type, "quantity": 1 }],
            "payment": { "method": "cash" },
        })
        .to_string();
        let path = format!("{}/tickets", self.path);
        let next: Next = Arc::new(move |number| {
            let key = Uuid::new_v8((u128::from(number) | (connections as u128) << 64).to_be_bytes()).to_string();
            Some((path.clone(), Some(key), body.clone()))
        });
        let run = self.run(connections, window, next, true).await?;
        let mut tickets = Vec::with_capacity(run.bodies.len());
        for body in &run.bodies {
            let sold: Value = serde_json::from_slice(body)?;
            tickets.push(text(&sold["tickets"][0], "id")?);
        }
        let count = run.latencies.len() as u64;
        let measured = Measured::new("IssueTicket over HTTP", connections, run.elapsed, run.latencies, count);
        Ok(Sales { measured: measured.recording(run.events), tickets })
    }

    /// Checks these tickets in, one after the other on every connection, until the window or the tickets end.
    pub async fn check_in(&self, connections: usize, window: Duration, tickets: Vec<String>) -> Result<Measured> {
        let path = format!("{}/check-ins", self.path);
        let next: Next = Arc::new(move |number| {
            let ticket = tickets.get(usize::try_from(number).ok()?)?;
            Some((path.clone(), None, format!(r#"{{"ticket":"{ticket}"}}"#)))
        });
        let run = self.run(connections, window, next, false).await?;
        let count = run.latencies.len() as u64;
        let measured = Measured::new("CheckIn over HTTP", connections, run.elapsed, run.latencies, count);
        Ok(measured.recording(run.events))
    }

    async fn run(&self, connections: usize, window: Duration, next: Next, keep_bodies: bool) -> Result<Run> {
        let mut opened = Vec::new();
        for _ in 0..connections {
            opened.push(Connection::open(&self.address).await?);
        }
        // A command that changes nothing tells where the log ends.
        let before = self.position().await?;
        let numbers = Arc::new(AtomicUsize::new(0));
        let started = Instant::now();
        let mut workers = Vec::new();
        for mut connection in opened {
            let (numbers, next) = (numbers.clone(), next.clone());
            workers.push(tokio::spawn(async move {
                let (mut latencies, mut bodies) = (Vec::new(), Vec::new());
                while started.elapsed() < window {
                    let number = numbers.fetch_add(1, Ordering::Relaxed) as u64;
                    let Some((path, key, body)) = next(number) else { break };
                    let sent = Instant::now();
                    let answer = connection.send("POST", &path, key.as_deref(), &body).await?;
                    if !(200..300).contains(&answer.status) {
                        bail!("{}: {}", answer.status, String::from_utf8_lossy(answer.body));
                    }
                    latencies.push(sent.elapsed());
                    if keep_bodies {
                        bodies.push(answer.body.to_vec());
                    }
                }
                Ok((latencies, bodies))
            }));
        }
        let mut run = Run::default();
        for worker in workers {
            let (latencies, bodies) = worker.await??;
            run.latencies.extend(latencies);
            run.bodies.extend(bodies);
        }
        run.elapsed = started.elapsed();
        run.events = self.position().await? - before;
        Ok(run)
    }

    async fn position(&self) -> Result<u64> {
        let mut connection = Connection::open(&self.address).await?;
        let answer = connection.send("PATCH", &self.path, None, "{}").await?;
        if answer.status != 200 || answer.position == 0 {
            bail!("no position: {} {}", answer.status, String::from_utf8_lossy(answer.body));
        }
        Ok(answer.position)
    }
}

/// The path, key and body of a numbered command; none when there is nothing more to send.
type Next = Arc<dyn Fn(u64) -> Option<(String, Option<String>, String)> + Send + Sync>;

#[derive(Default)]
struct Run {
    elapsed: Duration,
    latencies: Vec<Duration>,
    bodies: Vec<Vec<u8>>,
    events: u64,
}

async fn command(connection: &mut Connection, method: &str, path: &str, body: &Value) -> Result<Value> {
    let answer = connection.send(method, path, None, &body.to_string()).await?;
    if !(200..300).contains(&answer.status) {
        bail!("{method} {path}: {} {}", answer.status, String::from_utf8_lossy(answer.body));
    }
    Ok(serde_json::from_slice(answer.body)?)
}

fn text(value: &Value, field: &str) -> Result<String> {
    Ok(value[field].as_str().with_context(|| format!("no `{field}` in {value}"))?.to_owned())
}
