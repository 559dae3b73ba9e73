//! The log and the vault: what was recorded, in order and for ever, and the personal data beside it, which can be erased.
//!
//! [`Recorder`] is the one way in, [`Log`] reads, [`Snapshots`] spare it reading what is long,
//! by [`Turns`] nodes keep out of each other's way, [`Vault`] holds names and free text, [`pools`] opens connections in the
//! database role that a part of the server may take. [`Clock`] and [`Ids`] stand here because every crate that needs them
//! already knows this one; so does [`trace`].
//!
//! An event is a type, a schema number and JSON text here: what it means is `domain`'s business. [`tree`] proves the log,
//! [`ExportLine`] is the form in which it is given away. NOTIFY is not here yet; it would make [`Log::wait_beyond`] prompt
//! between nodes.

mod clock;
mod event;
mod export;
mod hash;
mod ids;
mod log;
mod migrations;
pub mod pools;
mod recorder;
mod snapshots;
mod standby;
pub mod trace;
pub mod tree;
mod turns;
mod vault;

pub use clock::{Clock, FixedClock, SystemClock};
pub use event::{
    Append, Appended, Metadata, NewEvent, RecordedEvent, Secret, StreamEvent, StreamType, TypedEvent, VaultEntry,
    VaultKind,
};
pub use export::{ExportLine, LineError};
pub use hash::content_hash;
pub use ids::{Ids, SequentialIds, SystemIds};
pub use log::{Log, LogSource, ReadError, StreamHead, Touched, streams};
pub use migrations::{MIGRATOR, migrate};
pub use recorder::{AppendError, Recorder, RecorderOptions, RecorderTask, database};
pub use snapshots::{Damaged, Holds, Packed, Packing, Snapshot, SnapshotSource, Snapshots, fold_number, room_of};
pub use turns::{GiveBack, HeldTurn, TurnSource, Turns};
pub use vault::{Vault, VaultRow};
