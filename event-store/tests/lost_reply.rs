//! The connection breaks in the middle of a call: every append is answered with what truly became of it, and once.

mod common;
#[path = "common/proxy.rs"]
mod proxy;

use std::time::{Duration, Instant};

use common::World;
use event_store::{AppendError, Ids, Recorder, RecorderOptions};
use proxy::{Loss, Proxy};
use sqlx::PgConnection;

const RECORDERS_WAITING: &str = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'turnout recorder' \
     AND wait_event = 'advisory' AND datname = current_database()";

/// Takes the lock of the log, so that calls wait in the server.
async fn lock_the_log(world: &World) -> anyhow::Result<PgConnection> {
    let mut lock = world.owner_connection().await?;
    sqlx::raw_sql("BEGIN; SELECT pg_advisory_xact_lock(32780231637955956)").execute(&mut lock).await?;
    Ok(lock)
}

async fn recorders_waiting(world: &World) -> anyhow::Result<i64> {
    Ok(sqlx::query_scalar(RECORDERS_WAITING).fetch_one(&world.owner).await?)
}

async fn a_recorder_waits(world: &World) -> anyhow::Result<()> {
    while recorders_waiting(world).await? == 0 {
        tokio::task::yield_now().await;
    }
    Ok(())
}

#[tokio::test]
async fn a_backend_that_dies_before_the_commit_has_written_nothing() -> anyhow::Result<()> {
    let world = World::new().await?;
    let (recorder, _task) = world.recorder().await?;
    let stream = world.ids.next();
    let mut lock = lock_the_log(&world).await?;
    let kill = async {
        a_recorder_waits(&world).await?;
        sqlx::raw_sql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'turnout recorder'",
        )
        .execute(&world.owner)
        .await?;
        anyhow::Ok(())
    };
    let (answer, killed) = tokio::join!(recorder.append(world.append(stream, 0, 2)), kill);
    killed?;
    assert!(matches!(answer, Err(AppendError::Unavailable { .. })), "{answer:?}");
    sqlx::raw_sql("COMMIT").execute(&mut lock).await?;
    let again = recorder.append(world.append(stream, 0, 2)).await?;
    assert_eq!((again.first_position, again.version), (Some(1), 2));
    Ok(())
}

#[tokio::test]
async fn a_call_that_still_waits_in_the_server_is_ended_before_anything_is_answered() -> anyhow::Result<()> {
    let world = World::new().await?;
    let proxy = Proxy::before(&world.database.app_url)?;
    let (recorder, _task) = Recorder::start(&proxy.url, RecorderOptions::default()).await?;
    let stream = world.ids.next();
    let mut lock = lock_the_log(&world).await?;
    let cut = async {
        a_recorder_waits(&world).await?;
        proxy.lose(Loss::Now);
        anyhow::Ok(())
    };
    let (answer, cut) = tokio::join!(recorder.append(world.append(stream, 0, 2)), cut);
    cut?;
    assert!(matches!(answer, Err(AppendError::Unavailable { .. })), "{answer:?}");
    // The server had noticed nothing; had nobody ended that call, it would now write after all.
    assert_eq!(recorders_waiting(&world).await?, 0);
    sqlx::raw_sql("COMMIT").execute(&mut lock).await?;
    let log = world.log().await?;
    assert_eq!(log.head().await?, 0);
    let again = recorder.append(world.append(stream, 0, 1)).await?;
    assert_eq!((again.first_position, log.head().await?), (Some(1), 1));
    Ok(())
}

