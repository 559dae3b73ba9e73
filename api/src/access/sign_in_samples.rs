//! Samples of sign-ins and failed ones, for auditors: the first one of a member is recorded at once, those of the next ten
//! minutes with the next one. So whoever tries a thousand passwords leaves a trace of a few events, and does not fill the log.
//!
//! Failures at addresses without an account belong to no organization: they are logged, not recorded. Each node samples for
//! itself, in memory; a count that a node has not recorded when it stops is lost.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use commands::{
    OrganizationCommand,
    organization::{note_failed_sign_ins::NoteFailedSignIns, note_sign_ins::NoteSignIns},
};
use domain::ids::{MemberId, OrganizationId};
use identity::Email;
use uuid::Uuid;

use super::nobody::ByNobody;
use crate::app::App;

/// How often an event of each kind is recorded of a member at most.
const EVERY: Duration = Duration::from_secs(600);

/// Of how many members counts are kept; those of the longest ago go first.
const MEMBERS_MAX: usize = 10_000;

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Kind {
    SignedIn,
    Failed,
}

#[derive(Debug)]
struct Count {
    recorded_at: Option<Instant>,
    since: u32,
}

/// What was counted and is not recorded yet.
#[derive(Debug, Default)]
pub struct SignInSamples {
    counts: Mutex<HashMap<(Uuid, Kind), Count>>,
}

impl SignInSamples {
    /// Counts one; says how many are to be recorded now, if any.
    fn count(&self, member: Uuid, kind: Kind, now: Instant) -> Option<u32> {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        if counts.len() >= MEMBERS_MAX {
            counts.retain(|_, count| count.recorded_at.is_some_and(|at| now - at < EVERY));
        }
        let count = counts.entry((member, kind)).or_insert(Count { recorded_at: None, since: 0 });
        count.since = count.since.saturating_add(1);
        if count.recorded_at.is_some_and(|at| now - at < EVERY) {
            return None;
        }
        count.recorded_at = Some(now);
        Some(std::mem::take(&mut count.since))
    }
}

/// Takes note that somebody signed in. Goes on by itself: whoever signs in does not wait for it.
pub(super) fn signed_in(app: &App, account: Uuid) {
    let app = app.clone();
    tokio::spawn(async move { note(&app, account, Kind::SignedIn).await });
}

/// Takes note that somebody failed to. Goes on by itself, so that the answer takes no longer where there is an account.
pub(super) fn failed(app: &App, email: Email) {
    let app = app.clone();
    tokio::spawn(async move {
        match app.gate.accounts().find(&email).await {
            Ok(Some(account)) => note(&app, account.account, Kind::Failed).await,
            Ok(None) => tracing::info!("a sign-in failed at an address that has no account"),
            Err(error) => tracing::warn!(%error, "a failed sign-in could not be looked up"),
        }
    });
}

async fn note(app: &App, account: Uuid, kind: Kind) {
    let memberships = match identity::memberships(&app.identity_pool, account).await {
        Ok(memberships) => memberships,
        Err(error) => return tracing::warn!(%error, "a sign-in could not be noted"),
    };
    for membership in memberships {
        let Some(times) = app.sign_in_samples.count(membership.member, kind, Instant::now()) else { continue };
        let member = MemberId(membership.member);
        let command: OrganizationCommand = match kind {
            Kind::SignedIn => NoteSignIns { member, sessions: times }.into(),
            Kind::Failed => NoteFailedSignIns { member, attempts: times }.into(),
        };
        if let Err(problem) = ByNobody::new(command).submit(app, OrganizationId(membership.organization)).await {
            tracing::warn!(code = problem.code(), "a sign-in could not be noted");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_is_recorded_at_once_and_the_others_together() {
        let samples = SignInSamples::default();
        let (member, start) = (Uuid::from_u128(1), Instant::now());
        assert_eq!(samples.count(member, Kind::Failed, start), Some(1));
        for _ in 0..40 {
            assert_eq!(samples.count(member, Kind::Failed, start + EVERY / 2), None);
        }
        assert_eq!(samples.count(member, Kind::SignedIn, start), Some(1), "counted apart");
        assert_eq!(samples.count(Uuid::from_u128(2), Kind::Failed, start), Some(1), "counted apart");
        assert_eq!(samples.count(member, Kind::Failed, start + EVERY), Some(41));
    }
}
