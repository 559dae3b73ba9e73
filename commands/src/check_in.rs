//! CheckIn: a look at a ticket at the door. Whoever may come in is admitted, everybody else refused, and both are
//! recorded. What a device decided by itself without the network is recorded as what happened, whatever the server
//! would have decided; a difference is recorded beside it.

mod judge;
mod place;

use domain::{
    Show, ShowEvent,
    codes::ShortCode,
    door::{CodeRule, Direction, RefusalReason},
    events::{
        AdmissionConflictFound, CheckInRefused, CheckedIn, CheckedOut, OfflineFact, Previous, Scan, SeenTicket,
        ShownAs, Verdict,
    },
    ids::{DeviceId, ScanId, TextId, TicketId},
    money::Amount,
    show::Ticket,
    text::{DoorName, Name},
    time::Time,
};

use crate::{
    Context, Decided, Rejection,
    count_persons::{HeadCount, PERSONS_MAX},
};

use judge::{Pass, Refused};

/// A look at a ticket.
#[derive(Debug, Clone, PartialEq)]
pub struct CheckIn {
    /// Its id, made by the device.
    pub scan: ScanId,
    /// What was shown.
    pub shown: Shown,
    /// Which way.
    pub direction: Direction,
    /// At which gate; the only one of the device that asks.
    pub gate: Option<DoorName>,
    /// Into which area; the gate's, else the only one.
    pub area: Option<DoorName>,
    /// How many people; none: all that may.
    pub persons: Option<u32>,
    /// The device, where it is another than the one that sends.
    pub device: Option<DeviceId>,
    /// When an offline scan was made, by the device's clock.
    pub scanned_at: Option<Time>,
    /// Why somebody admits against the rules, in the vault.
    pub override_reason: Option<TextId>,
    /// What the device decided by itself.
    pub offline: Option<Offline>,
}

/// What was shown at the door.
#[derive(Debug, Clone, PartialEq)]
pub enum Shown {
    /// A short code; none where it cannot be one.
    ShortCode(Option<ShortCode>),
    /// A token, as far as its signature tells.
    Token(Token),
    /// A ticket, picked from a list or confirmed.
    Ticket(TicketId),
}

/// What a token's signature tells.
#[derive(Debug, Clone, PartialEq)]
pub enum Token {
    /// Nothing: it is not ours.
    Forged,
    /// A ticket of another show; its name where it is of the same organization.
    OfOtherShow(Option<Name>),
    /// A ticket of this show, and which issue of it.
    Ours {
        /// The ticket.
        ticket: TicketId,
        /// The issue.
        issue: u32,
    },
}

/// What a device decided by itself.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Offline {
    /// What.
    pub verdict: Verdict,
    /// How far its copy of the door list was: a log position.
    pub list_position: i64,
    /// Its own count of scans.
    pub sequence: i64,
}

/// A ticket that the keypad shows before somebody admits: nothing is recorded.
#[derive(Debug, Clone, PartialEq)]
pub struct Looked {
    /// The look.
    pub scan: Scan,
    /// The ticket.
    pub ticket: SeenTicket,
    /// How many people would be admitted.
    pub persons: u32,
    /// Entries left; none: unlimited.
    pub entries_left: Option<u32>,
    /// People who may still come in.
    pub persons_left: u32,
}

/// A ticket that was found, or why there is none.
enum Found<'a> {
    Ticket { ticket: &'a Ticket, issue: u32 },
    None { reason: RefusalReason, other_show: Option<Name> },
}

impl CheckIn {
    pub(crate) fn decide(&self, show: &Show, context: &Context) -> Result<Decided, Rejection> {
        if self.offline.is_none() && self.override_reason.is_some() && !context.may_override {
            let detail = "This device may not admit against the rules; send them to somebody who may.";
            return Err(Rejection::Forbidden(detail.to_owned()));
        }
        let (area, gate) = self.place(show, context)?;
        if self.persons.is_some_and(|persons| HeadCount::try_from(persons).is_err()) {
            return Err(Rejection::invalid("/persons", format!("must be from 1 to {PERSONS_MAX}")));
        }
        // Online it is the server's moment that counts; a device's clock counts only for what it decided alone.
        let at = match (self.offline, self.scanned_at) {
            (Some(_), Some(scanned)) => scanned.min(context.now),
            _ => context.now,
        };
        let scan = Scan {
            scan: self.scan,
            shown: match self.shown {
                Shown::ShortCode(_) => ShownAs::ShortCode,
                Shown::Token(_) => ShownAs::Token,
                Shown::Ticket(_) => ShownAs::Ticket,
            },
            area,
            gate,
            device: self.device.or(context.device),
            at,
            offline: None,
        };
        let found = self.find(show);
        self.check_override(&found)?;
        let verdict = match &found {
            Found::Ticket { ticket, issue } => judge::judge(show, ticket, *issue, self.direction, &scan, self.persons),
            Found::None { reason, .. } => Err(Refused::because(*reason)),
        };
        Ok(match self.offline {
            Some(offline) => Decided::Events(self.as_it_happened(show, scan, &found, verdict, offline)),
            None => self.as_decided(show, scan, &found, verdict),
        })
    }

