//! The log in PostgreSQL, read.
//!
//! A page of a stream is asked for by its versions, of which there can be so many and no more, and with it the one row behind
//! them: it shows a hole as wide as a page, which else would look like the stream's end. With a limit alone, PostgreSQL may read
//! and sort all that is left of the stream for each page, as long as its statistics are older than a busy show: nine times the
//! work for 300,000 events (`docs/decisions/0009-a-sale-nearer-to-its-limit.md`).

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use sqlx::PgPool;
use uuid::Uuid;

use super::{LogSource, ReadError, Touched};
use crate::event::{Metadata, RecordedEvent, StreamEvent, StreamType, TypedEvent};

/// A pool in a role that sees the whole log.
#[derive(Debug)]
pub(super) struct Postgres {
    pool: PgPool,
}

impl Postgres {
    pub(super) fn new(pool: PgPool) -> Self {
        Self { pool }
    }
}

#[async_trait]
impl LogSource for Postgres {
    async fn page(&self, after: i64, limit: i64) -> Result<Vec<RecordedEvent>, ReadError> {
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
        decode(rows)
    }

    async fn facts(&self, stream: Uuid, after_version: i64, limit: i64) -> Result<Vec<StreamEvent>, ReadError> {
        let events = sqlx::query_as!(
            StreamEvent,
            r#"SELECT version AS "version!", position AS "position!", organization AS "organization!", type AS "event_type!",
                      schema AS "schema!", payload::text AS "payload!", command AS "command!", recorded_at AS "recorded_at!"
                 FROM ((SELECT * FROM log.events WHERE stream = $1 AND version > $2 AND version <= $2 + $3 ORDER BY version)
                       UNION ALL
                       (SELECT * FROM log.events WHERE stream = $1 AND version > $2 + $3 ORDER BY version LIMIT 1)) AS page
                ORDER BY version LIMIT $3"#,
            stream,
            after_version,
            limit
        )
        .fetch_all(&self.pool)
        .await?;
        Ok(events)
    }

    async fn stream(&self, stream: Uuid, after_version: i64, limit: i64) -> Result<Vec<RecordedEvent>, ReadError> {
        let rows = sqlx::query_as!(
            Row,
            r#"SELECT position AS "position!", organization AS "organization!", stream_type AS "stream_type!", stream AS "stream!",
                      version AS "version!", type AS "event_type!", schema AS "schema!", payload::text AS "payload!",
                      actor AS "actor!", device, channel, command AS "command!", request_hmac, correlation AS "correlation!",
                      causation, content_hash AS "content_hash!", recorded_at AS "recorded_at!"
                 FROM ((SELECT * FROM log.events WHERE stream = $1 AND version > $2 AND version <= $2 + $3 ORDER BY version)
                       UNION ALL
                       (SELECT * FROM log.events WHERE stream = $1 AND version > $2 + $3 ORDER BY version LIMIT 1)) AS page
                ORDER BY version LIMIT $3"#,
            stream,
            after_version,
            limit
        )
        .fetch_all(&self.pool)
        .await?;
        decode(rows)
    }

    async fn of_types(&self, types: &[&str], after: i64, until: i64) -> Result<Vec<TypedEvent>, ReadError> {
        let events = sqlx::query_as!(
            TypedEvent,
            r#"SELECT position, organization, stream, type AS event_type, schema, payload::text AS "payload!", recorded_at
                 FROM log.events WHERE position > $1 AND position <= $2 AND type = ANY($3) ORDER BY position"#,
            after,
            until,
            types as &[&str]
        );
        Ok(events.fetch_all(&self.pool).await?)
    }

    async fn streams_between(&self, after: i64, until: i64) -> Result<Vec<Touched>, ReadError> {
        let touched = sqlx::query_as!(
            Touched,
            "SELECT DISTINCT organization, stream FROM log.events WHERE position > $1 AND position <= $2",
            after,
            until
        );
        Ok(touched.fetch_all(&self.pool).await?)
    }

    async fn organization_command(&self, organization: Uuid, command: Uuid) -> Result<Vec<RecordedEvent>, ReadError> {
        let rows = sqlx::query_as!(
            Row,
            r#"SELECT position, organization, stream_type, stream, version, type AS event_type, schema, payload::text AS "payload!",
                      actor, device, channel, command, request_hmac, correlation, causation, content_hash, recorded_at
                 FROM log.events WHERE stream = $1 AND command = $2 AND stream_type = 'organization' ORDER BY version"#,
            organization,
            command
        )
        .fetch_all(&self.pool)
        .await?;
        decode(rows)
    }

    async fn stream_organization(&self, stream: Uuid) -> Result<Option<Uuid>, ReadError> {
        let organization =
            sqlx::query_scalar!("SELECT organization FROM log.events WHERE stream = $1 AND version = 1", stream)
                .fetch_optional(&self.pool)
                .await?;
        Ok(organization)
    }

    async fn has_shows(&self) -> Result<bool, ReadError> {
        let found =
            sqlx::query_scalar!(r#"SELECT EXISTS (SELECT FROM log.events WHERE stream_type = 'show') AS "found!""#);
        Ok(found.fetch_one(&self.pool).await?)
    }

    async fn position_at(&self, moment: DateTime<Utc>) -> Result<i64, ReadError> {
        // By halves, as times never go back: some twenty looks at the primary key, and no index by time to keep.
        let position = sqlx::query_scalar!(
            r#"WITH RECURSIVE search (low, high) AS (
                   SELECT 0::bigint, coalesce(max(position), 0) FROM log.events
                   UNION ALL
                   SELECT CASE WHEN before THEN middle ELSE low END, CASE WHEN before THEN high ELSE middle - 1 END
                     FROM (SELECT low, high, middle,
                                  (SELECT recorded_at FROM log.events WHERE position = middle) <= $1 AS before
                             FROM (SELECT low, high, (low + high + 1) / 2 AS middle FROM search WHERE low < high)
                                  AS halved) AS looked
               )
               SELECT low AS "low!" FROM search WHERE low >= high"#,
            moment
        )
        .fetch_one(&self.pool)
        .await?;
        Ok(position)
    }

    async fn version_at(&self, stream: Uuid, position: i64) -> Result<i64, ReadError> {
        let version = sqlx::query_scalar!(
            r#"WITH RECURSIVE search (low, high) AS (
                   SELECT 0::bigint, coalesce(max(version), 0) FROM log.events WHERE stream = $1
                   UNION ALL
                   SELECT CASE WHEN before THEN middle ELSE low END, CASE WHEN before THEN high ELSE middle - 1 END
                     FROM (SELECT low, high, middle,
                                  (SELECT position FROM log.events WHERE stream = $1 AND version = middle) <= $2 AS before
                             FROM (SELECT low, high, (low + high + 1) / 2 AS middle FROM search WHERE low < high)
                                  AS halved) AS looked
               )
               SELECT low AS "low!" FROM search WHERE low >= high"#,
            stream,
            position
        )
        .fetch_one(&self.pool)
        .await?;
        Ok(version)
    }

    async fn head(&self) -> Result<i64, ReadError> {
        let head = sqlx::query_scalar!(r#"SELECT coalesce(max(position), 0) AS "head!" FROM log.events"#)
            .fetch_one(&self.pool)
            .await?;
        Ok(head)
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
