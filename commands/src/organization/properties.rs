//! What must never happen to an organization, whatever is asked in whatever order, by whom, and when. The events are
//! counted by a model that knows nothing of the folded state.
//!
//! The random numbers are fixed, so that a run is like every other; `PROPTEST_CASES` asks for more of them.

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
};

use domain::{
    OrganizationEvent, OrganizationState,
    events::KeptData,
    ids::{AccountId, InvitationId, MemberId, PairingId, PersonId},
    organization::Role,
};
use proptest::{prelude::*, sample::select};

use super::{
    OrganizationCommand,
    add_member::AddMember,
    change_member_role::ChangeMemberRole,
    end_retention::EndRetention,
    end_text_retention::EndTextRetention,
    erase_person::ErasePerson,
    invite_member::InviteMember,
    issue_api_key::IssueApiKey,
    join_organization::JoinOrganization,
    note_failed_sign_ins::NoteFailedSignIns,
    note_sign_ins::NoteSignIns,
    pair_device::PairDevice,
    remove_member::RemoveMember,
    revoke_api_key::RevokeApiKey,
    revoke_device::RevokeDevice,
    rotate_api_key::RotateApiKey,
    specification::{
        Given, account, at, device, found_organization, given, invitation, invite, issue, key, member, offer,
    },
};
use crate::properties::run;

/// How many steps a history has at most.
const STEPS_MAX: usize = 80;
/// So few of each thing that they meet.
const NUMBERS: std::ops::Range<u128> = 1..6;

/// Who asks what, and how many seconds after the step before.
#[derive(Debug, Clone)]
struct Step {
    seconds: i64,
    role: Option<Role>,
    command: OrganizationCommand,
}

fn role() -> impl Strategy<Value = Role> {
    // Owners often, for they are what matters.
    prop_oneof![2 => Just(Role::Owner), 1 => select(&Role::ALL[..])]
}

fn of_members() -> impl Strategy<Value = OrganizationCommand> {
    let one = || NUMBERS;
    prop_oneof![
        (one(), role(), one())
            .prop_map(|(m, role, a)| AddMember { member: member(m), role, account: account(a) }.into()),
        (one(), role(), 1..20_u128, prop::bool::weighted(0.1)).prop_map(|(m, role, i, email_known)| {
            InviteMember { invitation: invitation(i), email_known, ..invite(m, role) }.into()
        }),
        (1..20_u128, one())
            .prop_map(|(i, a)| JoinOrganization { invitation: invitation(i), account: account(a) }.into()),
        (one(), role()).prop_map(|(m, role)| ChangeMemberRole { member: member(m), role }.into()),
        one().prop_map(|m| RemoveMember { member: member(m) }.into()),
        one().prop_map(|m| ErasePerson { person: PersonId(member(m).0), known: true, reason: None }.into()),
        one().prop_map(|m| NoteSignIns { member: member(m), sessions: 1 }.into()),
        one().prop_map(|m| NoteFailedSignIns { member: member(m), attempts: 1 }.into()),
    ]
}

