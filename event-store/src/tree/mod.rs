//! The log as a Merkle tree (RFC 6962), and what it proves to people who trust nobody: signed checkpoints, inclusion and
//! consistency proofs, hash tiles.
//!
//! The event at position p is leaf p - 1. What a leaf is made of is in `leaf.rs` and never changes: whoever holds an old
//! checkpoint must come to the same hashes for ever. The formats are those of others and read by their programs: tiles are
//! C2SP tlog-tiles (height 8, hash tiles alone), checkpoints C2SP tlog-checkpoint in C2SP signed-note, with Ed25519.
//!
//! The tree grows behind the append and costs it nothing: the [`Sealer`] follows the log, stores the tiles, and signs. Nothing that is
//! stored here is ever changed: tiles grow at their end, checkpoints and salts stay (`migrations/0011_tree.sql` holds to it).

mod difference;
mod edge;
mod leaf;
mod metrics;
mod note;
mod proof;
mod pruned;
mod reading;
mod sealer;

pub use difference::{Difference, Tiles, differences};
pub use edge::Edge;
pub use leaf::{Leaf, SEED_BYTES, Salts, seed_of};
pub use note::{CheckpointKey, CheckpointSigner, Head, KeyError, NoteError, verifier_key};
pub use proof::{Consistency, Inclusion, consistent, included};
pub use pruned::{PrunedError, grown, subtrees};
pub use reading::{Checkpoint, Tree, TreeError};
pub use sealer::Sealer;
pub use tlog_tiles::{Hash, Tile};

/// How many levels of the tree a tile spans; C2SP tlog-tiles knows no other.
pub const TILE_HEIGHT: u8 = 8;

/// How many hashes a full tile has.
pub const TILE_WIDTH: usize = 1 << TILE_HEIGHT;

/// The number of a tile in its level, for the database.
pub(crate) fn tile_number(number: u64) -> i64 {
    i64::try_from(number).expect("a tile's number is below that of its first position, which is an i64")
}
