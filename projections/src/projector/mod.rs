//! The projector: reads the log page by page, folds, renders, writes.
//!
//! One leads (`lease`), the others follow its checkpoint and wait. Rows and checkpoint are one transaction with a
//! compare-and-set (`write`). The checkpoint as it is known here is published on a channel: that is what readers wait on.
//! What stops one stream (an event that cannot be understood) stops that stream; a hole in the log stops everything.

mod copy;
mod fact_rows;
mod lease;
mod metrics;
pub(crate) mod page;
mod persons;
mod pg_text;
pub(crate) mod rows;
pub(crate) mod states;
mod subjects;
pub(crate) mod touched;
pub(crate) mod write;
mod write_facts;

pub(crate) use subjects::seat_subject;

use std::{collections::HashSet, sync::Arc, time::Duration};

use event_store::{Clock, Log, ReadError, RecordedEvent};
use sqlx::PgPool;
use thiserror::Error;
use tokio::{sync::watch, task::JoinError, time::Instant};
use tokio_util::{sync::CancellationToken, task::AbortOnDropHandle};
use uuid::Uuid;

use self::{
    lease::{Lease, Start},
    metrics::PageWatch,
    rows::Rows,
    states::States,
};
use crate::ReadModels;

/// The name of the one checkpoint: all read models are written together, so one position holds for all.
pub(crate) const CHECKPOINT: &str = "read";

/// How often a follower looks at the leader's checkpoint, and whether the lease has ended.
const FOLLOW_EVERY: Duration = Duration::from_millis(250);
/// The longest a leader waits for events before it looks at its lease.
const WAIT_MAX: Duration = Duration::from_millis(500);
/// How often a leader that is busy with one page looks at its lease.
const RENEW_WHILE_BUSY: Duration = Duration::from_secs(1);
/// A page of at least this part of the most has others waiting behind it: the next one is folded while it is written. One that is
/// smaller is not followed so: what would be folded meanwhile had to wait for the writing of two pages instead of one.
const BEHIND_FROM: i64 = 4;
/// After an error of the database: the first pause, which doubles up to the last.
const BACKOFF: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(5));

/// Bounds of a projector. The defaults are for production; tests make them small.
#[derive(Debug, Clone, Copy)]
pub struct ProjectorOptions {
    /// Events in a page. A thousand are folded and written in some tens of milliseconds.
    pub page_events_max: i64,
    /// Shows kept in memory. One of 100,000 seats takes some 40 MB, most take less than one.
    pub shows_max: usize,
    /// The least time between the beginnings of two pages: it bounds how often the checkpoint's row is written.
    pub page_every: Duration,
}

impl Default for ProjectorOptions {
    fn default() -> Self {
        Self { page_events_max: 1_000, shows_max: 100, page_every: Duration::from_millis(10) }
    }
}

/// Why a projector stopped for good.
#[derive(Debug, Error)]
pub enum ProjectorError {
    /// The log has a hole or a row that cannot be: nothing may be built on it.
    #[error("the log is damaged")]
    Log(#[source] ReadError),
    /// A page's writing ended in the middle, by a mistake of ours.
    #[error("the writing of a page died")]
    Died(#[source] JoinError),
    /// The database cannot be reached or refuses. `run` tries again; `step` answers it.
    #[error("the read models cannot be written")]
    Database(#[from] sqlx::Error),
}

impl From<ReadError> for ProjectorError {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Database(error) => Self::Database(error),
            other => Self::Log(other),
        }
    }
}

/// What one step of a projector did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Wrote a page; the checkpoint is here now.
    Wrote(i64),
    /// Leads, and there was nothing to do.
    Idle(i64),
    /// Somebody else leads; this is their checkpoint.
    Follows(i64),
    /// Led, and somebody else has taken over; nothing was written.
    Lost,
}

/// Builds the read models.
pub struct Projector {
    pool: PgPool,
    log: Log,
    clock: Arc<dyn Clock>,
    options: ProjectorOptions,
    id: Uuid,
    leads: Option<Leads>,
    states: States,
    published: watch::Sender<i64>,
    stopped: watch::Sender<usize>,
}

/// What a leader knows.
struct Leads {
    lease: Lease,
    checkpoint: i64,
    poisoned: HashSet<Uuid>,
    /// The page behind the checkpoint, folded while the one before was written, where there was so much to do.
    ahead: Option<Folded>,
}

impl Projector {
    /// A projector. `pool` and `log` are of role Project (two connections suffice), `id` is a fresh one for each projector.
    #[must_use]
    pub fn new(pool: PgPool, log: Log, clock: Arc<dyn Clock>, id: Uuid, options: ProjectorOptions) -> Self {
        metrics::register();
        let states = States::new(options.shows_max);
        Self {
            pool,
            log,
            clock,
            options,
            id,
            leads: None,
            states,
            published: watch::Sender::new(0),
            stopped: watch::Sender::new(0),
        }
    }

