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

/// Every stream that has events up to position `until`, the longest first. It reads the whole log's index once.
///
/// # Errors
/// When the database cannot be read.
pub async fn streams(pool: &PgPool, until: i64) -> Result<Vec<StreamHead>, ReadError> {
    let rows = sqlx::query!(
        r#"SELECT stream, stream_type, organization, max(version) AS "version!", max(position) AS "position!"
             FROM log.events WHERE position <= $1
            GROUP BY stream, stream_type, organization ORDER BY max(version) DESC, stream"#,
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
