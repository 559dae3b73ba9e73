//! The history: what the log holds, filtered by the activity, up to the read model's checkpoint.
//!
//! Payloads are answered as they are stored, byte for byte, except that codes which still open a door are masked for whoever
//! may not see them.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::value::RawValue;
use sqlx::{Postgres, Transaction};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{Answer, List, Page, Queries, QueryError, Scope, checkpoint, read};

/// What stands for a code that still opens a door.
const MASK: &str = "•••";

/// Which events are asked for: those that fit all that is said.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HistoryFilter {
    /// Of this show's stream alone.
    pub show: Option<Uuid>,
    /// Of this stream.
    pub stream: Option<Uuid>,
    /// Of this type, such as `TicketIssued`.
    pub event_type: Option<String>,
    /// Of this actor.
    pub actor: Option<String>,
    /// Of this device.
    pub device: Option<Uuid>,
    /// That name this person.
    pub person: Option<Uuid>,
    /// That follow from one request.
    pub correlation: Option<Uuid>,
    /// Behind this position.
    pub after: Option<i64>,
    /// Before this position.
    pub before: Option<i64>,
    /// Recorded then or later.
    pub from: Option<DateTime<Utc>>,
    /// Recorded before.
    pub to: Option<DateTime<Utc>>,
    /// Of the streams of these shows: what a credential that is bound to shows reaches. None: of all streams.
    pub reach: Option<Vec<Uuid>>,
}

/// An event as it was recorded.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct HistoryItem {
    /// Its number in the whole log, from 1, without gaps.
    pub position: i64,
    /// The show's or the organization's id.
    pub stream: Uuid,
    /// Its number in its stream, from 1, without gaps.
    pub version: i64,
    /// What happened.
    #[serde(rename = "type")]
    #[schema(example = "TicketIssued")]
    pub event_type: String,
    /// The version of the payload's shape.
    pub schema: i32,
    /// When it was recorded; never before an earlier event's time.
    pub recorded_at: DateTime<Utc>,
    /// Who acted: a word and an id, never a name.
    pub actor: String,
    /// The door device that acted.
    pub device: Option<Uuid>,
    /// The command that it answers.
    pub command: Uuid,
    /// The same for everything that follows from one request.
    pub correlation: Uuid,
    /// The event or command that it follows from, if not the request itself.
    pub causation: Option<Uuid>,
    /// What is recorded of it. Codes that still open a door are masked for all but managers.
    #[schema(value_type = Object)]
    pub payload: Box<RawValue>,
    /// SHA-256 over type, schema, payload (as recorded) and metadata, in hexadecimal digits. Null where a code is masked: the
    /// few codes that there are could be tried out against it.
    pub content_hash: Option<String>,
}

struct Row {
    position: i64,
    stream: Uuid,
    version: i64,
    event_type: String,
    schema: i32,
    recorded_at: DateTime<Utc>,
    actor: String,
    device: Option<Uuid>,
    command: Uuid,
    correlation: Uuid,
    causation: Option<Uuid>,
    payload: String,
    content_hash: Vec<u8>,
}

impl Queries {
    /// Events of an organization, ascending by position. Without `unmask`, live short codes are masked.
    ///
    /// # Errors
    /// See [`QueryError`].
    pub async fn history(
        &self,
        organization: Uuid,
        filter: &HistoryFilter,
        unmask: bool,
        page: &Page,
    ) -> Result<Answer<List<HistoryItem>>, QueryError> {
        let after = page.position()?.max(filter.after);
        let mut transaction = self.begin(Scope::Organization(organization)).await?;
        let position = checkpoint(&mut transaction).await?;
        let mut rows = sqlx::query_as!(
            Row,
            r#"SELECT e.position, e.stream, e.version, e.type AS event_type, e.schema, e.recorded_at, e.actor, e.device, e.command,
                      e.correlation, e.causation, e.payload::text AS "payload!", e.content_hash
                 FROM activity AS a JOIN log.events AS e ON e.position = a.position
                WHERE a.organization = $1
                  AND ($2::uuid IS NULL OR (a.stream = $2 AND a.stream_type = 'show'))
                  AND ($3::uuid IS NULL OR a.stream = $3)
                  AND ($4::text IS NULL OR a.type = $4)
                  AND ($5::text IS NULL OR a.actor = $5)
                  AND ($6::uuid IS NULL OR a.device = $6)
                  AND ($7::uuid IS NULL OR a.persons @> ARRAY[$7::uuid])
                  AND ($8::uuid IS NULL OR a.correlation = $8)
                  AND ($9::bigint IS NULL OR a.position > $9)
                  AND ($10::bigint IS NULL OR a.position < $10)
                  AND ($11::timestamptz IS NULL OR a.recorded_at >= $11)
                  AND ($12::timestamptz IS NULL OR a.recorded_at < $12)
                  AND ($14::uuid[] IS NULL OR (a.stream = ANY($14) AND a.stream_type = 'show'))
                ORDER BY a.position LIMIT $13"#,
            organization,
            filter.show,
            filter.stream,
            filter.event_type,
            filter.actor,
            filter.device,
            filter.person,
            filter.correlation,
            after,
            filter.before,
            filter.from,
            filter.to,
            page.rows(),
            filter.reach.as_deref()
        )
        .fetch_all(&mut *transaction)
        .await?;
        let next = page.cut(&mut rows, |row| row.position.to_string());
        let live = if unmask { HashSet::new() } else { live_codes(&mut transaction, &rows).await? };
        transaction.commit().await?;
        let items = rows.into_iter().map(|row| item(row, &live)).collect::<Result<_, _>>()?;
        Ok(Answer { position, body: List { items, next } })
    }

