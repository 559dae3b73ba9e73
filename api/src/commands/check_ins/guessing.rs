//! Guessing short codes: whoever types unknown ones without end is slowed down, and the organization hears of it.
//!
//! How many are too many is [`crate::rate_limits::CodeGuessing`]'s to say. The alert is an event of the organization,
//! recorded behind the answer: nobody at the door waits for it. For whoever runs the server it is a line of the log and a count.

use std::{sync::LazyLock, time::Instant};

use commands::{
    desk::Outcome, organization::note_code_guessing::NoteCodeGuessing, organization_desk::OrganizationSubmission,
};
use domain::{
    ShowEvent,
    door::RefusalReason,
    ids::{DeviceId, OrganizationId, ShowId},
};
use identity::Caller;
use metrics::{Counter, counter};

use super::scan::Presented;
use crate::{
    app::CommandSide,
    client_address::ClientAddress,
    commands::submit::channel,
    problem::Problem,
    rate_limits::{CodeAttempt, Guesser, GuessingNoticed},
};

static ALERTS: LazyLock<Alerts> = LazyLock::new(|| {
    let alerts = |guesser: &'static str| counter!("turnout_door_code_guessing_alerts_total", "guesser" => guesser);
    Alerts { throttled: alerts("throttled"), device: alerts("device") }
});

/// Alerts so far, by whether whoever guesses has to wait.
struct Alerts {
    throttled: Counter,
    device: Counter,
}

/// Has the count be there from the start, at 0: a rule that looks for growth sees no first one otherwise.
pub(crate) fn register_metrics() {
    LazyLock::force(&ALERTS);
}

/// A look at what is held up.
pub(super) enum Look<'app> {
    /// No code: nothing can be guessed.
    NoCode,
    /// A code.
    Code(CodeAttempt<'app>),
    /// A code too many, of a scan that has happened.
    KeptBack,
}

/// What whoever asks is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Told {
    /// All that an answer says.
    Everything,
    /// That it is recorded.
    KeptBack,
}

/// Somebody who types codes of a show.
pub(super) struct Guesses<'app> {
    app: &'app CommandSide,
    show: ShowId,
    caller: Caller,
    guesser: Guesser,
}

impl<'app> Guesses<'app> {
    pub(super) fn of(app: &'app CommandSide, show: ShowId, caller: &Caller, client: ClientAddress) -> Self {
        Self { app, show, caller: caller.clone(), guesser: Guesser::of(caller, client) }
    }

    /// Looks at what is held up, before it is looked up. What a device decided by itself has happened and is recorded
    /// whoever brings it; whether its code was one is then kept back.
    ///
    /// # Errors
    /// 429, for everybody but paired devices.
    pub(super) fn look(&self, presented: &Presented, offline: bool) -> Result<Look<'app>, Problem> {
        if !matches!(presented, Presented::ShortCode(_)) {
            return Ok(Look::NoCode);
        }
        match self.app.defences.code_guessing.attempt(&self.guesser, self.show, Instant::now()) {
            Ok(attempt) => Ok(Look::Code(attempt)),
            Err(_) if offline => Ok(Look::KeptBack),
            Err(retry_after) => Err(retry_after.into()),
        }
    }

    /// Judges a look by what came of it.
    pub(super) fn judge(&self, look: Look<'_>, outcome: &Outcome) -> Told {
        match look {
            Look::NoCode => Told::Everything,
            Look::KeptBack => Told::KeptBack,
            Look::Code(attempt) if is_unknown_code(outcome) => {
                if let Some(noticed) = attempt.unknown(Instant::now()) {
                    self.alert(noticed);
                }
                Told::Everything
            }
            Look::Code(attempt) => {
                attempt.known(Instant::now());
                Told::Everything
            }
        }
    }

    /// Whether whoever asks is never stopped.
    pub(super) fn is_paired_device(&self) -> bool {
        self.caller.staff().is_some_and(|staff| staff.device.is_some())
    }

    fn alert(&self, noticed: GuessingNoticed) {
        let Some(staff) = self.caller.staff() else { return };
        let GuessingNoticed { show, codes, throttled } = noticed;
        tracing::warn!(%show, actor = staff.actor, codes, throttled, "somebody may be guessing short codes");
        let alerts = if throttled { &ALERTS.throttled } else { &ALERTS.device };
        alerts.increment(1);
        let device = staff.device.as_ref().map(|device| DeviceId(device.id));
        let id = self.app.ids.next();
        let submission = OrganizationSubmission {
            command: NoteCodeGuessing { show, device, codes, throttled }.into(),
            vault: Vec::new(),
            secrets: Vec::new(),
            command_id: id,
            request_hmac: None,
            correlation: id,
            actor: staff.actor.clone(),
            role: Some(staff.role),
            device,
            channel: Some(channel(staff.channel)),
        };
        let (organizations, organization) = (self.app.organizations.clone(), OrganizationId(staff.organization));
        tokio::spawn(async move {
            if let Err(error) = organizations.submit(organization, submission).await {
                tracing::error!(%error, "an alert could not be recorded");
            }
        });
    }
}

/// A code that no ticket has, also when it is asked for again.
fn is_unknown_code(outcome: &Outcome) -> bool {
    outcome.events.iter().any(|event| match event {
        ShowEvent::CheckInRefused(refused) => refused.reason == Some(RefusalReason::UnknownCode),
        _ => false,
    })
}
