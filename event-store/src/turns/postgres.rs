//! Turns in PostgreSQL: an advisory lock of a transaction, for which PostgreSQL lets everybody queue in order.
//!
//! A node that dies loses its connection and with it the lock; one that stands still is parted from it by
//! `idle_in_transaction_session_timeout`.

use std::time::Duration;

use async_trait::async_trait;
use sqlx::{AssertSqlSafe, PgPool};
use uuid::Uuid;

use super::{GiveBack, TurnSource};

/// The first of the lock's two numbers, "turn" read as one; a lock of two numbers is none of one number, such as the log's.
const CLASS: u32 = u32::from_be_bytes(*b"turn");

/// How long to wait for a turn: many times what all other nodes take for theirs, and half of what a command may take.
const WAIT_MAX: Duration = Duration::from_millis(2_500);
/// How long a turn lasts at most. Reading and writing takes some milliseconds; whoever takes so long stands still.
const TURN_MAX: Duration = Duration::from_secs(1);

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
impl TurnSource for Postgres {
    async fn take(&self, stream: Uuid) -> Option<GiveBack> {
        // One round trip. All of it is numbers.
        let begin = AssertSqlSafe(format!(
            "BEGIN; SET LOCAL lock_timeout = {wait}; SET LOCAL idle_in_transaction_session_timeout = {turn}; \
             SELECT pg_advisory_xact_lock({class}, {stream})",
            wait = WAIT_MAX.as_millis(),
            turn = TURN_MAX.as_millis(),
            class = CLASS.cast_signed(),
            stream = number(stream),
        ));
        match tokio::time::timeout(WAIT_MAX + TURN_MAX, self.pool.begin_with(begin)).await {
            Ok(Ok(transaction)) => Some(Box::pin(async move {
                // Whoever was too slow has lost it already.
                if let Err(error) = transaction.commit().await {
                    tracing::debug!(%error, %stream, "a turn had ended before it was given back");
                }
            })),
            Ok(Err(error)) => {
                tracing::debug!(%error, %stream, "no turn");
                None
            }
            Err(_) => None,
        }
    }
}

/// The second number. Two streams that share one queue together, which is all.
fn number(stream: Uuid) -> i32 {
    let (high, low) = stream.as_u64_pair();
    let mixed = high ^ low.rotate_left(17);
    ((mixed ^ (mixed >> 32)) as u32).cast_signed()
}
