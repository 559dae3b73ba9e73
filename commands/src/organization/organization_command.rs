//! Every command on an organization, and the way to its decision.

use domain::{Organization, OrganizationEvent, OrganizationState};

use super::{
    OrganizationContext, add_member::AddMember, change_member_role::ChangeMemberRole, change_settings::ChangeSettings,
    end_retention::EndRetention, end_text_retention::EndTextRetention, erase_person::ErasePerson,
    found_organization::FoundOrganization, invite_member::InviteMember, issue_api_key::IssueApiKey,
    join_organization::JoinOrganization, note_code_guessing::NoteCodeGuessing, note_failed_sign_ins::NoteFailedSignIns,
    note_sign_ins::NoteSignIns, offer_pairing::OfferPairing, pair_device::PairDevice, remove_member::RemoveMember,
    revoke_api_key::RevokeApiKey, revoke_device::RevokeDevice, rotate_api_key::RotateApiKey,
};
use crate::Rejection;

macro_rules! organization_commands {
    ($($name:ident),* $(,)?) => {
        /// What may be asked of an organization.
        #[derive(Debug, Clone, PartialEq)]
        #[expect(missing_docs, reason = "each variant is documented by the command of its name")]
        pub enum OrganizationCommand {
            FoundOrganization(Box<FoundOrganization>),
            ChangeSettings(Box<ChangeSettings>),
            $($name($name),)*
        }

        $(impl From<$name> for OrganizationCommand {
            fn from(command: $name) -> Self {
                Self::$name(command)
            }
        })*

        fn decide_on(
            organization: &Organization,
            command: &OrganizationCommand,
            context: &OrganizationContext,
        ) -> Result<Vec<OrganizationEvent>, Rejection> {
            match command {
                // It is there already: nothing changes.
                OrganizationCommand::FoundOrganization(_) => Ok(Vec::new()),
                OrganizationCommand::ChangeSettings(command) => command.decide(organization, context),
                $(OrganizationCommand::$name(command) => command.decide(organization, context),)*
            }
        }
    };
}

organization_commands! {
    AddMember, ChangeMemberRole, EndRetention, EndTextRetention, ErasePerson, InviteMember, IssueApiKey, JoinOrganization,
    NoteCodeGuessing, NoteFailedSignIns, NoteSignIns, OfferPairing, PairDevice, RemoveMember, RevokeApiKey,
    RevokeDevice, RotateApiKey,
}

impl From<FoundOrganization> for OrganizationCommand {
    fn from(command: FoundOrganization) -> Self {
        Self::FoundOrganization(Box::new(command))
    }
}

impl From<ChangeSettings> for OrganizationCommand {
    fn from(command: ChangeSettings) -> Self {
        Self::ChangeSettings(Box::new(command))
    }
}

impl OrganizationCommand {
    /// Whether this may be, and what follows.
    pub fn decide(
        &self,
        state: &OrganizationState,
        context: &OrganizationContext,
    ) -> Result<Vec<OrganizationEvent>, Rejection> {
        match (state, self) {
            (OrganizationState::NotFounded, Self::FoundOrganization(command)) => Ok(command.decide(context)),
            (OrganizationState::NotFounded, _) => Err(Rejection::NotFound),
            (OrganizationState::Founded(organization), command) => decide_on(organization, command, context),
        }
    }
}
