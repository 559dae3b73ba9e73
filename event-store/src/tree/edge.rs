//! The right edge of the tree: all that is needed to make it grow and to know its root.

use tlog_tiles::{EMPTY_HASH, Hash, node_hash};

use super::{TILE_HEIGHT, TILE_WIDTH};

/// The tiles at the right end, one a level, as far as they are not full.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Edge {
    size: u64,
    /// From the leaves up; each has fewer hashes than a full tile.
    levels: Vec<Vec<Hash>>,
}

/// A tile, full or not yet.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Grown {
    pub level: u8,
    pub number: u64,
    pub hashes: Vec<Hash>,
}

impl Edge {
    /// The edge of a tree of `size` leaves. `tile` says what is in the tile of a level with a number that is not full.
    pub(super) fn of_tree<E>(size: u64, mut tile: impl FnMut(u8, u64) -> Result<Vec<Hash>, E>) -> Result<Self, E> {
        let mut levels = Vec::new();
        let mut level = 0;
        while size >> (TILE_HEIGHT * level) > 0 {
            let count = size >> (TILE_HEIGHT * level);
            let is_open = !count.is_multiple_of(TILE_WIDTH as u64);
            levels.push(if is_open { tile(level, count >> TILE_HEIGHT)? } else { Vec::new() });
            level += 1;
        }
        Ok(Self { size, levels })
    }

    /// How many leaves the tree has.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Adds a leaf.
    pub fn push(&mut self, leaf: Hash) {
        self.grow([leaf], |_| ());
    }

    /// Adds leaves. Tiles that become full are handed over, lower ones first; [`open`](Self::open) are the others.
    pub(super) fn grow(&mut self, leaves: impl IntoIterator<Item = Hash>, mut full: impl FnMut(Grown)) {
        for leaf in leaves {
            self.size += 1;
            let mut hash = leaf;
            for level in 0_u8.. {
                let at = usize::from(level);
                if self.levels.len() == at {
                    self.levels.push(Vec::with_capacity(TILE_WIDTH));
                }
                let tile = &mut self.levels[at];
                tile.push(hash);
                if tile.len() < TILE_WIDTH {
                    break;
                }
                hash = perfect(tile);
                let number = (self.size >> (TILE_HEIGHT * (level + 1))) - 1;
                full(Grown { level, number, hashes: std::mem::replace(tile, Vec::with_capacity(TILE_WIDTH)) });
            }
        }
    }

    /// The tiles that are begun and not full.
    pub(super) fn open(&self) -> impl Iterator<Item = Grown> {
        (0_u8..).zip(&self.levels).filter(|(_, hashes)| !hashes.is_empty()).map(|(level, hashes)| Grown {
            level,
            number: self.size >> (TILE_HEIGHT * (level + 1)),
            hashes: hashes.clone(),
        })
    }

    /// The root of the tree (RFC 6962, 2.1); of no leaves, the hash of nothing.
    #[must_use]
    pub fn root(&self) -> Hash {
        let subtrees = self.levels.iter().rev().flat_map(|tile| perfect_parts(tile)).collect::<Vec<_>>();
        fold(subtrees).unwrap_or(EMPTY_HASH)
    }
}

/// The hash above subtrees that stand side by side, from the largest to the smallest: each is the left half of what
/// contains it and those behind it.
pub(super) fn fold(subtrees: impl IntoIterator<Item = Hash, IntoIter: DoubleEndedIterator>) -> Option<Hash> {
    subtrees.into_iter().rev().reduce(|right, left| node_hash(left, right))
}

/// The hashes of the perfect subtrees that these leaves are made of, from the largest to the smallest.
fn perfect_parts(mut leaves: &[Hash]) -> Vec<Hash> {
    let mut parts = Vec::new();
    while !leaves.is_empty() {
        let (part, rest) = leaves.split_at(1 << leaves.len().ilog2());
        parts.push(perfect(part));
        leaves = rest;
    }
    parts
}

