//! RemoveMember: let a member go, or withdraw an invitation. The last owner stays.

use domain::{Organization, OrganizationEvent, events::MemberRemoved, ids::MemberId};

use super::{OrganizationContext, change_member_role::last_owner};
use crate::Rejection;

/// Let a member go, or withdraw the invitation of who has not accepted it.
#[derive(Debug, Clone, PartialEq)]
pub struct RemoveMember {
    /// Who.
    pub member: MemberId,
}

impl RemoveMember {
    pub(super) fn decide(
        &self,
        organization: &Organization,
        context: &OrganizationContext,
    ) -> Result<Vec<OrganizationEvent>, Rejection> {
        context.by_owner()?;
        if organization.was_member(self.member) {
            return Ok(Vec::new());
        }
        organization.member(self.member).ok_or(Rejection::NotFound)?;
        if organization.is_last_owner(self.member) {
            return Err(last_owner());
        }
        Ok(vec![MemberRemoved { member: self.member }.into()])
    }
}

#[cfg(test)]
mod tests {
    use domain::organization::Role;

    use super::*;
    use crate::{
        Code,
        organization::{
            invite_member::InviteMember,
            specification::{OWNER, accept, given, invitation, invite, member},
        },
    };

    #[test]
    fn a_member_goes_once_and_may_come_back() {
        let remove = RemoveMember { member: member(1) };
        let joined = given::owned().and(invite(1, Role::Seller)).and(accept(1));
        joined.clone().when(remove.clone()).then([MemberRemoved { member: member(1) }.into()]);
        let gone = joined.and(remove.clone());
        gone.clone().when(remove).then([]);
        gone.and(InviteMember { invitation: invitation(2), ..invite(1, Role::Seller) });
    }

    #[test]
    fn the_last_owner_stays() {
        given::owned().when(RemoveMember { member: OWNER }).then_rejected(Code::LastOwner);
        let asked = given::owned().and(invite(1, Role::Owner));
        asked.when(RemoveMember { member: OWNER }).then_rejected(Code::LastOwner);
    }

    #[test]
    fn only_owners_let_anybody_go() {
        given::owned().by(Role::Manager).when(RemoveMember { member: OWNER }).then_forbidden();
        given::owned().when(RemoveMember { member: member(9) }).then_not_found();
    }
}
