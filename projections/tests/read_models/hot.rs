//! What is answered from memory is what the tables say, never older than asked for, and computed once.

use std::{sync::Arc, time::Duration};

use anyhow::Result;
use chrono::{DateTime, TimeDelta, Utc};
use domain::{ShowEvent, events::HoldPlaced, ids::HoldId};
use projections::{
    Audience, Coding, HotShows, HotState, Kept, Queries,
    queries::Mine,
    views::{AvailabilityView, ChangesView, SeatingView, SeatsView},
};
use serde::de::DeserializeOwned;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::{
    story::Story,
    world::{World, catch_up, noon, options},
};

const ORGANIZATION: Uuid = Uuid::from_u128(0xA);
const OTHER: Uuid = Uuid::from_u128(0xB);
const SOON: Duration = Duration::from_secs(20);
const ASKING: usize = 50;

fn read<T: DeserializeOwned>(kept: &Kept) -> T {
    serde_json::from_slice(kept.json()).unwrap()
}

async fn state(hot: &HotShows, story: &Story, position: i64) -> Result<HotState> {
    let state = hot.find(&story.show.0.to_string(), position).await?.unwrap();
    assert!(state.position() >= position, "{} is not {position}", state.position());
    Ok(state)
}

/// Everything that memory answers, compared with what the tables do. Nothing is written meanwhile.
async fn compare(queries: &Queries, state: &HotState, now: DateTime<Utc>) -> Result<()> {
    let (organization, show) = (state.show().organization(), state.show().id());
    for audience in [Audience::Public, Audience::Staff] {
        let left: AvailabilityView = read(&state.availability(now, audience)?.unwrap());
        assert_eq!(Some(left), queries.availability(organization, show, now, audience).await?.body);
        let seats: SeatsView = read(&state.seats(audience).await?.1);
        assert_eq!(seats, queries.seats(organization, show, None, audience).await?.body);
        let kept = state.seating(audience).await?;
        assert_eq!(read::<SeatingView>(&kept), queries.seating(organization, show).await?.body);
        for after in [0, state.position() / 2, state.position() - 5, state.position() - 1, state.position()] {
            let changes = state.changes(Some(after), now, audience).await?;
            let mut told: ChangesView = serde_json::from_slice(&changes.json)?;
            let said = queries.changes(organization, show, after, now, audience).await?.body;
            assert_eq!(changes.is_empty, said.is_empty());
            told.position = said.position;
            assert_eq!(told, said, "after {after}");
        }
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_in_memory_is_what_the_tables_say() -> Result<()> {
    let world = World::new().await?;
    let mut projector = world.projector(options(1_000, 10));
    let (queries, hot) = world.hot(&projector);
    let mut stories = [(ORGANIZATION, Story::begin(3)), (OTHER, Story::begin(4))];
    for step in 0..25_usize {
        let (organization, story) = &mut stories[step % 2];
        story.goes_on(8);
        let written = world.record(*organization, story.show.0, story.news()).await?;
        catch_up(&mut projector).await?;
        queries.wait_for(written, None, SOON).await?;
        for (organization, story) in &stories[..2.min(step + 1)] {
            let state = state(&hot, story, written).await?;
            assert_eq!(state.show().organization(), *organization);
            compare(&queries, &state, noon()).await?;
            compare(&queries, &state, noon() + TimeDelta::days(40)).await?;
        }
    }
    assert_eq!(hot.len(), 2);
    Ok(())
}

/// What is left is answered without the seats; whatever is asked about them first finds them all, and those that changed since.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn seats_are_there_whenever_somebody_asks_for_them() -> Result<()> {
    let world = World::new().await?;
    let mut story = Story::begin(8);
    let mut projector = world.projector(options(1_000, 10));
    let mut positions = Vec::new();
    let (queries, first) = world.hot(&projector);
    let (_, second) = world.hot(&projector);
    for _ in 0..4 {
        story.goes_on(12);
        let written = world.record(ORGANIZATION, story.show.0, story.news()).await?;
        catch_up(&mut projector).await?;
        queries.wait_for(written, None, SOON).await?;
        positions.push(written);
        for hot in [&first, &second] {
            let left: AvailabilityView =
                read(&state(hot, &story, written).await?.availability(noon(), Audience::Staff)?.unwrap());
            let said = queries.availability(ORGANIZATION, story.show.0, noon(), Audience::Staff).await?.body;
            assert_eq!(Some(left), said);
        }
    }
    let now = *positions.last().unwrap();
    let seats: SeatsView = read(&state(&first, &story, now).await?.seats(Audience::Staff).await?.1);
    assert!(!seats.seats.is_empty(), "nothing was sold");
    compare(&queries, &state(&first, &story, now).await?, noon()).await?;
    // Listeners come back with what they heard last, and find what they missed, or that they missed nothing.
    for after in positions.iter().rev().chain([&0]) {
        let changes = state(&second, &story, now).await?.changes(Some(*after), noon(), Audience::Staff).await?;
        let mut told: ChangesView = serde_json::from_slice(&changes.json)?;
        let said = queries.changes(ORGANIZATION, story.show.0, *after, noon(), Audience::Staff).await?.body;
        told.position = said.position;
        assert_eq!(told, said, "after {after}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_is_answered_from_before_what_they_have_seen() -> Result<()> {
    let world = World::new().await?;
    let mut story = Story::begin(5);
    let projector = world.projector(options(1_000, 10));
    let (queries, hot) = world.hot(&projector);
    let shutdown = CancellationToken::new();
    let running = tokio::spawn(projector.run(shutdown.clone()));
    for _ in 0..30 {
        story.goes_on(3);
        let written = world.record(ORGANIZATION, story.show.0, story.news()).await?;
        let asking = (0..8).map(|_| async {
            queries.wait_for(written, None, SOON).await?;
            let state = state(&hot, &story, written).await?;
            let left: AvailabilityView = read(&state.availability(noon(), Audience::Staff)?.unwrap());
            let seats: SeatsView = read(&state.seats(Audience::Staff).await?.1);
            anyhow::Ok((left, seats))
        });
        let answers = futures::future::try_join_all(asking).await?;
        let left = queries.availability(ORGANIZATION, story.show.0, noon(), Audience::Staff).await?.body.unwrap();
        let seats = queries.seats(ORGANIZATION, story.show.0, None, Audience::Staff).await?.body;
        assert!(answers.iter().all(|answer| answer.0 == left && answer.1 == seats));
    }
    shutdown.cancel();
    running.await??;
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn however_many_ask_one_computes() -> Result<()> {
    let world = World::new().await?;
    let mut story = Story::begin(6);
    story.goes_on(20);
    let mut projector = world.projector(options(1_000, 10));
    let (queries, hot) = world.hot(&projector);
    let first = world.record(ORGANIZATION, story.show.0, story.news()).await?;
    catch_up(&mut projector).await?;
    queries.wait_for(first, None, SOON).await?;
    let known = state(&hot, &story, first).await?.seats(Audience::Public).await?.1;
    story.goes_on(20);
    let second = world.record(ORGANIZATION, story.show.0, story.news()).await?;
    catch_up(&mut projector).await?;
    queries.wait_for(second, None, SOON).await?;

    // Whoever reads the seats waits for this one.
    let mut held = world.owner.begin().await?;
    sqlx::query("LOCK TABLE read.seats IN ACCESS EXCLUSIVE MODE").execute(&mut *held).await?;
    let asked = Arc::new(tokio::sync::Barrier::new(ASKING + 1));
    let asking: Vec<_> = (0..ASKING)
        .map(|_| {
            let (hot, asked, name) = (hot.clone(), Arc::clone(&asked), story.show.0.to_string());
            tokio::spawn(async move {
                asked.wait().await;
                let state = hot.find(&name, second).await?.unwrap();
                anyhow::Ok((
                    state.availability(noon(), Audience::Public)?.unwrap(),
                    state.seats(Audience::Public).await?.1,
                ))
            })
        })
        .collect();
    asked.wait().await;
    let waiting = || {
        sqlx::query_scalar::<_, i64>(
            "SELECT count(*) FROM pg_locks WHERE relation = 'read.seats'::regclass AND NOT granted",
        )
        .fetch_one(&world.owner)
    };
    while waiting().await? == 0 {
        tokio::task::yield_now().await;
    }
    assert_eq!(waiting().await?, 1, "the pool has more connections than that");
    held.rollback().await?;
    let mut answers = Vec::new();
    for answer in asking {
        answers.push(answer.await??);
    }
    assert!(
        answers.iter().all(|answer| Arc::ptr_eq(&answer.0, &answers[0].0) && Arc::ptr_eq(&answer.1, &answers[0].1))
    );
    assert_ne!(answers[0].1.tag(Coding::Identity), known.tag(Coding::Identity));
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_tag_changes_with_a_sales_window_and_not_with_what_others_do() -> Result<()> {
    let world = World::new().await?;
    let (mut story, mut other) = (Story::begin(7), Story::begin(8));
    let mut projector = world.projector(options(1_000, 10));
    let (queries, hot) = world.hot(&projector);
    world.record(ORGANIZATION, story.show.0, story.news()).await?;
    let first = world.record(ORGANIZATION, other.show.0, other.news()).await?;
    catch_up(&mut projector).await?;
    queries.wait_for(first, None, SOON).await?;
    let before = state(&hot, &story, first).await?;
    let left = |state: &HotState, now| state.availability(now, Audience::Public).map(Option::unwrap);
    let open = left(&before, noon())?;
    assert_ne!(
        open.tag(Coding::Identity),
        before.availability(noon(), Audience::Staff)?.unwrap().tag(Coding::Identity),
        "not shared with staff"
    );

    other.goes_on(5);
    let second = world.record(ORGANIZATION, other.show.0, other.news()).await?;
    catch_up(&mut projector).await?;
    queries.wait_for(second, None, SOON).await?;
    let after = state(&hot, &story, second).await?;
    assert!(Arc::ptr_eq(&open, &left(&after, noon())?), "the very same, at a later position");

    // The show has begun: nothing was recorded, and nothing is on sale.
    let closed = left(&after, noon() + TimeDelta::days(40))?;
    assert_ne!(closed.tag(Coding::Identity), open.tag(Coding::Identity));
    assert!(read::<AvailabilityView>(&open).on_sale && !read::<AvailabilityView>(&closed).on_sale);
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_holds_seats_is_told_which_and_nobody_else_is() -> Result<()> {
    let world = World::new().await?;
    let mut story = Story::begin(9);
    let mut projector = world.projector(options(1_000, 10));
    let (queries, hot) = world.hot(&projector);
    let mut found = 0;
    while found == 0 {
        story.hold();
        let written = world.record(ORGANIZATION, story.show.0, story.news()).await?;
        catch_up(&mut projector).await?;
        queries.wait_for(written, None, SOON).await?;
        let state = state(&hot, &story, written).await?;
        for event in &story.events {
            let ShowEvent::HoldPlaced(HoldPlaced { hold: HoldId(hold), .. }) = *event else { continue };
            let mine: SeatsView = serde_json::from_slice(&state.seats_of(Mine::Hold(hold), Audience::Public).await?.1)?;
            let said = queries.seats(ORGANIZATION, story.show.0, Some(Mine::Hold(hold)), Audience::Public).await?;
            assert_eq!(mine, said.body);
            found += mine.mine.len();
        }
        assert!(read::<SeatsView>(&state.seats(Audience::Public).await?.1).mine.is_empty());
    }
    Ok(())
}

/// All seats are read by COPY, whose connection is of use again only when it was read to its end.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_goes_away_while_seats_are_read_leaves_the_connection_as_it_was() -> Result<()> {
    let world = World::new().await?;
    let mut story = Story::begin(3);
    let written = world.record(ORGANIZATION, story.show.0, story.news()).await?;
    let mut projector = world.projector(options(1_000, 10));
    catch_up(&mut projector).await?;
    // Enough of them that nobody is done at once.
    let many = "INSERT INTO read.seats (show, seat, organization, state, position)
                SELECT $1, 'Hall-' || n / 100 || '-' || n % 100, $2, 'sold', 1 FROM generate_series(1, 20000) AS n";
    sqlx::query(many).bind(story.show.0).bind(ORGANIZATION).execute(&world.owner).await?;

    let mut gone = 0;
    for micros in (0..20_000).step_by(500) {
        let (_, hot) = world.hot(&projector);
        let state = state(&hot, &story, written).await?;
        gone += usize::from(timeout(Duration::from_micros(micros), state.seats(Audience::Staff)).await.is_err());
    }
    assert!(gone > 5, "only {gone} of 40 went away before they had an answer");
    // Every connection of the pool has been through it.
    for _ in 0..10 {
        let (queries, hot) = world.hot(&projector);
        let state = state(&hot, &story, written).await?;
        let seats: SeatsView = read(&state.seats(Audience::Staff).await?.1);
        assert!(seats.seats.len() >= 20_000);
        assert_eq!(seats, queries.seats(ORGANIZATION, story.show.0, None, Audience::Staff).await?.body);
    }
    Ok(())
}
