//! A show that is kept in memory: a copy of its rows, brought up to date when somebody asks and it has news, and the answers
//! that were made of it. However many ask at once, one refreshes and one renders; the others wait for it.
//!
//! What is answered is never staler than what was asked for and than the checkpoint as this node knows it ([`super::Follower`]).

use std::{
    sync::{
        Arc, Mutex, PoisonError, RwLock,
        atomic::{AtomicI64, AtomicUsize, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use chrono::{DateTime, Utc};
use tokio::{sync::OwnedMutexGuard, time::Instant};
use uuid::Uuid;

use super::{
    copy::{Head, ShowCopy},
    follower::{Follower, GONE, Mark},
    kept::{Kept, Span},
};
use crate::{
    queries::{Audience, Mine, Queries, QueryError},
    views::ChangesView,
};

/// A copy is read anew after this long, whatever it says: the tables may have been repaired or switched without an event.
const COPY_AGE_MAX: Duration = Duration::from_secs(60);

/// The same where the show's read models stopped at an event: the repair is no event either.
const STOPPED_AGE_MAX: Duration = Duration::from_secs(1);

/// A copy of more seats is rendered on a thread where others do not wait.
const SEATS_FEW: usize = 2_000;

/// Answers to what listeners missed, of one state: after a restart most of them come back with the same position.
const MISSED_MAX: usize = 16;

/// What they take: two of a hall of 50,000 seats.
const MISSED_BYTES_MAX: usize = 4 * 1_024 * 1_024;

/// A seat of a copy: its address within the key, its state, two ids and a position, and its share of the tree.
const SEAT_BYTES: usize = 120;

/// A show that is kept in memory.
#[derive(Debug)]
pub struct HotShow {
    queries: Queries,
    follower: Follower,
    organization: Uuid,
    show: Uuid,
    mark: Arc<Mark>,
    copy: Arc<tokio::sync::Mutex<ShowCopy>>,
    state: RwLock<Arc<State>>,
    seating: tokio::sync::Mutex<()>,
    /// When it was last asked for, in seconds of the cache's life.
    pub(super) asked_at: AtomicI64,
    bytes: AtomicUsize,
}

/// A show as of a position, and what was answered of it.
#[derive(Debug)]
pub(super) struct State {
    position: i64,
    /// Of the whole copy, not of what was added to it since.
    read_at: Instant,
    pub(super) head: Arc<Head>,
    left: [Slot; 2],
    seats: [Slot; 2],
    seating: [Slot; 2],
    missed: Mutex<Vec<(Option<i64>, Audience, Missed)>>,
}

/// An answer that is there once somebody has asked for it.
#[derive(Debug, Default)]
struct Slot(RwLock<Option<Arc<Kept>>>);

/// A show in the state that a question is answered from.
#[derive(Debug, Clone)]
pub struct HotState {
    show: Arc<HotShow>,
    state: Arc<State>,
    position: i64,
}

/// What changed behind a position.
#[derive(Debug, Clone)]
pub struct Missed {
    /// How far it goes.
    pub position: i64,
    /// Whether nothing did.
    pub is_empty: bool,
    /// A [`ChangesView`].
    pub json: Bytes,
    /// The same bytes as a server-sent event (WHATWG HTML, section 9.2), with the position as its id.
    pub event: Bytes,
    during: Span,
}

impl Slot {
    fn get(&self) -> Option<Arc<Kept>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn holding(&self, now: DateTime<Utc>) -> Option<Arc<Kept>> {
        self.get().filter(|kept| kept.during.has(now))
    }

    fn put(&self, kept: Arc<Kept>) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Some(kept);
    }
}

impl Clone for Slot {
    fn clone(&self) -> Self {
        Self(RwLock::new(self.get()))
    }
}

fn index(audience: Audience) -> usize {
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

    fn age_max(&self) -> Duration {
        if self.head.stopped.is_some() { STOPPED_AGE_MAX } else { COPY_AGE_MAX }
    }

    fn bytes(&self) -> usize {
        let slots = self.left.iter().chain(&self.seats).chain(&self.seating);
        slots.filter_map(Slot::get).map(|kept| kept.bytes()).sum()
    }
}

impl HotShow {
    pub(super) fn new(queries: Queries, follower: Follower, organization: Uuid, show: Uuid) -> Self {
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

    /// The show as of a position or later, and of the checkpoint as it is known here.
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
        Ok(HotState { show: Arc::clone(self), state, position: reached })
    }

    fn state(&self) -> Arc<State> {
        Arc::clone(&self.state.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn state_of(&self, needed: i64) -> Option<Arc<State>> {
        let state = self.state();
        (state.position >= needed && state.position >= 0 && state.read_at.elapsed() < state.age_max()).then_some(state)
    }

    async fn refreshed(&self, needed: i64) -> Result<Arc<State>, QueryError> {
        let mut copy = self.copy.lock().await;
        // Whoever had the lock before may have done it.
        if let Some(state) = self.state_of(needed) {
            return Ok(state);
        }
        let before = self.state();
        let goes_on = copy.position >= 0 && before.read_at.elapsed() < before.age_max();
        let (after, read_at) = if goes_on { (copy.position, before.read_at) } else { (-1, Instant::now()) };
        let news = self.queries.show_news(self.organization, self.show, after).await?;
        if !goes_on {
            *copy = ShowCopy::empty();
        }
        match news.body {
            Some(body) => copy.apply(news.position, body),
            // It is not there (any more).
            None => *copy = ShowCopy::of_nothing(news.position),
        }
        let state = Arc::new(before.followed_by(&copy, read_at));
        self.keep(&copy, &state);
        Ok(state)
    }

    fn keep(&self, copy: &ShowCopy, state: &Arc<State>) {
        self.bytes.store(copy.seats() * SEAT_BYTES + state.bytes(), Ordering::Relaxed);
        *self.state.write().unwrap_or_else(PoisonError::into_inner) = Arc::clone(state);
    }
}

impl HotState {
    /// The show.
    #[must_use]
    pub fn show(&self) -> &Arc<HotShow> {
        &self.show
    }

    /// Up to where everything is in it.
    #[must_use]
    pub fn position(&self) -> i64 {
        self.position
    }

    /// Whether it is published or was.
    #[must_use]
    pub fn is_public(&self) -> bool {
        self.state.head.is_public
    }

    /// The event at which the show's read models stopped; they go on after a repair only.
    #[must_use]
    pub fn stopped(&self) -> Option<i64> {
        self.state.head.stopped
    }

    pub(super) fn is_named(&self, name: &str) -> bool {
        let is_there = !self.state.head.slug.is_empty();
        is_there && (self.state.head.slug == name || name.parse() == Ok(self.show.show))
    }

    pub(crate) fn head(&self) -> &Head {
        &self.state.head
    }

    /// How much is left, as JSON of an [`AvailabilityView`](crate::views::AvailabilityView). None: nothing to sell is known.
    ///
    /// # Errors
    /// See [`QueryError`].
    pub fn availability(&self, now: DateTime<Utc>, audience: Audience) -> Result<Option<Arc<Kept>>, QueryError> {
        let slot = &self.state.left[index(audience)];
        if let Some(kept) = slot.holding(now) {
            return Ok(Some(kept));
        }
        let Some(left) = &self.state.head.left else { return Ok(None) };
        // Under the slot's lock: who comes meanwhile waits. A show has a handful of ticket types and sections.
        let mut kept = slot.0.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(kept) = kept.as_ref().filter(|kept| kept.during.has(now)) {
            return Ok(Some(Arc::clone(kept)));
        }
        let json = written("availability", &left.view(now, audience))?;
        let fresh = Arc::new(Kept::new(json, audience).during(Span::around(now, Some(left))));
        *kept = Some(Arc::clone(&fresh));
        Ok(Some(fresh))
    }

    /// Every seat that is not free, as JSON of a [`SeatsView`](crate::views::SeatsView), and the position of it.
    ///
    /// # Errors
    /// See [`QueryError`].
    pub async fn seats(&self, audience: Audience) -> Result<(i64, Arc<Kept>), QueryError> {
        if let Some(kept) = self.state.seats[index(audience)].get() {
            return Ok((self.position, kept));
        }
        let copy = Arc::clone(&self.show.copy).lock_owned().await;
        // The copy may be ahead of this state, and others may have rendered it.
        let state = self.show.state();
        let position = copy.position.max(self.position);
        if let Some(kept) = state.seats[index(audience)].get() {
            return Ok((position, kept));
        }
        let show = Arc::clone(&self.show);
        let kept = rendered(copy, move |copy| {
            let kept = Arc::new(Kept::new(copy.seats_json(None, audience)?, audience));
            state.seats[index(audience)].put(Arc::clone(&kept));
            show.bytes.store(copy.seats() * SEAT_BYTES + state.bytes(), Ordering::Relaxed);
            Ok(kept)
        });
        Ok((position, kept.await?))
    }

    /// The same with those that are somebody's own, which nobody else is told.
    ///
    /// # Errors
    /// See [`QueryError`].
    pub async fn seats_of(&self, mine: Mine, audience: Audience) -> Result<(i64, Bytes), QueryError> {
        let copy = Arc::clone(&self.show.copy).lock_owned().await;
        let position = copy.position.max(self.position);
        let json = rendered(copy, move |copy| copy.seats_json(Some(mine), audience)).await?;
        Ok((position, json.into()))
    }

    /// The places as adopted, as JSON of a [`SeatingView`](crate::views::SeatingView).
    ///
    /// # Errors
    /// See [`QueryError`].
    pub async fn seating(&self, audience: Audience) -> Result<Arc<Kept>, QueryError> {
        let slot = &self.state.seating[index(audience)];
        if let Some(kept) = slot.get() {
            return Ok(kept);
        }
        let _one = self.show.seating.lock().await;
        if let Some(kept) = slot.get() {
            return Ok(kept);
        }
        let other = match audience {
            Audience::Public => Audience::Staff,
            Audience::Staff => Audience::Public,
        };
        if let Some(kept) = self.state.seating[index(other)].get() {
            let kept = Arc::new(kept.told_to(audience));
            slot.put(Arc::clone(&kept));
            return Ok(kept);
        }
        let found = self.show.queries.seating_text(self.show.organization, self.show.show).await?;
        let (position, json) = match found {
            Some((position, json)) => (Some(position), json.into_bytes()),
            None => (None, br#"{"sections":[]}"#.to_vec()),
        };
        let compress = move || Arc::new(Kept::new(json, audience));
        let kept = tokio::task::spawn_blocking(compress).await.map_err(ended)?;
        // Adopted since: right for whoever asked, and not kept for those of this state.
        if position == self.state.head.seating {
            slot.put(Arc::clone(&kept));
        }
        Ok(kept)
    }

    /// What changed behind a position, as JSON of a [`ChangesView`]; behind none: all there is, to begin anew from.
    ///
    /// # Errors
    /// See [`QueryError`].
    pub async fn changes(
        &self,
        after: Option<i64>,
        now: DateTime<Utc>,
        audience: Audience,
    ) -> Result<Missed, QueryError> {
        if after.is_some_and(|after| after >= self.state.head.changed_at(audience)) {
            let position = self.position.max(after.unwrap_or(0));
            return missed(&ChangesView { position, ..ChangesView::default() }, Span::default());
        }
        if let Some(known) = self.known_missed(&self.state, after, now, audience) {
            return Ok(known);
        }
        let copy = Arc::clone(&self.show.copy).lock_owned().await;
        let state = self.show.state();
        if let Some(known) = self.known_missed(&state, after, now, audience) {
            return Ok(known);
        }
        rendered(copy, move |copy| {
            let during = Span::around(now, copy.head.left.as_ref());
            let found = missed(&copy.changes(after, copy.position, now, audience), during)?;
            let mut kept = state.missed.lock().unwrap_or_else(PoisonError::into_inner);
            kept.push((after, audience, found.clone()));
            while kept.len() > MISSED_MAX
                || kept.iter().map(|known| known.2.event.len()).sum::<usize>() > MISSED_BYTES_MAX
            {
                kept.remove(0);
            }
            Ok(found)
        })
        .await
    }

    fn known_missed(
        &self,
        state: &State,
        after: Option<i64>,
        now: DateTime<Utc>,
        audience: Audience,
    ) -> Option<Missed> {
        let missed = state.missed.lock().unwrap_or_else(PoisonError::into_inner);
        let asked = |known: &&(Option<i64>, Audience, Missed)| known.0 == after && known.1 == audience;
        missed.iter().find(asked).filter(|(.., known)| known.during.has(now)).map(|k| k.2.clone())
    }
}

impl Missed {
    /// As it is told.
    pub(crate) fn of(view: &ChangesView) -> Result<Self, QueryError> {
        missed(view, Span::default())
    }
}

fn missed(view: &ChangesView, during: Span) -> Result<Missed, QueryError> {
    let mut event = format!("id: {}\ndata: ", view.position).into_bytes();
    let begins_at = event.len();
    // JSON has no line breaks in it.
    serde_json::to_writer(&mut event, view).map_err(|source| QueryError::Corrupt { table: "changes", source })?;
    let ends_at = event.len();
    event.extend_from_slice(b"\n\n");
    let event = Bytes::from(event);
    let json = event.slice(begins_at..ends_at);
    Ok(Missed { position: view.position, is_empty: view.is_empty(), json, event, during })
}

fn written(what: &'static str, view: &impl serde::Serialize) -> Result<Vec<u8>, QueryError> {
    serde_json::to_vec(view).map_err(|source| QueryError::Corrupt { table: what, source })
}

/// Renders under the lock of the copy, so that one does; where it takes long, on a thread where nothing else waits.
async fn rendered<T: Send + 'static>(
    copy: OwnedMutexGuard<ShowCopy>,
    render: impl FnOnce(&ShowCopy) -> Result<T, QueryError> + Send + 'static,
) -> Result<T, QueryError> {
    if copy.seats() <= SEATS_FEW {
        return render(&copy);
    }
    tokio::task::spawn_blocking(move || render(&copy)).await.map_err(ended)?
}

/// A thread that ended in the middle.
fn ended(error: tokio::task::JoinError) -> QueryError {
    QueryError::Database(sqlx::Error::Io(std::io::Error::other(error)))
}
