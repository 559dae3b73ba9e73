//! The one way into the log: one task, one connection, one batch after the other.
//!
//! The task takes whatever is waiting and writes it as one call of `log.append`: one round trip, one commit. When that returns,
//! the next batch is what has gathered meanwhile: alone when idle, hundreds when busy; no timer. What always holds: an append
//! is answered after it is committed, or after it is certain that it was not; a stale one is turned back alone, and so is one
//! with bad data; appends of one stream are written in the order in which they came, at most one of them in a batch.
//! Queue and batches are bounded: when the queue is full, new appends are turned away at once.

mod batch;
mod call;
mod connection;
pub mod database;
mod error;
mod lost_reply;
mod metrics;
mod writer;

use std::sync::Arc;

use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinHandle;

pub use self::error::AppendError;

use self::batch::{Limits, Request};
use self::connection::Postgres;
use self::database::Database;
use self::writer::Writer;
use crate::event::{Append, Appended};

/// Bounds of the recorder. The defaults are for production; tests make them small.
#[derive(Debug, Clone, Copy)]
pub struct RecorderOptions {
    /// Appends that may wait; the next one is turned away as overloaded. A desk has one append under way, so this is the
    /// number of busy shows before a node sheds load.
    pub queue_items_max: usize,
    /// Events in one batch. A thousand take about 20 ms to write, which is what the next batch then waits.
    pub batch_events_max: usize,
    /// Bytes of payloads and vault entries in one batch. One append that is larger is a batch of its own.
    pub batch_bytes_max: usize,
}

impl Default for RecorderOptions {
    fn default() -> Self {
        Self { queue_items_max: 4096, batch_events_max: 1000, batch_bytes_max: 4 << 20 }
    }
}

/// A handle to the recorder's task. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Recorder {
    queue: mpsc::Sender<Request>,
    head: watch::Receiver<i64>,
    /// Keeps the signal alive: the task goes on as long as there are handles.
    _stop: Arc<watch::Sender<bool>>,
}

/// The task behind the handles; for the composition root.
#[derive(Debug)]
pub struct RecorderTask {
    task: JoinHandle<()>,
    stop: Arc<watch::Sender<bool>>,
}

impl Recorder {
    /// Connects to `url` (the server's login role, which may take `turnout_write`) and starts the task.
    ///
    /// The URL must lead to PostgreSQL itself, not to a pooler in transaction mode: a lost reply is settled by ending the
    /// backend that was asked.
    ///
    /// # Errors
    /// When the URL cannot be understood, or the first connection fails.
    pub async fn start(url: &str, options: RecorderOptions) -> Result<(Self, RecorderTask), sqlx::Error> {
        Self::over(Box::new(Postgres::new(url)?), options).await
    }

    /// The same over any [`Database`].
    ///
    /// # Errors
    /// When the first session fails.
    pub async fn over(
        mut database: Box<dyn Database>,
        options: RecorderOptions,
    ) -> Result<(Self, RecorderTask), sqlx::Error> {
        metrics::register();
        let mut session = database.connect(None).await?;
        let (head_sender, head) = watch::channel(session.head().await?);
        let (queue, inbox) = mpsc::channel(options.queue_items_max.max(1));
        let (stop, stopping) = watch::channel(false);
        let limits = Limits { events_max: options.batch_events_max.max(1), bytes_max: options.batch_bytes_max.max(1) };
        let writer = Writer::new(database, session, limits, inbox, head_sender, stopping);
        let task = tokio::spawn(writer.run());
        let stop = Arc::new(stop);
        Ok((Self { queue, head, _stop: Arc::clone(&stop) }, RecorderTask { task, stop }))
    }

    /// Records the events if the stream still has the expected version; answers after the commit.
    ///
    /// Dropping the future does not take the append back. An append whose reply was lost is answered when it is known what
    /// became of it, which takes as long as the database is away: whoever cannot wait puts a deadline around this and must
    /// then take it that either may be true.
    ///
    /// # Errors
    /// See [`AppendError`]: with each of its kinds but [`AppendError::Stopped`], nothing of this append was written.
    pub async fn append(&self, append: Append) -> Result<Appended, AppendError> {
        self.hand_in(append).await
    }

    /// The same, in the queue as soon as this returns: what is awaited is the answer alone.
    ///
    /// # Errors
    /// As [`append`](Self::append).
    pub fn hand_in(&self, append: Append) -> impl Future<Output = Result<Appended, AppendError>> + Send + use<> {
        let (reply, answer) = oneshot::channel();
        let queued = self.queue.try_send(Request::new(append, reply)).map_err(|refused| match refused {
            mpsc::error::TrySendError::Full(_) => {
                metrics::turned_away();
                AppendError::Overloaded
            }
            mpsc::error::TrySendError::Closed(_) => AppendError::Unavailable { source: None },
        });
        async move {
            queued?;
            answer.await.unwrap_or(Err(AppendError::Stopped))
        }
    }

    /// The last position that is known to be committed. It lags when other nodes write, see
    /// [`Log::wait_beyond`](crate::Log::wait_beyond).
    #[must_use]
    pub fn head(&self) -> watch::Receiver<i64> {
        self.head.clone()
    }
}

impl RecorderTask {
    /// Takes no more appends, writes what is waiting and returns when that is done. What cannot be written because the
    /// database is away is given up.
    pub async fn stop(self) {
        self.stop.send_replace(true);
        self.finished().await;
    }

    /// Returns when the task has ended: after [`stop`](Self::stop), or when no handle is left.
    pub async fn finished(self) {
        if let Err(error) = self.task.await {
            tracing::error!(%error, "the recorder's task failed");
        }
    }
}
