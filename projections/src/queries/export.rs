//! A show's events to give away, page by page, each with what its leaf in the log's tree is made of.
//!
//! What always holds: a code that opens a door now is in no line for whoever may not see it, nor anything that it could be tried out
//! against. What is wrong with an event (its content hash, say) is not looked for here: whoever gets the lines looks for himself.

use std::collections::HashSet;

use domain::{ShowEvent, ids::ShowId};
use event_store::{
    ExportLine, ReadError, RecordedEvent,
    tree::{Salts, Tree, TreeError, seed_of},
};
use thiserror::Error;
use uuid::Uuid;

use super::{Queries, QueryError, Scope};
use crate::history::{mask, short_codes};

/// Events of a page: a megabyte or so.
const PAGE: i64 = 1_000;

/// Why there is no page.
#[derive(Debug, Error)]
pub enum ExportError {
    /// The log or the read models cannot be read.
    #[error("the show's events cannot be read")]
    Query(#[from] QueryError),
    /// The tree cannot be read, or is damaged.
    #[error("the log's tree cannot be read")]
    Tree(#[from] TreeError),
}

impl From<ReadError> for ExportError {
    fn from(error: ReadError) -> Self {
        Self::Query(error.into())
    }
}

impl From<sqlx::Error> for ExportError {
    fn from(error: sqlx::Error) -> Self {
        Self::Query(error.into())
    }
}

/// Which events of which show, for whom.
#[derive(Debug, Clone, Copy)]
pub struct Exported {
    /// Whose it is.
    pub organization: Uuid,
    /// The show.
    pub show: ShowId,
    /// How many of its events.
    pub events: i64,
    /// Whether with codes that open a door now.
    pub unmask: bool,
}

impl Queries {
    /// The event at a position, whole: for whoever may see all that it says.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub async fn recorded(&self, position: i64) -> Result<Option<RecordedEvent>, QueryError> {
        Ok(self.log.page(position.saturating_sub(1), 1).await?.into_iter().find(|event| event.position == position))
    }

    /// How many events of a show there are up to a position.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub async fn events_until(&self, show: ShowId, position: i64) -> Result<i64, ReadError> {
        self.log.version_at(show.0, position).await
    }

    /// The page of events behind a version, each as a line and as what it says; empty behind the last. The read models must have
    /// reached the last of these events: they know which codes open a door.
    ///
    /// # Errors
    /// [`ExportError`].
    pub async fn export_page(
        &self,
        tree: &Tree,
        exported: &Exported,
        after_version: i64,
    ) -> Result<Vec<(ExportLine, ShowEvent)>, ExportError> {
        let limit = PAGE.min(exported.events - after_version);
        if limit <= 0 {
            return Ok(Vec::new());
        }
        let events = self.log.stream(exported.show.0, after_version, limit).await?;
        let (Some(first), Some(last)) = (events.first(), events.last()) else { return Ok(Vec::new()) };
        let seeds = tree.seeds(first.position, last.position).await?;
        let live = if exported.unmask { HashSet::new() } else { self.live_codes(exported, &events).await? };
        let mut page = Vec::with_capacity(events.len());
        for event in events {
            let position = event.position;
            let said = ShowEvent::decode(&event.event_type, event.schema, &event.payload)
                .map_err(|source| QueryError::Unreadable { position, source })?;
            let number = seed_of(position);
            let seed = seeds.get(&number).ok_or_else(|| TreeError::Damaged(format!("the seed {number} is missing")))?;
            let masked = mask(&event.payload, |code| live.contains(code));
            page.push((line(event, Salts::new(seed).at(position), masked), said));
        }
        Ok(page)
    }

    /// The codes in these events that belong to a valid ticket now.
    async fn live_codes(&self, exported: &Exported, events: &[RecordedEvent]) -> Result<HashSet<String>, sqlx::Error> {
        let codes: Vec<String> =
            events.iter().flat_map(|event| short_codes(&event.payload)).map(|(_, code)| code.to_owned()).collect();
        if codes.is_empty() {
            return Ok(HashSet::new());
        }
        let mut transaction = self.begin(Scope::Organization(exported.organization)).await?;
        let live = sqlx::query_scalar!(
            "SELECT short_code FROM tickets WHERE show = $1 AND short_code = ANY($2) AND status = 'valid'",
            exported.show.0,
            &codes
        )
        .fetch_all(&mut *transaction)
        .await?;
        transaction.commit().await?;
        Ok(live.into_iter().collect())
    }
}

/// An event as a line: whole, or withheld where something of its payload is masked.
fn line(event: RecordedEvent, salt: [u8; 32], masked: String) -> ExportLine {
    let is_withheld = masked != event.payload;
    let content_hash = event.content_hash;
    let line = ExportLine {
        position: event.position,
        organization: event.organization,
        stream_type: event.stream_type.as_str().to_owned(),
        stream: event.stream,
        version: event.version,
        event_type: event.event_type,
        schema: event.schema,
        payload: masked,
        actor: event.metadata.actor,
        device: event.metadata.device,
        channel: event.metadata.channel,
        command: event.metadata.command,
        request_hmac: event.metadata.request_hmac,
        correlation: event.metadata.correlation,
        causation: event.metadata.causation,
        content_hash: Some(content_hash),
        recorded_at: event.recorded_at,
        salt: Some(salt),
        leaf_hash: None,
    };
    if !is_withheld {
        return line;
    }
    let leaf_hash = Some(line.leaf_of(content_hash, salt).0);
    ExportLine { request_hmac: None, content_hash: None, salt: None, leaf_hash, ..line }
}
