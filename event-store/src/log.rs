//! Reads the log: in the order of positions, by stream, by command; and waits for what comes next.
//!
//! What always holds: pages come without a hole, and a reader that has seen position N has seen everything up to N (positions
//! are given under a lock that is held until the commit is visible). A hole is corruption, and said loudly.
//! Waiting is correct by polling alone; the recorder's channel only makes it prompt. The pool must be of a role that sees the
//! whole log (Write, Project, React, Identity): under row-level security pages would have holes.

use std::time::Duration;

use chrono::{DateTime, Utc};
use sqlx::PgPool;
use thiserror::Error;
use tokio::sync::watch;
use uuid::Uuid;

use crate::event::{Metadata, RecordedEvent, StreamType};

/// How often a waiting reader looks for itself: other nodes write, too, and do not wake it.
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

/// The reader. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Log {
    pool: PgPool,
    recorded: Option<watch::Receiver<i64>>,
}

impl Log {
    /// A reader. `recorded` is [`Recorder::head`](crate::Recorder::head) of the same process, if it has a recorder.
    #[must_use]
    pub fn new(pool: PgPool, recorded: Option<watch::Receiver<i64>>) -> Self {
        Self { pool, recorded }
    }

    /// At most `limit` events behind position `after`, ascending, the first of them `after + 1`.
    ///
    /// # Errors
    /// [`ReadError::Hole`] when a position is missing; else when the database cannot be read.
    pub async fn page(&self, after: i64, limit: i64) -> Result<Vec<RecordedEvent>, ReadError> {
        let rows = sqlx::query_as!(
            Row,
            r#"SELECT position, organization, stream_type, stream, version, type AS event_type, schema, payload::text AS "payload!",
                      actor, device, channel, command, request_hmac, correlation, causation, content_hash, recorded_at
                 FROM log.events WHERE position > $1 ORDER BY position LIMIT $2"#,
            after,
            limit
        )
        .fetch_all(&self.pool)
        .await?;
        let events = decode(rows)?;
        consecutive(after, events.iter().map(|event| event.position))?;
        Ok(events)
    }

    /// At most `limit` events of a stream behind version `after_version`, ascending, the first of them `after_version + 1`.
    ///
    /// # Errors
    /// [`ReadError::Hole`] when a version is missing; else when the database cannot be read.
    pub async fn stream(&self, stream: Uuid, after_version: i64, limit: i64) -> Result<Vec<RecordedEvent>, ReadError> {
        let rows = sqlx::query_as!(
            Row,
            r#"SELECT position, organization, stream_type, stream, version, type AS event_type, schema, payload::text AS "payload!",
                      actor, device, channel, command, request_hmac, correlation, causation, content_hash, recorded_at
                 FROM log.events WHERE stream = $1 AND version > $2 ORDER BY version LIMIT $3"#,
            stream,
            after_version,
            limit
        )
        .fetch_all(&self.pool)
        .await?;
        let events = decode(rows)?;
        consecutive(after_version, events.iter().map(|event| event.version))?;
        Ok(events)
    }

    /// All events of these commands, whatever their streams, in the order of positions.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn commands(&self, commands: &[Uuid]) -> Result<Vec<RecordedEvent>, ReadError> {
        let rows = sqlx::query_as!(
            Row,
            r#"SELECT position, organization, stream_type, stream, version, type AS event_type, schema, payload::text AS "payload!",
                      actor, device, channel, command, request_hmac, correlation, causation, content_hash, recorded_at
                 FROM log.events WHERE command = ANY($1) ORDER BY position"#,
            commands
        )
        .fetch_all(&self.pool)
        .await?;
        decode(rows)
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
        let organization =
            sqlx::query_scalar!("SELECT organization FROM log.events WHERE stream = $1 AND version = 1", stream)
                .fetch_optional(&self.pool)
                .await?;
        Ok(organization)
    }

    /// Whether anything of a show was ever recorded.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn has_shows(&self) -> Result<bool, ReadError> {
        let found =
            sqlx::query_scalar!(r#"SELECT EXISTS (SELECT FROM log.events WHERE stream_type = 'show') AS "found!""#);
        Ok(found.fetch_one(&self.pool).await?)
    }

    /// Position of the last event, 0 when there is none; asked of the database.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn head(&self) -> Result<i64, ReadError> {
        let head = sqlx::query_scalar!(r#"SELECT coalesce(max(position), 0) AS "head!" FROM log.events"#)
            .fetch_one(&self.pool)
            .await?;
        Ok(head)
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
            let _ = tokio::time::timeout(POLL_EVERY, changed).await;
        }
    }
}

/// A row as the driver gives it.
struct Row {
    position: i64,
    organization: Uuid,
    stream_type: String,
    stream: Uuid,
    version: i64,
    event_type: String,
    schema: i32,
    payload: String,
    actor: String,
    device: Option<Uuid>,
    channel: Option<String>,
    command: Uuid,
    request_hmac: Option<Vec<u8>>,
    correlation: Uuid,
    causation: Option<Uuid>,
    content_hash: Vec<u8>,
    recorded_at: DateTime<Utc>,
}

fn decode(rows: Vec<Row>) -> Result<Vec<RecordedEvent>, ReadError> {
    rows.into_iter().map(RecordedEvent::try_from).collect()
}

impl TryFrom<Row> for RecordedEvent {
    type Error = ReadError;

    fn try_from(row: Row) -> Result<Self, ReadError> {
        let corrupt =
            |what: &str| ReadError::Corrupt { what: format!("{what} of the event at position {}", row.position) };
        let stream_type = StreamType::parse(&row.stream_type).ok_or_else(|| corrupt("the stream type"))?;
        let request_hmac =
            row.request_hmac.map(|hmac| hash(&hmac)).transpose().map_err(|()| corrupt("the request's HMAC"))?;
        let content_hash = hash(&row.content_hash).map_err(|()| corrupt("the content hash"))?;
        Ok(Self {
            position: row.position,
            organization: row.organization,
            stream_type,
            stream: row.stream,
            version: row.version,
            event_type: row.event_type,
            schema: row.schema,
            payload: row.payload,
            metadata: Metadata {
                actor: row.actor,
                device: row.device,
                channel: row.channel,
                command: row.command,
                request_hmac,
                correlation: row.correlation,
                causation: row.causation,
            },
            content_hash,
            recorded_at: row.recorded_at,
        })
    }
}

fn hash(bytes: &[u8]) -> Result<[u8; 32], ()> {
    bytes.try_into().map_err(|_| ())
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
