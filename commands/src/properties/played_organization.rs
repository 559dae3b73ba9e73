//! An organization to which things happen: a step's numbers are a command here that mostly can be, about few members,
//! invitations, keys, offers and devices, so that they meet.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use domain::{
    Organization, OrganizationEvent, OrganizationState,
    door::{CodeRule, Reentry},
    events::KeptData,
    ids::{AccountId, ApiKeyId, DeviceId, InvitationId, MemberId, OrganizationId, PairingId, PersonId, ShowId, TextId},
    organization::Role,
    time::Time,
};
use uuid::Uuid;

use super::{commands::Step, kinds};
use crate::{
    Change, OrganizationCommand, OrganizationContext,
    organization::{
        add_member::AddMember,
        change_member_role::ChangeMemberRole,
        change_settings::ChangeSettings,
        end_retention::EndRetention,
        end_text_retention::EndTextRetention,
        erase_person::ErasePerson,
        found_organization::FoundOrganization,
        invite_member::InviteMember,
        issue_api_key::IssueApiKey,
        join_organization::JoinOrganization,
        note_code_guessing::NoteCodeGuessing,
        note_failed_sign_ins::NoteFailedSignIns,
        note_sign_ins::NoteSignIns,
        offer_pairing::OfferPairing,
        pair_device::PairDevice,
        remove_member::RemoveMember,
        revoke_api_key::RevokeApiKey,
        revoke_device::RevokeDevice,
        rotate_api_key::RotateApiKey,
        settings_change::{DoorDefaultsChange, RetentionChange, SalesLimitsChange},
    },
    specification::at,
};

/// How many there are at most of people and accounts.
const PEOPLE: usize = 6;
/// Of keys, offers and invitations the last ones are named again.
const RECENT: usize = 3;

/// An organization to which things happen.
pub struct PlayedOrganization {
    history: Vec<OrganizationEvent>,
    state: OrganizationState,
    seconds: i64,
    commands: u64,
    /// Of several organizations, which: all its ids follow from this.
    number: u64,
    shows: Vec<ShowId>,
    accepted: BTreeSet<&'static str>,
}

/// What is asked, and as whom.
struct Asked {
    command: OrganizationCommand,
    role: Option<Role>,
}

impl PlayedOrganization {
    /// One that was founded and has an owner. No two have the same number.
    pub fn founded(organization: OrganizationId, number: u64, shows: Vec<ShowId>) -> Self {
        let mut played = Self {
            history: Vec::new(),
            state: OrganizationState::default(),
            seconds: 0,
            commands: 0,
            number,
            shows,
            accepted: BTreeSet::new(),
        };
        let found = FoundOrganization {
            organization,
            name: "City Theatre".try_into().unwrap(),
            slug: None,
            currency: None,
            timezone: Some("Europe/Berlin".to_owned().try_into().unwrap()),
        };
        played.ask(&Asked { command: found.into(), role: None });
        let owner = AddMember { member: played.member(0), role: Role::Owner, account: played.account(0) };
        played.ask(&Asked { command: owner.into(), role: None });
        played
    }

    /// Everything so far.
    pub fn history(&self) -> &[OrganizationEvent] {
        &self.history
    }

    /// The organization as it stands.
    pub fn organization(&self) -> &Organization {
        self.state.organization().unwrap()
    }

