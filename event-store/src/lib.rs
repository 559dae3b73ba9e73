//! The log and the vault: what was recorded, in order and for ever, and the personal data beside it, which can be erased.
//!
//! [`Recorder`] is the one way in, [`Log`] reads, [`Vault`] holds names and free text, [`pools`] opens connections in the
//! database role that a part of the server may take. [`Clock`] and [`Ids`] stand here because every crate that needs them
//! already knows this one; so does [`trace`].
//!
//! An event is a type, a schema number and JSON text here: what it means is `domain`'s business. Merkle leaves, snapshots
//! and NOTIFY are not here yet; the first two hang on `log.append` and [`Log::stream`], the third on [`Log::wait_beyond`].

mod clock;
mod event;
mod hash;
mod ids;
mod log;
mod migrations;
pub mod pools;
mod recorder;
pub mod trace;
mod vault;

pub use clock::{Clock, FixedClock, SystemClock};
pub use event::{Append, Appended, Metadata, NewEvent, RecordedEvent, Secret, StreamType, VaultEntry, VaultKind};
pub use hash::content_hash;
pub use ids::{Ids, SequentialIds, SystemIds};
pub use log::{Log, ReadError};
pub use migrations::{MIGRATOR, migrate};
pub use recorder::{AppendError, Recorder, RecorderOptions, RecorderTask};
pub use vault::{Vault, VaultRow};
