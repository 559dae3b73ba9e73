//! Signed checkpoints: size and root of the tree in the text format C2SP tlog-checkpoint, signed as C2SP signed-note (Ed25519).

use signed_note::{Note, StandardSigner, StandardVerifier, Verifier as _, VerifierList, key_id};
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

/// Signs checkpoints. The log's origin is the key's name.
pub struct CheckpointSigner {
    origin: String,
    signer: StandardSigner,
    key: String,
}

impl CheckpointSigner {
    /// From the two halves of an Ed25519 key (32 bytes each, the first the secret seed of RFC 8032).
    ///
    /// # Errors
    /// When the origin cannot be a key's name: it is empty, or has white space or a `+`.
    pub fn new(origin: &str, seed: &[u8; 32], public_key: &[u8; 32]) -> Result<Self, KeyError> {
        let public = key_bytes(public_key);
        let id = key_id(origin, &public);
        let secret = format!("PRIVATE+KEY+{origin}+{id:08x}+{}", base64(&key_bytes(seed)));
        let signer = StandardSigner::new(&secret).map_err(|_| KeyError)?;
        Ok(Self { origin: origin.to_owned(), signer, key: format!("{origin}+{id:08x}+{}", base64(&public)) })
    }

    /// What verifies it: the verifier key of signed-note, which is public.
    #[must_use]
    pub fn verifier_key(&self) -> &str {
        &self.key
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
        note.add_sigs(&[&self.signer]).expect("a name that is a key's signs");
        String::from_utf8(note.to_bytes()).expect("a note is text")
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
        let known = VerifierList::new(keys.iter().map(|key| Box::new(key.0.clone()) as _).collect());
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
        note.add_sigs(&[&signer.signer]).expect("signs");
        let note = String::from_utf8(note.to_bytes()).expect("text");
        assert!(matches!(Head::open(&note, &[key(&signer)]), Err(NoteError::OtherLog { .. })));
    }

    #[test]
    fn an_origin_that_is_no_key_name_is_refused() {
        for origin in ["", "a b", "a+b"] {
            assert!(CheckpointSigner::new(origin, &bytes(SEED), &bytes(PUBLIC)).is_err(), "{origin:?}");
        }
    }
}
