//! Readers at the end of the log, beside every kind of writer: each sees every event once, in order.

use std::sync::Arc;

use event_store::{Append, AppendError, Ids, Log, RecordedEvent, Recorder};
use tokio::sync::watch;

use crate::log_lock::{SlowWriter, until_recorders_wait};
use crate::world::World;

/// Reads from the beginning until it has seen the end, which is said when it is known.
async fn tail(
    log: Log,
    limit: i64,
    waits: bool,
    mut end: watch::Receiver<Option<i64>>,
) -> anyhow::Result<Vec<RecordedEvent>> {
    let mut seen: Vec<RecordedEvent> = Vec::new();
    loop {
        let after = seen.last().map_or(0, |event| event.position);
        if *end.borrow() == Some(after) {
            return Ok(seen);
        }
        if waits {
            tokio::select! {
                known = log.wait_beyond(after) => assert!(known? > after),
                _ = end.changed() => continue,
            }
        }
        seen.extend(log.page(after, limit).await?);
    }
}

/// Writes 40 appends of none to three events, and between them such as are turned back. Gives how many events it wrote.
async fn write(world: &World, recorder: &Recorder) -> anyhow::Result<i64> {
    let stream = world.ids.next();
    let mut version = 0;
    for round in 0..40 {
        if round % 5 == 3 {
            let stale = recorder.append(world.append(stream, version + 1, 3)).await;
            assert!(matches!(stale, Err(AppendError::Conflict { .. })), "{stale:?}");
        }
        if round % 10 == 7 {
            // The whole call is rolled back, whoever else is in it, and written again.
            let bad =
                recorder.append(Append { events: vec![world.event("{")], ..world.append(stream, version, 0) }).await;
            assert!(matches!(bad, Err(AppendError::Invalid(_))), "{bad:?}");
        }
        version = recorder.append(world.append(stream, version, round % 4)).await?.version;
    }
    Ok(version)
}

/// Holds the lock of the log again and again, writes several events, and takes every other back.
async fn write_slowly(world: &World) -> anyhow::Result<i64> {
    let stream = world.ids.next();
    let mut version = 0;
    for round in 0..12 {
        let mut slow = SlowWriter::begin(world).await?;
        slow.write(stream, version, 2).await?;
        slow.write(stream, version + 2, 1).await?;
        if round % 2 == 0 {
            slow.commit().await?;
            version += 3;
        } else {
            slow.roll_back().await?;
        }
    }
    Ok(version)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn beside_writers_of_every_kind_each_reader_sees_every_event_once_and_in_order() -> anyhow::Result<()> {
    let world = Arc::new(World::new().await?);
    let mut recorders = Vec::new();
    for _ in 0..3 {
        recorders.push(world.recorder().await?);
    }
    let (say_end, end) = watch::channel(None);
    let woken = Log::new(world.pool(event_store::pools::Role::React).await?, Some(recorders[0].0.head()));
    let readers = [(woken, 7, true), (world.log().await?, 100, true), (world.log().await?, 2, false)]
        .map(|(log, limit, waits)| tokio::spawn(tail(log, limit, waits, end.clone())));

    let mut writers = Vec::new();
    for (recorder, _) in recorders.iter().chain(&recorders) {
        let (world, recorder) = (Arc::clone(&world), recorder.clone());
        writers.push(tokio::spawn(async move { write(&world, &recorder).await }));
    }
    let slow = Arc::clone(&world);
    writers.push(tokio::spawn(async move { write_slowly(&slow).await }));
    let mut written = 0;
    for writer in writers {
        written += writer.await??;
    }
    say_end.send_replace(Some(written));

    let log = world.log().await?.page(0, 10_000).await?;
    assert_eq!(i64::try_from(log.len())?, written);
    for reader in readers {
        // The same events with the same positions: none twice, none missing, none out of its order.
        assert!(reader.await?? == log, "a reader saw something else");
    }
    Ok(())
}

#[tokio::test]
async fn what_comes_behind_a_slow_writer_is_seen_behind_it() -> anyhow::Result<()> {
    let world = World::new().await?;
    let (recorder, _task) = world.recorder().await?;
    let log = world.log().await?;
    let fast_stream = world.ids.next();
    recorder.append(world.append(fast_stream, 0, 1)).await?;
    // Once it commits what it wrote, once it takes it back.
    for (commits, before) in [(true, 1), (false, 6)] {
        let slow_stream = world.ids.next();
        let mut slow = SlowWriter::begin(&world).await?;
        slow.write(slow_stream, 0, 3).await?;
        let fast_version = log.stream(fast_stream, 0, 100).await?.len();
        let fast = recorder.append(world.append(fast_stream, i64::try_from(fast_version)?, 2));
        let end_it = async {
            until_recorders_wait(&world, 1).await?;
            // Nothing is seen of either, and so no position is passed over.
            assert_eq!((log.head().await?, log.page(before, 100).await?), (before, Vec::new()));
            if commits { slow.commit().await } else { slow.roll_back().await }
        };
        let (answer, ended) = tokio::join!(fast, end_it);
        ended?;
        let streams: Vec<_> = log.page(before, 100).await?.iter().map(|event| event.stream).collect();
        let fast_first = answer?.first_position;
        if commits {
            assert_eq!(streams, [slow_stream, slow_stream, slow_stream, fast_stream, fast_stream]);
            assert_eq!(fast_first, Some(before + 4));
        } else {
            assert_eq!(streams, [fast_stream, fast_stream]);
            assert_eq!(fast_first, Some(before + 1));
        }
    }
    assert_eq!(log.head().await?, 8);
    Ok(())
}

#[tokio::test]
async fn a_writer_whose_transaction_began_long_ago_is_seen_in_its_turn() -> anyhow::Result<()> {
    let world = World::new().await?;
    let (recorder, _task) = world.recorder().await?;
    let log = world.log().await?;
    let (old, young) = (world.ids.next(), world.ids.next());
    // It has the lower transaction id, and a checkpoint by such ids would pass it over.
    let mut transaction = world.owner_connection().await?;
    sqlx::raw_sql("CREATE TABLE elsewhere (id integer); BEGIN; INSERT INTO elsewhere VALUES (1)")
        .execute(&mut transaction)
        .await?;
    recorder.append(world.append(young, 0, 2)).await?;
    assert_eq!(log.page(0, 100).await?.len(), 2);

    let mut slow = SlowWriter::within(transaction).await?;
    slow.write(old, 0, 2).await?;
    slow.commit().await?;
    recorder.append(world.append(young, 2, 1)).await?;
    let streams: Vec<_> = log.page(2, 100).await?.iter().map(|event| event.stream).collect();
    assert_eq!(streams, [old, old, young]);
    Ok(())
}
