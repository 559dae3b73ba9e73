//! Transactions of others that are left open: they stop neither writers nor readers.

use std::time::Duration;

use embedded_postgres::FreshDatabase;
use event_store::Ids;
use sqlx::{Connection, PgConnection};

use crate::server::restart_with;
use crate::world::World;

/// Whoever is stopped for so long is stopped.
const STOPPED: Duration = Duration::from_secs(30);

const OPEN: &str = "SELECT count(*) FROM pg_stat_activity
    WHERE state = 'idle in transaction' AND (backend_xid IS NOT NULL OR backend_xmin IS NOT NULL)";

/// Two recorders write, and a reader that waits sees what they wrote.
async fn everything_goes_on(world: &World) -> anyhow::Result<()> {
    let log = world.log().await?;
    let before = log.head().await?;
    let go_on = async {
        let (one, _one) = world.recorder().await?;
        let (two, _two) = world.recorder().await?;
        let stream = world.ids.next();
        let (woken, first, second) = tokio::join!(
            log.wait_beyond(before),
            one.append(world.append(stream, 0, 2)),
            two.append(world.append(world.ids.next(), 0, 3)),
        );
        assert!(woken? > before);
        first?;
        second?;
        two.append(world.append(stream, 2, 1)).await?;
        assert_eq!(log.page(before, 100).await?.len(), 6);
        anyhow::Ok(())
    };
    tokio::time::timeout(STOPPED, go_on).await?
}

/// A transaction that has a snapshot, a transaction id, and a lock that nobody else may have.
async fn left_open(database: &FreshDatabase) -> anyhow::Result<PgConnection> {
    let mut foreign = PgConnection::connect(&database.owner_url).await?;
    sqlx::raw_sql("CREATE TABLE elsewhere (id integer)").execute(&mut foreign).await?;
    sqlx::raw_sql(
        "BEGIN ISOLATION LEVEL REPEATABLE READ;
         INSERT INTO elsewhere VALUES (1);
         LOCK TABLE elsewhere IN ACCESS EXCLUSIVE MODE",
    )
    .execute(&mut foreign)
    .await?;
    Ok(foreign)
}

#[tokio::test]
async fn a_transaction_left_open_on_another_table_stops_nobody() -> anyhow::Result<()> {
    let world = World::new().await?;
    everything_goes_on(&world).await?;
    let mut foreign = left_open(&world.database).await?;
    // It has looked at the log, too, and keeps seeing it as it was.
    let count = "SELECT count(*) FROM log.events";
    let before: i64 = sqlx::query_scalar(count).fetch_one(&mut foreign).await?;
    for _ in 0..3 {
        everything_goes_on(&world).await?;
    }
    assert_eq!(
        (world.count(OPEN).await?, sqlx::query_scalar::<_, i64>(count).fetch_one(&mut foreign).await?),
        (1, before)
    );
    assert_eq!(world.log().await?.head().await?, before + 18);
    sqlx::raw_sql("ROLLBACK").execute(&mut foreign).await?;
    Ok(())
}

#[tokio::test]
async fn a_transaction_left_open_in_another_database_stops_nobody() -> anyhow::Result<()> {
    let world = World::new().await?;
    let mut foreign = left_open(&world.postgres.fresh_database().await?).await?;
    // Not even when it holds what in this database would be the lock of the log: another installation's recorder does.
    sqlx::raw_sql("SELECT pg_advisory_xact_lock(32780231637955956)").execute(&mut foreign).await?;
    everything_goes_on(&world).await?;
    assert_eq!(world.count(OPEN).await?, 1);
    sqlx::raw_sql("ROLLBACK").execute(&mut foreign).await?;
    Ok(())
}

#[tokio::test]
async fn a_prepared_transaction_stops_nobody_not_even_through_a_restart() -> anyhow::Result<()> {
    let mut world = World::new().await?;
    restart_with(&mut world, "ALTER SYSTEM SET max_prepared_transactions = 4").await?;
    everything_goes_on(&world).await?;
    let mut foreign = left_open(&world.database).await?;
    sqlx::raw_sql("PREPARE TRANSACTION 'nobody ends it'").execute(&mut foreign).await?;
    foreign.close().await?;
    everything_goes_on(&world).await?;
    world.postgres.server_mut().restart().await?;
    everything_goes_on(&world).await?;
    assert_eq!(world.count("SELECT count(*) FROM pg_prepared_xacts").await?, 1);
    Ok(())
}
