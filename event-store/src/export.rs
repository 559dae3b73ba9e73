//! The log as lines of text that are given away: an event a line, as JSON, with all that its hashes are made of.
//!
//! What always holds: from a line alone whoever reads it finds the content hash and the leaf's hash, byte for byte as the log has
//! them; so the payload is a text within the JSON, not a part of it. A line may be *withheld* in part: then it has the leaf's hash
//! instead of what that is made of, and a payload in which something is masked.

use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};
use thiserror::Error;
use uuid::Uuid;

use crate::{
    event::{Metadata, NewEvent},
    hash::content_hash,
    tree::{Hash, Leaf},
};

/// An event as it is given away. Bytes are hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExportLine {
    /// Its number in the whole log, from 1.
    pub position: i64,
    /// Whose it is.
    pub organization: Uuid,
    /// `show` or `organization`.
    pub stream_type: String,
    /// The show's or the organization's id.
    pub stream: Uuid,
    /// Its number in its stream, from 1.
    pub version: i64,
    /// Its name.
    #[serde(rename = "type")]
    pub event_type: String,
    /// The version of the payload's shape.
    pub schema: i32,
    /// What it says: JSON text, as it was written; in a withheld line masked.
    pub payload: String,
    /// Who.
    pub actor: String,
    /// By which device.
    pub device: Option<Uuid>,
    /// Through what.
    pub channel: Option<String>,
    /// By which command.
    pub command: Uuid,
    /// The keyed hash of the request.
    #[serde(with = "hexadecimal")]
    pub request_hmac: Option<[u8; 32]>,
    /// Of which request.
    pub correlation: Uuid,
    /// Caused by what.
    pub causation: Option<Uuid>,
    /// See [`content_hash`].
    #[serde(with = "hexadecimal")]
    pub content_hash: Option<[u8; 32]>,
    /// When it was recorded, to the microsecond.
    #[serde(with = "microseconds")]
    pub recorded_at: DateTime<Utc>,
    /// What hides the leaf from guesses; null where nobody may know it.
    #[serde(with = "hexadecimal")]
    pub salt: Option<[u8; 32]>,
    /// The hash of its leaf, where the line does not tell all that it is made of.
    #[serde(with = "hexadecimal")]
    pub leaf_hash: Option<[u8; 32]>,
}

/// Why a line is not what it says.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum LineError {
    /// Neither all that the leaf is made of, nor its hash; or both.
    #[error("it has neither all that its leaf is made of, nor the leaf's hash alone")]
    Incomplete,
    /// Type, schema, payload or metadata are others.
    #[error("its content is not what its content hash was made of")]
    Content,
}

impl ExportLine {
    /// Whether a part of it is withheld.
    #[must_use]
    pub fn is_withheld(&self) -> bool {
        self.leaf_hash.is_some()
    }

    /// What the content hash of what it says is. Of a withheld line it is not that of the event.
    #[must_use]
    pub fn hash_of_content(&self) -> [u8; 32] {
        content_hash(&NewEvent {
            event_type: self.event_type.clone(),
            schema: self.schema,
            payload: self.payload.clone(),
            metadata: Metadata {
                actor: self.actor.clone(),
                device: self.device,
                channel: self.channel.clone(),
                command: self.command,
                request_hmac: self.request_hmac,
                correlation: self.correlation,
                causation: self.causation,
            },
        })
    }

    /// The hash of its leaf with this content hash and salt.
    #[must_use]
    pub fn leaf_of(&self, content_hash: [u8; 32], salt: [u8; 32]) -> Hash {
        let leaf = Leaf {
            position: self.position,
            organization: self.organization,
            stream_type: &self.stream_type,
            stream: self.stream,
            version: self.version,
            recorded_at: self.recorded_at.timestamp_micros(),
            content_hash,
            salt,
        };
        leaf.hash()
    }

