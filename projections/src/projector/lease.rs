//! Who leads: a row with the holder, a fence that rises with every change of hands, and an end.
//!
//! The lease keeps two nodes from doing the same work; that work is never counted twice is the checkpoint's rule (`write`),
//! which holds whatever the clocks say. Taking the lease raises the checkpoint's fence in the same transaction, so a former
//! leader who was only asleep can write nothing from then on.

use std::collections::HashSet;

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::PgPool;
use uuid::Uuid;

/// How long a lease lasts: after a leader was killed, others wait so long. Readers wait five seconds for a position.
const LEASE: TimeDelta = TimeDelta::seconds(3);
/// How long before the end it is renewed: a row version every second.
const RENEW_BEFORE_END: TimeDelta = TimeDelta::seconds(2);

/// A lease that was got.
#[derive(Debug, Clone)]
pub(super) struct Lease {
    /// What is projected.
    pub name: &'static str,
    /// Rises with every change of hands.
    pub fence: i64,
    holder: Uuid,
    expires_at: DateTime<Utc>,
}

/// Where a new leader begins.
#[derive(Debug)]
pub(super) struct Start {
    pub lease: Lease,
    pub checkpoint: i64,
    pub poisoned: HashSet<Uuid>,
}

impl Lease {
    /// Takes the lease if nobody else has it at `now`.
    pub async fn take(
        pool: &PgPool,
        name: &'static str,
        holder: Uuid,
        now: DateTime<Utc>,
    ) -> Result<Option<Start>, sqlx::Error> {
        // Asked first without a lock: followers ask all the time, and the row is hot enough.
        let taken = sqlx::query_scalar!(
            r#"SELECT EXISTS (SELECT FROM leases WHERE name = $1 AND holder <> $2 AND expires_at > $3) AS "taken!""#,
            name,
            holder,
            now
        )
        .fetch_one(pool)
        .await?;
        if taken {
            return Ok(None);
        }
        let expires_at = now + LEASE;
        let mut transaction = pool.begin().await?;
        let fence = sqlx::query_scalar!(
            "INSERT INTO leases AS l (name, holder, fence, expires_at) VALUES ($1, $2, 1, $3)
             ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, fence = l.fence + 1, expires_at = excluded.expires_at
              WHERE l.expires_at <= $4 OR l.holder = $2
             RETURNING fence",
            name,
            holder,
            expires_at,
            now
        )
        .fetch_optional(&mut *transaction)
        .await?;
        let Some(fence) = fence else {
            transaction.rollback().await?;
            return Ok(None);
        };
        let checkpoint = sqlx::query_scalar!(
            "INSERT INTO checkpoints (name, position, fence) VALUES ($1, 0, $2)
             ON CONFLICT (name) DO UPDATE SET fence = excluded.fence
             RETURNING position",
            name,
            fence
        )
        .fetch_one(&mut *transaction)
        .await?;
        let poisoned = sqlx::query_scalar!("SELECT stream FROM poisoned_streams").fetch_all(&mut *transaction).await?;
        transaction.commit().await?;
        let lease = Self { name, fence, holder, expires_at };
        Ok(Some(Start { lease, checkpoint, poisoned: poisoned.into_iter().collect() }))
    }

    /// Whether it is time to renew.
    pub fn is_due(&self, now: DateTime<Utc>) -> bool {
        self.expires_at - RENEW_BEFORE_END <= now
    }

    /// Renews it. False: somebody else has it, or the tables were made anew behind the holder, who has to look at them again, also
    /// while nothing happens.
    pub async fn renew(&mut self, pool: &PgPool, now: DateTime<Utc>) -> Result<bool, sqlx::Error> {
        let expires_at = now + LEASE;
        let renewed = sqlx::query!(
            "UPDATE leases SET expires_at = $4 WHERE name = $1 AND holder = $2 AND fence = $3
                AND EXISTS (SELECT FROM checkpoints WHERE name = $1 AND fence = $3)",
            self.name,
            self.holder,
            self.fence,
            expires_at
        )
        .execute(pool)
        .await?
        .rows_affected()
            == 1;
        if renewed {
            self.expires_at = expires_at;
        }
        Ok(renewed)
    }

    /// Gives back what a holder has, so that the next leader need not wait for its end.
    pub async fn give_back(
        pool: &PgPool,
        name: &'static str,
        holder: Uuid,
        now: DateTime<Utc>,
    ) -> Result<(), sqlx::Error> {
        sqlx::query!("UPDATE leases SET expires_at = $3 WHERE name = $1 AND holder = $2", name, holder, now)
            .execute(pool)
            .await
            .map(drop)
    }
}
