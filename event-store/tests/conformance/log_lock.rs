//! The lock of the log, held by somebody else: what is asked meanwhile gathers, and a test says when it goes on.

use std::time::Duration;

use anyhow::Context as _;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::world::World;

/// Who has not come to the lock by then does not come.
const NOBODY_WAITS: Duration = Duration::from_secs(30);

/// Takes the lock of the log, in a transaction: calls wait in the server until it ends.
pub(crate) async fn lock_the_log(world: &World) -> anyhow::Result<PgConnection> {
    let mut lock = world.owner_connection().await?;
    sqlx::raw_sql("BEGIN; SELECT pg_advisory_xact_lock(32780231637955956)").execute(&mut lock).await?;
    Ok(lock)
}

/// How many calls of recorders wait for the lock in the server.
pub(crate) async fn recorders_waiting(world: &World) -> anyhow::Result<i64> {
    world
        .count(
            "SELECT count(*) FROM pg_stat_activity
              WHERE application_name = 'turnout recorder' AND wait_event = 'advisory' AND datname = current_database()",
        )
        .await
}

/// Returns when so many calls wait.
pub(crate) async fn until_recorders_wait(world: &World, calls: i64) -> anyhow::Result<()> {
    let wait = async {
        while recorders_waiting(world).await? < calls {
            tokio::task::yield_now().await;
        }
        anyhow::Ok(())
    };
    tokio::time::timeout(NOBODY_WAITS, wait).await.context("nobody waits for the lock of the log")?
}

/// Runs appends while the log is locked: they gather into one batch, or into a call that waits and a batch behind it.
/// `calls`: of how many recorders.
pub(crate) async fn gathered<T>(world: &World, calls: i64, appends: impl Future<Output = T>) -> anyhow::Result<T> {
    let mut lock = lock_the_log(world).await?;
    let mut appends = std::pin::pin!(appends);
    tokio::select! {
        _ = &mut appends => anyhow::bail!("the appends were answered while the log was locked"),
        waiting = until_recorders_wait(world, calls) => waiting?,
    }
    sqlx::raw_sql("COMMIT").execute(&mut lock).await?;
    Ok(appends.await)
}

/// Somebody who writes to the log slowly and without the recorder: a transaction that holds the lock until it ends.
pub(crate) struct SlowWriter(PgConnection);

impl SlowWriter {
    pub(crate) async fn begin(world: &World) -> anyhow::Result<Self> {
        Ok(Self(lock_the_log(world).await?))
    }

    /// Takes the lock in a transaction that has begun already.
    pub(crate) async fn within(mut transaction: PgConnection) -> anyhow::Result<Self> {
        sqlx::raw_sql("SELECT pg_advisory_xact_lock(32780231637955956)").execute(&mut transaction).await?;
        Ok(Self(transaction))
    }

    /// Writes events at the next positions, the versions behind `after_version`.
    pub(crate) async fn write(&mut self, stream: Uuid, after_version: i64, events: i64) -> anyhow::Result<()> {
        sqlx::query(
            "INSERT INTO log.events (position, organization, stream_type, stream, version, type, schema, payload, actor, command,
                                     correlation, content_hash, recorded_at)
             SELECT last.position + n, $1, 'show', $1, $2 + n, 'SomethingHappened', 1, '{}', 'somebody', gen_random_uuid(),
                    gen_random_uuid(), sha256(''), greatest(clock_timestamp(), last.recorded_at)
               FROM (SELECT coalesce(max(position), 0) AS position, max(recorded_at) AS recorded_at FROM log.events) AS last,
                    generate_series(1, $3) AS n",
        )
        .bind(stream)
        .bind(after_version)
        .bind(events)
        .execute(&mut self.0)
        .await?;
        Ok(())
    }

    pub(crate) async fn commit(mut self) -> anyhow::Result<()> {
        sqlx::raw_sql("COMMIT").execute(&mut self.0).await?;
        Ok(())
    }

    pub(crate) async fn roll_back(mut self) -> anyhow::Result<()> {
        sqlx::raw_sql("ROLLBACK").execute(&mut self.0).await?;
        Ok(())
    }
}
