//! The load: so many connections, each sending its next request when it has the answer to the last one.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::http::{Connection, Credentials};
use crate::measured::Measured;

/// More than can be sold in all windows together.
const CAPACITY: u32 = 1_000_000;

/// A run of sales: its figures, and what was sold.
#[derive(Debug)]
pub struct Sales {
    /// The row of the table.
    pub measured: Measured,
    /// The tickets' ids.
    pub tickets: Vec<String>,
}

/// Who asks, from how many connections, for how long.
#[derive(Clone, Copy, Debug)]
pub struct Load<'a> {
    /// Each connection is the next one of these.
    pub who: &'a [Credentials],
    /// At once.
    pub connections: usize,
    /// No request is sent after it.
    pub window: Duration,
}

/// The one show that everything happens to.
#[derive(Debug)]
pub struct Show {
    address: String,
    /// Its id.
    pub id: String,
    path: String,
    ticket_type: String,
    runs: AtomicU64,
}

impl Show {
    /// A published show with one standing section.
    pub async fn standing(address: &str) -> Result<Self> {
        let mut connection = Connection::open(address, &Credentials::admin()).await?;
        let body = json!({
            "name": "Bench", "description": "", "venue": { "name": "Field", "address": "Field 1" },
            "timezone": "Europe/Berlin", "starts_at": "2041-05-04T18:00:00Z", "currency": "EUR",
        });
        let id = text(&command(&mut connection, "POST", "/shows", &body).await?, "id")?;
        let path = format!("/shows/{id}");
        let seating = json!({ "sections": [{ "name": "Field", "capacity": CAPACITY }] });
        command(&mut connection, "PUT", &format!("{path}/seating"), &seating).await?;
        let kind = json!({ "name": "Standing", "price": 2500 });
        let ticket_type = text(&command(&mut connection, "POST", &format!("{path}/ticket-types"), &kind).await?, "id")?;
        command(&mut connection, "POST", &format!("{path}/publish"), &json!({})).await?;
        Ok(Self { address: address.to_owned(), id, path, ticket_type, runs: AtomicU64::new(0) })
    }

    /// Sells one ticket after the other on every connection.
    pub async fn sell(&self, load: Load<'_>) -> Result<Sales> {
        let body = json!({
            "items": [{ "ticket_type": self.ticket_type, "quantity": 1 }],
            "payment": { "method": "cash" },
        })
        .to_string();
        let path = format!("{}/tickets", self.path);
        // No key is used twice, whatever runs after this one.
        let run = self.runs.fetch_add(1, Ordering::Relaxed);
        let next: Next = Arc::new(move |number| {
            let key = Uuid::new_v8((u128::from(number) | u128::from(run) << 80).to_be_bytes()).to_string();
            Some(Request::Command { path: path.clone(), key: Some(key), body: body.clone() })
        });
        let run = self.run(load, next, true).await?;
        let mut tickets = Vec::with_capacity(run.bodies.len());
        for body in &run.bodies {
            let sold: Value = serde_json::from_slice(body)?;
            tickets.push(text(&sold["tickets"][0], "id")?);
        }
        Ok(Sales { measured: run.measured("IssueTicket over HTTP", load), tickets })
    }

    /// Checks these tickets in, one after the other on every connection, until the window or the tickets end.
    pub async fn check_in(&self, load: Load<'_>, tickets: Vec<String>) -> Result<Measured> {
        let path = format!("{}/check-ins", self.path);
        let next: Next = Arc::new(move |number| {
            let ticket = tickets.get(usize::try_from(number).ok()?)?;
            Some(Request::Command { path: path.clone(), key: None, body: format!(r#"{{"ticket":"{ticket}"}}"#) })
        });
        Ok(self.run(load, next, false).await?.measured("CheckIn over HTTP", load))
    }

    /// Asks what is left, again and again on every connection.
    pub async fn ask_what_is_left(&self, load: Load<'_>) -> Result<Measured> {
        let path = format!("{}/availability", self.path);
        let next: Next = Arc::new(move |_| Some(Request::Query { path: path.clone() }));
        Ok(self.run(load, next, false).await?.measured("GET availability", load))
    }

    /// Waits until the read models have seen all that was sold and admitted, so that the next window pays for itself only.
    pub async fn settle(&self) -> Result<()> {
        let position = self.position().await?;
        let mut connection = Connection::open(&self.address, &Credentials::admin()).await?;
        loop {
            // The server waits for some seconds.
            match connection.get(&self.path, Some(position)).await?.status {
                200 => return Ok(()),
                503 => {}
                other => bail!("the read models do not follow: {other}"),
            }
        }
    }

    async fn run(&self, load: Load<'_>, next: Next, keep_bodies: bool) -> Result<Run> {
        let mut opened = Vec::new();
        for credentials in load.who.iter().cycle().take(load.connections) {
            opened.push(Connection::open(&self.address, credentials).await?);
        }
        // A command that changes nothing tells where the log ends.
        let before = self.position().await?;
        let numbers = Arc::new(AtomicU64::new(0));
        let window = load.window;
        let started = Instant::now();
        let mut workers = Vec::new();
        for mut connection in opened {
            let (numbers, next) = (numbers.clone(), next.clone());
            workers.push(tokio::spawn(async move {
                let (mut latencies, mut bodies) = (Vec::new(), Vec::new());
                while started.elapsed() < window {
                    let Some(request) = next(numbers.fetch_add(1, Ordering::Relaxed)) else { break };
                    let sent = Instant::now();
                    let answer = match &request {
                        Request::Command { path, key, body } => {
                            connection.send("POST", path, key.as_deref(), body).await?
                        }
                        Request::Query { path } => connection.get(path, None).await?,
                    };
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
        let mut connection = Connection::open(&self.address, &Credentials::admin()).await?;
        let answer = connection.send("PATCH", &self.path, None, "{}").await?;
        if answer.status != 200 || answer.position == 0 {
            bail!("no position: {} {}", answer.status, String::from_utf8_lossy(answer.body));
        }
        Ok(answer.position)
    }
}

enum Request {
    Command { path: String, key: Option<String>, body: String },
    Query { path: String },
}

/// A numbered request; none when there is nothing more to send.
type Next = Arc<dyn Fn(u64) -> Option<Request> + Send + Sync>;

#[derive(Default)]
struct Run {
    elapsed: Duration,
    latencies: Vec<Duration>,
    bodies: Vec<Vec<u8>>,
    events: u64,
}

impl Run {
    fn measured(self, what: &str, load: Load<'_>) -> Measured {
        let count = self.latencies.len() as u64;
        Measured::new(what, load.connections, self.elapsed, self.latencies, count).recording(self.events)
    }
}

/// Sends a command that has to be done, and reads its answer.
pub async fn command(connection: &mut Connection, method: &str, path: &str, body: &Value) -> Result<Value> {
    let answer = connection.send(method, path, None, &body.to_string()).await?;
    if !(200..300).contains(&answer.status) {
        bail!("{method} {path}: {} {}", answer.status, String::from_utf8_lossy(answer.body));
    }
    Ok(serde_json::from_slice(answer.body)?)
}

/// A field that has to be there.
pub fn text(value: &Value, field: &str) -> Result<String> {
    Ok(value[field].as_str().with_context(|| format!("no `{field}` in {value}"))?.to_owned())
}
