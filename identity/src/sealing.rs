//! Sealing small secrets before they are stored: XChaCha20-Poly1305 under a key of the installation.
//!
//! The form is one byte for the version (1), a random nonce of 24 bytes (long enough to be drawn without a counter),
//! and the ciphertext with its tag. The place where a secret belongs is authenticated with it, so that a row copied
//! into another one does not open.

use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305, XNonce};

use crate::installation::{Purpose, SecretKey};
use crate::random::{self, NoRandomness};

const VERSION: u8 = 1;
const NONCE_BYTES: usize = 24;

/// Seals and opens.
pub(crate) struct Sealing {
    cipher: XChaCha20Poly1305,
}

/// What was sealed does not open: another secret key, another place, or altered bytes.
#[derive(Debug, thiserror::Error)]
#[error("it was sealed with another secret key, or altered")]
pub(crate) struct DoesNotOpen;

impl Sealing {
    pub(crate) fn new(secret: &SecretKey) -> Self {
        Self { cipher: XChaCha20Poly1305::new(&secret.derive(Purpose::Sealing).into()) }
    }

    /// Seals `secret` for `place`.
    pub(crate) fn seal(&self, place: &str, secret: &[u8]) -> Result<Vec<u8>, NoRandomness> {
        let nonce = random::bytes::<NONCE_BYTES>()?;
        let payload = Payload { msg: secret, aad: place.as_bytes() };
        let ciphertext = self.cipher.encrypt(&XNonce::from(nonce), payload).expect("far below the cipher's 256 GiB");
        Ok([&[VERSION], nonce.as_slice(), &ciphertext].concat())
    }

    /// Opens what was sealed for `place`.
    pub(crate) fn open(&self, place: &str, sealed: &[u8]) -> Result<Vec<u8>, DoesNotOpen> {
        let (version, rest) = sealed.split_first().ok_or(DoesNotOpen)?;
        let (nonce, ciphertext) = rest.split_first_chunk::<NONCE_BYTES>().ok_or(DoesNotOpen)?;
        if *version != VERSION {
            return Err(DoesNotOpen);
        }
        let payload = Payload { msg: ciphertext, aad: place.as_bytes() };
        self.cipher.decrypt(&XNonce::from(*nonce), payload).map_err(|_| DoesNotOpen)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sealing(text: &str) -> Sealing {
        Sealing::new(&SecretKey::parse(text).unwrap())
    }

    #[test]
    fn only_the_same_key_and_place_open() -> anyhow::Result<()> {
        let ours = sealing("a secret of this installation, and of no other");
        let sealed = ours.seal("here", b"secret")?;
        assert_eq!(ours.open("here", &sealed)?, b"secret");
        assert!(ours.open("there", &sealed).is_err());
        assert!(sealing("another installation's secret, as long as needed").open("here", &sealed).is_err());
        for at in 0..sealed.len() {
            let mut altered = sealed.clone();
            altered[at] ^= 1;
            assert!(ours.open("here", &altered).is_err(), "byte {at}");
            assert!(ours.open("here", &sealed[..at]).is_err(), "cut at {at}");
        }
        Ok(())
    }
}
