//! A server for tests: in a directory of its own, gone with the value, with as many fresh databases as wanted.
//!
//! It is the only one that runs without fsync: what it holds is thrown away, and a crash of the machine ends the test anyway.
//! A kill of the server (not the machine) loses nothing also without fsync, so tests of crashes remain true.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;
use std::sync::atomic::{AtomicU32, Ordering};

use tempfile::TempDir;

use crate::{APP, EmbeddedPostgres, Error, OWNER, Options};

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
    let directory = tempfile::Builder::new()
        .prefix("postgres-")
        .permissions(Permissions::from_mode(0o755))
        .tempdir()
        .map_err(Error::io("cannot make a temporary directory"))?;
    let mut options = Options::new(directory.path().join("data"));
    options.settings = [
        ("fsync", "off"),
        ("full_page_writes", "off"),
        ("shared_buffers", "32MB"),
        ("max_connections", "200"),
        ("autovacuum", "off"),
        ("max_wal_senders", "0"),
        ("wal_level", "minimal"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .into();
    let postgres = EmbeddedPostgres::start(options).await?;
    Ok(TemporaryPostgres { postgres, databases: AtomicU32::new(0), _directory: directory })
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
