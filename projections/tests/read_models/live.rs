//! Listeners of a show hear what changed, each once, as far as they may.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use anyhow::Result;
use bytes::Bytes;
use chrono::TimeDelta;
use domain::{ShowEvent, events::HoldPlaced};
use projections::{
    Audience, Follower, HotShows, Listener, LiveChange, LiveFeeds, LiveOptions, ProjectorError, Queries,
    views::ChangesView,
};
use tokio::{
    sync::watch,
    task::JoinHandle,
    time::{Instant, timeout},
};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::{
    story::Story,
    world::{World, catch_up, noon, options},
};

const ORGANIZATION: Uuid = Uuid::from_u128(0xA);
const SOON: Duration = Duration::from_secs(20);

/// A show whose read models a projector at work keeps up to date.
struct Stage {
    world: World,
    story: Story,
    /// Up to where all is projected.
    position: i64,
    queries: Queries,
    hot: HotShows,
    running: Running,
}

struct Running {
    shutdown: CancellationToken,
    projector: JoinHandle<Result<(), ProjectorError>>,
}

impl Stage {
    async fn begin() -> Result<Self> {
        let world = World::new().await?;
        let mut story = Story::begin(3);
        let position = world.record(ORGANIZATION, story.show.0, story.news()).await?;
        let projector = world.projector(options(1_000, 10));
        let (queries, hot) = world.hot(&projector);
        let shutdown = CancellationToken::new();
        let running = Running { projector: tokio::spawn(projector.run(shutdown.clone())), shutdown };
        queries.wait_for(position, None, SOON).await?;
        Ok(Self { world, story, position, queries, hot, running })
    }
}

