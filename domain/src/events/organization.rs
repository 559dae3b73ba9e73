//! Events of an organization: who belongs to it, by what they prove who they are, and what it has settled. Names of
//! members, keys and devices are in the vault; the secrets themselves are nowhere.

use serde::{Deserialize, Serialize};

use crate::{
    ids::{AccountId, ApiKeyId, DeviceId, InvitationId, MemberId, OrganizationId, PairingId, PersonId, ShowId, TextId},
    organization::{Role, Settings},
    text::{DoorName, Name, Slug},
    time::Time,
};

/// An organization exists.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OrganizationFounded {
    /// The organization, which is also its stream.
    pub organization: OrganizationId,
    /// The readable part of its address.
    pub slug: Slug,
    /// Its name.
    pub name: Name,
    /// What it begins with.
    pub settings: Settings,
}

/// Its settings changed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SettingsChanged {
    /// The names of those that did, in alphabetical order.
    pub changed: Vec<String>,
    /// All of them, as they are now.
    pub settings: Settings,
}

/// Somebody was asked to become a member.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MemberInvited {
    /// Who.
    pub member: MemberId,
    /// As what.
    pub role: Role,
    /// The invitation.
    pub invitation: InvitationId,
    /// The first moment at which it can no longer be accepted.
    pub expires_at: Time,
}

/// Somebody is a member without having been asked: who sets an organization up.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MemberAdded {
    /// Who.
    pub member: MemberId,
    /// As what.
    pub role: Role,
    /// By what they sign in.
    pub account: AccountId,
}

/// Somebody accepted and is a member.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MemberJoined {
    /// Who.
    pub member: MemberId,
    /// By what they sign in.
    pub account: AccountId,
    /// What they accepted.
    pub invitation: InvitationId,
}

/// A member has another role.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MemberRoleChanged {
    /// Who.
    pub member: MemberId,
    /// The role until now.
    pub from: Role,
    /// The role from now on.
    pub to: Role,
}

/// Somebody is no member any more; an invitation that is still open is withdrawn.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MemberRemoved {
    /// Who.
    pub member: MemberId,
}

/// A key exists.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ApiKeyIssued {
    /// The key.
    pub key: ApiKeyId,
    /// What it is called, in the vault.
    pub name: TextId,
    /// What it may do.
    pub role: Role,
    /// At which shows; none: at all.
    pub shows: Option<Vec<ShowId>>,
    /// The first moment at which it is no longer taken; none: it stays.
    pub expires_at: Option<Time>,
    /// The key that it takes over from.
    pub replaces: Option<ApiKeyId>,
}

/// Another key takes over from a key.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ApiKeyRetired {
    /// The key.
    pub key: ApiKeyId,
    /// The first moment at which it is no longer taken.
    pub ends_at: Time,
    /// The key that takes over.
    pub successor: ApiKeyId,
}

/// A key is no longer taken.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ApiKeyRevoked {
    /// The key.
    pub key: ApiKeyId,
}

/// A device may be paired.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DevicePairingOffered {
    /// The offer.
    pub pairing: PairingId,
    /// What the device will be called, in the vault.
    pub name: TextId,
    /// At which shows it will let people in.
    pub shows: Vec<ShowId>,
    /// At which gates, by their names; empty: at all.
    pub gates: Vec<DoorName>,
    /// Whether it will admit against the rules.
    pub may_override: bool,
    /// The first moment at which the offer can no longer be taken.
    pub expires_at: Time,
}

/// A device is paired.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DevicePaired {
    /// The offer that it took.
    pub pairing: PairingId,
    /// The device.
    pub device: DeviceId,
    /// What it is called, in the vault.
    pub name: TextId,
    /// At which shows it lets people in.
    pub shows: Vec<ShowId>,
    /// At which gates, by their names; empty: at all.
    pub gates: Vec<DoorName>,
    /// Whether it may admit against the rules.
    pub may_override: bool,
}

/// A device is no longer let in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DeviceRevoked {
    /// The device.
    pub device: DeviceId,
}

/// A member signed in. A sample: it may stand for several times.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SignedIn {
    /// Who.
    pub member: MemberId,
    /// How often since the last sample.
    pub sessions: u32,
}

/// Somebody failed to sign in as a member. A sample: it may stand for several times.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SignInsFailed {
    /// As whom.
    pub member: MemberId,
    /// How often since the last sample.
    pub attempts: u32,
}

/// Somebody, who is the event's actor, guesses short codes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CodeGuessingNoticed {
    /// At which show.
    pub show: ShowId,
    /// On which device.
    pub device: Option<DeviceId>,
    /// How many unknown codes they tried.
    pub codes: u32,
    /// Whether they are slowed down; a paired device never is.
    pub throttled: bool,
}

/// What was known of a person is erased.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PersonErased {
    /// Who it was, by an id that says nothing any more.
    pub person: PersonId,
    /// Why, in the vault.
    pub reason: Option<TextId>,
}

/// What is left of a show's people after a retention ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeptData {
    /// Nothing.
    Nothing,
    /// What was typed about money.
    Money,
}

/// What was known of the people of a show is erased.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RetentionEnded {
    /// The show.
    pub show: ShowId,
    /// What is left.
    pub kept: KeptData,
}

/// What the organization typed about itself is erased where its time has come: it is about no show.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TextRetentionEnded {
    /// Names of keys, devices and pairings go when the last one of the name ended at this time or before; none: they stay.
    pub names_ended_by: Option<Time>,
    /// Reasons of erasures go that were typed at this time or before; none: they stay.
    pub reasons_typed_by: Option<Time>,
}
