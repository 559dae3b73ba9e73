//! ChangeMemberRole: give a member another role. The last owner stays one.

use domain::{Organization, OrganizationEvent, events::MemberRoleChanged, ids::MemberId, organization::Role};

use super::OrganizationContext;
use crate::{Code, Rejection};

/// Give a member, or who was asked to become one, another role.
#[derive(Debug, Clone, PartialEq)]
pub struct ChangeMemberRole {
    /// Who.
    pub member: MemberId,
    /// As what from now on.
    pub role: Role,
}

impl ChangeMemberRole {
    pub(super) fn decide(
        &self,
        organization: &Organization,
        context: &OrganizationContext,
    ) -> Result<Vec<OrganizationEvent>, Rejection> {
        context.by_owner()?;
        let member = organization.member(self.member).ok_or(Rejection::NotFound)?;
        if member.role == self.role {
            return Ok(Vec::new());
        }
        if organization.is_last_owner(self.member) {
            return Err(last_owner());
        }
        Ok(vec![MemberRoleChanged { member: self.member, from: member.role, to: self.role }.into()])
    }
}

/// That an organization is never without an owner.
pub(super) fn last_owner() -> Rejection {
    Rejection::rule(Code::LastOwner, "This is the only owner; make somebody else an owner first.")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::organization::specification::{OWNER, accept, given, invite, member};

    fn change(member: MemberId, role: Role) -> ChangeMemberRole {
        ChangeMemberRole { member, role }
    }

    #[test]
    fn the_event_says_from_what_to_what() {
        let expected = MemberRoleChanged { member: member(1), from: Role::Seller, to: Role::Auditor };
        let joined = given::owned().and(invite(1, Role::Seller)).and(accept(1));
        joined.clone().when(change(member(1), Role::Auditor)).then([expected.into()]);
        joined.when(change(member(1), Role::Seller)).then([]);
    }

    #[test]
    fn the_last_owner_stays_one_while_another_was_only_asked() {
        let asked = given::owned().and(invite(1, Role::Owner));
        asked.clone().when(change(OWNER, Role::Manager)).then_rejected(Code::LastOwner);
        let two = asked.and(accept(1)).and(change(OWNER, Role::Manager));
        two.when(change(member(1), Role::Seller)).then_rejected(Code::LastOwner);
    }

    #[test]
    fn a_stranger_has_no_role_and_a_manager_gives_none() {
        given::owned().when(change(member(9), Role::Seller)).then_not_found();
        given::owned().by(Role::Manager).when(change(OWNER, Role::Seller)).then_forbidden();
    }
}
