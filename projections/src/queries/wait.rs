//! Reading one's own writes: waiting until the read model has reached a position.

use std::time::Duration;

use event_store::ReadError;
use thiserror::Error;
use tokio::time::{Instant, timeout_at};
use uuid::Uuid;

use super::{Queries, QueryError, Scope, checkpoint};

/// How often a waiting reader looks for itself, where nobody in this process tells.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// Why the read model is not where it was asked to be.
#[derive(Debug, Error)]
pub enum WaitError {
    /// Not in time. It works on it: later.
    #[error("the read model has reached {reached}, not {asked}")]
    Behind {
        /// How far it is.
        reached: i64,
        /// How far it had to be.
        asked: i64,
    },
    /// The log itself does not go that far: the caller's to mend.
    #[error("the log goes to {head}, not to {asked}")]
    BeyondHead {
        /// Its last position.
        head: i64,
        /// What was asked for.
        asked: i64,
    },
    /// The show's read models stopped at an event that cannot be understood; they go on after a repair only.
    #[error("the read models of this show stopped at {position}")]
    Stopped {
        /// The event.
        position: i64,
    },
    /// The database cannot be reached or refuses.
    #[error("the checkpoint cannot be read")]
    Query(#[from] QueryError),
}

impl From<sqlx::Error> for WaitError {
    fn from(error: sqlx::Error) -> Self {
        Self::Query(error.into())
    }
}

impl From<ReadError> for WaitError {
    fn from(error: ReadError) -> Self {
        Self::Query(error.into())
    }
}

impl Queries {
    /// Waits until the read model has reached `position`, at most for `at_most`. With `stream` (organization and show) it
    /// also asks whether that show's read models still go on.
    ///
    /// # Errors
    /// See [`WaitError`]. A position beyond the log's head is told at once.
    pub async fn wait_for(
        &self,
        position: i64,
        stream: Option<(Uuid, Uuid)>,
        at_most: Duration,
    ) -> Result<(), WaitError> {
        self.reach(position, at_most).await?;
        match stream {
            Some((organization, show)) => self.not_stopped(organization, show, position).await,
            None => Ok(()),
        }
    }

    async fn reach(&self, position: i64, at_most: Duration) -> Result<(), WaitError> {
        let mut known = self.checkpoint.clone();
        if *known.borrow_and_update() >= position {
            return Ok(());
        }
        let until = Instant::now() + at_most;
        let head = self.log.head().await?;
        if head < position {
            return Err(WaitError::BeyondHead { head, asked: position });
        }
        loop {
            if *known.borrow_and_update() >= position {
                return Ok(());
            }
            let reached = self.reached().await?;
            if reached >= position {
                return Ok(());
            }
            if Instant::now() >= until {
                return Err(WaitError::Behind { reached, asked: position });
            }
            let look = (Instant::now() + LOOK_EVERY).min(until);
            // In a statement of its own: what it waits by may not be held across the next await.
            let gone = matches!(timeout_at(look, known.wait_for(|known| *known >= position)).await, Ok(Err(_)));
            if gone {
                // The projector of this process is gone; another node's may still lead.
                tokio::time::sleep_until(look).await;
            }
        }
    }

    /// The checkpoint, asked of the database.
    async fn reached(&self) -> Result<i64, sqlx::Error> {
        let mut transaction = self.begin(Scope::Public).await?;
        let reached = checkpoint(&mut transaction).await?;
        transaction.commit().await?;
        Ok(reached)
    }

    async fn not_stopped(&self, organization: Uuid, show: Uuid, position: i64) -> Result<(), WaitError> {
        let mut transaction = self.begin(Scope::Organization(organization)).await?;
        let stopped = sqlx::query_scalar!("SELECT position FROM poisoned_streams WHERE stream = $1", show)
            .fetch_optional(&mut *transaction)
            .await?;
        transaction.commit().await?;
        match stopped {
            Some(stopped) if stopped <= position => Err(WaitError::Stopped { position: stopped }),
            _ => Ok(()),
        }
    }
}
