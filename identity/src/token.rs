//! Tokens that are shown once and stored as a hash: of API keys, devices, pairings and links.
//!
//! A token says by its first three characters what it is, so that people and secret scanners recognize it, and is random
//! behind them: nothing about its owner can be read from it, and nobody guesses one. 256 bits, of a pairing 128: that one
//! lives ten minutes and has to fit into a small QR code. Its SHA-256 is a primary key; being found by an index says
//! nothing about a hash that nobody can aim at, so no comparison here needs constant time.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

use crate::random::{self, NoRandomness};

/// The longest token: longer texts are none, and are not hashed.
const CHARACTERS_MAX: usize = 46;

/// What a token is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TokenKind {
    /// Of a program.
    ApiKey,
    /// Of a door's device.
    Device,
    /// By which a device becomes one.
    Pairing,
    /// By which somebody joins an organization.
    Invitation,
    /// By which somebody sets a new password.
    PasswordReset,
    /// By which an installation gets its owner.
    Setup,
}

/// A token that was just made. It has no `Debug`, so that it reaches no log.
pub struct NewToken {
    /// What its owner keeps; stored nowhere.
    pub text: String,
    /// SHA-256 of the text.
    pub hash: [u8; 32],
}

impl TokenKind {
    const ALL: [Self; 6] =
        [Self::ApiKey, Self::Device, Self::Pairing, Self::Invitation, Self::PasswordReset, Self::Setup];

    /// The first three characters.
    #[must_use]
    pub fn prefix(self) -> &'static str {
        match self {
            Self::ApiKey => "tk_",
            Self::Device => "td_",
            Self::Pairing => "tp_",
            Self::Invitation => "ti_",
            Self::PasswordReset => "tr_",
            Self::Setup => "ts_",
        }
    }

    /// What a text is by its first three characters.
    #[must_use]
    pub fn of(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| text.starts_with(kind.prefix()))
    }

    /// A new token of this kind.
    ///
    /// # Errors
    /// [`NoRandomness`].
    pub fn make(self) -> Result<NewToken, NoRandomness> {
        let random = match self {
            Self::Pairing => URL_SAFE_NO_PAD.encode(random::bytes::<16>()?),
            _ => URL_SAFE_NO_PAD.encode(random::bytes::<32>()?),
        };
        let text = format!("{}{random}", self.prefix());
        Ok(NewToken { hash: Sha256::digest(&text).into(), text })
    }

    /// The hash of a text, if it may be a token of this kind.
    #[must_use]
    pub fn hash(self, text: &str) -> Option<[u8; 32]> {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        let may_be = text.len() <= CHARACTERS_MAX && text.starts_with(self.prefix()) && text.bytes().all(plain);
        may_be.then(|| Sha256::digest(text).into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_known_by_its_kind_alone() -> anyhow::Result<()> {
        for kind in TokenKind::ALL {
            let token = kind.make()?;
            assert_eq!(token.text.len(), if kind == TokenKind::Pairing { 25 } else { 46 });
            assert_eq!(TokenKind::of(&token.text), Some(kind));
            assert_eq!(kind.hash(&token.text), Some(token.hash));
            assert_ne!(token.hash, kind.make()?.hash);
            for other in TokenKind::ALL.into_iter().filter(|other| *other != kind) {
                assert_eq!(other.hash(&token.text), None);
            }
        }
        Ok(())
    }

    #[test]
    fn what_cannot_be_a_token_is_not_hashed() {
        let long = format!("tk_{}", "a".repeat(44));
        for text in ["", "tk", "x", "tk_ä", "tk_a b", long.as_str()] {
            assert_eq!(TokenKind::ApiKey.hash(text), None, "{text}");
        }
    }
}
