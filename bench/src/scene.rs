//! What every part of the bench works with: the server under test, the bare limit beside it on the same PostgreSQL, the projectors,
//! and the programs that sell.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use sqlx::Executor as _;

use crate::cpu::Processes;
use crate::http::Credentials;
use crate::load::Load;
use crate::measured::Measured;
use crate::projectors::Projectors;
use crate::server::{Postgres, SUPERUSER, Server};
use crate::show::{Show, sellers};
use crate::windows::Program;

/// Programs that sell: one may ask 5,000 times a second, so many together are not held back by that.
const SELLERS: usize = 16;

/// The database of the bare limit.
const BARE: &str = "bare";

/// How long things are measured.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Connections of the loads that have no number of their own.
    pub connections: Vec<usize>,
    /// Of one window.
    pub window: Duration,
    /// Rounds of windows in turn.
    pub rounds: usize,
}

/// Everybody.
#[derive(Debug)]
pub struct Scene {
    /// Under test.
    pub server: Server,
    /// Beside it.
    pub bare: BareLimit,
    /// Of the server.
    pub projectors: Projectors,
    /// API keys of the role seller.
    pub sellers: Vec<Credentials>,
    /// How long.
    pub settings: Settings,
}

/// The program of the bare limit.
#[derive(Debug)]
pub struct BareLimit {
    program: Program,
    /// What it takes for a show.
    pub show: Show,
    /// Whose processor time counts.
    pub watched: Processes,
}

impl Scene {
    /// Starts the bare limit beside the server; the projectors are held back until a part lets them go.
    pub async fn set(server: Server, settings: Settings) -> Result<Self> {
        server.run_in().await?;
        let bare = BareLimit::start(&server).await?;
        let mut projectors = Projectors::of(&server).await?;
        projectors.hold().await?;
        let sellers = sellers(&server.address, SELLERS).await?;
        Ok(Self { server, bare, projectors, sellers, settings })
    }

    /// Ends the bare limit, and then the server with its PostgreSQL.
    pub fn stop(self) -> Result<()> {
        drop(self.bare);
        self.server.stop()
    }

    /// Sellers at the server, for a window.
    pub fn sellers(&self, connections: usize) -> Result<Load<'_>> {
        self.load(&self.sellers, connections)
    }

    /// Somebody at the server, for a window.
    pub fn load<'a>(&self, who: &'a [Credentials], connections: usize) -> Result<Load<'a>> {
        let watched = self.server.processes()?;
        Ok(Load { who, connections, window: self.settings.window, pace: None, watched })
    }

    /// Somebody at the bare limit, for a window: they carry the same credentials, which nobody looks at.
    pub fn bare_load(&self, connections: usize) -> Load<'_> {
        let watched = self.bare.watched;
        Load { who: &self.sellers, connections, window: self.settings.window, pace: None, watched }
    }
}

impl BareLimit {
    async fn start(server: &Server) -> Result<Self> {
        let mut connection = server.connect("postgres").await?;
        for setting in ["fsync", "full_page_writes", "synchronous_commit"] {
            let value: String =
                sqlx::query_scalar("SELECT current_setting($1)").bind(setting).fetch_one(&mut connection).await?;
            ensure!(value == "on", "{setting} is {value}: nothing is durable, so nothing is measured");
        }
        connection.execute("CREATE DATABASE bare").await?;
        let Postgres { socket, port, process } = server.postgres()?;
        let (program, line) = Program::start("bench-bare", |command| {
            command.arg("--socket").arg(socket).args(["--port", &port.to_string()]);
            command.args(["--user", SUPERUSER, "--database", BARE]);
        })?;
        let address = line.strip_prefix("listening on http://").with_context(|| format!("said `{line}`"))?;
        let watched = Processes { server: program.id(), postgres: process };
        Ok(Self { show: Show::of_bare(address), program, watched })
    }

    /// A window in its own process.
    pub fn in_process(&mut self, tasks: usize, window: Duration) -> Result<Measured> {
        let before = self.watched.used();
        let measured = self.program.window(tasks, window)?;
        Ok(measured.costing(self.watched.used() - before))
    }
}
