//! Events as they are answered, a page at a time or all that fit, one page after the other.

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::value::RawValue;
use sqlx::{Postgres, Transaction};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    HistoryFilter, Reading,
    filter::Span,
    known::Known,
    masks::mask,
    sentence::{Recorded, sentence},
};
use crate::{
    Answer,
    queries::{List, Page, Queries, QueryError, Scope, checkpoint, read},
};

/// Events that are read together where all that fit are wanted: some hundred kilobytes.
const EVERY_PAGE_EVENTS: i64 = 500;

/// An event as it was recorded, and told.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct HistoryItem {
    /// Its number in the whole log, from 1, without gaps.
    pub position: i64,
    /// Whose it is.
    pub organization: Uuid,
    /// `show` or `organization`.
    #[schema(example = "show")]
    pub stream_type: String,
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
    /// Through which channel: `web`, `box_office`, `door` or `api`.
    pub channel: Option<String>,
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
    /// What happened, and who did it, in a plain sentence in the reader's language. Names, and what people typed, as they are in
    /// the vault now, for those who may see them.
    #[schema(
        example = "Seat Block B-3-12 was sold to order K7Q2M at the box office: ticket 4711, Adult, 25.00 EUR (member Anna)"
    )]
    pub sentence: String,
}

/// A row of the log, of those that the activity names.
pub(super) struct Row {
    pub position: i64,
    pub organization: Uuid,
    pub stream_type: String,
    pub stream: Uuid,
    pub version: i64,
    pub event_type: String,
    pub schema: i32,
    pub recorded_at: DateTime<Utc>,
    pub actor: String,
    pub device: Option<Uuid>,
    pub channel: Option<String>,
    pub command: Uuid,
    pub correlation: Uuid,
    pub causation: Option<Uuid>,
    pub payload: String,
    pub content_hash: Vec<u8>,
}

impl Row {
    pub fn recorded(&self) -> Recorded<'_> {
        Recorded {
            stream_type: &self.stream_type,
            stream: self.stream,
            event_type: &self.event_type,
            schema: self.schema,
            payload: &self.payload,
            actor: &self.actor,
        }
    }

    pub fn told(self, reading: Reading, known: &Known) -> Result<HistoryItem, QueryError> {
        let sentence = sentence(self.recorded(), reading, known);
        let payload = mask(&self.payload, |code| known.masked.contains(&(self.stream, code.to_owned())));
        let is_masked = payload != self.payload;
        Ok(HistoryItem {
            position: self.position,
            organization: self.organization,
            stream_type: self.stream_type,
            stream: self.stream,
            version: self.version,
            event_type: self.event_type,
            schema: self.schema,
            recorded_at: self.recorded_at,
            actor: self.actor,
            device: self.device,
            channel: self.channel,
            command: self.command,
            correlation: self.correlation,
            causation: self.causation,
            payload: read("log.events", &payload)?,
            content_hash: (!is_masked).then(|| hex::encode(self.content_hash)),
            sentence,
        })
    }
}

impl Queries {
    /// Events of an organization, ascending by position.
    ///
    /// # Errors
    /// See [`QueryError`].
    pub async fn history(
        &self,
        organization: Uuid,
        filter: &HistoryFilter,
        reading: Reading,
        page: &Page,
    ) -> Result<Answer<List<HistoryItem>>, QueryError> {
        let cursor = page.position()?;
        let mut span = filter.span(&self.log).await?;
        span.after = span.after.max(cursor.unwrap_or(0));
        let mut transaction = self.begin(Scope::Organization(organization)).await?;
        let position = checkpoint(&mut transaction).await?;
        let mut found = rows(&mut transaction, organization, filter, span, page.rows()).await?;
        let next = page.cut(&mut found, |row| row.position.to_string());
        let items = self.told(transaction, organization, reading, found).await?;
        Ok(Answer { position, body: List { items, next } })
    }

    /// All events that fit, up to what the read model has reached now, to be read page by page.
    ///
    /// # Errors
    /// See [`QueryError`].
    pub async fn every_event(
        &self,
        organization: Uuid,
        filter: HistoryFilter,
        reading: Reading,
    ) -> Result<EveryEvent, QueryError> {
        let mut span = filter.span(&self.log).await?;
        let mut transaction = self.begin(Scope::Organization(organization)).await?;
        let position = checkpoint(&mut transaction).await?;
        transaction.commit().await?;
        span.before = span.before.min(position.saturating_add(1));
        Ok(EveryEvent { queries: self.clone(), organization, filter, reading, span, position })
    }

    /// Rows as they are answered.
    pub(super) async fn told(
        &self,
        transaction: Transaction<'static, Postgres>,
        organization: Uuid,
        reading: Reading,
        rows: Vec<Row>,
    ) -> Result<Vec<HistoryItem>, QueryError> {
        let known = self.look_up(transaction, organization, reading, rows.iter().map(Row::recorded)).await?;
        rows.into_iter().map(|row| row.told(reading, &known)).collect()
    }
}

