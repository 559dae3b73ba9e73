//! Given a history of an organization, when a command, then events or a rejection.

use domain::{
    Organization, OrganizationEvent, OrganizationState,
    ids::{AccountId, ApiKeyId, DeviceId, InvitationId, MemberId, OrganizationId, PairingId, ShowId, TextId},
    organization::Role,
};
use uuid::Uuid;

pub use crate::specification::at;
use crate::{
    Code, OrganizationCommand, OrganizationContext, Rejection,
    organization::{
        add_member::AddMember, found_organization::FoundOrganization, invite_member::InviteMember,
        issue_api_key::IssueApiKey, join_organization::JoinOrganization, offer_pairing::OfferPairing,
        pair_device::PairDevice,
    },
};

/// Who owns the organization of these tests.
pub const OWNER: MemberId = MemberId(Uuid::from_u128(0x0ea));
/// By what the owner signs in.
pub const OWNERS_ACCOUNT: AccountId = AccountId(Uuid::from_u128(0xacc));

macro_rules! numbered {
    ($($name:ident: $id:ident;)*) => {$(
        /// The one of this number.
        pub fn $name(number: u128) -> $id {
            $id(Uuid::from_u128(number))
        }
    )*};
}

numbered! {
    account: AccountId;
    device: DeviceId;
    invitation: InvitationId;
    key: ApiKeyId;
    member: MemberId;
    pairing: PairingId;
    show: ShowId;
    text: TextId;
}

/// An owner, at the beginning.
pub fn context() -> OrganizationContext {
    OrganizationContext { now: at(0), role: Some(Role::Owner), random: 0 }
}

/// The organization of these tests.
pub fn found_organization() -> FoundOrganization {
    FoundOrganization {
        organization: OrganizationId(Uuid::from_u128(1)),
        name: "City Theatre".try_into().unwrap(),
        slug: None,
        currency: None,
        timezone: None,
    }
}

/// Ask the member of this number, by the invitation of this number.
pub fn invite(number: u128, role: Role) -> InviteMember {
    InviteMember { member: member(number), role, invitation: invitation(number), email_known: false }
}

/// Accept the invitation of this number by the account of this number.
pub fn accept(number: u128) -> JoinOrganization {
    JoinOrganization { invitation: invitation(number), account: account(number) }
}

/// Make the key of this number, for all shows and for ever.
pub fn issue(number: u128, role: Role) -> IssueApiKey {
    IssueApiKey { key: key(number), name: text(number), role, shows: None, expires_at: None }
}

/// Offer the pairing of this number, for the gate North of the show of this number.
pub fn offer(number: u128) -> OfferPairing {
    OfferPairing {
        pairing: pairing(number),
        name: text(number),
        shows: vec![show(number)],
        gates: vec!["North".try_into().unwrap()],
        may_override: false,
    }
}

/// Take the pairing of this number up as the device of this number.
pub fn pair(number: u128) -> PairDevice {
    PairDevice { pairing: pairing(number), device: device(number) }
}

/// Histories to begin with.
pub mod given {
    use super::*;

    /// Nobody belongs to it; an owner asks all the same.
    pub fn founded() -> Given {
        let mut given =
            Given { history: Vec::new(), state: OrganizationState::default(), seconds: 0, role: Some(Role::Owner) };
        given.take(found_organization().decide(&context()));
        given
    }

    /// With one owner, who asks.
    pub fn owned() -> Given {
        founded().and(AddMember { member: OWNER, role: Role::Owner, account: OWNERS_ACCOUNT })
    }
}

/// A history, and who asks when.
#[derive(Clone)]
pub struct Given {
    history: Vec<OrganizationEvent>,
    state: OrganizationState,
    seconds: i64,
    role: Option<Role>,
}

impl Given {
    /// Everything so far.
    pub fn history(&self) -> &[OrganizationEvent] {
        &self.history
    }

    /// The organization as it stands.
    pub fn organization(&self) -> &Organization {
        self.state.organization().unwrap()
    }

    /// So many seconds later than the beginning.
    pub fn at(mut self, seconds: i64) -> Self {
        self.seconds = seconds;
        self
    }

    /// Asked in this role from here on.
    pub fn by(mut self, role: Role) -> Self {
        self.role = Some(role);
        self
    }

    /// Asked by nobody of the organization from here on.
    pub fn by_nobody(mut self) -> Self {
        self.role = None;
        self
    }

    /// And what follows from a command, which has to be accepted.
    #[track_caller]
    pub fn and(mut self, command: impl Into<OrganizationCommand>) -> Self {
        let command = command.into();
        match self.decide(&command) {
            Ok(events) => self.take(events),
            Err(rejection) => panic!("{command:?} was not accepted: {rejection:?}"),
        }
        self
    }

    /// When this is asked.
    pub fn when(self, command: impl Into<OrganizationCommand>) -> When {
        When { decided: self.decide(&command.into()) }
    }

    /// What is decided on a command.
    pub fn decide(&self, command: &OrganizationCommand) -> Result<Vec<OrganizationEvent>, Rejection> {
        let context = OrganizationContext { now: at(self.seconds), role: self.role, ..context() };
        command.decide(&self.state, &context)
    }

    /// Takes in what happened.
    pub fn take(&mut self, events: Vec<OrganizationEvent>) {
        for event in events {
            self.state.evolve(&event);
            self.history.push(event);
        }
    }
}

/// What was decided.
pub struct When {
    decided: Result<Vec<OrganizationEvent>, Rejection>,
}

impl When {
    /// Then exactly these facts.
    #[track_caller]
    pub fn then(self, expected: impl IntoIterator<Item = OrganizationEvent>) {
        assert_eq!(self.decided, Ok(expected.into_iter().collect()));
    }

    /// Then some facts, to look at.
    #[track_caller]
    pub fn events(self) -> Vec<OrganizationEvent> {
        self.decided.expect("the command was rejected")
    }

    /// Then a rule says no.
    #[track_caller]
    pub fn then_rejected(self, expected: Code) {
        assert_eq!(self.rejection().code(), Some(expected));
    }

    /// Then these fields are invalid.
    #[track_caller]
    pub fn then_invalid(self, pointers: &[&str]) {
        match self.rejection() {
            Rejection::Invalid(errors) => {
                let found: Vec<_> = errors.iter().map(|error| error.pointer.as_str()).collect();
                assert_eq!(found, pointers);
            }
            other => panic!("not invalid but {other:?}"),
        }
    }

    /// Then who asks may not.
    #[track_caller]
    pub fn then_forbidden(self) {
        let rejection = self.rejection();
        assert!(matches!(rejection, Rejection::Forbidden(_)), "{rejection:?}");
    }

    /// Then there is no such thing.
    #[track_caller]
    pub fn then_not_found(self) {
        assert_eq!(self.rejection(), Rejection::NotFound);
    }

    #[track_caller]
    fn rejection(self) -> Rejection {
        self.decided.expect_err("the command was accepted")
    }
}
