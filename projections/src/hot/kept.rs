//! An answer that is kept: written as JSON, compressed, and with the tag of what it says.

use std::{fmt::Write as _, io::Write as _};

use bytes::Bytes;
use chrono::{DateTime, Utc};
use flate2::{Compression, write::GzEncoder};
use sha2::{Digest, Sha256};

use crate::queries::{Audience, Left};

/// Less than this goes in one packet, compressed or not.
const COMPRESSED_BYTES_MIN: usize = 1_024;

/// From here on speed counts more than the last bytes: a megabyte takes some ten milliseconds at the first level.
const LARGE_BYTES: usize = 256 * 1_024;

/// Half of a SHA-256: 128 bits meet by chance never.
const TAG_BYTES: usize = 16;

/// An answer as it is sent, to whoever may have it.
#[derive(Debug, Clone)]
pub struct Kept {
    /// JSON.
    pub plain: Form,
    /// The same by gzip (RFC 1952), where that is worth it.
    pub gzip: Option<Form>,
    /// When it may be answered.
    pub(super) during: Span,
}

/// A time in which nothing changes by time alone: a sales window opens or closes before it and behind it. (The machine's clock may
/// step back over either.)
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Span {
    since: Option<DateTime<Utc>>,
    until: Option<DateTime<Utc>>,
}

/// A representation, with a strong tag of its own (RFC 9110, section 8.8.3.3).
#[derive(Debug, Clone)]
pub struct Form {
    /// The body.
    pub body: Bytes,
    /// The entity tag, in its quotes.
    pub tag: Bytes,
}

impl Kept {
    /// What is told to an audience.
    pub(super) fn new(body: Vec<u8>, audience: Audience) -> Self {
        let gzip = (body.len() >= COMPRESSED_BYTES_MIN).then(|| compressed(&body));
        Self::of(body.into(), gzip, audience)
    }

    /// The same bytes, told to another audience: staff and the public share no tag.
    pub(super) fn told_to(&self, audience: Audience) -> Self {
        Self::of(self.plain.body.clone(), self.gzip.as_ref().map(|form| form.body.clone()), audience)
    }

    fn of(body: Bytes, gzip: Option<Bytes>, audience: Audience) -> Self {
        // Of what is shorter: the same text is compressed to the same bytes.
        let essence = hash(audience, gzip.as_ref().unwrap_or(&body));
        let tag = |form: &str| Bytes::from(format!("\"{essence}{form}\""));
        Self {
            plain: Form { body, tag: tag("") },
            gzip: gzip.map(|body| Form { body, tag: tag("-gzip") }),
            during: Span::default(),
        }
    }

    /// The same, for a while.
    pub(super) fn during(self, during: Span) -> Self {
        Self { during, ..self }
    }

    /// What it takes in memory.
    pub(super) fn bytes(&self) -> usize {
        self.plain.body.len() + self.gzip.as_ref().map_or(0, |form| form.body.len())
    }
}

impl Span {
    /// The one around a moment.
    pub fn around(now: DateTime<Utc>, left: Option<&Left>) -> Self {
        let row = left.map(|left| &left.row);
        Self { since: row.and_then(|row| row.changed_at(now)), until: row.and_then(|row| row.changes_at(now)) }
    }

    /// Whether a moment is in it.
    pub fn has(self, now: DateTime<Utc>) -> bool {
        self.since.is_none_or(|since| since <= now) && self.until.is_none_or(|until| now < until)
    }
}

fn compressed(body: &[u8]) -> Bytes {
    let level = if body.len() >= LARGE_BYTES { Compression::fast() } else { Compression::default() };
    let mut encoder = GzEncoder::new(Vec::with_capacity(body.len() / 8), level);
    #[expect(clippy::expect_used, reason = "writing to memory cannot fail")]
    encoder.write_all(body).and_then(|()| encoder.finish()).expect("memory takes what is written").into()
}

fn hash(audience: Audience, bytes: &[u8]) -> String {
    let salt: &[u8] = match audience {
        Audience::Public => b"public",
        Audience::Staff => b"staff",
    };
    let hash = Sha256::new().chain_update(salt).chain_update(bytes).finalize();
    let mut text = String::with_capacity(2 * TAG_BYTES);
    for byte in hash.iter().take(TAG_BYTES) {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}
