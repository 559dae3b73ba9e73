//! The task of one desk: take mail, decide, record, answer.

use std::{sync::Arc, time::Duration};

use domain::{
    Show,
    ids::{HoldId, OrderId, ShowId, TicketId},
};
use event_store::AppendError;
use tokio::{sync::watch, task::JoinHandle, time::Instant};
use uuid::Uuid;

use super::{
    DeskError, DeskParts, Kept, Resource, ShowFacts, Submission,
    kept_holds::kept_holds,
    mailbox::{Letter, Mail, Mailboxes, Taken},
    metrics::{self, Shed, TurnWatch},
    snapshot,
    stream::Stream,
    turn::{Recorded, Turn},
};
use crate::ShowCommand;

/// How long a desk without mail keeps its state: an idle show costs no memory.
const IDLE: Duration = Duration::from_secs(60);

/// How long no mail comes before a desk takes the time to write its state down: nobody waits for it meanwhile.
const QUIET: Duration = Duration::from_millis(250);
/// How many events are worth a snapshot in such a moment: reading them again takes some hundredths of a second.
const SNAPSHOT_EVENTS: i64 = 5_000;
/// How many are when the desk closes.
const LAST_SNAPSHOT_EVENTS: i64 = 500;
/// How many are however busy it is.
const SNAPSHOT_EVENTS_MAX: i64 = 500_000;

/// One show's desk.
pub(super) struct Desk {
    show: ShowId,
    parts: Arc<DeskParts>,
    stream: Stream,
    facts: watch::Sender<Option<ShowFacts>>,
}

/// What became of an append.
enum Written {
    /// It is recorded, or there was nothing to record.
    Yes,
    /// The stream has moved on: decide again.
    Conflict,
    /// The log takes no such data, and why.
    Refused(String),
}

impl Desk {
    pub(super) fn new(show: ShowId, parts: Arc<DeskParts>, facts: watch::Sender<Option<ShowFacts>>) -> Self {
        Self { show, parts, stream: Stream::new(show), facts }
    }

    /// Works until no mail comes any more.
    pub(super) async fn run(mut self, mut mailboxes: Mailboxes) {
        loop {
            let worth_it = self.unkept() >= SNAPSHOT_EVENTS;
            match mailboxes.take(if worth_it { QUIET } else { IDLE }).await {
                Taken::Mail(mail) => {
                    let (letters, began) = (mail.len(), Instant::now());
                    self.sort(mail).await;
                    mailboxes.answered(letters, began.elapsed());
                }
                Taken::Nothing if worth_it => drop(self.keep()),
                Taken::Nothing | Taken::Nobody => break,
            }
            if self.unkept() >= SNAPSHOT_EVENTS_MAX {
                drop(self.keep());
            }
        }
        loop {
            let last = mailboxes.close();
            if last.is_empty() {
                break;
            }
            self.sort(last).await;
        }
        if self.unkept() >= LAST_SNAPSHOT_EVENTS
            && let Some(kept) = self.keep()
        {
            // An error was said; the log has everything.
            drop(kept.await);
        }
    }

    /// How many events came since the last snapshot.
    fn unkept(&self) -> i64 {
        self.stream.version - self.stream.kept
    }

    /// Writes the state down, which takes some milliseconds for a hundred thousand tickets; it is stored beside.
    fn keep(&mut self) -> Option<JoinHandle<()>> {
        self.stream.kept = self.stream.version;
        let snapshot = snapshot::of(&self.stream)?;
        let snapshots = self.parts.snapshots.clone();
        Some(tokio::spawn(async move {
            if let Err(error) = snapshots.keep(&snapshot).await {
                tracing::warn!(%error, show = %snapshot.stream, "a snapshot cannot be stored now");
            }
        }))
    }

    async fn sort(&mut self, mail: Vec<Mail>) {
        if self.stream.version == 0
            && let Err(error) = self.stream.catch_up(&self.parts).await
        {
            tracing::debug!(%error, show = %self.show, "the desk is not ready");
        }
        let mut letters = Vec::new();
        let mut wake = false;
        for mail in mail {
            match mail {
                Mail::Command(letter) => letters.push(*letter),
                Mail::Exists(resource, reply) => {
                    let answer = self.exists(resource).await;
                    // Whoever asked may have gone; that is no fault.
                    drop(reply.send(answer));
                }
                Mail::OrderOf(ticket, reply) => {
                    let answer = self.order_of(ticket).await;
                    drop(reply.send(answer));
                }
                Mail::Kept(holds, reply) => {
                    let answer = self.kept(&holds).await;
                    drop(reply.send(answer));
                }
                Mail::HasRecorded(command, reply) => {
                    let answer = self.has_recorded(command).await;
                    drop(reply.send(answer));
                }
                Mail::Open(reply) => {
                    let answer = self.stream.catch_up(&self.parts).await;
                    self.tell_facts();
                    drop(reply.send(answer));
                }
                Mail::Wake => wake = true,
            }
        }
        if wake && letters.is_empty() {
            self.end_due().await;
        }
        self.answer(letters).await;
        self.tell_facts();
    }

