//! Where subcommands find the database: one that a URL names, or the embedded one, which is started when no server runs on it.

use std::path::{Path, PathBuf};

use anyhow::bail;
use embedded_postgres::{EmbeddedPostgres, Options};

use crate::secret_settings;

/// A database to look at.
pub enum Database {
    /// Somebody runs it.
    Running(String),
    /// Nobody ran it.
    Started(Box<EmbeddedPostgres>, String),
}

impl Database {
    /// The flag's, else that of DATABASE_URL, else the embedded one in the data directory.
    pub async fn find(flag: Option<&str>, data: &Path) -> anyhow::Result<Self> {
        if let Some(url) = secret_settings::database_url(flag)? {
            return Ok(Self::Running(url));
        }
        let cluster = cluster_in(data, "DATABASE_URL")?;
        if let Some(url) = embedded_postgres::app_url_of_running(&cluster).await? {
            return Ok(Self::Running(url));
        }
        let embedded = EmbeddedPostgres::start(Options::new(cluster)).await?;
        let url = embedded.app_url();
        Ok(Self::Started(Box::new(embedded), url))
    }

    /// The same as its owner: the flag's, else that of TURNOUT_OWNER_DATABASE_URL, else the embedded one in the data directory.
    pub async fn find_as_owner(flag: Option<&str>, data: &Path) -> anyhow::Result<Self> {
        if let Some(url) = secret_settings::owner_database_url(flag)? {
            return Ok(Self::Running(url));
        }
        let cluster = cluster_in(data, "TURNOUT_OWNER_DATABASE_URL")?;
        if let Some(url) = embedded_postgres::owner_url_of_running(&cluster).await? {
            return Ok(Self::Running(url));
        }
        let embedded = EmbeddedPostgres::start(Options::new(cluster)).await?;
        let url = embedded.owner_url();
        Ok(Self::Started(Box::new(embedded), url))
    }

    pub fn url(&self) -> &str {
        match self {
            Self::Running(url) | Self::Started(_, url) => url,
        }
    }

    /// Stops what was started.
    pub async fn leave(self) {
        if let Self::Started(embedded, _) = self {
            embedded.stop().await;
        }
    }
}

/// The embedded server's files. Starting makes a new one where there is none: that would be an empty log, and all right.
fn cluster_in(data: &Path, setting: &str) -> anyhow::Result<PathBuf> {
    let cluster = data.join("postgres");
    if !cluster.join("PG_VERSION").exists() {
        bail!("there is no database in {}; name the server's data with --data, or set {setting}", data.display());
    }
    Ok(cluster)
}
