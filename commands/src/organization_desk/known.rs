//! What this node knows of organizations: copies of their streams, folded as far as they were read. For each only one read
//! is under way, and whoever comes meanwhile waits for it.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use chrono::{DateTime, Utc};
use domain::{Organization, OrganizationEvent, OrganizationState, ids::OrganizationId};
use event_store::{Appended, Log, ReadError, RecordedEvent};
use tokio::time::Instant;

use crate::desk::DeskError;

/// How many organizations are kept: some kilobytes each. Beyond that all are forgotten and read anew.
const KNOWN_MAX: usize = 10_000;
/// How many events are read at once.
const PAGE: i64 = 5_000;

/// An organization's stream, as far as it was read.
#[derive(Clone)]
pub(super) struct Known {
    /// The organization; none before its first event.
    pub organization: Option<Arc<Organization>>,
    /// How many events it has.
    pub version: i64,
    /// The position of its last event; 0 before the first.
    pub last_position: i64,
    /// When its last event was recorded.
    pub last_time: DateTime<Utc>,
    /// A moment before it was read; none before it was read at all.
    read_at: Option<Instant>,
}

impl Known {
    fn nothing() -> Self {
        Self { organization: None, version: 0, last_position: 0, last_time: DateTime::UNIX_EPOCH, read_at: None }
    }

    /// The state to decide on.
    pub(super) fn state(&self) -> OrganizationState {
        match &self.organization {
            None => OrganizationState::NotFounded,
            Some(organization) => OrganizationState::Founded(Box::new(Organization::clone(organization))),
        }
    }

    /// The same once these events were recorded.
    pub(super) fn after(&self, events: &[OrganizationEvent], appended: &Appended) -> Self {
        let mut known = self.clone();
        known.fold(events);
        known.version = appended.version;
        known.last_position = appended.last_position;
        if appended.first_position.is_some() {
            known.last_time = appended.recorded_at;
        }
        known
    }

    fn fold(&mut self, events: &[OrganizationEvent]) {
        if events.is_empty() {
            return;
        }
        let mut state = self.state();
        for event in events {
            state.evolve(event);
        }
        self.organization = match state {
            OrganizationState::NotFounded => None,
            OrganizationState::Founded(organization) => Some(Arc::from(organization)),
        };
    }

    /// Reads what was recorded since.
    async fn catch_up(&mut self, log: &Log, organization: OrganizationId) -> Result<(), DeskError> {
        let began = Instant::now();
        loop {
            let page = log.stream(organization.0, self.version, PAGE).await.map_err(|e| unreachable_log(&e))?;
            let events = page.iter().map(decode).collect::<Result<Vec<_>, _>>()?;
            self.fold(&events);
            if let Some(last) = page.last() {
                self.version = last.version;
                self.last_position = last.position;
                self.last_time = last.recorded_at;
            }
            if page.len() < usize::try_from(PAGE).unwrap_or(usize::MAX) {
                self.read_at = Some(began);
                return Ok(());
            }
        }
    }
}

type Entry = Arc<tokio::sync::Mutex<Known>>;

/// What is known, by organization.
#[derive(Default)]
pub(super) struct KnownOrganizations(Mutex<HashMap<OrganizationId, Entry>>);

impl KnownOrganizations {
    /// An organization as it stood at most `fresh` ago.
    pub(super) async fn read(
        &self,
        log: &Log,
        organization: OrganizationId,
        fresh: Duration,
    ) -> Result<Known, DeskError> {
        let asked = Instant::now();
        let entry = self.entry(organization);
        let mut known = entry.lock().await;
        let is_fresh = known.read_at.is_some_and(|read_at| read_at + fresh >= asked);
        if !is_fresh {
            known.catch_up(log, organization).await?;
            if known.version == 0 {
                self.forget(organization);
            }
        }
        Ok(known.clone())
    }

    /// What was recorded by this node is known at once, unless more is known already.
    pub(super) async fn learn(&self, organization: OrganizationId, now_known: &Known) {
        let entry = self.entry(organization);
        let mut known = entry.lock().await;
        if known.version < now_known.version {
            *known = now_known.clone();
        }
    }

    fn entry(&self, organization: OrganizationId) -> Entry {
        let mut entries = self.entries();
        if entries.len() >= KNOWN_MAX && !entries.contains_key(&organization) {
            entries.clear();
        }
        Arc::clone(entries.entry(organization).or_insert_with(|| Arc::new(tokio::sync::Mutex::new(Known::nothing()))))
    }

    /// Ids that name nothing take no room.
    fn forget(&self, organization: OrganizationId) {
        self.entries().remove(&organization);
    }

    fn entries(&self) -> std::sync::MutexGuard<'_, HashMap<OrganizationId, Entry>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What an event of an organization says.
pub(super) fn decode(recorded: &RecordedEvent) -> Result<OrganizationEvent, DeskError> {
    OrganizationEvent::decode(&recorded.event_type, recorded.schema, &recorded.payload)
        .map_err(|error| DeskError::Unreadable(format!("position {}: {error}", recorded.position)))
}

/// That the log cannot be read now.
pub(super) fn unreachable_log(error: &ReadError) -> DeskError {
    tracing::warn!(%error, "an organization's stream cannot be read now");
    DeskError::Unavailable
}