fn of_keys_and_devices() -> impl Strategy<Value = OrganizationCommand> {
    let one = || NUMBERS;
    let days = prop::option::of((0..20_i64).prop_map(|days| at(days * 86_400)));
    prop_oneof![
        (1..20_u128, role(), days).prop_map(|(k, role, end)| IssueApiKey { expires_at: end, ..issue(k, role) }.into()),
        (one(), 20..40_u128, 0..700_000_u32).prop_map(|(k, successor, overlap_seconds)| {
            RotateApiKey { key: key(k), successor: key(successor), overlap_seconds }.into()
        }),
        one().prop_map(|k| RevokeApiKey { key: key(k) }.into()),
        one().prop_map(|p| offer(p).into()),
        (one(), one())
            .prop_map(|(p, d)| PairDevice { pairing: super::specification::pairing(p), device: device(d) }.into()),
        one().prop_map(|d| RevokeDevice { device: device(d) }.into()),
        (one(), select(vec![KeptData::Money, KeptData::Nothing])).prop_map(|(s, kept)| EndRetention {
            show: super::specification::show(s),
            kept
        }
        .into()),
        one().prop_map(|s| EndTextRetention { names_ended_by: Some(at(s as i64)), reasons_typed_by: None }.into()),
        Just(found_organization().into()),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    let seconds = prop_oneof![3 => 0..60_i64, 1 => 0..200_000_i64];
    let role = prop_oneof![3 => Just(Some(Role::Owner)), 1 => Just(None), 2 => select(&Role::ALL[..]).prop_map(Some)];
    let command = prop_oneof![3 => of_members(), 2 => of_keys_and_devices()];
    (seconds, role, command).prop_map(|(seconds, role, command)| Step { seconds, role, command })
}

/// What the events say, counted one by one.
#[derive(Default)]
struct PlainModel {
    roles: BTreeMap<MemberId, Role>,
    accounts: BTreeMap<MemberId, AccountId>,
    asked: BTreeMap<InvitationId, (MemberId, i64)>,
    accepted: BTreeSet<InvitationId>,
    offered: BTreeMap<PairingId, i64>,
    paired: BTreeSet<PairingId>,
    was_owned: bool,
}

impl PlainModel {
    /// Takes in what happened after so many seconds because somebody in this role asked.
    fn take(&mut self, event: &OrganizationEvent, seconds: i64, by: Option<Role>) {
        match event {
            OrganizationEvent::MemberInvited(event) => {
                assert_eq!(by, Some(Role::Owner), "{event:?}");
                assert_eq!(self.roles.insert(event.member, event.role), None, "somebody was asked twice at once");
                self.asked.retain(|_, (member, _)| *member != event.member);
                self.asked.insert(event.invitation, (event.member, seconds));
            }
            OrganizationEvent::MemberAdded(event) => {
                assert!(by.is_none_or(|role| role == Role::Owner), "{event:?}");
                assert_eq!(self.roles.insert(event.member, event.role), None, "a member was added twice");
                self.signs_in(event.member, event.account);
            }
            OrganizationEvent::MemberJoined(event) => {
                assert!(self.accepted.insert(event.invitation), "an invitation worked twice");
                let (member, asked) = self.asked[&event.invitation];
                assert_eq!(member, event.member);
                assert!(seconds < asked + 604_800, "an invitation worked after a week");
                self.signs_in(event.member, event.account);
            }
            OrganizationEvent::MemberRoleChanged(event) => {
                assert_eq!(by, Some(Role::Owner), "{event:?}");
                assert_eq!(self.roles.insert(event.member, event.to), Some(event.from));
            }
            OrganizationEvent::MemberRemoved(event) => {
                assert_eq!(by, Some(Role::Owner), "{event:?}");
                assert!(self.roles.remove(&event.member).is_some(), "somebody was removed twice");
                self.accounts.remove(&event.member);
                self.asked.retain(|_, (member, _)| *member != event.member);
            }
            OrganizationEvent::ApiKeyIssued(event) => {
                let may = by == Some(Role::Owner) || (by == Some(Role::Manager) && event.role != Role::Owner);
                assert!(may, "{by:?} gave {event:?}");
                assert!(event.expires_at.is_none_or(|end| end > at(seconds)), "a key was issued after its end");
            }
            OrganizationEvent::DevicePairingOffered(event) => {
                self.offered.insert(event.pairing, seconds);
            }
            OrganizationEvent::DevicePaired(event) => {
                assert!(self.paired.insert(event.pairing), "an offer worked twice");
                assert!(seconds < self.offered[&event.pairing] + 600, "an offer worked after ten minutes");
            }
            OrganizationEvent::PersonErased(event) => {
                assert!(!self.roles.contains_key(&MemberId(event.person.0)), "a member was forgotten");
            }
            _ => {}
        }
    }

    fn signs_in(&mut self, member: MemberId, account: AccountId) {
        assert!(self.accounts.values().all(|other| *other != account), "an account is a member twice");
        self.accounts.insert(member, account);
    }

    /// Between two commands somebody owns the organization, if anybody ever did.
    fn check_owned(&mut self) {
        let owned = self.accounts.keys().any(|member| self.roles.get(member) == Some(&Role::Owner));
        assert!(owned || !self.was_owned, "nobody owns the organization any more");
        self.was_owned = owned;
    }
}

/// What happens when these steps are taken, one after the other.
fn play(steps: &[Step]) -> Given {
    let mut given = given::founded();
    let mut model = PlainModel::default();
    let mut seconds = 0;
    for step in steps {
        seconds += step.seconds;
        let asking = given.clone().at(seconds);
        let asking = match step.role {
            Some(role) => asking.by(role),
            None => asking.by_nobody(),
        };
        // New things have new ids; only what is there already may be named again.
        if names_anew(&given, &step.command) {
            continue;
        }
        if let Ok(events) = asking.decide(&step.command) {
            for event in &events {
                model.take(event, seconds, step.role);
            }
            given.take(events);
        }
        model.check_owned();
    }
    given
}

/// Whether a command calls a new invitation, key, offer or device by an id that was given.
fn names_anew(given: &Given, command: &OrganizationCommand) -> bool {
    let organization = given.organization();
    match command {
        OrganizationCommand::InviteMember(command) => organization.invitation(command.invitation).is_some(),
        OrganizationCommand::IssueApiKey(command) => organization.key(command.key).is_some(),
        OrganizationCommand::RotateApiKey(command) => organization.key(command.successor).is_some(),
        OrganizationCommand::OfferPairing(command) => organization.pairing(command.pairing).is_some(),
        OrganizationCommand::PairDevice(command) => organization.device(command.device).is_some(),
        _ => false,
    }
}

#[test]
fn nobody_rises_by_themselves_nothing_works_twice_and_an_owner_stays() {
    let seen = RefCell::new(BTreeSet::new());
    run(600, &prop::collection::vec(step(), 1..STEPS_MAX), |steps| {
        let given = play(&steps);
        let read: Vec<_> = given
            .history()
            .iter()
            .map(|event| OrganizationEvent::decode(event.event_type(), event.schema(), &event.payload()).unwrap())
            .collect();
        assert_eq!(read, given.history());
        assert_eq!(OrganizationState::fold(&read).organization(), Some(given.organization()));
        seen.borrow_mut().extend(given.history().iter().map(OrganizationEvent::event_type));
    });
    // Settings are changed and guessing is noted whatever else is so.
    let elsewhere = ["SettingsChanged", "CodeGuessingNoticed"];
    let expected = OrganizationEvent::TYPES.iter().filter(|name| !elsewhere.contains(name));
    let missing: Vec<_> = expected.filter(|name| !seen.borrow().contains(*name)).collect();
    assert!(missing.is_empty(), "no case came to {missing:?}");
}
