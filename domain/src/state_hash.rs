//! The state hash: a digest of a folded state, by which two machines find out in 32 bytes whether they made the same of a log.
//!
//! Equal states have equal hashes, on every machine, whatever the order of hash maps and however the state came about (folded from
//! the start, or taken up from a snapshot); any difference gives another hash. It is SHA-256 over a text that says of what it is
//! and the state in the [`canonical`] encoding of its serde form. It depends on the shape of the state, so that hashes are compared
//! between programs of one [`FOLD_VERSION`](crate::show::FOLD_VERSION); `tests/state_hash.rs` pins them. Snapshots are not what it
//! is made of: their bytes differ between equal states.

mod canonical;

use std::fmt;

use serde::Serialize;
use sha2::{Digest as _, Sha256};

use crate::{OrganizationState, ShowState};

/// The digest of a folded state, or of many.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StateHash([u8; 32]);

impl StateHash {
    /// Of a show's state.
    pub fn of_show(state: &ShowState) -> Self {
        Self::of("turnout show state v1", state)
    }

    /// Of an organization's state.
    pub fn of_organization(state: &OrganizationState) -> Self {
        Self::of("turnout organization state v1", state)
    }

    /// Of the states of many streams: each stream's id, how many events it has, and its state's hash, in the order of ids.
    pub fn of_streams(streams: impl IntoIterator<Item = (uuid::Uuid, i64, Self)>) -> Self {
        let mut streams: Vec<_> = streams.into_iter().collect();
        streams.sort_unstable();
        let mut hash = Sha256::new();
        hash.update("turnout states v1");
        for (stream, version, state) in streams {
            hash.update(stream.as_bytes());
            hash.update(version.to_be_bytes());
            hash.update(state.0);
        }
        Self(hash.finalize().into())
    }

    /// The 32 bytes.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    fn of(what: &str, state: &impl Serialize) -> Self {
        let mut hash = Sha256::new();
        hash.update(what);
        // Our own structs: nothing in them is a float, and none refuses to be written.
        canonical::write(state, &mut hash).expect("a state is always writable");
        Self(hash.finalize().into())
    }
}

impl fmt::Display for StateHash {
    /// 64 hexadecimal digits.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}
