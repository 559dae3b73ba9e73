//! A PostgreSQL that somebody else runs, as far as the server knows: migrated by its owner, reached through the proxy, started
//! again by the harness when it ends.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use embedded_postgres::{EmbeddedPostgres, Options};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::process::program;
use super::proxy::{Mode, Proxy};

/// Between two attempts to start it, as a service manager would.
const PAUSE: Duration = Duration::from_millis(500);

/// The database and its proxy.
pub struct Outside {
    proxy: Proxy,
    keeper: JoinHandle<()>,
    stopping: Arc<watch::Sender<bool>>,
}

impl Outside {
    pub async fn start(binary: &Path, data: &Path) -> Result<Self> {
        let postgres = EmbeddedPostgres::start(Options::new(data.join("postgres"))).await?;
        let mut migrate = program(binary);
        migrate.arg("migrate").env("TURNOUT_OWNER_DATABASE_URL", postgres.owner_url());
        let output = migrate.output().await.context("to migrate")?;
        ensure!(output.status.success(), "turnout migrate: {}", String::from_utf8_lossy(&output.stderr));
        let (_, folder, port) = super::pid_file(data).context("the PostgreSQL that was just started")?;
        let proxy = Proxy::start(PathBuf::from(folder).join(format!(".s.PGSQL.{port}"))).await?;
        let stopping = Arc::new(watch::Sender::new(false));
        let keeper = tokio::spawn(keep(postgres, stopping.subscribe()));
        Ok(Self { proxy, keeper, stopping })
    }

    /// What the server is given.
    pub fn url(&self) -> String {
        format!("postgres://{}@{}/{}", embedded_postgres::APP, self.proxy.address, embedded_postgres::DATABASE)
    }

    /// How the proxy treats the server's connections from now on.
    pub fn set(&self, mode: Mode) {
        self.proxy.set(mode);
    }

    pub async fn stop(&mut self) {
        self.stopping.send_replace(true);
        let _ = (&mut self.keeper).await;
    }
}

/// Starts it again whenever it ends, until it is told to stop.
async fn keep(mut postgres: EmbeddedPostgres, mut stopping: watch::Receiver<bool>) {
    loop {
        let stop = async { stopping.wait_for(|stop| *stop).await.is_ok() };
        let stop = tokio::select! {
            stop = stop => stop,
            _ = postgres.wait_exit() => false,
        };
        if stop {
            return postgres.stop().await;
        }
        while postgres.restart().await.is_err() {
            if *stopping.borrow() {
                return;
            }
            tokio::time::sleep(PAUSE).await;
        }
    }
}
