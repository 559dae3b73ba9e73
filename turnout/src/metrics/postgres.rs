//! What PostgreSQL says of its own work on the write-ahead log, which is what an append waits for: `pg_stat_wal`.
//!
//! The numbers are those of the whole server, other databases included. Times of writing and flushing are there only where
//! `track_wal_io_timing` is on, and only up to PostgreSQL 17: 18 keeps them elsewhere, and they are left out then.

use serde_json::{Map, Value};
use sqlx::PgPool;

use super::samples::Samples;

/// Milliseconds, in `pg_stat_wal`.
const PER_SECOND: f64 = 1_000.0;

/// What was read.
#[derive(Debug, Clone)]
pub(super) struct Wal {
    columns: Map<String, Value>,
    timed: bool,
}

/// Asks for it.
pub(super) async fn wal(pool: &PgPool) -> Result<Wal, sqlx::Error> {
    let (columns, timed): (sqlx::types::Json<Map<String, Value>>, String) =
        sqlx::query_as("SELECT to_jsonb(w), current_setting('track_wal_io_timing') FROM pg_catalog.pg_stat_wal AS w")
            .fetch_one(pool)
            .await?;
    Ok(Wal { columns: columns.0, timed: timed == "on" })
}

impl Wal {
    pub(super) fn write(&self, samples: &mut Samples) {
        for (name, column) in [
            ("turnout_postgres_wal_bytes_total", "wal_bytes"),
            ("turnout_postgres_wal_buffers_full_total", "wal_buffers_full"),
            ("turnout_postgres_wal_writes_total", "wal_write"),
            ("turnout_postgres_wal_flushes_total", "wal_sync"),
        ] {
            if let Some(value) = self.number(column) {
                samples.add(name, &[], value);
            }
        }
        for (name, column) in [
            ("turnout_postgres_wal_write_seconds_total", "wal_write_time"),
            ("turnout_postgres_wal_flush_seconds_total", "wal_sync_time"),
        ] {
            if let Some(value) = self.number(column).filter(|_| self.timed) {
                samples.add(name, &[], value / PER_SECOND);
            }
        }
    }

    fn number(&self, column: &str) -> Option<f64> {
        self.columns.get(column).and_then(Value::as_f64)
    }
}
