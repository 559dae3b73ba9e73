//! RotateApiKey: let another key take over from a key, which is still taken for a while, so that no program stands still.
//! The successor may what the key may, and ends when it would have ended.

use chrono::TimeDelta;
use domain::{
    Organization, OrganizationEvent,
    events::{ApiKeyIssued, ApiKeyRetired},
    ids::ApiKeyId,
};

use super::OrganizationContext;
use crate::{Code, Rejection};

/// How long the old key is still taken unless who asks says otherwise, in seconds: a day.
pub const OVERLAP_SECONDS: u32 = 86_400;
/// The longest that the old key is still taken, in seconds: a week.
pub const OVERLAP_SECONDS_MAX: u32 = 604_800;

/// Let another key take over from a key.
#[derive(Debug, Clone, PartialEq)]
pub struct RotateApiKey {
    /// The key.
    pub key: ApiKeyId,
    /// The new one's id.
    pub successor: ApiKeyId,
    /// How long the old one is still taken, in seconds; 0: no longer.
    pub overlap_seconds: u32,
}

impl RotateApiKey {
    pub(super) fn decide(
        &self,
        organization: &Organization,
        context: &OrganizationContext,
    ) -> Result<Vec<OrganizationEvent>, Rejection> {
        // What is over is not among the keys any more.
        let key = organization.key(self.key).filter(|key| key.is_live(context.now)).ok_or(Rejection::NotFound)?;
        context.may_give(key.role)?;
        if self.overlap_seconds > OVERLAP_SECONDS_MAX {
            let detail = format!("must be from 0 to {OVERLAP_SECONDS_MAX} seconds");
            return Err(Rejection::invalid("/overlap_seconds", detail));
        }
        if key.successor.is_some() {
            return Err(Rejection::rule(
                Code::AlreadyRotated,
                "Another key takes over from this one; rotate that one.",
            ));
        }
        let overlap = context.now + TimeDelta::seconds(i64::from(self.overlap_seconds));
        let issued = ApiKeyIssued {
            key: self.successor,
            name: key.name,
            role: key.role,
            shows: key.shows.clone(),
            expires_at: key.ends_at,
            replaces: Some(self.key),
        };
        let retired = ApiKeyRetired {
            key: self.key,
            ends_at: key.ends_at.map_or(overlap, |end| end.min(overlap)),
            successor: self.successor,
        };
        Ok(vec![issued.into(), retired.into()])
    }
}

#[cfg(test)]
mod tests {
    use domain::organization::Role;

    use super::*;
    use crate::organization::{
        issue_api_key::IssueApiKey,
        revoke_api_key::RevokeApiKey,
        specification::{at, given, issue, key, show},
    };

    fn rotate(overlap_seconds: u32) -> RotateApiKey {
        RotateApiKey { key: key(1), successor: key(2), overlap_seconds }
    }

    #[test]
    fn both_keys_are_taken_while_they_overlap() {
        let bound = IssueApiKey { shows: Some(vec![show(1)]), ..issue(1, Role::Seller) };
        let rotated = given::owned().and(bound).and(rotate(60));
        let organization = rotated.organization();
        let live = |number, seconds| organization.key(key(number)).is_some_and(|key| key.is_live(at(seconds)));
        assert!(live(1, 59) && !live(1, 60) && live(2, 60));
        let successor = organization.key(key(2)).unwrap();
        assert_eq!((successor.role, successor.shows.as_deref()), (Role::Seller, Some(&[show(1)][..])));
        assert_eq!(successor.replaces, Some(key(1)));
    }

    #[test]
    fn a_successor_lives_no_longer_than_the_key_would_have() {
        let ending = IssueApiKey { expires_at: Some(at(30)), ..issue(1, Role::Seller) };
        let rotated = given::owned().and(ending).and(rotate(60));
        for number in [1, 2] {
            assert_eq!(rotated.organization().key(key(number)).unwrap().ends_at, Some(at(30)));
        }
    }

    #[test]
    fn a_key_is_rotated_once_and_not_after_its_end() {
        let issued = given::owned().and(issue(1, Role::Seller));
        let third = RotateApiKey { successor: key(3), ..rotate(60) };
        issued.clone().and(rotate(60)).when(third.clone()).then_rejected(Code::AlreadyRotated);
        issued.clone().and(rotate(60)).at(60).when(third).then_not_found();
        issued.clone().and(RevokeApiKey { key: key(1) }).when(rotate(60)).then_not_found();
        issued.when(rotate(604_801)).then_invalid(&["/overlap_seconds"]);
    }

    #[test]
    fn a_manager_does_not_rotate_an_owners_key() {
        given::owned().and(issue(1, Role::Owner)).by(Role::Manager).when(rotate(0)).then_forbidden();
    }
}
