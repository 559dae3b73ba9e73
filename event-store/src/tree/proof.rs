//! Inclusion and consistency proofs (RFC 6962, 2.1.1 and 2.1.2), made from the stored tiles and looked at before they are given
//! away: what does not prove anything is damage, and never an answer.

use std::{cell::RefCell, collections::HashMap};

use tlog_tiles::{Error, Hash, HashReader, check_record, check_tree, prove_record, prove_tree, tree_hash};

use super::{Checkpoint, Tree, TreeError};

/// That an event is in the tree of a checkpoint.
#[derive(Debug, Clone, PartialEq)]
pub struct Inclusion {
    /// The hash of its leaf.
    pub leaf: Hash,
    /// The hashes beside its way to the root, from the leaf up.
    pub hashes: Vec<Hash>,
}

/// That one tree begins with another.
#[derive(Debug, Clone, PartialEq)]
pub struct Consistency {
    /// The root of the smaller tree.
    pub from_root: Hash,
    /// The root of the larger one.
    pub to_root: Hash,
    /// The hashes by which both roots are found.
    pub hashes: Vec<Hash>,
}

impl Tree {
    /// Proves that the event at `position` is in the tree of `checkpoint`, which is at least so large.
    ///
    /// # Errors
    /// [`TreeError`]; damaged, when what is stored does not lead to the checkpoint's root.
    pub async fn inclusion(&self, position: u64, checkpoint: &Checkpoint) -> Result<Inclusion, TreeError> {
        let number = position.saturating_sub(1);
        let hashes = self.proved(|answers| prove_record(checkpoint.size, number, answers)).await?;
        let place = tlog_tiles::stored_hash_index(0, number);
        let leaf = self.hashes(&[place]).await?[&place];
        if included(position, leaf, &hashes, checkpoint.size, checkpoint.root) {
            Ok(Inclusion { leaf, hashes })
        } else {
            Err(TreeError::Damaged(format!("its tiles do not lead from position {position} to a root that was signed")))
        }
    }

    /// Proves that the tree of `to` events begins with that of `from` events: 1 ≤ `from` ≤ `to` ≤ the signed size.
    ///
    /// # Errors
    /// [`TreeError`]; damaged, when what is stored does not lead to the root that was signed.
    pub async fn consistency(&self, from: u64, to: u64, signed: &Checkpoint) -> Result<Consistency, TreeError> {
        let from_root = self.proved(|answers| tree_hash(from, answers)).await?;
        let to_root = self.proved(|answers| tree_hash(to, answers)).await?;
        let hashes = self.proved(|answers| prove_tree(to, from, answers)).await?;
        let signed_hashes = self.proved(|answers| prove_tree(signed.size, to, answers)).await?;
        if consistent(from, from_root, to, to_root, &hashes)
            && consistent(to, to_root, signed.size, signed.root, &signed_hashes)
        {
            Ok(Consistency { from_root, to_root, hashes })
        } else {
            Err(TreeError::Damaged(format!("its tiles do not lead to the root that was signed at {}", signed.size)))
        }
    }

    /// Runs a proof that asks for hashes as often as it asks for some that are not here yet.
    async fn proved<T>(&self, prove: impl Fn(&Answers) -> Result<T, Error>) -> Result<T, TreeError> {
        let mut answers = Answers::default();
        loop {
            let proved = prove(&answers);
            let missing = answers.missing.take();
            if missing.is_empty() {
                return proved.map_err(|error| TreeError::Damaged(error.to_string()));
            }
            answers.known.extend(self.hashes(&missing).await?);
        }
    }
}

/// Whether these hashes prove that the event at `position`, of this leaf's hash, is in the tree of this size and root.
#[must_use]
pub fn included(position: u64, leaf: Hash, hashes: &[Hash], size: u64, root: Hash) -> bool {
    position > 0 && check_record(&hashes.to_vec(), size, root, position - 1, leaf).is_ok()
}

/// Whether these hashes prove that the second tree begins with the first.
#[must_use]
pub fn consistent(from: u64, from_root: Hash, to: u64, to_root: Hash, hashes: &[Hash]) -> bool {
    check_tree(&hashes.to_vec(), to, to_root, from, from_root).is_ok()
}

/// Answers what is known, and notes what is not.
#[derive(Default)]
struct Answers {
    known: HashMap<u64, Hash>,
    missing: RefCell<Vec<u64>>,
}

impl HashReader for Answers {
    fn read_hashes(&self, indexes: &[u64]) -> Result<Vec<Hash>, Error> {
        let known = |index: &u64| {
            self.known.get(index).copied().unwrap_or_else(|| {
                self.missing.borrow_mut().push(*index);
                Hash::default()
            })
        };
        Ok(indexes.iter().map(known).collect())
    }
}
