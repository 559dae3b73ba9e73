//! An organization, folded from its events, and the questions that it answers: who belongs to it and as what, which
//! invitations, keys, pairings and devices there are, and what it has settled.
//!
//! `evolve` does what the events say and never judges them; whether something may happen is asked by the commands
//! before. What is over (a revoked key, a removed member) is remembered, so that asking again is told from asking for
//! what never was. What was erased, and who signed in, is in the history alone.

mod evolve;
mod role;
mod settings;

use std::collections::BTreeSet;

use indexmap::IndexMap;
use serde::Serialize;

pub use role::Role;
pub use settings::{DoorDefaults, Retention, SalesLimits, Settings};

use crate::{
    events::OrganizationEvent,
    ids::{AccountId, ApiKeyId, DeviceId, InvitationId, MemberId, OrganizationId, PairingId, ShowId, TextId},
    text::{DoorName, Slug},
    time::Time,
};

/// An organization's stream, folded.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub enum OrganizationState {
    /// Nothing was recorded.
    #[default]
    NotFounded,
    /// There is an organization.
    Founded(Box<Organization>),
}

impl OrganizationState {
    /// The organization, if there is one.
    pub fn organization(&self) -> Option<&Organization> {
        match self {
            Self::NotFounded => None,
            Self::Founded(organization) => Some(organization),
        }
    }

    /// Takes in what happened.
    pub fn evolve(&mut self, event: &OrganizationEvent) {
        match (&mut *self, event) {
            (Self::NotFounded, OrganizationEvent::OrganizationFounded(event)) => {
                *self = Self::Founded(Box::new(Organization::new(event)));
            }
            (Self::NotFounded, _) => {}
            (Self::Founded(organization), event) => organization.evolve(event),
        }
    }

    /// The state after these events.
    pub fn fold<'a>(events: impl IntoIterator<Item = &'a OrganizationEvent>) -> Self {
        let mut state = Self::default();
        for event in events {
            state.evolve(event);
        }
        state
    }
}

/// How far somebody has become a member.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Membership {
    /// They were asked, and may accept by this invitation.
    Invited(InvitationId),
    /// They belong to it, and sign in by this account.
    Active(AccountId),
}

/// Somebody who belongs to an organization, or was asked to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Member {
    /// Who; in the vault, the person.
    pub id: MemberId,
    /// As what.
    pub role: Role,
    /// How far.
    pub membership: Membership,
}

impl Member {
    /// Whether they belong to it and own it; who was only asked to own it does not.
    pub fn is_owner(&self) -> bool {
        self.role == Role::Owner && matches!(self.membership, Membership::Active(_))
    }
}

/// What became of an invitation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum InvitationState {
    /// It may be accepted until it expires.
    Open,
    /// It was accepted.
    Used,
    /// It was taken back.
    Withdrawn,
}

/// An offer to become a member.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Invitation {
    /// Its id.
    pub id: InvitationId,
    /// Who was asked.
    pub member: MemberId,
    /// The first moment at which it can no longer be accepted.
    pub expires_at: Time,
    /// What became of it.
    pub state: InvitationState,
}

/// A key by which a program asks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ApiKey {
    /// Its id.
    pub id: ApiKeyId,
    /// What it is called, in the vault.
    pub name: TextId,
    /// What it may do.
    pub role: Role,
    /// At which shows; none: at all.
    pub shows: Option<Vec<ShowId>>,
    /// The first moment at which it is no longer taken, as things stand; none: it stays.
    pub ends_at: Option<Time>,
    /// The key that it took over from.
    pub replaces: Option<ApiKeyId>,
    /// The key that takes over from it.
    pub successor: Option<ApiKeyId>,
    /// Whether somebody ended it before its time.
    pub revoked: bool,
}

impl ApiKey {
    /// Whether it is taken at `now`.
    pub fn is_live(&self, now: Time) -> bool {
        !self.revoked && self.ends_at.is_none_or(|end| now < end)
    }
}

/// An offer to become a device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Pairing {
    /// Its id.
    pub id: PairingId,
    /// What the device will be.
    pub terms: DeviceTerms,
    /// The first moment at which it can no longer be taken.
    pub expires_at: Time,
    /// The device that took it.
    pub device: Option<DeviceId>,
}

/// What a device is and may do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DeviceTerms {
    /// What it is called, in the vault.
    pub name: TextId,
    /// At which shows it lets people in.
    pub shows: Vec<ShowId>,
    /// At which gates, by their names; empty: at all.
    pub gates: Vec<DoorName>,
    /// Whether it may admit against the rules.
    pub may_override: bool,
}

/// A keypad or another machine that lets people in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Device {
    /// Its id.
    pub id: DeviceId,
    /// The offer that it took.
    pub pairing: PairingId,
    /// What it is and may do.
    pub terms: DeviceTerms,
    /// Whether it is no longer let in.
    pub revoked: bool,
}

/// An organization.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Organization {
    /// Its id, which is also its stream's.
    pub id: OrganizationId,
    /// The readable part of its address.
    pub slug: Slug,
    /// What it has settled; its name, too.
    pub settings: Settings,
    members: IndexMap<MemberId, Member>,
    former: BTreeSet<MemberId>,
    invitations: IndexMap<InvitationId, Invitation>,
    keys: IndexMap<ApiKeyId, ApiKey>,
    pairings: IndexMap<PairingId, Pairing>,
    devices: IndexMap<DeviceId, Device>,
}

impl Organization {
    /// A member, or somebody who was asked to become one.
    pub fn member(&self, member: MemberId) -> Option<&Member> {
        self.members.get(&member)
    }

    /// The members and those who were asked, in the order in which they came.
    pub fn members(&self) -> impl Iterator<Item = &Member> {
        self.members.values()
    }

    /// The member who signs in by an account.
    pub fn member_of(&self, account: AccountId) -> Option<&Member> {
        self.members().find(|member| member.membership == Membership::Active(account))
    }

    /// Whether somebody was a member, or was asked, and is no more.
    pub fn was_member(&self, member: MemberId) -> bool {
        self.former.contains(&member)
    }

    /// Whether a member is the only owner.
    pub fn is_last_owner(&self, member: MemberId) -> bool {
        let mut owners = self.members().filter(|member| member.is_owner());
        owners.next().is_some_and(|owner| owner.id == member) && owners.next().is_none()
    }

    /// An invitation, also one that is over.
    pub fn invitation(&self, invitation: InvitationId) -> Option<&Invitation> {
        self.invitations.get(&invitation)
    }

    /// A key, also one that is over.
    pub fn key(&self, key: ApiKeyId) -> Option<&ApiKey> {
        self.keys.get(&key)
    }

    /// Every key, in the order in which they were issued.
    pub fn keys(&self) -> impl Iterator<Item = &ApiKey> {
        self.keys.values()
    }

    /// An offer to become a device, also one that is over.
    pub fn pairing(&self, pairing: PairingId) -> Option<&Pairing> {
        self.pairings.get(&pairing)
    }

    /// A device, also a revoked one.
    pub fn device(&self, device: DeviceId) -> Option<&Device> {
        self.devices.get(&device)
    }

    /// Every device, in the order in which they were paired.
    pub fn devices(&self) -> impl Iterator<Item = &Device> {
        self.devices.values()
    }
}
