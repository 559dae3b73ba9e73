//! Builds read models anew beside those in use, and puts them in their place while the server goes on.
//!
//! `build` folds whole streams into twins of the tables (`schema`), `follow` goes on to where live projection is, `check` looks
//! whether what was written is what the events say, `switch` replaces the tables in one transaction between two pages of the
//! projector. What was replaced is kept until the next rebuild, and can be put back ([`Rebuild::roll_back`]).
//!
//! What always holds: nothing but schema `read` and its neighbours is written, so nothing that follows events (mails, timers)
//! happens again. An unfinished rebuild leaves the tables in use untouched; the next one clears it away. One goes at a time.

mod build;
mod follow;
mod retry;
mod schema;
mod switch;
pub(crate) mod whole;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use event_store::{Log, ReadError, StreamHead, pools, streams};
use sqlx::{PgConnection, PgPool};
use thiserror::Error;
use tokio::{sync::watch, task::JoinError};
use uuid::Uuid;

use self::{
    build::Build,
    follow::Follower,
    schema::{NEXT, OLD},
    switch::{Switch, checkpoint},
};
use crate::{
    ReadModels,
    projector::{rows::TABLES, states::States},
    read_models::Table,
    verify::{self, Difference, VerifyError},
};

pub use retry::Retried;

/// A session's lock on rebuilding: any number that nobody else uses.
const ONE_AT_A_TIME: i64 = 0x7475_726e_6f75_7401;
/// Connections: two builders' readers ahead; their writers.
const READERS: u32 = 8;
const WRITERS: u32 = 5;
/// Shows in memory while it follows.
const SHOWS_MAX: usize = 100;
/// Streams that are looked at again before the switch: those that went on meanwhile, and others up to so many.
const CHECKED_MAX: usize = 20;
/// And so many of their events: a second or two. `turnout verify --read` looks at everything.
const CHECKED_EVENTS_MAX: i64 = 50_000;
/// The switch is tried when no more is left than this.
const NEAR_EVENTS: i64 = 1_000;

/// Why read models could not be built anew. Those in use are as they were.
#[derive(Debug, Error)]
pub enum RebuildError {
    /// The database cannot be reached or refuses.
    #[error("the database refuses")]
    Database(#[from] sqlx::Error),
    /// The log cannot be read, or is damaged.
    #[error("the log cannot be read")]
    Log(#[from] ReadError),
    /// A part of the work ended in the middle.
    #[error("a part of the rebuild died")]
    Died(#[source] JoinError),
    /// There is another.
    #[error("another rebuild is running on this database; let it end, or stop it")]
    Running,
    /// What was built is not what the events say: a mistake of ours.
    #[error("what was built is not what the events say, and was not put in place: {0}")]
    NotEqual(Difference),
    /// What was written is not all that was to be: a mistake of ours.
    #[error("table {table} holds {counted} rows where {rendered} were to be written, and was not put in place")]
    NotWritten {
        /// The table.
        table: &'static str,
        /// Rows that were to be written.
        rendered: usize,
        /// Rows that are there.
        counted: i64,
    },
    /// Somebody reads for too long.
    #[error(
        "the tables could not be replaced, because something reads them without end; look for long queries, then try again"
    )]
    SwitchBlocked,
    /// A read model by itself cannot go on where the others stopped, or the other way round.
    #[error("the streams that stopped are not those of the tables in use; rebuild all read models together")]
    OtherStreamsStopped,
    /// Nothing to put back.
    #[error("no tables are kept from an earlier rebuild")]
    NothingKept,
    /// What is kept has another shape.
    #[error("the kept tables were made before the last migration and cannot be put back; rebuild instead")]
    KeptBeforeMigration,
    /// There is no such stream.
    #[error("the log has no stream {0}")]
    UnknownStream(Uuid),
}

impl From<VerifyError> for RebuildError {
    fn from(error: VerifyError) -> Self {
        match error {
            VerifyError::Database(error) => Self::Database(error),
            VerifyError::Log(error) => Self::Log(error),
        }
    }
}

/// What a rebuild is at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Stage {
    /// Whole streams are folded and written.
    #[default]
    Building,
    /// Indexes are made.
    Indexing,
    /// It goes on to where live projection is.
    CatchingUp,
    /// What was built is compared with what the events say.
    Checking,
    /// The tables are replaced.
    Switching,
}

/// How far a rebuild is.
#[derive(Debug, Clone, Copy, Default)]
pub struct Progress {
    /// What it is at.
    pub stage: Stage,
    /// Events that are folded.
    pub events: u64,
    /// Events that there were to fold when it began.
    pub of: u64,
}

/// What was built.
#[derive(Debug, Clone, Copy)]
pub struct Rebuilt {
    /// Streams that it was built from.
    pub streams: usize,
    /// Events that they held.
    pub events: u64,
    /// Streams that stop at an event that cannot be understood.
    pub stopped: usize,
    /// What the tables had reached when they were put in place.
    pub position: i64,
}

