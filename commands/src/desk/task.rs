//! The task of one desk: take mail, decide, record, answer.
//!
//! While a turn is being recorded the next one is decided on top of it, so that neither waits for the other. It is handed in
//! only once the one before is recorded, with the version that this gave: when the one before was not, nothing that rests on
//! it ever reaches the log, and all of it is decided again.

use std::{collections::VecDeque, pin::Pin, sync::Arc, time::Duration};

use domain::ids::ShowId;
use event_store::{AppendError, Appended, HeldTurn};
use tokio::{sync::watch, task::JoinHandle, time::Instant};

use super::{
    DeskError, DeskParts, ShowFacts, Submission,
    mailbox::{Letter, Mail, Mailboxes, TURN_MAX, Taken},
    metrics::{self, Shed},
    question::Question,
    snapshot,
    stream::Stream,
    turn::{Deciding, Turn},
};
use crate::ShowCommand;

/// How long a desk without mail keeps its state: an idle show costs no memory.
const IDLE: Duration = Duration::from_secs(60);

/// How long no mail comes before a desk takes the time to copy its state, to be written down: nobody waits for it meanwhile.
const QUIET: Duration = Duration::from_millis(250);
/// How many events are worth a snapshot in such a moment: reading them again takes some hundredths of a second.
const SNAPSHOT_EVENTS: i64 = 5_000;
/// How many are when the desk closes.
const LAST_SNAPSHOT_EVENTS: i64 = 500;
/// How many are however busy it is.
const SNAPSHOT_EVENTS_MAX: i64 = 500_000;

/// So many commands may always go together: the cost of a commit is spread thin enough over them.
const TOGETHER_MIN: usize = 64;
/// As many as are answered in this time may where more wait.
const TURN: Duration = Duration::from_millis(10);

/// How long after another node wrote the stream a desk still waits for its turn before it decides.
const SHARED: Duration = Duration::from_secs(30);
/// How long it decides before it lets others have theirs: several times what a turn takes to be recorded, so that reading
/// what the others recorded is spread over many commands.
const SLICE: Duration = Duration::from_millis(20);
/// How long it waits for more mail within that: clients that were answered ask again.
const LINGER: Duration = Duration::from_millis(1);

/// One show's desk.
pub(super) struct Desk {
    show: ShowId,
    parts: Arc<DeskParts>,
    stream: Stream,
    facts: watch::Sender<Option<ShowFacts>>,
    /// Letters that are not decided yet.
    waiting: VecDeque<Letter>,
    /// So many of them, the first ones, go alone: the log refused what one of them says.
    alone: usize,
    questions: Vec<Question>,
    /// Whether it is time to end what is due.
    woken: bool,
    /// Whether the stream may have gone on since it was read.
    outdated: bool,
    /// What is being recorded.
    under_way: Option<UnderWay>,
    /// What was decided on top of it.
    next: Turn,
    /// When another node was last seen to have written the stream.
    others: Option<Instant>,
    /// The right to write it before other nodes, where they do, and until when it is made use of.
    held: Option<(HeldTurn, Instant)>,
    /// How many commands a turn may have, as fast as they are recorded now.
    turn_max: usize,
}

/// A turn that is being recorded.
struct UnderWay {
    turn: Turn,
    appending: Pin<Box<dyn Future<Output = Result<Appended, AppendError>> + Send>>,
    /// The facts that are true with it.
    facts: Option<ShowFacts>,
}

/// What a desk waits for.
enum Next {
    Mail(Taken),
    Recorded(Result<Appended, AppendError>),
}

impl Desk {
    pub(super) fn new(show: ShowId, parts: Arc<DeskParts>, facts: watch::Sender<Option<ShowFacts>>) -> Self {
        Self {
            show,
            parts,
            stream: Stream::new(show),
            facts,
            waiting: VecDeque::new(),
            alone: 0,
            questions: Vec::new(),
            woken: false,
            outdated: true,
            under_way: None,
            next: Turn::default(),
            others: None,
            held: None,
            turn_max: TURN_MAX,
        }
    }

