//! Which desks are open on this node. A show's first command opens its desk; one that nobody needs closes by itself.

use std::{
    collections::HashMap,
    ops::Range,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU32, AtomicU64, Ordering},
    },
    time::Duration,
};

use domain::ids::{HoldId, OrderId, ShowId, TicketId};
use tokio::{
    sync::{Semaphore, mpsc, oneshot, watch},
    time::Instant,
};
use uuid::Uuid;

use super::{
    DEADLINE, DeskError, DeskParts, Kept, Outcome, Resource, ShowFacts, Submission,
    mailbox::{AtWork, Letter, Mail, NotTaken, Slots, mailboxes},
    metrics::{self, Shed},
    question::Question,
    task::Desk,
};
use crate::ShowCommand;

/// How long it takes until somebody hears that they are turned away, at least and at most; on average as long as they are then
/// asked to wait. Spread evenly: those who came together and were told together would come together again.
const TURNED_AWAY_AFTER: Range<Duration> = Duration::from_millis(500)..Duration::from_millis(1_500);
/// The part of one that spreads its multiples most evenly: the golden ratio less one.
const GOLDEN: f64 = 0.618_033_988_749_894_9;
/// How many may be waiting to hear it; more hear it at once. Each keeps its connection and its request, some kilobytes.
const TURNED_AWAY_MAX: usize = 4_096;

/// The desks of this node. Cheap to clone.
#[derive(Clone)]
pub struct Desks {
    shared: Arc<Shared>,
}

struct Shared {
    parts: Arc<DeskParts>,
    open: Mutex<HashMap<ShowId, Handle>>,
    opened: AtomicU64,
    /// Held by every task: when all are gone, work is done.
    working: mpsc::Sender<()>,
    done: tokio::sync::Mutex<mpsc::Receiver<()>>,
    /// Places for those who are turned away, until they are told.
    turned_away: Semaphore,
    /// How many were.
    turns_away: AtomicU32,
}

/// How much there is to do on this node.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DeskLoad {
    /// Desks that are open.
    pub open: usize,
    /// Mail of the door that waits, at all of them.
    pub door: usize,
    /// Other mail that waits, at all of them.
    pub sales: usize,
    /// Mail that waits at the one where most does.
    pub deepest: usize,
}

#[derive(Clone)]
struct Handle {
    /// Tells this desk from its predecessors.
    number: u64,
    slots: Slots,
    facts: watch::Receiver<Option<ShowFacts>>,
}

impl Desks {
    /// No desk is open yet.
    pub fn new(parts: DeskParts) -> Self {
        metrics::register();
        let (working, done) = mpsc::channel(1);
        let shared = Shared {
            parts: Arc::new(parts),
            open: Mutex::new(HashMap::new()),
            opened: AtomicU64::new(0),
            working,
            done: tokio::sync::Mutex::new(done),
            turned_away: Semaphore::new(TURNED_AWAY_MAX),
            turns_away: AtomicU32::new(0),
        };
        Self { shared: Arc::new(shared) }
    }

    /// What is known of a show; none if there is no such show.
    pub async fn find(&self, show: ShowId) -> Result<Option<ShowFacts>, DeskError> {
        if let Some(facts) = self.handle(show).and_then(|handle| handle.facts.borrow().clone()) {
            return Ok(Some(facts));
        }
        self.find_current(show).await
    }

    /// The same after everything was read that any node has recorded of it.
    pub async fn find_current(&self, show: ShowId) -> Result<Option<ShowFacts>, DeskError> {
        if self.handle(show).is_none() && !self.is_recorded(show).await? {
            return Ok(None);
        }
        let (reply, answer) = oneshot::channel();
        self.send(show, Mail::Question(Question::Open(reply)))?;
        wait(answer).await?;
        Ok(self.handle(show).and_then(|handle| handle.facts.borrow().clone()))
    }

    /// Whether an organization's show has such a thing: what a path names is looked for before a body is judged.
    pub async fn exists(
        &self,
        show: ShowId,
        organization: Option<Uuid>,
        resource: Option<Resource>,
    ) -> Result<bool, DeskError> {
        let Some(facts) = self.find(show).await? else { return Ok(false) };
        if organization.is_some_and(|organization| organization != facts.organization) {
            return Ok(false);
        }
        let Some(resource) = resource else { return Ok(true) };
        let (reply, answer) = oneshot::channel();
        self.send(show, Mail::Question(Question::Exists(resource, reply)))?;
        wait(answer).await
    }

