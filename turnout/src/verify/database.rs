//! Where the log lies: a database that a URL names, or the embedded one, which is started when no server runs on it.

use std::path::Path;

use anyhow::bail;
use embedded_postgres::{EmbeddedPostgres, Options};

use crate::secret_settings;

/// A database to look at.
pub(super) enum Database {
    /// Somebody runs it.
    Running(String),
    /// Nobody ran it.
    Started(Box<EmbeddedPostgres>, String),
}

impl Database {
    /// The flag's, else that of DATABASE_URL, else the embedded one in the data directory.
    pub(super) async fn find(flag: Option<&str>, data: &Path) -> anyhow::Result<Self> {
        if let Some(url) = secret_settings::database_url(flag)? {
            return Ok(Self::Running(url));
        }
        let cluster = data.join("postgres");
        // Starting makes a new one where there is none: that would be an empty log, and all right.
        if !cluster.join("PG_VERSION").exists() {
            bail!(
                "there is no database in {}; name the server's data with --data, or set DATABASE_URL",
                data.display()
            );
        }
        if let Some(url) = embedded_postgres::app_url_of_running(&cluster).await? {
            return Ok(Self::Running(url));
        }
        let embedded = EmbeddedPostgres::start(Options::new(cluster)).await?;
        let url = embedded.app_url();
        Ok(Self::Started(Box::new(embedded), url))
    }

    pub(super) fn url(&self) -> &str {
        match self {
            Self::Running(url) | Self::Started(_, url) => url,
        }
    }

    /// Stops what was started.
    pub(super) async fn leave(self) {
        if let Self::Started(embedded, _) = self {
            embedded.stop().await;
        }
    }
}
