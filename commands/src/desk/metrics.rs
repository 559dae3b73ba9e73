//! What desks count and time, and the steps that they add to a command's trace. Names, units and buckets are described in
//! `docs/operations.md`. Counted by the turn, never by the command, and never by show: there is no end of shows.

use std::{sync::LazyLock, time::Duration};

use event_store::trace::{self, Step};
use metrics::{Counter, Histogram, counter, histogram};
use tokio::time::Instant;

use super::{DEADLINE, DeskError, mailbox::Letter, turn::Draft};

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
    turns_taken: Counter,
    turns_missed: Counter,
    retries: Counter,
    shed_mailbox: Counter,
    shed_deadline: Counter,
    shed_recorder: Counter,
    shed_log: Counter,
}

impl Metrics {
    fn new() -> Self {
        let commands = |outcome: &'static str| counter!("turnout_desk_commands_total", "outcome" => outcome);
        let turns = |outcome: &'static str| counter!("turnout_desk_shared_turns_total", "outcome" => outcome);
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
            turns_taken: turns("taken"),
            turns_missed: turns("missed"),
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

/// A desk that shares its show with other nodes asked for its turn, and got it or went on without.
pub(super) fn shared_turn(taken: bool) {
    if taken { METRICS.turns_taken.increment(1) } else { METRICS.turns_missed.increment(1) }
}

/// From `began` until now a desk read its stream from its beginning.
pub(super) fn opened(began: Instant) {
    METRICS.opening_seconds.record(began.elapsed());
}

/// What happened to a turn, and when.
#[derive(Default)]
pub(super) struct TurnWatch {
    groups: Vec<Group>,
    handed_in: Option<Instant>,
    events: usize,
}

/// Letters that were taken up together; a turn may be decided in several goes while the one before it is recorded.
struct Group {
    /// How many letters the turn has with them.
    until: usize,
    taken: Instant,
    deciding: Instant,
    decided: Instant,
}

impl TurnWatch {
    /// Letters were taken up, the turn has so many with them, and these moments passed meanwhile.
    pub(super) fn decided(&mut self, until: usize, taken: Instant, deciding: Instant) {
        self.groups.push(Group { until, taken, deciding, decided: Instant::now() });
    }

    /// It is handed to the recorder, with so many commands and events.
    pub(super) fn handed_in(&mut self, commands: usize, events: usize) {
        self.handed_in = Some(Instant::now());
        self.events = events;
        METRICS.decide_seconds.record(self.groups.iter().map(|group| group.decided - group.deciding).sum::<Duration>());
        METRICS.turn_commands.record(commands as f64);
        METRICS.turn_events.record(events as f64);
    }

    /// It was recorded, and these are the answers.
    pub(super) fn recorded(&self, answers: &[(Letter, Result<Draft, DeskError>)]) {
        let metrics = &*METRICS;
        let now = Instant::now();
        metrics.append_seconds.record(self.since_handed_in(now));
        if let (Some((oldest, _)), Some(group)) = (answers.first(), self.groups.first()) {
            metrics.mailbox_wait_seconds.record(group.taken.saturating_duration_since(sent(oldest.deadline)));
        }
        let (mut recorded, mut unchanged, mut repeated, mut rejected) = (0, 0, 0, 0);
        for (_, answer) in answers {
            match answer {
                Ok(draft) if draft.repeated => repeated += 1,
                Ok(draft) if draft.events.is_empty() => unchanged += 1,
                Ok(_) => recorded += 1,
                Err(_) => rejected += 1,
            }
        }
        metrics.recorded.increment(recorded);
        metrics.unchanged.increment(unchanged);
        metrics.repeated.increment(repeated);
        metrics.rejected.increment(rejected);
        if trace::is_on() {
            self.trace(answers, now);
        }
    }

    /// The stream had moved on: so many commands are decided again.
    pub(super) fn conflict(&self, commands: usize) {
        METRICS.append_seconds.record(self.since_handed_in(Instant::now()));
        METRICS.conflicts.increment(1);
        METRICS.retries.increment(commands as u64);
    }

    fn since_handed_in(&self, now: Instant) -> Duration {
        self.handed_in.map_or(Duration::ZERO, |handed_in| now - handed_in)
    }

    fn trace(&self, answers: &[(Letter, Result<Draft, DeskError>)], recorded: Instant) {
        let numbers = [("commands", answers.len() as i64), ("events", self.events as i64)];
        let mut letters = answers.iter().map(|(letter, _)| letter).enumerate().peekable();
        for group in &self.groups {
            let handed_in = self.handed_in.unwrap_or(group.decided);
            let steps = [
                ("desk.read", group.taken, group.deciding),
                ("desk.decide", group.deciding, group.decided),
                ("desk.ready", group.decided, handed_in),
                ("desk.append", handed_in, recorded),
            ];
            while let Some((_, letter)) = letters.next_if(|(index, _)| *index < group.until) {
                let correlation = letter.submission.correlation;
                if !trace::follows(correlation) {
                    continue;
                }
                let step = |name, began: Instant, ended: Instant, numbers| {
                    let step = Step { name, began: began.into_std(), ended: ended.into_std(), numbers };
                    trace::step(correlation, step);
                };
                step("desk.wait", sent(letter.deadline), group.taken, &[]);
                for (name, began, ended) in steps {
                    step(name, began, ended, &numbers);
                }
            }
        }
    }
}

/// When a letter was sent, by its deadline.
fn sent(deadline: Instant) -> Instant {
    deadline.checked_sub(DEADLINE).unwrap_or(deadline)
}
