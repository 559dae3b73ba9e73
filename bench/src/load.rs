//! The load: so many connections, each sending its next request when it has the answer to the last one, or when its time has
//! come where a pace is set.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use memchr::memmem;

use crate::cpu::Processes;
use crate::http::{Answer, Connection, Credentials, Template, Ticket};
use crate::latencies::Latencies;
use crate::measured::Measured;

/// No number is used twice in a run of this program, so no key, customer or scan is.
static NUMBERS: AtomicU64 = AtomicU64::new(1);

/// One that nothing else has.
pub fn number() -> u64 {
    NUMBERS.fetch_add(1, Ordering::Relaxed)
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
    /// Requests a second of all connections together, sent when their time has come; none: as fast as they are answered.
    pub pace: Option<f64>,
    /// Whose processor time is looked at.
    pub watched: Processes,
}

/// What answers are right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expected {
    /// It is done.
    Done,
    /// It is rejected by the rules: 409.
    Rejected,
    /// The client has it already: 304.
    Unchanged,
    /// It is done, or turned away: 503 with `Retry-After`. What then, is up to the client.
    DoneOrShed(Turned),
}

/// What a client does that was turned away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turned {
    /// The next request follows at once, as from those who do not listen.
    AsksAgain,
    /// It waits as long as it was told.
    Waits,
}

/// What is sent.
pub struct Requests<'a> {
    /// The templates of a connection; the next one each time.
    pub of: &'a dyn Fn(&Connection) -> Vec<Template>,
    /// A ticket for each request, where requests are about tickets; the load ends with them.
    pub tickets: Option<Arc<[Ticket]>>,
    /// What answers are right.
    pub expected: Expected,
    /// Whether the tickets that answers name are wanted.
    pub keep_tickets: bool,
}

/// What came of it.
#[derive(Debug, Default)]
pub struct Run {
    /// What was answered as wished.
    pub measured: Measured,
    /// How often it was turned away.
    pub shed: u64,
    /// The tickets' ids, where they were wanted.
    pub tickets: Vec<Ticket>,
}

/// A load whose connections are open.
pub struct Ready<'a> {
    workers: Vec<Worker>,
    load: Load<'a>,
}

/// Sends a load to `host:port`.
pub async fn send(address: &str, load: Load<'_>, requests: Requests<'_>) -> Result<Run> {
    open(address, load, requests).await?.send().await
}

/// Opens its connections, of which two thousand take some seconds beside another load.
pub async fn open<'a>(address: &str, load: Load<'a>, requests: Requests<'_>) -> Result<Ready<'a>> {
    let mut workers = Vec::with_capacity(load.connections);
    for (index, credentials) in load.who.iter().cycle().take(load.connections).enumerate() {
        let connection = Connection::open(address, credentials).await?;
        workers.push(Worker {
            templates: (requests.of)(&connection),
            connection,
            tickets: requests.tickets.clone(),
            expected: requests.expected,
            keep_tickets: requests.keep_tickets,
            beat: load.pace.map(|pace| Beat {
                first: Duration::from_secs_f64(index as f64 / pace),
                every: Duration::from_secs_f64(load.connections as f64 / pace),
            }),
        });
    }
    Ok(Ready { workers, load })
}

impl Ready<'_> {
    /// Sends it.
    pub async fn send(self) -> Result<Run> {
        let Self { workers, load } = self;
        let taken = Arc::new(AtomicU64::new(0));
        let before = load.watched.used();
        let started = Instant::now();
        let mut tasks = Vec::with_capacity(workers.len());
        for worker in workers {
            tasks.push(tokio::spawn(worker.run(started, load.window, taken.clone())));
        }
        let mut all = Run::default();
        let mut latencies = Latencies::default();
        for task in tasks {
            let (own, shed, tickets) = task.await??;
            latencies.add(&own);
            all.shed += shed;
            all.tickets.extend(tickets);
        }
        all.measured = Measured::new(started.elapsed(), latencies).costing(load.watched.used() - before);
        Ok(all)
    }
}

/// When a connection sends.
#[derive(Clone, Copy)]
struct Beat {
    first: Duration,
    every: Duration,
}

struct Worker {
    connection: Connection,
    templates: Vec<Template>,
    tickets: Option<Arc<[Ticket]>>,
    expected: Expected,
    keep_tickets: bool,
    beat: Option<Beat>,
}

impl Worker {
    async fn run(
        mut self,
        started: Instant,
        window: Duration,
        taken: Arc<AtomicU64>,
    ) -> Result<(Latencies, u64, Vec<Ticket>)> {
        let (mut latencies, mut shed, mut tickets) = (Latencies::default(), 0, Vec::new());
        let mut sent = started;
        let mut due = self.beat.map(|beat| started + beat.first);
        while sent.duration_since(started) < window {
            if let Some(due) = due
                && due > sent
            {
                tokio::time::sleep_until(due.into()).await;
                sent = Instant::now();
            }
            // Late: whoever waits to be served waits from when they came.
            let asked = due.map_or(sent, |due| due.max(started).min(sent));
            let number = number();
            let count = self.templates.len() as u64;
            let template = &mut self.templates[(number % count) as usize];
            let request = match &self.tickets {
                None => template.numbered(number),
                Some(tickets) => {
                    let next = usize::try_from(taken.fetch_add(1, Ordering::Relaxed))?;
                    let Some(ticket) = tickets.get(next) else { break };
                    template.about(number, ticket)
                }
            };
            let answer = self.connection.exchange(request).await?;
            let answered = Instant::now();
            sent = answered;
            match self.expected.judge(&answer)? {
                Judged::Done => {
                    latencies.note(answered - asked);
                    if self.keep_tickets {
                        tickets.push(first_ticket(answer.body)?);
                    }
                }
                Judged::Shed { wait } => {
                    shed += 1;
                    if !wait.is_zero() {
                        tokio::time::sleep_until((started + window).min(answered + wait).into()).await;
                        sent = Instant::now();
                    }
                }
            }
            if let (Some(due), Some(beat)) = (&mut due, self.beat) {
                *due += beat.every;
            }
        }
        Ok((latencies, shed, tickets))
    }
}

enum Judged {
    Done,
    Shed { wait: Duration },
}

impl Expected {
    fn judge(self, answer: &Answer<'_>) -> Result<Judged> {
        match (self, answer.status) {
            (Self::Done | Self::DoneOrShed(_), 200..300) | (Self::Rejected, 409) | (Self::Unchanged, 304) => {
                Ok(Judged::Done)
            }
            (Self::DoneOrShed(turned), 503) => {
                let seconds = answer.header("retry-after").context("turned away without being told for how long")?;
                let told = Duration::from_secs(seconds.parse()?);
                Ok(Judged::Shed { wait: if turned == Turned::Waits { told } else { Duration::ZERO } })
            }
            (_, status) => bail!("answered {status}: {}", String::from_utf8_lossy(answer.body)),
        }
    }
}

/// The id of the first ticket in the answer to a sale.
fn first_ticket(body: &[u8]) -> Result<Ticket> {
    const BEFORE: &[u8] = br#""tickets":[{"id":""#;
    let start = memmem::find(body, BEFORE).context("a sale without tickets")? + BEFORE.len();
    let id = body.get(start..start + size_of::<Ticket>()).context("a ticket without an id")?;
    Ok(id.try_into()?)
}
