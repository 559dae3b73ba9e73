//! One request until it has an answer, written down in the journal.
//!
//! No answer, 503 and 429 are asked again with the same key and body, at once at first, then with growing pauses. Some requests
//! are sent twice at the same time, as by a nervous finger: whoever is accepted must be answered the same.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rand::Rng as _;
use rand::rngs::StdRng;
use serde_json::Value;
use tokio::sync::watch;

use super::request::{Answer, Request, Tally, code};
use crate::check::{Kind, Wrongs};
use crate::journal::{Again, Entry, Fact, Journal, Outcome};
use crate::random;

/// Longer than the server gives any request (15 s).
const ANSWER_WITHIN: Duration = Duration::from_secs(20);
const PAUSE_FIRST: Duration = Duration::from_millis(10);
const PAUSE_LAST: Duration = Duration::from_millis(250);
/// One in so many is sent twice at once.
const TWICE: u32 = 25;
/// So many accepted requests are kept to be asked again in the end; of those behind, one in so many.
const AGAIN_FIRST: usize = 300;
const AGAIN_THEN: u64 = 200;

/// When the latest accepted command was sent, in microseconds since the start: who waits for recovery waits for this to pass
/// the fault.
pub type Pulse = watch::Sender<u64>;

/// What all clients of one place share.
pub struct Asking {
    http: reqwest::Client,
    address: String,
    started: Instant,
    next: AtomicU64,
    /// Closed when unanswered requests are given up.
    given_up: watch::Receiver<bool>,
    pub pulse: Pulse,
    pub tally: Tally,
    journal: Mutex<Journal>,
    wrongs: Mutex<Wrongs>,
}

/// One attempt's end.
enum Attempt {
    Answered(Answer),
    /// No answer; or 503, 429.
    Later {
        answered: bool,
    },
}

impl Asking {
    pub fn new(address: &str, started: Instant, given_up: watch::Receiver<bool>) -> anyhow::Result<Self> {
        let http = reqwest::Client::builder().timeout(ANSWER_WITHIN).pool_max_idle_per_host(100).build()?;
        Ok(Self {
            http,
            address: address.to_owned(),
            started,
            next: AtomicU64::new(1),
            given_up,
            pulse: watch::Sender::new(0),
            tally: Tally::default(),
            journal: Mutex::default(),
            wrongs: Mutex::default(),
        })
    }

    /// A number for the next request, which whatever it types holds as [`crate::journal::mark`].
    pub fn number(&self) -> u64 {
        self.next.fetch_add(1, Ordering::Relaxed)
    }

    /// Asks until there is an answer, and notes it. `facts` says what an accepting answer promises of the log.
    /// `None` when the run was given up first.
    pub async fn ask(
        &self,
        rng: &mut StdRng,
        number: u64,
        request: Request,
        facts: impl FnOnce(&Value) -> Option<Vec<Fact>>,
    ) -> Option<Answer> {
        let (answer, sent, at) = self.answered(rng, number, &request).await;
        let outcome = match &answer {
            None => Outcome::Open,
            Some(answer) if answer.accepted => match facts(&answer.body) {
                Some(facts) => Outcome::Accepted { position: answer.position, facts },
                None => self.odd(format!("{} ({number}): {}", request.what, answer.body)),
            },
            Some(answer) => Outcome::Rejected { code: code(&answer.body).to_owned() },
        };
        self.note(Entry { number, what: request.what, sent, at, outcome });
        answer
    }

    /// A batch of scans: an entry of the journal for each. `facts` takes the scans' answers apart.
    pub async fn ask_batch(
        &self,
        rng: &mut StdRng,
        numbers: &[u64],
        request: Request,
        facts: impl Fn(&Value) -> Option<Vec<Fact>>,
    ) -> Option<Answer> {
        let (answer, sent, at) = self.answered(rng, numbers[0], &request).await;
        for (index, number) in numbers.iter().enumerate() {
            let result = answer.as_ref().and_then(|answer| answer.body.pointer(&format!("/results/{index}")));
            let outcome = match (&answer, result.and_then(&facts)) {
                (None, _) => Outcome::Open,
                (Some(_), Some(facts)) => Outcome::Accepted { position: None, facts },
                (Some(answer), None) => self.odd(format!("{} ({number}): {}", request.what, answer.body)),
            };
            self.note(Entry { number: *number, what: request.what, sent, at, outcome });
        }
        answer
    }

