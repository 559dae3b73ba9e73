//! A show that is kept in memory: a copy of its rows, brought up to date when somebody asks and it has news. However many ask at
//! once, one refreshes; the others wait for it. What is answered of it is in [`super::answers`].
//!
//! What is answered is never staler than what was asked for and than the checkpoint as this node knows it ([`super::Follower`]).

use std::{
    sync::{
        Arc, Mutex, PoisonError, RwLock,
        atomic::{AtomicI64, AtomicUsize, Ordering},
    },
    time::Duration,
};

use chrono::{DateTime, Utc};
use tokio::{
    sync::{Notify, OwnedMutexGuard},
    time::Instant,
};
use uuid::Uuid;

use super::{
    answers::{Asked, HotState, Missed},
    copy::{Head, ShowCopy},
    follower::{Follower, GONE, Mark},
    kept::Kept,
};
use crate::queries::{Audience, Queries, QueryError, SeatsSince};

/// A copy is read anew after this long, whatever it says: the tables may have been repaired or switched without an event.
const COPY_AGE_MAX: Duration = Duration::from_secs(60);

/// The same where the show's read models stopped at an event: the repair is no event either.
const STOPPED_AGE_MAX: Duration = Duration::from_secs(1);

/// A seat of a copy: its address within the key, its state, two ids and a position, and its share of the tree.
pub(super) const SEAT_BYTES: usize = 120;

/// A show that is kept in memory.
#[derive(Debug)]
pub struct HotShow {
    pub(super) queries: Queries,
    follower: Follower,
    pub(super) organization: Uuid,
    pub(super) show: Uuid,
    mark: Arc<Mark>,
    pub(super) copy: Arc<tokio::sync::Mutex<ShowCopy>>,
    state: RwLock<Arc<State>>,
    pub(super) seating: tokio::sync::Mutex<()>,
    /// When it was last asked for, in seconds of the cache's life.
    pub(super) asked_at: AtomicI64,
    pub(super) bytes: AtomicUsize,
    /// Told when it has become large.
    grown: Arc<Notify>,
}

/// A show as of a position, and what was answered of it.
#[derive(Debug)]
pub(super) struct State {
    position: i64,
    /// Of the whole copy, not of what was added to it since.
    read_at: Instant,
    pub(super) head: Arc<Head>,
    pub(super) left: [Slot; 2],
    pub(super) seats: [Slot; 2],
    pub(super) seating: [Slot; 2],
    pub(super) missed: Mutex<Vec<(Asked, Missed)>>,
}

/// An answer that is there once somebody has asked for it.
#[derive(Debug, Default)]
pub(super) struct Slot(pub(super) RwLock<Option<Arc<Kept>>>);

impl Slot {
    pub(super) fn get(&self) -> Option<Arc<Kept>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn holding(&self, now: DateTime<Utc>) -> Option<Arc<Kept>> {
        self.get().filter(|kept| kept.during.has(now))
    }

    pub(super) fn put(&self, kept: Arc<Kept>) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Some(kept);
    }
}

impl Clone for Slot {
    fn clone(&self) -> Self {
        Self(RwLock::new(self.get()))
    }
}

pub(super) fn index(audience: Audience) -> usize {
    match audience {
        Audience::Public => 0,
        Audience::Staff => 1,
    }
}

impl State {
    fn unread(read_at: Instant) -> Self {
        Self {
            position: -1,
            read_at,
            head: Arc::default(),
            left: <[Slot; 2]>::default(),
            seats: <[Slot; 2]>::default(),
            seating: <[Slot; 2]>::default(),
            missed: Mutex::default(),
        }
    }

    /// The next one: of what did not change, the answers go on.
    fn followed_by(&self, copy: &ShowCopy, read_at: Instant) -> Self {
        let (old, new) = (&self.head, &copy.head);
        let same_copy = self.position >= 0 && self.read_at == read_at;
        let same_plan = same_copy && old.seating == new.seating;
        let same_places = same_plan && old.seats_position == new.seats_position;
        // The public's are told anew when the setting changes.
        let left = [Audience::Public, Audience::Staff].map(|audience| {
            let stays = same_copy && old.left_changed_at(audience) == new.left_changed_at(audience);
            if stays { self.left[index(audience)].clone() } else { Slot::default() }
        });
        Self {
            position: copy.position,
            read_at,
            head: Arc::clone(new),
            left,
            seats: if same_places { self.seats.clone() } else { <[Slot; 2]>::default() },
            seating: if same_plan { self.seating.clone() } else { <[Slot; 2]>::default() },
            missed: Mutex::default(),
        }
    }

    /// Whether it may still be answered from, and gone on from, if nothing happened since.
    fn is_fresh(&self) -> bool {
        let age_max = if self.head.stopped.is_some() { STOPPED_AGE_MAX } else { COPY_AGE_MAX };
        self.position >= 0 && self.read_at.elapsed() < age_max
    }