    /// The hash of its leaf, from all that it says; of a withheld line the one that it has.
    ///
    /// # Errors
    /// [`LineError`].
    pub fn leaf_hash(&self) -> Result<Hash, LineError> {
        match (self.content_hash, self.salt, self.leaf_hash) {
            (Some(content_hash), Some(salt), None) => {
                if self.hash_of_content() != content_hash {
                    return Err(LineError::Content);
                }
                Ok(self.leaf_of(content_hash, salt))
            }
            (None, None, Some(leaf_hash)) => Ok(Hash(leaf_hash)),
            _ => Err(LineError::Incomplete),
        }
    }

    /// The same without what would tell what is masked in `payload`.
    ///
    /// # Errors
    /// [`LineError`] when it is not a whole line.
    pub fn withheld(self, payload: String) -> Result<Self, LineError> {
        let leaf_hash = Some(self.leaf_hash()?.0);
        Ok(Self { payload, request_hmac: None, content_hash: None, salt: None, leaf_hash, ..self })
    }
}

mod hexadecimal {
    use serde::{Deserialize as _, Deserializer, Serialize as _, Serializer, de::Error};

    pub(super) fn serialize<S: Serializer>(bytes: &Option<[u8; 32]>, to: S) -> Result<S::Ok, S::Error> {
        bytes.map(hex::encode).serialize(to)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<[u8; 32]>, D::Error> {
        let Some(text) = Option::<String>::deserialize(from)? else { return Ok(None) };
        let mut bytes = [0; 32];
        hex::decode_to_slice(&text, &mut bytes).map_err(|_| D::Error::custom("64 hexadecimal digits are expected"))?;
        Ok(Some(bytes))
    }
}

mod microseconds {
    use super::{DateTime, SecondsFormat, Utc};
    use serde::{Deserialize as _, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(time: &DateTime<Utc>, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&time.to_rfc3339_opts(SecondsFormat::Micros, true))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<DateTime<Utc>, D::Error> {
        DateTime::<Utc>::deserialize(from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line() -> ExportLine {
        let mut line = ExportLine {
            position: 7,
            organization: Uuid::from_u128(1),
            stream_type: "show".into(),
            stream: Uuid::from_u128(2),
            version: 3,
            event_type: "TicketIssued".into(),
            schema: 1,
            payload: "{ \"short_code\" : \"0042\" }".into(),
            actor: "buyer".into(),
            device: None,
            channel: Some("web".into()),
            command: Uuid::from_u128(4),
            request_hmac: Some([5; 32]),
            correlation: Uuid::from_u128(6),
            causation: None,
            content_hash: None,
            recorded_at: DateTime::from_timestamp_micros(1_800_000_000_000_000).expect("a time"),
            salt: Some([7; 32]),
            leaf_hash: None,
        };
        line.content_hash = Some(line.hash_of_content());
        line
    }

    #[test]
    fn a_line_that_was_read_again_has_the_same_leaf() {
        let text = serde_json::to_string(&line()).expect("JSON");
        assert!(text.contains(r#""recorded_at":"2027-01-15T08:00:00.000000Z""#), "{text}");
        let again: ExportLine = serde_json::from_str(&text).expect("a line");
        assert_eq!(again, line());
        assert_eq!(again.leaf_hash(), line().leaf_hash());
    }

    #[test]
    fn another_content_is_noticed() {
        let other = ExportLine { payload: "{}".into(), ..line() };
        assert_eq!(other.leaf_hash(), Err(LineError::Content));
        assert_eq!(ExportLine { salt: None, ..line() }.leaf_hash(), Err(LineError::Incomplete));
    }

    #[test]
    fn a_withheld_line_has_the_same_leaf_and_nothing_to_try_guesses_on() {
        let withheld = line().withheld("{ \"short_code\" : \"•••\" }".into()).expect("a whole line");
        assert_eq!(withheld.leaf_hash(), line().leaf_hash());
        assert!(withheld.is_withheld());
        assert_eq!((withheld.salt, withheld.content_hash, withheld.request_hmac), (None, None, None));
    }
}