    async fn answered(&self, rng: &mut StdRng, number: u64, request: &Request) -> (Option<Answer>, u32, Duration) {
        let key = random::uuid(rng).to_string();
        let at = self.started.elapsed();
        let twice = rng.random_ratio(1, TWICE);
        let (mut sent, mut pause) = (0, PAUSE_FIRST);
        loop {
            sent += 1;
            let attempt = if twice && sent == 1 {
                self.tally.twice.fetch_add(1, Ordering::Relaxed);
                let (one, other) = tokio::join!(self.attempt(request, &key), self.attempt(request, &key));
                self.both(request, one, other)
            } else {
                self.attempt(request, &key).await
            };
            match attempt {
                Attempt::Answered(answer) => {
                    self.keep(number, request, key, &answer);
                    return (Some(answer), sent, at);
                }
                Attempt::Later { answered } => {
                    let why = if answered { &self.tally.turned_away } else { &self.tally.unanswered };
                    why.fetch_add(1, Ordering::Relaxed);
                }
            }
            if *self.given_up.borrow() {
                return (None, sent, at);
            }
            self.tally.retries.fetch_add(1, Ordering::Relaxed);
            tokio::time::sleep(pause.mul_f64(rng.random_range(0.5..1.5))).await;
            pause = (pause * 2).min(PAUSE_LAST);
        }
    }

    /// Of two answers to one key: the accepting one, and both alike where both accept.
    fn both(&self, request: &Request, one: Attempt, other: Attempt) -> Attempt {
        match (one, other) {
            (Attempt::Answered(one), Attempt::Answered(other)) => {
                if one.accepted && other.accepted && (!alike(&one.body, &other.body) || one.position != other.position)
                {
                    self.wrong(Kind::Answer, format!("{}: {} and {}", request.what, one.body, other.body));
                }
                Attempt::Answered(if one.accepted { one } else { other })
            }
            // The one without an answer may come in later than the answered one: only an acceptance settles it.
            (Attempt::Answered(answer), _) | (_, Attempt::Answered(answer)) if answer.accepted => {
                Attempt::Answered(answer)
            }
            (Attempt::Answered(_), later) | (later, Attempt::Answered(_)) => later,
            (later, _) => later,
        }
    }

    async fn attempt(&self, request: &Request, key: &str) -> Attempt {
        let since = self.started.elapsed();
        let Ok((status, position, body)) = self.send(request, key).await else {
            return Attempt::Later { answered: false };
        };
        match status {
            200..=299 => {
                let since = u64::try_from(since.as_micros()).unwrap_or(u64::MAX);
                self.pulse.send_if_modified(|latest| {
                    let later = since > *latest;
                    *latest = since.max(*latest);
                    later
                });
                Attempt::Answered(Answer { accepted: true, position, body })
            }
            409 => Attempt::Answered(Answer { accepted: false, position, body }),
            503 | 429 => Attempt::Later { answered: true },
            _ => {
                self.wrong(Kind::Answer, format!("{} {}: {status} {body}", request.method, request.path));
                if status >= 500 {
                    return Attempt::Later { answered: true };
                }
                Attempt::Answered(Answer { accepted: false, position, body })
            }
        }
    }

    async fn send(&self, request: &Request, key: &str) -> reqwest::Result<(u16, Option<i64>, Value)> {
        let url = format!("http://{}/api/v1{}", self.address, request.path);
        let mut call = self.http.request(request.method.clone(), url).header("idempotency-key", key);
        if let Some(token) = &request.bearer {
            call = call.bearer_auth(token);
        }
        if let Some(body) = &request.body {
            call = call.json(body);
        }
        let response = call.send().await?;
        let position = response.headers().get("turnout-position").and_then(|value| value.to_str().ok()?.parse().ok());
        let status = response.status().as_u16();
        let text = response.text().await?;
        Ok((status, position, serde_json::from_str(&text).unwrap_or(Value::Null)))
    }

