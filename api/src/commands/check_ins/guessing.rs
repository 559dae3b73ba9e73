//! Guessing short codes: whoever types unknown ones without end is slowed down, and the organization hears of it.
//!
//! How many are too many is [`crate::rate_limits::CodeGuessing`]'s to say. The alert is an event of the organization,
//! recorded behind the answer: nobody at the door waits for it.

use std::time::Instant;

use commands::{
    desk::Outcome, organization::note_code_guessing::NoteCodeGuessing, organization_desk::OrganizationSubmission,
};
use domain::{
    ShowEvent,
    door::RefusalReason,
    ids::{DeviceId, OrganizationId, ShowId},
};
use identity::Caller;

use crate::{
    app::App,
    client_address::ClientAddress,
    commands::submit::channel,
    problem::Problem,
    rate_limits::{Guesser, GuessingNoticed},
};

/// Somebody who types codes of a show.
pub(super) struct Guesses<'app> {
    app: &'app App,
    show: ShowId,
    caller: Caller,
    guesser: Guesser,
}

impl<'app> Guesses<'app> {
    pub(super) fn of(app: &'app App, show: ShowId, caller: &Caller, client: ClientAddress) -> Self {
        Self { app, show, caller: caller.clone(), guesser: Guesser::of(caller, client) }
    }

    /// That they may try a code now.
    ///
    /// # Errors
    /// 429, for everybody but paired devices.
    pub(super) fn may_try(&self) -> Result<(), Problem> {
        Ok(self.app.defences.code_guessing.may_try(&self.guesser, self.show, Instant::now())?)
    }

    /// Counts the codes among these that nobody has.
    pub(super) fn count<'a>(&self, outcomes: impl IntoIterator<Item = &'a Outcome>) {
        let unknown = outcomes.into_iter().filter(|outcome| is_unknown_code(outcome)).count();
        let Some(codes) = u32::try_from(unknown).ok().filter(|codes| *codes > 0) else { return };
        if let Some(noticed) = self.app.defences.code_guessing.unknown(&self.guesser, self.show, codes, Instant::now())
        {
            self.alert(noticed);
        }
    }

    fn alert(&self, noticed: GuessingNoticed) {
        let Some(staff) = self.caller.staff() else { return };
        let GuessingNoticed { show, codes, throttled } = noticed;
        tracing::warn!(%show, actor = staff.actor, codes, throttled, "somebody may be guessing short codes");
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

/// A code that no ticket has; a repeat was counted the first time.
fn is_unknown_code(outcome: &Outcome) -> bool {
    !outcome.repeated
        && outcome.events.iter().any(|event| match event {
            ShowEvent::CheckInRefused(refused) => refused.reason == Some(RefusalReason::UnknownCode),
            _ => false,
        })
}
