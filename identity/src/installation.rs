//! The installation's secret, and the keys derived from it.
//!
//! One secret (`TURNOUT_SECRET_KEY`, or a file in the data directory) is stretched by HKDF-SHA-256 (RFC 5869) into
//! keys that know nothing of each other, one for each [`Purpose`]. The labels are for ever: changing one changes
//! every link and every sealed key of every installation. The secret is never printed, stored in the database or
//! handed out.

use std::fmt;
use std::io;
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hkdf::Hkdf;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::{private_file, random};

/// The least length of a secret given as text: 32 characters carry 128 bits even when they are hexadecimal.
pub const SECRET_CHARACTERS_MIN: usize = 32;

const FILE: &str = "secret-key";

/// The secret of an installation, from which all its keys derive. All nodes of an installation have the same one.
#[derive(Clone)]
pub struct SecretKey {
    stretched: Hkdf<Sha256>,
}

/// Why there is no secret key.
#[derive(Debug, thiserror::Error)]
pub enum SecretKeyError {
    /// The text is too short to be a secret.
    #[error(
        "the secret key has {found} characters; it needs at least {SECRET_CHARACTERS_MIN} (try `openssl rand -base64 32`)"
    )]
    TooShort {
        /// Characters of the text given, without surrounding white space.
        found: usize,
    },
    /// The file in the data directory could neither be read nor made.
    #[error("the secret key's file cannot be used")]
    File(#[source] io::Error),
}

/// What a derived key is for. A key of one purpose is of no use for another.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Purpose {
    /// Secrets of holds and orders.
    LinkSecrets,
    /// Command ids.
    CommandIds,
    /// The HMAC of requests, in the metadata of events.
    Requests,
    /// Short codes, further divided by show.
    Codes,
    /// Sealing signing keys before they are stored.
    Sealing,
    /// Tokens against cross-site requests.
    Csrf,
}

impl SecretKey {
    /// The key of a text such as `TURNOUT_SECRET_KEY`; white space around it does not count.
    ///
    /// # Errors
    /// [`SecretKeyError::TooShort`] below [`SECRET_CHARACTERS_MIN`] characters.
    pub fn parse(text: &str) -> Result<Self, SecretKeyError> {
        let text = text.trim();
        let found = text.chars().count();
        if found < SECRET_CHARACTERS_MIN {
            return Err(SecretKeyError::TooShort { found });
        }
        Ok(Self { stretched: Hkdf::new(Some(b"turnout installation"), text.as_bytes()) })
    }

    /// The key in `data_directory/secret-key`, made at random with mode 0600 when the file is absent.
    ///
    /// # Errors
    /// [`SecretKeyError`] when the file cannot be read or made, or holds too little.
    pub fn load_or_create(data_directory: &Path) -> Result<Self, SecretKeyError> {
        let text = private_file::read_or_create(data_directory, FILE, || {
            let bytes = random::bytes::<32>().map_err(io::Error::other)?;
            Ok(format!("{}\n", URL_SAFE_NO_PAD.encode(bytes)))
        });
        Self::parse(&text.map_err(SecretKeyError::File)?)
    }

    /// The key in `data_directory/secret-key`, where there is one.
    ///
    /// # Errors
    /// [`SecretKeyError`] when the file is absent, cannot be read, or holds too little.
    pub fn load(data_directory: &Path) -> Result<Self, SecretKeyError> {
        Self::parse(&private_file::read(&data_directory.join(FILE)).map_err(SecretKeyError::File)?)
    }

    /// A key of 256 bits for one purpose.
    pub(crate) fn derive(&self, purpose: Purpose) -> [u8; 32] {
        let mut key = [0; 32];
        self.stretched.expand(purpose.label(), &mut key).expect("HKDF-SHA-256 gives up to 8,160 bytes");
        key
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("SecretKey(…)")
    }
}

impl Purpose {
    fn label(self) -> &'static [u8] {
        match self {
            Self::LinkSecrets => b"turnout/1/link-secrets",
            Self::CommandIds => b"turnout/1/command-ids",
            Self::Requests => b"turnout/1/requests",
            Self::Codes => b"turnout/1/codes",
            Self::Sealing => b"turnout/1/sealing",
            Self::Csrf => b"turnout/1/csrf",
        }
    }
}

/// HMAC-SHA-256 over parts, each behind its length, so that no two lists of parts give the same bytes.
pub(crate) fn keyed_hash(key: &[u8; 32], parts: &[&[u8]]) -> Hmac<Sha256> {
    // HMAC pads its key with zeros to the hash's block; a whole block cannot be of a wrong length.
    let mut block = [0; 64];
    block[..32].copy_from_slice(key);
    let mut mac = Hmac::<Sha256>::new(&block.into());
    for part in parts {
        mac.update(&(part.len() as u64).to_be_bytes());
        mac.update(part);
    }
    mac
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "0123456789abcdef0123456789abcdef";

    #[test]
    fn a_short_text_is_refused_and_says_how_long_it_was() {
        let error = SecretKey::parse(" 0123456789abcdef0123456789abcde ").unwrap_err();
        assert!(matches!(error, SecretKeyError::TooShort { found: 31 }), "{error}");
    }

    #[test]
    fn purposes_have_keys_of_their_own_that_never_change() -> anyhow::Result<()> {
        let secret = SecretKey::parse(TEXT)?;
        let links = secret.derive(Purpose::LinkSecrets);
        assert_ne!(links, secret.derive(Purpose::Sealing));
        assert_eq!(links, SecretKey::parse(&format!("{TEXT}\n"))?.derive(Purpose::LinkSecrets));
        Ok(())
    }

    #[test]
    fn debugging_shows_nothing() -> anyhow::Result<()> {
        assert_eq!(format!("{:?}", SecretKey::parse(TEXT)?), "SecretKey(…)");
        Ok(())
    }

    #[test]
    fn a_data_directory_keeps_its_key() -> anyhow::Result<()> {
        let directory = tempfile::tempdir()?;
        let made = SecretKey::load_or_create(directory.path())?.derive(Purpose::Codes);
        assert_eq!(made, SecretKey::load_or_create(directory.path())?.derive(Purpose::Codes));
        Ok(())
    }
}
