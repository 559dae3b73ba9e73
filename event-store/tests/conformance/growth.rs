//! The log grows: what was learned about it while it was short must not slow it down later.

use event_store::Ids;

use crate::world::World;

#[tokio::test]
async fn plans_made_while_the_log_was_short_do_not_read_all_of_it_later() -> anyhow::Result<()> {
    let world = World::new().await?;
    let (recorder, task) = world.recorder().await?;
    let stream = world.ids.next();
    recorder.append(world.append(stream, 0, 1)).await?;
    // Now the planner knows that the table is one page long.
    sqlx::raw_sql("VACUUM ANALYZE log.events").execute(&world.owner).await?;
    let scans = "SELECT ARRAY[seq_scan, idx_scan] FROM pg_stat_all_tables WHERE relid = 'log.events'::regclass";
    let before: Vec<i64> = sqlx::query_scalar(scans).fetch_one(&world.owner).await?;
    for version in 1..=50 {
        recorder.append(world.append(stream, version, 1)).await?;
    }
    // A session's figures are certain to be there when it has ended.
    task.stop().await;
    loop {
        let after: Vec<i64> = sqlx::query_scalar(scans).fetch_one(&world.owner).await?;
        if after[0] + after[1] >= before[0] + before[1] + 100 {
            assert_eq!(after[0], before[0], "the whole log was read");
            return Ok(());
        }
    }
}
