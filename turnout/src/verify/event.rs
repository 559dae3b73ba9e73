//! One event for itself: whether its content hash is that of its content, and whether it can be read.

use chrono::{DateTime, Utc};
use domain::{OrganizationEvent, ShowEvent, events::DecodeError};
use event_store::{ExportLine, StreamType};
use sqlx::{AssertSqlSafe, PgConnection, Row as _, postgres::PgRow};
use uuid::Uuid;

/// An event that was looked at.
pub(crate) struct Looked {
    pub position: i64,
    pub organization: Uuid,
    pub stream_type: String,
    pub stream: Uuid,
    pub version: i64,
    pub recorded_at: DateTime<Utc>,
    /// What it says, if it is a show's and can be read.
    pub of_show: Option<ShowEvent>,
    /// What is wrong with it.
    pub wrong: Vec<String>,
}

/// A row of the log: what it holds, as a line that is given away, and what of that cannot even be.
pub(crate) struct Row {
    pub line: ExportLine,
    wrong: Vec<String>,
}

impl From<ExportLine> for Row {
    fn from(line: ExportLine) -> Self {
        Self { line, wrong: Vec::new() }
    }
}

/// The columns that [`row`] reads, in its order.
const SELECT: &str = "SELECT position, organization, stream_type, stream, version, type, schema, payload::text, actor, device, channel, command,
                request_hmac, correlation, causation, content_hash, recorded_at FROM log.events";

/// The rows of positions from (not included) to.
pub(crate) async fn rows(connection: &mut PgConnection, from: i64, to: i64) -> Result<Vec<Row>, sqlx::Error> {
    let rows = sqlx::query(AssertSqlSafe(format!("{SELECT} WHERE position > $1 AND position <= $2 ORDER BY position")));
    rows.bind(from).bind(to).fetch_all(connection).await?.iter().map(row).collect()
}

/// The rows of a stream behind a version, so many of them.
pub(crate) async fn rows_of_stream(
    connection: &mut PgConnection,
    stream: Uuid,
    after: i64,
    limit: i64,
) -> Result<Vec<Row>, sqlx::Error> {
    let rows =
        sqlx::query(AssertSqlSafe(format!("{SELECT} WHERE stream = $1 AND version > $2 ORDER BY version LIMIT $3")));
    rows.bind(stream).bind(after).bind(limit).fetch_all(connection).await?.iter().map(row).collect()
}

fn row(row: &PgRow) -> Result<Row, sqlx::Error> {
    let mut wrong = Vec::new();
    let mut bytes = |column: usize, what: &str| -> Result<Option<[u8; 32]>, sqlx::Error> {
        let stored: Option<Vec<u8>> = row.try_get(column)?;
        let is_there = stored.is_some();
        let bytes = stored.and_then(|stored| stored.try_into().ok());
        if is_there && bytes.is_none() {
            wrong.push(format!("{what} does not have 32 bytes"));
        }
        Ok(bytes)
    };
    let line = ExportLine {
        request_hmac: bytes(12, "the request's HMAC")?,
        content_hash: bytes(15, "the content hash")?,
        position: row.try_get(0)?,
        organization: row.try_get(1)?,
        stream_type: row.try_get(2)?,
        stream: row.try_get(3)?,
        version: row.try_get(4)?,
        event_type: row.try_get(5)?,
        schema: row.try_get(6)?,
        payload: row.try_get(7)?,
        actor: row.try_get(8)?,
        device: row.try_get(9)?,
        channel: row.try_get(10)?,
        command: row.try_get(11)?,
        correlation: row.try_get(13)?,
        causation: row.try_get(14)?,
        recorded_at: row.try_get(16)?,
        salt: None,
        leaf_hash: None,
    };
    Ok(Row { line, wrong })
}

/// Looks at a row.
pub(crate) fn look(row: Row) -> Looked {
    let Row { line, mut wrong } = row;
    if !line.is_withheld() && line.content_hash.is_some_and(|hash| hash != line.hash_of_content()) {
        wrong.push("its content is not what its content hash was made of".to_owned());
    }
    let read = match StreamType::parse(&line.stream_type) {
        Some(StreamType::Show) => ShowEvent::decode(&line.event_type, line.schema, &line.payload).map(Some),
        Some(StreamType::Organization) => {
            OrganizationEvent::decode(&line.event_type, line.schema, &line.payload).map(|_| None)
        }
        None => {
            wrong.push(format!("{:?} is no type of a stream", line.stream_type));
            Ok(None)
        }
    };
    let of_show = read.unwrap_or_else(|error| {
        wrong.push(unreadable(&error));
        None
    });
    Looked {
        position: line.position,
        organization: line.organization,
        stream_type: line.stream_type,
        stream: line.stream,
        version: line.version,
        recorded_at: line.recorded_at,
        of_show,
        wrong,
    }
}

fn unreadable(error: &DecodeError) -> String {
    match std::error::Error::source(error) {
        Some(source) => format!("it cannot be read: {error}: {source}"),
        None => format!("it cannot be read: {error}"),
    }
}
