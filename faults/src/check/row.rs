//! One row of `log.events`, and its content hash made anew from what `event-store/src/hash.rs` says of the encoding.
//!
//! Written from that description and not taken from the server's crate: a mistake there must not excuse itself here.

use anyhow::{Context as _, Result};
use sha2::{Digest as _, Sha256};
use sqlx::Row as _;
use sqlx::postgres::PgRow;
use uuid::Uuid;

/// The columns of [`Row`], for a SELECT. Times in microseconds since 1970.
pub const COLUMNS: &str = "position, stream_type, stream, version, type, schema, payload::text AS payload, actor, device, \
    channel, command, request_hmac, correlation, causation, content_hash, \
    (extract(epoch FROM recorded_at) * 1000000)::bigint AS recorded_micros";

/// One event as the database has it.
#[derive(Debug, Clone)]
pub struct Row {
    pub position: i64,
    pub stream_type: String,
    pub stream: Uuid,
    pub version: i64,
    pub kind: String,
    pub schema: i32,
    /// JSON, byte for byte.
    pub payload: String,
    pub actor: String,
    pub device: Option<Uuid>,
    pub channel: Option<String>,
    pub command: Uuid,
    pub request_hmac: Option<Vec<u8>>,
    pub correlation: Uuid,
    pub causation: Option<Uuid>,
    pub content_hash: Vec<u8>,
    pub recorded_micros: i64,
}

impl Row {
    /// From a row of a SELECT of [`COLUMNS`].
    pub fn of(row: &PgRow) -> Result<Self> {
        Ok(Self {
            position: row.try_get("position")?,
            stream_type: row.try_get("stream_type")?,
            stream: row.try_get("stream")?,
            version: row.try_get("version")?,
            kind: row.try_get("type")?,
            schema: row.try_get("schema")?,
            payload: row.try_get("payload")?,
            actor: row.try_get("actor")?,
            device: row.try_get("device")?,
            channel: row.try_get("channel")?,
            command: row.try_get("command")?,
            request_hmac: row.try_get("request_hmac")?,
            correlation: row.try_get("correlation")?,
            causation: row.try_get("causation")?,
            content_hash: row.try_get("content_hash")?,
            recorded_micros: row.try_get("recorded_micros").context("a time")?,
        })
    }

    /// The hash that its content has.
    pub fn hash_of_content(&self) -> [u8; 32] {
        let mut hash = Sha256::new();
        text(&mut hash, "turnout event content v1");
        text(&mut hash, &self.kind);
        hash.update(self.schema.to_be_bytes());
        text(&mut hash, &self.payload);
        text(&mut hash, &self.actor);
        optional(&mut hash, self.device.as_ref(), |hash, id| hash.update(id.as_bytes()));
        optional(&mut hash, self.channel.as_ref(), |hash, channel| text(hash, channel));
        hash.update(self.command.as_bytes());
        optional(&mut hash, self.request_hmac.as_ref(), |hash, hmac| hash.update(hmac));
        hash.update(self.correlation.as_bytes());
        optional(&mut hash, self.causation.as_ref(), |hash, id| hash.update(id.as_bytes()));
        hash.finalize().into()
    }
}

/// Its length in bytes as eight bytes, big-endian, and then its bytes.
fn text(hash: &mut Sha256, text: &str) {
    hash.update((text.len() as u64).to_be_bytes());
    hash.update(text.as_bytes());
}

/// One byte, 0 when it is absent, or 1 and then the value.
fn optional<T>(hash: &mut Sha256, value: Option<&T>, write: impl FnOnce(&mut Sha256, &T)) {
    match value {
        None => hash.update([0]),
        Some(value) => {
            hash.update([1]);
            write(hash, value);
        }
    }
}
