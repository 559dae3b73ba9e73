//! One projector leads; two that both believe to lead never both count.

use std::{sync::Arc, time::Duration};

use anyhow::Result;
use chrono::TimeDelta;
use event_store::FixedClock;
use projections::Step;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::{
    story::Story,
    world::{World, catch_up, noon, options},
};

const ORGANIZATION: Uuid = Uuid::from_u128(0xA);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_projectors_that_believe_to_lead_one_counts() -> Result<()> {
    let world = World::new().await?;
    let story = Story::begin(1);
    world.record(ORGANIZATION, story.show.0, &story.events).await?;
    // The first one's clock stands still: to itself, its lease never ends.
    let mut asleep = world.projector_with(Arc::new(FixedClock::new(noon())), options(2, 10));
    assert_eq!(asleep.step().await?, Step::Wrote(2));
    let later = Arc::new(FixedClock::new(noon() + TimeDelta::minutes(1)));
    let mut awake = world.projector_with(later, options(2, 10));
    assert_eq!(awake.step().await?, Step::Wrote(4));
    // At the fence, although it takes the position from where it left it.
    assert_eq!(asleep.step().await?, Step::Lost);
    assert_eq!(awake.step().await?, Step::Wrote(6));
    let counted: i64 = sqlx::query_scalar("SELECT count(*) FROM read.activity").fetch_one(&world.owner).await?;
    assert_eq!(counted, 6);
    assert_eq!(asleep.step().await?, Step::Follows(6));
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lease_is_taken_over_when_it_has_ended_and_not_before() -> Result<()> {
    let world = World::new().await?;
    let story = Story::begin(1);
    world.record(ORGANIZATION, story.show.0, &story.events[..4]).await?;
    let mut first = world.projector(options(100, 10));
    let mut second = world.projector(options(100, 10));
    assert_eq!(first.step().await?, Step::Wrote(4));
    assert_eq!(second.step().await?, Step::Follows(4));
    world.clock.advance(TimeDelta::milliseconds(2_500));
    assert_eq!(first.step().await?, Step::Idle(4), "it renews");
    world.clock.advance(TimeDelta::milliseconds(2_500));
    assert_eq!(second.step().await?, Step::Follows(4));
    world.clock.advance(TimeDelta::milliseconds(2_500));
    world.record(ORGANIZATION, story.show.0, &story.events[4..]).await?;
    let head = i64::try_from(story.events.len())?;
    assert_eq!(second.step().await?, Step::Wrote(head));
    assert_eq!(first.step().await?, Step::Lost);
    assert_eq!(first.step().await?, Step::Follows(head));
    Ok(())
}

/// Readers wait no longer for a position.
const TAKEOVER: Duration = Duration::from_secs(5);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_leader_that_was_frozen_in_the_middle_of_a_page_keeps_nobody_from_taking_over() -> Result<()> {
    let world = World::new().await?;
    let story = Story::begin(1);
    let head = world.record(ORGANIZATION, story.show.0, &story.events).await?;
    assert_eq!(world.projector(options(2, 10)).step().await?, Step::Wrote(2));
    // What it would leave open: a page that is written and not committed.
    let mut frozen = world.project.begin().await?;
    sqlx::query("UPDATE checkpoints SET position = 4").execute(&mut *frozen).await?;
    let began = tokio::time::Instant::now();
    world.leases_end();
    assert_eq!(catch_up(&mut world.projector(options(100, 10))).await?, head);
    assert!(began.elapsed() < TAKEOVER, "taken over after {:?}", began.elapsed());
    assert!(frozen.commit().await.is_err(), "its page is gone");
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_projector_that_is_stopped_gives_its_lease_back() -> Result<()> {
    let world = World::new().await?;
    let story = Story::begin(1);
    let head = world.record(ORGANIZATION, story.show.0, &story.events).await?;
    let projector = world.projector(options(3, 10));
    let mut checkpoint = projector.checkpoint();
    let shutdown = CancellationToken::new();
    let running = tokio::spawn(projector.run(shutdown.clone()));
    tokio::time::timeout(Duration::from_secs(20), checkpoint.wait_for(|reached| *reached == head)).await??;
    shutdown.cancel();
    running.await??;
    assert_eq!(catch_up(&mut world.projector(options(3, 10))).await?, head);
    Ok(())
}
