//! Turns: nodes that write one stream go one after the other, nobody waits long, and nobody keeps a turn for ever.

use std::time::Duration;

use event_store::Turns;
use event_store::pools::Role;

use crate::world::World;

/// Longer than anybody waits for a turn.
const LONG: Duration = Duration::from_secs(4);

async fn nodes(world: &World) -> anyhow::Result<[Turns; 2]> {
    Ok([Turns::new(world.pool(Role::Write).await?), Turns::new(world.pool(Role::Write).await?)])
}

#[tokio::test]
async fn the_next_one_comes_when_the_turn_is_given_back() -> anyhow::Result<()> {
    let world = World::new().await?;
    let [one, other] = nodes(&world).await?;
    let stream = uuid::Uuid::from_u128(1);
    for _ in 0..10 {
        let held = one.take(stream).await.expect("the first turn");
        let mut waiting = std::pin::pin!(other.take(stream));
        let early = tokio::time::timeout(Duration::from_millis(50), &mut waiting).await;
        assert!(early.is_err(), "two nodes have the turn");
        drop(held);
        drop(waiting.await.expect("the turn after it"));
    }
    Ok(())
}

#[tokio::test]
async fn another_stream_is_another_queue() -> anyhow::Result<()> {
    let world = World::new().await?;
    let [one, other] = nodes(&world).await?;
    let _held = one.take(uuid::Uuid::from_u128(1)).await.expect("the first turn");
    assert!(other.take(uuid::Uuid::from_u128(2)).await.is_some());
    Ok(())
}

#[tokio::test]
async fn whoever_stands_still_loses_the_turn() -> anyhow::Result<()> {
    let world = World::new().await?;
    let [one, other] = nodes(&world).await?;
    let stream = uuid::Uuid::from_u128(1);
    let held = one.take(stream).await.expect("the first turn");
    // It lasts a second at most.
    assert!(other.take(stream).await.is_some(), "nobody waits for ever");
    drop(held);
    assert!(one.take(stream).await.is_some(), "whoever lost one gets the next");
    Ok(())
}

#[tokio::test]
async fn nobody_waits_long() -> anyhow::Result<()> {
    let world = World::new().await?;
    let [one, _] = nodes(&world).await?;
    let stream = uuid::Uuid::from_u128(1);
    // Somebody holds the lock who keeps it, as no node may.
    let number = lock_number(&world, &one, stream).await?;
    let mut keeper = world.owner_connection().await?;
    sqlx::query("SELECT pg_advisory_lock($1, $2)").bind(number.0).bind(number.1).execute(&mut keeper).await?;
    let answer = tokio::time::timeout(LONG, one.take(stream)).await?;
    assert!(answer.is_none(), "whoever waited goes on without");
    Ok(())
}

/// The numbers of the lock that a stream's turn is.
async fn lock_number(world: &World, turns: &Turns, stream: uuid::Uuid) -> anyhow::Result<(i32, i32)> {
    let _held = turns.take(stream).await.expect("a turn");
    Ok(sqlx::query_as(
        "SELECT classid::bigint::int, objid::bigint::int FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 2",
    )
    .fetch_one(&world.owner)
    .await?)
}