#[tokio::test]
async fn what_was_committed_before_the_reply_was_lost_is_answered_as_committed() -> anyhow::Result<()> {
    let world = World::new().await?;
    let proxy = Proxy::before(&world.database.app_url)?;
    let (recorder, _task) = Recorder::start(&proxy.url, RecorderOptions::default()).await?;
    let (first, stale, second, empty) = (world.ids.next(), world.ids.next(), world.ids.next(), world.ids.next());
    // Once through everything, so that the statement is prepared and the next reply is the answer itself.
    recorder.append(world.append(stale, 0, 1)).await?;
    recorder.append(world.append(empty, 0, 1)).await?;

    let mut lock = lock_the_log(&world).await?;
    let gather = async {
        tokio::join!(
            recorder.append(world.append(first, 0, 2)),
            recorder.append(world.append(stale, 0, 1)),
            recorder.append(world.append(second, 0, 3)),
            recorder.append(world.append(empty, 1, 0)),
        )
    };
    let lose = async {
        a_recorder_waits(&world).await?;
        // All four are one batch, which waits in the server.
        proxy.lose(Loss::NextReply);
        sqlx::raw_sql("COMMIT").execute(&mut lock).await?;
        anyhow::Ok(())
    };
    let (answers, lost) = tokio::join!(gather, lose);
    lost?;
    let first = answers.0?;
    assert_eq!((first.first_position, first.last_position, first.version), (Some(3), 4, 2));
    let second = answers.2?;
    assert_eq!((second.first_position, second.last_position, second.version), (Some(5), 7, 3));
    assert_eq!(first.recorded_at, second.recorded_at);
    // Of these nothing can be found: they are asked again.
    assert!(matches!(answers.1, Err(AppendError::Unavailable { .. })), "{:?}", answers.1);
    assert!(matches!(answers.3, Err(AppendError::Unavailable { .. })), "{:?}", answers.3);

    let log = world.log().await?;
    assert_eq!((log.head().await?, *recorder.head().borrow()), (7, 7));
    assert_eq!(log.page(0, 100).await?[2].recorded_at, first.recorded_at);
    Ok(())
}

#[tokio::test]
async fn while_the_database_is_away_appends_are_told_to_come_later_and_then_it_goes_on() -> anyhow::Result<()> {
    let mut world = World::new().await?;
    let (recorder, _task) = world.recorder().await?;
    let (stream, other) = (world.ids.next(), world.ids.next());
    recorder.append(world.append(stream, 0, 1)).await?;
    world.postgres.server().stop().await;

    let under_way = tokio::spawn({
        let (recorder, append) = (recorder.clone(), world.append(stream, 1, 1));
        async move { recorder.append(append).await }
    });
    tokio::task::yield_now().await;
    let asked = Instant::now();
    let waiting = recorder.append(world.append(other, 0, 1)).await;
    assert!(matches!(waiting, Err(AppendError::Unavailable { .. })), "{waiting:?}");
    assert!((Duration::from_secs(4)..Duration::from_secs(9)).contains(&asked.elapsed()), "{:?}", asked.elapsed());

    world.postgres.server_mut().restart().await?;
    // Its call was under way when the server went: only now is it known that it was not written.
    let under_way = under_way.await?;
    assert!(matches!(under_way, Err(AppendError::Unavailable { .. })), "{under_way:?}");
    assert_eq!(recorder.append(world.append(stream, 1, 1)).await?.last_position, 2);
    assert_eq!(recorder.append(world.append(other, 0, 1)).await?.last_position, 3);
    Ok(())
}

#[tokio::test]
async fn a_server_that_crashes_under_load_loses_nothing_that_was_answered() -> anyhow::Result<()> {
    let mut world = World::new().await?;
    let (recorder, _task) = world.recorder().await?;
    let streams: Vec<_> = (0..8).map(|_| world.ids.next()).collect();
    let appends: Vec<Vec<_>> =
        streams.iter().map(|stream| (0..200).map(|version| world.append(*stream, version, 1)).collect()).collect();
    let writers: Vec<_> = appends
        .into_iter()
        .map(|appends| {
            let recorder = recorder.clone();
            tokio::spawn(async move {
                let mut answered = 0;
                for append in appends {
                    // Each is asked until it is answered; what had landed must then be a conflict, never a second event.
                    loop {
                        match recorder.append(append.clone()).await {
                            Ok(_) => break answered += 1,
                            Err(AppendError::Unavailable { .. }) => tokio::task::yield_now().await,
                            Err(error) => return Err(error),
                        }
                    }
                }
                Ok(answered)
            })
        })
        .collect();
    let mut head = recorder.head();
    for crash_at in [200, 700] {
        head.wait_for(|head| *head >= crash_at).await?;
        let pid = i32::try_from(world.postgres.server().pid())?;
        nix::sys::signal::kill(nix::unistd::Pid::from_raw(pid), nix::sys::signal::Signal::SIGKILL)?;
        world.postgres.server().wait_exit().await;
        world.postgres.server_mut().restart().await?;
    }
    for writer in writers {
        assert_eq!(writer.await??, 200);
    }
    let page = world.log().await?.page(0, 10_000).await?;
    assert_eq!(page.len(), 1600);
    Ok(())
}
