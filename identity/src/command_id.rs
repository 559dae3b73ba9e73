//! Keyed names: command ids, the HMAC of requests, and the keys of short codes.
//!
//! A command id is a UUIDv8 (RFC 9562, section 5.8) whose 122 free bits are the start of an HMAC-SHA-256 over the
//! caller's scope, the method, the path and the idempotency key; of a scan, over the show and the scan's own id. It is
//! keyed because an idempotency key may hold anything, also a person's address, and a plain hash of that in the log
//! would be personal data for ever. The same holds for the HMAC of a request's body.

use hmac::Mac;
use uuid::Uuid;

use crate::installation::{Purpose, SecretKey, keyed_hash};

/// Makes command ids and the HMACs of requests.
#[derive(Clone)]
pub struct CommandIds {
    ids: [u8; 32],
    requests: [u8; 32],
}

/// Makes the keys from which a show's short codes are drawn.
#[derive(Clone)]
pub struct CodeKeys {
    codes: [u8; 32],
}

impl CommandIds {
    /// Those of an installation.
    #[must_use]
    pub fn new(secret: &SecretKey) -> Self {
        Self { ids: secret.derive(Purpose::CommandIds), requests: secret.derive(Purpose::Requests) }
    }

    /// The id of a command with an `Idempotency-Key`. `scope` is [`crate::Caller::idempotency_scope`], or narrower
    /// where `api.md` says so; `path` is without query and with ids, never slugs.
    #[must_use]
    pub fn of_request(&self, scope: &str, method: &str, path: &str, key: &str) -> Uuid {
        self.name(&[b"request", scope.as_bytes(), method.as_bytes(), path.as_bytes(), key.as_bytes()])
    }

    /// The id of a check-in: a scan is one fact of its show, whichever path, caller or body brings it.
    #[must_use]
    pub fn of_scan(&self, show: Uuid, scan: Uuid) -> Uuid {
        self.name(&[b"scan", show.as_bytes(), scan.as_bytes()])
    }

    /// The id of an installation's first organization: nodes that start together found the same one.
    #[must_use]
    pub fn first_organization(&self) -> Uuid {
        uuid::Builder::from_bytes(self.name(&[b"first organization"]).into_bytes())
            .with_version(uuid::Version::SortRand)
            .into_uuid()
    }

    /// HMAC-SHA-256 of a request's body in its canonical form, by which the same key with another body is noticed.
    #[must_use]
    pub fn request_hmac(&self, canonical_body: &[u8]) -> [u8; 32] {
        keyed_hash(&self.requests, &[canonical_body]).finalize().into_bytes().into()
    }

    fn name(&self, parts: &[&[u8]]) -> Uuid {
        let hash: [u8; 32] = keyed_hash(&self.ids, parts).finalize().into_bytes().into();
        Uuid::new_v8(std::array::from_fn(|index| hash[index]))
    }
}

impl CodeKeys {
    /// Those of an installation.
    #[must_use]
    pub fn new(secret: &SecretKey) -> Self {
        Self { codes: secret.derive(Purpose::Codes) }
    }

    /// The 256-bit key that spreads the short codes of `show`: without it the next code cannot be counted out.
    #[must_use]
    pub fn of_show(&self, show: Uuid) -> [u8; 32] {
        keyed_hash(&self.codes, &[show.as_bytes()]).finalize().into_bytes().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret() -> SecretKey {
        SecretKey::parse("a secret of this installation, and of no other").unwrap()
    }

    #[test]
    fn a_command_id_is_a_uuid_v8_and_always_the_same() {
        let ids = CommandIds::new(&secret());
        let id = ids.of_request("staff/1/admin", "POST", "/api/v1/shows", "key");
        assert_eq!(id.get_version_num(), 8);
        assert_eq!(id.get_variant(), uuid::Variant::RFC4122);
        assert_eq!(id, CommandIds::new(&secret()).of_request("staff/1/admin", "POST", "/api/v1/shows", "key"));
        // Pinned: a changed derivation would forget every idempotency key in every log.
        assert_eq!(id.to_string(), "ebd48e8f-62ca-862a-953a-f1419ce927b3");
    }

    #[test]
    fn parts_do_not_run_into_each_other() {
        let ids = CommandIds::new(&secret());
        assert_ne!(ids.of_request("a", "POST", "/b", "c"), ids.of_request("a", "POST", "/", "bc"));
    }

    #[test]
    fn a_scan_belongs_to_its_show() {
        let ids = CommandIds::new(&secret());
        let (one, other) = (Uuid::from_u128(1), Uuid::from_u128(2));
        assert_ne!(ids.of_scan(one, other), ids.of_scan(other, one));
        assert_ne!(ids.of_scan(one, one), ids.of_scan(other, one));
    }

    #[test]
    fn shows_have_code_keys_of_their_own() {
        let keys = CodeKeys::new(&secret());
        assert_ne!(keys.of_show(Uuid::from_u128(1)), keys.of_show(Uuid::from_u128(2)));
        // Pinned: a changed key would draw the codes of shows on sale anew, and hit ones that are taken.
        let pinned = "458c521d60c94847c2ed8bd207d9c1b1237ba3f358236e46057749fed9b3ec5a";
        assert_eq!(hex::encode(keys.of_show(Uuid::from_u128(1))), pinned);
        assert_ne!(CommandIds::new(&secret()).request_hmac(b"{}"), CommandIds::new(&secret()).request_hmac(b"[]"));
    }
}
