//! `turnout verify`: reads the whole log and says whether it is as Turnout writes it, and whether what it tells may have happened.
//!
//! Pages are read, hashed and decoded by several tasks at once and then followed in the order of positions. It needs no read models,
//! no snapshots and nothing of what decides: a mistake there is found here. It only reads; the server may run meanwhile, and what
//! is recorded after the start is left for the next time.

mod bundle;
mod chain;
pub(crate) mod event;
pub(crate) mod findings;
pub(crate) mod judge;
mod read_models;
pub(crate) mod signed;

use std::{
    fmt,
    path::PathBuf,
    process::ExitCode,
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, bail};
use clap::Args;
use event_store::{
    Log,
    pools::{self, Role},
};
use futures::{StreamExt as _, TryStreamExt as _, stream};
use indicatif::{ProgressBar, ProgressState, ProgressStyle};
use projections::history::Words;
use sqlx::PgPool;

use crate::tool_database::Database;
use bundle::{Consistency, Held};
use chain::Chain;
pub(crate) use event::rows;
use findings::Findings;
use signed::Trust;

/// How many events are read at once: a megabyte or two, so that a page costs milliseconds and memory stays small.
pub(crate) const PAGE_EVENTS: i64 = 2_000;

/// The exit code when the log could not be looked at.
const COULD_NOT_LOOK: u8 = 2;

/// What `turnout verify` is told.
#[derive(Args, Clone)]
pub struct Options {
    /// Where the data lies; as of the server.
    #[arg(long, env = "TURNOUT_DATA", default_value = "./data", value_name = "DIR")]
    data: PathBuf,
    /// The database, where it is not the server's own; one with a password is taken from DATABASE_URL alone.
    #[arg(long, value_name = "URL")]
    database_url: Option<String>,
    /// Print the result as JSON.
    #[arg(long)]
    json: bool,
    /// Compare the read models with the log instead, row for row: what people see with what happened.
    #[arg(long, conflicts_with_all = ["checkpoint", "export"])]
    read: bool,
    /// A signed checkpoint that somebody kept: the log is compared with what was signed then. May be named several times.
    #[arg(long, value_name = "FILE", requires = "key")]
    checkpoint: Vec<PathBuf>,
    /// Of an auditor's bundle: the answer of GET /api/v1/history/consistency that leads from the --checkpoint to the bundle's own, or
    /// the other way round. May be named several times.
    #[arg(long, value_name = "FILE", requires = "checkpoint")]
    consistency: Vec<PathBuf>,
    /// The public key of the log's checkpoints (name+hash+base64), or a file that has it; one that did not come with the copy.
    #[arg(long, value_name = "KEY|FILE")]
    key: Vec<String>,
    /// An export of the log (turnout export) or an auditor's bundle to look at, instead of a database.
    #[arg(long, value_name = "FILE", conflicts_with = "database_url")]
    export: Option<PathBuf>,
}

/// What was looked at, and what is wrong with it.
pub(crate) struct Looked {
    pub(crate) events: u64,
    pub(crate) streams: usize,
    pub(crate) took: Duration,
    pub(crate) findings: Findings,
}

/// Prints what is wrong, or that nothing is. The exit code is 0 when all is right, 1 when something is wrong, 2 when it could not
/// look.
pub async fn run(options: Options) -> ExitCode {
    match look(&options).await {
        Ok(looked) => {
            let seconds = looked.took.as_secs_f64();
            if options.json {
                println!("{}", looked.findings.json(looked.events, looked.streams, seconds));
            } else {
                println!("{}", looked.findings.text(Words::default(), looked.events, looked.streams, seconds));
            }
            if looked.findings.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Err(error) => {
            eprintln!("turnout: the log could not be looked at: {error:#}");
            ExitCode::from(COULD_NOT_LOOK)
        }
    }
}

async fn look(options: &Options) -> anyhow::Result<Looked> {
    match &options.export {
        Some(file) if bundle::is_bundle(file) => {
            let heads = match options.checkpoint.as_slice() {
                [] => Vec::new(),
                kept => Trust::read(&options.key, kept)?.into_heads(),
            };
            let proofs = Consistency::read(&options.consistency)?;
            return bundle::look(file, Held { keys: options.key.clone(), heads, proofs }).await;
        }
        _ if !options.consistency.is_empty() => {
            bail!(
                "only an auditor's bundle takes --consistency; a copy of the log is itself compared with a --checkpoint"
            );
        }
        Some(file) if options.checkpoint.is_empty() => {
            bail!("{} is no auditor's bundle; an export of the log is compared with a --checkpoint", file.display());
        }
        _ => {}
    }
    if !options.checkpoint.is_empty() {
        return signed::look(options).await;
    }
    let database = Database::find(options.database_url.as_deref(), &options.data).await?;
    let looked = if options.read {
        read_models::look(database.url()).await
    } else {
        whole_log(database.url(), Role::Write).await
    };
    database.leave().await;
    looked
}

/// Reads the whole log, logged in to take this role.
pub(crate) async fn whole_log(url: &str, role: Role) -> anyhow::Result<Looked> {
    let tasks = thread::available_parallelism().map_or(2, usize::from);
    let connections = u32::try_from(tasks).unwrap_or(2);
    let pool = pools::connect(url, role, connections).await.context("the database cannot be reached")?;
    let head = Log::new(pool.clone(), None).head().await.context("the log cannot be read")?;
    let began = Instant::now();
    let progress = progress(u64::try_from(head)?);
    let mut chain = Chain::default();
    let mut findings = Findings::default();
    let pages = (0..head).step_by(usize::try_from(PAGE_EVENTS)?).map(|after| page(pool.clone(), after, head));
    let mut pages = stream::iter(pages).map(|page| async { tokio::spawn(page).await? }).buffered(2 * tasks);
    while let Some(page) = pages.try_next().await? {
        let events = page.len();
        for event in page {
            chain.take(event, &mut findings);
        }
        progress.inc(u64::try_from(events)?);
    }
    drop(pages);
    chain.end(head, &mut findings);
    progress.finish_and_clear();
    pool.close().await;
    Ok(Looked { events: chain.events(), streams: chain.streams(), took: began.elapsed(), findings })
}

/// The events behind a position, each looked at for itself; the first page also has what no position may be.
async fn page(pool: PgPool, after: i64, head: i64) -> anyhow::Result<Vec<event::Looked>> {
    let from = if after == 0 { i64::MIN } else { after };
    let to = head.min(after + PAGE_EVENTS);
    let mut transaction = pool.begin_with("BEGIN READ ONLY").await?;
    let rows = event::rows(&mut transaction, from, to).await.context("the log cannot be read")?;
    transaction.rollback().await?;
    Ok(tokio::task::spawn_blocking(move || rows.into_iter().map(event::look).collect()).await?)
}

/// How far it is, on a terminal; elsewhere nothing is shown.
pub(crate) fn progress(events: u64) -> ProgressBar {
    let bar = ProgressBar::new(events);
    let style = "{bar:30} event {human_pos} of {human_len}, {rate} a second, {eta} left {msg}";
    if let Ok(style) = ProgressStyle::with_template(style) {
        bar.set_style(style.with_key("rate", |state: &ProgressState, out: &mut dyn fmt::Write| {
            // A line of a terminal that could not be written is nothing to stop for.
            let _ = write!(out, "{:.0}", state.per_sec());
        }));
    }
    bar
}
