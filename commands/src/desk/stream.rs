//! A show's stream in memory: the folded state, and how far it goes.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use domain::{ShowEvent, ShowState, ids::ShowId};
use event_store::{Log, RecordedEvent};
use tokio::time::Instant;
use uuid::Uuid;

use super::{DeskError, ShowFacts, metrics};

/// How many events are read at once.
const PAGE: i64 = 5_000;

/// A stream, folded as far as it was read.
pub(super) struct Stream {
    show: ShowId,
    /// The show.
    pub state: ShowState,
    /// How many events it has.
    pub version: i64,
    /// Whose it is, once there is an event.
    pub organization: Option<Uuid>,
    /// The position of its last event; 0 before the first.
    pub last_position: i64,
    /// When its last event was recorded.
    pub last_time: DateTime<Utc>,
}

impl Stream {
    pub(super) fn new(show: ShowId) -> Self {
        Self {
            show,
            state: ShowState::default(),
            version: 0,
            organization: None,
            last_position: 0,
            last_time: DateTime::UNIX_EPOCH,
        }
    }

    /// Whose stream it is.
    pub(super) fn show(&self) -> ShowId {
        self.show
    }

    /// Forgets everything, to be read anew: the state went ahead of what was recorded.
    pub(super) fn reset(&mut self) {
        *self = Self::new(self.show);
    }

    /// Reads what was recorded since.
    pub(super) async fn catch_up(&mut self, log: &Log) -> Result<(), DeskError> {
        let opening = (self.version == 0).then(Instant::now);
        loop {
            let page = log.stream(self.show.0, self.version, PAGE).await.map_err(|error| {
                tracing::warn!(%error, show = %self.show, "a show's stream cannot be read now");
                DeskError::Unavailable
            })?;
            let last = page.len() < usize::try_from(PAGE).unwrap_or(usize::MAX);
            for event in &page {
                self.take(event)?;
            }
            if last {
                if let Some(began) = opening.filter(|_| self.version > 0) {
                    metrics::opened(began);
                }
                return Ok(());
            }
        }
    }

    fn take(&mut self, recorded: &RecordedEvent) -> Result<(), DeskError> {
        if recorded.version != self.version + 1 {
            return Err(DeskError::Unreadable(format!(
                "version {} of show {} is missing",
                self.version + 1,
                self.show
            )));
        }
        self.state.evolve(&decode(recorded)?);
        self.version = recorded.version;
        self.organization = Some(recorded.organization);
        self.last_position = recorded.position;
        self.last_time = recorded.recorded_at;
        Ok(())
    }

    /// What handlers ask about the show.
    pub(super) fn facts(&self) -> Option<ShowFacts> {
        let show = self.state.show()?;
        Some(ShowFacts {
            organization: self.organization?,
            name: show.name.clone(),
            currency: show.currency,
            published: show.code_length.is_some(),
            timezone: show.timezone,
            door: Arc::new(show.door.clone()),
        })
    }
}

/// What an event of a show says.
pub(super) fn decode(recorded: &RecordedEvent) -> Result<ShowEvent, DeskError> {
    ShowEvent::decode(&recorded.event_type, recorded.schema, &recorded.payload)
        .map_err(|error| DeskError::Unreadable(format!("position {}: {error}", recorded.position)))
}
