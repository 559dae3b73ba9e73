//! ErasePerson: forget a person. Their entries in the vault, and what was typed about them, go with the event; the history
//! keeps an id that says nothing any more.
//!
//! Erasing somebody again is recorded again, as long as something is there: it may have been typed about them since.

use domain::{
    Organization, OrganizationEvent,
    events::PersonErased,
    ids::{MemberId, PersonId, TextId},
};

use super::OrganizationContext;
use crate::{Code, Rejection};

/// Forget a person.
#[derive(Debug, Clone, PartialEq)]
pub struct ErasePerson {
    /// Who.
    pub person: PersonId,
    /// Whether anything of them is in the vault, as the caller of this code saw it.
    pub known: bool,
    /// Why, in the vault.
    pub reason: Option<TextId>,
}

impl ErasePerson {
    pub(super) fn decide(
        &self,
        organization: &Organization,
        _: &OrganizationContext,
    ) -> Result<Vec<OrganizationEvent>, Rejection> {
        if !self.known {
            return Err(Rejection::NotFound);
        }
        if organization.member(MemberId(self.person.0)).is_some() {
            let detail = "They belong to the organization, or were asked to; remove them from its members first.";
            return Err(Rejection::rule(Code::StillAMember, detail));
        }
        Ok(vec![PersonErased { person: self.person, reason: self.reason }.into()])
    }
}

#[cfg(test)]
mod tests {
    use domain::organization::Role;

    use super::*;
    use crate::organization::{
        remove_member::RemoveMember,
        specification::{OWNER, given, invite, member, text},
    };

    fn erase(member: MemberId) -> ErasePerson {
        ErasePerson { person: PersonId(member.0), known: true, reason: Some(text(1)) }
    }

    #[test]
    fn a_customer_is_forgotten_as_often_as_it_is_asked() {
        let expected = PersonErased { person: PersonId(member(5).0), reason: Some(text(1)) };
        given::owned().and(erase(member(5))).when(erase(member(5))).then([expected.into()]);
    }

    #[test]
    fn nobody_is_forgotten_who_is_not_there() {
        given::owned().when(ErasePerson { known: false, ..erase(member(5)) }).then_not_found();
    }

    #[test]
    fn a_member_is_removed_before_they_are_forgotten() {
        given::owned().when(erase(OWNER)).then_rejected(Code::StillAMember);
        let invited = given::owned().and(invite(1, Role::Seller));
        invited.clone().when(erase(member(1))).then_rejected(Code::StillAMember);
        invited.and(RemoveMember { member: member(1) }).and(erase(member(1)));
    }
}
