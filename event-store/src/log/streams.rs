//! Which streams the log holds, and how far each goes: for those who read whole streams one after the other.

use sqlx::PgPool;
use uuid::Uuid;

use super::ReadError;
use crate::event::StreamType;

/// A stream, up to some position.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StreamHead {
    /// The show or the organization.
    pub stream: Uuid,
    /// Which of the two.
    pub stream_type: StreamType,
    /// Whose it is.
    pub organization: Uuid,
    /// Its last version up to that position.
    pub version: i64,
    /// Where that event stands in the log.
    pub position: i64,
}

/// Every stream that has events up to position `until`, the longest first. It looks up each in the index of streams, from one to
/// the next, and reads no more of it.
///
/// # Errors
/// When the database cannot be read.
pub async fn streams(pool: &PgPool, until: i64) -> Result<Vec<StreamHead>, ReadError> {
    let rows = sqlx::query!(
        r#"WITH RECURSIVE streams (stream) AS (
               (SELECT stream FROM log.events ORDER BY stream, version LIMIT 1)
               UNION ALL
               SELECT (SELECT e.stream FROM log.events AS e WHERE e.stream > s.stream ORDER BY e.stream, e.version LIMIT 1)
                 FROM streams AS s WHERE s.stream IS NOT NULL)
           SELECT last.stream AS "stream!", last.stream_type AS "stream_type!", last.organization AS "organization!",
                  last.version AS "version!", last.position AS "position!"
             FROM streams AS s CROSS JOIN LATERAL (
                  SELECT e.stream, e.stream_type, e.organization, e.version, e.position FROM log.events AS e
                   WHERE e.stream = s.stream AND e.position <= $1 ORDER BY e.version DESC LIMIT 1) AS last
            ORDER BY last.version DESC, last.stream"#,
        until
    )
    .fetch_all(pool)
    .await?;
    let head = |stream, stream_type: &str, organization, version, position| {
        let stream_type = StreamType::parse(stream_type)
            .ok_or_else(|| ReadError::Corrupt { what: format!("stream {stream} is of type {stream_type}") })?;
        Ok(StreamHead { stream, stream_type, organization, version, position })
    };
    rows.into_iter()
        .map(|row| head(row.stream, &row.stream_type, row.organization, row.version, row.position))
        .collect()
}
