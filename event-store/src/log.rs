//! Reads the log: in the order of positions, by stream, by command; and waits for what comes next.
//!
//! What always holds: pages come without a hole, and a reader that has seen position N has seen everything up to N (positions
//! are given under a lock that is held until the commit is visible). A hole is corruption, and said loudly.
//! Waiting is correct by polling alone; the recorder's channel only makes it prompt. The pool must be of a role that sees the
//! whole log (Write, Project, React, Identity): under row-level security pages would have holes.

mod ahead;
mod postgres;
mod source;
mod streams;

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use sqlx::PgPool;
use thiserror::Error;
use tokio::sync::watch;
use uuid::Uuid;

use self::postgres::Postgres;
pub use self::source::LogSource;
pub use self::streams::{StreamHead, streams};
use crate::event::{RecordedEvent, StreamEvent, TypedEvent};

/// How often a waiting reader looks for itself unless told otherwise: other nodes write, too, and do not wake it.
const POLL_EVERY: Duration = Duration::from_millis(250);

/// Why reading failed.
#[derive(Debug, Error)]
pub enum ReadError {
    /// Positions, or versions of a stream, are not consecutive: the log was damaged. Readers must stop.
    #[error("the log has a hole: expected {expected}, found {found}")]
    Hole {
        /// The position (or version) that had to come.
        expected: i64,
        /// What came.
        found: i64,
    },
    /// A row that this program could not have written.
    #[error("the database holds what cannot be: {what}")]
    Corrupt {
        /// Which, and why.
        what: String,
    },
    /// The database cannot be reached, or refused.
    #[error("the database cannot be read")]
    Database(#[from] sqlx::Error),
}

/// A stream that has events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Touched {
    /// Whose it is.
    pub organization: Uuid,
    /// The show, or the organization itself.
    pub stream: Uuid,
}

/// The reader. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Log {
    source: Arc<dyn LogSource>,
    recorded: Option<watch::Receiver<i64>>,
    look_every: Duration,
}

impl Log {
    /// A reader. `recorded` is [`Recorder::head`](crate::Recorder::head) of the same process, if it has a recorder.
    #[must_use]
    pub fn new(pool: PgPool, recorded: Option<watch::Receiver<i64>>) -> Self {
        Self::over(Arc::new(Postgres::new(pool)), recorded)
    }

    /// The same over any [`LogSource`].
    #[must_use]
    pub fn over(source: Arc<dyn LogSource>, recorded: Option<watch::Receiver<i64>>) -> Self {
        Self { source, recorded, look_every: POLL_EVERY }
    }

    /// The same, looking for itself so often while it waits: for a process whose events others record.
    #[must_use]
    pub fn looking_every(self, look_every: Duration) -> Self {
        Self { look_every, ..self }
    }

    /// At most `limit` events behind position `after`, ascending, the first of them `after + 1`.
    ///
    /// # Errors
    /// [`ReadError::Hole`] when a position is missing; else when the database cannot be read.
    pub async fn page(&self, after: i64, limit: i64) -> Result<Vec<RecordedEvent>, ReadError> {
        let events = self.source.page(after, limit).await?;
        consecutive(after, events.iter().map(|event| event.position))?;
        Ok(events)
    }

    /// At most `limit` events of a stream behind version `after_version`, ascending, the first of them `after_version + 1`:
    /// what they say and which commands said it, to be folded.
    ///
    /// # Errors
    /// [`ReadError::Hole`] when a version is missing; else when the database cannot be read.
    pub async fn facts(&self, stream: Uuid, after_version: i64, limit: i64) -> Result<Vec<StreamEvent>, ReadError> {
        let events = self.source.facts(stream, after_version, limit).await?;
        consecutive(after_version, events.iter().map(|event| event.version))?;
        Ok(events)
    }

    /// The same with everything that a row of the log holds.
    ///
    /// # Errors
    /// As [`facts`](Self::facts).
    pub async fn stream(&self, stream: Uuid, after_version: i64, limit: i64) -> Result<Vec<RecordedEvent>, ReadError> {
        let events = self.source.stream(stream, after_version, limit).await?;
        consecutive(after_version, events.iter().map(|event| event.version))?;
        Ok(events)
    }

