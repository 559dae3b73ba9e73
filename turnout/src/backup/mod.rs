//! `turnout backup`: the database in one file, while the server goes on. `turnout restore` is in [`restore`].
//!
//! One snapshot of the database, by PostgreSQL's own pg_dump: log, vault, identity and reaction with their rows, read models by
//! their shape alone, no snapshots of folded states; these follow from the log. What is in the manifest was read in the same
//! snapshot. The secret key is not in the file unless it is asked for: who has both has everything.

mod checkpoint;
mod file;
mod manifest;
mod programs;
pub mod restore;

use std::{
    path::{Path, PathBuf},
    process::{ExitCode, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context as _, bail};
use clap::Args;
use event_store::pools::{self, Role};
use indicatif::{ProgressBar, ProgressStyle};
use sqlx::{Connection as _, Executor as _, PgConnection};

use crate::{secret_settings::secret_setting, tool_database::Database};
use file::Writing;
use manifest::{LEFT_OUT, Manifest, WITHOUT_ROWS};

/// The exit code when no backup was made, and when nothing was restored though the backup may be right.
const COULD_NOT: u8 = 2;

/// How hard pg_dump compresses, of 9: JSON shrinks well already at the lowest, which takes a third of the time.
const COMPRESSION: &str = "--compress=1";

/// What `turnout backup` is told.
#[derive(Args, Clone)]
pub struct Options {
    /// Where the backup goes; nothing may be there.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Put the secret key in, too: then the file alone is enough to sign tickets and to read everything, so guard it as the key.
    #[arg(long)]
    with_secret_key: bool,
    /// Where the data lies; as of the server.
    #[arg(long, env = "TURNOUT_DATA", default_value = "./data", value_name = "DIR")]
    data: PathBuf,
    /// The database as its owner, where it is not the server's own; one with a password is taken from TURNOUT_OWNER_DATABASE_URL
    /// alone.
    #[arg(long, value_name = "URL")]
    database_url: Option<String>,
}

/// Makes the backup. The exit code is 0 when it is there, 2 when it is not.
pub async fn run(options: Options) -> ExitCode {
    match work(&options).await {
        Ok(said) => {
            println!("{said}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("turnout: no backup was made: {error:#}");
            ExitCode::from(COULD_NOT)
        }
    }
}

async fn work(options: &Options) -> anyhow::Result<String> {
    // Before a database is looked for, let alone started.
    let writing = Writing::begin(&options.file)?;
    let key = if options.with_secret_key { Some(secret_key(&options.data)?) } else { None };
    owner_is_named(options)?;
    let database = Database::find_as_owner(options.database_url.as_deref(), &options.data).await?;
    let done = dump(options, database.url(), writing, key.as_deref()).await;
    database.leave().await;
    done
}

/// A server on a database of somebody else needs its owner's URL; its data directory holds no database.
fn owner_is_named(options: &Options) -> anyhow::Result<()> {
    let owner = options.database_url.is_some() || secret_setting("TURNOUT_OWNER_DATABASE_URL")?.is_some();
    if !owner && secret_setting("DATABASE_URL")?.is_some() {
        bail!(
            "DATABASE_URL names a database of its own, as who may not see all of it; set TURNOUT_OWNER_DATABASE_URL to its owner's URL"
        );
    }
    Ok(())
}

/// The key as the server finds it.
fn secret_key(data: &Path) -> anyhow::Result<String> {
    if let Some(key) = secret_setting("TURNOUT_SECRET_KEY")? {
        return Ok(format!("{key}\n"));
    }
    let place = data.join("secret-key");
    std::fs::read_to_string(&place).with_context(|| format!("there is no secret key at {}", place.display()))
}

async fn dump(options: &Options, url: &str, mut writing: Writing, key: Option<&str>) -> anyhow::Result<String> {
    let began = Instant::now();
    let pool = pools::connect(url, Role::Owner, 1).await.context("the database cannot be reached as its owner")?;
    let mut connection = pool.acquire().await?;
    must_own(&mut connection).await?;
    let folder = programs::beside(&mut connection).await?;
    // What the manifest says is read from the very snapshot that is dumped.
    let mut transaction = connection.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY").await?;
    transaction.execute("SET LOCAL idle_in_transaction_session_timeout = 0; SET LOCAL statement_timeout = 0").await?;
    let snapshot: String = sqlx::query_scalar("SELECT pg_export_snapshot()").fetch_one(&mut *transaction).await?;
    let mut manifest = Manifest::read(&mut transaction, key.is_some()).await.context("the database cannot be read")?;
    if let Some(key) = key {
        writing.secret_key(key)?;
    }
    let mut command = programs::command(&folder, "pg_dump", url);
    command.args(["--format=custom", COMPRESSION, "--enable-row-security", "--snapshot", &snapshot]);
    command.args(WITHOUT_ROWS.map(|tables| format!("--exclude-table-data={tables}")));
    command.args(LEFT_OUT.map(|schema| format!("--exclude-schema={schema}")));
    command.stdout(Stdio::piped());
    let progress = bytes_progress(None);
    let (writing, dump) = tokio::task::spawn_blocking({
        let progress = progress.clone();
        move || {
            let mut running = programs::Running::start(&mut command)?;
            let mut stdout = running.child().stdout.take().context("pg_dump says nothing")?;
            let dump = writing.dump(&mut stdout, &progress);
            drop(stdout);
            running.end()?;
            anyhow::Ok((writing, dump?))
        }
    })
    .await??;
    transaction.rollback().await?;
    drop(connection);
    pool.close().await;
    progress.finish_and_clear();
    manifest.dump = dump;
    let bytes = writing.finish(&manifest)?;
    Ok(said(options, &manifest, bytes, began.elapsed()))
}

/// Only the owner (or a superuser) sees every row: a dump by somebody else would lack some, silently.
async fn must_own(connection: &mut PgConnection) -> anyhow::Result<()> {
    let owns: Option<bool> = sqlx::query_scalar(
        "SELECT pg_has_role(current_user, c.relowner, 'USAGE') FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
          WHERE n.nspname = 'log' AND c.relname = 'events'",
    )
    .fetch_optional(connection)
    .await
    .context("the database cannot be read")?;
    match owns {
        Some(true) => Ok(()),
        Some(false) => {
            bail!("the database belongs to somebody else; set TURNOUT_OWNER_DATABASE_URL to its owner's URL")
        }
        None => bail!("the database holds no Turnout"),
    }
}

fn said(options: &Options, manifest: &Manifest, bytes: u64, took: Duration) -> String {
    let mut said = format!(
        "{} holds the log up to position {} ({} bytes, in {:.1} s).\n",
        options.file.display(),
        manifest.head,
        bytes,
        took.as_secs_f64()
    );
    said.push_str(match &manifest.checkpoint {
        Some(_) => "Its newest signed checkpoint is in it, too; whoever keeps a copy of that elsewhere can tell a changed backup.\n",
        None => "The log has no signed checkpoint yet, so that nobody can tell a changed backup by one.\n",
    });
    said.push_str(if manifest.secret_key {
        "THE SECRET KEY IS IN IT: guard this file as you guard the key. Who has it can read every name and sign tickets."
    } else {
        "THE SECRET KEY IS NOT IN IT. Keep a copy of the file secret-key of the data directory (or of TURNOUT_SECRET_KEY) somewhere else: \
         without it no ticket that was sold can be checked and no server starts on the restored data."
    });
    said
}

/// How many bytes so far, on a terminal.
fn bytes_progress(of: Option<u64>) -> ProgressBar {
    let (bar, style) = match of {
        Some(bytes) => (ProgressBar::new(bytes), "{msg} {bar:30} {bytes} of {total_bytes}, {eta} left"),
        None => (ProgressBar::new_spinner(), "{msg} {bytes} written, {bytes_per_sec}"),
    };
    match ProgressStyle::with_template(style) {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}
