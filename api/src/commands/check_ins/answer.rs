//! The answer of a check-in, made from what was recorded: the same for a scan and for its repeats, but for whether it was
//! taken back since and for names that were erased.

use chrono::{DateTime, Utc};
use commands::{check_in::Looked, desk::Outcome};
use domain::{
    ShowEvent,
    door::RefusalReason,
    events::{AdmissionConflictFound, CheckInRefused, Previous, Scan, SeenTicket},
};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{guessing::Told, say, scene::Scene};
use crate::{
    commands::answer::{NotRecorded, seat},
    problem::Problem,
};

/// What becomes of somebody at the door.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum CheckInResult {
    /// In, or out.
    Admitted,
    /// Not.
    Refused,
    /// The ticket is to be looked at first; nothing is recorded. Admit by `ticket`, with the same `scan`.
    Confirm,
    /// In a batch: the scan was not understood; nothing is recorded.
    Invalid,
}

/// What to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum ToDo {
    /// Let them pass.
    Admit,
    /// Do not.
    Refuse,
    /// The box office can mend it.
    SendToBoxOffice,
    /// Another gate or area is theirs.
    OtherGate,
    /// Later they may pass.
    Wait,
    /// Somebody has to decide.
    CallManager,
}

/// What becomes of somebody at the door, why, and what to do.
#[derive(Debug, PartialEq, Serialize, ToSchema)]
pub(in crate::commands) struct CheckInAnswer {
    /// The scan's id; null where an invalid one had none.
    pub(super) scan: Option<Uuid>,
    /// When it was decided; null where it was invalid.
    pub(super) at: Option<DateTime<Utc>>,
    /// What becomes of them.
    pub(super) result: CheckInResult,
    /// Why they were refused.
    #[schema(value_type = Option<String>, example = "already_checked_in")]
    pub(super) reason: Option<RefusalReason>,
    /// Whether the same with `override` admits all the same.
    pub(super) overridable: bool,
    /// What to tell the person at the door.
    #[schema(example = "Already used at 19:32, gate North. Refuse.")]
    pub(super) say: String,
    /// What to do.
    #[serde(rename = "do")]
    pub(super) to_do: ToDo,
    /// The ticket; null where there is none.
    pub(super) ticket: Option<DoorTicketAnswer>,
    /// The earlier admission of a ticket that comes again.
    pub(super) previous: Option<PreviousAnswer>,
    /// Entries left to the ticket here; null: unlimited, or no ticket.
    pub(super) entries_left: Option<u32>,
    /// People of the ticket who may still come in now; null without a ticket.
    pub(super) persons_left: Option<u32>,
    /// Whether it was taken back since.
    pub(super) undone: bool,
    /// Of a refusal: the positions of the events that it rests on, as far as single ones do; ascending.
    pub(super) because: Vec<i64>,
}

/// A ticket as the door sees it.
#[derive(Debug, PartialEq, Serialize, ToSchema)]
pub(super) struct DoorTicketAnswer {
    /// Its id.
    id: Uuid,
    /// Its code.
    #[schema(example = "0427")]
    short_code: String,
    /// Its type.
    ticket_type: Uuid,
    /// Its seat; null where people stand.
    #[schema(example = "Block A-3-12")]
    seat: Option<String>,
    /// How many people it admits.
    persons: u32,
    /// As much of the holder's name as the door's rule shows; null where none was given, or it was erased.
    #[schema(example = "A. E.")]
    holder: Option<String>,
    /// What staff noted on it; nothing so far.
    notes: Option<String>,
}

/// An earlier admission.
#[derive(Debug, PartialEq, Serialize, ToSchema)]
pub(super) struct PreviousAnswer {
    /// When.
    at: DateTime<Utc>,
    /// At which gate.
    gate: Option<String>,
    /// By which device, its id.
    device: Option<Uuid>,
}

impl CheckInAnswer {
    /// The answer as far as whoever asks is told: of a code too many, that it is recorded as the device said.
    pub(super) fn told(self, told: Told) -> Self {
        match told {
            Told::Everything => self,
            Told::KeptBack => Self {
                overridable: false,
                say:
                    "Recorded as the device said. Too many unknown codes came from you; ask again later for its ticket."
                        .to_owned(),
                ticket: None,
                previous: None,
                entries_left: None,
                persons_left: None,
                because: Vec::new(),
                ..self
            },
        }
    }
}

