//! Readers are woken to be prompt, and look by themselves to be right: they see everything without a single wake-up, too.

use std::time::{Duration, Instant};

use event_store::pools::Role;
use event_store::{Ids, Log, Recorder};
use tokio::sync::watch;

use crate::log_lock::gathered;
use crate::world::World;

/// Readers look every 250 ms. Whoever has seen nothing for so long never looks.
const NEVER_LOOKS: Duration = Duration::from_secs(30);

/// Waits for what the recorder appends behind `after`, and says how long after the answer it was seen.
async fn seen_after(world: &World, log: &Log, recorder: &Recorder, after: i64) -> anyhow::Result<Duration> {
    let append = async {
        // The call waits for the lock meanwhile, and so the reader has looked once, in vain.
        let appended = gathered(world, 1, recorder.append(world.append(world.ids.next(), 0, 1))).await??;
        anyhow::Ok((appended.last_position, Instant::now()))
    };
    let wait = async { (log.wait_beyond(after).await, Instant::now()) };
    let (appended, (woken, seen)) = tokio::time::timeout(NEVER_LOOKS, async { tokio::join!(append, wait) }).await?;
    let (position, answered) = appended?;
    assert_eq!((position, woken?), (after + 1, after + 1));
    assert_eq!(log.page(after, 10).await?.len(), 1);
    Ok(seen.saturating_duration_since(answered))
}

#[tokio::test]
async fn a_waiting_reader_wakes_for_its_own_recorder_without_looking() -> anyhow::Result<()> {
    let world = World::new().await?;
    let (recorder, _task) = world.recorder().await?;
    // To this role, the database shows nothing: only the recorder's word can wake it.
    let log = Log::new(world.pool(Role::Query).await?, Some(recorder.head()));
    for after in 0..3 {
        let append = world.append(world.ids.next(), 0, 1);
        let (woken, appended) = tokio::join!(log.wait_beyond(after), recorder.append(append));
        assert_eq!((woken?, appended?.last_position), (after + 1, after + 1));
    }
    // What is known already is not waited for.
    assert_eq!(log.wait_beyond(1).await?, 3);
    Ok(())
}

#[tokio::test]
async fn readers_see_events_though_no_wake_up_reaches_them() -> anyhow::Result<()> {
    let world = World::new().await?;
    let (recorder, _task) = world.recorder().await?;
    let (idle, _idle) = world.recorder().await?;
    let (stopped, task) = world.recorder().await?;
    let pool = world.pool(Role::Project).await?;
    let (_deaf_but_alive, deaf) = watch::channel(0);
    let readers = [
        ("no channel", Log::new(pool.clone(), None)),
        ("a channel that says nothing", Log::new(pool.clone(), Some(deaf))),
        ("another node's recorder", Log::new(pool.clone(), Some(idle.head()))),
        ("a recorder that is gone", Log::new(pool, Some(stopped.head()))),
    ];
    task.stop().await;
    drop(stopped);
    let mut after = 0;
    for (what, log) in &readers {
        for _ in 0..3 {
            println!("{what}: seen {:?} after the answer", seen_after(&world, log, &recorder, after).await?);
            after += 1;
        }
    }
    Ok(())
}
