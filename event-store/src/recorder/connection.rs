//! The recorder's own connection, and the end of the one before it.
//!
//! A connection knows which backend serves it (process id and start time: an id is used again). When it breaks in the middle
//! of a call, the next connection ends that backend and sees it gone before it does anything else: only then is the outcome
//! of the call fixed. This happens before `SET ROLE`: a backend may be ended by the role that logged in, not by the other.

use std::str::FromStr;
use std::time::Duration;

use chrono::{DateTime, Utc};
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{AssertSqlSafe, ConnectOptions, Executor};

use crate::pools::Role;

/// Between two looks whether a backend that was told to end has ended. It takes a millisecond or so.
const LOOK_AGAIN: Duration = Duration::from_millis(20);

/// A process of the server that serves, or served, the recorder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Backend {
    pid: i32,
    started: DateTime<Utc>,
}

/// A connection in role `turnout_write`.
#[derive(Debug)]
pub(super) struct Link {
    pub(super) connection: PgConnection,
    pub(super) backend: Backend,
}

/// Makes the recorder's connections.
#[derive(Debug)]
pub(super) struct Connector {
    options: PgConnectOptions,
}

impl Connector {
    pub(super) fn new(url: &str) -> Result<Self, sqlx::Error> {
        Ok(Self { options: PgConnectOptions::from_str(url)?.application_name("turnout recorder") })
    }

    /// A new connection. `before`: the backend of a call whose outcome is open; it is gone when this returns.
    pub(super) async fn connect(&self, before: Option<Backend>) -> Result<Link, sqlx::Error> {
        let mut connection = self.options.connect().await?;
        let backend = sqlx::query_as!(
            Backend,
            r#"SELECT pid AS "pid!", backend_start AS "started!" FROM pg_catalog.pg_stat_activity WHERE pid = pg_backend_pid()"#
        )
        .fetch_one(&mut connection)
        .await?;
        if let Some(before) = before {
            end(&mut connection, before).await?;
        }
        if let Some(settings) = Role::Write.session_settings() {
            connection.execute(AssertSqlSafe(settings)).await?;
        }
        Ok(Link { connection, backend })
    }
}

/// Ends a backend, and returns when it is gone. Its entry goes after its transaction has ended and its locks are released.
async fn end(connection: &mut PgConnection, backend: Backend) -> Result<(), sqlx::Error> {
    loop {
        let still_there = sqlx::query_scalar!(
            "SELECT pg_terminate_backend(pid) FROM pg_catalog.pg_stat_activity WHERE pid = $1 AND backend_start = $2",
            backend.pid,
            backend.started
        )
        .fetch_optional(&mut *connection)
        .await?;
        if still_there.is_none() {
            return Ok(());
        }
        tracing::warn!(pid = backend.pid, "ended the backend of a call whose reply was lost");
        tokio::time::sleep(LOOK_AGAIN).await;
    }
}
