//! A server for tests: in a directory of its own, gone with the value, with as many fresh databases as wanted.
//!
//! It is the only one that runs without fsync: what it holds is thrown away, and a crash of the machine ends the test anyway.
//! A kill of the server (not the machine) loses nothing also without fsync, so tests of crashes remain true.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;
use std::sync::atomic::{AtomicU32, Ordering};

use tempfile::TempDir;

use crate::{APP, EmbeddedPostgres, Error, OWNER, Options};

/// What every temporary server is started with.
const SETTINGS: &[(&str, &str)] = &[
    ("fsync", "off"),
    ("full_page_writes", "off"),
    ("shared_buffers", "32MB"),
    ("max_connections", "200"),
    ("autovacuum", "off"),
];
/// One that stands alone writes no more than it needs itself.
const ALONE: &[(&str, &str)] = &[("max_wal_senders", "0"), ("wal_level", "minimal")];
/// One that others follow. A replica is started with the same: it may not allow fewer connections than its primary.
const FOLLOWED: &[(&str, &str)] = &[("max_wal_senders", "4"), ("wal_level", "replica")];

/// A server that stops, and whose data goes, when this is dropped.
#[derive(Debug)]
pub struct TemporaryPostgres {
    postgres: EmbeddedPostgres,
    databases: AtomicU32,
    // Behind the server, which has to go first.
    _directory: TempDir,
}

/// A database with nothing in it.
#[derive(Debug, Clone)]
pub struct FreshDatabase {
    /// For migrations: the superuser.
    pub owner_url: String,
    /// The login role `turnout`, once the migrations have made it.
    pub app_url: String,
}

/// Starts a server for a test.
///
/// # Errors
/// As of [`EmbeddedPostgres::start`].
pub async fn temporary() -> Result<TemporaryPostgres, Error> {
    let directory = directory()?;
    let postgres = EmbeddedPostgres::start(options(&directory, ALONE)).await?;
    Ok(TemporaryPostgres { postgres, databases: AtomicU32::new(0), _directory: directory })
}

/// Starts one that [replicas](TemporaryPostgres::replica) can follow.
///
/// # Errors
/// As of [`EmbeddedPostgres::start`].
pub async fn temporary_primary() -> Result<TemporaryPostgres, Error> {
    let directory = directory()?;
    let postgres = EmbeddedPostgres::start(options(&directory, FOLLOWED)).await?;
    Ok(TemporaryPostgres { postgres, databases: AtomicU32::new(0), _directory: directory })
}

fn directory() -> Result<TempDir, Error> {
    tempfile::Builder::new()
        .prefix("postgres-")
        .permissions(Permissions::from_mode(0o755))
        .tempdir()
        .map_err(Error::io("cannot make a temporary directory"))
}

fn options(directory: &TempDir, more: &[(&str, &str)]) -> Options {
    let settings = SETTINGS.iter().chain(more).map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Options { settings, ..Options::new(directory.path().join("data")) }
}

impl TemporaryPostgres {
    /// Makes an empty database.
    ///
    /// # Errors
    /// When the server cannot be reached.
    pub async fn fresh_database(&self) -> Result<FreshDatabase, Error> {
        let name = format!("fresh_{}", self.databases.fetch_add(1, Ordering::Relaxed) + 1);
        self.postgres.create_database(&name).await?;
        Ok(FreshDatabase { owner_url: self.postgres.url(OWNER, &name), app_url: self.postgres.url(APP, &name) })
    }

    /// A second server that follows this one by streaming replication and takes queries meanwhile (a hot standby). This one
    /// was started by [`temporary_primary`].
    ///
    /// # Errors
    /// When this server lets nobody follow, and as of [`EmbeddedPostgres::start`].
    pub async fn replica(&self) -> Result<Self, Error> {
        let directory = directory()?;
        self.postgres.copy_as_replica(&directory.path().join("data")).await?;
        let postgres = EmbeddedPostgres::start(options(&directory, FOLLOWED)).await?;
        Ok(Self { postgres, databases: AtomicU32::new(0), _directory: directory })
    }

    /// A database of the server that this one follows, as it is to be reached here.
    #[must_use]
    pub fn same_database(&self, of_primary: &FreshDatabase) -> FreshDatabase {
        // The socket's folder behind the name is percent-encoded: this is the last slash.
        let name = of_primary.owner_url.rsplit('/').next().and_then(|rest| rest.split('?').next()).unwrap_or_default();
        FreshDatabase { owner_url: self.postgres.url(OWNER, name), app_url: self.postgres.url(APP, name) }
    }

    /// The server itself.
    #[must_use]
    pub fn server(&self) -> &EmbeddedPostgres {
        &self.postgres
    }

    /// The server itself, to start it again.
    pub fn server_mut(&mut self) -> &mut EmbeddedPostgres {
        &mut self.postgres
    }
}

impl Drop for TemporaryPostgres {
    fn drop(&mut self) {
        self.postgres.abort();
    }
}
