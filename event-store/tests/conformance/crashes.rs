//! The whole server dies in the midst of load. What was answered is there, and so is what was seen.

use std::collections::BTreeMap;

use event_store::{Append, AppendError, Ids, Recorder};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::server::{crash, processes};
use crate::world::{World, as_written};

/// Writes these appends, each again until it is answered; what had landed must then be a conflict, never a second event.
fn writer(recorder: &Recorder, appends: Vec<Append>) -> JoinHandle<Result<Vec<i64>, AppendError>> {
    let recorder = recorder.clone();
    tokio::spawn(async move {
        let mut answered = Vec::new();
        for append in appends {
            loop {
                match recorder.append(append.clone()).await {
                    Ok(appended) => break answered.push(appended.last_position),
                    Err(AppendError::Unavailable { .. }) => tokio::task::yield_now().await,
                    Err(error) => return Err(error),
                }
            }
        }
        Ok(answered)
    })
}

/// Eight streams of 200 appends each.
fn load(world: &World) -> Vec<Vec<Append>> {
    let stream = |stream| (0..200).map(|version| world.append(stream, version, 1)).collect();
    (0..8).map(|_| stream(world.ids.next())).collect()
}

#[tokio::test]
async fn a_server_that_crashes_under_load_loses_nothing_that_was_answered() -> anyhow::Result<()> {
    let mut world = World::new().await?;
    let (recorder, _task) = world.recorder().await?;
    let load = load(&world);
    let writers: Vec<_> = load.iter().map(|appends| writer(&recorder, appends.clone())).collect();
    let mut head = recorder.head();
    for crash_at in [200, 700] {
        head.wait_for(|head| *head >= crash_at).await?;
        let processes = processes(&world).await?;
        crash(&mut world.postgres, &processes).await?;
    }
    let log = world.log().await?;
    for (writer, appends) in writers.into_iter().zip(load) {
        let answered = writer.await??;
        assert_eq!(answered.len(), 200);
        let written = log.stream(appends[0].stream, 0, 1000).await?;
        // Each once, in their order, where it was said to be.
        assert!(as_written(&written).into_iter().eq(appends.into_iter().flat_map(|append| append.events)));
        assert!(written.iter().map(|event| event.position).eq(answered));
    }
    assert_eq!(log.page(0, 10_000).await?.len(), 1600);
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_reader_has_seen_is_still_there_after_a_crash() -> anyhow::Result<()> {
    let mut world = World::new().await?;
    let (recorder, _task) = world.recorder().await?;
    let writers: Vec<_> = load(&world).into_iter().map(|appends| writer(&recorder, appends)).collect();
    let mut head = recorder.head();
    for crash_at in [150, 600] {
        // It looks as often as it can, and remembers what it saw before the server went.
        let log = world.log().await?;
        let (say_gone, gone) = watch::channel(false);
        let reader = tokio::spawn(async move {
            let (mut seen, mut after) = (BTreeMap::new(), 0);
            while !*gone.borrow() {
                for event in log.page(after, 1000).await.unwrap_or_default() {
                    after = event.position;
                    seen.insert(after, (event.stream, event.version, event.metadata.command, event.recorded_at));
                }
            }
            seen
        });
        head.wait_for(|head| *head >= crash_at).await?;
        let processes = processes(&world).await?;
        crash(&mut world.postgres, &processes).await?;
        say_gone.send_replace(true);
        let seen = reader.await?;
        assert!(!seen.is_empty());
        for event in world.log().await?.page(0, 10_000).await? {
            let Some(before) = seen.get(&event.position) else { continue };
            let now = (event.stream, event.version, event.metadata.command, event.recorded_at);
            assert_eq!(now, *before, "position {}", event.position);
        }
        let last = seen.keys().next_back().copied();
        assert!(last <= Some(world.log().await?.head().await?), "{last:?} was seen and is gone");
    }
    for writer in writers {
        assert_eq!(writer.await??.len(), 200);
    }
    Ok(())
}
