//! The log grows: what was learned about it while it was short must not slow it down later.

use event_store::Ids;
use sqlx::PgConnection;

use crate::world::World;

/// Returns when no other session is in this database: what they did is then certain to be counted.
async fn until_alone(owner: &mut PgConnection, but_for: &str) -> anyhow::Result<()> {
    let others = "SELECT EXISTS (SELECT FROM pg_stat_activity
                    WHERE datname = current_database() AND pid <> pg_backend_pid() AND application_name <> $1)";
    while sqlx::query_scalar(others).bind(but_for).fetch_one(&mut *owner).await? {}
    Ok(())
}

/// How often all of the log was read, and how often an index of it.
async fn scans(owner: &mut PgConnection) -> anyhow::Result<(i64, i64)> {
    let scans = "SELECT seq_scan, idx_scan FROM pg_stat_all_tables WHERE relid = 'log.events'::regclass";
    Ok(sqlx::query_as(scans).fetch_one(owner).await?)
}

#[tokio::test]
async fn plans_made_while_the_log_was_short_do_not_read_all_of_it_later() -> anyhow::Result<()> {
    let world = World::new().await?;
    let (recorder, task) = world.recorder().await?;
    let stream = world.ids.next();
    recorder.append(world.append(stream, 0, 1)).await?;
    // Now the planner knows that the table is one page long.
    sqlx::raw_sql("VACUUM ANALYZE log.events").execute(&world.owner).await?;
    world.owner.close().await;
    let mut owner = world.owner_connection().await?;
    until_alone(&mut owner, "turnout recorder").await?;
    let before = scans(&mut owner).await?;
    for version in 1..=50 {
        recorder.append(world.append(stream, version, 1)).await?;
    }
    task.stop().await;
    until_alone(&mut owner, "").await?;
    let after = scans(&mut owner).await?;
    assert_eq!(after.0, before.0, "the whole log was read");
    assert!(after.1 > before.1 + 50, "{before:?}, {after:?}: the appends are not counted");
    Ok(())
}
