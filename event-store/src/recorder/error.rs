//! Why an append was not recorded; and what an answer of the database means for it.
//!
//! The database's own ERROR means that nothing was written, because the call is one transaction. Everything that ends the
//! connection (I/O, FATAL, nonsense on the wire) leaves the outcome open and must be settled first, see `lost_reply`.

use std::sync::Arc;

use sqlx::postgres::{PgDatabaseError, PgSeverity};
use thiserror::Error;

/// Why an append was not recorded. Unless it says otherwise, nothing of it was written.
#[derive(Debug, Clone, Error)]
pub enum AppendError {
    /// The stream is not where the writer thinks: catch up, decide again.
    #[error("the stream has gone on to version {current_version}")]
    Conflict {
        /// The version that it has now.
        current_version: i64,
    },
    /// The queue is full: shed load, later.
    #[error("the recorder's queue is full")]
    Overloaded,
    /// The database is away, too slow, or shutting down: later. A lost reply was settled first: it was not written.
    #[error("the log cannot be written now")]
    Unavailable {
        /// What the driver said, if it was asked.
        #[source]
        source: Option<Arc<sqlx::Error>>,
    },
    /// The data of this append is refused by the database (not JSON, a NUL, an id twice): asking again does not help.
    #[error("the log refuses the data: {0}")]
    Invalid(String),
    /// The database refuses the recorder itself (a missing right or function): a mistake in the set-up or of ours.
    #[error("the log refuses the recorder")]
    Internal(#[source] Arc<sqlx::Error>),
    /// The recorder was stopped (or died) with this append under way. **Whether it was written is not known.**
    #[error("the recorder was stopped")]
    Stopped,
}

/// What a failed call means.
#[derive(Debug)]
pub enum CallError {
    /// Bad data in at least one item; nothing was written.
    Data(String),
    /// Nothing was written; the same may succeed later.
    Later(sqlx::Error),
    /// Nothing was written, and nothing will be until somebody mends it.
    Refused(sqlx::Error),
    /// The outcome is open. `None`: no answer within the time.
    Lost(Option<sqlx::Error>),
}

impl CallError {
    /// By severity, then by SQLSTATE's class (PostgreSQL's documentation, appendix A).
    pub(super) fn of(error: sqlx::Error) -> Self {
        let Some(database) = error.as_database_error().and_then(|error| error.try_downcast_ref::<PgDatabaseError>())
        else {
            return Self::Lost(Some(error));
        };
        if matches!(database.severity(), PgSeverity::Fatal | PgSeverity::Panic) {
            return Self::Lost(Some(error));
        }
        let code = database.code();
        match code.get(..2).unwrap_or(code) {
            // data exception, integrity constraint violation, program limit exceeded
            "22" | "23" | "54" => Self::Data(database.message().to_owned()),
            // rolled back (deadlock), out of resources, lock or statement time-out, system error
            "40" | "53" | "55" | "57" | "58" => Self::Later(error),
            // The connection leads to a server that is a standby now.
            "25" if code == "25006" => Self::Lost(Some(error)),
            _ => Self::Refused(error),
        }
    }
}