    /// Works until no mail comes any more.
    pub(super) async fn run(mut self, mut mailboxes: Mailboxes) {
        loop {
            let worth_it = self.unkept() >= SNAPSHOT_EVENTS;
            let wait = match self.held {
                Some(_) => LINGER,
                None if worth_it => QUIET,
                None => IDLE,
            };
            match self.next(&mut mailboxes, wait).await {
                Next::Mail(Taken::Mail(mail)) => self.sort(mail),
                Next::Recorded(result) => self.settle(result, &mut mailboxes),
                // What is under way goes on.
                Next::Mail(Taken::Nothing) if self.is_ahead() => {}
                Next::Mail(Taken::Nothing) if self.held.is_some() => self.held = None,
                Next::Mail(Taken::Nothing) if worth_it => drop(self.keep()),
                Next::Mail(Taken::Nothing | Taken::Nobody) => break,
            }
            self.go_on(&mut mailboxes).await;
            if self.unkept() >= SNAPSHOT_EVENTS_MAX && !self.is_ahead() {
                drop(self.keep());
            }
        }
        self.finish(&mut mailboxes).await;
        if self.unkept() >= LAST_SNAPSHOT_EVENTS
            && let Some(kept) = self.keep()
        {
            // An error was said; the log has everything.
            drop(kept.await);
        }
    }

    /// Answers what had come before it closes.
    async fn finish(&mut self, mailboxes: &mut Mailboxes) {
        loop {
            let last = mailboxes.close();
            if last.is_empty() && !self.is_ahead() && self.waiting.is_empty() {
                break;
            }
            self.sort(last);
            self.go_on(mailboxes).await;
            if let Some(result) = self.recorded().await {
                self.settle(result, mailboxes);
                self.go_on(mailboxes).await;
            }
        }
    }