/// The hash above leaves whose number is a power of two.
fn perfect(leaves: &[Hash]) -> Hash {
    match leaves {
        [leaf] => *leaf,
        _ => {
            let (left, right) = leaves.split_at(leaves.len() / 2);
            node_hash(perfect(left), perfect(right))
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{cell::RefCell, collections::HashMap};

    use tlog_tiles::{Error, HashReader, TileHashReader, TileReader, record_hash, stored_hashes, tree_hash};

    use super::*;
    use crate::tree::Tile;

    /// The tree as the crate of the format makes it, one hash after the other.
    #[derive(Default)]
    struct Theirs(RefCell<Vec<Hash>>);

    impl HashReader for Theirs {
        fn read_hashes(&self, indexes: &[u64]) -> Result<Vec<Hash>, Error> {
            let stored = self.0.borrow();
            Ok(indexes.iter().map(|index| stored[usize::try_from(*index).unwrap_or(usize::MAX)]).collect())
        }
    }

    impl Theirs {
        fn push(&self, number: u64, data: &[u8]) -> Result<(), Error> {
            let hashes = stored_hashes(number, data, self)?;
            self.0.borrow_mut().extend(hashes);
            Ok(())
        }
    }

    struct Ours(HashMap<(u8, u64), Vec<Hash>>);

    impl TileReader for Ours {
        fn height(&self) -> u8 {
            TILE_HEIGHT
        }

        fn read_tiles(&self, tiles: &[Tile]) -> Result<Vec<Vec<u8>>, Error> {
            let data = |tile: &Tile| {
                let hashes = self.0.get(&(tile.level(), tile.level_index())).ok_or(Error::InvalidTile)?;
                Ok(hashes[..tile.width() as usize].iter().flat_map(|hash| hash.0).collect())
            };
            tiles.iter().map(data).collect()
        }

        fn save_tiles(&self, _: &[Tile], _: &[Vec<u8>]) {}
    }

    #[test]
    fn roots_and_tiles_are_those_of_the_crate_of_the_format() {
        let (theirs, mut edge) = (Theirs::default(), Edge::default());
        let mut tiles = HashMap::new();
        for number in 0..70_000_u64 {
            let data = number.to_be_bytes();
            theirs.push(number, &data).expect("their tree grows");
            edge.grow([record_hash(&data)], |full| drop(tiles.insert((full.level, full.number), full.hashes)));
            let size = number + 1;
            if size < 600 || size % 997 == 0 || size == 65_536 || size == 65_537 {
                let root = tree_hash(size, &theirs).expect("they have a root");
                assert_eq!(edge.root(), root, "at {size}");
                let mut now = tiles.clone();
                now.extend(edge.open().map(|open| ((open.level, open.number), open.hashes)));
                let ours = Ours(now);
                let reader = TileHashReader::new(size, root, &ours);
                assert_eq!(tree_hash(size, &reader).expect("our tiles prove their root"), root);
                // Reading a leaf proves all tiles above it.
                reader.read_hashes(&[tlog_tiles::stored_hash_index(0, size / 2)]).expect("our tiles are theirs");
            }
        }
    }

    #[test]
    fn an_edge_that_was_read_again_grows_on_as_if_nothing_had_happened() {
        let leaf = |number: u64| record_hash(&number.to_be_bytes());
        for size in [0, 1, 255, 256, 257, 65_535, 65_536, 65_900] {
            let mut edge = Edge::default();
            edge.grow((0..size).map(leaf), |_| ());
            let open = edge.open().map(|open| ((open.level, open.number), open.hashes)).collect::<HashMap<_, _>>();
            let mut again = Edge::of_tree(size, |level, number| open.get(&(level, number)).cloned().ok_or(()))
                .expect("what is open was kept");
            for number in size..size + 300 {
                assert_eq!(again.root(), edge.root(), "at {number}");
                edge.push(leaf(number));
                again.push(leaf(number));
            }
        }
    }

    #[test]
    fn a_tree_of_nothing_has_the_hash_of_nothing() {
        assert_eq!(Edge::default().root(), EMPTY_HASH);
    }
}
