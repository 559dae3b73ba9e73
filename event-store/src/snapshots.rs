//! Snapshots: what folding a stream gave at a version, so that a long stream is read from there and not from its beginning.
//!
//! A cache of the log and nothing else. What is kept here may be gone at any time, and whoever checks the log does not use
//! it. A snapshot names the fold that made it; another fold does not read it. Several of a stream are kept, the latest of
//! every [`SPACING`] versions, so that a state of the past has one near it.

mod postgres;

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use sqlx::PgPool;
use uuid::Uuid;

use self::postgres::Postgres;

/// Of so many versions the latest snapshot is kept.
pub const SPACING: i64 = 100_000;

/// A folded stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    /// Of which stream.
    pub stream: Uuid,
    /// After how many of its events.
    pub version: i64,
    /// The number of the fold that made it.
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
    /// The latest one of a stream and fold, at this version or before.
    async fn latest(&self, stream: Uuid, fold: i32, version_max: i64) -> Result<Option<Snapshot>, sqlx::Error>;
    /// Keeps one; the earlier ones of the same [`SPACING`] versions go, and all of the stream's that another fold made.
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

    /// The latest one of a stream and fold.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn latest(&self, stream: Uuid, fold: i32) -> Result<Option<Snapshot>, sqlx::Error> {
        self.before(stream, fold, i64::MAX).await
    }

    /// The latest one that is of this version or an earlier one.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn before(&self, stream: Uuid, fold: i32, version_max: i64) -> Result<Option<Snapshot>, sqlx::Error> {
        match &self.source {
            Some(source) => source.latest(stream, fold, version_max).await,
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
