//! Snapshots in PostgreSQL.

use async_trait::async_trait;
use sqlx::PgPool;
use uuid::Uuid;

use super::{FIRST_HOLDING, HOLDINGS, Snapshot, SnapshotSource, room_of};

/// A pool of role Write.
#[derive(Debug)]
pub(super) struct Postgres {
    pool: PgPool,
}

impl Postgres {
    pub(super) fn new(pool: PgPool) -> Self {
        Self { pool }
    }
}

#[async_trait]
impl SnapshotSource for Postgres {
    async fn latest(&self, stream: Uuid, folds: &[i32], version_max: i64) -> Result<Option<Snapshot>, sqlx::Error> {
        sqlx::query_as!(
            Snapshot,
            "SELECT stream, version, fold, organization, position, recorded_at, state FROM log.snapshots
              WHERE stream = $1 AND fold = ANY($2) AND version <= $3 ORDER BY version DESC LIMIT 1",
            stream,
            folds,
            version_max
        )
        .fetch_optional(&self.pool)
        .await
    }

    async fn keep(&self, snapshot: &Snapshot) -> Result<(), sqlx::Error> {
        // A crash may take it again: it is made anew.
        let mut transaction = self.pool.begin_with("BEGIN; SET LOCAL synchronous_commit = off").await?;
        sqlx::query!(
            "DELETE FROM log.snapshots
              WHERE stream = $1
                AND (fold / $5 <> $2 / $5 OR fold % $5 < $6 OR fold = $2 AND version >= $4 AND version < $3)",
            snapshot.stream,
            snapshot.fold,
            snapshot.version,
            room_of(snapshot.version),
            HOLDINGS,
            FIRST_HOLDING
        )
        .execute(&mut *transaction)
        .await?;
        sqlx::query!(
            "INSERT INTO log.snapshots (stream, version, fold, organization, position, recorded_at, state)
             VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING",
            snapshot.stream,
            snapshot.version,
            snapshot.fold,
            snapshot.organization,
            snapshot.position,
            snapshot.recorded_at,
            &snapshot.state
        )
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await
    }
}