impl Running {
    async fn end(self) -> Result<()> {
        self.shutdown.cancel();
        Ok(self.projector.await??)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn staff_and_public_hear_of_a_sale() -> Result<()> {
    let Stage { world, mut story, position, hot, running, .. } = Stage::begin().await?;

    let feeds = LiveFeeds::new(hot.clone(), world.clock.clone(), LiveOptions::default());
    let state = hot.find(&story.show.0.to_string(), position).await?.unwrap();
    let (mut staff, mut public) = (feeds.listen(&state, Audience::Staff), feeds.listen(&state, Audience::Public));
    assert_eq!(feeds.open(), 1);
    while story.show().tickets().count() == 0 {
        story.hold();
        story.order();
        story.payment();
    }
    let position = world.record(ORGANIZATION, story.show.0, story.news()).await?;
    let (mut heard, mut told) = (ChangesView::default(), Bytes::new());
    while heard.position < position {
        let change = next(&mut staff).await?;
        heard = serde_json::from_slice(&change.json)?;
        assert_eq!(change.position, heard.position);
        told = next(&mut public).await?.json.clone();
    }
    assert!(heard.attendance.unwrap().issued > 0);
    let told: ChangesView = serde_json::from_slice(&told)?;
    assert!(told.attendance.is_none() && told.availability.unwrap().ticket_types[0].sold.is_none());

    // Sales end when the show begins: no event, but told.
    world.clock.advance(TimeDelta::days(31));
    let closed = loop {
        let change: ChangesView = serde_json::from_slice(&next(&mut public).await?.json)?;
        if !change.availability.as_ref().unwrap().on_sale {
            break change;
        }
    };
    assert!(closed.seats.is_empty() && closed.position >= position);

    // When nobody listens, the feed ends with the next change.
    drop((staff, public));
    let mut more = Story::begin(4);
    while feeds.open() > 0 {
        more.goes_on(5);
        world.record(ORGANIZATION, more.show.0, more.news()).await?;
        tokio::task::yield_now().await;
    }
    running.end().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_too_slow_begins_anew_and_the_others_miss_nothing() -> Result<()> {
    let Stage { world, mut story, position, queries, hot, running } = Stage::begin().await?;

    let options = LiveOptions { tick: Duration::ZERO, behind_max: 4 };
    let feeds = LiveFeeds::new(hot.clone(), world.clock.clone(), options);
    let state = hot.find(&story.show.0.to_string(), position).await?.unwrap();
    let (mut slow, mut quick) = (feeds.listen(&state, Audience::Public), feeds.listen(&state, Audience::Public));
    let show = story.show.0;
    let known = state.changes(None, noon(), Audience::Public).await?;
    let mut known: ChangesView = serde_json::from_slice(&known.json)?;
    let (mut last, mut messages) = (position, 0);
    while messages < 20 {
        story.goes_on(5);
        last = world.record(ORGANIZATION, show, story.news()).await?;
        queries.wait_for(last, None, SOON).await?;
        let seats = queries.seats(ORGANIZATION, show, None, Audience::Public).await?.body.seats;
        let left = queries.availability(ORGANIZATION, show, noon(), Audience::Public).await?.body;
        let are = |known: &ChangesView| -> BTreeMap<_, _> {
            known.seats.iter().filter_map(|(seat, state)| Some((seat.clone(), (*state)?))).collect()
        };
        while are(&known) != seats || known.availability != left {
            let change: ChangesView = serde_json::from_slice(&next(&mut quick).await?.json)?;
            if change.reset {
                // Another plan, which the story draws now and then.
                known.seats.clear();
            }
            known.seats.extend(change.seats);
            known.availability = change.availability.or(known.availability);
            messages += 1;
        }
    }
    let anew: ChangesView = serde_json::from_slice(&next(&mut slow).await?.json)?;
    assert!(anew.reset && anew.availability.is_some() && anew.position >= last);
    let seats = queries.seats(ORGANIZATION, show, None, Audience::Public).await?.body.seats;
    let told: Vec<_> = anew.seats.into_iter().map(|(seat, state)| (seat, state.unwrap())).collect();
    assert_eq!(told, seats.into_iter().collect::<Vec<_>>());

    // And from then on as everybody.
    let heard = slow.resume(None, 0).await?.position;
    assert!(
        slow.resume(Some(heard + 1_000), 0)
            .await?
            .json
            .starts_with(format!("{{\"position\":{heard},\"reset\":true").as_bytes())
    );
    running.end().await
}

/// However many events a second: a listener gets one message a tick, and the last one says how things stand.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_changes_are_one_message_a_tick() -> Result<()> {
    const TICK: Duration = Duration::from_secs(1);
    const CHANGES: usize = 40;
    let Stage { world, mut story, position, queries, hot, running } = Stage::begin().await?;

    let feeds = LiveFeeds::new(hot.clone(), world.clock.clone(), LiveOptions { tick: TICK, behind_max: 64 });
    let state = hot.find(&story.show.0.to_string(), position).await?.unwrap();
    let (mut staff, mut public) = (feeds.listen(&state, Audience::Staff), feeds.listen(&state, Audience::Public));
    let began = Instant::now();
    for _ in 0..CHANGES {
        story.goes_on(5);
        let last = world.record(ORGANIZATION, story.show.0, story.news()).await?;
        // Each of them could have been told by itself.
        queries.wait_for(last, None, SOON).await?;
    }
    let ticks = began.elapsed().as_secs() / TICK.as_secs();
    for (listener, audience) in [(&mut staff, Audience::Staff), (&mut public, Audience::Public)] {
        let left = queries.availability(ORGANIZATION, story.show.0, noon(), audience).await?.body;
        let (mut messages, mut told) = (0, None);
        while told != left {
            let change: ChangesView = serde_json::from_slice(&next(listener).await?.json)?;
            told = change.availability.or(told);
            messages += 1;
        }
        // The first is told at once; the last has its tick behind the changes.
        assert!(messages > 0 && messages <= ticks + 2, "{messages} messages of {CHANGES} changes in {ticks} ticks");
    }
    running.end().await
}

/// Whoever comes while things happen, with the position that they heard last or without one, hears each change behind it
/// once: also where they know a part of the next message, and where the copy that it is told from is ahead of it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_comes_between_two_ticks_hears_each_change_once() -> Result<()> {
    // Several changes are one message, and whoever comes finds the feed between two.
    const TICK: Duration = Duration::from_millis(300);
    let Stage { world, mut story, position: mut last, queries, hot, running } = Stage::begin().await?;

    let feeds = LiveFeeds::new(hot.clone(), world.clock.clone(), LiveOptions { tick: TICK, behind_max: 64 });
    let name = story.show.0.to_string();
    let mut listeners = Vec::new();
    // Each seat is held once: what is held goes from free to held, and stays.
    let mut held: BTreeMap<String, i64> = BTreeMap::new();
    while held.len() < 16 {
        let before = last;
        story.hold();
        let show = story.show.0;
        let news = story.news();
        let seats: Vec<_> = news.iter().flat_map(seats_of).collect();
        last = world.record(ORGANIZATION, show, news).await?;
        held.extend(seats.into_iter().map(|seat| (seat, last)));
        queries.wait_for(last, None, SOON).await?;
        for audience in [Audience::Public, Audience::Staff] {
            for heard in [None, Some(before)] {
                let mut listener = feeds.listen(&hot.find(&name, 0).await?.unwrap(), audience);
                let first = listener.resume(heard, 0).await?;
                listeners.push((heard.unwrap_or(first.position), vec![first], listener));
            }
        }
        // Somebody looks at the seats: whoever tells finds the copy further than what it tells of.
        hot.find(&name, last).await?.unwrap().seats(Audience::Public).await?;
    }
    for (behind, messages, listener) in &mut listeners {
        let mut told: BTreeMap<String, usize> = BTreeMap::new();
        while messages.last().unwrap().position < last {
            messages.push(next(listener).await?);
        }
        for message in messages {
            let change: ChangesView = serde_json::from_slice(&message.json)?;
            assert!(!change.reset);
            for seat in change.seats.into_keys() {
                *told.entry(seat).or_default() += 1;
            }
        }
        let missed =
            held.iter().filter(|(_, position)| *position > behind).map(|(seat, _)| (seat.clone(), 1)).collect();
        assert_eq!(told, missed, "behind {behind}");
    }
    running.end().await
}

/// A server that is behind another one takes what was heard there for what it is: it has it in its database, if not in memory.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_comes_back_at_a_server_that_is_behind_goes_on() -> Result<()> {
    let world = World::new().await?;
    let mut story = Story::begin(3);
    let before = world.record(ORGANIZATION, story.show.0, story.news()).await?;
    let mut projector = world.projector(options(1_000, 10));
    catch_up(&mut projector).await?;
    // It learns of nothing from now on.
    let (_known, checkpoint) = watch::channel(before);
    let follower = Follower::start(world.log.clone(), checkpoint);
    let queries = Queries::new(world.query.clone(), world.log.clone(), follower.checkpoint());
    let hot = HotShows::new(queries, follower);
    let state = hot.find(&story.show.0.to_string(), 0).await?.unwrap();
    story.hold();
    let heard = world.record(ORGANIZATION, story.show.0, story.news()).await?;
    catch_up(&mut projector).await?;

