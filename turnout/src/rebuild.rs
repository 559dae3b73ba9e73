//! `turnout rebuild`: read models anew from the log, while the server goes on.

use std::{
    path::PathBuf,
    time::{Duration, Instant},
};

use anyhow::Context as _;
use clap::Args;
use projections::{Progress, ReadModel, ReadModels, Rebuild, Stage};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::{counted::counted, tool_database::Database, verify};

/// How often the bar is drawn.
const DRAWN_EVERY: Duration = Duration::from_millis(200);

/// What `turnout rebuild` is told.
#[derive(Args, Clone)]
pub struct Options {
    /// Which read models: shows, seating, seats, availability, orders, tickets, attendance, door_list, organizations, activity …
    /// None named: all of them.
    #[arg(value_name = "READ MODEL")]
    models: Vec<ReadModel>,
    /// Only one show (or organization), in place: after an update that understands what stopped it.
    #[arg(long, value_name = "ID", conflicts_with_all = ["models", "rollback", "drop_kept"])]
    stream: Option<Uuid>,
    /// Put back the tables that the last rebuild replaced; they catch up first.
    #[arg(long, conflicts_with_all = ["models", "drop_kept"])]
    rollback: bool,
    /// Drop the tables that the last rebuild replaced.
    #[arg(long, conflicts_with = "models")]
    drop_kept: bool,
    /// Where the data lies; as of the server. A database that is not the server's own is named by TURNOUT_OWNER_DATABASE_URL.
    #[arg(long, env = "TURNOUT_DATA", default_value = "./data", value_name = "DIR")]
    data: PathBuf,
}

/// Does what it is told, and says what came of it.
pub async fn run(options: Options) -> anyhow::Result<()> {
    let database = Database::find_as_owner(None, &options.data).await?;
    let said = work(&options, database.url()).await;
    database.leave().await;
    println!("{}", said?);
    Ok(())
}

async fn work(options: &Options, url: &str) -> anyhow::Result<String> {
    let rebuild = Rebuild::connect(url).await.context("the database cannot be reached as its owner")?;
    if let Some(stream) = options.stream {
        let retried = drawn(&rebuild, rebuild.retry(stream)).await?;
        let events = counted(retried.events, "event", "events");
        return Ok(if retried.stopped {
            format!("Stream {stream} ({events}) still stops at an event that this version cannot understand.")
        } else {
            format!("Stream {stream} ({events}) is built anew and goes on.")
        });
    }
    if options.rollback {
        let position = drawn(&rebuild, rebuild.roll_back()).await?;
        return Ok(format!(
            "The kept tables are back in place, at position {position}; those that were in use are kept now."
        ));
    }
    if options.drop_kept {
        rebuild.drop_kept().await?;
        return Ok("Nothing is kept any more.".to_owned());
    }
    let began = Instant::now();
    let rebuilt = drawn(&rebuild, rebuild.run(ReadModels::of(&options.models))).await?;
    let seconds = began.elapsed().as_secs_f64();
    let rate = rebuilt.events as f64 / seconds;
    let mut said = format!(
        "Built anew from {} of {} in {seconds:.1} s ({rate:.0} a second), in place at position {}. The replaced tables \
         are kept: `turnout rebuild --rollback` puts them back, `--drop-kept` drops them.",
        counted(rebuilt.events, "event", "events"),
        counted(rebuilt.streams, "stream", "streams"),
        rebuilt.position
    );
    if rebuilt.stopped > 0 {
        said.push_str(&format!(
            "\n{} at an event that this version cannot understand; `turnout verify --read` names them.",
            counted(rebuilt.stopped, "stream stops", "streams stop")
        ));
    }
    Ok(said)
}

/// Waits for a work's end, and draws meanwhile how far it is.
async fn drawn<T>(rebuild: &Rebuild, work: impl Future<Output = T>) -> T {
    let ended = CancellationToken::new();
    // A task of its own: folding does not pause for it.
    let drawing = tokio::spawn(draw(rebuild.progress(), ended.clone()));
    let done = work.await;
    ended.cancel();
    // A bar that could not be drawn is nothing to fail for.
    let _ = drawing.await;
    done
}

/// Draws how far it is, on a terminal; elsewhere nothing is shown. What it came to is drawn in the end, however fast that was there.
async fn draw(progress: watch::Receiver<Progress>, ended: CancellationToken) {
    let bar = verify::progress(0);
    loop {
        let goes_on = !ended.is_cancelled();
        let now = *progress.borrow();
        bar.set_length(now.of);
        bar.set_position(now.events.min(now.of));
        bar.set_message(match now.stage {
            Stage::Building => "building",
            Stage::Indexing => "making indexes",
            Stage::CatchingUp => "catching up",
            Stage::Checking => "checking",
            Stage::Switching => "switching",
        });
        if !goes_on {
            break;
        }
        let _ = tokio::time::timeout(DRAWN_EVERY, ended.cancelled()).await;
    }
    bar.force_draw();
    bar.finish_and_clear();
}
