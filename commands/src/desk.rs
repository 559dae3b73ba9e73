//! Desks: a task for each show that decides, one command after the other, against the state in memory.
//!
//! A desk drains its mailboxes (the door's first), decides every command against the state as it evolves, and hands
//! the recorder one append for all of them; it answers when that is committed. Rejections and changes of nothing go the
//! same way, as an append without events that confirms the version: an answer is never based on a state that another
//! node has overtaken. On a conflict the desk reads what it missed and decides again, until the deadline.
//!
//! While a turn is being recorded the next one is decided, on top of it; it is handed in once the one before is recorded.
//!
//! Any node may host a desk for any show; that nothing is sold twice rests on the version check alone. Nodes that find each
//! other at the same show take turns at it, for speed.

mod kept_holds;
mod known_commands;
mod mailbox;
mod metrics;
mod question;
mod registry;
mod snapshot;
mod stream;
mod task;
mod turn;

use std::{sync::Arc, time::Duration};

use domain::{
    ShowEvent,
    door::DoorRules,
    ids::{BlockId, DeviceId, HoldId, OrderId, PoolId, ScanId, ShowId, TicketId, TicketTypeId},
    money::Currency,
    text::{DoorName, Name},
    ticket_type::Channel,
    time::Zone,
};
use event_store::{Clock, Log, Recorder, Snapshots, Turns, VaultEntry};
use uuid::Uuid;

pub use kept_holds::{Kept, KeptState};
pub use registry::{DeskLoad, Desks};

use crate::{Rejection, ShowCommand, check_in::Looked};

/// How long a command may take, conflicts and waiting included.
pub const DEADLINE: Duration = Duration::from_secs(5);

/// What desks work with. Functions where a value may change while they run.
#[derive(Clone)]
pub struct DeskParts {
    /// The way into the log.
    pub recorder: Recorder,
    /// The way out of it.
    pub log: Log,
    /// What spares long streams being read from their beginning.
    pub snapshots: Snapshots,
    /// What keeps nodes that write the same show out of each other's way.
    pub turns: Turns,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// 32 random bytes, fresh each time.
    pub randomness: Arc<dyn Fn() -> [u8; 32] + Send + Sync>,
    /// The secret of a show's short codes.
    pub code_key: Arc<dyn Fn(ShowId) -> [u8; 32] + Send + Sync>,
    /// The key that signs tickets now.
    pub kid: Arc<dyn Fn() -> String + Send + Sync>,
}

/// A command with who asks, and how often.
#[derive(Debug, Clone)]
pub struct Submission {
    /// What is asked.
    pub command: ShowCommand,
    /// The organization of staff, which has to be the show's; for ScheduleShow, whose the show will be.
    pub organization: Option<Uuid>,
    /// What people typed, recorded together with the events.
    pub vault: Vec<VaultEntry>,
    /// The same for the same request sent again.
    pub command_id: Uuid,
    /// Present where the caller may send it again: then a repeat is looked for, and has to have the same.
    pub request_hmac: Option<[u8; 32]>,
    /// What belongs together.
    pub correlation: Uuid,
    /// Who asks, without personal data.
    pub actor: String,
    /// The device that asks.
    pub device: Option<DeviceId>,
    /// The gates that this device is bound to, by their names; none: it lets people in at all of them.
    pub device_gates: Option<Vec<DoorName>>,
    /// Whether who asks may admit against the rules: people may, a device where it was paired so.
    pub may_override: bool,
    /// How it came.
    pub channel: Channel,
    /// Whether a member, key or device of the show's organization asks.
    pub staff: bool,
    /// Whether they may do what managers may.
    pub manager: bool,
}

/// The answer of a desk: everything that an HTTP answer is made from.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// What was recorded, now or by the first of the same requests.
    pub events: Vec<ShowEvent>,
    /// The position of the last of them; without events, of the stream's last one.
    pub position: i64,
    /// The currency of all amounts.
    pub currency: Currency,
    /// Whether this answers a repeat.
    pub repeated: bool,
    /// What the keypad shall show before it admits, where nothing was recorded.
    pub confirm: Option<Looked>,
    /// Of a repeated scan: whether it was taken back since.
    pub undone: bool,
}

/// What handlers ask about a show before they build a command.
#[derive(Debug, Clone, PartialEq)]
pub struct ShowFacts {
    /// Whose it is.
    pub organization: Uuid,
    /// Its name.
    pub name: Name,
    /// The currency of its money.
    pub currency: Currency,
    /// Whether visitors see it.
    pub published: bool,
    /// The zone of its clock.
    pub timezone: Zone,
    /// The rules of its door.
    pub door: Arc<DoorRules>,
}

/// Something that a path names below a show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "each variant is the id's kind")]
pub enum Resource {
    Pool(PoolId),
    TicketType(TicketTypeId),
    Block(BlockId),
    Hold(HoldId),
    Order(OrderId),
    Ticket(TicketId),
    /// An admission or exit that was recorded.
    Scan(ScanId),
}

/// Why a desk gave no outcome.
#[derive(Debug, Clone, thiserror::Error)]
pub enum DeskError {
    /// The command may not be: 404, 403, 422 or 409.
    #[error("the command is rejected")]
    Rejected(Rejection),
    /// The key was used for another request: 422.
    #[error("the idempotency key was used for another request")]
    KeyReused,
    /// Too much is waiting: 503, try again soon.
    #[error("the desk has too much to do")]
    Overloaded,
    /// The log cannot be reached, or the deadline passed: 503. Whether the command was recorded may be open.
    #[error("the log cannot be reached now")]
    Unavailable,
    /// What is recorded cannot be read: a defect, or a newer version's writing.
    #[error("the history cannot be read: {0}")]
    Unreadable(String),
}