    /// The checkpoint as far as it is known here, 0 at first. It goes back only when the database does.
    #[must_use]
    pub fn checkpoint(&self) -> watch::Receiver<i64> {
        self.published.subscribe()
    }

    /// How many streams stopped at an event that cannot be understood, whoever leads. For health: above 0 somebody has to look.
    #[must_use]
    pub fn stopped_streams(&self) -> watch::Receiver<usize> {
        self.stopped.subscribe()
    }

    /// Projects until `shutdown`, then gives the lease back. An error of the database is tried again, with growing pauses.
    ///
    /// # Errors
    /// [`ProjectorError::Log`]: the log is damaged. It was said loudly, and nothing more will be projected.
    pub async fn run(mut self, shutdown: CancellationToken) -> Result<(), ProjectorError> {
        let mut pause = BACKOFF.0;
        loop {
            let began = Instant::now();
            // A page under way may be dropped in the middle: its transaction is rolled back then.
            let step = tokio::select! {
                () = shutdown.cancelled() => break,
                step = self.step() => step,
            };
            let wait_until = match step {
                Ok(Step::Wrote(_)) => {
                    pause = BACKOFF.0;
                    began + self.options.page_every
                }
                Ok(Step::Idle(checkpoint)) => {
                    pause = BACKOFF.0;
                    tokio::select! {
                        () = shutdown.cancelled() => break,
                        // What it says does not matter: the next step reads, and meets the same error.
                        _ = tokio::time::timeout(WAIT_MAX, self.log.wait_beyond(checkpoint)) => continue,
                    }
                }
                Ok(Step::Follows(_) | Step::Lost) => began + FOLLOW_EVERY,
                Err(ProjectorError::Database(error)) => {
                    metrics::failed();
                    tracing::warn!(
                        error = &error as &dyn std::error::Error,
                        "the read models cannot be written; trying again"
                    );
                    let wait_until = Instant::now() + pause;
                    pause = (pause * 2).min(BACKOFF.1);
                    wait_until
                }
                Err(error) => {
                    tracing::error!(error = &error as &dyn std::error::Error, "the projector stops for good");
                    return Err(error);
                }
            };
            tokio::select! {
                () = shutdown.cancelled() => break,
                () = tokio::time::sleep_until(wait_until) => {}
            }
        }
        // Also when a step was dropped in the middle. If it fails, the lease ends by itself.
        let _ = Lease::give_back(&self.pool, CHECKPOINT, self.id, self.clock.now()).await;
        Ok(())
    }

    /// One step: takes or renews the lease, projects at most a page. It does not wait for events. For tests, and for loops
    /// of one's own.
    ///
    /// # Errors
    /// See [`ProjectorError`]. After an error the next step begins afresh, from the checkpoint as written.
    pub async fn step(&mut self) -> Result<Step, ProjectorError> {
        // Taken out, so that an error, and a step that is dropped, leave nothing half done behind.
        let leads = self.leads.take();
        let mut states = std::mem::replace(&mut self.states, States::new(self.options.shows_max));
        let leads = match leads {
            Some(leads) => Some(leads),
            None => {
                states.clear();
                self.take_lead().await?
            }
        };
        metrics::leads(leads.is_some(), leads.as_ref().map_or(0, |leads| leads.poisoned.len()));
        let Some(mut leads) = leads else { return self.follow().await };
        tell_stopped(&self.stopped, leads.poisoned.len());
        if leads.lease.is_due(self.clock.now()) && !leads.lease.renew(&self.pool, self.clock.now()).await? {
            return Ok(lost());
        }
        let Leads { lease, checkpoint, poisoned, ahead } = &mut leads;
        let pages = Pages {
            pool: &self.pool,
            log: &self.log,
            clock: &*self.clock,
            published: &self.published,
            fence: lease.fence,
            options: self.options,
        };
        let moved = tokio::select! {
            moved = pages.go_on(*checkpoint, ahead, &mut states, poisoned) => moved?,
            lost = keep(&self.pool, &*self.clock, lease) => {
                lost?;
                None
            }
        };
        let Some(to) = moved else { return Ok(lost()) };
        states.trim();
        let step = if to > leads.checkpoint { Step::Wrote(to) } else { Step::Idle(to) };
        leads.checkpoint = to;
        tell_stopped(&self.stopped, leads.poisoned.len());
        self.states = states;
        self.leads = Some(leads);
        publish(&self.published, to);
        Ok(step)
    }

