//! An answer that is kept: written as JSON, with the tag of what it says, and compressed once for whoever understands that.

use std::{fmt::Write as _, io::Write as _, sync::Arc};

use bytes::Bytes;
use chrono::{DateTime, Utc};
use flate2::{Compression, write::GzEncoder};
use sha2::{Digest, Sha256};
use tokio::sync::OnceCell;

use crate::queries::{Audience, Left};

/// Less than this goes in one packet, compressed or not.
const COMPRESSED_BYTES_MIN: usize = 1_024;

/// From here on speed counts more than the last bytes, and a thread is asked where nothing else waits: a megabyte takes some ten
/// milliseconds at gzip's first level.
const LARGE_BYTES: usize = 256 * 1_024;

/// zstd's own default.
const ZSTD_LEVEL: i32 = 3;

/// Of 50,000 seats it makes a fifth of the bytes that gzip's first level does, and fewer than level 3 does; of their drawing a fifth more.
const ZSTD_LEVEL_LARGE: i32 = 1;

/// Half of a SHA-256: 128 bits meet by chance never.
const TAG_BYTES: usize = 16;

/// How a body is written for the way (RFC 9110, section 8.4.1).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Coding {
    /// As it is.
    #[default]
    Identity,
    /// RFC 1952.
    Gzip,
    /// RFC 8878.
    Zstd,
}

impl Coding {
    /// All there are.
    pub const ALL: [Self; 3] = [Self::Identity, Self::Gzip, Self::Zstd];

    /// As HTTP names it; nothing for a body as it is.
    #[must_use]
    pub fn name(self) -> Option<&'static str> {
        match self {
            Self::Identity => None,
            Self::Gzip => Some("gzip"),
            Self::Zstd => Some("zstd"),
        }
    }
}

/// An answer as it is sent, to whoever may have it.
#[derive(Debug, Clone)]
pub struct Kept {
    text: Arc<Text>,
    /// Of each coding.
    tags: [Bytes; 3],
    /// When it may be answered.
    pub(super) during: Span,
}

/// JSON, and the same compressed once somebody has asked for that.
#[derive(Debug)]
struct Text {
    plain: Bytes,
    gzip: OnceCell<Bytes>,
    zstd: OnceCell<Bytes>,
}

/// A time in which nothing changes by time alone: a sales window opens or closes before it and behind it. (The machine's clock may
/// step back over either.)
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Span {
    since: Option<DateTime<Utc>>,
    until: Option<DateTime<Utc>>,
}

/// A representation, with a strong tag of its own (RFC 9110, section 8.8.3.3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Form {
    /// How its body is written.
    pub coding: Coding,
    /// The body.
    pub body: Bytes,
    /// The entity tag, in its quotes.
    pub tag: Bytes,
}

impl Kept {
    /// What is told to an audience.
    pub(super) fn new(body: Vec<u8>, audience: Audience) -> Self {
        let text = Text { plain: body.into(), gzip: OnceCell::new(), zstd: OnceCell::new() };
        Self { tags: tags(audience, &text.plain), text: Arc::new(text), during: Span::default() }
    }

    /// The same text, told to another audience: staff and the public share no tag.
    pub(super) fn told_to(&self, audience: Audience) -> Self {
        Self { tags: tags(audience, &self.text.plain), text: Arc::clone(&self.text), during: self.during }
    }

    /// The same, for a while.
    pub(super) fn during(self, during: Span) -> Self {
        Self { during, ..self }
    }

    /// What it takes in memory, its compressed forms included, whether they are there yet or not.
    pub(super) fn bytes(&self) -> usize {
        self.text.plain.len() * 3 / 2
    }

    /// It as JSON.
    #[must_use]
    pub fn json(&self) -> &Bytes {
        &self.text.plain
    }

    /// Whether it is worth compressing.
    #[must_use]
    pub fn is_compressed(&self) -> bool {
        self.text.plain.len() >= COMPRESSED_BYTES_MIN
    }

