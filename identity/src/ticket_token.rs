//! Ticket tokens: the text in a ticket's QR code, a compact JWS (RFC 7515) with EdDSA over Ed25519 (RFC 8037).
//!
//! The form is in `api.md`, "Ticket tokens". The same ticket, key, time and issue number always give the same token:
//! members stand in a fixed order, and Ed25519 needs no randomness. Verifying takes any text of any length and only
//! says whether a key of this installation signed it; whether the ticket is valid, the show's desk knows.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use ed25519_dalek::{Signature, Signer, SigningKey};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// The longest token, in characters: a QR code of 30 mm at 203 dpi must still scan.
pub const TOKEN_CHARACTERS_MAX: usize = 260;

/// The last second with eleven digits (in the year 5138): with one digit more, a token could be too long.
const ISSUED_AT_SECONDS_MAX: i64 = 99_999_999_999;

/// What a token says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TicketClaims {
    /// The ticket (`sub`).
    pub ticket: Uuid,
    /// The show (`aud`).
    pub show: Uuid,
    /// When this issue was made (`iat`), in whole seconds: a fraction is dropped.
    pub issued_at: DateTime<Utc>,
    /// Which issue of the ticket this is (`n`); a reissue raises it.
    pub issue_number: u32,
}

/// Why a token could not be signed.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignError {
    /// There is no such key, or it was revoked: the ticket has to be reissued under the current key.
    #[error("no key {0} signs")]
    NoSuchKey(String),
    /// The time lies before 1970 or beyond the year 5138.
    #[error("{0} is no time that a token can say")]
    Time(DateTime<Utc>),
}

/// Why a text is no token of this installation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// It is not of the form at all.
    #[error("this is no ticket token")]
    Malformed,
    /// It names a key that is not this installation's.
    #[error("the token's key is unknown")]
    UnknownKey,
    /// It names a key that was revoked.
    #[error("the token's key was revoked")]
    RevokedKey,
    /// Its key did not sign it.
    #[error("the token's signature is wrong")]
    BadSignature,
}

/// What may be done with a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum KeyState {
    /// Signs new tickets.
    Active,
    /// Signs again the tickets it signed, and verifies.
    Retired,
    /// Does nothing any more.
    Revoked,
}

/// The keys that sign tickets, opened and in memory.
pub struct TicketKeys {
    keys: BTreeMap<String, (KeyState, SigningKey)>,
    current: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Header<'text> {
    alg: &'text str,
    kid: &'text str,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Claims<'text> {
    sub: &'text str,
    aud: &'text str,
    iat: i64,
    n: u32,
}

impl TicketKeys {
    /// Keys by their ids, of which `current`, an active one, signs new tickets.
    pub(crate) fn new(current: SigningKey, others: impl IntoIterator<Item = (KeyState, SigningKey)>) -> Self {
        let current_kid = kid_of(&current);
        let mut keys: BTreeMap<_, _> = others.into_iter().map(|(state, key)| (kid_of(&key), (state, key))).collect();
        keys.insert(current_kid.clone(), (KeyState::Active, current));
        Self { keys, current: current_kid }
    }

    /// The key for new tickets: 8 characters, recorded with the ticket.
    #[must_use]
    pub fn current_kid(&self) -> &str {
        &self.current
    }

    /// The token of a ticket, at most [`TOKEN_CHARACTERS_MAX`] characters. `kid` is what the ticket's event recorded.
    ///
    /// # Errors
    /// [`SignError`] when the key is unknown or revoked, or the time out of range.
    pub fn sign(&self, claims: &TicketClaims, kid: &str) -> Result<String, SignError> {
        let key = match self.keys.get(kid) {
            Some((KeyState::Active | KeyState::Retired, key)) => key,
            Some((KeyState::Revoked, _)) | None => return Err(SignError::NoSuchKey(kid.to_owned())),
        };
        let iat = claims.issued_at.timestamp();
        if !(0..=ISSUED_AT_SECONDS_MAX).contains(&iat) {
            return Err(SignError::Time(claims.issued_at));
        }
        let (sub, aud) = (short(claims.ticket), short(claims.show));
        let header = encode(&Header { alg: "EdDSA", kid });
        let payload = encode(&Claims { sub: &sub, aud: &aud, iat, n: claims.issue_number });
        let mut token = format!("{header}.{payload}");
        let signature = key.sign(token.as_bytes());
        token.push('.');
        URL_SAFE_NO_PAD.encode_string(signature.to_bytes(), &mut token);
        Ok(token)
    }

