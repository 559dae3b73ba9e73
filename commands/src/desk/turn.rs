//! A turn: the commands that a desk decides together, one after the other, and records with one append.
//!
//! The state evolves with each decision, ahead of the log: when the append fails, it has to be read anew. While a turn is
//! being recorded the next one is decided on top of it; it is handed in only when the one before is known to be recorded.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use domain::{ShowEvent, money::Currency};
use event_store::{Append, Appended, Metadata, NewEvent, RecordedEvent, StreamType, VaultEntry, VaultKind};
use uuid::Uuid;

use super::{
    DeskError, DeskParts, Outcome, Submission,
    mailbox::Letter,
    metrics::TurnWatch,
    question::Question,
    stream::{Stream, decode},
};
use crate::{Context, Decided, Rejection, ShowCommand, check_in::Looked, end_due::end_due};

/// How many events a turn gathers before it is recorded.
const EVENTS_MAX: usize = 2_000;

/// Who ends what is due.
const ENDING_ACTOR: &str = "turnout";

/// Requests that were recorded before, by their command's id.
#[derive(Default)]
struct Recorded(HashMap<Uuid, Earlier>);

/// An earlier request with the same id.
#[derive(Clone)]
struct Earlier {
    events: Vec<ShowEvent>,
    request_hmac: Option<[u8; 32]>,
    position: At,
}

/// Where an answer's last event stands.
#[derive(Clone, Copy)]
enum At {
    /// In the log.
    Recorded(i64),
    /// So many events into this turn.
    Turn(usize),
    /// Nowhere: the stream's last one counts.
    Nothing,
}

impl Recorded {
    /// Whether the events of this one are there.
    fn has(&self, command: Uuid) -> bool {
        self.0.contains_key(&command)
    }

    /// Events of one earlier request.
    fn add(&mut self, recorded: &[RecordedEvent]) -> Result<(), DeskError> {
        // All of it, or nothing.
        let facts: Vec<ShowEvent> = recorded.iter().map(decode).collect::<Result<_, _>>()?;
        for (event, fact) in recorded.iter().zip(facts) {
            let earlier = self.0.entry(event.metadata.command).or_insert_with(|| Earlier {
                events: Vec::new(),
                request_hmac: event.metadata.request_hmac,
                position: At::Recorded(event.position),
            });
            earlier.events.push(fact);
            earlier.position = At::Recorded(event.position);
        }
        Ok(())
    }
}

/// An answer that is true once the turn is recorded.
pub(super) struct Draft {
    pub events: Vec<ShowEvent>,
    at: At,
    pub repeated: bool,
    confirm: Option<Looked>,
    undone: bool,
}

/// What is decided together.
#[derive(Default)]
pub(super) struct Turn {
    /// What was decided, with the answer that is true once it is recorded.
    decided: Vec<(Letter, Result<Draft, DeskError>)>,
    /// What is answered together with it.
    questions: Vec<Question>,
    /// Earlier requests that commands of this turn repeat, and those of the turn itself.
    recorded: Recorded,
    events: Vec<NewEvent>,
    vault: Vec<VaultEntry>,
    /// How many of the events, in their order, are of which command.
    said: Vec<(Uuid, usize)>,
    /// When what of it happened.
    pub watch: TurnWatch,
}

/// A turn that decides: what it decides with, and the state that goes ahead with it.
pub(super) struct Deciding<'a> {
    pub parts: &'a DeskParts,
    pub stream: &'a mut Stream,
    pub turn: &'a mut Turn,
}

impl Turn {
    /// Whether nothing came of it: neither answers nor events.
    pub(super) fn is_empty(&self) -> bool {
        self.decided.is_empty() && self.questions.is_empty() && self.events.is_empty()
    }

    /// Whether it should be recorded before more is decided than so many commands.
    pub(super) fn is_full(&self, commands_max: usize) -> bool {
        self.events.len() >= EVENTS_MAX || self.decided.len() >= commands_max
    }

    /// Whether the state went ahead with it.
    pub(super) fn has_events(&self) -> bool {
        !self.said.is_empty()
    }

