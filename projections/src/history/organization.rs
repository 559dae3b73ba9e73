//! Sentences of an organization's events.

use domain::{OrganizationEvent, events::KeptData, organization::Role};

use super::telling::{Telling, say};

impl Telling<'_> {
    pub(super) fn of_organization(&self, event: &OrganizationEvent) -> String {
        match event {
            OrganizationEvent::OrganizationFounded(event) => {
                say!(self, "OrganizationFounded", name: event.name.as_str())
            }
            OrganizationEvent::SettingsChanged(event) => {
                say!(self, "SettingsChanged", settings: self.list(event.changed.clone(), "none"))
            }
            OrganizationEvent::MemberInvited(event) => self.as_role("MemberInvited", event.member.0, event.role),
            OrganizationEvent::MemberAdded(event) => self.as_role("MemberAdded", event.member.0, event.role),
            OrganizationEvent::MemberJoined(event) => say!(self, "MemberJoined", who: self.member(event.member.0)),
            OrganizationEvent::MemberRoleChanged(event) => {
                let (from, to) = (self.role(event.from), self.role(event.to));
                say!(self, "MemberRoleChanged", who: self.member(event.member.0), from: from, to: to)
            }
            OrganizationEvent::MemberRemoved(event) => say!(self, "MemberRemoved", who: self.member(event.member.0)),
            OrganizationEvent::ApiKeyIssued(event) => {
                say!(self, "ApiKeyIssued", key: self.named(event.name), role: self.role(event.role))
            }
            OrganizationEvent::ApiKeyRetired(event) => {
                let (key, successor) = (self.credential(event.key.0), self.credential(event.successor.0));
                say!(self, "ApiKeyRetired", key: key, successor: successor, until: self.moment(event.ends_at))
            }
            OrganizationEvent::ApiKeyRevoked(event) => {
                say!(self, "ApiKeyRevoked", key: self.credential(event.key.0))
            }
            OrganizationEvent::DevicePairingOffered(event) => {
                say!(self, "DevicePairingOffered", device: self.named(event.name))
            }
            OrganizationEvent::DevicePaired(event) => say!(self, "DevicePaired", device: self.named(event.name)),
            OrganizationEvent::DeviceRevoked(event) => {
                say!(self, "DeviceRevoked", device: self.credential(event.device.0))
            }
            OrganizationEvent::SignedIn(event) => {
                say!(self, "SignedIn", who: self.member(event.member.0), times: self.times(event.sessions))
            }
            OrganizationEvent::SignInsFailed(event) => {
                say!(self, "SignInsFailed", who: self.member(event.member.0), times: self.times(event.attempts))
            }
            OrganizationEvent::CodeGuessingNoticed(event) => {
                let throttled = if event.throttled { "yes" } else { "no" };
                let show = self.show(event.show.0);
                say!(self, "CodeGuessingNoticed", show: show, codes: event.codes, throttled: throttled)
            }
            OrganizationEvent::PersonErased(event) => say!(self, "PersonErased", reason: self.reason(event.reason)),
            OrganizationEvent::RetentionEnded(event) => {
                let kept = match event.kept {
                    KeptData::Nothing => "nothing",
                    KeptData::Money => "money",
                };
                say!(self, "RetentionEnded", show: self.show(event.show.0), kept: kept)
            }
            OrganizationEvent::TextRetentionEnded(_) => say!(self, "TextRetentionEnded"),
        }
    }

    fn as_role(&self, id: &str, member: uuid::Uuid, role: Role) -> String {
        say!(self, id, who: self.member(member), role: self.role(role))
    }

    fn role(&self, role: Role) -> String {
        self.word("role", role.as_str())
    }

    fn times(&self, times: u32) -> String {
        if times == 1 { String::new() } else { say!(self, "times", count: times) }
    }
}
