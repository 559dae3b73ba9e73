//! What changed, to whoever listens: one feed a show and process, however many listen.
//!
//! A feed is a task that lives as long as somebody listens. When the checkpoint advances it asks once what changed, writes
//! the answer as JSON once for staff and once for the public, and hands the same bytes to all. Who falls behind, or comes
//! back with a position, asks [`Queries::changes`] for what was missed and goes on from there. That a sales window opens or
//! closes is told too, at the position of before: no event says it.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use chrono::{DateTime, Utc};
use event_store::Clock;
use tokio::{sync::broadcast, time::Instant};
use uuid::Uuid;

use crate::{
    queries::{Audience, Queries, QueryError},
    views::ChangesView,
};

/// The least time between two questions of a feed: a busy show has an event every few milliseconds, an eye needs none.
const ASK_EVERY: Duration = Duration::from_millis(100);
/// Changes that a slow listener may be behind before it has to ask for what it missed.
const BUFFER: usize = 64;
/// How often a feed that has nothing to tell looks at the clock, and whether anybody still listens.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// A change, as it is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LiveChange {
    /// How far it goes: the `id` of the event in the stream.
    pub position: i64,
    /// A [`ChangesView`].
    pub json: String,
}

/// The feeds of this process. Cheap to clone.
#[derive(Clone)]
pub struct LiveFeeds {
    queries: Queries,
    clock: Arc<dyn Clock>,
    feeds: Arc<Mutex<HashMap<Uuid, Ends>>>,
}

/// The two ends of a show's feed.
struct Ends {
    staff: broadcast::Sender<Arc<LiveChange>>,
    public: broadcast::Sender<Arc<LiveChange>>,
}

/// A feed's task.
struct Feed {
    feeds: LiveFeeds,
    organization: Uuid,
    show: Uuid,
    told: i64,
    /// When a sales window opens or closes next.
    turns_at: Option<DateTime<Utc>>,
}

impl LiveFeeds {
    /// Feeds that ask these queries.
    #[must_use]
    pub fn new(queries: Queries, clock: Arc<dyn Clock>) -> Self {
        Self { queries, clock, feeds: Arc::default() }
    }

    /// Listens to a show, from now on; dropping the receiver is how to stop. Only in a runtime.
    ///
    /// To go on from a position N, subscribe first, then ask for the changes after N, then pass on from the receiver what
    /// goes further than that answer. A receiver that lags does the same with the last position that it passed on.
    #[must_use]
    pub fn subscribe(
        &self,
        organization: Uuid,
        show: Uuid,
        audience: Audience,
    ) -> broadcast::Receiver<Arc<LiveChange>> {
        let mut feeds = self.lock();
        let ends = feeds.entry(show).or_insert_with(|| {
            let told = *self.queries.checkpoint().borrow();
            // Not known yet: the first look at the clock finds it.
            let turns_at = Some(DateTime::UNIX_EPOCH);
            let feed = Feed { feeds: self.clone(), organization, show, told, turns_at };
            tokio::spawn(feed.run());
            Ends { staff: broadcast::Sender::new(BUFFER), public: broadcast::Sender::new(BUFFER) }
        });
        match audience {
            Audience::Staff => ends.staff.subscribe(),
            Audience::Public => ends.public.subscribe(),
        }
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

impl Feed {
    async fn run(mut self) {
        let mut checkpoint = self.feeds.queries.checkpoint();
        loop {
            if self.closed_if_alone() {
                return;
            }
            let told = self.told;
            let asked = Instant::now();
            let news = async { checkpoint.wait_for(|known| *known != told).await.map(drop) };
            let result = match tokio::time::timeout(LOOK_EVERY, news).await {
                Err(_) => self.look_at_the_clock().await,
                Ok(Ok(())) => self.tell().await,
                // The projector of this process is gone, and with it the server: receivers see the feed closed.
                Ok(Err(_)) => {
                    self.feeds.lock().remove(&self.show);
                    return;
                }
            };
            if let Err(error) = result {
                tracing::warn!(show = %self.show, error = &error as &dyn std::error::Error, "a live feed cannot ask; trying again");
            }
            tokio::time::sleep_until(asked + ASK_EVERY).await;
        }
    }

    /// Asks what changed and tells it to all.
    async fn tell(&mut self) -> Result<(), QueryError> {
        let now = self.feeds.clock.now();
        let changed = self.feeds.queries.changed(self.organization, self.show, self.told, now).await?;
        self.told = changed.staff.position;
        if let Some(left) = changed.left {
            self.turns_at = left.row.changes_at(now);
        }
        self.send(&changed.staff.body, &changed.public.body);
        Ok(())
    }

    /// Tells the availability when a sales window has opened or closed.
    async fn look_at_the_clock(&mut self) -> Result<(), QueryError> {
        let now = self.feeds.clock.now();
        let Some(turns_at) = self.turns_at.filter(|turns_at| *turns_at <= now) else { return Ok(()) };
        let left = self.feeds.queries.left(self.organization, self.show).await?.body;
        self.turns_at = left.as_ref().and_then(|left| left.row.changes_at(now));
        if turns_at > DateTime::UNIX_EPOCH {
            let told = |audience| {
                let availability = left.as_ref().map(|left| left.view(now, audience));
                ChangesView { position: self.told, availability, ..ChangesView::default() }
            };
            self.send(&told(Audience::Staff), &told(Audience::Public));
        }
        Ok(())
    }

    fn send(&self, staff: &ChangesView, public: &ChangesView) {
        if let Some(ends) = self.feeds.lock().get(&self.show) {
            for (to, changes) in [(&ends.staff, staff), (&ends.public, public)] {
                if !changes.is_empty() {
                    // An error says that nobody of this kind listens.
                    let _ = to.send(written(changes));
                }
            }
        }
    }

    /// Takes the feed away if nobody listens any more; whoever comes next begins another.
    fn closed_if_alone(&self) -> bool {
        let mut feeds = self.feeds.lock();
        let alone =
            feeds.get(&self.show).is_none_or(|ends| ends.staff.receiver_count() + ends.public.receiver_count() == 0);
        if alone {
            feeds.remove(&self.show);
        }
        alone
    }
}

fn written(changes: &ChangesView) -> Arc<LiveChange> {
    #[expect(clippy::expect_used, reason = "our own structs: text keys, no failing serializer")]
    let json = serde_json::to_string(changes).expect("changes are always writable as JSON");
    Arc::new(LiveChange { position: changes.position, json })
}
