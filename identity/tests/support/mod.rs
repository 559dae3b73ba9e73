//! A migrated database, and the pool that the identity part of the server has.

#![allow(dead_code, reason = "each test program uses a part")]

use chrono::{DateTime, TimeDelta, Utc};
use embedded_postgres::{FreshDatabase, TemporaryPostgres};
use event_store::pools::{self, Role};
use identity::SecretKey;
use sqlx::PgPool;

pub struct Database {
    pub identity: PgPool,
    fresh: FreshDatabase,
    // Behind the pools: the server goes last.
    _server: TemporaryPostgres,
}

impl Database {
    pub async fn migrated() -> anyhow::Result<Self> {
        let server = embedded_postgres::temporary().await?;
        let fresh = server.fresh_database().await?;
        let owner = pools::connect(&fresh.owner_url, Role::Owner, 1).await?;
        event_store::migrate(&owner).await?;
        owner.close().await;
        let identity = pools::connect(&fresh.app_url, Role::Identity, 4).await?;
        Ok(Self { identity, fresh, _server: server })
    }

    pub async fn pool(&self, role: Role) -> anyhow::Result<PgPool> {
        Ok(pools::connect(&self.fresh.app_url, role, 2).await?)
    }
}

pub fn secret() -> SecretKey {
    SecretKey::parse("a secret of this installation, and of no other").expect("long enough")
}

/// Noon on a day of November 2025, and so many hours later.
pub fn noon_and(hours: i64) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::seconds(1_763_726_400) + TimeDelta::hours(hours)
}
