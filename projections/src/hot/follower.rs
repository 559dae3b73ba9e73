//! Follows the checkpoint, and tells the shows that are kept in memory which of them have news.
//!
//! One per node. For each advance of the checkpoint, from a to b, it asks the log once which streams have events in (a, b],
//! however many shows are kept and however many listen; where none is kept it asks nothing. Then it marks those shows, and
//! only then publishes b: whoever knows b here also knows whether a show's copy is older than b, so no copy is answered from
//! that is staler than the checkpoint as this node knows it. What it cannot find out it takes for news.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, Weak,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use event_store::{Log, Touched};
use tokio::sync::{Notify, watch};
use uuid::Uuid;

/// Beyond so many events, such as after a pause of the projector, every show that is kept has news: asking would take longer.
const ASK_EVENTS_MAX: i64 = 20_000;

/// How long the log may take to say. Readers learn of the checkpoint by what this publishes, so it may not hang.
const ASK_MAX: Duration = Duration::from_millis(500);

/// The position of a mark that is never reached: the checkpoint has gone back, so that positions mean something else.
pub(super) const GONE: i64 = i64::MAX;

/// What follows the checkpoint. Cheap to clone; ends with whoever publishes the checkpoint.
#[derive(Debug, Clone)]
pub struct Follower {
    published: watch::Receiver<i64>,
    marks: Arc<Mutex<HashMap<Uuid, Weak<Mark>>>>,
}

/// What is known of a show that somebody keeps.
#[derive(Debug)]
pub(crate) struct Mark {
    organization: Uuid,
    touched: AtomicI64,
    news: Notify,
}

impl Follower {
    /// Follows a checkpoint: [`Projector::checkpoint`](crate::Projector::checkpoint), or another that is learned by polling.
    /// `log` is of a role that sees all of it. Only in a runtime.
    #[must_use]
    pub fn start(log: Log, checkpoint: watch::Receiver<i64>) -> Self {
        let publish = watch::Sender::new(*checkpoint.borrow());
        let follower = Self { published: publish.subscribe(), marks: Arc::default() };
        tokio::spawn(follower.clone().follow(log, checkpoint, publish));
        follower
    }

    /// The checkpoint, once the shows that have news are marked. For [`Queries`](crate::Queries).
    #[must_use]
    pub fn checkpoint(&self) -> watch::Receiver<i64> {
        self.published.clone()
    }

    /// Whether whoever published the checkpoint is gone, and with it the server.
    pub(super) fn is_over(&self) -> bool {
        self.published.has_changed().is_err()
    }

    /// Up to where it is known what is news.
    pub(super) fn seen(&self) -> i64 {
        *self.published.borrow()
    }

    /// A show's mark, which is kept up to date as long as somebody holds it.
    pub(super) fn mark(&self, organization: Uuid, show: Uuid) -> Arc<Mark> {
        let mut marks = self.marks();
        if let Some(mark) = marks.get(&show).and_then(Weak::upgrade)
            && mark.organization == organization
            && mark.touched() != GONE
        {
            return mark;
        }
        // What is read from now on has seen this position: whoever published it had committed before.
        let mark = Arc::new(Mark { organization, touched: AtomicI64::new(self.seen()), news: Notify::new() });
        marks.insert(show, Arc::downgrade(&mark));
        mark
    }

    async fn follow(self, log: Log, mut checkpoint: watch::Receiver<i64>, publish: watch::Sender<i64>) {
        let mut seen = *publish.borrow();
        loop {
            let reached = *checkpoint.borrow_and_update();
            if reached != seen {
                let touched = self.touched(&log, seen, reached).await;
                let mut marks = self.marks();
                marks.retain(|show, mark| mark.upgrade().is_some_and(|mark| mark.note(*show, &touched, seen, reached)));
                // Under the lock: a mark that is made afterwards begins with this position.
                publish.send_replace(reached);
                seen = reached;
            }
            if checkpoint.changed().await.is_err() {
                return;
            }
        }
    }

    /// Which streams have news; none: anything may have.
    async fn touched(&self, log: &Log, seen: i64, reached: i64) -> Option<Vec<Touched>> {
        if self.marks().is_empty() {
            return Some(Vec::new());
        }
        if reached < seen || reached - seen > ASK_EVENTS_MAX {
            return None;
        }
        match tokio::time::timeout(ASK_MAX, log.streams_between(seen, reached)).await {
            Ok(Ok(touched)) => Some(touched),
            Ok(Err(error)) => {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "the log does not say what is news; all may be"
                );
                None
            }
            Err(_) => None,
        }
    }

    fn marks(&self) -> MutexGuard<'_, HashMap<Uuid, Weak<Mark>>> {
        self.marks.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Mark {
    /// Whatever was read at this position or later is up to date.
    pub fn touched(&self) -> i64 {
        self.touched.load(Ordering::Acquire)
    }

    /// Waits for news behind a position.
    pub async fn news_behind(&self, position: i64) {
        loop {
            let news = self.news.notified();
            tokio::pin!(news);
            // Listens before it looks, so that nothing is missed between.
            news.as_mut().enable();
            if self.touched() > position {
                return;
            }
            news.await;
        }
    }

    /// Takes note of an advance, and says whether the mark is worth keeping.
    fn note(&self, show: Uuid, touched: &Option<Vec<Touched>>, seen: i64, reached: i64) -> bool {
        if reached < seen {
            self.set(GONE);
            return false;
        }
        let concerns = |touched: &Touched| {
            touched.organization == self.organization && (touched.stream == show || touched.stream == self.organization)
        };
        if touched.as_ref().is_none_or(|touched| touched.iter().any(concerns)) {
            self.set(reached);
        }
        true
    }

    fn set(&self, position: i64) {
        self.touched.store(position, Ordering::Release);
        self.news.notify_waiters();
    }
}
