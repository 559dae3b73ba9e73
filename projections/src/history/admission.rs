//! Sentences of the door.

use domain::{
    door::{Direction, RefusalReason},
    events::{
        AdmissionConflictFound, CheckInRefused, CheckInUndone, CheckedIn, CheckedOut, PersonsCounted, Previous, Scan,
        SeenTicket, Verdict,
    },
    ids::{TextId, TicketId},
    text::DoorName,
};

use super::telling::{Telling, say};
use crate::views::word;

impl Telling<'_> {
    pub(super) fn checked_in(&self, event: &CheckedIn) -> String {
        let returning = if event.returning > 0 { say!(self, "returning") } else { String::new() };
        say!(
            self,
            "CheckedIn",
            ticket: self.seen(event.ticket.as_ref()),
            where: self.scanned_at(&event.scan),
            persons: self.party(event.persons),
            returning: returning,
            override: self.overridden(event.overridden, event.override_reason, &event.scan.area),
            offline: self.offline(&event.scan),
        )
    }

    pub(super) fn checked_out(&self, event: &CheckedOut) -> String {
        say!(
            self,
            "CheckedOut",
            ticket: self.seen(event.ticket.as_ref()),
            where: self.scanned_at(&event.scan),
            persons: self.party(event.persons),
            override: self.overridden(event.overridden, event.override_reason, &event.scan.area),
            offline: self.offline(&event.scan),
        )
    }

    pub(super) fn refused(&self, event: &CheckInRefused) -> String {
        let ticket = match &event.ticket {
            Some(ticket) => self.seen(Some(ticket)),
            None => self.word("shown", &word(&event.scan.shown)),
        };
        say!(
            self,
            "CheckInRefused",
            ticket: ticket,
            where: self.scanned_at(&event.scan),
            direction: direction(event.direction),
            why: self.why_refused(event),
            offline: self.offline(&event.scan),
        )
    }

    pub(super) fn undone(&self, event: &CheckInUndone) -> String {
        say!(
            self,
            "CheckInUndone",
            direction: direction(event.direction),
            ticket: self.maybe_ticket(event.ticket),
            where: self.place_at_door(event.gate.as_ref(), &event.area),
            at: self.moment(event.scanned_at),
            reason: self.reason(event.reason),
        )
    }

    pub(super) fn conflict(&self, event: &AdmissionConflictFound) -> String {
        say!(
            self,
            "AdmissionConflictFound",
            ticket: self.maybe_ticket(event.ticket),
            where: self.place_at_door(None, &event.area),
            device_said: self.verdict(event.device_said, &event.area),
            server_said: self.verdict(event.server_said, &event.area),
        )
    }

    pub(super) fn counted(&self, event: &PersonsCounted) -> String {
        say!(
            self,
            "PersonsCounted",
            persons: event.persons,
            where: self.place_at_door(None, &event.area),
            direction: direction(event.direction),
            reason: self.reason(event.reason),
        )
    }

    fn seen(&self, ticket: Option<&SeenTicket>) -> String {
        match ticket {
            Some(ticket) => self.ticket_seen(&ticket.short_code, &ticket.places),
            None => say!(self, "no-ticket"),
        }
    }

    fn maybe_ticket(&self, ticket: Option<TicketId>) -> String {
        ticket.map_or_else(|| say!(self, "no-ticket"), |ticket| self.ticket(ticket))
    }

    fn scanned_at(&self, scan: &Scan) -> String {
        self.place_at_door(scan.gate.as_ref(), &scan.area)
    }

    fn party(&self, persons: u32) -> String {
        if persons == 1 { String::new() } else { say!(self, "party", persons: persons) }
    }

    fn offline(&self, scan: &Scan) -> String {
        if scan.offline.is_some() { say!(self, "offline") } else { String::new() }
    }

    fn overridden(&self, rule: Option<RefusalReason>, reason: Option<TextId>, area: &DoorName) -> String {
        let Some(rule) = rule else { return self.reason(reason) };
        say!(self, "override", why: self.why(Some(rule), area), reason: self.reason(reason))
    }

    fn verdict(&self, verdict: Verdict, area: &DoorName) -> String {
        match verdict {
            Verdict::Admitted => say!(self, "said-admitted"),
            Verdict::Refused(reason) => say!(self, "said-refused", why: self.why(reason, area)),
        }
    }

    /// Why, with all that the refusal says of it.
    fn why_refused(&self, event: &CheckInRefused) -> String {
        let moment = || event.moment.map_or_else(String::new, |at| say!(self, "moment", at: self.moment(at)));
        match event.reason {
            Some(RefusalReason::AlreadyCheckedIn) => {
                let previous = event.previous.as_ref().map_or_else(String::new, |previous| self.previous(previous));
                say!(self, "why-already_checked_in", previous: previous)
            }
            Some(RefusalReason::WrongShow) => {
                let name = event.other_show.as_ref();
                let other = name.map_or_else(String::new, |name| say!(self, "other-show", show: name.as_str()));
                say!(self, "why-wrong_show", other_show: other)
            }
            Some(RefusalReason::Unpaid) => {
                let due = event.due.map_or_else(String::new, |due| say!(self, "due", amount: self.money(due)));
                say!(self, "why-unpaid", due: due)
            }
            Some(RefusalReason::TooEarly) => say!(self, "why-too_early", moment: moment()),
            Some(RefusalReason::NotYetValid) => say!(self, "why-not_yet_valid", moment: moment()),
            Some(RefusalReason::NoLongerValid) => say!(self, "why-no_longer_valid", moment: moment()),
            other => self.why(other, &event.scan.area),
        }
    }

    /// Why, in short.
    fn why(&self, reason: Option<RefusalReason>, area: &DoorName) -> String {
        let Some(reason) = reason else { return say!(self, "why-unsaid") };
        let id = format!("why-{}", word(&reason));
        say!(self, &id, area: area.as_str(), previous: "", other_show: "", due: "", moment: "")
    }

    fn previous(&self, previous: &Previous) -> String {
        let gate = previous.gate.as_ref();
        let gate = gate.map_or_else(String::new, |gate| say!(self, "previous-gate", gate: gate.as_str()));
        say!(self, "previous", at: self.moment(previous.at), gate: gate)
    }
}

fn direction(direction: Direction) -> &'static str {
    match direction {
        Direction::In => "in",
        Direction::Out => "out",
    }
}
