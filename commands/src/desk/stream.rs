//! A show's stream in memory: the folded state, how far it goes, and which commands are in it.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use domain::{ShowEvent, ShowState, ids::ShowId};
use event_store::{Appended, Log, ReadError, RecordedEvent, Snapshots, StreamEvent};
use tokio::time::Instant;
use uuid::Uuid;

use super::{DeskError, DeskParts, ShowFacts, known_commands::KnownCommands, metrics, snapshot};

/// How many events are read at once.
const PAGE: usize = 5_000;

/// A stream, folded as far as it was read.
pub(super) struct Stream {
    show: ShowId,
    /// The show.
    pub state: ShowState,
    /// How many events it has.
    pub version: i64,
    /// Whose it is, once there is an event, also one that is not recorded yet.
    pub organization: Option<Uuid>,
    /// The position of its last event; 0 before the first.
    pub last_position: i64,
    /// When its last event was recorded.
    pub last_time: DateTime<Utc>,
    /// The commands that its events answer.
    pub commands: KnownCommands,
    /// The version of the last snapshot.
    pub kept: i64,
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
            commands: KnownCommands::default(),
            kept: 0,
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

    /// Reads what was recorded since, and says whether anything was. While a page is folded the next one is on its way.
    pub(super) async fn catch_up(&mut self, parts: &DeskParts) -> Result<bool, DeskError> {
        let log = &parts.log;
        let opening = (self.version == 0).then(Instant::now);
        if opening.is_some() {
            self.begin_at_snapshot(&parts.snapshots).await;
        }
        let begun_at = self.version;
        let mut page = self.read(log, begun_at).await?;
        while page.len() == PAGE {
            let last = self.version + PAGE as i64;
            let (log, show) = (log.clone(), self.show);
            let next = tokio::spawn(async move { log.facts(show.0, last, PAGE as i64).await });
            self.take_all(&page)?;
            page = next.await.map_err(|_| DeskError::Unavailable)?.map_err(|error| self.unread(&error))?;
        }
        self.take_all(&page)?;
        if let Some(began) = opening.filter(|_| self.version > 0) {
            metrics::opened(began);
        }
        Ok(self.version > begun_at)
    }

    /// The state of the latest snapshot, if there is one; without one, or when it cannot be had, the log tells everything.
    async fn begin_at_snapshot(&mut self, snapshots: &Snapshots) {
        match snapshots.latest(self.show.0, snapshot::FOLD).await {
            Ok(Some(found)) => {
                if snapshot::read(&found, self) {
                    self.kept = self.version;
                }
            }
            Ok(None) => {}
            Err(error) => tracing::warn!(%error, show = %self.show, "a snapshot cannot be read now"),
        }
    }

    async fn read(&self, log: &Log, after: i64) -> Result<Vec<StreamEvent>, DeskError> {
        log.facts(self.show.0, after, PAGE as i64).await.map_err(|error| self.unread(&error))
    }

    fn unread(&self, error: &ReadError) -> DeskError {
        tracing::warn!(%error, show = %self.show, "a show's stream cannot be read now");
        DeskError::Unavailable
    }

    fn take_all(&mut self, page: &[StreamEvent]) -> Result<(), DeskError> {
        for event in page {
            let fact = ShowEvent::decode(&event.event_type, event.schema, &event.payload)
                .map_err(|error| DeskError::Unreadable(format!("position {}: {error}", event.position)))?;
            self.state.evolve(&fact);
            self.commands.learn(event.command, event.version, 1);
            self.version = event.version;
            self.organization = Some(event.organization);
            self.last_position = event.position;
            self.last_time = event.recorded_at;
        }
        Ok(())
    }

    /// What the state went ahead with is recorded: so many events of each of these commands, in their order.
    pub(super) fn recorded(&mut self, appended: &Appended, said: &[(Uuid, usize)]) {
        let mut version = self.version + 1;
        for (command, events) in said {
            let events = i64::try_from(*events).unwrap_or(i64::MAX);
            self.commands.learn(*command, version, events);
            version += events;
        }
        self.version = appended.version;
        self.last_position = appended.last_position;
        if appended.first_position.is_some() {
            self.last_time = appended.recorded_at;
        }
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
