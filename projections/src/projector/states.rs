//! The folded shows that the projector has in memory, each at the version that it was folded to.
//!
//! A show is loaded from the log when an event of it comes and it is not here, or when it is behind (another node projected
//! meanwhile). At most `shows_max` stay; the one that had no event for longest goes first. After anything that went wrong all
//! are dropped: a state that is ahead of the written rows would leave rows out.

use std::collections::HashMap;

use domain::{ShowEvent, ShowState, events::DecodeError};
use event_store::{Log, ReadError, RecordedEvent};
use uuid::Uuid;

use super::{
    fact_rows::{self, FactRows, OpenFacts},
    rows::Rows,
    subjects::subjects,
    touched::{At, Touched},
};
use crate::facts;

/// Events in one page of a stream when a show is loaded.
const LOAD_PAGE: i64 = 2_000;

/// Why a show cannot be brought to a version.
#[derive(Debug)]
pub(crate) enum LoadError {
    /// The log cannot be read.
    Read(ReadError),
    /// An event of it cannot be understood, at this position.
    Poison(i64, String, DecodeError),
}

/// A show's stream, as far as it is folded.
#[derive(Debug, Default)]
pub(crate) struct Folded {
    /// What the events up to the version make of it.
    pub state: ShowState,
    /// The last event that it took in.
    pub version: i64,
    facts: OpenFacts,
}

impl Folded {
    /// Takes in the next event: notes which rows it makes stale, tells its facts, and says what it touched.
    pub fn take(
        &mut self,
        touched: &mut Touched,
        rows: &mut Rows,
        recorded: &RecordedEvent,
        event: &ShowEvent,
    ) -> Vec<Uuid> {
        touched.note(self.state.show(), event, At::of(recorded));
        let subjects = subjects(recorded.stream, self.state.show(), event);
        let told = rows.tells_facts().then(|| facts::begin(self.state.show(), event, recorded.recorded_at));
        self.state.evolve(event);
        self.version += 1;
        if let Some(told) = told {
            self.facts.take(recorded, told.end(self.state.show(), recorded.recorded_at), &mut rows.facts);
        }
        subjects
    }

    /// Hands on the facts that it took in and that are not in `rows` yet.
    pub fn tell_facts(&mut self, rows: &mut Rows) {
        self.facts.tell(&mut rows.facts);
    }

    /// Takes in an event that was projected before.
    fn recall(&mut self, recorded: &RecordedEvent) -> Result<(), LoadError> {
        let event = ShowEvent::decode(&recorded.event_type, recorded.schema, &recorded.payload)
            .map_err(|error| LoadError::Poison(recorded.position, recorded.event_type.clone(), error))?;
        let told = facts::begin(self.state.show(), &event, recorded.recorded_at);
        self.state.evolve(&event);
        self.version = recorded.version;
        let mut rows = FactRows::default();
        self.facts.take(recorded, told.end(self.state.show(), recorded.recorded_at), &mut rows);
        self.facts.tell(&mut rows);
        Ok(())
    }
}

#[derive(Debug, Default)]
struct Kept {
    folded: Folded,
    used: u64,
}

/// The shows in memory.
#[derive(Debug)]
pub(crate) struct States {
    shows: HashMap<Uuid, Kept>,
    shows_max: usize,
    uses: u64,
}

impl States {
    pub fn new(shows_max: usize) -> Self {
        Self { shows: HashMap::new(), shows_max: shows_max.max(1), uses: 0 }
    }

    /// Brings a show to `version`, from memory or from the log.
    pub async fn bring(&mut self, log: &Log, show: Uuid, version: i64) -> Result<&mut Folded, LoadError> {
        self.uses += 1;
        let kept = self.shows.entry(show).or_default();
        if kept.folded.version > version {
            kept.folded = Folded::default();
        }
        kept.used = self.uses;
        let folded = &mut kept.folded;
        // The events whose facts share a row with those of the next one are recalled with their facts.
        let full = fact_rows::full_until(version);
        while folded.version < full {
            let limit = LOAD_PAGE.min(full - folded.version);
            let page = log.facts(show, folded.version, limit).await.map_err(LoadError::Read)?;
            if page.is_empty() {
                return Err(LoadError::Read(ReadError::Hole { expected: folded.version + 1, found: version + 1 }));
            }
            for recorded in page {
                let event = ShowEvent::decode(&recorded.event_type, recorded.schema, &recorded.payload)
                    .map_err(|error| LoadError::Poison(recorded.position, recorded.event_type.clone(), error))?;
                folded.state.evolve(&event);
                folded.version = recorded.version;
            }
        }
        if folded.version < version {
            let page = log.stream(show, folded.version, version - folded.version).await.map_err(LoadError::Read)?;
            page.iter().try_for_each(|recorded| folded.recall(recorded))?;
        }
        if folded.version < version {
            return Err(LoadError::Read(ReadError::Hole { expected: folded.version + 1, found: version + 1 }));
        }
        Ok(folded)
    }

    /// Keeps a show that was folded elsewhere.
    pub fn keep(&mut self, show: Uuid, folded: Folded) {
        self.uses += 1;
        self.shows.insert(show, Kept { folded, used: self.uses });
    }

    /// A show, if it is here.
    pub fn folded(&mut self, show: Uuid) -> Option<&mut Folded> {
        self.shows.get_mut(&show).map(|kept| &mut kept.folded)
    }

    /// Drops what is beyond the bound. Not in the middle of a page: its shows are still to be rendered.
    pub fn trim(&mut self) {
        if self.shows.len() <= self.shows_max {
            return;
        }
        let mut uses: Vec<u64> = self.shows.values().map(|kept| kept.used).collect();
        uses.sort_unstable();
        let oldest_kept = uses[uses.len() - self.shows_max];
        self.shows.retain(|_, kept| kept.used >= oldest_kept);
    }

    /// Drops all.
    pub fn clear(&mut self) {
        self.shows.clear();
    }
}
