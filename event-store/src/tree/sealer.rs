//! Makes the tree grow behind the log, and signs it.
//!
//! What always holds: the tiles are committed before their root is signed. Where a synchronous standby is configured, a commit returns
//! when that has it and everything before it: so only what it has is signed, and a standby that takes over goes on from there. The
//! checkpoint itself may be missing there, when the primary died in the middle of its commit; then it is signed again, and is the same. Any number of sealers may run: the one whose
//! tiles come second finds another size, reads the edge again and stands back for a while. Nothing that was signed is
//! ever contradicted: before a sealer goes on it compares the stored tree with what was signed last, and the events of the last
//! tile with their leaves; what differs is damage, is said loudly, and nothing is signed any more until somebody has looked.

use std::{collections::HashMap, sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use sqlx::{PgPool, Postgres, Transaction};
use tlog_tiles::Hash;
use tokio::{sync::watch, time::Instant};
use uuid::Uuid;

use super::{
    CheckpointSigner, Edge, Leaf, SEED_BYTES, Salts, TILE_WIDTH, Tree, TreeError, edge::Grown, metrics, seed_of,
    tile_number,
};
use crate::{Clock, Log, ReadError, standby::wait_for_standby};

/// While events come, a checkpoint is signed so often.
const SIGN_EVERY: Duration = Duration::from_secs(1);
/// While much is to be caught up with, no later than that.
const SIGN_AT_LEAST_EVERY: Duration = Duration::from_secs(5);
/// How long a sealer stands back when another one is at work.
const STAND_BACK: Duration = Duration::from_secs(3);
/// How long it waits when the database does not answer.
const TRY_AGAIN: Duration = Duration::from_secs(1);
/// How often it tries to sign the last events when it stops, where others sign, too.
const LAST_TRIES: u32 = 5;
/// How many events are taken in at once: 64 tiles.
const PAGE_EVENTS: i64 = 64 * TILE_WIDTH as i64;

/// The task that makes the tree grow.
pub struct Sealer {
    tree: Tree,
    log: Log,
    /// Changes when the keys do.
    signer: watch::Receiver<Arc<CheckpointSigner>>,
    clock: Arc<dyn Clock>,
    /// Makes what nobody can foresee.
    random_seed: Arc<dyn Fn() -> [u8; SEED_BYTES] + Send + Sync>,
}

/// Why the tree did not grow.
enum Halt {
    /// Somebody else made it grow.
    Overtaken,
    /// It cannot be asked, or it is damaged.
    Failed(TreeError),
}

impl<E: Into<TreeError>> From<E> for Halt {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

impl From<ReadError> for TreeError {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Database(error) => Self::Database(error),
            error => Self::Damaged(error.to_string()),
        }
    }
}

/// What of a row of the log stands in its leaf.
struct Row {
    position: i64,
    organization: Uuid,
    stream_type: String,
    stream: Uuid,
    version: i64,
    recorded_at: DateTime<Utc>,
    content_hash: Vec<u8>,
}

impl Sealer {
    /// A sealer over a pool of role Write. `random_seed` makes what salts are made from, and what nobody can
    /// foresee.
    pub fn new(
        pool: PgPool,
        log: Log,
        signer: watch::Receiver<Arc<CheckpointSigner>>,
        clock: Arc<dyn Clock>,
        random_seed: impl Fn() -> [u8; SEED_BYTES] + Send + Sync + 'static,
    ) -> Self {
        metrics::register();
        Self { tree: Tree::new(pool), log, signer, clock, random_seed: Arc::new(random_seed) }
    }

    /// Follows the log until `stop` says true. It signs once more then, so that nothing that was answered stands unsigned.
    pub async fn run(self, mut stop: watch::Receiver<bool>) {
        while !*stop.borrow() {
            let Err(halt) = self.follow(&mut stop).await else { break };
            let wait = match halt {
                Halt::Overtaken => STAND_BACK,
                Halt::Failed(TreeError::Database(error)) => {
                    metrics::failed();
                    tracing::warn!(error = &error as &dyn std::error::Error, "the log's tree cannot grow for now");
                    TRY_AGAIN
                }
                Halt::Failed(error @ TreeError::Damaged(_)) => {
                    metrics::damaged();
                    tracing::error!(
                        error = &error as &dyn std::error::Error,
                        "THE LOG IS NOT WHAT WAS SIGNED: no checkpoint is signed any more; look with turnout verify"
                    );
                    return stopped(&mut stop).await;
                }
            };
            // Until then, or until the stop.
            let _ = tokio::time::timeout(wait, stopped(&mut stop)).await;
        }
        for _ in 0..LAST_TRIES {
            match self.last_time().await {
                Ok(()) => return,
                // By another node, which may also have stopped before it signed.
                Err(Halt::Overtaken) => {}
                Err(Halt::Failed(error)) => {
                    tracing::warn!(error = &error as &dyn std::error::Error, "the last events are not signed yet");
                    return;
                }
            }
        }
    }

