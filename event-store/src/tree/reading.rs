//! Reads the tree as it is stored: tiles, seeds, checkpoints.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, Utc};
use sqlx::PgPool;
use thiserror::Error;
use tlog_tiles::{Hash, Tile};

use super::{Edge, SEED_BYTES, TILE_HEIGHT, tile_number};

/// The length of a hash, in bytes.
const HASH_BYTES: usize = 32;

/// How many tiles are read at once: half a megabyte.
const TILES_AT_ONCE: usize = 64;

/// Why the tree does not answer.
#[derive(Debug, Error)]
pub enum TreeError {
    /// The database cannot be reached, or refused.
    #[error("the tree cannot be read")]
    Database(#[from] sqlx::Error),
    /// What is stored is not the tree that was signed: somebody laid hands on it, or on the log.
    #[error("the tree is damaged: {0}")]
    Damaged(String),
}

/// A checkpoint as it was kept.
#[derive(Debug, Clone, PartialEq)]
pub struct Checkpoint {
    /// How many events it has: those up to this position.
    pub size: u64,
    /// The root of their tree.
    pub root: Hash,
    /// The signed note.
    pub note: String,
    /// When it was signed.
    pub signed_at: DateTime<Utc>,
}

/// The stored tree. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Tree {
    pub(super) pool: PgPool,
}

struct StoredCheckpoint {
    size: i64,
    root: Vec<u8>,
    note: String,
    signed_at: DateTime<Utc>,
}

impl TryFrom<StoredCheckpoint> for Checkpoint {
    type Error = TreeError;

    fn try_from(stored: StoredCheckpoint) -> Result<Self, TreeError> {
        let damaged = || TreeError::Damaged(format!("the checkpoint of size {} cannot be read", stored.size));
        Ok(Self {
            size: u64::try_from(stored.size).map_err(|_| damaged())?,
            root: Hash(stored.root.as_slice().try_into().map_err(|_| damaged())?),
            note: stored.note,
            signed_at: stored.signed_at,
        })
    }
}

impl Tree {
    /// Over a pool of role Write, Query or Identity.
    #[must_use]
    pub fn new(pool: PgPool) -> Self {
        Self { pool }
    }

    /// Which log it is of.
    ///
    /// # Errors
    /// [`TreeError`].
    pub async fn origin(&self) -> Result<String, TreeError> {
        Ok(sqlx::query_scalar!("SELECT origin FROM log.origin").fetch_one(&self.pool).await?)
    }

