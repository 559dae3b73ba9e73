//! The timers of open holds and unpaid orders: a table that follows the log, and a tick that wakes the desks of shows
//! with something to end.
//!
//! Any number of nodes may do this at once: the table's checkpoint is compared and set, and a desk that is woken in vain
//! finds nothing due. An end that was ended by somebody else leaves the table with the event that says so.

use std::{collections::HashMap, sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use commands::desk::Desks;
use domain::{ShowEvent, events::OrderStatus};
use event_store::{Clock, Log, ReadError, TypedEvent};
use sqlx::PgPool;
use tokio::{sync::watch, time::Instant};
use uuid::Uuid;

/// The name of this reaction's checkpoint.
const NAME: &str = "ends";
/// How many positions are looked through at once.
const SPAN: i64 = 5_000;
/// How often the table follows while the log grows: a timer is set long before its end, and every page is a commit.
const FOLLOW_EVERY: Duration = Duration::from_millis(100);
/// How often due ends are looked for: several times within the second that an end may be late.
const TICK: Duration = Duration::from_millis(200);
/// How many shows are woken in one tick; the rest comes with the next.
const SHOWS_MAX: i64 = 500;
/// How long to wait after a failure.
const PAUSE: Duration = Duration::from_millis(500);

/// The types that begin, move or close something with an end.
const TYPES: [&str; 8] = [
    "HoldPlaced",
    "HoldExtended",
    "HoldReleased",
    "HoldExpired",
    "OrderPlaced",
    "PaymentRecorded",
    "OrderCancelled",
    "OrderExpired",
];

/// The reaction that ends what is due.
pub struct Ends {
    pool: PgPool,
    log: Log,
    desks: Desks,
    clock: Arc<dyn Clock>,
}

#[derive(Debug, thiserror::Error)]
enum EndsError {
    #[error("the log cannot be read")]
    Read(#[from] ReadError),
    #[error("the timers cannot be written")]
    Database(#[from] sqlx::Error),
}

/// What becomes of one timer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Timer {
    Set {
        show: Uuid,
        due_at: DateTime<Utc>,
    },
    Cleared,
    /// There never was one: what is sold at the box office is paid at once.
    Never,
}

impl Ends {
    /// A reaction over a pool that took the role `turnout_react`.
    pub fn new(pool: PgPool, log: Log, desks: Desks, clock: Arc<dyn Clock>) -> Self {
        Self { pool, log, desks, clock }
    }

    /// Works until `stop` becomes true.
    pub async fn run(self, stop: watch::Receiver<bool>) {
        let stopped = async |mut stop: watch::Receiver<bool>| {
            // An error means that whoever could stop us is gone, which is a stop as well.
            drop(stop.wait_for(|stop| *stop).await);
        };
        tokio::select! {
            () = stopped(stop.clone()) => {}
            () = self.follow() => {}
            () = self.tick() => {}
        }
    }

    /// Keeps the table up with the log.
    async fn follow(&self) {
        loop {
            let next = Instant::now() + FOLLOW_EVERY;
            match self.page().await {
                Ok(checkpoint) => {
                    tokio::time::sleep_until(next).await;
                    if let Err(error) = self.log.wait_beyond(checkpoint).await {
                        tracing::warn!(%error, "the timers cannot follow the log now");
                        tokio::time::sleep(PAUSE).await;
                    }
                }
                Err(error) => {
                    tracing::warn!(error = &error as &dyn std::error::Error, "the timers do not follow the log now");
                    tokio::time::sleep(PAUSE).await;
                }
            }
        }
    }

    /// Takes in one page of events; says how far the table goes now.
    async fn page(&self) -> Result<i64, EndsError> {
        let before = sqlx::query_scalar!("SELECT position FROM reaction.checkpoints WHERE reaction = $1", NAME)
            .fetch_optional(&self.pool)
            .await?;
        let after = before.unwrap_or(0);
        let (events, until) = self.log.of_types(&TYPES, after, SPAN).await?;
        if until == after {
            return Ok(after);
        }
        let timers = timers(&events);
        let (mut set, mut shows, mut due, mut cleared) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for (subject, timer) in timers {
            match timer {
                Timer::Set { show, due_at } => {
                    set.push(subject);
                    shows.push(show);
                    due.push(due_at);
                }
                Timer::Cleared => cleared.push(subject),
                Timer::Never => {}
            }
        }
        // What a crash takes of it is read again.
        let mut transaction = self.pool.begin_with("BEGIN; SET LOCAL synchronous_commit = off").await?;
        let moved = match before {
            None => sqlx::query!(
                "INSERT INTO reaction.checkpoints (reaction, position) VALUES ($1, $2) ON CONFLICT DO NOTHING",
                NAME,
                until
            )
            .execute(&mut *transaction)
            .await?
            .rows_affected(),
            Some(before) => sqlx::query!(
                "UPDATE reaction.checkpoints SET position = $2 WHERE reaction = $1 AND position = $3",
                NAME,
                until,
                before
            )
            .execute(&mut *transaction)
            .await?
            .rows_affected(),
        };
        if moved == 0 {
            // Another node was faster with this page; its rows are the same.
            transaction.rollback().await?;
            return Ok(after);
        }
        if !set.is_empty() {
            sqlx::query!(
                "INSERT INTO reaction.ends (subject, show, due_at)
                 SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::timestamptz[])
                 ON CONFLICT (subject) DO UPDATE SET due_at = excluded.due_at",
                &set,
                &shows,
                &due
            )
            .execute(&mut *transaction)
            .await?;
        }
        if !cleared.is_empty() {
            sqlx::query!("DELETE FROM reaction.ends WHERE subject = ANY($1)", &cleared)
                .execute(&mut *transaction)
                .await?;
        }
        transaction.commit().await?;
        Ok(until)
    }

    /// Wakes desks, again and again.
    async fn tick(&self) {
        let mut tick = tokio::time::interval(TICK);
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tick.tick().await;
            match self.due_shows().await {
                Ok(shows) => {
                    for show in shows {
                        if let Err(error) = self.desks.wake(show.into()) {
                            tracing::debug!(%error, %show, "a desk is too busy to be woken; the next tick tries again");
                        }
                    }
                }
                Err(error) => {
                    tracing::warn!(%error, "due ends cannot be looked for now");
                    tokio::time::sleep(PAUSE).await;
                }
            }
        }
    }

    async fn due_shows(&self) -> Result<Vec<Uuid>, sqlx::Error> {
        sqlx::query_scalar!(
            "SELECT DISTINCT show FROM reaction.ends WHERE due_at <= $1 LIMIT $2",
            self.clock.now(),
            SHOWS_MAX
        )
        .fetch_all(&self.pool)
        .await
    }
}

