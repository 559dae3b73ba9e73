//! A show's stream in memory: the folded state, how far it goes, and which commands are in it.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use domain::{ShowEvent, ShowState, ids::ShowId};
use event_store::{Appended, Log, ReadError, RecordedEvent, Snapshots, StreamEvent};
use futures::TryStreamExt;
use tokio::time::Instant;
use uuid::Uuid;

use super::{DeskError, DeskParts, ShowFacts, known_commands::KnownCommands, metrics, snapshot};

/// How many events are read at once. Where there are more, the rest is read ahead.
const PAGE: usize = 1_000;

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

    /// Reads what was recorded since, and says whether anything was.
    pub(super) async fn catch_up(&mut self, parts: &DeskParts) -> Result<bool, DeskError> {
        let log = &parts.log;
        let opening = (self.version == 0).then(Instant::now);
        if opening.is_some() {
            self.begin_at_snapshot(&parts.snapshots).await;
        }
        let begun_at = self.version;
        loop {
            let page = log.facts(self.show.0, self.version, PAGE as i64).await.map_err(|error| self.unread(&error))?;
            let is_last = page.len() < PAGE;
            self.take_all(understood(page)?);
            if is_last {
                break;
            }
            self.read_ahead(log).await?;
        }
        if let Some(began) = opening.filter(|_| self.version > 0) {
            metrics::opened(began);
        }
        Ok(self.version > begun_at)
    }

    /// The state of the latest snapshot, if there is one; without one, or when it cannot be had, the log tells everything.
    async fn begin_at_snapshot(&mut self, snapshots: &Snapshots) {
        match snapshots.latest(self.show.0, snapshot::FOLD).await {
            Ok(Some(found)) => {
                if let Some((found, state, commands)) = snapshot::read(found).await {
                    (self.state, self.commands) = (state, commands);
                    (self.version, self.kept) = (found.version, found.version);
                    self.organization = Some(found.organization);
                    (self.last_position, self.last_time) = (found.position, found.recorded_at);
                }
            }
            Ok(None) => {}
            Err(error) => tracing::warn!(%error, show = %self.show, "a snapshot cannot be read now"),
        }
    }

    /// Reads as far as the stream goes now. While one page is folded, the next ones are decoded beside.
    async fn read_ahead(&mut self, log: &Log) -> Result<(), DeskError> {
        let until = log.version_at(self.show.0, i64::MAX).await.map_err(|error| self.unread(&error))?;
        let mut pages = std::pin::pin!(log.ahead(self.show.0, self.version, until, understood));
        while let Some(page) = pages.try_next().await.map_err(|error| self.unread(&error))? {
            self.take_all(page?);
        }
        Ok(())
    }

    fn unread(&self, error: &ReadError) -> DeskError {
        tracing::warn!(%error, show = %self.show, "a show's stream cannot be read now");
        DeskError::Unavailable
    }

    fn take_all(&mut self, page: Vec<(StreamEvent, ShowEvent)>) {
        for (event, fact) in page {
            self.state.evolve(&fact);
            self.commands.learn(event.command, event.version, 1);
            self.version = event.version;
            self.organization = Some(event.organization);
            self.last_position = event.position;
            self.last_time = event.recorded_at;
        }
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

/// A page with what its events say.
fn understood(page: Vec<StreamEvent>) -> Result<Vec<(StreamEvent, ShowEvent)>, DeskError> {
    let understood = page.into_iter().map(|event| {
        let fact = ShowEvent::decode(&event.event_type, event.schema, &event.payload)
            .map_err(|error| DeskError::Unreadable(format!("position {}: {error}", event.position)))?;
        Ok((event, fact))
    });
    understood.collect()
}

/// What an event of a show says.
pub(super) fn decode(recorded: &RecordedEvent) -> Result<ShowEvent, DeskError> {
    ShowEvent::decode(&recorded.event_type, recorded.schema, &recorded.payload)
        .map_err(|error| DeskError::Unreadable(format!("position {}: {error}", recorded.position)))
}