    /// How many leaves it has; not all of them need be signed yet.
    ///
    /// # Errors
    /// [`TreeError`].
    pub(super) async fn size(&self) -> Result<u64, TreeError> {
        let size = sqlx::query_scalar!(r#"SELECT log.tree_size() AS "size!""#).fetch_one(&self.pool).await?;
        u64::try_from(size).map_err(|_| TreeError::Damaged("it has a size below 0".into()))
    }

    /// The newest checkpoint; none before the first event was signed.
    ///
    /// # Errors
    /// [`TreeError`].
    pub async fn newest(&self) -> Result<Option<Checkpoint>, TreeError> {
        let stored = sqlx::query_as!(
            StoredCheckpoint,
            "SELECT size, root, note, signed_at FROM log.checkpoints ORDER BY size DESC LIMIT 1"
        );
        stored.fetch_optional(&self.pool).await?.map(Checkpoint::try_from).transpose()
    }

    /// The checkpoint of exactly this size.
    ///
    /// # Errors
    /// [`TreeError`].
    pub async fn checkpoint(&self, size: u64) -> Result<Option<Checkpoint>, TreeError> {
        Ok(self.first_from(size).await?.filter(|checkpoint| checkpoint.size == size))
    }

    /// The smallest checkpoint that has so many events: the first one that was signed once they were there.
    ///
    /// # Errors
    /// [`TreeError`].
    pub async fn first_from(&self, size: u64) -> Result<Option<Checkpoint>, TreeError> {
        let Ok(size) = i64::try_from(size) else { return Ok(None) };
        let stored = sqlx::query_as!(
            StoredCheckpoint,
            "SELECT size, root, note, signed_at FROM log.checkpoints WHERE size >= $1 ORDER BY size LIMIT 1",
            size
        );
        stored.fetch_optional(&self.pool).await?.map(Checkpoint::try_from).transpose()
    }

    /// The bytes of a tile; none when the stored one is not as wide yet.
    ///
    /// # Errors
    /// [`TreeError`].
    pub async fn tile(&self, tile: Tile) -> Result<Option<Vec<u8>>, TreeError> {
        let Ok(number) = i64::try_from(tile.level_index()) else { return Ok(None) };
        let stored = sqlx::query_scalar!(
            "SELECT hashes FROM log.tiles WHERE level = $1 AND number = $2",
            i16::from(tile.level()),
            number
        );
        let width = tile.width() as usize * HASH_BYTES;
        Ok(stored.fetch_optional(&self.pool).await?.filter(|hashes| hashes.len() >= width).map(|mut hashes| {
            hashes.truncate(width);
            hashes
        }))
    }

    /// The seeds of the salts of the events at positions from `first` to `last`, by their number.
    ///
    /// # Errors
    /// [`TreeError`].
    pub async fn seeds(&self, first: i64, last: i64) -> Result<HashMap<i64, [u8; SEED_BYTES]>, TreeError> {
        let rows = sqlx::query!(
            "SELECT tile, seed FROM log.seeds WHERE tile BETWEEN $1 AND $2",
            super::seed_of(first),
            super::seed_of(last)
        );
        let seed = |bytes: Vec<u8>| bytes.try_into().map_err(|_| TreeError::Damaged("a seed has not 32 bytes".into()));
        rows.fetch_all(&self.pool).await?.into_iter().map(|row| Ok((row.tile, seed(row.seed)?))).collect()
    }

    /// The right edge of the stored tree.
    ///
    /// # Errors
    /// [`TreeError`].
    pub async fn edge(&self) -> Result<Edge, TreeError> {
        let size = self.size().await?;
        let mut open = HashMap::new();
        for level in (0_u8..).take_while(|level| size >> (TILE_HEIGHT * level) > 0) {
            let count = size >> (TILE_HEIGHT * level);
            let width = u32::try_from(count % (1 << TILE_HEIGHT)).expect("less than a tile");
            if width > 0 {
                let tile = Tile::new(TILE_HEIGHT, level, count >> TILE_HEIGHT, width, false);
                let hashes = self.tile(tile).await?.ok_or_else(|| {
                    TreeError::Damaged(format!("the tile {} of level {level} is missing", count >> TILE_HEIGHT))
                })?;
                open.insert(level, hashes);
            }
        }
        Edge::of_tree(size, |level, _| Ok(hashes_of(open.get(&level).map_or(&[][..], Vec::as_slice))))
    }

    /// The hashes at these places of the tree (stored hash indexes of tlog).
    ///
    /// # Errors
    /// [`TreeError`].
    pub(super) async fn hashes(&self, indexes: &[u64]) -> Result<HashMap<u64, Hash>, TreeError> {
        let tiles = indexes.iter().map(|index| Tile::from_index(TILE_HEIGHT, *index));
        let wanted: BTreeSet<(u8, u64)> = tiles.map(|tile| (tile.level(), tile.level_index())).collect();
        let wanted: Vec<_> = wanted.into_iter().collect();
        let mut stored = HashMap::with_capacity(wanted.len());
        for some in wanted.chunks(TILES_AT_ONCE) {
            stored.extend(self.stored_tiles(some).await?);
        }
        let hash = |index: u64| {
            let at = Tile::from_index(TILE_HEIGHT, index);
            let damaged = || {
                TreeError::Damaged(format!("the tile {} of level {} is missing or short", at.level_index(), at.level()))
            };
            let data = stored.get(&(at.level(), at.level_index())).ok_or_else(damaged)?;
            let width = u32::try_from(data.len() / HASH_BYTES).expect("a tile has at most 256 hashes");
            let tile = Tile::new(TILE_HEIGHT, at.level(), at.level_index(), width, false);
            Ok((index, tile.hash_at_index(data, index).map_err(|_| damaged())?))
        };
        indexes.iter().map(|index| hash(*index)).collect()
    }

    async fn stored_tiles(&self, wanted: &[(u8, u64)]) -> Result<HashMap<(u8, u64), Vec<u8>>, TreeError> {
        let levels: Vec<i16> = wanted.iter().map(|(level, _)| i16::from(*level)).collect();
        let numbers: Vec<i64> = wanted.iter().map(|(_, number)| tile_number(*number)).collect();
        let rows = sqlx::query!(
            "SELECT t.level, t.number, t.hashes FROM unnest($1::smallint[], $2::bigint[]) AS w (level, number)
               JOIN log.tiles AS t ON t.level = w.level AND t.number = w.number",
            &levels,
            &numbers
        );
        let key = |level: i16, number: i64| Some((u8::try_from(level).ok()?, u64::try_from(number).ok()?));
        let rows = rows.fetch_all(&self.pool).await?;
        Ok(rows.into_iter().filter_map(|row| Some((key(row.level, row.number)?, row.hashes))).collect())
    }
}

/// The hashes of a tile's bytes.
fn hashes_of(bytes: &[u8]) -> Vec<Hash> {
    bytes.as_chunks().0.iter().map(|hash| Hash(*hash)).collect()
}