    /// The tag of its form in this coding, whether that is there yet or not.
    #[must_use]
    pub fn tag(&self, coding: Coding) -> &Bytes {
        &self.tags[coding as usize]
    }

    /// Its form in this coding, or as it is where that is too little to compress. Compressed by whoever asks first; others wait.
    pub async fn form(&self, coding: Coding) -> Form {
        let coding = if self.is_compressed() { coding } else { Coding::Identity };
        let body = match coding {
            Coding::Identity => self.text.plain.clone(),
            Coding::Gzip => self.text.gzip.get_or_init(|| aside(self.text.plain.clone(), gzip)).await.clone(),
            Coding::Zstd => self.text.zstd.get_or_init(|| aside(self.text.plain.clone(), zstd)).await.clone(),
        };
        Form { coding, body, tag: self.tag(coding).clone() }
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

/// Compresses; what is large on a thread of its own.
async fn aside(body: Bytes, compress: fn(&[u8]) -> Vec<u8>) -> Bytes {
    if body.len() < LARGE_BYTES {
        return compress(&body).into();
    }
    let same = body.clone();
    match tokio::task::spawn_blocking(move || compress(&body)).await {
        Ok(done) => done.into(),
        Err(ended) => match ended.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            // The server stops, and begins nothing on other threads.
            Err(_) => compress(&same).into(),
        },
    }
}

fn gzip(body: &[u8]) -> Vec<u8> {
    let level = if body.len() >= LARGE_BYTES { Compression::fast() } else { Compression::default() };
    let mut encoder = GzEncoder::new(Vec::with_capacity(body.len() / 8), level);
    #[expect(clippy::expect_used, reason = "writing to memory cannot fail")]
    encoder.write_all(body).and_then(|()| encoder.finish()).expect("memory takes what is written")
}

fn zstd(body: &[u8]) -> Vec<u8> {
    #[expect(clippy::expect_used, reason = "writing to memory cannot fail, and the level is one that there is")]
    zstd::bulk::compress(body, if body.len() >= LARGE_BYTES { ZSTD_LEVEL_LARGE } else { ZSTD_LEVEL })
        .expect("memory takes what is written")
}

/// The tags of a text's forms.
fn tags(audience: Audience, text: &[u8]) -> [Bytes; 3] {
    let essence = hash(audience, text);
    Coding::ALL.map(|coding| match coding.name() {
        None => format!("\"{essence}\"").into(),
        Some(coding) => format!("\"{essence}-{coding}\"").into(),
    })
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

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;

    fn unpacked(form: &Form) -> Vec<u8> {
        match form.coding {
            Coding::Identity => form.body.to_vec(),
            Coding::Gzip => {
                let mut body = Vec::new();
                flate2::read::GzDecoder::new(&*form.body).read_to_end(&mut body).unwrap();
                body
            }
            Coding::Zstd => zstd::bulk::decompress(&form.body, 4 * LARGE_BYTES).unwrap(),
        }
    }

    #[tokio::test]
    async fn every_form_says_the_same_under_a_tag_of_its_own() {
        for text in [vec![b'x'; COMPRESSED_BYTES_MIN], vec![b'y'; 2 * LARGE_BYTES]] {
            let kept = Kept::new(text.clone(), Audience::Public);
            let other = kept.told_to(Audience::Staff);
            let mut tags = Vec::new();
            for coding in Coding::ALL {
                let form = kept.form(coding).await;
                assert_eq!((form.coding, unpacked(&form)), (coding, text.clone()));
                assert_eq!(form, kept.form(coding).await);
                tags.extend([form.tag, other.tag(coding).clone()]);
            }
            tags.sort_unstable();
            tags.dedup();
            assert_eq!(tags.len(), 6);
        }
    }

    #[tokio::test]
    async fn little_goes_as_it_is() {
        let form = Kept::new(b"{}".to_vec(), Audience::Public).form(Coding::Zstd).await;
        assert_eq!((form.coding, &*form.body), (Coding::Identity, b"{}".as_slice()));
    }
}
