//! The recorder's own connection, and the end of the one before it.
//!
//! A connection knows which backend serves it (process id and start time: an id is used again). When it breaks in the middle
//! of a call, the next connection ends that backend and sees it gone before it does anything else: only then is the outcome
//! of the call fixed. This happens before `SET ROLE`: a backend may be ended by the role that logged in, not by the other.

use std::str::FromStr;
use std::time::Duration;

use async_trait::async_trait;
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{AssertSqlSafe, ConnectOptions, Executor};

use super::batch::Request;
use super::call::{self, Outcome};
use super::database::{Backend, Database, Session};
use super::error::CallError;
use super::lost_reply;
use crate::event::Appended;
use crate::pools::Role;
use crate::standby::wait_for_standby;

/// Between two looks whether a backend that was told to end has ended. It takes a millisecond or so.
const LOOK_AGAIN: Duration = Duration::from_millis(20);

/// A connection in role `turnout_write`.
#[derive(Debug)]
struct Link {
    connection: PgConnection,
    backend: Backend,
    /// Up to here a synchronous standby has the log, where there is one: by commits of this connection that returned.
    kept: i64,
}

/// PostgreSQL, where the log is.
#[derive(Debug)]
pub struct Postgres {
    options: PgConnectOptions,
}

impl Postgres {
    /// The server that `url` leads to.
    ///
    /// # Errors
    /// When the URL cannot be understood.
    pub fn new(url: &str) -> Result<Self, sqlx::Error> {
        Ok(Self { options: PgConnectOptions::from_str(url)?.application_name("turnout recorder") })
    }
}

#[async_trait]
impl Database for Postgres {
    async fn connect(&mut self, before: Option<Backend>) -> Result<Box<dyn Session>, sqlx::Error> {
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
        Ok(Box::new(Link { connection, backend, kept: 0 }))
    }
}

#[async_trait]
impl Session for Link {
    fn backend(&self) -> Backend {
        self.backend
    }

    async fn head(&mut self) -> Result<i64, sqlx::Error> {
        call::head(&mut self.connection).await
    }

    async fn append(&mut self, batch: &[Request]) -> Result<Vec<Outcome>, CallError> {
        let outcomes = call::append(&mut self.connection, batch).await?;
        let accepted = || outcomes.iter().filter_map(Outcome::accepted);
        let wrote = accepted().any(|appended| appended.first_position.is_some());
        let last = accepted().map(|appended| appended.last_position).max().unwrap_or(0);
        if last > self.kept {
            // Nothing was written, so that nothing waited; and what the answer rests on was committed by somebody else.
            if !wrote {
                wait_for_standby(&mut self.connection).await.map_err(CallError::of)?;
            }
            self.kept = last;
        }
        Ok(outcomes)
    }

    async fn landed(&mut self, batch: &[Request]) -> Result<Vec<Option<Appended>>, sqlx::Error> {
        let landed = lost_reply::look(&mut self.connection, batch).await?;
        if landed.iter().any(Option::is_some) {
            // Its commit was broken off, perhaps while it waited.
            wait_for_standby(&mut self.connection).await?;
        }
        Ok(landed)
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
