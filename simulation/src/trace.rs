//! What happened, in order: hashed, and the last of it kept to be shown with a finding.

use std::collections::{BTreeMap, VecDeque};

use sha2::{Digest, Sha256};
use tokio::time::Instant;

/// How many lines are shown.
const LAST: usize = 60;

/// The trace of a run.
#[derive(Debug)]
pub struct Trace {
    since: Instant,
    hash: Sha256,
    last: VecDeque<String>,
    counts: BTreeMap<&'static str, u64>,
}

impl Trace {
    pub fn new(since: Instant) -> Self {
        Self { since, hash: Sha256::new(), last: VecDeque::new(), counts: BTreeMap::new() }
    }

    /// Something happened: a word that is counted, and what about it.
    pub fn note(&mut self, word: &'static str, what: &str) {
        let line = format!("{:>9} ms  {word} {what}", self.since.elapsed().as_millis());
        self.hash.update(line.as_bytes());
        self.hash.update([0]);
        *self.counts.entry(word).or_default() += 1;
        if self.last.len() == LAST {
            self.last.pop_front();
        }
        self.last.push_back(line);
    }

    /// Two runs with the same hash did the same at the same times.
    pub fn hash(&self) -> [u8; 32] {
        self.hash.clone().finalize().into()
    }

    pub fn counts(&self) -> BTreeMap<&'static str, u64> {
        self.counts.clone()
    }

    pub fn last(&self) -> Vec<String> {
        self.last.iter().cloned().collect()
    }
}
