//! RevokeApiKey: take a key no longer. Whoever may manage keys may end any of them: a key in wrong hands must not wait for
//! an owner.

use domain::{Organization, OrganizationEvent, events::ApiKeyRevoked, ids::ApiKeyId};

use super::OrganizationContext;
use crate::Rejection;

/// Take a key no longer.
#[derive(Debug, Clone, PartialEq)]
pub struct RevokeApiKey {
    /// Which.
    pub key: ApiKeyId,
}

impl RevokeApiKey {
    pub(super) fn decide(
        &self,
        organization: &Organization,
        _: &OrganizationContext,
    ) -> Result<Vec<OrganizationEvent>, Rejection> {
        let key = organization.key(self.key).ok_or(Rejection::NotFound)?;
        Ok(if key.revoked { Vec::new() } else { vec![ApiKeyRevoked { key: self.key }.into()] })
    }
}

#[cfg(test)]
mod tests {
    use domain::organization::Role;

    use super::*;
    use crate::organization::specification::{at, given, issue, key};

    #[test]
    fn a_key_is_revoked_once_by_a_manager_too() {
        let revoke = RevokeApiKey { key: key(1) };
        let issued = given::owned().and(issue(1, Role::Owner)).by(Role::Manager);
        let revoked = issued.and(revoke.clone());
        assert!(!revoked.organization().key(key(1)).unwrap().is_live(at(0)));
        revoked.when(revoke).then([]);
    }

    #[test]
    fn there_is_no_key_that_nobody_made() {
        given::owned().when(RevokeApiKey { key: key(9) }).then_not_found();
    }
}