/// What a page of events does to the timers; of several changes to one, the last.
fn timers(events: &[TypedEvent]) -> HashMap<Uuid, Timer> {
    let mut timers = HashMap::new();
    for recorded in events {
        match ShowEvent::decode(&recorded.event_type, recorded.schema, &recorded.payload) {
            Ok(event) => change(&mut timers, recorded.stream, &event),
            // The desk cannot read it either and says so to everybody who asks; other shows' timers go on.
            Err(error) => tracing::error!(%error, position = recorded.position, "an event cannot be read"),
        }
    }
    timers
}

fn change(timers: &mut HashMap<Uuid, Timer>, show: Uuid, event: &ShowEvent) {
    match event {
        ShowEvent::HoldPlaced(event) => {
            timers.insert(event.hold.0, Timer::Set { show, due_at: event.expires_at });
        }
        ShowEvent::HoldExtended(event) => {
            timers.insert(event.hold.0, Timer::Set { show, due_at: event.expires_at });
        }
        ShowEvent::HoldReleased(event) => {
            timers.insert(event.hold.0, Timer::Cleared);
        }
        ShowEvent::HoldExpired(event) => {
            timers.insert(event.hold.0, Timer::Cleared);
        }
        ShowEvent::OrderPlaced(event) => {
            if let Some(hold) = event.hold {
                timers.insert(hold.0, Timer::Cleared);
            }
            let timer = event.expires_at.map_or(Timer::Never, |due_at| Timer::Set { show, due_at });
            timers.insert(event.order.0, timer);
        }
        ShowEvent::PaymentRecorded(event) if event.status == OrderStatus::Paid => {
            let timer = timers.entry(event.order.0).or_insert(Timer::Cleared);
            if *timer != Timer::Never {
                *timer = Timer::Cleared;
            }
        }
        ShowEvent::OrderCancelled(event) => {
            timers.insert(event.order.0, Timer::Cleared);
        }
        ShowEvent::OrderExpired(event) => {
            timers.insert(event.order.0, Timer::Cleared);
        }
        _ => {}
    }
}
