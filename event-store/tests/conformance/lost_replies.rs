//! The connection breaks in the middle of a call, or the client dies: every append is answered with what truly became of it, and
//! takes effect once.

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use event_store::{Append, AppendError, Ids, Recorder, RecorderOptions, SequentialIds};

use crate::log_lock::{gathered, lock_the_log, recorders_waiting, until_recorders_wait};
use crate::proxy::{Loss, Proxy};
use crate::world::{World, append, as_written};

#[tokio::test]
async fn a_backend_that_dies_before_the_commit_has_written_nothing() -> anyhow::Result<()> {
    let world = World::new().await?;
    let (recorder, _task) = world.recorder().await?;
    let stream = world.ids.next();
    let mut lock = lock_the_log(&world).await?;
    let kill = async {
        until_recorders_wait(&world, 1).await?;
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
        until_recorders_wait(&world, 1).await?;
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
        until_recorders_wait(&world, 1).await?;
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
async fn what_another_node_recorded_of_it_is_not_taken_for_the_whole() -> anyhow::Result<()> {
    let world = World::new().await?;
    let proxy = Proxy::before(&world.database.app_url)?;
    let (recorder, _task) = Recorder::start(&proxy.url, RecorderOptions::default()).await?;
    let (other, _other_task) = world.recorder().await?;
    // Once through everything, so that the statement is prepared and the next reply is the answer itself.
    recorder.append(world.append(world.ids.next(), 0, 1)).await?;

    // A client sent its first request to both nodes; the second one reached this node alone.
    let both = world.append(world.ids.next(), 0, 2);
    let first = Append { events: both.events[..1].to_vec(), ..both.clone() };
    let recorded = other.append(first).await?;
    proxy.lose(Loss::NextReply);
    let answer = recorder.append(both.clone()).await;
    assert!(matches!(answer, Err(AppendError::Unavailable { .. })), "{answer:?}");
    assert_eq!(world.log().await?.head().await?, recorded.last_position);

    // What stands there word for word is recorded, whoever was first.
    let same = Append { stream: world.ids.next(), ..both };
    let recorded = other.append(same.clone()).await?;
    proxy.lose(Loss::NextReply);
    assert_eq!(recorder.append(same).await?, recorded);
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

/// Set in the client process below: the URL that it works with.
const URL_OF_CLIENT: &str = "TURNOUT_CONFORMANCE_CLIENT";
const KILLED: &str = "lost_replies::what_a_killed_client_asked_for_takes_effect_once_and_its_repeat_finds_it";

/// What the client asks for, also when it asks again: a program makes the same of the same request.
fn its_append() -> Append {
    let ids = SequentialIds::new(1_600_000_000_000);
    append(&ids, ids.next(), ids.next(), 0, 2)
}

/// Another process that runs this program's test `KILLED` as the client.
struct Client(Child);

impl Client {
    fn start(url: &str) -> anyhow::Result<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        command.args([KILLED, "--exact"]).env(URL_OF_CLIENT, url);
        Ok(Self(command.stdin(Stdio::null()).stdout(Stdio::null()).spawn()?))
    }
}

impl Drop for Client {
    /// With SIGKILL.
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[tokio::test]
async fn what_a_killed_client_asked_for_takes_effect_once_and_its_repeat_finds_it() -> anyhow::Result<()> {
    if let Ok(url) = std::env::var(URL_OF_CLIENT) {
        let (recorder, _task) = Recorder::start(&url, RecorderOptions::default()).await?;
        recorder.append(its_append()).await?;
        return Ok(());
    }
    let world = World::new().await?;
    let log = world.log().await?;
    let mut lock = lock_the_log(&world).await?;
    let client = Client::start(&world.database.app_url)?;
    until_recorders_wait(&world, 1).await?;
    drop(client);
    // It is started again, finds nothing, and asks again, while the server may still be at the first call.
    let (recorder, _task) = world.recorder().await?;
    let asked = its_append();
    assert_eq!(log.stream(asked.stream, 0, 10).await?, []);
    let release = async {
        until_recorders_wait(&world, 1).await?;
        sqlx::raw_sql("COMMIT").execute(&mut lock).await?;
        anyhow::Ok(())
    };
    let (answer, released) = tokio::join!(recorder.append(asked.clone()), release);
    released?;
    match answer {
        Ok(appended) => assert_eq!((appended.last_position, appended.version), (2, 2)),
        Err(AppendError::Conflict { current_version }) => assert_eq!(current_version, 2),
        Err(error) => return Err(error.into()),
    }
    // Whichever of the two it was, now it is found, whole and once.
    assert_eq!(as_written(&log.page(0, 100).await?), asked.events);
    let again = recorder.append(asked).await;
    assert!(matches!(again, Err(AppendError::Conflict { current_version: 2 })), "{again:?}");
    assert_eq!(recorders_waiting(&world).await?, 0);
    Ok(())
}

#[tokio::test]
async fn an_append_that_nobody_waits_for_any_more_is_written_all_the_same() -> anyhow::Result<()> {
    let world = World::new().await?;
    let (recorder, _task) = world.recorder().await?;
    let (stream, other) = (world.ids.next(), world.ids.next());
    let answer = gathered(&world, 1, async {
        let (under_way, waiting) = (world.append(stream, 0, 1), world.append(other, 0, 2));
        for append in [under_way, waiting] {
            // Asked once, and forgotten.
            assert!(futures::poll!(Box::pin(recorder.append(append))).is_pending());
        }
        recorder.append(world.append(stream, 1, 1)).await
    })
    .await?;
    assert_eq!(answer?.version, 2);
    let log = world.log().await?;
    assert_eq!((log.stream(stream, 0, 10).await?.len(), log.stream(other, 0, 10).await?.len()), (2, 2));
    Ok(())
}