    /// The event at a position. None: there is no such one in the organization, and within reach (up to the checkpoint).
    ///
    /// # Errors
    /// See [`QueryError`].
    pub async fn history_event(
        &self,
        organization: Uuid,
        position: i64,
        reach: Option<&[Uuid]>,
        unmask: bool,
    ) -> Result<Answer<Option<HistoryItem>>, QueryError> {
        let filter = HistoryFilter {
            after: Some(position.saturating_sub(1)),
            before: Some(position.saturating_add(1)),
            reach: reach.map(<[Uuid]>::to_vec),
            ..HistoryFilter::default()
        };
        let found = self.history(organization, &filter, unmask, &Page { limit: 1, cursor: None }).await?;
        Ok(found.map(|list| list.items.into_iter().next()))
    }
}

fn item(row: Row, live: &HashSet<(Uuid, String)>) -> Result<HistoryItem, QueryError> {
    let is_live = |code: &str| live.contains(&(row.stream, code.to_owned()));
    let payload = mask(&row.payload, is_live);
    let is_masked = payload != row.payload;
    Ok(HistoryItem {
        position: row.position,
        stream: row.stream,
        version: row.version,
        event_type: row.event_type,
        schema: row.schema,
        recorded_at: row.recorded_at,
        actor: row.actor,
        device: row.device,
        command: row.command,
        correlation: row.correlation,
        causation: row.causation,
        payload: read("log.events", &payload)?,
        content_hash: (!is_masked).then(|| hex::encode(row.content_hash)),
    })
}

/// The codes in these payloads that belong to a valid ticket now.
async fn live_codes(
    transaction: &mut Transaction<'static, Postgres>,
    rows: &[Row],
) -> Result<HashSet<(Uuid, String)>, sqlx::Error> {
    let (mut shows, mut codes) = (Vec::new(), Vec::new());
    for row in rows {
        for (_, code) in short_codes(&row.payload) {
            shows.push(row.stream);
            codes.push(code.to_owned());
        }
    }
    if codes.is_empty() {
        return Ok(HashSet::new());
    }
    let live = sqlx::query!(
        "SELECT t.show, t.short_code FROM unnest($1::uuid[], $2::text[]) AS c (show, short_code)
           JOIN tickets AS t ON t.show = c.show AND t.short_code = c.short_code AND t.status = 'valid'",
        &shows,
        &codes
    )
    .fetch_all(&mut **transaction)
    .await?;
    Ok(live.into_iter().map(|row| (row.show, row.short_code)).collect())
}

/// A payload with its live codes masked, otherwise byte for byte.
fn mask(payload: &str, is_live: impl Fn(&str) -> bool) -> String {
    let mut masked = String::with_capacity(payload.len());
    let mut from = 0;
    for (at, code) in short_codes(payload) {
        if is_live(code) {
            masked.push_str(&payload[from..at]);
            masked.push_str(MASK);
            from = at + code.len();
        }
    }
    masked.push_str(&payload[from..]);
    masked
}

/// Every text that a JSON text calls `short_code`, with its place. An unescaped quote cannot stand within a JSON string, so
/// the name in its quotes is only ever a whole string; followed by a colon, a key.
fn short_codes(payload: &str) -> impl Iterator<Item = (usize, &str)> {
    const KEY: &str = "\"short_code\"";
    payload.match_indices(KEY).filter_map(move |(at, _)| {
        let behind = payload[at + KEY.len()..].trim_start().strip_prefix(':')?.trim_start().strip_prefix('"')?;
        let code = &behind[..behind.find('"')?];
        Some((payload.len() - behind.len(), code))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn live_codes_are_masked_and_the_rest_stays_byte_for_byte() {
        let payload = r#"{"z":1,"short_code":"0042","ticket":{"short_code" : "77"},"name":"\"short_code\":\"0042\""}"#;
        assert_eq!(
            mask(payload, |code| code == "0042"),
            r#"{"z":1,"short_code":"•••","ticket":{"short_code" : "77"},"name":"\"short_code\":\"0042\""}"#
        );
        assert_eq!(mask(payload, |_| false), payload);
    }
}