/// All events that fit, page by page. Between two pages nothing is held but the place in the log, so a slow reader costs nothing;
/// what was recorded stays as it is, so that pages fit together.
#[derive(Debug)]
pub struct EveryEvent {
    queries: Queries,
    organization: Uuid,
    filter: HistoryFilter,
    reading: Reading,
    span: Span,
    /// Up to here.
    pub position: i64,
}

impl EveryEvent {
    /// The next of them; none: that was all.
    ///
    /// # Errors
    /// See [`QueryError`].
    pub async fn next_page(&mut self) -> Result<Option<Vec<HistoryItem>>, QueryError> {
        let mut transaction = self.queries.begin(Scope::Organization(self.organization)).await?;
        let found = rows(&mut transaction, self.organization, &self.filter, self.span, EVERY_PAGE_EVENTS).await?;
        let Some(last) = found.last() else { return Ok(None) };
        self.span.after = last.position;
        self.queries.told(transaction, self.organization, self.reading, found).await.map(Some)
    }
}

/// Rows of a part of the log that fit, ascending. The statement is planned for what is asked, each time: what is not asked for
/// must not keep it from an index.
///
/// A page of everything, or of one stream, costs what is on it, wherever in the log it is: events are bounded like the activity (a merge
/// of both would begin at the first event), and read in the order of an index, never sorted. With statistics that do not know of the
/// last events PostgreSQL takes what is left for little, and would sort all of it for each page. What only a part of the events has is
/// sorted: a thing, a request, some shows of many.
pub(super) async fn rows(
    transaction: &mut Transaction<'static, Postgres>,
    organization: Uuid,
    filter: &HistoryFilter,
    span: Span,
    limit: i64,
) -> Result<Vec<Row>, sqlx::Error> {
    let stream = match filter.reach.as_deref() {
        Some([only]) => filter.stream.or(Some(*only)),
        _ => filter.stream,
    };
    let of_some_shows = filter.reach.is_some() && stream.is_none() && filter.show.is_none();
    let of_few = filter.correlation.is_some() || !filter.subjects.is_empty() || of_some_shows;
    let sorting = if of_few { "on" } else { "off" };
    sqlx::query!(
        "SELECT set_config('plan_cache_mode', 'force_custom_plan', true) AS planned, set_config('enable_sort', $1, true) AS sorted",
        sorting
    )
    .fetch_one(&mut **transaction)
    .await?;
    let touching = match filter.subjects.as_slice() {
        [] => None,
        subjects => Some(positions_touching(transaction, subjects, span).await?),
    };
    sqlx::query_as!(
        Row,
        r#"SELECT e.position, e.organization, e.stream_type, e.stream, e.version, e.type AS event_type, e.schema, e.recorded_at,
                  e.actor, e.device, e.channel, e.command, e.correlation, e.causation, e.payload::text AS "payload!", e.content_hash
             FROM activity AS a JOIN log.events AS e ON e.position = a.position
            WHERE a.organization = $1
              AND ($2::uuid IS NULL OR (a.stream = $2 AND a.stream_type = 'show'))
              AND ($3::uuid IS NULL OR a.stream = $3)
              AND ($4::text IS NULL OR a.type = $4)
              AND ($5::text IS NULL OR a.actor = $5)
              AND ($6::uuid IS NULL OR a.device = $6)
              AND ($7::bigint[] IS NULL OR a.position = ANY($7))
              AND ($8::uuid IS NULL OR a.correlation = $8)
              AND a.position > $9 AND e.position > $9
              AND a.position < $10 AND e.position < $10
              AND ($11::uuid[] IS NULL OR (a.stream = ANY($11) AND a.stream_type = 'show'))
            ORDER BY a.position LIMIT $12"#,
        organization,
        filter.show,
        stream,
        filter.event_type,
        filter.actor,
        filter.device,
        touching.as_deref(),
        filter.correlation,
        span.after,
        span.before,
        filter.reach.as_deref(),
        limit
    )
    .fetch_all(&mut **transaction)
    .await
}

/// The events of a part of the log that touched all of these. What happened to one thing, or to one person, is never much.
async fn positions_touching(
    transaction: &mut Transaction<'static, Postgres>,
    subjects: &[Uuid],
    span: Span,
) -> Result<Vec<i64>, sqlx::Error> {
    sqlx::query_scalar!(
        r#"SELECT position AS "position!" FROM positions_touching($1, $2, $3) AS found (position)"#,
        subjects,
        span.after,
        span.before
    )
    .fetch_all(&mut **transaction)
    .await
}