/// The answer to a scan.
///
/// # Errors
/// 500: a scan always records something, or is to be confirmed.
pub(super) fn answered(outcome: &Outcome, scene: &Scene) -> Result<CheckInAnswer, Problem> {
    if let Some(looked) = &outcome.confirm {
        return Ok(confirm(looked, scene));
    }
    // Only a conflict of the first fact itself: what a device said later does not change the answer.
    let conflict = outcome.events.iter().find_map(|event| match event {
        ShowEvent::AdmissionConflictFound(found) if of_first_fact(outcome, found) => Some(found),
        _ => None,
    });
    let answer = outcome.events.iter().find_map(|event| match event {
        ShowEvent::CheckedIn(event) => {
            let left = (event.entries_left, Some(event.persons_left));
            Some(passed(&event.scan, event.ticket.as_ref(), left, say::admitted(event), scene))
        }
        ShowEvent::CheckedOut(event) => {
            let left = (event.entries_left, Some(event.persons_left));
            Some(passed(&event.scan, event.ticket.as_ref(), left, say::left(event), scene))
        }
        ShowEvent::CheckInRefused(event) => Some(refused(event, say::refused(event, outcome.currency, scene), scene)),
        _ => None,
    });
    let answer = answer.ok_or_else(|| Problem::internal(&NotRecorded("look at a ticket")))?;
    Ok(CheckInAnswer { undone: outcome.undone, ..disputed(answer, conflict) })
}

fn of_first_fact(outcome: &Outcome, found: &AdmissionConflictFound) -> bool {
    outcome.events.iter().any(|event| {
        let scan = match event {
            ShowEvent::CheckedIn(event) => &event.scan,
            ShowEvent::CheckedOut(event) => &event.scan,
            ShowEvent::CheckInRefused(event) => &event.scan,
            _ => return false,
        };
        scan.offline.as_ref().is_some_and(|fact| fact.verdict == found.device_said && fact.server == found.server_said)
    })
}

/// What the server would have decided otherwise is for somebody to look into.
fn disputed(answer: CheckInAnswer, conflict: Option<&AdmissionConflictFound>) -> CheckInAnswer {
    match conflict {
        Some(found) => CheckInAnswer { say: say::conflict(found), to_do: ToDo::CallManager, ..answer },
        None => answer,
    }
}

fn passed(
    scan: &Scan,
    ticket: Option<&SeenTicket>,
    (entries_left, persons_left): (Option<u32>, Option<u32>),
    say: String,
    scene: &Scene,
) -> CheckInAnswer {
    CheckInAnswer {
        scan: Some(scan.scan.0),
        at: Some(scan.at),
        result: CheckInResult::Admitted,
        reason: None,
        overridable: false,
        say,
        to_do: ToDo::Admit,
        ticket: ticket.map(|ticket| door_ticket(ticket, scene)),
        previous: None,
        entries_left,
        persons_left: persons_left.filter(|_| ticket.is_some()),
        undone: false,
        because: Vec::new(),
    }
}

fn refused(event: &CheckInRefused, say: String, scene: &Scene) -> CheckInAnswer {
    CheckInAnswer {
        scan: Some(event.scan.scan.0),
        at: Some(event.scan.at),
        result: CheckInResult::Refused,
        reason: event.reason,
        overridable: event.reason.is_some_and(RefusalReason::overridable),
        say,
        to_do: event.reason.map_or(ToDo::Refuse, to_do),
        ticket: event.ticket.as_ref().map(|ticket| door_ticket(ticket, scene)),
        previous: event.previous.as_ref().map(previous),
        entries_left: event.entries_left,
        persons_left: event.persons_left,
        undone: false,
        because: scene.because(event.scan.scan),
    }
}

fn confirm(looked: &Looked, scene: &Scene) -> CheckInAnswer {
    let left = (looked.entries_left, Some(looked.persons_left));
    let answer = passed(&looked.scan, Some(&looked.ticket), left, say::confirm(looked), scene);
    CheckInAnswer { result: CheckInResult::Confirm, ..answer }
}

fn to_do(reason: RefusalReason) -> ToDo {
    match reason {
        RefusalReason::AlreadyCheckedIn | RefusalReason::NotInside | RefusalReason::BadSignature => ToDo::Refuse,
        RefusalReason::UnknownCode
        | RefusalReason::WrongShow
        | RefusalReason::Void
        | RefusalReason::Replaced
        | RefusalReason::Unpaid
        | RefusalReason::NoLongerValid
        | RefusalReason::ShowCancelled => ToDo::SendToBoxOffice,
        RefusalReason::WrongArea | RefusalReason::WrongGate => ToDo::OtherGate,
        RefusalReason::TooEarly | RefusalReason::NotYetValid | RefusalReason::AreaFull => ToDo::Wait,
    }
}

fn door_ticket(ticket: &SeenTicket, scene: &Scene) -> DoorTicketAnswer {
    DoorTicketAnswer {
        id: ticket.id.0,
        short_code: ticket.short_code.to_string(),
        ticket_type: ticket.ticket_type.0,
        seat: seat(&ticket.places),
        persons: ticket.persons,
        holder: scene.name(ticket.holder),
        notes: None,
    }
}

fn previous(previous: &Previous) -> PreviousAnswer {
    PreviousAnswer {
        at: previous.at,
        gate: previous.gate.as_ref().map(ToString::to_string),
        device: previous.device.map(|device| device.0),
    }
}

#[cfg(test)]
mod tests;