    /// What `text` says, if a key of this installation signed it.
    ///
    /// # Errors
    /// [`TokenError`] for everything else, whatever it is.
    pub fn verify(&self, text: &str) -> Result<TicketClaims, TokenError> {
        if text.len() > TOKEN_CHARACTERS_MAX {
            return Err(TokenError::Malformed);
        }
        let (signed, signature) = text.rsplit_once('.').ok_or(TokenError::Malformed)?;
        let (header, payload) = signed.split_once('.').ok_or(TokenError::Malformed)?;
        let (header, payload, signature) = (decode(header)?, decode(payload)?, decode(signature)?);
        let header: Header<'_> = serde_json::from_slice(&header).map_err(|_| TokenError::Malformed)?;
        if header.alg != "EdDSA" {
            return Err(TokenError::Malformed);
        }
        let key = match self.keys.get(header.kid) {
            Some((KeyState::Active | KeyState::Retired, key)) => key,
            Some((KeyState::Revoked, _)) => return Err(TokenError::RevokedKey),
            None => return Err(TokenError::UnknownKey),
        };
        let signature = Signature::from_slice(&signature).map_err(|_| TokenError::Malformed)?;
        key.verifying_key().verify_strict(signed.as_bytes(), &signature).map_err(|_| TokenError::BadSignature)?;
        let claims: Claims<'_> = serde_json::from_slice(&payload).map_err(|_| TokenError::Malformed)?;
        Ok(TicketClaims {
            ticket: long(claims.sub)?,
            show: long(claims.aud)?,
            issued_at: DateTime::from_timestamp(claims.iat, 0).ok_or(TokenError::Malformed)?,
            issue_number: claims.n,
        })
    }

    /// The public keys as a JSON Web Key Set (RFC 7517): all but the revoked ones, by key id.
    #[must_use]
    pub fn jwks(&self) -> serde_json::Value {
        let keys: Vec<_> = self
            .keys
            .iter()
            .filter(|(_, (state, _))| *state != KeyState::Revoked)
            .map(|(kid, (_, key))| {
                let x = URL_SAFE_NO_PAD.encode(key.verifying_key().as_bytes());
                serde_json::json!({"kty": "OKP", "crv": "Ed25519", "x": x, "kid": kid, "alg": "EdDSA", "use": "sig"})
            })
            .collect();
        serde_json::json!({ "keys": keys })
    }
}

/// A key's id: the first 8 characters of its thumbprint (RFC 7638, with the members of RFC 8037), so that whoever has
/// the public key can tell.
pub(crate) fn kid_of(key: &SigningKey) -> String {
    let x = URL_SAFE_NO_PAD.encode(key.verifying_key().as_bytes());
    let thumbprint = Sha256::digest(format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}"#));
    let mut kid = URL_SAFE_NO_PAD.encode(thumbprint);
    kid.truncate(8);
    kid
}

fn encode(part: &impl Serialize) -> String {
    let json = serde_json::to_vec(part).expect("structs of strings and integers always serialize");
    URL_SAFE_NO_PAD.encode(json)
}

fn decode(part: &str) -> Result<Vec<u8>, TokenError> {
    URL_SAFE_NO_PAD.decode(part).map_err(|_| TokenError::Malformed)
}

/// 22 characters of base64url instead of the usual 36.
fn short(id: Uuid) -> String {
    URL_SAFE_NO_PAD.encode(id.as_bytes())
}

fn long(text: &str) -> Result<Uuid, TokenError> {
    Uuid::from_slice(&decode(text)?).map_err(|_| TokenError::Malformed)
}

#[cfg(test)]
mod tests;
