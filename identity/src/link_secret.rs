//! The secrets of holds and orders: what a buyer without an account proves by.
//!
//! A secret is derived from the id, never stored: base64url of one byte for the kind, the 16 bytes of the id and the
//! first 16 bytes of an HMAC-SHA-256 over both. It names what it opens, so that no lookup is needed to check it, and
//! it lives as long as the installation's secret. Ends (a hold's expiry) are not here: the show's desk judges them.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::Mac;
use subtle::ConstantTimeEq;
use uuid::Uuid;

use crate::installation::{Purpose, SecretKey, keyed_hash};

/// 128 bits: a guess at a billion tries a second for the age of the universe stays hopeless.
const PROOF_BYTES: usize = 16;
const SECRET_BYTES: usize = 1 + 16 + PROOF_BYTES;

/// What a secret opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Link {
    /// A hold, by its id.
    Hold(Uuid),
    /// An order, by its id.
    Order(Uuid),
}

/// Issues and verifies the secrets of holds and orders.
#[derive(Clone)]
pub struct LinkSecrets {
    key: [u8; 32],
}

impl LinkSecrets {
    /// Those of an installation.
    #[must_use]
    pub fn new(secret: &SecretKey) -> Self {
        Self { key: secret.derive(Purpose::LinkSecrets) }
    }

    /// The secret of a hold or order: 44 characters of base64url, always the same ones.
    #[must_use]
    pub fn issue(&self, link: Link) -> String {
        let mut bytes = [0; SECRET_BYTES];
        let named = name(link);
        bytes[..17].copy_from_slice(&named);
        bytes[17..].copy_from_slice(&self.proof(&named));
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// What `text` opens, or nothing when it is not a secret of this installation. Takes any text of any length, and
    /// the same time for every wrong proof.
    #[must_use]
    pub fn verify(&self, text: &str) -> Option<Link> {
        // Also keeps the decoder from working through megabytes.
        if text.len() != SECRET_BYTES * 4 / 3 {
            return None;
        }
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let (named, proof) = bytes.split_first_chunk::<17>()?;
        if !bool::from(self.proof(named).ct_eq(proof)) {
            return None;
        }
        let (kind, id) = named.split_first()?;
        let id = Uuid::from_slice(id).ok()?;
        match kind {
            1 => Some(Link::Hold(id)),
            2 => Some(Link::Order(id)),
            _ => None,
        }
    }

    fn proof(&self, named: &[u8; 17]) -> [u8; PROOF_BYTES] {
        let whole: [u8; 32] = keyed_hash(&self.key, &[named]).finalize().into_bytes().into();
        std::array::from_fn(|index| whole[index])
    }
}

fn name(link: Link) -> [u8; 17] {
    let (kind, id) = match link {
        Link::Hold(id) => (1, id),
        Link::Order(id) => (2, id),
    };
    let mut bytes = [kind; 17];
    bytes[1..].copy_from_slice(id.as_bytes());
    bytes
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn secrets(text: &str) -> LinkSecrets {
        LinkSecrets::new(&SecretKey::parse(text).unwrap())
    }

    #[test]
    fn a_secret_opens_what_it_was_issued_for_and_is_always_the_same() {
        let secrets = secrets("a secret of this installation, and of no other");
        let id = Uuid::from_u128(7);
        for link in [Link::Hold(id), Link::Order(id)] {
            let secret = secrets.issue(link);
            assert_eq!(secret.len(), 44);
            assert_eq!(secret, secrets.issue(link));
            assert_eq!(secrets.verify(&secret), Some(link));
        }
        // Pinned: a changed derivation would shut every link that was ever mailed.
        assert_eq!(secrets.issue(Link::Hold(id)), "AQAAAAAAAAAAAAAAAAAAAAfATLdhi-FXoFrKn1M8b8h0");
        assert_ne!(secrets.issue(Link::Hold(id)), secrets.issue(Link::Order(id)));
    }

    #[test]
    fn another_installations_secret_opens_nothing() {
        let theirs = secrets("another installation's secret, as long as needed");
        let ours = secrets("a secret of this installation, and of no other");
        assert_eq!(ours.verify(&theirs.issue(Link::Order(Uuid::from_u128(7)))), None);
    }

    proptest! {
        #[test]
        fn a_changed_secret_opens_nothing(id: u128, at in 0..44usize, to in "[ -~]") {
            let secrets = secrets("a secret of this installation, and of no other");
            let mut secret = secrets.issue(Link::Hold(Uuid::from_u128(id)));
            prop_assume!(secret[at..=at] != to);
            secret.replace_range(at..=at, &to);
            prop_assert_eq!(secrets.verify(&secret), None);
        }

        #[test]
        fn any_text_may_come(text in ".{0,80}") {
            let _ = secrets("a secret of this installation, and of no other").verify(&text);
        }
    }
}
