//! Recording against a real PostgreSQL: order, versions, bad data, bounds.

mod common;

use std::sync::Arc;

use common::World;
use event_store::{AppendError, Ids, Recorder, RecorderOptions, content_hash};
use futures::future::join_all;
use uuid::Uuid;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn positions_have_no_hole_under_appends_from_sixteen_tasks_and_two_recorders() -> anyhow::Result<()> {
    let world = Arc::new(World::new().await?);
    let (one, _one) = world.recorder().await?;
    let (two, _two) = world.recorder().await?;
    let tasks = (0..16).map(|task| {
        let world = Arc::clone(&world);
        let recorder = if task % 2 == 0 { one.clone() } else { two.clone() };
        tokio::spawn(async move {
            let stream = world.ids.next();
            let mut version = 0;
            for round in 0..25 {
                let appended = recorder.append(world.append(stream, version, round % 4)).await?;
                assert_eq!(appended.version, version + i64::try_from(round % 4)?);
                version = appended.version;
            }
            anyhow::Ok(version)
        })
    });
    let mut written = 0;
    for task in join_all(tasks).await {
        written += task??;
    }
    let log = world.log().await?;
    assert_eq!(log.head().await?, written);
    let (mut seen, mut last) = (0, None);
    loop {
        // `page` itself refuses a hole.
        let page = log.page(seen, 97).await?;
        let Some(end) = page.last() else { break };
        seen = end.position;
        for event in page {
            assert!(last <= Some(event.recorded_at));
            last = Some(event.recorded_at);
        }
    }
    assert_eq!(seen, written);
    Ok(())
}

#[tokio::test]
async fn an_event_is_read_as_it_was_written() -> anyhow::Result<()> {
    let world = World::new().await?;
    let (recorder, task) = world.recorder().await?;
    let log = world.log().await?;
    let stream = world.ids.next();
    let mut append = world.append(stream, 0, 1);
    // Byte for byte: spaces, order, a key twice.
    let payload = "{ \"b\": 1,\n\"a\" : \"ä\\u0000\", \"b\":2 }";
    append.events = vec![world.event(payload), world.event("{}")];
    append.events[0].metadata.device = Some(world.ids.next());
    append.events[0].metadata.causation = Some(world.ids.next());
    append.events[1].metadata.channel = None;
    append.events[1].metadata.request_hmac = None;
    let appended = recorder.append(append.clone()).await?;
    assert_eq!((appended.first_position, appended.last_position, appended.version), (Some(1), 2, 2));

    let read = log.stream(stream, 0, 10).await?;
    assert_eq!(read, log.page(0, 10).await?);
    assert_eq!(read[0].payload, payload);
    for (read, written) in read.iter().zip(&append.events) {
        assert_eq!(read.metadata, written.metadata);
        assert_eq!(read.content_hash, content_hash(written));
        assert_eq!(read.recorded_at, appended.recorded_at);
    }
    assert_eq!(log.commands(&[append.events[1].metadata.command, Uuid::nil()]).await?, read[1..]);
    assert_eq!(log.event(2).await?.as_ref(), Some(&read[1]));
    assert_eq!(log.event(3).await?, None);
    assert_eq!(log.stream_organization(stream).await?, Some(world.organization));
    assert_eq!(log.stream_organization(Uuid::nil()).await?, None);
    assert_eq!(*recorder.head().borrow(), 2);
    task.stop().await;
    assert!(matches!(recorder.append(append).await, Err(AppendError::Unavailable { .. })));
    Ok(())
}

/// Runs appends while the log is locked: they gather into one batch, or into a call that waits and a batch behind it.
async fn gathered<T>(world: &World, appends: impl Future<Output = T>) -> anyhow::Result<T> {
    let mut lock = world.owner_connection().await?;
    sqlx::raw_sql("BEGIN; SELECT pg_advisory_xact_lock(32780231637955956)").execute(&mut lock).await?;
    let release = async {
        waits_for_the_lock(world).await?;
        sqlx::raw_sql("COMMIT").execute(&mut lock).await?;
        anyhow::Ok(())
    };
    let (answers, released) = tokio::join!(appends, release);
    released?;
    Ok(answers)
}

async fn waits_for_the_lock(world: &World) -> anyhow::Result<()> {
    let waits = "SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted)";
    while !sqlx::query_scalar::<_, bool>(waits).fetch_one(&world.owner).await? {
        tokio::task::yield_now().await;
    }
    Ok(())
}

#[tokio::test]
async fn a_stale_version_is_turned_back_alone_in_its_batch() -> anyhow::Result<()> {
    let world = World::new().await?;
    let (recorder, _task) = world.recorder().await?;
    let (stale, fresh) = (world.ids.next(), world.ids.next());
    recorder.append(world.append(stale, 0, 3)).await?;
    let answers = gathered(&world, async {
        tokio::join!(
            recorder.append(world.append(world.ids.next(), 0, 1)),
            recorder.append(world.append(fresh, 0, 2)),
            recorder.append(world.append(stale, 2, 5)),
            recorder.append(world.append(world.ids.next(), 0, 1)),
        )
    })
    .await?;
    assert_eq!(answers.0?.last_position, 4);
    let fresh = answers.1?;
    assert_eq!((fresh.first_position, fresh.last_position), (Some(5), 6));
    assert!(matches!(answers.2, Err(AppendError::Conflict { current_version: 3 })));
    let last = answers.3?;
    assert_eq!((last.first_position, last.recorded_at), (Some(7), fresh.recorded_at));
    Ok(())
}