/// Counts events across tasks, for whoever watches.
#[derive(Debug, Clone)]
struct Counter(Arc<AtomicU64>, watch::Sender<Progress>);

impl Counter {
    fn add(&self, events: u64) {
        if events > 0 {
            let events = self.0.fetch_add(events, Ordering::Relaxed) + events;
            self.1.send_modify(|progress| progress.events = events);
        }
    }

    fn stage(&self, stage: Stage) {
        self.1.send_modify(|progress| progress.stage = stage);
    }
}

/// Rebuilds read models of a database.
#[derive(Debug)]
pub struct Rebuild {
    owner: PgPool,
    url: String,
    log: Log,
    progress: watch::Sender<Progress>,
}

impl Rebuild {
    /// `url` is the owner's: it makes schemas and tables.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn connect(url: &str) -> Result<Self, sqlx::Error> {
        let owner = pools::connect_owner(url, "public", READERS).await?;
        let log = Log::new(owner.clone(), None);
        Ok(Self { owner, url: url.to_owned(), log, progress: watch::Sender::default() })
    }

    /// How far it is.
    #[must_use]
    pub fn progress(&self) -> watch::Receiver<Progress> {
        self.progress.subscribe()
    }

    /// Builds these read models anew and puts them in place. All together they go to the log's head, some of them to where the
    /// others are.
    ///
    /// # Errors
    /// See [`RebuildError`]; the tables in use are as they were then.
    pub async fn run(&self, models: ReadModels) -> Result<Rebuilt, RebuildError> {
        let mut connection = self.alone().await?;
        let rebuilt = self.rebuild(&mut connection, models).await;
        end(connection).await;
        rebuilt
    }

    async fn rebuild(&self, connection: &mut PgConnection, models: ReadModels) -> Result<Rebuilt, RebuildError> {
        let tables = models.tables();
        schema::begin_anew(connection).await?;
        schema::make_twins(connection, &tables).await?;
        let all = models == ReadModels::ALL;
        let until = if all { self.log.head().await? } else { checkpoint(connection).await? };
        let stopped = if all { HashMap::new() } else { stopped(connection).await? };
        let heads = streams(&self.owner, until).await?;
        let events = u64::try_from(until).unwrap_or(0);
        let counter = self.begin(Stage::Building, until);
        let next = pools::connect_owner(&self.url, NEXT, WRITERS).await?;
        let build =
            Build { log: self.log.clone(), next: next.clone(), models, until, stopped, counter: counter.clone() };
        let built = build.run(heads.clone()).await?;

        counter.stage(Stage::Indexing);
        schema::index_twins(&next, &tables).await?;
        for table in &tables {
            schema::finish_twin(connection, *table).await?;
        }

        count(connection, &tables, &built.rows).await?;

        counter.stage(Stage::CatchingUp);
        let mut states = States::new(SHOWS_MAX);
        for (show, folded) in built.kept {
            states.keep(show, folded);
        }
        let mut follower = Follower {
            log: self.log.clone(),
            pool: next,
            models,
            states,
            stopped: built.stopped,
            position: until,
            counter: counter.clone(),
            followed: HashSet::new(),
        };
        self.catch_up(connection, &mut follower).await?;

        counter.stage(Stage::Checking);
        self.check(connection, &follower, &heads).await?;

        counter.stage(Stage::Switching);
        self.catch_up(connection, &mut follower).await?;
        let switch = Switch { tables: &tables, from: NEXT, models };
        let position = switch.make(connection, &mut follower).await?;
        Ok(Rebuilt { streams: heads.len(), events, stopped: follower.stopped.len(), position })
    }

    /// Puts the kept tables back, after they have caught up, and keeps those that were in use: done twice it changes nothing.
    ///
    /// # Errors
    /// See [`RebuildError`]; the tables in use are as they were then.
    pub async fn roll_back(&self) -> Result<i64, RebuildError> {
        let mut connection = self.alone().await?;
        let position = self.put_back(&mut connection).await;
        end(connection).await;
        position
    }

    async fn put_back(&self, connection: &mut PgConnection) -> Result<i64, RebuildError> {
        let names = schema::tables_of(&mut *connection, OLD).await?;
        if !names.iter().any(|name| name == "kept") {
            return Err(RebuildError::NothingKept);
        }
        let kept: (i64, bool) = sqlx::query_as(
            "SELECT position, migration = (SELECT max(version) FROM public._sqlx_migrations) FROM read_old.kept",
        )
        .fetch_one(&mut *connection)
        .await?;
        let (position, same_shape) = kept;
        if !same_shape {
            return Err(RebuildError::KeptBeforeMigration);
        }
        let models = ReadModels::that_have(&names);
        let until = if models == ReadModels::ALL { self.log.head().await? } else { checkpoint(connection).await? };
        let counter = self.begin(Stage::CatchingUp, until - position);
        let stopped = sqlx::query_scalar::<_, Uuid>(if models == ReadModels::ALL {
            "SELECT stream FROM read_old.poisoned_streams"
        } else {
            "SELECT stream FROM read.poisoned_streams"
        })
        .fetch_all(&mut *connection)
        .await?;
        let mut follower = Follower {
            log: self.log.clone(),
            pool: pools::connect_owner(&self.url, OLD, WRITERS).await?,
            models,
            states: States::new(SHOWS_MAX),
            stopped: stopped.into_iter().collect(),
            position,
            counter: counter.clone(),
            followed: HashSet::new(),
        };
        self.catch_up(&mut *connection, &mut follower).await?;
        counter.stage(Stage::Switching);
        let tables = models.tables();
        Switch { tables: &tables, from: OLD, models }.make(&mut *connection, &mut follower).await
    }

    /// Drops the tables that are kept.
    ///
    /// # Errors
    /// When the database cannot be reached or refuses, or another rebuild is running.
    pub async fn drop_kept(&self) -> Result<(), RebuildError> {
        let mut connection = self.alone().await?;
        let dropped = schema::run(&mut connection, "DROP SCHEMA IF EXISTS read_old CASCADE").await;
        end(connection).await;
        Ok(dropped?)
    }

    /// Begins to count: so many events are to be done.
    fn begin(&self, stage: Stage, events: i64) -> Counter {
        self.progress.send_replace(Progress { stage, events: 0, of: u64::try_from(events).unwrap_or(0) });
        Counter(Arc::default(), self.progress.clone())
    }

    /// A connection that holds the lock on rebuilding for as long as it lives; see [`end`].
    async fn alone(&self) -> Result<PgConnection, RebuildError> {
        // Out of the pool: closed when it is dropped, and the lock with it.
        let mut connection = self.owner.acquire().await?.detach();
        let got = sqlx::query_scalar!(r#"SELECT pg_try_advisory_lock($1) AS "got!""#, ONE_AT_A_TIME)
            .fetch_one(&mut connection)
            .await?;
        if got { Ok(connection) } else { Err(RebuildError::Running) }
    }

    async fn catch_up(&self, connection: &mut PgConnection, follower: &mut Follower) -> Result<(), RebuildError> {
        loop {
            let all = follower.models == ReadModels::ALL;
            let until = if all { self.log.head().await? } else { checkpoint(connection).await? };
            follower.to(until).await?;
            let left = if all { self.log.head().await? } else { checkpoint(connection).await? } - follower.position;
            if left < NEAR_EVENTS {
                return Ok(());
            }
        }
    }

    /// Looks whether everything was written, and at some streams whether it is what the events say.
    async fn check(
        &self,
        connection: &mut PgConnection,
        follower: &Follower,
        heads: &[StreamHead],
    ) -> Result<(), RebuildError> {
        // Those that went on meanwhile come first: two ways of folding have written them.
        let (followed, others): (Vec<_>, Vec<_>) =
            heads.iter().rev().partition(|head| follower.followed.contains(&head.stream));
        let mut events = 0;
        let streams =
            followed.into_iter().chain(others).filter(|head: &&StreamHead| !follower.stopped.contains(&head.stream));
        let streams = streams.take(CHECKED_MAX).take_while(|head| {
            events += head.version;
            events <= CHECKED_EVENTS_MAX
        });
        let mut comparison = verify::Comparison::begin(connection, NEXT, follower.models).await?;
        for head in streams {
            let differs = comparison.of_stream(&self.log, head.stream, follower.position).await?;
            if let Some(first) = differs.into_iter().next() {
                return Err(RebuildError::NotEqual(first));
            }
        }
        Ok(comparison.end().await?)
    }
}