    /// How many commands were decided.
    pub(super) fn commands(&self) -> usize {
        self.decided.len()
    }

    /// Whether this command is answered by events of it, here or earlier.
    pub(super) fn knows(&self, command: Uuid) -> bool {
        self.recorded.has(command)
    }

    /// Takes in the events of a request that was recorded before.
    pub(super) fn recall(&mut self, recorded: &[RecordedEvent]) -> Result<(), DeskError> {
        self.recorded.add(recorded)
    }

    /// Answers a question when it is recorded, or confirmed.
    pub(super) fn ask(&mut self, question: Question) {
        self.questions.push(question);
    }

    /// The append that makes it true, or, where nothing happened, confirms that the state is current. Nothing for a
    /// stream that does not exist.
    pub(super) fn append(&mut self, stream: &Stream) -> Option<Append> {
        self.watch.handed_in(self.decided.len(), self.events.len());
        Some(Append {
            organization: stream.organization?,
            stream_type: StreamType::Show,
            stream: stream.show().0,
            expected_version: stream.version,
            events: std::mem::take(&mut self.events),
            vault: std::mem::take(&mut self.vault),
            secrets: Vec::new(),
        })
    }

    /// Answers everybody, now that it is recorded.
    pub(super) fn answer(self, parts: &DeskParts, stream: &mut Stream, appended: Option<&Appended>) {
        let first = match appended {
            Some(appended) => {
                stream.recorded(appended, &self.said);
                appended.first_position.unwrap_or(appended.last_position)
            }
            None => 0,
        };
        let last = stream.last_position;
        let currency = stream.state.show().map(|show| show.currency);
        self.watch.recorded(&self.decided);
        for (letter, draft) in self.decided {
            // Whoever asked may have gone; that is no fault.
            drop(letter.reply.send(draft.and_then(|draft| outcome(draft, first, last, currency))));
        }
        for question in self.questions {
            question.answer(stream, &*parts.clock);
        }
    }

    /// Takes back what is not answered, to be decided again or refused.
    pub(super) fn take_back(&mut self) -> (Vec<Letter>, Vec<Question>) {
        let letters = std::mem::take(&mut self.decided).into_iter().map(|(letter, _)| letter).collect();
        (letters, std::mem::take(&mut self.questions))
    }
}

