//! IssueApiKey: make a key by which a program asks. Nobody makes one that may more than they.

use domain::{
    FieldError, Organization, OrganizationEvent,
    events::ApiKeyIssued,
    ids::{ApiKeyId, ShowId, TextId},
    organization::Role,
    time::Time,
};

use super::{OrganizationContext, show_list::check_shows};
use crate::Rejection;

/// Make a key.
#[derive(Debug, Clone, PartialEq)]
pub struct IssueApiKey {
    /// Its id.
    pub key: ApiKeyId,
    /// What it is called, in the vault.
    pub name: TextId,
    /// What it may do.
    pub role: Role,
    /// At which shows, that the caller of this code knows to exist; none: at all.
    pub shows: Option<Vec<ShowId>>,
    /// The first moment at which it is no longer taken; none: it stays.
    pub expires_at: Option<Time>,
}

impl IssueApiKey {
    pub(super) fn decide(
        &self,
        _: &Organization,
        context: &OrganizationContext,
    ) -> Result<Vec<OrganizationEvent>, Rejection> {
        context.may_give(self.role)?;
        let mut errors = self.shows.as_deref().map(check_shows).unwrap_or_default();
        if self.expires_at.is_some_and(|expires| expires <= context.now) {
            errors.push(FieldError::at("/expires_at", "must be in the future"));
        }
        if !errors.is_empty() {
            return Err(Rejection::Invalid(errors));
        }
        Ok(vec![
            ApiKeyIssued {
                key: self.key,
                name: self.name,
                role: self.role,
                shows: self.shows.clone(),
                expires_at: self.expires_at,
                replaces: None,
            }
            .into(),
        ])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::organization::specification::{at, given, issue, key, show, text};

    #[test]
    fn a_key_has_a_role_shows_and_an_end() {
        let command = IssueApiKey { shows: Some(vec![show(1)]), expires_at: Some(at(60)), ..issue(1, Role::Analyst) };
        let expected = ApiKeyIssued {
            key: key(1),
            name: text(1),
            role: Role::Analyst,
            shows: Some(vec![show(1)]),
            expires_at: Some(at(60)),
            replaces: None,
        };
        given::owned().when(command).then([expected.into()]);
    }

    #[test]
    fn nobody_gives_a_key_above_their_own_role() {
        given::owned().by(Role::Manager).and(issue(1, Role::Manager));
        given::owned().by(Role::Manager).when(issue(1, Role::Owner)).then_forbidden();
        given::owned().by(Role::Seller).when(issue(1, Role::Analyst)).then_forbidden();
        given::owned().by_nobody().when(issue(1, Role::Analyst)).then_forbidden();
    }

    #[test]
    fn an_end_that_has_passed_and_shows_that_are_none_or_twice_are_refused() {
        let past = IssueApiKey { expires_at: Some(at(0)), ..issue(1, Role::Seller) };
        given::owned().when(past).then_invalid(&["/expires_at"]);
        let none = IssueApiKey { shows: Some(Vec::new()), ..issue(1, Role::Seller) };
        given::owned().when(none).then_invalid(&["/shows"]);
        let twice = IssueApiKey { shows: Some(vec![show(1), show(2), show(1)]), ..issue(1, Role::Seller) };
        given::owned().when(twice).then_invalid(&["/shows/2"]);
    }
}
