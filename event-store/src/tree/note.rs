//! Signed checkpoints: size and root of the tree in the text format C2SP tlog-checkpoint, signed as C2SP signed-note (Ed25519).

use std::collections::BTreeMap;

use signed_note::{Note, Signer, StandardSigner, StandardVerifier, Verifier, VerifierList, key_id};
use thiserror::Error;
use tlog_tiles::Hash;

/// Ed25519 in a key of signed-note.
const ED25519: u8 = 1;

/// Why a key is none.
#[derive(Debug, Error)]
#[error("this is no verifier key (name+hash+base64)")]
pub struct KeyError;

/// Why a checkpoint is not believed.
#[derive(Debug, Error)]
pub enum NoteError {
    /// It is no signed note, or what is signed is no checkpoint.
    #[error("this is no signed checkpoint: three lines (origin, size, root), an empty one, and signatures")]
    Malformed,
    /// None of the keys signed it.
    #[error("none of the keys at hand signed this checkpoint")]
    Unknown,
    /// A key signed something else.
    #[error("the checkpoint's signature is not of this text: one of them was altered")]
    Forged,
    /// It is of another log.
    #[error("the checkpoint is of the log {found:?} and was signed by a key of {expected:?}")]
    OtherLog {
        /// The key's name.
        expected: String,
        /// What the checkpoint says.
        found: String,
    },
}

/// What a checkpoint says.
#[derive(Debug, Clone, PartialEq)]
pub struct Head {
    /// Which log.
    pub origin: String,
    /// How many events it has.
    pub size: u64,
    /// The root of their tree.
    pub root: Hash,
}

/// Signs checkpoints with one key, or with several: one that takes another's place signs beside it for a while. The log's origin is
/// the keys' name.
pub struct CheckpointSigner {
    origin: String,
    /// The one that signs from now on is the first.
    signers: Vec<StandardSigner>,
    keys: Vec<String>,
}

/// A public key (32 bytes, Ed25519) as the verifier key of signed-note: `name+hash+base64`.
#[must_use]
pub fn verifier_key(origin: &str, public_key: &[u8; 32]) -> String {
    let public = key_bytes(public_key);
    format!("{origin}+{:08x}+{}", key_id(origin, &public), base64(&public))
}

impl CheckpointSigner {
    /// From the two halves of an Ed25519 key (32 bytes each, the first the secret seed of RFC 8032).
    ///
    /// # Errors
    /// When the origin cannot be a key's name: it is empty, or has white space or a `+`.
    pub fn new(origin: &str, seed: &[u8; 32], public_key: &[u8; 32]) -> Result<Self, KeyError> {
        let id = key_id(origin, &key_bytes(public_key));
        let secret = format!("PRIVATE+KEY+{origin}+{id:08x}+{}", base64(&key_bytes(seed)));
        let signer = StandardSigner::new(&secret).map_err(|_| KeyError)?;
        let key = verifier_key(origin, public_key);
        Ok(Self { origin: origin.to_owned(), signers: vec![signer], keys: vec![key] })
    }

    /// The same, beside which another key of this log signs: whoever knows only that one goes on believing.
    #[must_use]
    pub fn beside(mut self, other: Self) -> Self {
        self.signers.extend(other.signers);
        self.keys.extend(other.keys);
        self
    }

    /// What verifies it: the verifier key of signed-note, which is public. Of several keys, that of the first.
    #[must_use]
    pub fn verifier_key(&self) -> &str {
        &self.keys[0]
    }

    /// The verifier keys of all that sign.
    #[must_use]
    pub fn verifier_keys(&self) -> &[String] {
        &self.keys
    }

    /// The log whose checkpoints it signs.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// A signed checkpoint.
    #[must_use]
    pub fn sign(&self, size: u64, root: Hash) -> String {
        let text = format!("{}\n{size}\n{root}\n", self.origin);
        // Lines of printable characters, and a name that was looked at when the signer was made.
        let mut note = Note::new(text.as_bytes(), &[]).expect("a checkpoint is a note");
        let signers: Vec<&dyn Signer> = self.signers.iter().map(|signer| signer as _).collect();
        note.add_sigs(&signers).expect("a name that is a key's signs");
        String::from_utf8(note.to_bytes()).expect("a note is text")
    }

    /// The lines of those of its signatures that the note of this checkpoint has not: it was signed before a key signed.
    #[must_use]
    pub fn lacking(&self, size: u64, root: Hash, note: &str) -> String {
        let own = self.sign(size, root);
        let signatures = own.split_once("\n\n").map_or("", |(_, signatures)| signatures);
        signatures.split_inclusive('\n').filter(|line| !note.contains(*line)).collect()
    }
}

/// What verifies checkpoints of one log.
#[derive(Clone)]
pub struct CheckpointKey(StandardVerifier);

impl CheckpointKey {
    /// From its text, `name+hash+base64`.
    ///
    /// # Errors
    /// When it is none.
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        StandardVerifier::new(text.trim()).map(Self).map_err(|_| KeyError)
    }

    /// The log that it is of.
    #[must_use]
    pub fn origin(&self) -> &str {
        self.0.name()
    }
}

