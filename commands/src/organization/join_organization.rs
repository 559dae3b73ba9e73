//! JoinOrganization: accept an invitation. Whoever knows its secret is the one who was asked.

use domain::{
    Organization, OrganizationEvent,
    events::MemberJoined,
    ids::{AccountId, InvitationId},
    organization::InvitationState,
};

use super::{OrganizationContext, add_member::already_member};
use crate::{Code, Rejection};

/// Accept an invitation.
#[derive(Debug, Clone, PartialEq)]
pub struct JoinOrganization {
    /// Which.
    pub invitation: InvitationId,
    /// By what the new member signs in.
    pub account: AccountId,
}

impl JoinOrganization {
    pub(super) fn decide(
        &self,
        organization: &Organization,
        context: &OrganizationContext,
    ) -> Result<Vec<OrganizationEvent>, Rejection> {
        let invitation = organization.invitation(self.invitation).ok_or(Rejection::NotFound)?;
        let expired = || {
            Rejection::rule(Code::InvitationExpired, "The invitation is no longer open; ask an owner for a new one.")
        };
        match invitation.state {
            InvitationState::Used => {
                return Err(Rejection::rule(Code::InvitationUsed, "The invitation was accepted already; sign in."));
            }
            InvitationState::Withdrawn => return Err(expired()),
            InvitationState::Open if context.now >= invitation.expires_at => return Err(expired()),
            InvitationState::Open => {}
        }
        if organization.member_of(self.account).is_some() {
            return Err(already_member());
        }
        Ok(vec![MemberJoined { member: invitation.member, account: self.account, invitation: self.invitation }.into()])
    }
}

#[cfg(test)]
mod tests {
    use domain::organization::Role;

    use super::*;
    use crate::organization::{
        remove_member::RemoveMember,
        specification::{OWNERS_ACCOUNT, accept, account, given, invitation, invite, member},
    };

    #[test]
    fn who_was_asked_joins_once() {
        let invited = given::owned().and(invite(1, Role::Seller)).by_nobody();
        let joined = MemberJoined { member: member(1), account: account(1), invitation: invitation(1) };
        invited.clone().when(accept(1)).then([joined.into()]);
        invited.and(accept(1)).when(accept(1)).then_rejected(Code::InvitationUsed);
    }

    #[test]
    fn an_invitation_ends_after_a_week_or_with_its_withdrawal() {
        let invited = given::owned().and(invite(1, Role::Seller));
        invited.clone().at(604_799).by_nobody().and(accept(1));
        invited.clone().at(604_800).by_nobody().when(accept(1)).then_rejected(Code::InvitationExpired);
        let withdrawn = invited.and(RemoveMember { member: member(1) });
        withdrawn.by_nobody().when(accept(1)).then_rejected(Code::InvitationExpired);
    }

    #[test]
    fn an_account_is_a_member_once() {
        let own = JoinOrganization { account: OWNERS_ACCOUNT, ..accept(1) };
        given::owned().and(invite(1, Role::Seller)).by_nobody().when(own).then_rejected(Code::AlreadyMember);
    }

    #[test]
    fn there_is_no_invitation_that_nobody_made() {
        given::owned().by_nobody().when(accept(1)).then_not_found();
    }
}
