//! `turnout migrate`: bring a database up to date as its owner. The server's own PostgreSQL is brought up to date by
//! `turnout serve`.

use anyhow::Context as _;
use event_store::pools::{self, Role};

use crate::secret_settings::secret_setting;

/// Applies what is missing.
pub async fn run() -> anyhow::Result<()> {
    let url = secret_setting("TURNOUT_OWNER_DATABASE_URL")?
        .context("set TURNOUT_OWNER_DATABASE_URL to the URL of the database with its owner's name and password")?;
    let pool = pools::connect(&url, Role::Owner, 1).await.context("the database cannot be reached as its owner")?;
    event_store::migrate(&pool).await.context("the database cannot be brought up to date")?;
    pool.close().await;
    println!("the database is up to date");
    Ok(())
}
