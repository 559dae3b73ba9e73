//! `turnout export`: the whole log as a file, for whoever wants to check it elsewhere, without this database or anybody's word.
//!
//! JSON, a line each: first the events ([`ExportLine`], ascending by position), then the tree's hash tiles and the checkpoints that
//! were signed. It has everything that the log holds, live short codes too, and nothing of the vault: no names, no typed texts.

use std::{
    fs::{self, File},
    io::{BufWriter, Write as _},
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::{Context as _, bail};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use clap::Args;
use event_store::{
    ExportLine, Log,
    pools::{self, Role},
    tree::{Salts, Tree, seed_of},
};
use serde::{Deserialize, Serialize};
use sqlx::{PgPool, Row as _};

use crate::{
    counted::counted,
    tool_database::Database,
    verify::{PAGE_EVENTS, progress, rows},
};

/// What `turnout export` is told.
#[derive(Args, Clone)]
pub struct Options {
    /// The file to write; it must not be there yet.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Where the data lies; as of the server.
    #[arg(long, env = "TURNOUT_DATA", default_value = "./data", value_name = "DIR")]
    data: PathBuf,
    /// The database, where it is not the server's own; one with a password is taken from DATABASE_URL alone.
    #[arg(long, value_name = "URL")]
    database_url: Option<String>,
}

/// A line of an export.
pub(crate) enum Record {
    /// An event.
    Event(Box<ExportLine>),
    /// A hash tile of the tree, full or not.
    Tile {
        /// From the leaves up.
        level: u8,
        /// In its level.
        number: u64,
        /// 32 bytes each.
        hashes: Vec<u8>,
    },
    /// A signed checkpoint.
    Checkpoint(String),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct TileLine {
    tile: TileBody,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct TileBody {
    level: u8,
    number: u64,
    /// Base64.
    hashes: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct CheckpointLine {
    checkpoint: String,
}

impl Record {
    /// Reads a line.
    pub(crate) fn parse(line: &str) -> anyhow::Result<Self> {
        if line.starts_with(r#"{"tile""#) {
            let TileLine { tile } = serde_json::from_str(line)?;
            let hashes = STANDARD.decode(&tile.hashes).context("the tile is no base64")?;
            Ok(Self::Tile { level: tile.level, number: tile.number, hashes })
        } else if line.starts_with(r#"{"checkpoint""#) {
            Ok(Self::Checkpoint(serde_json::from_str::<CheckpointLine>(line)?.checkpoint))
        } else {
            Ok(Self::Event(serde_json::from_str(line)?))
        }
    }
}

/// Writes the log into a file.
pub async fn run(options: Options) -> ExitCode {
    match export(&options).await {
        Ok(events) => {
            println!("{} in {}", counted(events, "event is", "events are"), options.file.display());
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("turnout: the log could not be exported: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn export(options: &Options) -> anyhow::Result<u64> {
    if options.file.exists() {
        bail!("{} is there already; name another file", options.file.display());
    }
    let database = Database::find(options.database_url.as_deref(), &options.data).await?;
    let written = whole(database.url(), &options.file).await;
    database.leave().await;
    written
}

/// Under another name until it is whole.
async fn whole(url: &str, file: &Path) -> anyhow::Result<u64> {
    let mut name = file.as_os_str().to_owned();
    name.push(".part");
    let part = PathBuf::from(name);
    let written = write(url, &part).await;
    match &written {
        Ok(_) => fs::rename(&part, file).with_context(|| format!("{} cannot be named", file.display()))?,
        // What is left of it is of no use, and may not even be there.
        Err(_) => drop(fs::remove_file(&part)),
    }
    written
}

async fn write(url: &str, part: &Path) -> anyhow::Result<u64> {
    let pool = pools::connect(url, Role::Write, 2).await.context("the database cannot be reached")?;
    let file = File::create_new(part).with_context(|| format!("{} cannot be made", part.display()))?;
    let mut out = BufWriter::new(file);
    let head = Log::new(pool.clone(), None).head().await.context("the log cannot be read")?;
    let bar = progress(u64::try_from(head)?);
    let mut after = 0;
    while after < head {
        let until = head.min(after + PAGE_EVENTS);
        for line in lines(&pool, after, until).await? {
            json_line(&mut out, &line)?;
        }
        bar.inc(u64::try_from(until - after)?);
        after = until;
    }
    tree(&pool, &mut out).await?;
    bar.finish_and_clear();
    out.into_inner().context("the export cannot be written")?.sync_all()?;
    pool.close().await;
    Ok(u64::try_from(head)?)
}

async fn lines(pool: &PgPool, after: i64, until: i64) -> anyhow::Result<Vec<ExportLine>> {
    let mut connection = pool.acquire().await?;
    let rows = rows(&mut connection, after, until).await.context("the log cannot be read")?;
    drop(connection);
    let seeds = Tree::new(pool.clone()).seeds(after + 1, until).await?;
    let salted = rows.into_iter().map(|row| {
        let salt = seeds.get(&seed_of(row.line.position)).map(|seed| Salts::new(seed).at(row.line.position));
        ExportLine { salt, ..row.line }
    });
    Ok(salted.collect())
}

async fn tree(pool: &PgPool, out: &mut BufWriter<File>) -> anyhow::Result<()> {
    for row in sqlx::query("SELECT level, number, hashes FROM log.tiles ORDER BY level, number").fetch_all(pool).await?
    {
        let (level, number, hashes): (i16, i64, Vec<u8>) = (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
        let tile =
            TileBody { level: u8::try_from(level)?, number: u64::try_from(number)?, hashes: STANDARD.encode(hashes) };
        json_line(out, &TileLine { tile })?;
    }
    for row in sqlx::query("SELECT note FROM log.checkpoints ORDER BY size").fetch_all(pool).await? {
        json_line(out, &CheckpointLine { checkpoint: row.try_get(0)? })?;
    }
    Ok(())
}

fn json_line(out: &mut BufWriter<File>, line: &impl Serialize) -> anyhow::Result<()> {
    serde_json::to_writer(&mut *out, line)?;
    out.write_all(b"\n").context("the export cannot be written")
}
