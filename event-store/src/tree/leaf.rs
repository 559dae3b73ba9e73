//! What stands for an event in the tree.
//!
//! Hashes of leaves are public, and some of what an event says could be guessed: a short code has few digits. So each leaf has a
//! secret salt, which whoever may read the event is given with it. The salts of a full tile's 256 events come from one seed.
//! The encoding never changes; a golden test pins it.

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use tlog_tiles::{Hash, record_hash};
use uuid::Uuid;

use super::TILE_HEIGHT;

/// Names the encoding; another one would get another name.
const DOMAIN: &[u8] = b"turnout log leaf v1";

/// The length of a seed, in bytes: that of the hash that salts are made with.
pub const SEED_BYTES: usize = 32;

/// The canonical row: what a leaf's hash is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leaf<'a> {
    /// Its number in the whole log, from 1.
    pub position: i64,
    /// Whose it is.
    pub organization: Uuid,
    /// What its stream is about: `show` or `organization`.
    pub stream_type: &'a str,
    /// The show's or the organization's id.
    pub stream: Uuid,
    /// Its number in its stream, from 1.
    pub version: i64,
    /// When it was recorded, in microseconds since 1970 (UTC).
    pub recorded_at: i64,
    /// SHA-256 over what the writer said; see [`content_hash`](crate::content_hash).
    pub content_hash: [u8; 32],
    /// What hides the rest from guesses.
    pub salt: [u8; 32],
}

impl Leaf<'_> {
    /// The bytes that are hashed: text `"turnout log leaf v1"`, position, id organization, text stream type, id stream, version,
    /// time, content hash, salt. Numbers are eight bytes big-endian; a *text* is its length in bytes as such a number and then
    /// its bytes; an *id* is its sixteen bytes.
    #[must_use]
    pub fn data(&self) -> Vec<u8> {
        let mut data = Vec::with_capacity(192);
        text(&mut data, DOMAIN);
        data.extend_from_slice(&self.position.to_be_bytes());
        data.extend_from_slice(self.organization.as_bytes());
        text(&mut data, self.stream_type.as_bytes());
        data.extend_from_slice(self.stream.as_bytes());
        data.extend_from_slice(&self.version.to_be_bytes());
        data.extend_from_slice(&self.recorded_at.to_be_bytes());
        data.extend_from_slice(&self.content_hash);
        data.extend_from_slice(&self.salt);
        data
    }

    /// The hash of the leaf: SHA-256 over a zero byte and [`data`](Self::data) (RFC 6962, 2.1).
    #[must_use]
    pub fn hash(&self) -> Hash {
        record_hash(&self.data())
    }
}

/// The number of the seed that the salt at a position is made from: that of the tile on level 0.
#[must_use]
pub fn seed_of(position: i64) -> i64 {
    (position - 1) >> TILE_HEIGHT
}

/// Makes the salts of a tile's events.
#[derive(Debug, Clone)]
pub struct Salts(Hmac<Sha256>);

impl Salts {
    /// From the tile's seed.
    #[must_use]
    pub fn new(seed: &[u8; SEED_BYTES]) -> Self {
        Self(Hmac::new_from_slice(seed).expect("HMAC takes keys of any length"))
    }

    /// HMAC-SHA-256 of the position (eight bytes, big-endian) under the seed.
    #[must_use]
    pub fn at(&self, position: i64) -> [u8; 32] {
        let mut hmac = self.0.clone();
        hmac.update(&position.to_be_bytes());
        hmac.finalize().into_bytes().into()
    }
}

fn text(data: &mut Vec<u8>, bytes: &[u8]) {
    data.extend_from_slice(&(bytes.len() as u64).to_be_bytes());
    data.extend_from_slice(bytes);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leaf() -> Leaf<'static> {
        Leaf {
            position: 257,
            organization: Uuid::from_u128(1),
            stream_type: "show",
            stream: Uuid::from_u128(2),
            version: 3,
            recorded_at: 1_800_000_000_000_001,
            content_hash: [4; 32],
            salt: Salts::new(&[5; SEED_BYTES]).at(257),
        }
    }

    #[test]
    fn the_hash_never_changes() {
        assert_eq!(hex::encode(leaf().hash().0), "1e06b82f438b03cf4bb068dde8b2f4270689410ef87e5293584f453b4c14c01d");
    }

    #[test]
    fn every_field_changes_the_hash() {
        let same = leaf().hash();
        let others = [
            Leaf { position: 258, ..leaf() },
            Leaf { organization: Uuid::from_u128(9), ..leaf() },
            Leaf { stream_type: "organization", ..leaf() },
            Leaf { stream: Uuid::from_u128(9), ..leaf() },
            Leaf { version: 4, ..leaf() },
            Leaf { recorded_at: 1_800_000_000_000_002, ..leaf() },
            Leaf { content_hash: [9; 32], ..leaf() },
            Leaf { salt: [9; 32], ..leaf() },
        ];
        for other in others {
            assert_ne!(other.hash(), same, "{other:?}");
        }
    }

    #[test]
    fn a_full_tile_has_one_seed() {
        assert_eq!([1, 256, 257, 512, 513].map(seed_of), [0, 0, 1, 1, 2]);
    }
}
