//! What changed, to whoever listens: one feed a show and node, however many listen and in whichever form.
//!
//! A feed is a task that lives as long as somebody listens. When its show has news (`hot` says so: nobody asks the tables for
//! that) it takes what changed since it last told from the show's copy in memory, writes it once for staff and once for the
//! public, and hands the same bytes to all: one message per listener and tick. Whoever comes back with a position gets what
//! they missed from the same copy. Each change is told once: who came between two ticks, and so knows a part of the next
//! message, is told the rest. Whoever reads slower than a bounded number of messages is told to begin anew (`reset`), with
//! bytes that all who are that slow share; they hold up nobody. That a sales window opens or closes is told too, at the
//! position of before: no event says it.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use bytes::Bytes;
use chrono::{DateTime, Utc};
use event_store::Clock;
use tokio::{
    sync::broadcast::{self, error::RecvError},
    time::Instant,
};
use uuid::Uuid;

use crate::{
    hot::{HotShow, HotShows, HotState, Missed},
    queries::{Audience, QueryError},
};

/// How often a feed that has nothing to tell looks at the clock, and whether anybody still listens.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Bounds of feeds. The defaults are for production; tests make them small.
#[derive(Debug, Clone, Copy)]
pub struct LiveOptions {
    /// The least time between two messages of a feed: a busy show has an event every few milliseconds, an eye needs none.
    pub tick: Duration,
    /// Messages that a slow listener may be behind before it has to begin anew, some seconds of a busy show.
    pub behind_max: usize,
}

impl Default for LiveOptions {
    fn default() -> Self {
        Self { tick: Duration::from_millis(100), behind_max: 64 }
    }
}

/// A change, as it is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LiveChange {
    /// What changed behind it is in it, but for what changed again since.
    after: i64,
    /// The event that the first of it changed by.
    first: i64,
    /// How far it goes.
    pub position: i64,
    /// A [`ChangesView`].
    pub json: Bytes,
    /// The same bytes as a server-sent event, with the position as its id.
    pub event: Bytes,
}

/// The feeds of this node. Cheap to clone.
#[derive(Clone)]
pub struct LiveFeeds {
    shows: HotShows,
    clock: Arc<dyn Clock>,
    options: LiveOptions,
    feeds: Arc<Mutex<HashMap<Uuid, Ends>>>,
}

/// Somebody who listens to a show; dropping it is how to stop.
#[derive(Debug)]
pub struct Listener {
    feeds: LiveFeeds,
    show: Arc<HotShow>,
    audience: Audience,
    heard: i64,
    feed: broadcast::Receiver<Arc<LiveChange>>,
    /// What came from the feed and is not told yet.
    taken: Option<Taken>,
}

/// What a feed has for a listener.
#[derive(Debug, Clone)]
enum Taken {
    Change(Arc<LiveChange>),
    /// More came between than it keeps.
    TooLate,
}

/// The two ends of a show's feed.
struct Ends {
    show: Arc<HotShow>,
    staff: broadcast::Sender<Arc<LiveChange>>,
    public: broadcast::Sender<Arc<LiveChange>>,
}

/// A feed's task.
struct Feed {
    feeds: LiveFeeds,
    show: Arc<HotShow>,
    /// Up to where it has told everything.
    told: i64,
    /// Where the last message went to, for the public and for staff: nothing is between there and `told`.
    said: [i64; 2],
    /// Up to where there was nothing to look for.
    seen: i64,
    /// Whether the show's read models stand still: that they go on is no news, so that somebody has to look.
    is_stopped: bool,
    /// When a sales window opens or closes next.
    turns_at: Option<DateTime<Utc>>,
}

impl LiveChange {
    fn new(after: i64, missed: &Missed) -> Self {
        let Missed { position, first, event, json, .. } = missed.clone();
        Self { after, first, position, json, event }
    }

    /// Whether whoever has heard everything up to a position has to hear all of it.
    fn is_all_news_behind(&self, heard: i64) -> bool {
        self.after <= heard && heard < self.first
    }

    /// Whether a sales window opened or closed, and that is all.
    fn is_of_no_event(&self) -> bool {
        self.first == i64::MAX
    }
}

