//! The database that the server works on: one that a URL names, or a PostgreSQL of our own, kept alive.

use std::time::Duration;

use anyhow::Context as _;
use embedded_postgres::{EmbeddedPostgres, Options};
use event_store::pools::{self, Role};
use tokio::{sync::watch, task::JoinHandle};
use tokio_util::sync::CancellationToken;

use crate::config;

/// How long to wait before a PostgreSQL that does not start is tried again.
const RESTART_PAUSE: Duration = Duration::from_secs(1);

/// A database to work on.
pub struct Database {
    /// The URL of the login role.
    pub url: String,
    embedded: Option<EmbeddedPostgres>,
}

/// The task that keeps our own PostgreSQL alive.
pub struct Keeper {
    task: Option<JoinHandle<()>>,
    stop: CancellationToken,
}

impl Database {
    /// Starts our own PostgreSQL and brings it up to date, or checks the one that a URL names.
    pub async fn start(options: &config::Serve) -> anyhow::Result<Self> {
        if let Some(url) = &options.database_url()? {
            let pool =
                pools::connect(url, Role::Write, 1).await.context("the database at DATABASE_URL cannot be used; if it is new, run `turnout migrate` with its owner's URL first")?;
            event_store::Log::new(pool.clone(), None).head().await.context(
                "the database at DATABASE_URL is not ready; run `turnout migrate` with its owner's URL first",
            )?;
            pool.close().await;
            return Ok(Self { url: url.clone(), embedded: None });
        }
        let embedded = EmbeddedPostgres::start(Options::new(options.data.join("postgres"))).await?;
        let pool = pools::connect(&embedded.owner_url(), Role::Owner, 1).await?;
        event_store::migrate(&pool).await.context("the embedded database cannot be brought up to date")?;
        pool.close().await;
        Ok(Self { url: embedded.app_url(), embedded: Some(embedded) })
    }

    /// Starts our own PostgreSQL again whenever it dies; `ready` is false meanwhile.
    pub fn keep(self, ready: watch::Sender<bool>) -> Keeper {
        let stop = CancellationToken::new();
        let task = self.embedded.map(|embedded| tokio::spawn(keep_alive(embedded, ready, stop.clone())));
        Keeper { task, stop }
    }
}

impl Keeper {
    /// Stops our own PostgreSQL.
    pub async fn stop(self) {
        self.stop.cancel();
        if let Some(task) = self.task
            && let Err(error) = task.await
        {
            tracing::error!(%error, "the embedded PostgreSQL's keeper failed");
        }
    }
}

async fn keep_alive(mut embedded: EmbeddedPostgres, ready: watch::Sender<bool>, stop: CancellationToken) {
    loop {
        tokio::select! {
            () = stop.cancelled() => {
                embedded.stop().await;
                return;
            }
            exit = embedded.wait_exit() => {
                tracing::error!(?exit, "the embedded PostgreSQL ended; it is started again");
            }
        }
        ready.send_replace(false);
        loop {
            match embedded.restart().await {
                Ok(()) => break,
                Err(error) => {
                    tracing::error!(%error, "the embedded PostgreSQL does not start");
                    tokio::select! {
                        () = stop.cancelled() => return,
                        () = tokio::time::sleep(RESTART_PAUSE) => {}
                    }
                }
            }
        }
        ready.send_replace(true);
        tracing::info!("the embedded PostgreSQL is back");
    }
}
