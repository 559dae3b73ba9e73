//! Where the events come from that are compared with a checkpoint: a database, or a file that `turnout export` wrote.
//!
//! Nothing here is believed: tiles and kept checkpoints are only hints at what was there, and count where they lead to a root that
//! the key has signed.

use std::{
    collections::HashMap,
    fs::File,
    io::{BufRead as _, BufReader},
    path::PathBuf,
};

use anyhow::{Context as _, bail};
use event_store::{
    ExportLine,
    tree::{Salts, Tiles, Tree, seed_of},
};
use sqlx::{PgPool, Row as _};

use crate::{
    export::Record,
    verify::{
        PAGE_EVENTS,
        event::{self, Row},
    },
};

/// A copy of the log.
pub(super) enum Source {
    /// A database, and how far its log goes.
    Database { pool: PgPool, head: i64 },
    /// An export.
    File(PathBuf),
}

/// What a copy has beside its events.
#[derive(Default)]
pub(super) struct Hints {
    pub tiles: Tiles,
    /// Signed notes.
    pub checkpoints: Vec<String>,
}

impl Source {
    /// Hands over all events, in the order in which they stand there, and what there is beside them.
    pub(super) async fn read(&self, mut take: impl FnMut(Vec<Row>)) -> anyhow::Result<Hints> {
        match self {
            Self::Database { pool, head } => {
                let mut after = 0;
                while after < *head {
                    take(self.page(pool, after, *head).await?);
                    after += PAGE_EVENTS;
                }
                hints(pool).await
            }
            Self::File(path) => {
                let mut hints = Hints::default();
                let mut page = Vec::new();
                for record in records(path)? {
                    match record? {
                        Record::Event(line) => page.push(Row::from(*line)),
                        Record::Tile { level, number, hashes } => hints.tiles.insert(level, number, hashes),
                        Record::Checkpoint(note) => hints.checkpoints.push(note),
                    }
                    if page.len() >= usize::try_from(PAGE_EVENTS)? {
                        take(std::mem::take(&mut page));
                    }
                }
                take(page);
                Ok(hints)
            }
        }
    }

    /// The events at these positions, as far as they are there.
    pub(super) async fn at(&self, positions: &[i64]) -> anyhow::Result<HashMap<i64, ExportLine>> {
        let (Some(first), Some(last)) = (positions.first(), positions.last()) else { return Ok(HashMap::new()) };
        let mut found = HashMap::new();
        match self {
            Self::Database { pool, .. } => {
                for position in positions {
                    let row = self.page_of(pool, position - 1, *position).await?.into_iter().next();
                    found.extend(row.map(|row| (*position, row.line)));
                }
            }
            Self::File(path) => {
                for record in records(path)? {
                    if let Record::Event(line) = record?
                        && (*first..=*last).contains(&line.position)
                        && positions.binary_search(&line.position).is_ok()
                    {
                        found.insert(line.position, *line);
                    }
                }
            }
        }
        Ok(found)
    }

    /// The salts at these positions, as far as they can be known.
    pub(super) async fn salts(
        &self,
        positions: &[i64],
        lines: &HashMap<i64, ExportLine>,
    ) -> anyhow::Result<HashMap<i64, [u8; 32]>> {
        let mut salts: HashMap<_, _> =
            lines.iter().filter_map(|(position, line)| Some((*position, line.salt?))).collect();
        if let Self::Database { pool, .. } = self {
            let tree = Tree::new(pool.clone());
            for position in positions {
                if let Some(seed) = tree.seeds(*position, *position).await?.get(&seed_of(*position)) {
                    salts.insert(*position, Salts::new(seed).at(*position));
                }
            }
        }
        Ok(salts)
    }

    async fn page(&self, pool: &PgPool, after: i64, head: i64) -> anyhow::Result<Vec<Row>> {
        // The first page also has what no position may be.
        let from = if after == 0 { i64::MIN } else { after };
        self.page_of(pool, from, head.min(after + PAGE_EVENTS)).await
    }

    async fn page_of(&self, pool: &PgPool, from: i64, to: i64) -> anyhow::Result<Vec<Row>> {
        let mut transaction = pool.begin_with("BEGIN READ ONLY").await?;
        let mut rows = event::rows(&mut transaction, from, to).await.context("the log cannot be read")?;
        transaction.rollback().await?;
        let seeds = Tree::new(pool.clone()).seeds(from.max(1), to).await?;
        for row in &mut rows {
            let seed = seeds.get(&seed_of(row.line.position));
            row.line.salt = seed.map(|seed| Salts::new(seed).at(row.line.position));
        }
        Ok(rows)
    }
}

async fn hints(pool: &PgPool) -> anyhow::Result<Hints> {
    let mut hints = Hints::default();
    for row in sqlx::query("SELECT level, number, hashes FROM log.tiles").fetch_all(pool).await? {
        let (level, number): (i16, i64) = (row.try_get(0)?, row.try_get(1)?);
        hints.tiles.insert(u8::try_from(level)?, u64::try_from(number)?, row.try_get(2)?);
    }
    for row in sqlx::query("SELECT note FROM log.checkpoints ORDER BY size").fetch_all(pool).await? {
        hints.checkpoints.push(row.try_get(0)?);
    }
    Ok(hints)
}

fn records(path: &PathBuf) -> anyhow::Result<impl Iterator<Item = anyhow::Result<Record>>> {
    let file = File::open(path).with_context(|| format!("{} cannot be read", path.display()))?;
    let lines = BufReader::new(file).lines().enumerate();
    Ok(lines.map(|(number, line)| match Record::parse(&line.context("the export cannot be read")?) {
        Ok(record) => Ok(record),
        Err(error) => bail!("line {} of the export cannot be read: {error}", number + 1),
    }))
}
