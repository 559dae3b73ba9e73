//! NoteFailedSignIns: record that somebody failed to sign in as a member. One record may stand for many, so that an attacker
//! does not fill the log.

use domain::{Organization, OrganizationEvent, events::SignInsFailed, ids::MemberId};

use super::{OrganizationContext, note_sign_ins::is_of};
use crate::Rejection;

/// Record that somebody failed to sign in as a member.
#[derive(Debug, Clone, PartialEq)]
pub struct NoteFailedSignIns {
    /// As whom.
    pub member: MemberId,
    /// How often since the last record.
    pub attempts: u32,
}

impl NoteFailedSignIns {
    pub(super) fn decide(
        &self,
        organization: &Organization,
        _: &OrganizationContext,
    ) -> Result<Vec<OrganizationEvent>, Rejection> {
        if !is_of(organization, self.member)? || self.attempts == 0 {
            return Ok(Vec::new());
        }
        Ok(vec![SignInsFailed { member: self.member, attempts: self.attempts }.into()])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::organization::specification::{OWNER, given, member};

    #[test]
    fn failures_are_noted_with_their_number() {
        let note = |attempts| NoteFailedSignIns { member: OWNER, attempts };
        given::owned().by_nobody().when(note(12)).then([SignInsFailed { member: OWNER, attempts: 12 }.into()]);
        given::owned().by_nobody().when(note(0)).then([]);
        given::owned().when(NoteFailedSignIns { member: member(9), attempts: 1 }).then_not_found();
    }
}
