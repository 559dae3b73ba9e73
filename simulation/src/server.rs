//! The model of the server that holds the log: `log.append` as `migrations/` has it, and the processes that run it.
//!
//! What it keeps: calls wait for one lock in the order in which they came; under it versions are compared, positions follow each
//! other and times never go back; a commit is there for all, and only then answered. A backend works on when its
//! client is gone, also one that still waits for the lock. Told to end, it ends unless it is committing; when the server crashes
//! in the middle of a commit, that is there afterwards or not.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use chrono::{DateTime, Utc};
use event_store::{
    Clock,
    database::{CallError, Outcome},
};
use tokio::{
    sync::{oneshot, watch},
    time::Instant,
};

use crate::{
    chance::Chance,
    clock::JumpingClock,
    lock,
    stored::{Fate, Item, State},
    storm::Weather,
    turns::Queues,
};

/// A defect planted in the model, to see that it is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bug {
    /// A crash takes the last commit with it, though it was answered.
    LosesACommit,
    /// Now and then a batch is written twice.
    WritesTwice,
    /// Versions are not compared.
    IgnoresVersions,
    /// Nor are they where nothing is to be written: rejections are not confirmed.
    ConfirmsAnything,
    /// Now and then a position is left out.
    LeavesAHole,
    /// A crash in the middle of a commit leaves a part of it.
    WritesAPart,
    /// The time of an event is the clock's, also when that was set back.
    TurnsBackTime,
    /// A new session does not wait until the backend before it is gone.
    LeavesBackends,
    /// The checkpoint of the read models is not compared when it is set.
    SetsAnyCheckpoint,
}

pub type Answer = Result<Vec<Outcome>, CallError>;

#[derive(Debug)]
pub struct Server {
    pub chance: Chance,
    pub weather: Weather,
    pub clock: JumpingClock,
    pub state: Mutex<State>,
    bug: Option<Bug>,
    stormy: AtomicBool,
    log_lock: tokio::sync::Mutex<()>,
    pub queues: Queues,
}

impl Server {
    pub fn new(chance: Chance, weather: Weather, bug: Option<Bug>, since: Instant) -> Self {
        Self {
            chance,
            weather,
            clock: JumpingClock::new(since),
            state: Mutex::new(State::new(since)),
            bug,
            stormy: AtomicBool::new(false),
            log_lock: tokio::sync::Mutex::new(()),
            queues: Queues::default(),
        }
    }

    pub fn set_stormy(&self, stormy: bool) {
        self.stormy.store(stormy, Ordering::Relaxed);
    }

    /// Whether a fault of this frequency strikes now.
    pub fn strikes(&self, permille: u32) -> bool {
        self.stormy.load(Ordering::Relaxed) && self.chance.permille(permille)
    }

    pub fn has(&self, bug: Bug) -> bool {
        self.bug == Some(bug)
    }

    pub fn trace(&self, word: &'static str, what: &str) {
        lock(&self.state).trace.note(word, what);
    }

    /// The last position.
    pub fn head(&self) -> i64 {
        lock(&self.state).head()
    }

    /// A new process; nothing while the server is down.
    pub fn fork(&self) -> Option<(i32, DateTime<Utc>)> {
        let started = self.clock.now();
        let pid = lock(&self.state).fork(started)?;
        Some((pid, started))
    }

    /// Down at once, with everybody in it; up again after a while, when all are gone.
    pub async fn restart(&self) {
        {
            let mut state = lock(&self.state);
            state.trace.note("restart", "");
            state.up = false;
            state.processes.retain(|_, process| {
                process.fate.send_replace(Fate::Crash);
                process.busy
            });
            if self.has(Bug::LosesACommit) {
                let kept = state.events.len() - state.last_commit;
                state.truncate(kept);
            }
        }
        tokio::time::sleep(self.chance.millis(10, 4_000)).await;
        while !lock(&self.state).processes.is_empty() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        lock(&self.state).up = true;
    }

    /// A call of `log.append` in a process; nobody may be waiting for the answer any more.
    pub async fn serve(self: Arc<Self>, pid: i32, batch: Vec<Item>, reply: oneshot::Sender<Answer>) {
        let fate = lock(&self.state).processes.get(&pid).map(|process| process.fate.subscribe());
        let answer = match fate {
            Some(fate) => self.transaction(&batch, fate).await,
            None => None,
        };
        lock(&self.state).rest(pid);
        if let Some(answer) = answer {
            // Lost when the connection is.
            let _ = reply.send(answer);
        }
    }

    /// Nothing when the process ended before it could answer.
    async fn transaction(&self, batch: &[Item], mut fate: watch::Receiver<Fate>) -> Option<Answer> {
        let _locked = tokio::select! {
            biased;
            _ = fate.wait_for(|fate| *fate != Fate::Serve) => return None,
            locked = self.log_lock.lock() => locked,
        };
        tokio::select! {
            biased;
            _ = fate.wait_for(|fate| *fate != Fate::Serve) => return None,
            () = tokio::time::sleep(self.chance.millis(0, 3)) => {}
        }
        if self.strikes(self.weather.later) {
            self.trace("later", "");
            return Some(Err(CallError::Later(broken("the server has no room"))));
        }
        let flush = if self.strikes(self.weather.slow_flush) {
            self.trace("slow_flush", "");
            self.chance.millis(1_000, 20_000)
        } else {
            self.chance.millis(0, 5)
        };
        tokio::select! {
            biased;
            _ = fate.wait_for(|fate| *fate == Fate::Crash) => {
                let there = self.chance.permille(500);
                self.trace("crash_in_commit", if there { "it is there" } else { "it is not there" });
                if there {
                    self.commit(batch, self.has(Bug::WritesAPart));
                }
                return None;
            }
            () = tokio::time::sleep(flush) => {}
        }
        let outcomes = self.commit(batch, false);
        (*fate.borrow() == Fate::Serve).then_some(Ok(outcomes))
    }

    /// Under the lock: compares, writes, and says what became of each item.
    fn commit(&self, batch: &[Item], in_part: bool) -> Vec<Outcome> {
        let mut state = lock(&self.state);
        let mut at = self.clock.now();
        if let Some(last) = state.events.last().filter(|_| !self.has(Bug::TurnsBackTime)) {
            at = at.max(last.recorded_at);
        }
        if self.has(Bug::WritesTwice) && self.chance.permille(30) {
            state.write_all(batch, at, |_, _| true, false);
        }
        let before = state.events.len();
        let compare = |item: &Item, version: i64| {
            let ignored = match self.bug {
                Some(Bug::IgnoresVersions) => true,
                Some(Bug::ConfirmsAnything) => item.append.events.is_empty(),
                _ => false,
            };
            ignored || item.append.expected_version == version
        };
        let outcomes = state.write_all(batch, at, compare, in_part);
        if self.has(Bug::LeavesAHole)
            && self.chance.permille(20)
            && let Some(last) = state.events.last_mut()
        {
            last.position += 1;
        }
        state.last_commit = state.events.len() - before;
        outcomes
    }
}

/// What a driver says of a connection that is gone.
pub fn broken(why: &'static str) -> sqlx::Error {
    sqlx::Error::Io(std::io::Error::new(std::io::ErrorKind::ConnectionReset, why))
}