    /// Asks again what was accepted before: the same key has the same answer, for ever.
    pub async fn ask_again(&self) {
        let again = std::mem::take(&mut self.journal().again);
        for kept in again {
            let request =
                Request { what: "again", method: kept.method, path: kept.path, bearer: kept.bearer, body: kept.body };
            let answer = loop {
                match self.attempt(&request, &kept.key).await {
                    Attempt::Answered(answer) => break answer,
                    Attempt::Later { .. } if *self.given_up.borrow() => return,
                    Attempt::Later { .. } => tokio::time::sleep(PAUSE_LAST).await,
                }
            };
            if answer.body != kept.answer {
                let what = format!("{}: first {}, then {}", request.path, kept.answer, answer.body);
                self.wrong(Kind::Answer, what);
            }
        }
    }

    fn keep(&self, number: u64, request: &Request, key: String, answer: &Answer) {
        // A scan's answer tells what became of it since, so it may change.
        if !answer.accepted || !matches!(request.what, "IssueTicket" | "HoldPlaces" | "PlaceOrder" | "RecordPayment") {
            return;
        }
        let mut journal = self.journal();
        if journal.again.len() < AGAIN_FIRST || number.is_multiple_of(AGAIN_THEN) {
            let Request { method, path, bearer, body, .. } = request.clone();
            journal.again.push(Again { method, path, bearer, key, body, answer: answer.body.clone() });
        }
    }

    fn note(&self, entry: Entry) {
        self.tally.requests.fetch_add(1, Ordering::Relaxed);
        match entry.outcome {
            Outcome::Accepted { .. } => self.tally.accepted.fetch_add(1, Ordering::Relaxed),
            Outcome::Rejected { .. } => self.tally.rejected.fetch_add(1, Ordering::Relaxed),
            Outcome::Open => 0,
        };
        self.journal().entries.push(entry);
    }

    fn odd(&self, what: String) -> Outcome {
        self.wrong(Kind::Answer, what);
        Outcome::Open
    }

    /// A moment, as [`Pulse`] counts.
    pub fn since_start(&self, moment: Instant) -> Duration {
        moment.saturating_duration_since(self.started)
    }

    /// Notes something wrong.
    pub fn wrong(&self, kind: Kind, what: String) {
        self.wrongs.lock().unwrap_or_else(PoisonError::into_inner).found(kind, what);
    }

    fn journal(&self) -> MutexGuard<'_, Journal> {
        self.journal.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The journal and what was wrong with answers, once nobody asks any more.
    pub fn take(&self) -> (Vec<Entry>, Wrongs) {
        let entries = std::mem::take(&mut self.journal().entries);
        (entries, std::mem::take(&mut self.wrongs.lock().unwrap_or_else(PoisonError::into_inner)))
    }
}

/// Whether two answers say the same. What a refusal at the door rests on is looked up in the read models, for a moment only: of two
/// answers at once, one may have found nothing there yet.
fn alike(one: &Value, other: &Value) -> bool {
    let without = |answer: &Value| {
        let mut answer = answer.clone();
        let because = answer.as_object_mut().and_then(|fields| fields.remove("because"));
        (answer, because.filter(|because| because.as_array().is_none_or(|positions| !positions.is_empty())))
    };
    let ((one, one_rests_on), (other, other_rests_on)) = (without(one), without(other));
    one == other && (one_rests_on.is_none() || other_rests_on.is_none() || one_rests_on == other_rests_on)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn answers_are_alike_but_for_what_one_of_them_could_not_look_up() {
        let answer = |reason: &str, because: &[i64]| json!({ "reason": reason, "because": because });
        assert!(alike(&answer("void", &[7]), &answer("void", &[])));
        assert!(alike(&answer("void", &[7]), &answer("void", &[7])));
        assert!(!alike(&answer("void", &[7]), &answer("void", &[8])));
        assert!(!alike(&answer("void", &[7]), &answer("not_inside", &[7])));
        assert!(!alike(&json!({ "id": 1 }), &json!({ "id": 2 })));
    }
}
