//! A log with a hole is a damaged log. Readers stop at it and say so, however often they try.

use event_store::{Ids, Log, ReadError, RecordedEvent};
use sqlx::AssertSqlSafe;
use uuid::Uuid;

use crate::world::World;

/// What only somebody can do who takes the net away first.
async fn make_a_hole(world: &World, of: &str) -> anyhow::Result<()> {
    let sql = format!(
        "BEGIN; ALTER TABLE log.events DISABLE TRIGGER events_are_never_changed; DELETE FROM log.events WHERE {of};
         ALTER TABLE log.events ENABLE ALWAYS TRIGGER events_are_never_changed; COMMIT"
    );
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(&world.owner).await?;
    Ok(())
}

fn hole(read: &Result<Vec<RecordedEvent>, ReadError>) -> Option<(i64, i64)> {
    match read {
        Err(ReadError::Hole { expected, found }) => Some((*expected, *found)),
        _ => None,
    }
}

/// Reads in pages of two until it cannot, as often as said. Gives how far it came each time.
async fn stopped_at(log: &Log, attempts: usize) -> anyhow::Result<Vec<(i64, Option<(i64, i64)>)>> {
    let (mut after, mut stops) = (0, Vec::new());
    while stops.len() < attempts {
        assert!(log.wait_beyond(after).await? > after);
        match log.page(after, 2).await {
            Ok(page) => after = page.last().map_or(after, |event| event.position),
            Err(error) => stops.push((after, hole(&Err(error)))),
        }
    }
    Ok(stops)
}

#[tokio::test]
async fn a_missing_position_stops_whoever_reads_the_log() -> anyhow::Result<()> {
    let world = World::new().await?;
    let (recorder, _task) = world.recorder().await?;
    let stream = world.ids.next();
    recorder.append(world.append(stream, 0, 9)).await?;
    let log = world.log().await?;
    make_a_hole(&world, "position IN (5, 6)").await?;
    // However the page falls on it, and however often it is tried.
    for (after, limit) in [(0, 100), (0, 5), (3, 2), (4, 1), (4, 100)] {
        assert_eq!(hole(&log.page(after, limit).await), Some((5, 7)), "after {after}, at most {limit}");
    }
    assert_eq!(stopped_at(&log, 3).await?, [(4, Some((5, 7))); 3]);
    assert!(matches!(log.event(5).await, Err(ReadError::Hole { expected: 5, found: 7 })));
    assert!(matches!(log.event(6).await, Err(ReadError::Hole { expected: 6, found: 7 })));
    // It says which, for people to read.
    let message = log.page(0, 100).await.map_err(|error| error.to_string());
    assert_eq!(message, Err("the log has a hole: expected 5, found 7".to_owned()));
    // What lies before it, and behind it, can be looked at.
    assert_eq!((log.page(0, 4).await?.len(), log.page(6, 100).await?.len()), (4, 3));
    // Recording goes on, and nothing ever fills the hole.
    assert_eq!(recorder.append(world.append(world.ids.next(), 0, 1)).await?.last_position, 10);
    assert_eq!(hole(&log.page(4, 100).await), Some((5, 7)));

    make_a_hole(&world, "position = 1").await?;
    assert_eq!(hole(&log.page(0, 100).await), Some((1, 2)));
    Ok(())
}

#[tokio::test]
async fn a_missing_version_stops_whoever_reads_its_stream_and_nobody_else() -> anyhow::Result<()> {
    let world = World::new().await?;
    let (recorder, _task) = world.recorder().await?;
    let (damaged, sound): (Uuid, Uuid) = (world.ids.next(), world.ids.next());
    for version in 0..4 {
        recorder.append(world.append(damaged, version, 1)).await?;
        recorder.append(world.append(sound, version, 1)).await?;
    }
    let log = world.log().await?;
    make_a_hole(&world, "position = 3").await?;
    for (after, limit) in [(0, 100), (0, 2), (1, 1)] {
        assert_eq!(hole(&log.stream(damaged, after, limit).await), Some((2, 3)), "after {after}, at most {limit}");
    }
    assert_eq!((log.stream(damaged, 0, 1).await?.len(), log.stream(damaged, 2, 100).await?.len()), (1, 2));
    assert_eq!(log.stream(sound, 0, 100).await?.len(), 4);
    Ok(())
}

#[tokio::test]
async fn a_hole_wider_than_a_page_is_not_the_end_of_a_stream() -> anyhow::Result<()> {
    let world = World::new().await?;
    let (recorder, _task) = world.recorder().await?;
    let stream = world.ids.next();
    recorder.append(world.append(stream, 0, 9)).await?;
    let log = world.log().await?;
    make_a_hole(&world, "version IN (3, 4, 5, 6, 7)").await?;
    for (after, limit) in [(0, 3), (0, 4), (1, 2), (2, 1), (2, 3), (2, 5), (2, 100)] {
        assert_eq!(hole(&log.stream(stream, after, limit).await), Some((3, 8)), "after {after}, at most {limit}");
        let facts = log.facts(stream, after, limit).await;
        assert!(matches!(facts, Err(ReadError::Hole { expected: 3, found: 8 })), "after {after}, at most {limit}");
    }
    assert_eq!((log.facts(stream, 0, 2).await?.len(), log.facts(stream, 7, 100).await?.len()), (2, 2));
    assert_eq!((log.facts(stream, 0, 0).await?.len(), log.facts(stream, 9, 100).await?.len()), (0, 0));
    Ok(())
}
