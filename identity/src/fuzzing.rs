//! What the targets of `fuzz` cannot make from outside: keys that are always the same.

use ed25519_dalek::SigningKey;

use crate::ticket_token::{KeyState, TicketKeys, kid_of};

/// A key that signs, one that still verifies and one that was revoked.
#[must_use]
pub fn ticket_keys() -> TicketKeys {
    let [active, retired, revoked] = keys();
    TicketKeys::new(active, [(KeyState::Retired, retired), (KeyState::Revoked, revoked)])
}

/// The ids of those keys, in that order.
#[must_use]
pub fn ticket_key_ids() -> [String; 3] {
    keys().map(|key| kid_of(&key))
}

/// The token of a key while it was not revoked, whatever became of it.
///
/// # Errors
/// As [`TicketKeys::sign`].
pub fn token_before_revocation(claims: &crate::TicketClaims) -> Result<String, crate::SignError> {
    let [_, _, revoked] = keys();
    let kid = kid_of(&revoked);
    TicketKeys::new(revoked, []).sign(claims, &kid)
}

fn keys() -> [SigningKey; 3] {
    [1, 2, 3].map(|seed| SigningKey::from_bytes(&[seed; 32]))
}