    /// Waits for what comes first.
    async fn next(&mut self, mailboxes: &mut Mailboxes, wait: Duration) -> Next {
        let has_room = self.has_room(mailboxes.waiting());
        let recorded = async {
            match &mut self.under_way {
                Some(under_way) => (&mut under_way.appending).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            biased;
            result = recorded => Next::Recorded(result),
            taken = mailboxes.take(wait), if has_room => Next::Mail(taken),
        }
    }

    /// What became of the turn under way, if there is one.
    async fn recorded(&mut self) -> Option<Result<Appended, AppendError>> {
        let under_way = self.under_way.as_mut()?;
        Some((&mut under_way.appending).await)
    }

    /// Whether it is worth taking mail, of which so much waits: not while all that it could do here is wait as well.
    fn has_room(&self, mail: usize) -> bool {
        let next_is_open = !self.next.is_full(self.together(mail)) && self.waiting.is_empty();
        self.under_way.is_none() || next_is_open && self.may_decide() && self.unkept() < SNAPSHOT_EVENTS_MAX
    }

    /// Whether the state holds what is not recorded yet, or somebody waits for a turn.
    fn is_ahead(&self) -> bool {
        self.under_way.is_some() || !self.next.is_empty()
    }

    /// Whether no other node writes the stream, or this one is at turn.
    fn may_decide(&self) -> bool {
        let now = Instant::now();
        self.others.is_none_or(|seen| now - seen > SHARED) || self.held.as_ref().is_some_and(|(_, until)| now < *until)
    }

    /// How many events came since the last snapshot.
    fn unkept(&self) -> i64 {
        self.stream.version - self.stream.kept
    }

    /// Copies the state, which takes some milliseconds for a hundred thousand tickets; it is written down and stored beside.
    fn keep(&mut self) -> Option<JoinHandle<()>> {
        self.stream.kept = self.stream.version;
        let unwritten = snapshot::of(&self.stream)?;
        let snapshots = self.parts.snapshots.clone();
        Some(tokio::spawn(async move {
            let Some(snapshot) = unwritten.written().await else { return };
            if let Err(error) = snapshots.keep(&snapshot).await {
                tracing::warn!(%error, show = %snapshot.stream, "a snapshot cannot be stored now");
            }
        }))
    }

    fn sort(&mut self, mail: Vec<Mail>) {
        for mail in mail {
            match mail {
                Mail::Command(letter) => self.waiting.push_back(*letter),
                Mail::Question(question) => self.questions.push(question),
                Mail::Wake => self.woken = true,
            }
        }
    }

    /// Hands in what is decided and decides what waits, as far as either can be done now.
    async fn go_on(&mut self, mailboxes: &mut Mailboxes) {
        self.hand_in();
        // Who has nothing to end needs neither state nor turn for it.
        self.woken &= self.stream.state.show().is_none_or(|show| show.next_end().is_some());
        while !self.waiting.is_empty() || !self.questions.is_empty() || self.woken {
            if !self.may_decide() {
                if self.is_ahead() {
                    break;
                }
                self.take_turn(mailboxes).await;
            }
            self.decide_what_waits(mailboxes.waiting()).await;
            self.hand_in();
            if self.is_ahead() {
                break;
            }
        }
        if !self.is_ahead() && !self.may_decide() {
            self.held = None;
        }
    }

    /// Waits until it is this node's turn; what came meanwhile is in it.
    async fn take_turn(&mut self, mailboxes: &mut Mailboxes) {
        // Whoever had one is behind the others again.
        self.held = None;
        // While it lasts all others wait: what takes long to read is read before. An error comes again, and is told then.
        if self.stream.version == 0 {
            drop(self.read().await);
        }
        self.held = self.parts.turns.take(self.show.0).await.map(|turn| (turn, Instant::now() + SLICE));
        metrics::shared_turn(self.held.is_some());
        self.outdated = true;
        let more = mailboxes.more();
        self.sort(more);
    }

    /// Decides letters and questions that wait, on top of whatever was decided before; so much mail waits besides.
    async fn decide_what_waits(&mut self, mail: usize) {
        let taken = Instant::now();
        let woken = std::mem::take(&mut self.woken);
        let read = if self.is_ahead() { Ok(false) } else { self.read().await };
        let letters = self.take_letters();
        let read = match read {
            Ok(read) => self.recall(&letters).await.map(|()| read),
            Err(error) => Err(error),
        };
        let is_current = match read {
            Ok(is_current) => is_current,
            Err(error) => return self.refuse(letters, &error),
        };
        for question in self.questions.drain(..) {
            if is_current || question.is_settled(&self.stream) {
                question.answer(&self.stream, &*self.parts.clock);
            } else {
                self.next.ask(question);
            }
        }
        let together = self.together(letters.len() + mail);
        let deciding = Instant::now();
        let mut desk = Deciding { parts: &self.parts, stream: &mut self.stream, turn: &mut self.next };
        if woken && letters.is_empty() {
            desk.end_due();
        }
        let mut letters = letters.into_iter();
        while !desk.turn.is_full(together) {
            let Some(letter) = letters.next() else { break };
            desk.decide(letter);
        }
        for letter in letters.rev() {
            self.waiting.push_front(letter);
        }
        self.next.watch.decided(self.next.commands(), taken, deciding);
    }

    /// How many commands the next turn may have: half of those that are here and of so many besides. If all went together,
    /// the desk would rest while they are recorded, and the log while the next ones are decided. And no more than are recorded
    /// soon, where that is known: the door's commands wait for the turn before theirs, and for their own.
    fn together(&self, besides: usize) -> usize {
        let under_way = self.under_way.as_ref().map_or(0, |under_way| under_way.turn.commands());
        let here = under_way + self.next.commands() + self.waiting.len() + besides;
        here.div_ceil(2).clamp(TOGETHER_MIN, self.turn_max)
    }

    /// Reads what other nodes recorded where there may be something, or somebody asks; says whether it did.
    async fn read(&mut self) -> Result<bool, DeskError> {
        let is_new = self.stream.version == 0;
        if !(is_new || self.outdated || self.questions.iter().any(|question| !question.is_settled(&self.stream))) {
            return Ok(false);
        }
        let found = self.stream.catch_up(&self.parts).await.inspect_err(|_| self.stream.reset())?;
        if found && !is_new {
            self.others = Some(Instant::now());
        }
        self.outdated = false;
        self.tell(self.stream.facts());
        Ok(true)
    }

    /// The letters to be decided now, in their order; those whose time is up are told so.
    fn take_letters(&mut self) -> Vec<Letter> {
        let now = Instant::now();
        let (late, open): (VecDeque<_>, VecDeque<_>) =
            std::mem::take(&mut self.waiting).into_iter().partition(|letter| letter.deadline <= now);
        metrics::shed(Shed::Deadline, late.len());
        refuse(late, || DeskError::Unavailable);
        if self.alone > 0 {
            self.waiting = open;
            return match self.is_ahead() {
                true => Vec::new(),
                false => {
                    self.alone -= 1;
                    self.waiting.pop_front().into_iter().collect()
                }
            };
        }
        // Sent again while the first is under way, it waits for what becomes of that.
        let under_way = self.under_way.as_ref().map(|under_way| &under_way.turn);
        let (repeats, letters): (VecDeque<_>, VecDeque<_>) =
            open.into_iter().partition(|letter| under_way.is_some_and(|turn| turn.knows(letter.submission.command_id)));
        self.waiting = repeats;
        letters.into()
    }

    /// Reads earlier requests of the same ids, as far as the stream was read: what was recorded later is a conflict.
    async fn recall(&mut self, letters: &[Letter]) -> Result<(), DeskError> {
        for submission in letters.iter().map(|letter| &letter.submission) {
            // Sent twice at once, it is looked up once.
            if !may_be_a_repeat(submission) || self.next.knows(submission.command_id) {
                continue;
            }
            let mut recorded = Vec::new();
            for run in self.stream.commands.runs(submission.command_id) {
                let events = self.parts.log.stream(self.show.0, run.first - 1, run.events).await.map_err(|error| {
                    tracing::warn!(%error, "an earlier request cannot be looked up now");
                    DeskError::Unavailable
                })?;
                recorded.extend(events);
            }
            self.next.recall(&recorded)?;
        }
        Ok(())
    }

    /// Hands in what is decided, once nothing it rests on is open.
    fn hand_in(&mut self) {
        if self.under_way.is_some() || self.next.is_empty() {
            return;
        }
        let mut turn = std::mem::take(&mut self.next);
        let facts = turn.has_events().then(|| self.stream.facts()).flatten();
        match turn.append(&self.stream) {
            Some(append) => {
                let appending = Box::pin(self.parts.recorder.hand_in(append));
                self.under_way = Some(UnderWay { turn, appending, facts });
            }
            // Without a stream there is nothing to confirm: what was decided is that there is no such show.
            None => turn.answer(&self.parts, &mut self.stream, None),
        }
    }

    /// Answers the turn that was under way; what was not recorded is decided again, or refused.
    fn settle(&mut self, result: Result<Appended, AppendError>, mailboxes: &mut Mailboxes) {
        let Some(UnderWay { turn, facts, .. }) = self.under_way.take() else { return };
        let commands = turn.commands();
        match result {
            Ok(appended) => {
                self.tell(facts);
                turn.answer(&self.parts, &mut self.stream, Some(&appended));
                mailboxes.answered(commands, Instant::now());
                self.turn_max = mailboxes.answered_in(TURN).clamp(TOGETHER_MIN, TURN_MAX);
            }
            Err(AppendError::Conflict { .. }) => {
                self.others = Some(Instant::now());
                turn.watch.conflict(commands);
                self.step_back(Some(turn));
            }
            Err(AppendError::Invalid(why)) => {
                tracing::warn!(why, show = %self.show, letters = commands, "the log refuses what a turn says");
                if commands > 1 {
                    self.alone += commands;
                    self.step_back(Some(turn));
                } else {
                    self.refuse_turn(turn, &DeskError::Unreadable(format!("the log took no such event: {why}")));
                }
            }
            Err(error) => {
                tracing::warn!(%error, show = %self.show, "a turn was not recorded");
                let overloaded = matches!(error, AppendError::Overloaded);
                self.refuse_turn(turn, if overloaded { &DeskError::Overloaded } else { &DeskError::Unavailable });
            }
        }
    }

    /// Forgets what went ahead of the log, and has everything that was decided wait again: these letters first.
    fn step_back(&mut self, turn: Option<Turn>) {
        let turns: Vec<Turn> = turn.into_iter().chain([std::mem::take(&mut self.next)]).collect();
        // A state that nothing happened to needs only to be read on.
        if turns.iter().any(Turn::has_events) {
            self.stream.reset();
        }
        self.outdated = true;
        self.held = None;
        for mut turn in turns.into_iter().rev() {
            let (letters, questions) = turn.take_back();
            for letter in letters.into_iter().rev() {
                self.waiting.push_front(letter);
            }
            self.questions.extend(questions);
        }
    }

    /// Refuses what a turn was to answer; what was decided on top of it waits again.
    fn refuse_turn(&mut self, mut turn: Turn, error: &DeskError) {
        let (letters, questions) = turn.take_back();
        self.step_back(Some(turn));
        self.questions.extend(questions);
        self.refuse(letters, error);
    }

    /// Refuses letters, and the questions that wait.
    fn refuse(&mut self, letters: Vec<Letter>, error: &DeskError) {
        metrics::not_recorded(error, letters.len());
        refuse(letters, || error.clone());
        for question in self.questions.drain(..) {
            question.refuse(error.clone());
        }
    }

    fn tell(&self, facts: Option<ShowFacts>) {
        self.facts.send_if_modified(|told| {
            let changed = facts.is_some() && *told != facts;
            if changed {
                *told = facts;
            }
            changed
        });
    }
}

/// Whether it may have been sent before: with an idempotency key, or as a scan.
fn may_be_a_repeat(submission: &Submission) -> bool {
    submission.request_hmac.is_some() || matches!(submission.command, ShowCommand::CheckIn(_))
}

fn refuse(letters: impl IntoIterator<Item = Letter>, error: impl Fn() -> DeskError) {
    for letter in letters {
        drop(letter.reply.send(Err(error())));
    }
}
