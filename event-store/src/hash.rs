//! The content hash of an event: SHA-256 over an encoding that can be read in one way only.
//!
//! It is made before the append, so it covers what the writer says (type, schema, payload, metadata) and not what the log
//! adds (position, version, time): the Merkle leaf of part 5 covers those together with this hash.
//! The encoding never changes: whoever holds an old copy of the log must come to the same hashes. A golden test pins it.

use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::event::NewEvent;

/// Names the encoding; another one would get another name.
const DOMAIN: &[u8] = b"turnout event content v1";

/// The hash of an event's content.
///
/// The input of SHA-256, in this order; a *text* is its length in bytes as eight bytes, big-endian, and then its bytes (UTF-8);
/// an *optional* value is one byte, 0 when it is absent, or 1 and then the value; an *id* is its sixteen bytes:
/// text `"turnout event content v1"`, text type, schema as four bytes big-endian, text payload, text actor, optional id device,
/// optional text channel, id command, optional request HMAC (32 bytes), id correlation, optional id causation.
#[must_use]
pub fn content_hash(event: &NewEvent) -> [u8; 32] {
    let metadata = &event.metadata;
    let mut hash = Sha256::new();
    text(&mut hash, DOMAIN);
    text(&mut hash, event.event_type.as_bytes());
    hash.update(event.schema.to_be_bytes());
    text(&mut hash, event.payload.as_bytes());
    text(&mut hash, metadata.actor.as_bytes());
    optional(&mut hash, metadata.device.as_ref(), id);
    optional(&mut hash, metadata.channel.as_ref(), |hash, channel| text(hash, channel.as_bytes()));
    id(&mut hash, &metadata.command);
    optional(&mut hash, metadata.request_hmac.as_ref(), |hash, hmac| hash.update(hmac));
    id(&mut hash, &metadata.correlation);
    optional(&mut hash, metadata.causation.as_ref(), id);
    hash.finalize().into()
}

fn text(hash: &mut Sha256, bytes: &[u8]) {
    hash.update((bytes.len() as u64).to_be_bytes());
    hash.update(bytes);
}

fn id(hash: &mut Sha256, id: &Uuid) {
    hash.update(id.as_bytes());
}

fn optional<T>(hash: &mut Sha256, value: Option<&T>, write: impl FnOnce(&mut Sha256, &T)) {
    match value {
        None => hash.update([0]),
        Some(value) => {
            hash.update([1]);
            write(hash, value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Metadata;

    fn event() -> NewEvent {
        NewEvent {
            event_type: "TicketIssued".into(),
            schema: 1,
            payload: r#"{"seat":"A-1-2"}"#.into(),
            metadata: Metadata {
                actor: "admin".into(),
                device: None,
                channel: Some("box_office".into()),
                command: Uuid::from_u128(1),
                request_hmac: Some([7; 32]),
                correlation: Uuid::from_u128(2),
                causation: None,
            },
        }
    }

    #[test]
    fn the_hash_never_changes() {
        assert_eq!(
            hex::encode(content_hash(&event())),
            "a38ff3aa0c277461216ca89f84ada49a486621e5848d382dd34556a7282c64de"
        );
    }

    #[test]
    fn moving_a_byte_from_one_field_to_the_next_changes_the_hash() {
        let mut moved = event();
        moved.event_type = "TicketIssue".into();
        moved.payload = format!("d{}", moved.payload);
        assert_ne!(content_hash(&moved), content_hash(&event()));
    }

    #[test]
    fn an_absent_field_is_not_an_empty_one() {
        let (mut absent, mut empty) = (event(), event());
        absent.metadata.channel = None;
        empty.metadata.channel = Some(String::new());
        assert_ne!(content_hash(&absent), content_hash(&empty));
    }
}