    /// Whether there is such a thing; before saying no, what other nodes recorded is read.
    async fn exists(&mut self, resource: Resource) -> Result<bool, DeskError> {
        let has = |stream: &Stream| stream.state.show().is_some_and(|show| has(show, resource));
        if has(&self.stream) {
            return Ok(true);
        }
        self.stream.catch_up(&self.parts).await?;
        Ok(has(&self.stream))
    }

    /// Whether a command was recorded; before saying no, what other nodes recorded is read.
    async fn has_recorded(&mut self, command: Uuid) -> Result<bool, DeskError> {
        if !self.stream.commands.has(command) {
            self.stream.catch_up(&self.parts).await?;
        }
        Ok(self.stream.commands.has(command))
    }

    /// Whose a ticket is. It never changes, so what was read is enough where it is there.
    async fn order_of(&mut self, ticket: TicketId) -> Result<Option<OrderId>, DeskError> {
        if !self.exists(Resource::Ticket(ticket)).await? {
            return Ok(None);
        }
        Ok(self.stream.state.show().and_then(|show| show.ticket(ticket)).map(|ticket| ticket.order))
    }

    /// Those of some holds that keep places, as far as was read.
    async fn kept(&mut self, holds: &[HoldId]) -> Result<Vec<Kept>, DeskError> {
        if self.stream.version == 0 {
            self.stream.catch_up(&self.parts).await?;
        }
        let now = self.parts.clock.now().max(self.stream.last_time);
        Ok(self.stream.state.show().map(|show| kept_holds(show, holds, now)).unwrap_or_default())
    }

    /// Decides until every letter has its answer: together, but one by one once the log has refused what some of them
    /// say, so that bad data takes nobody else with it.
    async fn answer(&mut self, mut letters: Vec<Letter>) {
        let mut together = usize::MAX;
        while !letters.is_empty() {
            let now = Instant::now();
            let (late, mut open): (Vec<_>, Vec<_>) = letters.into_iter().partition(|letter| letter.deadline <= now);
            metrics::shed(Shed::Deadline, late.len());
            refuse(late, || DeskError::Unavailable);
            match self.turn(&mut open, &mut together).await {
                Ok(rest) => letters = rest,
                Err(error) => {
                    self.stream.reset();
                    metrics::not_recorded(&error, open.len());
                    tracing::warn!(%error, show = %self.show, "a turn was not recorded");
                    let overloaded = matches!(error, DeskError::Overloaded);
                    let unreadable = match error {
                        DeskError::Unreadable(why) => Some(why),
                        _ => None,
                    };
                    refuse(open, || match (&unreadable, overloaded) {
                        (Some(why), _) => DeskError::Unreadable(why.clone()),
                        (None, true) => DeskError::Overloaded,
                        (None, false) => DeskError::Unavailable,
                    });
                    return;
                }
            }
        }
    }

    /// Decides letters and records them. Gives back those that are still open: after a conflict, all; when the turn was
    /// full, the rest.
    async fn turn(&mut self, letters: &mut Vec<Letter>, together: &mut usize) -> Result<Vec<Letter>, DeskError> {
        let mut watch = TurnWatch::taken(letters);
        if self.stream.version == 0 {
            self.stream.catch_up(&self.parts).await?;
        }
        let recorded = self.recorded(letters).await?;
        let mut turn = Turn::new(&self.parts, &mut self.stream, recorded);
        let mut decided = 0;
        watch.deciding();
        for letter in letters.iter().take(*together) {
            if turn.is_full() {
                break;
            }
            turn.decide(&letter.submission);
            decided += 1;
        }
        watch.decided(decided, turn.event_count());
        let ahead = turn.event_count() > 0;
        match write(&self.parts, turn).await? {
            (Written::Conflict, _) => {
                watch.conflict(letters.len());
                // After a conflict the state is ahead of what was recorded, unless nothing was decided to happen.
                if ahead {
                    self.stream.reset();
                }
                self.stream.catch_up(&self.parts).await?;
                Ok(std::mem::take(letters))
            }
            (Written::Refused(why), _) => {
                self.stream.reset();
                tracing::warn!(why, show = %self.show, letters = decided, "the log refuses what a turn says");
                *together = 1;
                let rest = letters.split_off(usize::from(decided == 1));
                refuse(std::mem::take(letters), || DeskError::Unreadable(format!("the log took no such event: {why}")));
                Ok(rest)
            }
            (Written::Yes, answers) => {
                watch.recorded(letters, &answers);
                let rest = letters.split_off(decided);
                for (letter, answer) in letters.drain(..).zip(answers) {
                    drop(letter.reply.send(answer));
                }
                Ok(rest)
            }
        }
    }