#[tokio::test]
async fn of_two_creators_of_one_stream_one_wins() -> anyhow::Result<()> {
    let world = World::new().await?;
    let (one, _one) = world.recorder().await?;
    let (two, _two) = world.recorder().await?;
    let stream = world.ids.next();
    let answers = tokio::join!(
        one.append(world.append(stream, 0, 1)),
        two.append(world.append(stream, 0, 1)),
        one.append(world.append(stream, 0, 1)),
    );
    let answers = [answers.0, answers.1, answers.2];
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1);
    let lost = answers.iter().filter(|answer| matches!(answer, Err(AppendError::Conflict { current_version: 1 })));
    assert_eq!(lost.count(), 2);
    Ok(())
}

#[tokio::test]
async fn an_append_without_events_confirms_or_denies_the_version() -> anyhow::Result<()> {
    let world = World::new().await?;
    let (recorder, _task) = world.recorder().await?;
    let (stream, other) = (world.ids.next(), world.ids.next());
    let nothing = recorder.append(world.append(stream, 0, 0)).await?;
    assert_eq!((nothing.first_position, nothing.last_position, nothing.version), (None, 0, 0));
    recorder.append(world.append(stream, 0, 2)).await?;
    recorder.append(world.append(other, 0, 1)).await?;
    let confirmed = recorder.append(world.append(stream, 2, 0)).await?;
    assert_eq!((confirmed.first_position, confirmed.last_position, confirmed.version), (None, 2, 2));
    let denied = recorder.append(world.append(stream, 1, 0)).await;
    assert!(matches!(denied, Err(AppendError::Conflict { current_version: 2 })));
    assert_eq!(world.log().await?.head().await?, 3);
    Ok(())
}

#[tokio::test]
async fn bad_data_of_one_item_fails_that_item_alone() -> anyhow::Result<()> {
    let world = World::new().await?;
    let (recorder, _task) = world.recorder().await?;
    let mine = world.ids.next();
    recorder.append(world.append(mine, 0, 1)).await?;
    let with = |change: fn(&mut event_store::Append)| {
        let mut append = world.append(world.ids.next(), 0, 1);
        change(&mut append);
        append
    };
    let not_json = with(|append| append.events[0].payload = "{".into());
    let nul = with(|append| append.events[0].metadata.actor = "a\0b".into());
    let no_schema = with(|append| append.events[0].schema = 0);
    let mut not_an_object = world.append(world.ids.next(), 0, 1);
    not_an_object.vault = vec![world.person("", "")];
    not_an_object.vault[0].fields = serde_json::json!([]);
    let mut elsewhere = world.append(mine, 1, 1);
    elsewhere.organization = world.ids.next();
    let good = || world.append(world.ids.next(), 0, 1);

    let answers = gathered(&world, async {
        let all = [good(), good(), not_json, nul, good(), no_schema, not_an_object, elsewhere, good()];
        join_all(all.into_iter().map(|append| recorder.append(append))).await
    })
    .await?;
    let good: Vec<bool> = answers.iter().map(Result::is_ok).collect();
    assert_eq!(good, [true, true, false, false, true, false, false, false, true]);
    for answer in answers.into_iter().filter(Result::is_err) {
        assert!(matches!(answer, Err(AppendError::Invalid(_))), "{answer:?}");
    }
    assert_eq!(world.log().await?.page(0, 100).await?.len(), 5);
    Ok(())
}

#[tokio::test]
async fn a_full_queue_turns_appends_away_at_once() -> anyhow::Result<()> {
    let world = World::new().await?;
    let options = RecorderOptions { queue_items_max: 2, batch_events_max: 1, ..RecorderOptions::default() };
    let (recorder, _task) = Recorder::start(&world.database.app_url, options).await?;
    let answers = gathered(&world, async {
        let all: Vec<_> = (0..50).map(|_| world.append(world.ids.next(), 0, 1)).collect();
        join_all(all.into_iter().map(|append| recorder.append(append))).await
    })
    .await?;
    let written = answers.iter().filter(|answer| answer.is_ok()).count();
    let shed = answers.iter().filter(|answer| matches!(answer, Err(AppendError::Overloaded))).count();
    assert!(written > 0 && shed > 0 && written + shed == 50, "{written} written, {shed} shed");
    Ok(())
}

#[tokio::test]
async fn a_waiting_reader_wakes_for_its_own_recorder_and_for_another_nodes() -> anyhow::Result<()> {
    let world = World::new().await?;
    let (mine, _mine) = world.recorder().await?;
    let (other, _other) = world.recorder().await?;
    let log = event_store::Log::new(world.pool(event_store::pools::Role::Query).await?, Some(mine.head()));
    let polling = world.log().await?;
    let stream = world.ids.next();
    for (version, recorder) in [(0, &mine), (1, &other)] {
        let (woken, appended) =
            tokio::join!(polling.wait_beyond(version), recorder.append(world.append(stream, version, 1)));
        assert_eq!((woken?, appended?.last_position), (version + 1, version + 1));
    }
    // This one's role sees nothing in the database: it is woken by the recorder's channel alone.
    let (woken, appended) = tokio::join!(log.wait_beyond(2), mine.append(world.append(stream, 2, 1)));
    assert_eq!((woken?, appended?.last_position), (3, 3));
    Ok(())
}

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
