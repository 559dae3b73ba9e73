//! NoteSignIns: record that a member signed in. One record may stand for many, so that nobody fills the log by signing in.

use domain::{Organization, OrganizationEvent, events::SignedIn, ids::MemberId};

use super::OrganizationContext;
use crate::Rejection;

/// Record that a member signed in.
#[derive(Debug, Clone, PartialEq)]
pub struct NoteSignIns {
    /// Who.
    pub member: MemberId,
    /// How often since the last record.
    pub sessions: u32,
}

impl NoteSignIns {
    pub(super) fn decide(
        &self,
        organization: &Organization,
        _: &OrganizationContext,
    ) -> Result<Vec<OrganizationEvent>, Rejection> {
        if !is_of(organization, self.member)? || self.sessions == 0 {
            return Ok(Vec::new());
        }
        Ok(vec![SignedIn { member: self.member, sessions: self.sessions }.into()])
    }
}

/// Whether somebody still belongs to the organization: they may have gone between what is noted and the note.
pub(super) fn is_of(organization: &Organization, member: MemberId) -> Result<bool, Rejection> {
    if organization.was_member(member) {
        return Ok(false);
    }
    organization.member(member).map(|_| true).ok_or(Rejection::NotFound)
}

#[cfg(test)]
mod tests {
    use domain::organization::Role;

    use super::*;
    use crate::organization::{
        remove_member::RemoveMember,
        specification::{OWNER, accept, given, invite, member},
    };

    #[test]
    fn sign_ins_are_noted_with_their_number() {
        let note = |sessions| NoteSignIns { member: OWNER, sessions };
        given::owned().by_nobody().when(note(3)).then([SignedIn { member: OWNER, sessions: 3 }.into()]);
        given::owned().by_nobody().when(note(0)).then([]);
    }

    #[test]
    fn who_has_gone_meanwhile_is_not_noted_and_a_stranger_not_found() {
        let joined = given::owned().and(invite(1, Role::Seller)).and(accept(1));
        let note = NoteSignIns { member: member(1), sessions: 1 };
        joined.and(RemoveMember { member: member(1) }).when(note.clone()).then([]);
        given::owned().when(note).then_not_found();
    }
}
