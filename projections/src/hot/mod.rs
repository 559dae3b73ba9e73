//! Shows that many look at, answered from memory.
//!
//! What always holds: an answer from here is what the tables said at its position, and its position is not before the
//! checkpoint as this node knows it, nor before what was asked for. A copy is of one show of one organization, filled under
//! row-level security in its scope; what the public is told and what staff are, are apart. There are only so many copies:
//! who was not asked for longest goes first.
//!
//! [`Follower`] finds out which shows have news, `copy` applies them, `show` has that done once however many ask, `answers` renders
//! once, `kept` is an answer as it goes out.

mod answers;
mod copy;
mod follower;
mod kept;
mod show;

use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock, Weak, atomic::Ordering},
    time::Duration,
};

use tokio::{sync::Notify, time::Instant};
use uuid::Uuid;

pub use answers::{HotState, Missed};
pub use follower::Follower;
pub use kept::{Coding, Form, Kept};
pub use show::HotShow;

use crate::queries::{Queries, QueryError, ShowFound};

/// Shows at once.
const SHOWS_MAX: usize = 1_000;

/// What they take in memory, about.
const BYTES_MAX: usize = 256 * 1_024 * 1_024;

/// Names by which shows were found: an id may be written in many ways.
const NAMES_MAX: usize = 4 * SHOWS_MAX;

/// A show that nobody asks for is forgotten after this long.
const IDLE_MAX: Duration = Duration::from_secs(300);

/// How often that is looked at.
const SWEEP_EVERY: Duration = Duration::from_secs(30);

/// Shows that are kept in memory. Cheap to clone.
#[derive(Debug, Clone)]
pub struct HotShows(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    queries: Queries,
    follower: Follower,
    begun_at: Instant,
    shows: RwLock<Shows>,
    /// Told when one has become large.
    grown: Arc<Notify>,
}

#[derive(Debug, Default)]
struct Shows {
    by_id: HashMap<(Uuid, Uuid), Arc<HotShow>>,
    by_name: HashMap<Box<str>, Arc<HotShow>>,
}

impl HotShows {
    /// Keeps what these queries answer. `follower` is the one whose checkpoint they wait by. Only in a runtime.
    #[must_use]
    pub fn new(queries: Queries, follower: Follower) -> Self {
        let grown = Arc::new(Notify::new());
        let begun_at = Instant::now();
        let inner =
            Arc::new(Inner { queries, follower, begun_at, shows: RwLock::default(), grown: Arc::clone(&grown) });
        tokio::spawn(sweep(Arc::downgrade(&inner), grown));
        Self(inner)
    }

    /// The show of this id or slug, as of a position or later.
    ///
    /// # Errors
    /// See [`QueryError`].
    pub async fn find(&self, name: &str, position: i64) -> Result<Option<HotState>, QueryError> {
        if let Some(show) = self.named(name) {
            let state = show.at(position).await?;
            if state.is_named(name) {
                return Ok(Some(state));
            }
            // It has another slug now, perhaps.
            self.write(|shows| shows.by_name.remove(name));
        }
        let Some(ShowFound { id, organization, .. }) = self.0.queries.find_show(name).await? else { return Ok(None) };
        let show = self.keep(organization, id);
        let state = show.at(position).await?;
        if !state.is_named(name) {
            return Ok(None);
        }
        self.write(|shows| {
            if shows.by_name.len() >= NAMES_MAX {
                shows.by_name.clear();
            }
            shows.by_name.insert(name.into(), show);
        });
        Ok(Some(state))
    }

    /// A show, from now on kept.
    pub(crate) fn keep(&self, organization: Uuid, show: Uuid) -> Arc<HotShow> {
        let key = (organization, show);
        let known = self.0.shows.read().unwrap_or_else(PoisonError::into_inner).by_id.get(&key).cloned();
        let show = known.filter(|show| !show.is_gone()).unwrap_or_else(|| {
            let (queries, follower) = (self.0.queries.clone(), self.0.follower.clone());
            let fresh = HotShow::new(queries, follower, organization, show, Arc::clone(&self.0.grown));
            fresh.asked_at.store(self.0.now(), Ordering::Relaxed);
            self.write(|shows| {
                shows.make_room();
                match shows.by_id.get(&key) {
                    Some(known) if !known.is_gone() => Arc::clone(known),
                    _ => {
                        let fresh = Arc::new(fresh);
                        shows.by_id.insert(key, Arc::clone(&fresh));
                        fresh
                    }
                }
            })
        });
        show.asked_at.store(self.0.now(), Ordering::Relaxed);
        show
    }

    /// How many shows are kept.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.shows.read().unwrap_or_else(PoisonError::into_inner).by_id.len()
    }

    /// Whether none is.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether nothing will be news any more.
    pub(crate) fn is_over(&self) -> bool {
        self.0.follower.is_over()
    }

    fn named(&self, name: &str) -> Option<Arc<HotShow>> {
        let known = self.0.shows.read().unwrap_or_else(PoisonError::into_inner).by_name.get(name).cloned();
        let show = known.filter(|show| !show.is_gone())?;
        show.asked_at.store(self.0.now(), Ordering::Relaxed);
        Some(show)
    }

    fn write<T>(&self, change: impl FnOnce(&mut Shows) -> T) -> T {
        change(&mut self.0.shows.write().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Inner {
    /// Seconds since the beginning.
    fn now(&self) -> i64 {
        i64::try_from(self.begun_at.elapsed().as_secs()).unwrap_or(i64::MAX)
    }
}

impl Shows {
    /// Room for one more: those that were not asked for longest go.
    fn make_room(&mut self) {
        let bytes = |shows: &Self| shows.by_id.values().map(|show| show.bytes()).sum::<usize>();
        while self.by_id.len() >= SHOWS_MAX || (bytes(self) > BYTES_MAX && !self.by_id.is_empty()) {
            let oldest = self.by_id.iter().min_by_key(|(_, show)| show.asked_at.load(Ordering::Relaxed));
            let Some(key) = oldest.map(|(key, _)| *key) else { return };
            self.forget(|show| (show.organization(), show.id()) == key);
        }
    }

    fn forget(&mut self, goes: impl Fn(&HotShow) -> bool) {
        self.by_id.retain(|_, show| !goes(show));
        self.by_name.retain(|_, show| !goes(show));
    }
}

/// Forgets shows that nobody asks for, and those that are too much once one has grown, as long as anybody keeps some.
async fn sweep(inner: Weak<Inner>, grown: Arc<Notify>) {
    let idle = i64::try_from(IDLE_MAX.as_secs()).unwrap_or(i64::MAX);
    loop {
        // Whichever comes first.
        let _ = tokio::time::timeout(SWEEP_EVERY, grown.notified()).await;
        let Some(inner) = inner.upgrade() else { return };
        let now = inner.now();
        let mut shows = inner.shows.write().unwrap_or_else(PoisonError::into_inner);
        shows.forget(|show| show.is_gone() || now - show.asked_at.load(Ordering::Relaxed) > idle);
        shows.make_room();
    }
}
