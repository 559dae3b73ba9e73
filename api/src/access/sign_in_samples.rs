//! Samples of sign-ins and failed ones, for auditors: the first one of a member is recorded at once, those of the next ten
//! minutes together when these are over, whether anybody tries again or not. So whoever tries a thousand passwords leaves a
//! trace of a few events, and does not fill the log.
//!
//! Failures at addresses without an account belong to no organization: they are logged, not recorded. Each node samples for
//! itself, in memory; a count that a node has not recorded when it stops is lost.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use commands::{
    OrganizationCommand,
    organization::{note_failed_sign_ins::NoteFailedSignIns, note_sign_ins::NoteSignIns},
};
use domain::ids::{MemberId, OrganizationId};
use identity::Email;
use tokio::time::Instant;
use uuid::Uuid;

use super::nobody::ByNobody;
use crate::app::CommandSide;

/// How often an event of each kind is recorded of a member at most.
const EVERY: Duration = Duration::from_secs(600);

/// Of how many members counts are kept; past that, those go that say nothing any more.
const MEMBERS_MAX: usize = 10_000;

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Kind {
    SignedIn,
    Failed,
}

#[derive(Debug)]
struct Count {
    recorded_at: Instant,
    /// How many came since, which somebody waits to record.
    since: u32,
}

/// What is to be done about one that was just counted.
#[derive(Debug, PartialEq, Eq)]
enum Noted {
    /// To be recorded at once.
    Now,
    /// It is the first that waits: all are to be recorded then.
    Until(Instant),
    /// Somebody waits already.
    Awaited,
}

/// What was counted and is not recorded yet.
#[derive(Debug, Default)]
pub struct SignInSamples {
    counts: Mutex<HashMap<(Uuid, Kind), Count>>,
}

impl SignInSamples {
    fn count(&self, of: (Uuid, Kind), now: Instant) -> Noted {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        if counts.len() >= MEMBERS_MAX {
            counts.retain(|_, count| count.since > 0 || now < count.recorded_at + EVERY);
        }
        match counts.get_mut(&of) {
            Some(count) if count.since > 0 => {
                count.since = count.since.saturating_add(1);
                Noted::Awaited
            }
            Some(count) if now < count.recorded_at + EVERY => {
                count.since = 1;
                Noted::Until(count.recorded_at + EVERY)
            }
            _ => {
                counts.insert(of, Count { recorded_at: now, since: 0 });
                Noted::Now
            }
        }
    }

    /// Those that waited.
    fn waited(&self, of: (Uuid, Kind), now: Instant) -> u32 {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        counts.insert(of, Count { recorded_at: now, since: 0 }).map_or(0, |count| count.since)
    }

    /// Counts one and has it recorded, at once or with others when their time has come.
    async fn note<F, R>(self: &Arc<Self>, of: (Uuid, Kind), record: F)
    where
        F: Fn(u32) -> R + Send + 'static,
        R: Future<Output = ()> + Send,
    {
        match self.count(of, Instant::now()) {
            Noted::Now => record(1).await,
            Noted::Awaited => {}
            Noted::Until(then) => {
                let samples = Arc::clone(self);
                tokio::spawn(async move {
                    tokio::time::sleep_until(then).await;
                    let waited = samples.waited(of, Instant::now());
                    record(waited).await;
                });
            }
        }
    }
}

/// Takes note that somebody signed in. Goes on by itself: whoever signs in does not wait for it.
pub(super) fn signed_in(app: &CommandSide, account: Uuid) {
    let app = app.clone();
    tokio::spawn(async move { note(&app, account, Kind::SignedIn).await });
}

/// Takes note that somebody failed to. Goes on by itself, so that the answer takes no longer where there is an account.
pub(super) fn failed(app: &CommandSide, email: Email) {
    let app = app.clone();
    tokio::spawn(async move {
        match app.gate.accounts().find(&email).await {
            Ok(Some(account)) => note(&app, account.account, Kind::Failed).await,
            Ok(None) => tracing::info!("a sign-in failed at an address that has no account"),
            Err(error) => tracing::warn!(%error, "a failed sign-in could not be looked up"),
        }
    });
}

async fn note(app: &CommandSide, account: Uuid, kind: Kind) {
    let memberships = match identity::memberships(&app.identity_pool, account).await {
        Ok(memberships) => memberships,
        Err(error) => return tracing::warn!(%error, "a sign-in could not be noted"),
    };
    for membership in memberships {
        let (app, samples) = (app.clone(), Arc::clone(&app.sign_in_samples));
        let record = move |times| record(app.clone(), membership.organization, membership.member, kind, times);
        samples.note((membership.member, kind), record).await;
    }
}

async fn record(app: CommandSide, organization: Uuid, member: Uuid, kind: Kind, times: u32) {
    let member = MemberId(member);
    let command: OrganizationCommand = match kind {
        Kind::SignedIn => NoteSignIns { member, sessions: times }.into(),
        Kind::Failed => NoteFailedSignIns { member, attempts: times }.into(),
    };
    if let Err(problem) = ByNobody::new(command).submit(&app, OrganizationId(organization)).await {
        tracing::warn!(code = problem.code(), "a sign-in could not be noted");
    }
}

#[cfg(test)]
mod tests {
    use tokio::sync::mpsc;

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    /// Notes so many of a kind; what is recorded comes out of the channel, with the second at which it was.
    async fn note(
        samples: &Arc<SignInSamples>,
        of: (u128, Kind),
        times: u32,
        told: &mpsc::Sender<(u64, u32)>,
        began: Instant,
    ) {
        for _ in 0..times {
            let told = told.clone();
            let record = move |times| {
                let told = told.clone();
                async move { told.send((began.elapsed().as_secs(), times)).await.unwrap() }
            };
            samples.note((Uuid::from_u128(of.0), of.1), record).await;
        }
    }

    #[tokio::test(start_paused = true)]
    async fn the_first_is_recorded_at_once_and_a_burst_that_stops_when_ten_minutes_are_over() {
        let (samples, began) = (Arc::<SignInSamples>::default(), Instant::now());
        let (told, mut hears) = mpsc::channel(10);
        note(&samples, (1, Kind::Failed), 1, &told, began).await;
        assert_eq!(hears.recv().await, Some((0, 1)));
        tokio::time::sleep(100 * SECOND).await;
        note(&samples, (1, Kind::Failed), 40, &told, began).await;
        assert!(hears.try_recv().is_err(), "they wait");
        assert_eq!(hears.recv().await, Some((600, 40)), "nobody had to try again");

        // What comes then waits anew, and after a quiet time the first is told at once again.
        note(&samples, (1, Kind::Failed), 2, &told, began).await;
        assert_eq!(hears.recv().await, Some((1_200, 2)));
        tokio::time::sleep(601 * SECOND).await;
        note(&samples, (1, Kind::Failed), 1, &told, began).await;
        assert_eq!(hears.recv().await, Some((1_801, 1)));
    }

    #[tokio::test(start_paused = true)]
    async fn members_and_kinds_are_counted_apart() {
        let (samples, began) = (Arc::<SignInSamples>::default(), Instant::now());
        let (told, mut hears) = mpsc::channel(10);
        for of in [(1, Kind::Failed), (1, Kind::SignedIn), (2, Kind::Failed)] {
            note(&samples, of, 1, &told, began).await;
            assert_eq!(hears.recv().await, Some((0, 1)));
        }
    }
}
