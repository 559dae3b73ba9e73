//! What the recorder asks of the database that holds the log: a session at a time, in which it appends, and in which it looks
//! what became of an append whose reply was lost.
//!
//! [`Postgres`] is the one that is used; a simulation brings another, which breaks when its seed says so. What an
//! implementation must keep: an append is written as a whole or not at all, positions have no hole, and once `connect` has
//! returned, whatever the session `before` had under way has ended, one way or the other.

use std::fmt;

use async_trait::async_trait;
use chrono::{DateTime, Utc};

pub use super::batch::Request;
pub use super::call::Outcome;
pub use super::connection::Postgres;
pub use super::error::CallError;
use crate::event::Appended;

/// Where the log is written.
#[async_trait]
pub trait Database: Send + fmt::Debug {
    /// A new session. `before`: the backend of a call whose outcome is open; it is gone when this returns.
    async fn connect(&mut self, before: Option<Backend>) -> Result<Box<dyn Session>, sqlx::Error>;
}

/// A connection in which the log may be written.
#[async_trait]
pub trait Session: Send + fmt::Debug {
    /// What serves it.
    fn backend(&self) -> Backend;

    /// Position of the last event, 0 when there is none.
    async fn head(&mut self) -> Result<i64, sqlx::Error>;

    /// Writes the batch as one commit, and says for each item, in order, what became of it.
    async fn append(&mut self, batch: &[Request]) -> Result<Vec<Outcome>, CallError>;

    /// For each item of a batch whose reply was lost, in order: its answer if it landed.
    async fn landed(&mut self, batch: &[Request]) -> Result<Vec<Option<Appended>>, sqlx::Error>;
}

/// A process of the server that serves, or served, the recorder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backend {
    /// Its number, which is used again.
    pub pid: i32,
    /// When it started, which is not.
    pub started: DateTime<Utc>,
}
