//! Snapshots: what folding a stream gave at a version, so that a long stream is read from there and not from its beginning.
//!
//! A cache of the log and nothing else. What is kept here may be gone at any time, and whoever checks the log does not use
//! it. A snapshot names the fold that made it, and what it holds; another fold does not read it. Several of a stream are
//! kept, the latest in each of the rooms that [`room_of`] divides its versions into, so that a state of the past has one near it.

mod packing;
mod postgres;

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use sqlx::PgPool;
use uuid::Uuid;

use self::postgres::Postgres;

pub use self::packing::{Damaged, Packed, Packing};

/// Versions in one of the first rooms: so many events are folded in some hundredths of a second. Few shows have more than
/// ten of these.
const ROOM_OF_SHORT_STREAMS: i64 = 2_000;
/// Versions in a later room: some tenths of a second, which reading the state itself takes there as well.
const ROOM: i64 = 20_000;
/// From so many rooms on they are twice as wide, and so on: else what is kept of a stream would grow with its square.
const ROOMS_OF_A_WIDTH: i64 = 16;

/// What a snapshot holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holds {
    /// The state, and behind it which commands the stream answers: a desk begins with it.
    StateAndCommands,
    /// The state alone: enough for a look at the past.
    State,
}

/// The number of a snapshot that holds this, its state made by fold `fold`. Raised with the fold, or when it is written otherwise.
#[must_use]
pub const fn fold_number(fold: u32, holds: Holds) -> i32 {
    let holds = match holds {
        Holds::StateAndCommands => FIRST_HOLDING,
        Holds::State => FIRST_HOLDING + 1,
    };
    fold as i32 * HOLDINGS + holds
}

/// Numbers of a fold.
const HOLDINGS: i32 = 100;
/// The first of them that still means something: 1 and 2 were in one part, 3 and 4 without pages. Snapshots with an earlier one go.
const FIRST_HOLDING: i32 = 5;

/// The first version of the room that a version lies in. The latest snapshot of each room is kept.
#[must_use]
pub const fn room_of(version: i64) -> i64 {
    let mut width = if version < ROOM { ROOM_OF_SHORT_STREAMS } else { ROOM };
    while width >= ROOM && version >= width * ROOMS_OF_A_WIDTH {
        width *= 2;
    }
    version / width * width
}

/// A folded stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    /// Of which stream.
    pub stream: Uuid,
    /// After how many of its events.
    pub version: i64,
    /// Which fold made it, and what it holds: [`fold_number`].
    pub fold: i32,
    /// Whose the stream is.
    pub organization: Uuid,
    /// The position of the last of those events.
    pub position: i64,
    /// When that was recorded.
    pub recorded_at: DateTime<Utc>,
    /// The state, as its fold writes it.
    pub state: Vec<u8>,
}

/// Where snapshots lie.
#[async_trait]
pub trait SnapshotSource: Send + Sync + fmt::Debug {
    /// The latest one of a stream with one of these numbers, at this version or before.
    async fn latest(&self, stream: Uuid, folds: &[i32], version_max: i64) -> Result<Option<Snapshot>, sqlx::Error>;
    /// Keeps one; the earlier ones of its number in the same room go, and all of the stream's that another fold made.
    async fn keep(&self, snapshot: &Snapshot) -> Result<(), sqlx::Error>;
}

/// The snapshots of all streams. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Snapshots {
    source: Option<Arc<dyn SnapshotSource>>,
}

impl Snapshots {
    /// Those in the database. The pool is of role Write.
    #[must_use]
    pub fn new(pool: PgPool) -> Self {
        Self::over(Arc::new(Postgres::new(pool)))
    }

    /// Those of any [`SnapshotSource`].
    #[must_use]
    pub fn over(source: Arc<dyn SnapshotSource>) -> Self {
        Self { source: Some(source) }
    }

    /// None, and none is kept.
    #[must_use]
    pub fn none() -> Self {
        Self { source: None }
    }

    /// Whether any are kept.
    #[must_use]
    pub fn keeps(&self) -> bool {
        self.source.is_some()
    }

    /// The latest one of a stream with this number.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn latest(&self, stream: Uuid, fold: i32) -> Result<Option<Snapshot>, sqlx::Error> {
        self.before(stream, &[fold], i64::MAX).await
    }

    /// The latest one with one of these numbers that is of this version or an earlier one.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn before(&self, stream: Uuid, folds: &[i32], version_max: i64) -> Result<Option<Snapshot>, sqlx::Error> {
        match &self.source {
            Some(source) => source.latest(stream, folds, version_max).await,
            None => Ok(None),
        }
    }

    /// Keeps one.
    ///
    /// # Errors
    /// When the database cannot be written: nothing is lost but time.
    pub async fn keep(&self, snapshot: &Snapshot) -> Result<(), sqlx::Error> {
        match &self.source {
            Some(source) => source.keep(snapshot).await,
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rooms_are_narrow_at_first_and_widen_with_the_stream() {
        let starts: Vec<i64> = (0..1_000_000).step_by(1_000).map(room_of).collect();
        let mut rooms = starts.clone();
        rooms.dedup();
        assert!(starts.is_sorted(), "a later version lies in no earlier room");
        assert_eq!(rooms[..3], [0, 2_000, 4_000]);
        assert_eq!(rooms[9..12], [18_000, 20_000, 40_000]);
        assert_eq!(rooms[24..27], [300_000, 320_000, 360_000]);
        assert_eq!(rooms.last(), Some(&960_000));
        assert!(starts.iter().zip((0..).step_by(1_000)).all(|(start, version)| *start <= version));
    }

    #[test]
    fn a_fold_has_a_number_for_each_that_a_snapshot_holds() {
        assert_eq!((fold_number(3, Holds::StateAndCommands), fold_number(3, Holds::State)), (305, 306));
    }
}
