//! What the recorder counts and times, and the steps that it adds to a command's trace. Names, units and buckets are described
//! in `docs/operations.md`. Counted by the batch, never by the event.

use std::sync::LazyLock;

use metrics::{Counter, Gauge, Histogram, counter, gauge, histogram};
use tokio::time::Instant;

use super::batch::Request;
use super::call::Outcome;
use super::error::CallError;
use crate::trace::{self, Step};

static METRICS: LazyLock<Metrics> = LazyLock::new(Metrics::new);

struct Metrics {
    batch_items: Histogram,
    batch_events: Histogram,
    batch_bytes: Histogram,
    append_seconds: Histogram,
    queue_wait_seconds: Histogram,
    queue_items: Gauge,
    recorded: Counter,
    confirmed: Counter,
    stale: Counter,
    refused: Counter,
    failed: Counter,
    turned_away: Counter,
    lost_replies: Counter,
    reconnects: Counter,
}

impl Metrics {
    fn new() -> Self {
        let items = |outcome: &'static str| counter!("turnout_recorder_items_total", "outcome" => outcome);
        Self {
            batch_items: histogram!("turnout_recorder_batch_items"),
            batch_events: histogram!("turnout_recorder_batch_events"),
            batch_bytes: histogram!("turnout_recorder_batch_bytes"),
            append_seconds: histogram!("turnout_recorder_append_seconds"),
            queue_wait_seconds: histogram!("turnout_recorder_queue_wait_seconds"),
            queue_items: gauge!("turnout_recorder_queue_items"),
            recorded: items("recorded"),
            confirmed: items("confirmed"),
            stale: items("stale"),
            refused: items("refused"),
            failed: items("failed"),
            turned_away: items("turned_away"),
            lost_replies: counter!("turnout_recorder_lost_replies_total"),
            reconnects: counter!("turnout_recorder_reconnects_total"),
        }
    }
}

/// Has every metric be there from the start, also those of what never happens.
pub(super) fn register() {
    LazyLock::force(&METRICS);
}

/// A call of `log.append` under way.
pub(super) struct Call {
    began: Instant,
}

impl Call {
    /// Is sent now; behind it so many items wait.
    pub(super) fn begin(batch: &[Request], waiting: usize) -> Self {
        let began = Instant::now();
        let metrics = &*METRICS;
        metrics.batch_items.record(amount(batch.len()));
        metrics.batch_events.record(amount(batch.iter().map(|request| request.append.events.len()).sum()));
        metrics.batch_bytes.record(amount(batch.iter().map(|request| request.bytes).sum()));
        metrics.queue_items.set(amount(waiting));
        if let Some(oldest) = batch.iter().map(|request| request.since).min() {
            metrics.queue_wait_seconds.record(began.duration_since(oldest));
        }
        Self { began }
    }

    /// Was answered, or failed.
    pub(super) fn end(self, batch: &[Request], result: &Result<Vec<Outcome>, CallError>) {
        let metrics = &*METRICS;
        metrics.append_seconds.record(self.began.elapsed());
        match result {
            Ok(outcomes) => {
                let (mut recorded, mut confirmed, mut stale) = (0, 0, 0);
                for outcome in outcomes {
                    match outcome {
                        Outcome::Accepted(appended) if appended.first_position.is_some() => recorded += 1,
                        Outcome::Accepted(_) => confirmed += 1,
                        Outcome::Stale { .. } => stale += 1,
                    }
                }
                metrics.recorded.increment(recorded);
                metrics.confirmed.increment(confirmed);
                metrics.stale.increment(stale);
                self.trace(batch);
            }
            // A batch of several is written again, item by item.
            Err(CallError::Data(_) | CallError::Refused(_)) if batch.len() > 1 => {}
            Err(CallError::Data(_)) => metrics.refused.increment(1),
            Err(_) => metrics.failed.increment(batch.len() as u64),
        }
    }

    fn trace(&self, batch: &[Request]) {
        if !trace::is_on() {
            return;
        }
        let events =
            || batch.iter().flat_map(|request| request.append.events.iter().map(move |event| (request, event)));
        let (began, ended) = (self.began.into_std(), Instant::now().into_std());
        let mut before = None;
        for (request, event) in events() {
            let correlation = event.metadata.correlation;
            if before.replace(correlation) != Some(correlation) && trace::follows(correlation) {
                let step = Step { name: "recorder.wait", began: request.since.into_std(), ended: began, numbers: &[] };
                trace::step(correlation, step);
            }
        }
        let numbers = [("items", batch.len()), ("events", events().count())].map(|(name, n)| (name, n as i64));
        let step = Step { name: "log.append", began, ended, numbers: &numbers };
        trace::together(events().map(|(_, event)| event.metadata.correlation), step);
    }
}

/// The queue was full.
pub(super) fn turned_away() {
    METRICS.turned_away.increment(1);
}

/// An item waited too long for a database that is away.
pub(super) fn expired() {
    METRICS.failed.increment(1);
}

/// The outcome of a call is open.
pub(super) fn lost_reply() {
    METRICS.lost_replies.increment(1);
}

/// There is a connection again.
pub(super) fn reconnected() {
    METRICS.reconnects.increment(1);
}

/// Exact up to 2⁵³, which no batch reaches.
fn amount(number: usize) -> f64 {
    number as f64
}
