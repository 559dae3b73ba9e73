//! The projectors of the measured server, held back and let go, and how far behind the log they are.
//!
//! They are held back by taking their lease, as another node would, with a fence that is higher than theirs: tables `leases` and
//! `checkpoints` of schema `read` (see `projections/src/projector/lease.rs`). The server is not changed for it.

use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use sqlx::postgres::PgConnection;
use sqlx::{Executor as _, Row as _};

use crate::server::Server;

const HOLD: &str = "BEGIN;
    UPDATE read.leases SET holder = '00000000-0000-8000-8000-00000000be7c', fence = fence + 1, expires_at = now() + interval '1 day'
     WHERE name = 'read';
    UPDATE read.checkpoints SET fence = fence + 1 WHERE name = 'read';
    COMMIT";
const LET_GO: &str = "UPDATE read.leases SET expires_at = now() - interval '1 second' WHERE name = 'read'";

/// Longer than any backlog of these loads takes.
const DRAINED_WITHIN: Duration = Duration::from_secs(600);

/// A look at the projectors, through a connection of its own.
#[derive(Debug)]
pub struct Projectors {
    connection: PgConnection,
}

/// How far behind they were when a load ended, and how long they took to catch up.
#[derive(Clone, Copy, Debug, Default)]
pub struct Backlog {
    /// Events.
    pub events: u64,
    /// Until nothing was left.
    pub drained_in: Duration,
}

impl Projectors {
    /// Of this server.
    pub async fn of(server: &Server) -> Result<Self> {
        Ok(Self { connection: server.connect("turnout").await? })
    }

    /// Stops them after the page that they are at, until they are let go.
    pub async fn hold(&mut self) -> Result<()> {
        self.connection.execute(HOLD).await?;
        Ok(())
    }

    /// Lets them go on.
    pub async fn let_go(&mut self) -> Result<()> {
        self.connection.execute(LET_GO).await?;
        Ok(())
    }

    /// How many events they are behind.
    pub async fn behind(&mut self) -> Result<u64> {
        let row = self
            .connection
            .fetch_one(
                "SELECT (SELECT max(position) FROM log.events) - position FROM read.checkpoints WHERE name = 'read'",
            )
            .await?;
        Ok(u64::try_from(row.try_get::<i64, _>(0)?)?)
    }

    /// Events in the log.
    pub async fn events(&mut self) -> Result<u64> {
        let row = self.connection.fetch_one("SELECT coalesce(max(position), 0) FROM log.events").await?;
        Ok(u64::try_from(row.try_get::<i64, _>(0)?)?)
    }

    /// Waits until they have caught up.
    pub async fn drain(&mut self) -> Result<Backlog> {
        let events = self.behind().await?;
        let started = Instant::now();
        while self.behind().await? > 0 {
            if started.elapsed() > DRAINED_WITHIN {
                bail!("the projectors do not catch up: {} events are left of {events}", self.behind().await?);
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Ok(Backlog { events, drained_in: started.elapsed() })
    }
}
