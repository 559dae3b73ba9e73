//! What desks count and time, and the steps that they add to a command's trace. Names, units and buckets are described in
//! `docs/operations.md`. Counted by the turn, never by the command, and never by show: there is no end of shows.

use std::sync::LazyLock;

use event_store::trace::{self, Step};
use metrics::{Counter, Histogram, counter, histogram};
use tokio::time::Instant;

use super::{DEADLINE, DeskError, Outcome, mailbox::Letter};

static METRICS: LazyLock<Metrics> = LazyLock::new(Metrics::new);

struct Metrics {
    turn_commands: Histogram,
    turn_events: Histogram,
    mailbox_wait_seconds: Histogram,
    decide_seconds: Histogram,
    append_seconds: Histogram,
    opening_seconds: Histogram,
    recorded: Counter,
    unchanged: Counter,
    repeated: Counter,
    rejected: Counter,
    conflicts: Counter,
    retries: Counter,
    shed_mailbox: Counter,
    shed_deadline: Counter,
    shed_recorder: Counter,
    shed_log: Counter,
}

impl Metrics {
    fn new() -> Self {
        let commands = |outcome: &'static str| counter!("turnout_desk_commands_total", "outcome" => outcome);
        let shed = |reason: &'static str| counter!("turnout_desk_shed_commands_total", "reason" => reason);
        Self {
            turn_commands: histogram!("turnout_desk_turn_commands"),
            turn_events: histogram!("turnout_desk_turn_events"),
            mailbox_wait_seconds: histogram!("turnout_desk_mailbox_wait_seconds"),
            decide_seconds: histogram!("turnout_desk_decide_seconds"),
            append_seconds: histogram!("turnout_desk_append_seconds"),
            opening_seconds: histogram!("turnout_desk_opening_seconds"),
            recorded: commands("recorded"),
            unchanged: commands("unchanged"),
            repeated: commands("repeated"),
            rejected: commands("rejected"),
            conflicts: counter!("turnout_desk_conflicts_total"),
            retries: counter!("turnout_desk_retried_commands_total"),
            shed_mailbox: shed("mailbox_full"),
            shed_deadline: shed("deadline"),
            shed_recorder: shed("recorder_full"),
            shed_log: shed("log_unavailable"),
        }
    }
}

/// Has every metric be there from the start, also those of what never happens.
pub(super) fn register() {
    LazyLock::force(&METRICS);
}

/// Why commands were turned away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shed {
    /// The desk's mailbox was full.
    Mailbox,
    /// Their time was up before they were decided.
    Deadline,
    /// Too much waited for the recorder.
    Recorder,
    /// The log could not be read or written.
    Log,
}

/// So many commands were turned away.
pub(super) fn shed(why: Shed, commands: usize) {
    let counter = match why {
        Shed::Mailbox => &METRICS.shed_mailbox,
        Shed::Deadline => &METRICS.shed_deadline,
        Shed::Recorder => &METRICS.shed_recorder,
        Shed::Log => &METRICS.shed_log,
    };
    counter.increment(commands as u64);
}

/// So many commands of a turn were turned away, because of its error.
pub(super) fn not_recorded(error: &DeskError, commands: usize) {
    match error {
        DeskError::Overloaded => shed(Shed::Recorder, commands),
        DeskError::Unavailable => shed(Shed::Log, commands),
        DeskError::Rejected(_) | DeskError::KeyReused | DeskError::Unreadable(_) => {}
    }
}

/// From `began` until now a desk read its stream from its beginning.
pub(super) fn opened(began: Instant) {
    METRICS.opening_seconds.record(began.elapsed());
}

/// A turn under way: when it took up its commands, when it began to decide and when it had.
pub(super) struct TurnWatch {
    taken: Instant,
    deciding: Instant,
    decided: Instant,
    events: usize,
}

impl TurnWatch {
    /// These commands are taken up.
    pub(super) fn taken(letters: &[Letter]) -> Self {
        let now = Instant::now();
        if let Some(oldest) = letters.iter().map(|letter| letter.deadline).min() {
            METRICS.mailbox_wait_seconds.record(now.duration_since(sent(oldest)));
        }
        Self { taken: now, deciding: now, decided: now, events: 0 }
    }

    /// Everything that decisions rest on is there.
    pub(super) fn deciding(&mut self) {
        self.deciding = Instant::now();
    }

    /// So many commands were decided, with so many events.
    pub(super) fn decided(&mut self, commands: usize, events: usize) {
        self.decided = Instant::now();
        self.events = events;
        METRICS.decide_seconds.record(self.decided - self.deciding);
        METRICS.turn_commands.record(commands as f64);
        METRICS.turn_events.record(events as f64);
    }

    /// It was recorded, and these are the answers.
    pub(super) fn recorded(&self, letters: &[Letter], answers: &[Result<Outcome, DeskError>]) {
        let metrics = &*METRICS;
        let now = Instant::now();
        metrics.append_seconds.record(now - self.decided);
        let (mut recorded, mut unchanged, mut repeated, mut rejected) = (0, 0, 0, 0);
        for answer in answers {
            match answer {
                Ok(outcome) if outcome.repeated => repeated += 1,
                Ok(outcome) if outcome.events.is_empty() => unchanged += 1,
                Ok(_) => recorded += 1,
                Err(_) => rejected += 1,
            }
        }
        metrics.recorded.increment(recorded);
        metrics.unchanged.increment(unchanged);
        metrics.repeated.increment(repeated);
        metrics.rejected.increment(rejected);
        if trace::is_on() {
            self.trace(&letters[..answers.len().min(letters.len())], now);
        }
    }

    /// The stream had moved on: so many commands are decided again.
    pub(super) fn conflict(&self, commands: usize) {
        METRICS.append_seconds.record(self.decided.elapsed());
        METRICS.conflicts.increment(1);
        METRICS.retries.increment(commands as u64);
    }

    fn trace(&self, letters: &[Letter], recorded: Instant) {
        let numbers = [("commands", letters.len() as i64), ("events", self.events as i64)];
        let steps = [
            ("desk.read", self.taken, self.deciding),
            ("desk.decide", self.deciding, self.decided),
            ("desk.append", self.decided, recorded),
        ];
        for letter in letters {
            let correlation = letter.submission.correlation;
            if !trace::follows(correlation) {
                continue;
            }
            let step = |name, began: Instant, ended: Instant, numbers| {
                let step = Step { name, began: began.into_std(), ended: ended.into_std(), numbers };
                trace::step(correlation, step);
            };
            step("desk.wait", sent(letter.deadline), self.taken, &[]);
            for (name, began, ended) in steps {
                step(name, began, ended, &numbers);
            }
        }
    }
}

/// When a letter was sent, by its deadline.
fn sent(deadline: Instant) -> Instant {
    deadline.checked_sub(DEADLINE).unwrap_or(deadline)
}