impl LiveFeeds {
    /// Feeds of the shows that are kept.
    #[must_use]
    pub fn new(shows: HotShows, clock: Arc<dyn Clock>, options: LiveOptions) -> Self {
        Self { shows, clock, options, feeds: Arc::default() }
    }

    /// Listens to a show from a state on: what is heard is what changed behind it. Only in a runtime.
    #[must_use]
    pub fn listen(&self, state: &HotState, audience: Audience) -> Listener {
        let (show, heard) = (state.show(), state.position());
        let mut feeds = self.lock();
        if feeds.get(&show.id()).is_some_and(|ends| ends.show.is_gone()) {
            feeds.remove(&show.id());
        }
        let ends = feeds.entry(show.id()).or_insert_with(|| {
            // What the first listener knows is told to nobody.
            let feed = Feed {
                feeds: self.clone(),
                show: Arc::clone(show),
                told: heard,
                said: [heard; 2],
                seen: state.seen(),
                is_stopped: state.stopped().is_some(),
                turns_at: state.head().turns_at(self.clock.now()),
            };
            tokio::spawn(feed.run());
            Ends {
                show: Arc::clone(show),
                staff: broadcast::Sender::new(self.options.behind_max),
                public: broadcast::Sender::new(self.options.behind_max),
            }
        });
        let (show, feed) = match audience {
            Audience::Staff => (&ends.show, ends.staff.subscribe()),
            Audience::Public => (&ends.show, ends.public.subscribe()),
        };
        Listener { show: Arc::clone(show), feed, feeds: self.clone(), audience, heard, taken: None }
    }