/// Whether each table holds what was rendered for it.
async fn count(
    connection: &mut PgConnection,
    tables: &[Table],
    rendered: &[usize; TABLES.len()],
) -> Result<(), RebuildError> {
    for Table { name, .. } in tables {
        let rendered = TABLES.iter().position(|table| table == name).map_or(0, |index| rendered[index]);
        let counted = schema::count(connection, name).await?;
        if usize::try_from(counted).ok() != Some(rendered) {
            return Err(RebuildError::NotWritten { table: name, rendered, counted });
        }
    }
    Ok(())
}

/// Gives the lock back, so that the next rebuild finds it free at once: a connection that is closed gives it back a moment later.
async fn end(mut connection: PgConnection) {
    let unlocked = sqlx::query_scalar!("SELECT pg_advisory_unlock($1)", ONE_AT_A_TIME).fetch_one(&mut connection).await;
    if let Err(error) = unlocked {
        tracing::warn!(error = &error as &dyn std::error::Error, "the rebuild's connection broke in the end");
    }
}

/// Where the tables in use stopped.
async fn stopped(connection: &mut PgConnection) -> Result<HashMap<Uuid, i64>, sqlx::Error> {
    let rows = sqlx::query!("SELECT stream, position FROM read.poisoned_streams").fetch_all(connection).await?;
    Ok(rows.into_iter().map(|row| (row.stream, row.position)).collect())
}
