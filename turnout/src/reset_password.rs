//! `turnout reset-password`: a link by which somebody chooses a new password, for whoever runs the installation to pass on.
//!
//! An owner of an organization makes none: the same account may belong to other organizations, too.

use std::path::PathBuf;

use anyhow::Context as _;
use clap::Args;
use event_store::{
    Clock as _, SystemClock,
    pools::{self, Role},
};
use identity::{Accounts, Email};

use crate::secret_settings;

/// What `turnout reset-password` is told.
#[derive(Args, Clone)]
pub struct Options {
    /// The address that they sign in with.
    email: String,
    /// Where the data lies; as of the server.
    #[arg(long, env = "TURNOUT_DATA", default_value = "./data", value_name = "DIR")]
    data: PathBuf,
    /// The database, where it is not the server's own; one with a password is taken from DATABASE_URL alone.
    #[arg(long, value_name = "URL")]
    database_url: Option<String>,
    /// Where people reach the server.
    #[arg(long, env = "TURNOUT_PUBLIC_URL", default_value = "http://127.0.0.1:8080", value_name = "URL")]
    public_url: String,
}

/// Prints the link.
pub async fn run(options: Options) -> anyhow::Result<()> {
    let email = Email::try_from(options.email.clone()).context("the address cannot be used: it")?;
    let pool = pools::connect(&database_url(&options).await?, Role::Identity, 1).await?;
    let account = Accounts::new(pool.clone()).find(&email).await?;
    let account = account.with_context(|| format!("nobody signs in with {}", email.as_str()))?;
    let token = identity::password_reset_link(&pool, account.account, SystemClock.now()).await?;
    pool.close().await;
    println!("{}/reset#{token}", options.public_url.trim_end_matches('/'));
    eprintln!("The link works once, for a day. All sessions of the account end with it.");
    Ok(())
}

async fn database_url(options: &Options) -> anyhow::Result<String> {
    if let Some(url) = secret_settings::database_url(options.database_url.as_deref())? {
        return Ok(url);
    }
    let running = embedded_postgres::app_url_of_running(&options.data.join("postgres")).await?;
    running.with_context(|| {
        format!("no server runs on {}; start it first, or name its data with --data", options.data.display())
    })
}