    /// The order of a ticket; none if the show has no such ticket.
    pub async fn order_of(&self, show: ShowId, ticket: TicketId) -> Result<Option<OrderId>, DeskError> {
        if self.find(show).await?.is_none() {
            return Ok(None);
        }
        let (reply, answer) = oneshot::channel();
        self.send(show, Mail::Question(Question::OrderOf(ticket, reply)))?;
        wait(answer).await
    }

    /// Those of a show's holds that keep places nobody has paid: open ones, and those whose order awaits payment. As far
    /// as this node has read; none if there is no such show.
    pub async fn kept(&self, show: ShowId, holds: Vec<HoldId>) -> Result<Vec<Kept>, DeskError> {
        if self.find(show).await?.is_none() {
            return Ok(Vec::new());
        }
        let (reply, answer) = oneshot::channel();
        self.send(show, Mail::Question(Question::Kept(holds, reply)))?;
        wait(answer).await
    }

    /// Decides a command and answers when it is recorded.
    pub async fn submit(&self, show: ShowId, submission: Submission) -> Result<Outcome, DeskError> {
        let creates = matches!(submission.command, ShowCommand::ScheduleShow(_));
        if !creates && self.handle(show).is_none() && !self.is_recorded(show).await? {
            return Err(DeskError::Rejected(crate::Rejection::NotFound));
        }
        let deadline = Instant::now() + DEADLINE;
        let _at_work = match submission.command.is_of_the_door() {
            true => None,
            false => Some(self.take_up(show, deadline).await?),
        };
        let (reply, answer) = oneshot::channel();
        self.send(show, Mail::Command(Box::new(Letter { submission, deadline, reply })))?;
        wait_until(deadline, answer).await
    }

    /// Takes a command up that is not the door's, when its turn to be worked at has come; or turns it away.
    async fn take_up(&self, show: ShowId, deadline: Instant) -> Result<AtWork, DeskError> {
        let Some(in_hand) = self.handle_or_open(show).slots.take_in_hand() else {
            metrics::shed(Shed::Mailbox, 1);
            return Err(self.turn_away().await);
        };
        tokio::time::timeout_at(deadline, in_hand.at_work()).await.map_err(|_| {
            metrics::shed(Shed::Deadline, 1);
            DeskError::Unavailable
        })
    }

    /// Says that there is too much to do, and not at once: clients that ask again at once would keep the processors from those who
    /// were taken, and from the door, by being turned away. (The door itself hears it at once: somebody stands before it.)
    async fn turn_away(&self) -> DeskError {
        if let Ok(_place) = self.shared.turned_away.try_acquire() {
            let before = self.shared.turns_away.fetch_add(1, Ordering::Relaxed);
            tokio::time::sleep(told_after(before)).await;
        }
        DeskError::Overloaded
    }

    /// Whether a command of this id has had an effect on a show.
    pub async fn has_recorded(&self, show: ShowId, command: Uuid) -> Result<bool, DeskError> {
        if self.find(show).await?.is_none() {
            return Ok(false);
        }
        let (reply, answer) = oneshot::channel();
        self.send(show, Mail::Question(Question::HasRecorded(command, reply)))?;
        wait(answer).await
    }

    /// Ends what is due at a show.
    pub fn wake(&self, show: ShowId) -> Result<(), DeskError> {
        self.send(show, Mail::Wake)
    }

    /// How much there is to do now.
    pub fn load(&self) -> DeskLoad {
        self.open().values().fold(DeskLoad::default(), |load, handle| {
            let (door, sales) = handle.slots.waiting();
            DeskLoad {
                open: load.open + 1,
                door: load.door + door,
                sales: load.sales + sales,
                deepest: load.deepest.max(door + sales),
            }
        })
    }

