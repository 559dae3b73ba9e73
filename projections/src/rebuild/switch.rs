//! Puts new tables into the place of those in use, in one transaction, between two pages of the projector.
//!
//! What always holds: no reader sees tables of two kinds in one snapshot. Readers lock `checkpoints` ACCESS SHARE before their
//! snapshot is taken, the projector's first statement writes it; whoever has it ACCESS EXCLUSIVE is alone. The lock is waited
//! for only briefly, because whoever comes behind waits, too; it is tried again, with growing pauses, beside long reads.
//! Vacuum and ANALYZE, which may take long at a table that is written, are kept away first, while readers and the projector go on.

use std::time::Duration;

use sqlx::{Connection as _, PgConnection};

use super::{
    RebuildError,
    follow::Follower,
    schema::{self, LIVE, OLD},
};
use crate::{ReadModels, projector::CHECKPOINT, read_models::Table};

/// How long readers and the projector may have to wait for nothing, at most.
const LOCK_TIMEOUT: &str = "SET LOCAL lock_timeout = '300ms'";
/// How long vacuum and ANALYZE are waited for, while nobody waits for us. PostgreSQL has its own autovacuum give way to whoever has waited
/// for `deadlock_timeout`, which is a second.
const VACUUM_TIMEOUT: &str = "SET LOCAL lock_timeout = '5s'";
/// Pauses between tries: the first, which doubles up to the last.
const PAUSES: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(5));
/// Tries before giving up: more than the half hour that a report may take which is read meanwhile.
const TRIES_MAX: u32 = 400;
/// So many events may be left to do under the lock: some tens of milliseconds; doubled whenever more had come meanwhile, up to half a
/// second where the processors are not busy otherwise.
const EVENTS_UNDER_LOCK: (i64, i64) = (500, 8_000);
/// PostgreSQL's `lock_not_available`.
const LOCK_NOT_AVAILABLE: &str = "55P03";

/// Tables that shall be in use.
pub(super) struct Switch<'a> {
    pub tables: &'a [Table],
    /// Where they are.
    pub from: &'static str,
    /// Whether those are all there are: then the checkpoint goes with them.
    pub models: ReadModels,
}