    async fn take_lead(&self) -> Result<Option<Leads>, sqlx::Error> {
        let start = Lease::take(&self.pool, CHECKPOINT, self.id, self.clock.now()).await?;
        Ok(start.map(|Start { lease, checkpoint, poisoned }| {
            tracing::info!(checkpoint, fence = lease.fence, poisoned = poisoned.len(), "projecting");
            Leads { lease, checkpoint, poisoned, ahead: None }
        }))
    }

    async fn follow(&self) -> Result<Step, ProjectorError> {
        let checkpoint = sqlx::query_scalar!("SELECT position FROM checkpoints WHERE name = $1", CHECKPOINT)
            .fetch_optional(&self.pool)
            .await?
            .unwrap_or(0);
        let stopped = sqlx::query_scalar!("SELECT stream FROM poisoned_streams").fetch_all(&self.pool).await?;
        tell_stopped(&self.stopped, stopped.len());
        publish(&self.published, checkpoint);
        Ok(Step::Follows(checkpoint))
    }
}

impl std::fmt::Debug for Projector {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Projector").field("id", &self.id).finish_non_exhaustive()
    }
}

fn publish(published: &watch::Sender<i64>, checkpoint: i64) {
    metrics::reached(checkpoint);
    published.send_if_modified(|known| std::mem::replace(known, checkpoint) != checkpoint);
}

fn tell_stopped(told: &watch::Sender<usize>, stopped: usize) {
    told.send_if_modified(|known| std::mem::replace(known, stopped) != stopped);
}

fn lost() -> Step {
    tracing::warn!("another projector has taken over, or the tables were made anew");
    Step::Lost
}

/// Renews the lease while a long page is under way (nodes would take it from each other without end); returns when it is lost.
async fn keep(pool: &PgPool, clock: &dyn Clock, lease: &mut Lease) -> Result<(), sqlx::Error> {
    loop {
        tokio::time::sleep(RENEW_WHILE_BUSY).await;
        if lease.is_due(clock.now()) && !lease.renew(pool, clock.now()).await? {
            return Ok(());
        }
    }
}

/// Pages of the log, one after the other.
struct Pages<'a> {
    pool: &'a PgPool,
    log: &'a Log,
    clock: &'a dyn Clock,
    published: &'a watch::Sender<i64>,
    fence: i64,
    options: ProjectorOptions,
}

/// A page that is to be written.
struct Folded {
    events: Vec<RecordedEvent>,
    rows: Rows,
    last: i64,
    watch: PageWatch,
}

impl Pages<'_> {
    /// Writes the page behind a checkpoint, and where it is behind folds the next one meanwhile. Answers the new checkpoint (the old one when
    /// there are no events), or none when somebody else has moved on.
    async fn go_on(
        &self,
        from: i64,
        ahead: &mut Option<Folded>,
        states: &mut States,
        poisoned: &mut HashSet<Uuid>,
    ) -> Result<Option<i64>, ProjectorError> {
        let page = match ahead.take() {
            Some(page) => page,
            None => match self.fold(from, states, poisoned).await? {
                Some(page) => page,
                None => return Ok(Some(from)),
            },
        };
        let Folded { events, rows, last, mut watch } = page;
        let checkpoint = write::Checkpoint { name: CHECKPOINT, fence: self.fence, from, to: last };
        let pool = self.pool.clone();
        watch.writes();
        // A task of its own, because folding does not pause for it. It ends when this is dropped; its transaction is rolled back.
        let published = self.published.clone();
        let writing = AbortOnDropHandle::new(tokio::spawn(async move {
            let written = write::write(&pool, checkpoint, &rows).await?;
            if written {
                publish(&published, last);
            }
            Ok::<_, sqlx::Error>(written.then_some(rows))
        }));
        let behind = events.len() as i64 >= self.options.page_events_max / BEHIND_FROM;
        let next = if behind { self.fold(last, states, poisoned).await } else { Ok(None) };
        let Some(rows) = writing.await.map_err(ProjectorError::Died)?? else { return Ok(None) };
        watch.written(&events, &rows, self.clock.now());
        *ahead = next?;
        Ok(Some(last))
    }

    /// The page behind a position; none when there are no events.
    async fn fold(
        &self,
        from: i64,
        states: &mut States,
        poisoned: &mut HashSet<Uuid>,
    ) -> Result<Option<Folded>, ProjectorError> {
        let mut watch = PageWatch::begin();
        let events = self.log.page(from, self.options.page_events_max).await?;
        let Some(last) = events.last().map(|event| event.position) else { return Ok(None) };
        watch.read();
        let rows = page::fold(self.log, states, poisoned, &events, ReadModels::ALL).await?;
        watch.folded();
        Ok(Some(Folded { events, rows, last, watch }))
    }
}