    /// Finishes what was accepted and closes every desk. Nothing may be submitted afterwards.
    pub async fn stop(&self) {
        self.open().clear();
        let shared = &self.shared;
        let mut done = shared.done.lock().await;
        // The registry's own sender stays: a desk's going is seen when only that one is left.
        while shared.working.strong_count() > 1 {
            tokio::select! {
                _ = done.recv() => {}
                () = tokio::time::sleep(Duration::from_millis(5)) => {}
            }
        }
    }

    async fn is_recorded(&self, show: ShowId) -> Result<bool, DeskError> {
        let organization = self.shared.parts.log.stream_organization(show.0).await.map_err(|error| {
            tracing::warn!(%error, "a show cannot be looked up now");
            DeskError::Unavailable
        })?;
        Ok(organization.is_some())
    }

    fn handle(&self, show: ShowId) -> Option<Handle> {
        self.open().get(&show).cloned()
    }

    fn send(&self, show: ShowId, mail: Mail) -> Result<(), DeskError> {
        let mut mail = mail;
        // A desk may close between finding and dropping in; its successor does not close at once.
        for _ in 0..3 {
            let handle = self.handle_or_open(show);
            match handle.slots.drop_in(mail) {
                Ok(()) => return Ok(()),
                Err(NotTaken::Full) => {
                    metrics::shed(Shed::Mailbox, 1);
                    return Err(DeskError::Overloaded);
                }
                Err(NotTaken::Gone(back)) => {
                    self.forget(show, handle.number);
                    mail = back;
                }
            }
        }
        Err(DeskError::Unavailable)
    }

    fn handle_or_open(&self, show: ShowId) -> Handle {
        let mut open = self.open();
        if let Some(handle) = open.get(&show) {
            return handle.clone();
        }
        let (slots, mail) = mailboxes();
        let (tell, facts) = watch::channel(None);
        let number = self.shared.opened.fetch_add(1, Ordering::Relaxed);
        let handle = Handle { number, slots, facts };
        open.insert(show, handle.clone());
        let desk = Desk::new(show, Arc::clone(&self.shared.parts), tell);
        let working = self.shared.working.clone();
        let shared = Arc::downgrade(&self.shared);
        // The task holds no slot of its own: when nobody can send any more, it ends.
        tokio::spawn(async move {
            desk.run(mail).await;
            if let Some(shared) = shared.upgrade() {
                Self { shared }.forget(show, number);
            }
            drop(working);
        });
        handle
    }

    fn forget(&self, show: ShowId, number: u64) {
        let mut open = self.open();
        if open.get(&show).is_some_and(|handle| handle.number == number) {
            open.remove(&show);
        }
    }

    fn open(&self) -> std::sync::MutexGuard<'_, HashMap<ShowId, Handle>> {
        self.shared.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How long it takes to tell somebody, so many of whom were turned away before.
fn told_after(before: u32) -> Duration {
    let Range { start, end } = TURNED_AWAY_AFTER;
    start + (end - start).mul_f64((f64::from(before) * GOLDEN).fract())
}

/// Waits for an answer as long as a command would.
async fn wait<T>(answer: oneshot::Receiver<Result<T, DeskError>>) -> Result<T, DeskError> {
    wait_until(Instant::now() + DEADLINE, answer).await
}

/// Waits for an answer, a little longer than until the desk says that it has none.
async fn wait_until<T>(deadline: Instant, answer: oneshot::Receiver<Result<T, DeskError>>) -> Result<T, DeskError> {
    match tokio::time::timeout_at(deadline + Duration::from_secs(1), answer).await {
        Ok(Ok(answer)) => answer,
        Ok(Err(_)) | Err(_) => Err(DeskError::Unavailable),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_turned_away_together_is_told_one_after_the_other() {
        let Range { start, end } = TURNED_AWAY_AFTER;
        let mut told: Vec<Duration> = (0..1_000).map(told_after).collect();
        told.sort();
        assert!(told.iter().all(|after| TURNED_AWAY_AFTER.contains(after)));
        let apart = told.windows(2).map(|two| two[1] - two[0]).max().unwrap();
        assert!(apart < (end - start) / 300, "{apart:?} between two of a thousand");
        assert!(told[10] - told[0] > (end - start) / 200, "hardly two at once");
        assert!(told_after(u32::MAX) >= start);
    }
}
