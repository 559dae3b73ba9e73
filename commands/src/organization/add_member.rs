//! AddMember: make somebody a member without asking them: the first owner at set-up, of a demo, of a founded organization.

use domain::{
    Organization, OrganizationEvent,
    events::MemberAdded,
    ids::{AccountId, MemberId},
    organization::Role,
};

use super::OrganizationContext;
use crate::{Code, Rejection};

/// Make somebody a member without asking them.
#[derive(Debug, Clone, PartialEq)]
pub struct AddMember {
    /// Who; in the vault, the person.
    pub member: MemberId,
    /// As what.
    pub role: Role,
    /// By what they sign in.
    pub account: AccountId,
}

impl AddMember {
    pub(super) fn decide(
        &self,
        organization: &Organization,
        context: &OrganizationContext,
    ) -> Result<Vec<OrganizationEvent>, Rejection> {
        // The installation itself may: nobody of a new organization could.
        if context.role.is_some() {
            context.by_owner()?;
        }
        if organization.member(self.member).is_some() || organization.member_of(self.account).is_some() {
            return Err(already_member());
        }
        Ok(vec![MemberAdded { member: self.member, role: self.role, account: self.account }.into()])
    }
}

/// That nobody belongs to an organization twice.
pub(super) fn already_member() -> Rejection {
    Rejection::rule(Code::AlreadyMember, "They belong to the organization already; change their role instead.")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::organization::specification::{OWNER, OWNERS_ACCOUNT, account, given, member};

    #[test]
    fn the_installation_adds_the_first_owner() {
        let command = AddMember { member: member(7), role: Role::Owner, account: account(7) };
        let expected = MemberAdded { member: member(7), role: Role::Owner, account: account(7) };
        given::founded().by_nobody().when(command).then([expected.into()]);
    }

    #[test]
    fn nobody_is_a_member_twice() {
        let again = AddMember { member: member(7), role: Role::Seller, account: OWNERS_ACCOUNT };
        given::owned().when(again).then_rejected(Code::AlreadyMember);
        let same = AddMember { member: OWNER, role: Role::Seller, account: account(7) };
        given::owned().when(same).then_rejected(Code::AlreadyMember);
    }

    #[test]
    fn a_manager_adds_nobody() {
        let command = AddMember { member: member(7), role: Role::Seller, account: account(7) };
        given::owned().by(Role::Manager).when(command).then_forbidden();
    }
}