    /// Up to where everything is in it.
    pub(super) fn reaches(&self) -> i64 {
        self.head.reach(self.position)
    }

    pub(super) fn bytes(&self) -> usize {
        let slots = self.left.iter().chain(&self.seats).chain(&self.seating);
        slots.filter_map(Slot::get).map(|kept| kept.bytes()).sum()
    }
}

impl HotShow {
    pub(super) fn new(
        queries: Queries,
        follower: Follower,
        organization: Uuid,
        show: Uuid,
        grown: Arc<Notify>,
    ) -> Self {
        Self {
            mark: follower.mark(organization, show),
            queries,
            follower,
            organization,
            show,
            copy: Arc::new(tokio::sync::Mutex::new(ShowCopy::empty())),
            state: RwLock::new(Arc::new(State::unread(Instant::now()))),
            seating: tokio::sync::Mutex::default(),
            asked_at: AtomicI64::new(0),
            bytes: AtomicUsize::new(0),
            grown,
        }
    }

    /// Its id.
    #[must_use]
    pub fn id(&self) -> Uuid {
        self.show
    }

    /// Whose it is.
    #[must_use]
    pub fn organization(&self) -> Uuid {
        self.organization
    }

    /// What it takes in memory, about.
    pub(super) fn bytes(&self) -> usize {
        self.bytes.load(Ordering::Relaxed)
    }

    /// Whether positions mean something else since it was read.
    pub(crate) fn is_gone(&self) -> bool {
        self.mark.touched() == GONE
    }

    pub(crate) fn mark(&self) -> &Mark {
        &self.mark
    }

    /// The show as of a position or later, and of the checkpoint as it is known here; where its read models stopped, as of then.
    ///
    /// # Errors
    /// See [`QueryError`].
    pub async fn at(self: &Arc<Self>, position: i64) -> Result<HotState, QueryError> {
        // In this order: whatever is marked up to what was seen is looked at afterwards.
        let seen = self.follower.seen();
        let touched = self.mark.touched();
        let needed = if position > seen { touched.max(position) } else { touched };
        let state = match self.state_of(needed) {
            Some(state) => state,
            None => self.refreshed(needed).await?,
        };
        let reached = if state.position >= touched { state.position.max(seen) } else { state.position };
        Ok(HotState { show: Arc::clone(self), state, seen: reached })
    }

    pub(super) fn state(&self) -> Arc<State> {
        Arc::clone(&self.state.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The copy with its seats, which are read when somebody asks for the first time, and when it has aged.
    pub(super) async fn copy_with_seats(&self) -> Result<OwnedMutexGuard<ShowCopy>, QueryError> {
        let mut copy = Arc::clone(&self.copy).lock_owned().await;
        if !(copy.has_seats() && self.state().is_fresh()) {
            self.refresh(&mut copy, true).await?;
            self.grown.notify_one();
        }
        Ok(copy)
    }

    /// Has its seats read where they are not yet: the states that follow are of a copy that can tell of them.
    pub(crate) async fn read_seats(&self) -> Result<(), QueryError> {
        self.copy_with_seats().await.map(drop)
    }

    fn state_of(&self, needed: i64) -> Option<Arc<State>> {
        let state = self.state();
        (state.position >= needed && state.is_fresh()).then_some(state)
    }

    async fn refreshed(&self, needed: i64) -> Result<Arc<State>, QueryError> {
        let mut copy = self.copy.lock().await;
        // Whoever had the lock before may have done it.
        if let Some(state) = self.state_of(needed) {
            return Ok(state);
        }
        self.refresh(&mut copy, false).await
    }

    /// Brings the copy up to date. One that has aged is read anew, without its seats where nobody asks for them now.
    async fn refresh(&self, copy: &mut ShowCopy, of_seats: bool) -> Result<Arc<State>, QueryError> {
        let before = self.state();
        let goes_on = before.is_fresh();
        let (after, read_at) = if goes_on { (copy.reaches(), before.read_at) } else { (-1, Instant::now()) };
        let seats = match (goes_on && copy.has_seats(), of_seats) {
            (true, _) => SeatsSince::Then,
            (false, true) => SeatsSince::Ever,
            (false, false) => SeatsSince::Untold,
        };
        let news = self.queries.show_news(self.organization, self.show, after, seats).await?;
        if !goes_on {
            *copy = ShowCopy::empty();
        }
        match news.body {
            Some(body) => copy.apply(news.position, body),
            // It is not there (any more).
            None => *copy = ShowCopy::of_nothing(news.position),
        }
        let state = Arc::new(before.followed_by(copy, read_at));
        self.keep(copy, &state);
        Ok(state)
    }

    fn keep(&self, copy: &ShowCopy, state: &Arc<State>) {
        self.bytes.store(copy.seats() * SEAT_BYTES + state.bytes(), Ordering::Relaxed);
        *self.state.write().unwrap_or_else(PoisonError::into_inner) = Arc::clone(state);
    }
}
