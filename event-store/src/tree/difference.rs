//! Where a copy of the log differs from the one that was signed: found from the signed root down, with tiles that nobody vouches for.
//!
//! A tile's hashes count where they lead to a hash that is known to be true, else they are worth nothing. So whoever changed the
//! events and forgot the tiles is found to the event; whoever changed tiles, too, is found to the part of the tree that they spoilt.

use std::{collections::HashMap, ops::Range};

use tlog_tiles::{Hash, Tile, node_hash, sub_tree_index};

use super::{Edge, TILE_HEIGHT, TILE_WIDTH, edge::fold};

/// The length of a hash, in bytes.
const HASH_BYTES: usize = 32;

/// Hash tiles that somebody gave away, with whatever is in them.
#[derive(Debug, Clone, Default)]
pub struct Tiles(HashMap<(u8, u64), Vec<u8>>);

/// What is not what was signed.
#[derive(Debug, Clone, PartialEq)]
pub enum Difference {
    /// The event at this position; the hash is that of the leaf that was signed.
    Event(u64, Hash),
    /// At least one of the events at these positions.
    Among(Range<u64>),
}

impl Tiles {
    /// Takes in a tile.
    pub fn insert(&mut self, level: u8, number: u64, hashes: Vec<u8>) {
        self.0.insert((level, number), hashes);
    }

    /// The hash above the leaves of a range that is a subtree, as the tiles have it.
    fn subtree(&self, leaves: &Range<u64>) -> Option<Hash> {
        let parts = sub_tree_index(leaves.start, leaves.end, Vec::new());
        let hashes: Option<Vec<Hash>> = parts.into_iter().map(|index| self.node(index)).collect();
        fold(hashes?)
    }

    fn node(&self, index: u64) -> Option<Hash> {
        let at = Tile::from_index(TILE_HEIGHT, index);
        let hashes = self.0.get(&(at.level(), at.level_index()))?;
        let width = u32::try_from(hashes.len() / HASH_BYTES).ok()?;
        let is_tile = (1..=TILE_WIDTH).contains(&(width as usize)) && hashes.len().is_multiple_of(HASH_BYTES);
        let tile = is_tile.then(|| Tile::new(TILE_HEIGHT, at.level(), at.level_index(), width, false))?;
        tile.hash_at_index(hashes, index).ok()
    }
}

/// Where these leaves, from the first one on, are not those of the tree with this root, which has as many.
#[must_use]
pub fn differences(leaves: &[Hash], root: Hash, tiles: &Tiles) -> Vec<Difference> {
    let mut found = Vec::new();
    if !leaves.is_empty() {
        descend(0, leaves, root, tiles, &mut found);
    }
    found
}

/// Compares `leaves`, the first of which is number `from`, with the subtree whose hash is known to be `signed`.
fn descend(from: u64, leaves: &[Hash], signed: Hash, tiles: &Tiles, found: &mut Vec<Difference>) {
    if hash_of(leaves) == signed {
        return;
    }
    if leaves.len() == 1 {
        found.push(Difference::Event(from + 1, signed));
        return;
    }
    let (left, right) = leaves.split_at(leaves.len().next_power_of_two() / 2);
    let (middle, end) = (from + left.len() as u64, from + leaves.len() as u64);
    let halves = [
        (tiles.subtree(&(from..middle)), tiles.subtree(&(middle..end))),
        (Some(hash_of(left)), tiles.subtree(&(middle..end))),
        (tiles.subtree(&(from..middle)), Some(hash_of(right))),
    ];
    let known = halves.into_iter().find_map(|halves| match halves {
        (Some(one), Some(other)) if node_hash(one, other) == signed => Some((one, other)),
        _ => None,
    });
    match known {
        Some((one, other)) => {
            descend(from, left, one, tiles, found);
            descend(middle, right, other, tiles, found);
        }
        None => found.push(Difference::Among(from + 1..end + 1)),
    }
}

fn hash_of(leaves: &[Hash]) -> Hash {
    let mut edge = Edge::default();
    leaves.iter().for_each(|leaf| edge.push(*leaf));
    edge.root()
}

#[cfg(test)]
mod tests {
    use tlog_tiles::record_hash;

    use super::*;

    fn leaves(count: u64) -> Vec<Hash> {
        (1..=count).map(|position| record_hash(&position.to_be_bytes())).collect()
    }

    fn tiles_of(leaves: &[Hash]) -> Tiles {
        let (mut edge, mut tiles) = (Edge::default(), Tiles::default());
        let mut take = |level, number, hashes: Vec<Hash>| {
            tiles.insert(level, number, hashes.iter().flat_map(|hash| hash.0).collect());
        };
        edge.grow(leaves.iter().copied(), |full| take(full.level, full.number, full.hashes));
        edge.open().for_each(|open| take(open.level, open.number, open.hashes));
        tiles
    }

    #[test]
    fn what_was_changed_is_found_to_the_event() {
        let signed = leaves(70_000);
        let root = hash_of(&signed);
        let tiles = tiles_of(&signed);
        assert_eq!(differences(&signed, root, &tiles), []);
        let mut changed = signed.clone();
        for position in [1_u64, 300, 65_536, 65_537, 70_000] {
            changed[usize::try_from(position).expect("small") - 1] = Hash([9; 32]);
        }
        let expected: Vec<_> = [1_u64, 300, 65_536, 65_537, 70_000]
            .map(|position| Difference::Event(position, record_hash(&position.to_be_bytes())))
            .into();
        assert_eq!(differences(&changed, root, &tiles), expected);
    }

    #[test]
    fn where_tiles_were_made_to_match_the_part_is_named_that_they_spoilt() {
        let signed = leaves(1000);
        let root = hash_of(&signed);
        let mut changed = signed.clone();
        changed[299] = Hash([9; 32]);
        let mut tiles = tiles_of(&signed);
        let forged = tiles_of(&changed);
        tiles.0.insert((0, 1), forged.0[&(0, 1)].clone());
        assert_eq!(differences(&changed, root, &tiles), [Difference::Among(257..513)]);
        assert_eq!(differences(&changed, root, &forged), [Difference::Among(1..1001)]);
        assert_eq!(differences(&changed, root, &Tiles::default()), [Difference::Among(1..1001)]);
    }
}
