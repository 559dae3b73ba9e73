//! Many writers at once, each on a stream of its own: nobody is turned back, and nobody's events are missing.

use std::sync::Arc;

use event_store::{Appended, Ids, Recorder};
use futures::future::{join_all, try_join_all};

use crate::world::{World, as_written};

/// A new stream of so many events, in several appends. Gives what was answered, with the events that it was answered for.
async fn fill(
    world: &World,
    recorder: &Recorder,
    rounds: usize,
) -> anyhow::Result<Vec<(Appended, Vec<event_store::NewEvent>)>> {
    let stream = world.ids.next();
    let mut version = 0;
    let mut answered = Vec::new();
    for round in 0..rounds {
        let append = world.append(stream, version, round % 4);
        let appended = recorder.append(append.clone()).await?;
        assert_eq!(appended.version, version + i64::try_from(round % 4)?);
        version = appended.version;
        answered.push((appended, append.events));
    }
    Ok(answered)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn parallel_appends_to_streams_of_their_own_all_succeed_and_all_exist_without_a_hole() -> anyhow::Result<()> {
    let world = Arc::new(World::new().await?);
    let (one, _one) = world.recorder().await?;
    let (two, _two) = world.recorder().await?;
    let tasks = (0..16).map(|task| {
        let world = Arc::clone(&world);
        let recorder = if task % 2 == 0 { one.clone() } else { two.clone() };
        tokio::spawn(async move { fill(&world, &recorder, 25).await })
    });
    let mut answered = Vec::new();
    for task in join_all(tasks).await {
        answered.extend(task??);
    }
    let log = world.log().await?;
    let (mut all, mut last) = (Vec::new(), None);
    loop {
        // `page` itself refuses a hole.
        let page = log.page(i64::try_from(all.len())?, 97).await?;
        if page.is_empty() {
            break;
        }
        for event in page {
            assert!(last <= Some(event.recorded_at));
            last = Some(event.recorded_at);
            all.push(event);
        }
    }
    // What was answered is where it was said to be, and there is nothing else.
    for (appended, events) in &answered {
        let Some(first) = appended.first_position else { continue };
        let at = usize::try_from(first - 1)?..usize::try_from(appended.last_position)?;
        assert_eq!(as_written(&all[at.clone()]), *events);
        assert!(all[at].iter().all(|event| event.recorded_at == appended.recorded_at));
    }
    assert_eq!(all.len(), answered.iter().map(|(_, events)| events.len()).sum::<usize>());
    Ok(())
}

#[tokio::test]
async fn a_hundred_creators_of_streams_of_their_own_all_succeed() -> anyhow::Result<()> {
    let world = World::new().await?;
    let mut recorders = Vec::new();
    for _ in 0..4 {
        recorders.push(world.recorder().await?);
    }
    let appends: Vec<_> = (0..100).map(|_| world.append(world.ids.next(), 0, 1)).collect();
    let asked = appends.iter().zip(recorders.iter().cycle());
    let answers = try_join_all(asked.map(|(append, (recorder, _))| recorder.append(append.clone()))).await?;
    let log = world.log().await?;
    for (append, answer) in appends.iter().zip(&answers) {
        let read = log.stream(append.stream, 0, 10).await?;
        assert_eq!(as_written(&read), append.events);
        assert_eq!(Some(read[0].position), answer.first_position);
    }
    let mut positions: Vec<i64> = answers.iter().map(|answer| answer.last_position).collect();
    positions.sort_unstable();
    assert!(positions.into_iter().eq(1..=100));
    Ok(())
}
