//! The proof of many events at once: the tree without what lies below subtrees in which none of them is.
//!
//! Its hashes stand depth first, left before right. `prune(lo, hi)` of the leaves lo up to hi (without it) is: where none of the
//! events is, the hash of that subtree; for one leaf that is an event's, nothing; else `prune(lo, lo + k)` and then `prune(lo + k, hi)`
//! with k, the largest power of two below hi - lo. A verifier walks in the same way.

use std::ops::Range;

use thiserror::Error;
use tlog_tiles::{Hash, node_hash, sub_tree_index};

use super::{Tree, TreeError, edge::fold};

/// Why hashes are no proof of these events.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum PrunedError {
    /// There are fewer than the walk takes.
    #[error("the proof has too few hashes")]
    TooFew,
    /// There are more.
    #[error("the proof has {0} hashes too many")]
    TooMany(usize),
    /// Positions do not ascend, or leave the tree.
    #[error("the events are not in ascending order within a tree of {0}")]
    Order(u64),
}

/// The subtrees of which a pruned tree has the hashes, in their order, as ranges of leaves. `positions` ascend and are within
/// the tree.
///
/// # Errors
/// [`PrunedError::Order`].
pub fn subtrees(size: u64, positions: &[u64]) -> Result<Vec<Range<u64>>, PrunedError> {
    let mut subtrees = Vec::new();
    in_order(size, positions)?;
    walk(
        0..size,
        positions,
        &mut |subtree| {
            subtrees.push(subtree);
            Ok(Hash::default())
        },
        &mut |_| Hash::default(),
    )?;
    Ok(subtrees)
}

/// The root of the tree in which these leaves, by their position, stand, with the hashes of a pruned tree.
///
/// # Errors
/// [`PrunedError`].
pub fn grown(size: u64, leaves: &[(u64, Hash)], hashes: &[Hash]) -> Result<Hash, PrunedError> {
    let positions: Vec<u64> = leaves.iter().map(|(position, _)| *position).collect();
    in_order(size, &positions)?;
    let mut hashes = hashes.iter();
    let mut leaves = leaves.iter();
    let root = walk(0..size, &positions, &mut |_| hashes.next().copied().ok_or(PrunedError::TooFew), &mut |_| {
        leaves.next().map(|(_, hash)| *hash).unwrap_or_default()
    })?;
    match hashes.len() {
        0 => Ok(root),
        left => Err(PrunedError::TooMany(left)),
    }
}

impl Tree {
    /// The hashes of the tree of `size` leaves that is pruned to these positions, which ascend.
    ///
    /// # Errors
    /// [`TreeError`].
    pub async fn pruned(&self, size: u64, positions: &[u64]) -> Result<Vec<Hash>, TreeError> {
        let subtrees = subtrees(size, positions).map_err(|error| TreeError::Damaged(error.to_string()))?;
        self.of_subtrees(&subtrees).await
    }

    /// The hashes of these subtrees, as [`subtrees`] names them: for who takes some at a time.
    ///
    /// # Errors
    /// [`TreeError`].
    pub async fn of_subtrees(&self, subtrees: &[Range<u64>]) -> Result<Vec<Hash>, TreeError> {
        let perfect: Vec<Vec<u64>> =
            subtrees.iter().map(|subtree| sub_tree_index(subtree.start, subtree.end, Vec::new())).collect();
        let hashes = self.hashes(&perfect.concat()).await?;
        let above = |parts: &Vec<u64>| fold(parts.iter().map(|part| hashes[part])).unwrap_or_default();
        Ok(perfect.iter().map(above).collect())
    }
}

fn in_order(size: u64, positions: &[u64]) -> Result<(), PrunedError> {
    let ascends = positions.is_sorted_by(|one, next| one < next);
    let is_within =
        positions.first().is_none_or(|first| *first > 0) && positions.last().is_none_or(|last| *last <= size);
    if ascends && is_within { Ok(()) } else { Err(PrunedError::Order(size)) }
}

/// Walks the leaves of a range, of which those at `positions` are wanted, and makes their hash.
fn walk(
    leaves: Range<u64>,
    positions: &[u64],
    pruned: &mut impl FnMut(Range<u64>) -> Result<Hash, PrunedError>,
    wanted: &mut impl FnMut(u64) -> Hash,
) -> Result<Hash, PrunedError> {
    if positions.is_empty() {
        return pruned(leaves);
    }
    let count = leaves.end - leaves.start;
    if count == 1 {
        return Ok(wanted(positions[0]));
    }
    let middle = leaves.start + count.next_power_of_two() / 2;
    // Leaf n is position n + 1: those on the left are the positions up to `middle`.
    let (left, right) = positions.split_at(positions.partition_point(|position| *position <= middle));
    let left = walk(leaves.start..middle, left, pruned, wanted)?;
    let right = walk(middle..leaves.end, right, pruned, wanted)?;
    Ok(node_hash(left, right))
}

#[cfg(test)]
mod tests {
    use tlog_tiles::record_hash;

    use super::*;
    use crate::tree::Edge;

    fn leaf(position: u64) -> Hash {
        record_hash(&position.to_be_bytes())
    }

    fn root_of(range: Range<u64>) -> Hash {
        let mut edge = Edge::default();
        range.for_each(|number| edge.push(leaf(number + 1)));
        edge.root()
    }

    #[test]
    fn a_pruned_tree_leads_to_the_root_of_the_whole() {
        for size in [1, 2, 3, 7, 8, 9, 255, 256, 257, 1000] {
            let choices: [Vec<u64>; 5] = [
                vec![],
                vec![1],
                vec![size],
                (1..=size).collect(),
                (1..=size).filter(|position| position % 7 == 3 || position % 5 == 1).collect(),
            ];
            for positions in choices {
                let hashes: Vec<Hash> =
                    subtrees(size, &positions).expect("in order").into_iter().map(root_of).collect();
                let leaves: Vec<_> = positions.iter().map(|position| (*position, leaf(*position))).collect();
                assert_eq!(grown(size, &leaves, &hashes), Ok(root_of(0..size)), "{size}: {positions:?}");
                if let [(first, _), ..] = leaves.as_slice() {
                    let mut other = leaves.clone();
                    other[0] = (*first, leaf(0));
                    assert_ne!(grown(size, &other, &hashes), Ok(root_of(0..size)));
                }
            }
        }
    }

    #[test]
    fn too_many_too_few_and_disorder_are_said() {
        let leaves = [(2, leaf(2))];
        assert_eq!(grown(2, &leaves, &[]), Err(PrunedError::TooFew));
        assert_eq!(grown(2, &leaves, &[leaf(1), leaf(1)]), Err(PrunedError::TooMany(1)));
        assert_eq!(grown(1, &leaves, &[]), Err(PrunedError::Order(1)));
        assert_eq!(subtrees(3, &[2, 2]), Err(PrunedError::Order(3)));
        assert_eq!(subtrees(3, &[0]), Err(PrunedError::Order(3)));
    }
}
