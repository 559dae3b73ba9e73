//! The folded shows that the projector has in memory, each at the version that it was folded to.
//!
//! A show is loaded from the log when an event of it comes and it is not here, or when it is behind (another node projected
//! meanwhile). At most `shows_max` stay; the one that had no event for longest goes first. After anything that went wrong all
//! are dropped: a state that is ahead of the written rows would leave rows out.

use std::collections::HashMap;

use domain::{Show, ShowEvent, ShowState, events::DecodeError};
use event_store::{Log, ReadError};
use uuid::Uuid;

/// Events in one page of a stream when a show is loaded.
const LOAD_PAGE: i64 = 2_000;

/// Why a show cannot be brought to a version.
#[derive(Debug)]
pub(super) enum LoadError {
    /// The log cannot be read.
    Read(ReadError),
    /// An event of it cannot be understood, at this position.
    Poison(i64, String, DecodeError),
}

#[derive(Debug)]
struct Kept {
    state: ShowState,
    version: i64,
    used: u64,
}

/// The shows in memory.
#[derive(Debug)]
pub(super) struct States {
    shows: HashMap<Uuid, Kept>,
    shows_max: usize,
    uses: u64,
}

impl States {
    pub fn new(shows_max: usize) -> Self {
        Self { shows: HashMap::new(), shows_max: shows_max.max(1), uses: 0 }
    }

    /// Brings a show to `version`, from memory or from the log.
    pub async fn bring(&mut self, log: &Log, show: Uuid, version: i64) -> Result<(), LoadError> {
        self.uses += 1;
        let kept = self.shows.entry(show).or_insert_with(|| Kept { state: ShowState::default(), version: 0, used: 0 });
        if kept.version > version {
            *kept = Kept { state: ShowState::default(), version: 0, used: 0 };
        }
        kept.used = self.uses;
        while kept.version < version {
            let limit = LOAD_PAGE.min(version - kept.version);
            let page = log.stream(show, kept.version, limit).await.map_err(LoadError::Read)?;
            if page.is_empty() {
                return Err(LoadError::Read(ReadError::Hole { expected: kept.version + 1, found: version + 1 }));
            }
            for recorded in page {
                let event = ShowEvent::decode(&recorded.event_type, recorded.schema, &recorded.payload)
                    .map_err(|error| LoadError::Poison(recorded.position, recorded.event_type.clone(), error))?;
                kept.state.evolve(&event);
                kept.version = recorded.version;
            }
        }
        Ok(())
    }

    /// Takes in the next event of a show that was brought to the version before it.
    pub fn evolve(&mut self, show: Uuid, event: &ShowEvent) {
        if let Some(kept) = self.shows.get_mut(&show) {
            kept.state.evolve(event);
            kept.version += 1;
        }
    }

    /// A show, if it is here and was scheduled.
    pub fn show(&self, show: Uuid) -> Option<&Show> {
        self.shows.get(&show).and_then(|kept| kept.state.show())
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