    /// The events of these types behind position `after`, ascending, of the next `span` positions; and how far that is.
    /// For those who follow a few types among many: whatever lies between is not sent to them.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn of_types(&self, types: &[&str], after: i64, span: i64) -> Result<(Vec<TypedEvent>, i64), ReadError> {
        // Everything up to the head is there, and stays as it is.
        let until = self.source.head().await?.min(after.saturating_add(span)).max(after);
        let events = if until > after { self.source.of_types(types, after, until).await? } else { Vec::new() };
        Ok((events, until))
    }

    /// Which streams have events behind position `after`, up to `until`. For those who keep copies of what is made of them.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn streams_between(&self, after: i64, until: i64) -> Result<Vec<Touched>, ReadError> {
        self.source.streams_between(after, until).await
    }

    /// All events of a command on an organization, in their order. (Those of a show's commands are found by their versions:
    /// whoever folds a show's stream knows them.)
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn organization_command(
        &self,
        organization: Uuid,
        command: Uuid,
    ) -> Result<Vec<RecordedEvent>, ReadError> {
        self.source.organization_command(organization, command).await
    }

    /// The event at a position, if the log goes that far.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn event(&self, position: i64) -> Result<Option<RecordedEvent>, ReadError> {
        if position < 1 {
            return Ok(None);
        }
        let page = self.page(position - 1, 1).await?;
        Ok(page.into_iter().next())
    }

    /// Whose stream this is; `None` when it has no events.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn stream_organization(&self, stream: Uuid) -> Result<Option<Uuid>, ReadError> {
        self.source.stream_organization(stream).await
    }

    /// Whether anything of a show was ever recorded.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn has_shows(&self) -> Result<bool, ReadError> {
        self.source.has_shows().await
    }

    /// Position of the last event that was recorded at this moment or before, 0 when there is none. Times never go back from
    /// one position to the next, so that everything up to it is all that was recorded until then.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn position_at(&self, moment: DateTime<Utc>) -> Result<i64, ReadError> {
        self.source.position_at(moment).await
    }

    /// How many events a stream had when the log had reached a position.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn version_at(&self, stream: Uuid, position: i64) -> Result<i64, ReadError> {
        self.source.version_at(stream, position).await
    }

    /// Position of the last event, 0 when there is none; asked of the database.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn head(&self) -> Result<i64, ReadError> {
        self.source.head().await
    }

    /// Waits until the log goes beyond position `after`, and says how far it is known to go then. It waits without end;
    /// dropping the future is how to stop.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn wait_beyond(&self, after: i64) -> Result<i64, ReadError> {
        let mut recorded = self.recorded.clone();
        loop {
            if let Some(recorded) = &mut recorded {
                let known = *recorded.borrow_and_update();
                if known > after {
                    return Ok(known);
                }
            }
            let head = self.head().await?;
            if head > after {
                return Ok(head);
            }
            let changed = async {
                let alive = match &mut recorded {
                    Some(recorded) => recorded.changed().await.is_ok(),
                    None => false,
                };
                if !alive {
                    std::future::pending::<()>().await;
                }
            };
            // Whichever comes first; a channel whose recorder is gone leaves polling.
            let _ = tokio::time::timeout(self.look_every, changed).await;
        }
    }
}

/// Every number is one more than the one before it; the first, one more than `after`.
fn consecutive(after: i64, numbers: impl Iterator<Item = i64>) -> Result<(), ReadError> {
    let mut expected = after;
    for found in numbers {
        expected += 1;
        if found != expected {
            tracing::error!(expected, found, "the log has a hole");
            return Err(ReadError::Hole { expected, found });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_number_is_a_hole() {
        assert!(consecutive(3, [4, 5, 6].into_iter()).is_ok());
        assert!(matches!(consecutive(3, [5].into_iter()), Err(ReadError::Hole { expected: 4, found: 5 })));
        assert!(matches!(consecutive(0, [1, 2, 4].into_iter()), Err(ReadError::Hole { expected: 3, found: 4 })));
        assert!(matches!(consecutive(0, [1, 1].into_iter()), Err(ReadError::Hole { expected: 2, found: 1 })));
    }
}