    /// An override admits no more people than the ticket is for: a slip of the finger is no crowd.
    fn check_override(&self, found: &Found<'_>) -> Result<(), Rejection> {
        match (found, self.persons) {
            (Found::Ticket { ticket, .. }, Some(persons))
                if self.override_reason.is_some() && self.offline.is_none() && persons > ticket.persons =>
            {
                Err(Rejection::invalid("/persons", format!("the ticket is for {}", ticket.persons)))
            }
            _ => Ok(()),
        }
    }

    fn find<'a>(&self, show: &'a Show) -> Found<'a> {
        let unknown = || Found::None { reason: RefusalReason::UnknownCode, other_show: None };
        match &self.shown {
            // A code is not taken where the door takes none, as if there were no such code.
            Shown::ShortCode(_) if show.door.codes == CodeRule::Off && self.offline.is_none() => unknown(),
            Shown::ShortCode(code) => match code.and_then(|code| show.ticket_by_code(code)) {
                Some((ticket, issue)) => Found::Ticket { ticket, issue },
                None => unknown(),
            },
            Shown::Token(Token::Forged) => Found::None { reason: RefusalReason::BadSignature, other_show: None },
            Shown::Token(Token::OfOtherShow(name)) => {
                Found::None { reason: RefusalReason::WrongShow, other_show: name.clone() }
            }
            // Signed by us, but a later issue than any: a history was lost, or a key was stolen.
            Shown::Token(Token::Ours { ticket, issue }) => match show.ticket(*ticket) {
                Some(ticket) if *issue <= ticket.issue => Found::Ticket { ticket, issue: *issue },
                _ => Found::None { reason: RefusalReason::BadSignature, other_show: None },
            },
            Shown::Ticket(id) => match show.ticket(*id) {
                Some(ticket) => Found::Ticket { ticket, issue: ticket.issue },
                None => unknown(),
            },
        }
    }

    /// Online: the server decides, and somebody may override it.
    fn as_decided(&self, show: &Show, scan: Scan, found: &Found<'_>, verdict: Result<Pass, Refused>) -> Decided {
        let ticket = match found {
            Found::Ticket { ticket, .. } => Some(*ticket),
            Found::None { .. } => None,
        };
        match (verdict, ticket) {
            (Ok(pass), Some(ticket)) => {
                let confirm = show.door.codes == CodeRule::Confirm
                    && matches!(self.shown, Shown::ShortCode(_))
                    && self.direction == Direction::In
                    && self.override_reason.is_none();
                if confirm {
                    return Decided::Confirm(Box::new(Looked {
                        scan,
                        ticket: seen(ticket),
                        persons: pass.persons,
                        entries_left: pass.before.entries,
                        persons_left: pass.before.persons,
                    }));
                }
                vec![self.passed(scan, Some(ticket), &pass, None)].into()
            }
            (Err(refused), Some(ticket)) if self.override_reason.is_some() && refused.reason.overridable() => {
                let pass = judge::overridden(show, ticket, self.direction, &scan, self.persons);
                vec![self.passed(scan, Some(ticket), &pass, Some(refused.reason))].into()
            }
            (Err(refused), ticket) => {
                let reason = Some(refused.reason);
                vec![self.refused(scan, found, ticket, reason, refused)].into()
            }
            // A verdict of admission is only ever given on a ticket.
            (Ok(_), None) => vec![self.refused(
                scan,
                found,
                None,
                Some(RefusalReason::UnknownCode),
                Refused::because(RefusalReason::UnknownCode),
            )]
            .into(),
        }
    }

    /// Offline: the device has decided; the server says what it would have.
    fn as_it_happened(
        &self,
        show: &Show,
        mut scan: Scan,
        found: &Found<'_>,
        verdict: Result<Pass, Refused>,
        offline: Offline,
    ) -> Vec<ShowEvent> {
        let server = match &verdict {
            Ok(_) => Verdict::Admitted,
            Err(refused) => Verdict::Refused(Some(refused.reason)),
        };
        scan.offline = Some(OfflineFact {
            verdict: offline.verdict,
            list_position: offline.list_position,
            sequence: offline.sequence,
            server,
        });
        let ticket = match found {
            Found::Ticket { ticket, .. } => Some(*ticket),
            Found::None { .. } => None,
        };
        let conflict = (!same_result(offline.verdict, server))
            .then(|| self.conflict(&scan, ticket.map(|ticket| ticket.id), offline.verdict, server));
        let fact = match offline.verdict {
            Verdict::Admitted => {
                let pass = match (verdict, ticket) {
                    (Ok(pass), _) => pass,
                    (Err(_), Some(ticket)) => judge::overridden(show, ticket, self.direction, &scan, self.persons),
                    (Err(_), None) => Pass::without_ticket(self.persons),
                };
                self.passed(scan, ticket, &pass, None)
            }
            Verdict::Refused(reason) => {
                let refused = match verdict {
                    Err(refused) if reason.is_none_or(|reason| reason == refused.reason) => refused,
                    _ => Refused::without_details(),
                };
                self.refused(scan, found, ticket, reason, refused)
            }
        };
        std::iter::once(fact).chain(conflict).collect()
    }

    fn passed(&self, scan: Scan, ticket: Option<&Ticket>, pass: &Pass, against: Option<RefusalReason>) -> ShowEvent {
        let override_reason = self.override_reason.filter(|_| against.is_some());
        let ticket = ticket.map(seen);
        match self.direction {
            Direction::In => CheckedIn {
                scan,
                ticket,
                persons: pass.persons,
                returning: pass.returning,
                day: pass.day,
                override_reason,
                overridden: against,
                entries_left: pass.after.entries,
                persons_left: pass.after.persons,
            }
            .into(),
            Direction::Out => CheckedOut {
                scan,
                ticket,
                persons: pass.persons,
                day: pass.day,
                override_reason,
                overridden: against,
                entries_left: pass.after.entries,
                persons_left: pass.after.persons,
            }
            .into(),
        }
    }

    fn refused(
        &self,
        scan: Scan,
        found: &Found<'_>,
        ticket: Option<&Ticket>,
        reason: Option<RefusalReason>,
        refused: Refused,
    ) -> ShowEvent {
        CheckInRefused {
            scan,
            direction: self.direction,
            ticket: ticket.map(seen),
            persons: self.persons.unwrap_or(1),
            reason,
            previous: refused.previous,
            due: refused.due,
            other_show: match found {
                Found::None { other_show, .. } => other_show.clone(),
                Found::Ticket { .. } => None,
            },
            moment: refused.moment,
            entries_left: refused.room.and_then(|room| room.entries),
            persons_left: refused.room.map(|room| room.persons),
        }
        .into()
    }

    fn conflict(&self, scan: &Scan, ticket: Option<TicketId>, device_said: Verdict, server_said: Verdict) -> ShowEvent {
        AdmissionConflictFound {
            scan: scan.scan,
            ticket,
            area: scan.area.clone(),
            at: scan.at,
            device: scan.device,
            device_said,
            server_said,
        }
        .into()
    }

    /// The same scan again: its first fact stands. A device that now says otherwise is recorded, once.
    pub(crate) fn again(&self, recorded: &[ShowEvent]) -> Vec<ShowEvent> {
        let Some(offline) = self.offline else { return Vec::new() };
        let found_before = recorded.iter().any(|event| matches!(event, ShowEvent::AdmissionConflictFound(_)));
        let first = recorded.iter().find_map(|event| match event {
            ShowEvent::CheckedIn(event) => {
                Some((&event.scan, event.ticket.as_ref().map(|ticket| ticket.id), Verdict::Admitted))
            }
            ShowEvent::CheckedOut(event) => {
                Some((&event.scan, event.ticket.as_ref().map(|ticket| ticket.id), Verdict::Admitted))
            }
            ShowEvent::CheckInRefused(event) => {
                let ticket = event.ticket.as_ref().map(|ticket| ticket.id);
                Some((&event.scan, ticket, Verdict::Refused(event.reason)))
            }
            _ => None,
        });
        match first {
            Some((scan, ticket, verdict)) if !found_before && !same_result(verdict, offline.verdict) => {
                vec![self.conflict(scan, ticket, offline.verdict, verdict)]
            }
            _ => Vec::new(),
        }
    }
}

/// Whether two agree on what matters at a door: in or not.
fn same_result(one: Verdict, other: Verdict) -> bool {
    matches!((one, other), (Verdict::Admitted, Verdict::Admitted) | (Verdict::Refused(_), Verdict::Refused(_)))
}

fn seen(ticket: &Ticket) -> SeenTicket {
    SeenTicket {
        id: ticket.id,
        short_code: ticket.short_code,
        ticket_type: ticket.ticket_type,
        places: ticket.places.clone(),
        persons: ticket.persons,
        holder: ticket.holder,
    }
}

impl Refused {
    fn because(reason: RefusalReason) -> Self {
        Self { reason, previous: None, due: None, moment: None, room: None }
    }

    /// A device's refusal that the server knows nothing of.
    fn without_details() -> Self {
        Self::because(RefusalReason::UnknownCode)
    }

    fn after(mut self, previous: Option<Previous>) -> Self {
        self.previous = previous;
        self
    }

    fn owing(mut self, due: Amount) -> Self {
        self.due = Some(due);
        self
    }

    fn at(mut self, moment: Time) -> Self {
        self.moment = Some(moment);
        self
    }
}

#[cfg(test)]
mod tests;