impl Head {
    /// Reads a checkpoint that one of these keys has signed.
    ///
    /// # Errors
    /// [`NoteError`].
    pub fn open(note: &str, keys: &[CheckpointKey]) -> Result<Self, NoteError> {
        let parsed = Note::from_bytes(note.as_bytes()).map_err(|_| NoteError::Malformed)?;
        // The same key from two sources is one.
        let known: BTreeMap<_, _> = keys.iter().map(|key| ((key.0.name(), key.0.key_id()), key)).collect();
        let known = VerifierList::new(known.values().map(|key| Box::new(key.0.clone()) as Box<dyn Verifier>).collect());
        let (verified, _) = parsed.verify(&known).map_err(|error| match error {
            signed_note::NoteError::UnverifiedNote => NoteError::Unknown,
            signed_note::NoteError::InvalidSignature { .. } => NoteError::Forged,
            _ => NoteError::Malformed,
        })?;
        let head = Self::unverified(note)?;
        match verified.iter().find(|signature| signature.name() != head.origin) {
            None => Ok(head),
            Some(other) => Err(NoteError::OtherLog { expected: other.name().to_owned(), found: head.origin }),
        }
    }

    /// Reads a checkpoint without asking who signed it: for one that is only shown.
    ///
    /// # Errors
    /// [`NoteError::Malformed`].
    pub fn unverified(note: &str) -> Result<Self, NoteError> {
        let parsed = Note::from_bytes(note.as_bytes()).map_err(|_| NoteError::Malformed)?;
        let checkpoint = tlog_tiles::Checkpoint::from_bytes(parsed.text()).map_err(|_| NoteError::Malformed)?;
        Ok(Self { origin: checkpoint.origin().to_owned(), size: checkpoint.size(), root: *checkpoint.hash() })
    }
}

fn key_bytes(half: &[u8; 32]) -> Vec<u8> {
    [&[ED25519][..], half].concat()
}

fn base64(bytes: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 8032, 7.1, test 1.
    const SEED: &str = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60";
    const PUBLIC: &str = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";

    fn bytes(text: &str) -> [u8; 32] {
        hex::decode(text).expect("hexadecimal digits").try_into().expect("32 bytes")
    }

    fn signer(origin: &str) -> CheckpointSigner {
        CheckpointSigner::new(origin, &bytes(SEED), &bytes(PUBLIC)).expect("a key")
    }

    /// RFC 8032, 7.1, test 2.
    fn another(origin: &str) -> CheckpointSigner {
        let seed = bytes("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb");
        let public = bytes("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");
        CheckpointSigner::new(origin, &seed, &public).expect("a key")
    }

    fn key(signer: &CheckpointSigner) -> CheckpointKey {
        CheckpointKey::parse(signer.verifier_key()).expect("a verifier key")
    }

    #[test]
    fn a_checkpoint_is_believed_with_the_key_that_signed_it() {
        let signer = signer("turnout/test");
        let note = signer.sign(7, Hash([1; 32]));
        let head = Head { origin: "turnout/test".into(), size: 7, root: Hash([1; 32]) };
        assert_eq!(Head::open(&note, &[key(&signer)]).expect("signed"), head);
        assert!(matches!(Head::open(&note, &[]), Err(NoteError::Unknown)));
        let forged = note.replace("\n7\n", "\n8\n");
        assert!(matches!(Head::open(&forged, &[key(&signer)]), Err(NoteError::Forged)));
        assert!(matches!(Head::open("turnout/test\n7\n", &[key(&signer)]), Err(NoteError::Malformed)));
    }

    #[test]
    fn a_key_of_one_log_does_not_sign_for_another() {
        let signer = signer("turnout/test");
        let text = format!("turnout/other\n7\n{}\n", Hash([1; 32]));
        let mut note = Note::new(text.as_bytes(), &[]).expect("a note");
        note.add_sigs(&[&signer.signers[0]]).expect("signs");
        let note = String::from_utf8(note.to_bytes()).expect("text");
        assert!(matches!(Head::open(&note, &[key(&signer)]), Err(NoteError::OtherLog { .. })));
    }

    #[test]
    fn what_two_keys_signed_is_believed_with_either_and_a_signature_comes_later_as_it_would_have_come_at_once() {
        let (old, new) = (signer("turnout/test"), another("turnout/test"));
        let keys = [key(&old), key(&new)];
        let root = Hash([1; 32]);
        let before = old.sign(7, root);
        let both = new.beside(old);
        let note = both.sign(7, root);
        for key in &keys {
            assert_eq!(Head::open(&note, std::slice::from_ref(key)).expect("signed").size, 7);
        }
        assert!(Head::open(&note, &[keys.clone(), keys.clone()].concat()).is_ok(), "a key that is named twice");
        let grown = format!("{before}{}", both.lacking(7, root, &before));
        assert!(Head::open(&grown, &keys[1..]).is_ok() && Head::open(&grown, &keys[..1]).is_ok(), "{grown}");
        assert_eq!(both.lacking(7, root, &grown), "");
        let altered = note.replace("\n7\n", "\n8\n");
        assert!(matches!(Head::open(&altered, &keys[..1]), Err(NoteError::Forged)));
    }

    #[test]
    fn a_public_key_is_written_as_other_verifiers_take_it() {
        // From the documentation of Go's package golang.org/x/mod/sumdb/note.
        let known = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
        let public = bytes("1a5cd907143c384c41e830c5bce12aa8817ec5649aaabf2c31388b35b2d744d6");
        assert_eq!(verifier_key("PeterNeumann", &public), known);
    }

    #[test]
    fn an_origin_that_is_no_key_name_is_refused() {
        for origin in ["", "a b", "a+b"] {
            assert!(CheckpointSigner::new(origin, &bytes(SEED), &bytes(PUBLIC)).is_err(), "{origin:?}");
        }
    }
}