impl Switch<'_> {
    /// Makes the switch, and says the position that the tables have reached.
    pub async fn make(self, connection: &mut PgConnection, follower: &mut Follower) -> Result<i64, RebuildError> {
        let (mut pause, mut events_max) = (PAUSES.0, EVENTS_UNDER_LOCK.0);
        for _ in 0..TRIES_MAX {
            match self.attempt(connection, follower, events_max).await {
                Ok(Some(position)) => return Ok(position),
                Ok(None) => events_max = (events_max * 2).min(EVENTS_UNDER_LOCK.1),
                Err(RebuildError::Database(error)) if is_lock_timeout(&error) => {
                    tokio::time::sleep(pause).await;
                    pause = (pause * 2).min(PAUSES.1);
                }
                Err(error) => return Err(error),
            }
            let until = target(connection, follower, self.models).await?;
            follower.to(until).await?;
        }
        Err(RebuildError::SwitchBlocked)
    }

    /// None: too much came meanwhile to be done under the lock.
    async fn attempt(
        &self,
        connection: &mut PgConnection,
        follower: &mut Follower,
        events_max: i64,
    ) -> Result<Option<i64>, RebuildError> {
        let mut transaction = connection.begin().await?;
        self.keep_vacuum_away(&mut transaction).await?;
        schema::run(&mut transaction, LOCK_TIMEOUT).await?;
        schema::run(&mut transaction, "LOCK TABLE read.checkpoints IN ACCESS EXCLUSIVE MODE").await?;
        let until = target(&mut transaction, follower, self.models).await?;
        if until - follower.position > events_max {
            transaction.rollback().await?;
            return Ok(None);
        }
        follower.to(until).await?;
        if self.models != ReadModels::ALL {
            same_streams_stopped(&mut transaction, follower).await?;
        }
        schema::run(&mut transaction, "DROP SCHEMA IF EXISTS read_out CASCADE; CREATE SCHEMA read_out").await?;
        for Table { name, .. } in self.tables {
            let (from, live) = (self.from, LIVE);
            schema::run(&mut transaction, &format!("ALTER TABLE {live}.{name} SET SCHEMA read_out")).await?;
            schema::run(&mut transaction, &format!("ALTER TABLE {from}.{name} SET SCHEMA {live}")).await?;
        }
        // What is kept can go on from here, if it is put back.
        let kept = "CREATE TABLE read_out.kept AS
            SELECT c.position, (SELECT max(version) FROM public._sqlx_migrations) AS migration FROM read.checkpoints AS c WHERE c.name = 'read'";
        schema::run(&mut transaction, kept).await?;
        let (from, old) = (self.from, OLD);
        schema::run(
            &mut transaction,
            &format!("DROP SCHEMA IF EXISTS {old} CASCADE; DROP SCHEMA IF EXISTS {from} CASCADE"),
        )
        .await?;
        schema::run(&mut transaction, &format!("ALTER SCHEMA read_out RENAME TO {old}")).await?;
        if self.models == ReadModels::ALL {
            // The fence sends whoever leads back to the checkpoint and to the list of stopped streams.
            sqlx::query!(
                "UPDATE read.checkpoints SET position = $2, fence = fence + 1 WHERE name = $1",
                CHECKPOINT,
                follower.position
            )
            .execute(&mut *transaction)
            .await?;
        }
        transaction.commit().await?;
        Ok(Some(follower.position))
    }

    /// Of all tables that are moved or dropped: one that was just filled is vacuumed for the first time.
    async fn keep_vacuum_away(&self, connection: &mut PgConnection) -> Result<(), RebuildError> {
        schema::run(&mut *connection, VACUUM_TIMEOUT).await?;
        let mut names = vec![format!("{LIVE}.checkpoints")];
        names.extend(self.tables.iter().flat_map(|table| [LIVE, self.from].map(|of| format!("{of}.{}", table.name))));
        names.extend(schema::tables_of(&mut *connection, OLD).await?.iter().map(|name| format!("{OLD}.{name}")));
        let lock = format!("LOCK TABLE {} IN SHARE UPDATE EXCLUSIVE MODE", names.join(", "));
        Ok(schema::run(connection, &lock).await?)
    }
}

/// How far the tables have to go: as far as those beside them; all of them together may be ahead of what they replace.
pub(super) async fn target(
    connection: &mut PgConnection,
    follower: &Follower,
    models: ReadModels,
) -> Result<i64, RebuildError> {
    let checkpoint = checkpoint(connection).await?;
    Ok(if models == ReadModels::ALL { checkpoint.max(follower.position) } else { checkpoint })
}

/// The checkpoint of the tables in use.
pub(super) async fn checkpoint(connection: &mut PgConnection) -> Result<i64, sqlx::Error> {
    let position = sqlx::query_scalar!("SELECT position FROM read.checkpoints WHERE name = $1", CHECKPOINT);
    Ok(position.fetch_optional(connection).await?.unwrap_or(0))
}

/// One read model may not go on where the others stopped.
async fn same_streams_stopped(connection: &mut PgConnection, follower: &Follower) -> Result<(), RebuildError> {
    let stopped = sqlx::query_scalar!("SELECT stream FROM read.poisoned_streams").fetch_all(connection).await?;
    let same =
        stopped.len() == follower.stopped.len() && stopped.iter().all(|stream| follower.stopped.contains(stream));
    if same { Ok(()) } else { Err(RebuildError::OtherStreamsStopped) }
}

fn is_lock_timeout(error: &sqlx::Error) -> bool {
    error.as_database_error().is_some_and(|error| error.code().as_deref() == Some(LOCK_NOT_AVAILABLE))
}
