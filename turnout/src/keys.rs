//! `turnout keys`: the keys that sign the log's checkpoints are listed, replaced, and revoked.
//!
//! The table of keys is all that is changed: servers that run follow it by themselves, and one that starts finds it.

use std::path::PathBuf;

use anyhow::{Context as _, bail, ensure};
use chrono::{SecondsFormat, TimeDelta};
use clap::{Args, Subcommand};
use event_store::{
    Clock as _, SystemClock,
    pools::{self, Role},
    tree::Tree,
};
use identity::{ListedKey, Replaced, SecretKey};
use sqlx::PgPool;

use crate::{secret_settings::secret_setting, tool_database::Database};

/// A year of days and a bit: whoever has not looked for so long asks for the key anyway.
const OVERLAP_DAYS_MAX: u32 = 400;

/// What `turnout keys` is told.
#[derive(Subcommand, Clone)]
pub enum Command {
    /// Print the keys in the order in which they were made: state, since when, until when it signs beside another, verifier key.
    List(Where),
    /// Make a key that signs from now on. The one that it replaces signs beside it for a while, and stays published.
    Rotate(Rotate),
    /// Take the trust from a key that was replaced: it signs nothing any more and is published no more.
    Revoke(Revoke),
}

/// Where the keys are.
#[derive(Args, Clone)]
pub struct Where {
    /// Where the data lies; as of the server.
    #[arg(long, env = "TURNOUT_DATA", default_value = "./data", value_name = "DIR")]
    data: PathBuf,
    /// The database, where it is not the server's own; one with a password is taken from DATABASE_URL alone.
    #[arg(long, value_name = "URL")]
    database_url: Option<String>,
}

/// How a key is replaced.
#[derive(Args, Clone)]
pub struct Rotate {
    #[command(flatten)]
    at: Where,
    /// For how many days the key that is replaced signs beside the new one.
    #[arg(long, default_value_t = 90, value_name = "DAYS", value_parser = clap::value_parser!(u32).range(0..=i64::from(OVERLAP_DAYS_MAX)))]
    overlap_days: u32,
    /// The key that is replaced leaked: it signs nothing any more, and is published no more.
    #[arg(long, conflicts_with = "overlap_days")]
    leaked: bool,
}

/// Which key is revoked.
#[derive(Args, Clone)]
pub struct Revoke {
    #[command(flatten)]
    at: Where,
    /// The verifier key, as `turnout keys list` prints it.
    key: String,
}

/// Does what was asked, and prints the keys as they are then.
pub async fn run(command: Command) -> anyhow::Result<()> {
    let (Command::List(at) | Command::Rotate(Rotate { at, .. }) | Command::Revoke(Revoke { at, .. })) = &command;
    let database = Database::find(at.database_url.as_deref(), &at.data).await?;
    let done = within(database.url(), &command).await;
    database.leave().await;
    done
}

async fn within(url: &str, command: &Command) -> anyhow::Result<()> {
    let pool = pools::connect(url, Role::Identity, 2).await.context("the database cannot be reached")?;
    let origin = Tree::new(pool.clone()).origin().await?;
    match command {
        Command::List(_) => {}
        Command::Rotate(rotate) => {
            let now = SystemClock.now();
            let replaced = match rotate.leaked {
                true => Replaced::Revoked,
                false => Replaced::SignsUntil(now + TimeDelta::days(rotate.overlap_days.into())),
            };
            identity::rotate_checkpoint_key(&pool, &secret_key(&rotate.at)?, now, replaced).await?;
        }
        Command::Revoke(revoke) => self::revoke(&pool, &origin, &revoke.key).await?,
    }
    let keys = identity::list_checkpoint_keys(&pool, &origin).await?;
    pool.close().await;
    keys.iter().for_each(|key| println!("{}", line(key)));
    match command {
        Command::List(_) => {}
        Command::Rotate(Rotate { leaked: true, .. }) => eprintln!(
            "Tell everybody who holds the revoked key to take the new one, and by another way than the log: docs/history.md says what else to do."
        ),
        Command::Rotate(_) | Command::Revoke(_) => {
            eprintln!("Publish the new list of keys where you publish them beside the log itself.");
        }
    }
    Ok(())
}

async fn revoke(pool: &PgPool, origin: &str, key: &str) -> anyhow::Result<()> {
    let keys = identity::list_checkpoint_keys(pool, origin).await?;
    let Some(found) = keys.iter().find(|known| known.verifier_key == key.trim()) else {
        bail!("this log has no such key; turnout keys list prints those that it has");
    };
    if found.state == "active" {
        bail!("this is the key that signs; replace it by turnout keys rotate --leaked");
    }
    ensure!(found.state != "revoked", "it was revoked before");
    ensure!(identity::revoke_checkpoint_key(pool, origin, key.trim()).await?, "somebody else changed it just now");
    Ok(())
}

fn line(key: &ListedKey) -> String {
    let time = |time: chrono::DateTime<chrono::Utc>| time.to_rfc3339_opts(SecondsFormat::Secs, true);
    let until = key.signs_until.map_or_else(|| "-".to_owned(), time);
    format!("{:<8} {} {until:<20} {}", key.state, time(key.created_at), key.verifier_key)
}

/// The installation's own, which is never made here: with another one no server would start any more.
fn secret_key(at: &Where) -> anyhow::Result<SecretKey> {
    match secret_setting("TURNOUT_SECRET_KEY")? {
        Some(text) => SecretKey::parse(&text).context("TURNOUT_SECRET_KEY cannot be used"),
        None => SecretKey::load(&at.data).context(
            "the secret key of this installation is needed: TURNOUT_SECRET_KEY, or the file secret-key in --data",
        ),
    }
}
