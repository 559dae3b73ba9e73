//! InviteMember: ask somebody to become a member. The invitation works once, for a week; asking again makes a new one, and
//! the earlier one works no more.

use chrono::TimeDelta;
use domain::{
    Organization, OrganizationEvent,
    events::{MemberInvited, MemberRemoved},
    ids::{InvitationId, MemberId},
    organization::{Membership, Role},
};

use super::{OrganizationContext, add_member::already_member};
use crate::Rejection;

/// How long an invitation may be accepted, in days.
pub const INVITATION_DAYS: i64 = 7;

/// Ask somebody to become a member.
#[derive(Debug, Clone, PartialEq)]
pub struct InviteMember {
    /// Who; in the vault, the person. Somebody who was asked and has not accepted is asked anew.
    pub member: MemberId,
    /// As what.
    pub role: Role,
    /// The new invitation.
    pub invitation: InvitationId,
    /// Whether another one who belongs to the organization has this e-mail address, which only the vault knows.
    pub email_known: bool,
}

impl InviteMember {
    pub(super) fn decide(
        &self,
        organization: &Organization,
        context: &OrganizationContext,
    ) -> Result<Vec<OrganizationEvent>, Rejection> {
        context.by_owner()?;
        let earlier = organization.member(self.member);
        let is_member = earlier.is_some_and(|member| matches!(member.membership, Membership::Active(_)));
        if is_member || self.email_known {
            return Err(already_member());
        }
        let withdrawn = earlier.map(|member| MemberRemoved { member: member.id }.into());
        let invited = MemberInvited {
            member: self.member,
            role: self.role,
            invitation: self.invitation,
            expires_at: context.now + TimeDelta::days(INVITATION_DAYS),
        };
        Ok(withdrawn.into_iter().chain([invited.into()]).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Code,
        organization::specification::{OWNER, accept, at, given, invitation, invite, member},
    };

    #[test]
    fn an_invitation_is_open_for_a_week() {
        let expected =
            MemberInvited { member: member(1), role: Role::Seller, invitation: invitation(1), expires_at: at(604_800) };
        given::owned().when(invite(1, Role::Seller)).then([expected.into()]);
    }

    #[test]
    fn who_belongs_to_it_is_not_asked() {
        let again = InviteMember { member: OWNER, ..invite(1, Role::Seller) };
        given::owned().when(again).then_rejected(Code::AlreadyMember);
        let known = InviteMember { email_known: true, ..invite(1, Role::Seller) };
        given::owned().when(known).then_rejected(Code::AlreadyMember);
    }

    #[test]
    fn who_is_asked_again_accepts_by_the_new_invitation_alone() {
        let again = InviteMember { invitation: invitation(2), ..invite(1, Role::Manager) };
        let twice = given::owned().and(invite(1, Role::Seller)).and(again);
        twice.clone().by_nobody().when(accept(1)).then_rejected(Code::InvitationExpired);
        let joined = twice.by_nobody().and(accept(2));
        assert_eq!(joined.organization().member(member(1)).map(|member| member.role), Some(Role::Manager));
    }

    #[test]
    fn only_owners_invite() {
        for role in Role::ALL.into_iter().filter(|role| *role != Role::Owner) {
            given::owned().by(role).when(invite(1, Role::Analyst)).then_forbidden();
        }
        given::owned().by_nobody().when(invite(1, Role::Analyst)).then_forbidden();
    }
}