    let feeds = LiveFeeds::new(hot, world.clock.clone(), LiveOptions::default());
    let told = async |heard, reached| -> Result<ChangesView> {
        let change = feeds.listen(&state, Audience::Staff).resume(Some(heard), reached).await?;
        Ok(serde_json::from_slice(&change.json)?)
    };
    // As long as nobody has asked the database, it may be of another history.
    assert!(told(heard, 0).await?.reset);
    let missed = told(heard, heard).await?;
    assert!(missed.is_empty() && missed.position == heard, "{missed:?}");
    let missed = told(before, heard).await?;
    assert!(!missed.reset && missed.availability.is_some() && missed.position == heard, "{missed:?}");
    Ok(())
}

/// A window that closes just after somebody came to listen is told, although nothing happens.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_window_that_closes_at_once_is_told() -> Result<()> {
    let world = World::new().await?;
    let mut story = Story::begin(3);
    let position = world.record(ORGANIZATION, story.show.0, story.news()).await?;
    let mut projector = world.projector(options(1_000, 10));
    catch_up(&mut projector).await?;
    let (_, hot) = world.hot(&projector);
    let feeds = LiveFeeds::new(hot.clone(), world.clock.clone(), LiveOptions::default());
    let mut listener = feeds.listen(&hot.find(&story.show.0.to_string(), position).await?.unwrap(), Audience::Public);
    world.clock.advance(TimeDelta::days(31));
    let closed: ChangesView = serde_json::from_slice(&next(&mut listener).await?.json)?;
    assert!(!closed.availability.unwrap().on_sale && closed.seats.is_empty());
    Ok(())
}

fn seats_of(event: &ShowEvent) -> Vec<String> {
    let ShowEvent::HoldPlaced(HoldPlaced { items, .. }) = event else { return Vec::new() };
    let places = items.iter().flat_map(|item| &item.places);
    places.filter_map(|place| Some(place.seat.as_ref()?.to_string())).collect()
}

async fn next(listener: &mut Listener) -> Result<Arc<LiveChange>> {
    timeout(SOON, listener.next()).await??.ok_or_else(|| anyhow::anyhow!("the feed has ended"))
}