    /// Grows and signs until the stop, or until something is in the way. What has begun is not broken off.
    async fn follow(&self, stop: &mut watch::Receiver<bool>) -> Result<(), Halt> {
        let mut keys = self.signer.clone();
        keys.mark_unchanged();
        let mut edge = self.begin().await?;
        loop {
            tokio::select! {
                beyond = self.log.wait_beyond(position(edge.size())) => drop(beyond.map_err(TreeError::from)?),
                () = changed(&mut keys) => {
                    self.countersign(&edge).await?;
                    continue;
                }
                () = stopped(stop) => return Ok(()),
            }
            let began = Instant::now();
            self.seal(&mut edge).await?;
            tokio::select! {
                () = tokio::time::sleep_until(began + SIGN_EVERY) => {}
                () = stopped(stop) => return Ok(()),
            }
        }
    }

    /// What came while it was told to stop.
    async fn last_time(&self) -> Result<(), Halt> {
        let mut edge = self.begin().await?;
        if self.log.head().await.map_err(TreeError::from)? > position(edge.size()) {
            self.seal(&mut edge).await?;
        }
        Ok(())
    }

    /// The edge to go on from, which is that of what was signed and of what is in the log.
    async fn begin(&self) -> Result<Edge, Halt> {
        let edge = self.tree.edge().await?;
        if let Some(signed) = self.tree.newest().await? {
            if signed.size > edge.size() {
                return Err(damaged(format!("it has {} leaves, and {} were signed", edge.size(), signed.size)));
            }
            if signed.size == edge.size() && signed.root != edge.root() {
                return Err(damaged(format!("its root is not the one that was signed at {}", signed.size)));
            }
        }
        self.compare_last_tile(&edge).await?;
        if edge.size() > 0 && self.tree.checkpoint(edge.size()).await?.is_none() {
            // Somebody stopped between the tiles and their signature.
            // Whether a standby has them is known by whoever waited for it, who is gone.
            wait_for_standby(&mut *self.tree.pool.acquire().await?).await?;
            self.sign(&edge, Instant::now()).await?;
        }
        self.countersign(&edge).await?;
        Ok(edge)
    }

    /// Has the keys that sign now sign the newest checkpoint, too, where they have not: whoever knows only a new one need not wait for
    /// the next event.
    async fn countersign(&self, edge: &Edge) -> Result<(), TreeError> {
        let Some(newest) = self.tree.newest().await? else { return Ok(()) };
        // Another one's is looked at by whoever signed it, and here once the edge is there.
        if (newest.size, newest.root) != (edge.size(), edge.root()) {
            return Ok(());
        }
        let lacking = self.signer.borrow().lacking(newest.size, newest.root, &newest.note);
        if !lacking.is_empty() {
            let mut transaction = self.durable().await?;
            sqlx::query!("SELECT log.countersign($1, $2)", position(newest.size), lacking)
                .execute(&mut *transaction)
                .await?;
            transaction.commit().await?;
        }
        Ok(())
    }

    /// Whether the last events still are what they were when the tree took them in.
    async fn compare_last_tile(&self, edge: &Edge) -> Result<(), Halt> {
        let Some(open) = edge.open().find(|open| open.level == 0) else { return Ok(()) };
        let first = position(open.number * TILE_WIDTH as u64);
        let rows = self.rows(first, position(edge.size())).await?;
        let seeds = self.tree.seeds(first + 1, position(edge.size())).await?;
        let leaves = leaves(&rows, &seeds)?;
        if leaves == open.hashes {
            return Ok(());
        }
        let same = leaves.iter().zip(&open.hashes).take_while(|(now, then)| now == then).count();
        Err(damaged(format!(
            "the event at position {} is not what it was",
            first + 1 + i64::try_from(same).unwrap_or(0)
        )))
    }

    /// Takes in what the log has, and signs it.
    async fn seal(&self, edge: &mut Edge) -> Result<(), Halt> {
        let began = Instant::now();
        let mut signed = began;
        loop {
            let head = self.log.head().await.map_err(TreeError::from)?;
            let until = head.min(position(edge.size()) + PAGE_EVENTS);
            if until > position(edge.size()) {
                *edge = self.grow(edge.clone(), until).await?;
            }
            if until == head || signed.elapsed() > SIGN_AT_LEAST_EVERY {
                self.sign(edge, began).await?;
                signed = Instant::now();
            }
            if until == head {
                return Ok(());
            }
        }
    }

