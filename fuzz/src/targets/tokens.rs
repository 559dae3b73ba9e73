//! Tokens of keys, devices and links: a text is hashed as the one kind that its first characters name, if it may be one at
//! all, and what is made of random bytes always may.

use std::fmt::Write as _;

use identity::TokenKind;

const KINDS: [TokenKind; 6] = [
    TokenKind::ApiKey,
    TokenKind::Device,
    TokenKind::Pairing,
    TokenKind::Invitation,
    TokenKind::PasswordReset,
    TokenKind::Setup,
];

/// Three characters, and 256 bits in base64url.
const CHARACTERS_MAX: usize = 46;

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

pub fn run(data: &[u8]) {
    if let Ok(text) = std::str::from_utf8(data) {
        check(text);
    }
    let random: String = data.iter().take(43).map(|byte| char::from(ALPHABET[usize::from(*byte) % 64])).collect();
    for kind in KINDS {
        let token = format!("{}{random}", kind.prefix());
        assert!(kind.hash(&token).is_some(), "{token}");
        check(&token);
    }
}

fn check(text: &str) {
    let kind = TokenKind::of(text);
    let hashes: Vec<_> = KINDS.into_iter().filter_map(|kind| Some((kind, kind.hash(text)?))).collect();
    let Some((taken, hash)) = hashes.first() else { return };
    assert_eq!((hashes.len(), kind), (1, Some(*taken)), "{text:?} is of one kind");
    assert!(text.len() <= CHARACTERS_MAX && text.is_ascii(), "{text:?}");
    let mut other = text.to_owned();
    other.pop();
    let _ = write!(other, "{}", if text.ends_with('x') { 'y' } else { 'x' });
    assert_ne!(taken.hash(&other), Some(*hash));
}