    /// Which kinds of commands something followed from.
    pub fn accepted(&self) -> &BTreeSet<&'static str> {
        &self.accepted
    }

    /// One thing that somebody asks.
    pub fn step(&mut self, step: &Step) {
        self.seconds += step.seconds();
        let asked = self.asked(step);
        self.ask(&asked);
    }

    fn ask(&mut self, asked: &Asked) {
        self.commands += 1;
        let random = u32::try_from(self.number % 1_000_000).unwrap();
        let context = OrganizationContext { now: self.now(), role: asked.role, random };
        let events = asked.command.decide(&self.state, &context).unwrap_or_default();
        if !events.is_empty() {
            self.accepted.insert(kinds::of_organization(&asked.command));
        }
        for event in events {
            let read = OrganizationEvent::decode(event.event_type(), event.schema(), &event.payload());
            assert_eq!(read.as_ref().ok(), Some(&event), "{read:?}");
            self.state.evolve(&event);
            self.history.push(event);
        }
    }

    fn now(&self) -> Time {
        at(self.seconds)
    }

    fn asked(&self, step: &Step) -> Asked {
        let [a, b, c, d, e, _] = step.numbers.map(usize::from);
        let owner = Some(Role::Owner);
        let role = Role::ALL[c % Role::ALL.len()];
        let by = |role, command: OrganizationCommand| Asked { command, role };
        let member = self.member(a % PEOPLE);
        let account = self.account(b % PEOPLE);
        match step.kind % 20 {
            0 => by(owner, AddMember { member, role, account }.into()),
            1 | 2 => {
                let invitation = InvitationId(self.id(Kind::Invitation, self.commands));
                by(owner, InviteMember { member, role, invitation, email_known: d.is_multiple_of(8) }.into())
            }
            3 | 4 => {
                let invitations = self.history.iter().filter_map(|event| match event {
                    OrganizationEvent::MemberInvited(event) => Some(event.invitation),
                    _ => None,
                });
                let invitation = recent(invitations, a, InvitationId);
                by(None, JoinOrganization { invitation, account }.into())
            }
            5 => by(owner, ChangeMemberRole { member, role }.into()),
            6 => by(owner, RemoveMember { member }.into()),
            7 => {
                // A person of a show, or a former member.
                let person =
                    if d.is_multiple_of(2) { PersonId(Uuid::from_u128(a as u128 % 100)) } else { PersonId(member.0) };
                let reason = (e.is_multiple_of(2)).then(|| TextId(self.id(Kind::Text, self.commands)));
                by(owner, ErasePerson { person, known: true, reason }.into())
            }
            8 => by(None, NoteSignIns { member, sessions: u32::try_from(c % 3).unwrap() }.into()),
            9 => by(None, NoteFailedSignIns { member, attempts: u32::try_from(c % 3).unwrap() }.into()),
            10 => {
                let expires_at = (b.is_multiple_of(2)).then(|| self.now() + TimeDelta::seconds(d as i64 * 10 - 1_000));
                let issue = IssueApiKey {
                    key: ApiKeyId(self.id(Kind::Key, self.commands)),
                    name: TextId(self.id(Kind::Text, self.commands)),
                    role,
                    shows: (e.is_multiple_of(2)).then(|| self.shows.clone()),
                    expires_at,
                };
                by(owner, issue.into())
            }
            11 => {
                let successor = ApiKeyId(self.id(Kind::Key, self.commands));
                let overlap_seconds = u32::try_from(d * 10).unwrap();
                by(owner, RotateApiKey { key: self.key(a), successor, overlap_seconds }.into())
            }
            12 => by(owner, RevokeApiKey { key: self.key(a) }.into()),
            13 => {
                let offer = OfferPairing {
                    pairing: PairingId(self.id(Kind::Pairing, self.commands)),
                    name: TextId(self.id(Kind::Text, self.commands)),
                    shows: self.shows.clone(),
                    gates: if b.is_multiple_of(2) { vec!["North".try_into().unwrap()] } else { Vec::new() },
                    may_override: c.is_multiple_of(2),
                };
                by(owner, offer.into())
            }
            14 => {
                let pairings = self.history.iter().filter_map(|event| match event {
                    OrganizationEvent::DevicePairingOffered(event) => Some(event.pairing),
                    _ => None,
                });
                let pairing = recent(pairings, a, PairingId);
                by(None, PairDevice { pairing, device: DeviceId(self.id(Kind::Device, self.commands)) }.into())
            }
            15 => {
                let devices = self.organization().devices().map(|device| device.id);
                by(owner, RevokeDevice { device: recent(devices, a, DeviceId) }.into())
            }
            16 => {
                let kept = if b.is_multiple_of(2) { KeptData::Money } else { KeptData::Nothing };
                by(None, EndRetention { show: self.shows[a % self.shows.len()], kept }.into())
            }
            17 => {
                let end = |n: usize| (n.is_multiple_of(2)).then(|| at(n as i64));
                by(None, EndTextRetention { names_ended_by: end(a), reasons_typed_by: end(b) }.into())
            }
            18 => {
                let show = self.shows[a % self.shows.len()];
                let device = (b.is_multiple_of(2)).then(|| DeviceId(Uuid::from_u128(b as u128)));
                let codes = u32::try_from(c % 40).unwrap();
                by(None, NoteCodeGuessing { show, device, codes, throttled: d.is_multiple_of(2) }.into())
            }
            _ => by(owner, settings([a, b, c, d, e]).into()),
        }
    }

    fn key(&self, a: usize) -> ApiKeyId {
        recent(self.organization().keys().map(|key| key.id), a, ApiKeyId)
    }

    fn member(&self, n: usize) -> MemberId {
        MemberId(self.id(Kind::Member, n as u64))
    }

    fn account(&self, n: usize) -> AccountId {
        AccountId(self.id(Kind::Account, n as u64))
    }

    fn id(&self, kind: Kind, n: u64) -> Uuid {
        Uuid::from_u128(u128::from(self.number) << 64 | (kind as u128) << 48 | u128::from(n))
    }
}

#[derive(Clone, Copy)]
enum Kind {
    Member = 1,
    Account,
    Invitation,
    Key,
    Pairing,
    Device,
    Text,
}

/// One of the last of these, or what there never was.
fn recent<T: Copy>(of: impl Iterator<Item = T>, n: usize, never: impl Fn(Uuid) -> T) -> T {
    let of: Vec<T> = of.collect();
    let last = &of[of.len().saturating_sub(RECENT)..];
    if last.is_empty() { never(Uuid::from_u128(0xdead)) } else { last[n % last.len()] }
}

/// Some settings change, one of them to something that cannot be now and then.
fn settings([a, b, c, d, e]: [usize; 5]) -> ChangeSettings {
    let some = |n: usize| Change::Set(u32::try_from(n % 900).unwrap());
    let mut change = ChangeSettings::default();
    match a % 8 {
        0 => change.name = Some(format!("City Theatre {}", b % 10).try_into().unwrap()),
        1 => change.public_numbers = Change::Set(b.is_multiple_of(2)),
        2 => change.timezone = Change::Set(["UTC", "Asia/Tokyo"][b % 2].to_owned().try_into().unwrap()),
        3 => change.currency = Change::Set(["EUR", "JPY"][b % 2].to_owned().try_into().unwrap()),
        4 => change.retention = Change::Set(RetentionChange { people_days: some(b), money_days: Change::Clear }),
        5 => change.limits = Change::Set(SalesLimitsChange { holds: some(b), ..SalesLimitsChange::default() }),
        6 => change.code_length = if b.is_multiple_of(2) { Change::Clear } else { Change::Set(6.try_into().unwrap()) },
        _ => change.hold_seconds = some(b),
    }
    if c.is_multiple_of(3) {
        change.door = Change::Set(DoorDefaultsChange {
            reentry: Change::Set([Reentry::Never, Reentry::AfterExit, Reentry::Always][d % 3]),
            codes: Change::Set([CodeRule::Admit, CodeRule::Confirm, CodeRule::Off][e % 3]),
            ..DoorDefaultsChange::default()
        });
    }
    if c.is_multiple_of(5) {
        change.public_numbers = Change::Clear;
    }
    change
}
