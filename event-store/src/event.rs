//! The shapes that go into the log and come out of it.
//!
//! An [`Append`] is everything that one desk has to say about one stream at once; a [`RecordedEvent`] is one row of the log.
//! Payloads are JSON text and stay byte for byte what the writer made: the content hash covers the text. Nothing here knows
//! what an event means.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// What a stream is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StreamType {
    /// One show: everything that must be decided together about it.
    Show,
    /// One organization: members, roles, keys, devices, settings.
    Organization,
}

impl StreamType {
    /// As it stands in the log.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Show => "show",
            Self::Organization => "organization",
        }
    }

    /// From what stands in the log.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "show" => Some(Self::Show),
            "organization" => Some(Self::Organization),
            _ => None,
        }
    }
}

/// Who asked for an event, by which command, and what it follows from. No personal data: ids only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Metadata {
    /// Who acted, as a short word and an id, such as `admin` or `key:0199…`. Never empty, never a name.
    pub actor: String,
    /// The door device that acted, if one did.
    pub device: Option<Uuid>,
    /// Through which channel something was sold: `web`, `box_office`, `door`, `api`.
    pub channel: Option<String>,
    /// The command that this event answers; a repeat of the command is found by it.
    pub command: Uuid,
    /// Keyed HMAC-SHA-256 of the request, to tell a repeat from another request under the same key.
    pub request_hmac: Option<[u8; 32]>,
    /// The same for everything that follows from one request.
    pub correlation: Uuid,
    /// The event or command that this one follows from, if it is not the request itself.
    pub causation: Option<Uuid>,
}

/// An event to be recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewEvent {
    /// Its name, in the past tense, such as `TicketIssued`. Never empty.
    pub event_type: String,
    /// The version of the payload's shape, from 1.
    pub schema: i32,
    /// JSON text, kept byte for byte.
    pub payload: String,
    /// Who, by which command.
    pub metadata: Metadata,
}

/// What an entry of the vault is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VaultKind {
    /// A person: name, e-mail, phone, locale.
    Person,
    /// Something that was typed about people or money: a reason, a reference, a note, a label.
    Text,
}

impl VaultKind {
    /// As it stands in the vault.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Text => "text",
        }
    }

    /// From what stands in the vault.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "person" => Some(Self::Person),
            "text" => Some(Self::Text),
            _ => None,
        }
    }
}

/// Something that may be erased later, committed together with the events that name it.
#[derive(Debug, Clone, PartialEq)]
pub struct VaultEntry {
    /// What events call it by.
    pub id: Uuid,
    /// A person, or a text.
    pub kind: VaultKind,
    /// Whom a text is about: it is erased with that person. `None` for a person.
    pub person: Option<Uuid>,
    /// The show that it was given for, if any.
    pub show: Option<Uuid>,
    /// What it is for, such as `customer`, `refund_reason`. Never empty.
    pub purpose: String,
    /// A JSON object; of a person `name`, `email`, `phone`, `locale`.
    pub fields: serde_json::Value,
}

/// What proves a credential (an API key, a device's token, an invitation): its hash, written together with the event that
/// makes it. The token itself is shown once and stored nowhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Secret {
    /// The credential that events name.
    pub id: Uuid,
    /// SHA-256 of the token.
    pub hash: [u8; 32],
}

/// Events of one stream that are recorded together or not at all, if the stream is still where the writer thinks it is.
#[derive(Debug, Clone, PartialEq)]
pub struct Append {
    /// Whose stream it is; one and the same for all of a stream's events.
    pub organization: Uuid,
    /// What the stream is about.
    pub stream_type: StreamType,
    /// The show's or the organization's id.
    pub stream: Uuid,
    /// The version that this was decided on; 0 for a stream without events.
    pub expected_version: i64,
    /// In their order. Empty: only confirm or deny the expected version, for answers that change nothing.
    pub events: Vec<NewEvent>,
    /// What the events name that can be erased.
    pub vault: Vec<VaultEntry>,
    /// What proves the credentials that the events make. Only for streams of organizations.
    pub secrets: Vec<Secret>,
}

/// The answer to an [`Append`] that was accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Appended {
    /// Position of its first event; the others follow without a gap. `None` if it had no events.
    pub first_position: Option<i64>,
    /// Position of the stream's last event now; 0 if the stream has none.
    pub last_position: i64,
    /// The stream's version now.
    pub version: i64,
    /// When it was recorded, by the database: never before an earlier event's time.
    pub recorded_at: DateTime<Utc>,
}

/// One row of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordedEvent {
    /// Its number in the whole log, from 1, without gaps.
    pub position: i64,
    /// Whose it is.
    pub organization: Uuid,
    /// What its stream is about.
    pub stream_type: StreamType,
    /// The show's or the organization's id.
    pub stream: Uuid,
    /// Its number in its stream, from 1, without gaps.
    pub version: i64,
    /// Its name.
    pub event_type: String,
    /// The version of the payload's shape.
    pub schema: i32,
    /// JSON text, as it was written.
    pub payload: String,
    /// Who, by which command.
    pub metadata: Metadata,
    /// SHA-256 over type, schema, payload and metadata; see [`crate::content_hash`].
    pub content_hash: [u8; 32],
    /// When it was recorded; never before an earlier event's time.
    pub recorded_at: DateTime<Utc>,
}

/// What folding a stream needs of one row of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StreamEvent {
    /// Its number in its stream, from 1, without gaps.
    pub version: i64,
    /// Its number in the whole log.
    pub position: i64,
    /// Whose the stream is.
    pub organization: Uuid,
    /// Its name.
    pub event_type: String,
    /// The version of the payload's shape.
    pub schema: i32,
    /// JSON text, as it was written.
    pub payload: String,
    /// The command that said it.
    pub command: Uuid,
    /// When it was recorded; never before an earlier event's time.
    pub recorded_at: DateTime<Utc>,
}

/// What following some types among many needs of one row of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TypedEvent {
    /// Its number in the whole log.
    pub position: i64,
    /// Whose the stream is.
    pub organization: Uuid,
    /// The show's or the organization's id.
    pub stream: Uuid,
    /// Its name.
    pub event_type: String,
    /// The version of the payload's shape.
    pub schema: i32,
    /// JSON text, as it was written.
    pub payload: String,
    /// When it was recorded; never before an earlier event's time.
    pub recorded_at: DateTime<Utc>,
}
