//! What each event changes. Total: every event is taken as it is, also one that should not have happened.

use crate::{
    events::{DevicePaired, DevicePairingOffered, MemberInvited, MemberJoined, OrganizationEvent, OrganizationFounded},
    ids::{AccountId, MemberId},
    organization::{
        ApiKey, Device, DeviceTerms, Invitation, InvitationState, Member, Membership, Organization, Pairing, Role,
    },
};

impl Organization {
    pub(super) fn new(event: &OrganizationFounded) -> Self {
        Self {
            id: event.organization,
            slug: event.slug.clone(),
            settings: event.settings.clone(),
            members: indexmap::IndexMap::new(),
            former: std::collections::BTreeSet::new(),
            invitations: indexmap::IndexMap::new(),
            keys: indexmap::IndexMap::new(),
            pairings: indexmap::IndexMap::new(),
            devices: indexmap::IndexMap::new(),
        }
    }

    pub(super) fn evolve(&mut self, event: &OrganizationEvent) {
        match event {
            // A stream begins once; a second beginning has nothing to add.
            OrganizationEvent::OrganizationFounded(_) => {}
            OrganizationEvent::SettingsChanged(event) => self.settings = event.settings.clone(),
            OrganizationEvent::MemberInvited(event) => self.invited(event),
            OrganizationEvent::MemberAdded(event) => self.added(event.member, event.role, event.account),
            OrganizationEvent::MemberJoined(event) => self.joined(event),
            OrganizationEvent::MemberRoleChanged(event) => {
                if let Some(member) = self.members.get_mut(&event.member) {
                    member.role = event.to;
                }
            }
            OrganizationEvent::MemberRemoved(event) => self.removed(event.member),
            OrganizationEvent::ApiKeyIssued(event) => {
                self.keys.insert(
                    event.key,
                    ApiKey {
                        id: event.key,
                        name: event.name,
                        role: event.role,
                        shows: event.shows.clone(),
                        ends_at: event.expires_at,
                        replaces: event.replaces,
                        successor: None,
                        revoked: false,
                    },
                );
            }
            OrganizationEvent::ApiKeyRetired(event) => {
                if let Some(key) = self.keys.get_mut(&event.key) {
                    key.ends_at = Some(key.ends_at.map_or(event.ends_at, |end| end.min(event.ends_at)));
                    key.successor = Some(event.successor);
                }
            }
            OrganizationEvent::ApiKeyRevoked(event) => {
                if let Some(key) = self.keys.get_mut(&event.key) {
                    key.revoked = true;
                }
            }
            OrganizationEvent::DevicePairingOffered(event) => {
                let pairing =
                    Pairing { id: event.pairing, terms: event.into(), expires_at: event.expires_at, device: None };
                self.pairings.insert(event.pairing, pairing);
            }
            OrganizationEvent::DevicePaired(event) => {
                if let Some(pairing) = self.pairings.get_mut(&event.pairing) {
                    pairing.device = Some(event.device);
                }
                let device = Device { id: event.device, pairing: event.pairing, terms: event.into(), revoked: false };
                self.devices.insert(event.device, device);
            }
            OrganizationEvent::DeviceRevoked(event) => {
                if let Some(device) = self.devices.get_mut(&event.device) {
                    device.revoked = true;
                }
            }
            // For whoever reads the history; nothing is decided on these.
            OrganizationEvent::SignedIn(_)
            | OrganizationEvent::SignInsFailed(_)
            | OrganizationEvent::CodeGuessingNoticed(_)
            | OrganizationEvent::PersonErased(_)
            | OrganizationEvent::RetentionEnded(_)
            | OrganizationEvent::TextRetentionEnded(_) => {}
        }
    }

    fn invited(&mut self, event: &MemberInvited) {
        self.former.remove(&event.member);
        self.invitations.insert(
            event.invitation,
            Invitation {
                id: event.invitation,
                member: event.member,
                expires_at: event.expires_at,
                state: InvitationState::Open,
            },
        );
        let membership = Membership::Invited(event.invitation);
        self.members.insert(event.member, Member { id: event.member, role: event.role, membership });
    }

    fn added(&mut self, member: MemberId, role: Role, account: AccountId) {
        self.former.remove(&member);
        self.members.insert(member, Member { id: member, role, membership: Membership::Active(account) });
    }

    fn joined(&mut self, event: &MemberJoined) {
        if let Some(invitation) = self.invitations.get_mut(&event.invitation) {
            invitation.state = InvitationState::Used;
        }
        if let Some(member) = self.members.get_mut(&event.member) {
            member.membership = Membership::Active(event.account);
        }
    }

    fn removed(&mut self, member: MemberId) {
        let Some(removed) = self.members.shift_remove(&member) else { return };
        self.former.insert(member);
        if let Membership::Invited(invitation) = removed.membership
            && let Some(invitation) = self.invitations.get_mut(&invitation)
        {
            invitation.state = InvitationState::Withdrawn;
        }
    }
}

impl From<&DevicePairingOffered> for DeviceTerms {
    fn from(event: &DevicePairingOffered) -> Self {
        Self {
            name: event.name,
            shows: event.shows.clone(),
            gates: event.gates.clone(),
            may_override: event.may_override,
        }
    }
}

impl From<&DevicePaired> for DeviceTerms {
    fn from(event: &DevicePaired) -> Self {
        Self {
            name: event.name,
            shows: event.shows.clone(),
            gates: event.gates.clone(),
            may_override: event.may_override,
        }
    }
}