    /// Earlier requests of the same ids, as far as the stream was read: what was recorded later is a conflict.
    async fn recorded(&self, letters: &[Letter]) -> Result<Recorded, DeskError> {
        let mut recorded = Recorded::none();
        for submission in letters.iter().map(|letter| &letter.submission) {
            // Sent twice at once, it is looked up once.
            if !may_be_a_repeat(submission) || recorded.has(submission.command_id) {
                continue;
            }
            for run in self.stream.commands.runs(submission.command_id) {
                let events = self.parts.log.stream(self.show.0, run.first - 1, run.events).await.map_err(|error| {
                    tracing::warn!(%error, "an earlier request cannot be looked up now");
                    DeskError::Unavailable
                })?;
                recorded.add(&events)?;
            }
        }
        Ok(recorded)
    }

    async fn end_due(&mut self) {
        let mut turn = Turn::new(&self.parts, &mut self.stream, Recorded::none());
        turn.end_due();
        if turn.event_count() == 0 {
            return;
        }
        match write(&self.parts, turn).await {
            Ok((Written::Yes, _)) => {}
            // Whoever was faster may have ended it; if not, the timer comes again.
            Ok((Written::Conflict, _)) => self.stream.reset(),
            Ok((Written::Refused(error), _)) => {
                tracing::error!(error, show = %self.show, "the log refuses what ends");
                self.stream.reset();
            }
            Err(error) => {
                tracing::warn!(%error, show = %self.show, "what is due could not be ended now");
                self.stream.reset();
            }
        }
    }

    fn tell_facts(&self) {
        let facts = self.stream.facts();
        self.facts.send_if_modified(|told| {
            let changed = facts.is_some() && *told != facts;
            if changed {
                *told = facts;
            }
            changed
        });
    }
}

/// Records a turn.
async fn write(
    parts: &DeskParts,
    mut turn: Turn<'_>,
) -> Result<(Written, Vec<Result<super::Outcome, DeskError>>), DeskError> {
    // Without a stream there is nothing to confirm: what was decided is that there is no such show.
    let Some(append) = turn.append() else { return Ok((Written::Yes, turn.recorded(None))) };
    match parts.recorder.append(append).await {
        Ok(appended) => Ok((Written::Yes, turn.recorded(Some(&appended)))),
        Err(AppendError::Conflict { .. }) => Ok((Written::Conflict, Vec::new())),
        Err(AppendError::Overloaded) => Err(DeskError::Overloaded),
        Err(AppendError::Invalid(why)) => Ok((Written::Refused(why), Vec::new())),
        Err(error) => {
            tracing::warn!(%error, "the log cannot be written now");
            Err(DeskError::Unavailable)
        }
    }
}

/// Whether it may have been sent before: with an idempotency key, or as a scan.
fn may_be_a_repeat(submission: &Submission) -> bool {
    submission.request_hmac.is_some() || matches!(submission.command, ShowCommand::CheckIn(_))
}

fn refuse(letters: Vec<Letter>, error: impl Fn() -> DeskError) {
    for letter in letters {
        drop(letter.reply.send(Err(error())));
    }
}

fn has(show: &Show, resource: Resource) -> bool {
    match resource {
        Resource::Pool(id) => show.pools.contains_key(&id),
        Resource::TicketType(id) => show.ticket_types.contains_key(&id),
        Resource::Block(id) => show.blocks.contains_key(&id),
        Resource::Hold(id) => show.hold(id).is_some(),
        Resource::Order(id) => show.order(id).is_some(),
        Resource::Ticket(id) => show.ticket(id).is_some(),
        Resource::Scan(id) => show.presence.passage(id).is_some(),
    }
}
