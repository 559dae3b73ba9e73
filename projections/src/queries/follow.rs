//! The checkpoint as the query side's own database shows it, where no projector of this process writes to that database: on
//! a server that answers queries alone, and on whichever reads from a replica.
//!
//! It is asked for, again and again: a query of one row by its key on one connection, which costs the database a tenth of a
//! millisecond. Only this is believed here, never what a projector says elsewhere: a replica that lags has not replayed what
//! the primary knows. What it says goes back only when the database does.

use std::time::Duration;

use sqlx::PgPool;
use tokio::{sync::watch, time::Instant};
use tokio_util::sync::CancellationToken;

use crate::projector::CHECKPOINT;

/// How often it looks where nothing happens. Fifty looks a second take less than one hundredth of a core.
const LOOK_EVERY: Duration = Duration::from_millis(20);
/// The pause between two looks while the checkpoint goes on: what a reader waits longer than with a projector in the process, at most.
const LOOK_EVERY_BUSY: Duration = Duration::from_millis(4);
/// So long after its last step the checkpoint counts as going on: a busy projector makes one every ten milliseconds.
const BUSY_FOR: Duration = Duration::from_millis(100);
/// After so long without an answer, the database counts as gone: a restart or a busy moment is shorter.
const GONE_AFTER: Duration = Duration::from_secs(2);
/// The pause after a look that failed.
const PAUSE: Duration = Duration::from_millis(250);

/// Follows the checkpoint of one database.
#[derive(Debug)]
pub struct CheckpointFollower {
    pool: PgPool,
    checkpoint: watch::Sender<i64>,
    answers: watch::Sender<bool>,
}

impl CheckpointFollower {
    /// Of the database that `pool`, of role Query, reads. Looks once before it returns.
    ///
    /// # Errors
    /// When the database cannot be reached or refuses.
    pub async fn new(pool: PgPool) -> Result<Self, sqlx::Error> {
        let checkpoint = watch::Sender::new(look(&pool).await?);
        Ok(Self { pool, checkpoint, answers: watch::Sender::new(true) })
    }

    /// The checkpoint, as far as it was seen.
    #[must_use]
    pub fn checkpoint(&self) -> watch::Receiver<i64> {
        self.checkpoint.subscribe()
    }

    /// Whether the database answers. False after two seconds in which it did not.
    #[must_use]
    pub fn answers(&self) -> watch::Receiver<bool> {
        self.answers.subscribe()
    }

    /// Follows until `shutdown`.
    pub async fn run(self, shutdown: CancellationToken) {
        shutdown.run_until_cancelled(self.follow()).await;
    }

    async fn follow(&self) {
        let mut answered_at = Instant::now();
        let mut busy_until = answered_at;
        loop {
            match tokio::time::timeout(GONE_AFTER, look(&self.pool)).await {
                Ok(Ok(position)) => {
                    answered_at = Instant::now();
                    if self.checkpoint.send_if_modified(|known| std::mem::replace(known, position) != position) {
                        busy_until = answered_at + BUSY_FOR;
                    }
                    self.answer(true);
                    let is_busy = answered_at < busy_until;
                    tokio::time::sleep(if is_busy { LOOK_EVERY_BUSY } else { LOOK_EVERY }).await;
                }
                failed => {
                    if let Ok(Err(error)) = failed {
                        tracing::debug!(error = &error as &dyn std::error::Error, "the checkpoint cannot be looked at");
                    }
                    if answered_at.elapsed() >= GONE_AFTER {
                        self.answer(false);
                    }
                    tokio::time::sleep(PAUSE).await;
                }
            }
        }
    }

    fn answer(&self, answers: bool) {
        let changed = self.answers.send_if_modified(|known| std::mem::replace(known, answers) != answers);
        match (changed, answers) {
            (true, true) => tracing::info!("the database of the read side is back"),
            (true, false) => tracing::error!("the database of the read side does not answer"),
            (false, _) => {}
        }
    }
}

/// One look, in one round trip: the row is no organization's, so none is set.
async fn look(pool: &PgPool) -> Result<i64, sqlx::Error> {
    let position = sqlx::query_scalar!("SELECT position FROM checkpoints WHERE name = $1", CHECKPOINT)
        .fetch_optional(pool)
        .await?;
    Ok(position.unwrap_or(0))
}