impl Deciding<'_> {
    /// Decides one command.
    pub(super) fn decide(&mut self, letter: Letter) {
        self.end_due();
        let draft = self.draft(&letter.submission);
        self.turn.decided.push((letter, draft));
    }

    /// Ends what is due.
    pub(super) fn end_due(&mut self) {
        let now = self.now();
        let Some(show) = self.stream.state.show() else { return };
        if show.next_end().is_none_or(|end| end > now) {
            return;
        }
        let ends = end_due(show, now);
        let id = self.fresh_id(now);
        let metadata = Metadata {
            actor: ENDING_ACTOR.to_owned(),
            device: None,
            channel: None,
            command: id,
            request_hmac: None,
            correlation: id,
            causation: None,
        };
        self.gather(&ends, &metadata);
    }

    fn draft(&mut self, submission: &Submission) -> Result<Draft, DeskError> {
        let rejected = |rejection| Err(DeskError::Rejected(rejection));
        let creates = matches!(submission.command, ShowCommand::ScheduleShow(_));
        let foreign = submission.organization.is_some() && submission.organization != self.stream.organization;
        if foreign && !(creates && self.stream.organization.is_none()) {
            return rejected(Rejection::NotFound);
        }
        if let Some(earlier) = self.turn.recorded.0.get(&submission.command_id) {
            let earlier = earlier.clone();
            return self.repeat(submission, earlier);
        }
        let now = self.now();
        let context = self.context(submission, now);
        let decided = submission.command.decide(&self.stream.state, &context).map_err(DeskError::Rejected)?;
        let (events, confirm) = match decided {
            Decided::Events(events) => (events, None),
            Decided::Confirm(looked) => (Vec::new(), Some(*looked)),
        };
        if events.is_empty() {
            return Ok(Draft { events, at: At::Nothing, repeated: false, confirm, undone: false });
        }
        if creates {
            self.stream.organization = submission.organization;
        }
        self.gather(&events, &metadata(submission));
        let concerned = self.stream.state.show().and_then(|show| submission.command.concerned(show)).map(|id| id.0);
        self.turn.vault.extend(submission.vault.iter().map(|entry| VaultEntry {
            person: entry.person.or_else(|| concerned.filter(|_| entry.kind == VaultKind::Text)),
            ..entry.clone()
        }));
        let at = At::Turn(self.turn.events.len());
        self.turn.recorded.0.insert(
            submission.command_id,
            Earlier { events: events.clone(), request_hmac: submission.request_hmac, position: at },
        );
        Ok(Draft { events, at, repeated: false, confirm: None, undone: false })
    }

    /// The same request again has the same answer and no second effect.
    fn repeat(&mut self, submission: &Submission, earlier: Earlier) -> Result<Draft, DeskError> {
        let mut undone = false;
        if let ShowCommand::CheckIn(scan) = &submission.command {
            let conflict = scan.again(&earlier.events);
            self.gather(&conflict, &metadata(submission));
            if let Some(known) = self.turn.recorded.0.get_mut(&submission.command_id) {
                known.events.extend(conflict);
            }
            let show = self.stream.state.show();
            undone = show.and_then(|show| show.presence.passage(scan.scan)).is_some_and(|passage| passage.undone);
        } else if earlier.request_hmac != submission.request_hmac {
            return Err(DeskError::KeyReused);
        }
        Ok(Draft { events: earlier.events, at: earlier.position, repeated: true, confirm: None, undone })
    }

    fn gather(&mut self, events: &[ShowEvent], metadata: &Metadata) {
        if !events.is_empty() {
            self.turn.said.push((metadata.command, events.len()));
        }
        for event in events {
            self.stream.state.evolve(event);
            self.turn.events.push(NewEvent {
                event_type: event.event_type().to_owned(),
                schema: event.schema(),
                payload: event.payload(),
                metadata: metadata.clone(),
            });
        }
    }

    /// The later of the clock and the stream's last time.
    fn now(&self) -> DateTime<Utc> {
        self.parts.clock.now().max(self.stream.last_time)
    }

    fn context(&self, submission: &Submission, now: DateTime<Utc>) -> Context {
        let show = self.stream_id();
        let code_key = (self.parts.code_key)(show);
        let kid = (self.parts.kid)();
        let mut context = Context::new(now, submission.channel, code_key, &kid, (self.parts.randomness)());
        context.staff = submission.staff;
        context.manager = submission.manager;
        context.device = submission.device;
        context.device_gates.clone_from(&submission.device_gates);
        context.may_override = submission.may_override;
        context
    }

    fn fresh_id(&self, now: DateTime<Utc>) -> Uuid {
        let channel = domain::ticket_type::Channel::Api;
        Context::new(now, channel, [0; 32], "", (self.parts.randomness)()).id()
    }

    fn stream_id(&self) -> domain::ids::ShowId {
        self.stream.show()
    }
}

fn outcome(draft: Draft, first: i64, last: i64, currency: Option<Currency>) -> Result<Outcome, DeskError> {
    let position = match draft.at {
        At::Recorded(position) => position,
        At::Turn(events) => first + i64::try_from(events).unwrap_or(i64::MAX) - 1,
        At::Nothing => last,
    };
    Ok(Outcome {
        events: draft.events,
        position,
        currency: currency.ok_or(DeskError::Rejected(Rejection::NotFound))?,
        repeated: draft.repeated,
        confirm: draft.confirm,
        undone: draft.undone,
    })
}

fn metadata(submission: &Submission) -> Metadata {
    Metadata {
        actor: submission.actor.clone(),
        device: submission.device.map(|device| device.0),
        channel: Some(submission.channel.as_str().to_owned()),
        command: submission.command_id,
        // A scan's first fact stands whatever comes later, so nothing is compared.
        request_hmac: submission.request_hmac.filter(|_| !matches!(submission.command, ShowCommand::CheckIn(_))),
        correlation: submission.correlation,
        causation: None,
    }
}
