//! What a backup says of itself. It is the last entry of the file, so that it can name the dump's digest, and is there or the
//! backup was broken off.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use domain::show::FOLD_VERSION;
use serde::{Deserialize, Serialize};
use sqlx::{AssertSqlSafe, PgConnection, Row as _};

/// The number of this shape of a backup. A program reads those up to its own.
pub(super) const FORMAT: u32 = 1;

/// A backup, in numbers.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Manifest {
    /// Of this shape.
    pub format: u32,
    /// The version of the program that made it.
    pub turnout: String,
    /// Of the server that the dump is of, as in `15.18`.
    pub postgres: String,
    /// When it was taken, by the database's clock.
    pub taken_at: DateTime<Utc>,
    /// How far the log goes: the position of the last event in it.
    pub head: i64,
    /// When that event was recorded.
    pub head_recorded_at: Option<DateTime<Utc>>,
    /// The newest signed checkpoint, as it was published; none where the log had none.
    pub checkpoint: Option<String>,
    /// The number of the way to fold shows: state hashes are compared between equal ones.
    pub fold: u32,
    /// The last migration.
    pub migration: i64,
    /// Who owned the tables.
    pub owner: String,
    /// How many rows each table has whose rows are in the dump.
    pub rows: BTreeMap<String, i64>,
    /// Whether the secret key is in the file, too.
    pub secret_key: bool,
    /// The entry `dump`.
    pub dump: Dump,
}

/// A dump's size and digest.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Dump {
    pub bytes: u64,
    /// In hexadecimal digits.
    pub sha256: String,
}

/// Tables whose rows are made anew: read models, and snapshots, which are a cache.
pub(super) const WITHOUT_ROWS: [&str; 2] = ["read.*", "log.snapshots"];

/// Schemas of a rebuild, which is made anew as a whole.
pub(super) const LEFT_OUT: [&str; 2] = ["read_next", "read_old"];

impl Manifest {
    /// Of the database as a transaction sees it; the dump is yet to come.
    pub(super) async fn read(transaction: &mut PgConnection, secret_key: bool) -> Result<Self, sqlx::Error> {
        let row = sqlx::query(
            "SELECT now(), current_setting('server_version'), coalesce((SELECT max(position) FROM log.events), 0),
                    (SELECT recorded_at FROM log.events ORDER BY position DESC LIMIT 1),
                    (SELECT max(version) FROM public._sqlx_migrations),
                    (SELECT pg_get_userbyid(relowner)::text FROM pg_class WHERE oid = 'log.events'::regclass)",
        )
        .fetch_one(&mut *transaction)
        .await?;
        let version: String = row.try_get(1)?;
        Ok(Self {
            format: FORMAT,
            turnout: env!("CARGO_PKG_VERSION").to_owned(),
            postgres: version.split(' ').next().unwrap_or_default().to_owned(),
            taken_at: row.try_get(0)?,
            head: row.try_get(2)?,
            head_recorded_at: row.try_get(3)?,
            checkpoint: newest_checkpoint(transaction).await?,
            fold: FOLD_VERSION,
            migration: row.try_get(4)?,
            owner: row.try_get(5)?,
            rows: rows(transaction).await?,
            secret_key,
            dump: Dump::default(),
        })
    }
}

/// The newest signed checkpoint that the log keeps, if it keeps any.
pub(super) async fn newest_checkpoint(connection: &mut PgConnection) -> Result<Option<String>, sqlx::Error> {
    let kept: bool =
        sqlx::query_scalar("SELECT to_regclass('log.checkpoints') IS NOT NULL").fetch_one(&mut *connection).await?;
    if !kept {
        return Ok(None);
    }
    sqlx::query_scalar("SELECT note FROM log.checkpoints ORDER BY size DESC LIMIT 1").fetch_optional(connection).await
}

/// How many rows the tables have whose rows are in a dump. Those of the log's events are their head: that none is missing is what
/// verifying is for.
pub(super) async fn rows(connection: &mut PgConnection) -> Result<BTreeMap<String, i64>, sqlx::Error> {
    let tables: Vec<String> = sqlx::query_scalar(
        "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables
          WHERE schemaname IN ('log', 'vault', 'identity', 'reaction', 'public')
            AND (schemaname, tablename) NOT IN (('log', 'events'), ('log', 'snapshots'))
          ORDER BY 1",
    )
    .fetch_all(&mut *connection)
    .await?;
    let mut rows = BTreeMap::new();
    for table in tables {
        let count = AssertSqlSafe(format!("SELECT count(*) FROM {table}"));
        rows.insert(table, sqlx::query_scalar(count).fetch_one(&mut *connection).await?);
    }
    Ok(rows)
}