    /// How many shows somebody listens to.
    #[must_use]
    pub fn open(&self) -> usize {
        self.lock().len()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Uuid, Ends>> {
        self.feeds.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for LiveFeeds {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LiveFeeds").field("open", &self.open()).finish_non_exhaustive()
    }
}

impl Listener {
    /// What was missed behind a position, from memory; without one, only where the listener stands. `reached` is a position that
    /// the checkpoint has reached, though perhaps not as far as it is known here. A position that is not reached was heard from a
    /// history that is no more, such as one before a restored backup: begin anew.
    ///
    /// # Errors
    /// See [`QueryError`].
    pub async fn resume(&mut self, heard: Option<i64>, reached: i64) -> Result<Arc<LiveChange>, QueryError> {
        let state = self.show.at(reached).await?;
        let after = match heard {
            Some(heard) if heard > state.position() => None,
            Some(heard) => Some(heard),
            None => Some(state.position()),
        };
        self.missed(&state, after).await
    }

    /// The next message: what changed behind the one before, all of it and nothing else. Whoever was too slow for the ones
    /// between is told to begin anew. None: the feed has ended, and with it the server or its database. Whoever stops waiting
    /// in the middle misses nothing.
    ///
    /// # Errors
    /// See [`QueryError`].
    pub async fn next(&mut self) -> Result<Option<Arc<LiveChange>>, QueryError> {
        loop {
            let taken = match &self.taken {
                Some(taken) => taken.clone(),
                None => match self.feed.recv().await {
                    Ok(change) => Taken::Change(change),
                    Err(RecvError::Lagged(_)) => {
                        // What is still in the buffer is in the answer, too.
                        self.feed = self.feed.resubscribe();
                        Taken::TooLate
                    }
                    Err(RecvError::Closed) => return Ok(None),
                },
            };
            self.taken = Some(taken.clone());
            let news = match taken {
                Taken::Change(change) => self.news_of(change).await?,
                Taken::TooLate => {
                    let state = self.show.at(0).await?;
                    Some(self.missed(&state, None).await?)
                }
            };
            self.taken = None;
            if news.is_some() {
                return Ok(news);
            }
        }
    }

    /// What of a message this listener has not heard: all of it, mostly.
    async fn news_of(&mut self, change: Arc<LiveChange>) -> Result<Option<Arc<LiveChange>>, QueryError> {
        if change.position < self.heard {
            if !change.is_of_no_event() {
                return Ok(None);
            }
            // Another show's event came between: the window is news all the same.
            let state = self.show.at(0).await?;
            let turned = Missed::turned(&state, self.heard, self.feeds.clock.now(), self.audience)?;
            return Ok(Some(Arc::new(LiveChange::new(self.heard, &turned))));
        }
        // At the same position: a sales window opened or closed.
        let mut news = Some(Arc::clone(&change));
        if !change.is_all_news_behind(self.heard) {
            let state = self.show.at(change.position).await?;
            let (heard, now) = (self.heard, self.feeds.clock.now());
            let missed = state.changes_until(change.position, Some(heard), now, self.audience).await?;
            if !missed.is_empty {
                news = Some(Arc::new(LiveChange::new(heard, &missed)));
            } else if !change.is_of_no_event() {
                news = None;
            }
        }
        self.heard = change.position;
        Ok(news)
    }

    async fn missed(&mut self, state: &HotState, after: Option<i64>) -> Result<Arc<LiveChange>, QueryError> {
        let missed = state.changes(after, self.feeds.clock.now(), self.audience).await?;
        self.heard = missed.position;
        Ok(Arc::new(LiveChange::new(after.unwrap_or(0), &missed)))
    }
}

impl Feed {
    async fn run(mut self) {
        loop {
            if self.closed_if_alone() {
                return;
            }
            let began = Instant::now();
            let news = self.show.mark().news_behind(self.seen);
            let is_news = tokio::time::timeout(LOOK_EVERY, news).await.is_ok();
            let result = if is_news || self.is_stopped || self.is_turning() { self.tell().await } else { Ok(()) };
            if let Err(error) = result {
                tracing::warn!(show = %self.show.id(), error = &error as &dyn std::error::Error, "a live feed cannot ask; trying again");
            }
            tokio::time::sleep_until(began + self.feeds.options.tick).await;
        }
    }

    /// Whether a sales window opens or closes now.
    fn is_turning(&self) -> bool {
        self.turns_at.is_some_and(|turns_at| turns_at <= self.feeds.clock.now())
    }

    /// Tells all what changed; the availability also when a sales window has opened or closed.
    async fn tell(&mut self) -> Result<(), QueryError> {
        let now = self.feeds.clock.now();
        let turned = self.is_turning();
        // Before the state is taken that is told from.
        self.show.read_seats().await?;
        let state = self.show.at(0).await?;
        for audience in [Audience::Public, Audience::Staff] {
            // What comes on top of this state meanwhile is told next time.
            let missed = state.changes_until(state.position(), Some(self.told), now, audience).await?;
            if !missed.is_empty {
                self.send(audience, &missed);
            }
            if turned {
                self.send(audience, &Missed::turned(&state, state.position(), now, audience)?);
            }
        }
        self.turns_at = state.head().turns_at(now);
        self.told = state.position();
        self.seen = state.seen();
        self.is_stopped = state.stopped().is_some();
        Ok(())
    }

    fn send(&mut self, audience: Audience, missed: &Missed) {
        let said = &mut self.said[match audience {
            Audience::Public => 0,
            Audience::Staff => 1,
        }];
        let change = Arc::new(LiveChange::new(*said, missed));
        *said = missed.position.max(*said);
        if let Some(ends) = self.feeds.lock().get(&self.show.id()).filter(|ends| Arc::ptr_eq(&ends.show, &self.show)) {
            let to = match audience {
                Audience::Staff => &ends.staff,
                Audience::Public => &ends.public,
            };
            // An error says that nobody of this kind listens.
            let _ = to.send(change);
        }
    }

    /// Takes the feed away if nobody listens any more, or positions mean something else: whoever comes next begins another.
    fn closed_if_alone(&self) -> bool {
        let mut feeds = self.feeds.lock();
        let mine = feeds.get(&self.show.id()).filter(|ends| Arc::ptr_eq(&ends.show, &self.show));
        let Some(ends) = mine else { return true };
        let alone = ends.staff.receiver_count() + ends.public.receiver_count() == 0;
        let ends_here = alone || self.show.is_gone() || self.feeds.shows.is_over();
        if ends_here {
            feeds.remove(&self.show.id());
        }
        ends_here
    }
}