    /// The edge once the events up to a position were taken in and their tiles committed.
    async fn grow(&self, mut edge: Edge, until: i64) -> Result<Edge, Halt> {
        let from = position(edge.size());
        let rows = self.rows(from, until).await?;
        let mut seeds = self.tree.seeds(from + 1, until).await?;
        let begun: Vec<i64> = (seed_of(from + 1)..=seed_of(until)).filter(|tile| !seeds.contains_key(tile)).collect();
        seeds.extend(begun.iter().map(|tile| (*tile, (self.random_seed)())));
        let values: Vec<Vec<u8>> = begun.iter().map(|tile| seeds[tile].to_vec()).collect();
        let (edge, tiles) = tokio::task::spawn_blocking(move || {
            let leaves = leaves(&rows, &seeds)?;
            let mut tiles = Vec::new();
            edge.grow(leaves, |full| tiles.push(full));
            tiles.extend(edge.open());
            Ok::<_, TreeError>((edge, tiles))
        })
        .await
        .map_err(|error| TreeError::Damaged(error.to_string()))??;
        let mut transaction = self.durable().await?;
        let has_grown = sqlx::query_scalar!(
            r#"SELECT log.grow_tree($1, $2, $3, $4, $5, $6, $7) AS "grown!""#,
            from,
            until,
            &tiles.iter().map(|tile| i16::from(tile.level)).collect::<Vec<_>>(),
            &tiles.iter().map(|tile| tile_number(tile.number)).collect::<Vec<_>>(),
            &tiles.iter().map(bytes).collect::<Vec<_>>(),
            &begun,
            &values
        )
        .fetch_one(&mut *transaction)
        .await?;
        transaction.commit().await?;
        if has_grown { Ok(edge) } else { Err(Halt::Overtaken) }
    }

    async fn rows(&self, from: i64, until: i64) -> Result<Vec<Row>, TreeError> {
        let rows = sqlx::query_as!(
            Row,
            "SELECT position, organization, stream_type, stream, version, recorded_at, content_hash FROM log.events
              WHERE position > $1 AND position <= $2 ORDER BY position",
            from,
            until
        );
        let rows = rows.fetch_all(&self.tree.pool).await?;
        match (from + 1..=until)
            .zip(rows.iter().map(|row| Some(row.position)).chain(std::iter::repeat(None)))
            .find(|(expected, found)| *found != Some(*expected))
        {
            None => Ok(rows),
            Some((missing, _)) => Err(TreeError::Damaged(format!("there is no event at position {missing}"))),
        }
    }

    /// Begins what is on disk when its commit returns, on a synchronous standby, too, where there is one; whatever the database is
    /// set to.
    async fn durable(&self) -> Result<Transaction<'static, Postgres>, sqlx::Error> {
        self.tree.pool.begin_with("BEGIN; SET LOCAL synchronous_commit = on").await
    }

    async fn sign(&self, edge: &Edge, began: Instant) -> Result<(), TreeError> {
        let (root, now) = (edge.root(), self.clock.now());
        let note = self.signer.borrow().sign(edge.size(), root);
        let mut transaction = self.durable().await?;
        sqlx::query!("SELECT log.keep_checkpoint($1, $2, $3, $4)", position(edge.size()), &root.0[..], note, now)
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        metrics::signed(edge.size(), now, began.elapsed());
        Ok(())
    }
}

/// Waits for other keys; whoever would bring them may be gone, then none come.
async fn changed(keys: &mut watch::Receiver<Arc<CheckpointSigner>>) {
    if keys.changed().await.is_err() {
        std::future::pending::<()>().await;
    }
}

/// Waits for the stop; whoever would say it may be gone, which is one.
async fn stopped(stop: &mut watch::Receiver<bool>) {
    let _ = stop.wait_for(|stop| *stop).await;
}

fn damaged(what: String) -> Halt {
    Halt::Failed(TreeError::Damaged(what))
}

/// The position of the last of so many events.
fn position(size: u64) -> i64 {
    tile_number(size)
}

fn bytes(tile: &Grown) -> Vec<u8> {
    tile.hashes.iter().flat_map(|hash| hash.0).collect()
}

/// The hashes of the leaves of these rows.
fn leaves(rows: &[Row], seeds: &HashMap<i64, [u8; SEED_BYTES]>) -> Result<Vec<Hash>, TreeError> {
    let mut leaves = Vec::with_capacity(rows.len());
    for tile in rows.chunk_by(|one, next| seed_of(one.position) == seed_of(next.position)) {
        let number = seed_of(tile[0].position);
        let seed = seeds.get(&number).ok_or_else(|| TreeError::Damaged(format!("the seed {number} is missing")))?;
        let salts = Salts::new(seed);
        for row in tile {
            let content_hash = row.content_hash.as_slice().try_into();
            let content_hash = content_hash
                .map_err(|_| TreeError::Damaged(format!("the hash at position {} has not 32 bytes", row.position)))?;
            let leaf = Leaf {
                position: row.position,
                organization: row.organization,
                stream_type: &row.stream_type,
                stream: row.stream,
                version: row.version,
                recorded_at: row.recorded_at.timestamp_micros(),
                content_hash,
                salt: salts.at(row.position),
            };
            leaves.push(leaf.hash());
        }
    }
    Ok(leaves)
}
