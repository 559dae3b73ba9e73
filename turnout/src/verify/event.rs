//! One event for itself: whether its content hash is that of its content, and whether it can be read.

use chrono::{DateTime, Utc};
use domain::{OrganizationEvent, ShowEvent, events::DecodeError};
use event_store::{Metadata, NewEvent, StreamType, content_hash};
use sqlx::{PgConnection, Row as _, postgres::PgRow};
use uuid::Uuid;

/// An event that was looked at.
pub(super) struct Looked {
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

/// The rows of positions from (not included) to.
pub(super) async fn rows(connection: &mut PgConnection, from: i64, to: i64) -> Result<Vec<PgRow>, sqlx::Error> {
    let rows = sqlx::query(
        "SELECT position, organization, stream_type, stream, version, type, schema, payload::text, actor, device, channel, command,
                request_hmac, correlation, causation, content_hash, recorded_at
           FROM log.events WHERE position > $1 AND position <= $2 ORDER BY position",
    );
    rows.bind(from).bind(to).fetch_all(connection).await
}

/// Looks at a row.
pub(super) fn look(row: &PgRow) -> Result<Looked, sqlx::Error> {
    let mut wrong = Vec::new();
    let hmac: Option<Vec<u8>> = row.try_get(12)?;
    let request_hmac = hmac.as_ref().and_then(|hmac| hmac.as_slice().try_into().ok());
    if hmac.is_some() != request_hmac.is_some() {
        wrong.push("the request's HMAC does not have 32 bytes".to_owned());
    }
    let event = NewEvent {
        event_type: row.try_get(5)?,
        schema: row.try_get(6)?,
        payload: row.try_get(7)?,
        metadata: Metadata {
            actor: row.try_get(8)?,
            device: row.try_get(9)?,
            channel: row.try_get(10)?,
            command: row.try_get(11)?,
            request_hmac,
            correlation: row.try_get(13)?,
            causation: row.try_get(14)?,
        },
    };
    if row.try_get::<&[u8], _>(15)? != content_hash(&event) {
        wrong.push("its content is not what its content hash was made of".to_owned());
    }
    let stream_type: String = row.try_get(2)?;
    let read = match StreamType::parse(&stream_type) {
        Some(StreamType::Show) => ShowEvent::decode(&event.event_type, event.schema, &event.payload).map(Some),
        Some(StreamType::Organization) => {
            OrganizationEvent::decode(&event.event_type, event.schema, &event.payload).map(|_| None)
        }
        None => {
            wrong.push(format!("{stream_type:?} is no type of a stream"));
            Ok(None)
        }
    };
    let of_show = read.unwrap_or_else(|error| {
        wrong.push(unreadable(&error));
        None
    });
    Ok(Looked {
        position: row.try_get(0)?,
        organization: row.try_get(1)?,
        stream_type,
        stream: row.try_get(3)?,
        version: row.try_get(4)?,
        recorded_at: row.try_get(16)?,
        of_show,
        wrong,
    })
}

fn unreadable(error: &DecodeError) -> String {
    match std::error::Error::source(error) {
        Some(source) => format!("it cannot be read: {error}: {source}"),
        None => format!("it cannot be read: {error}"),
    }
}
