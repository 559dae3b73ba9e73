//! Listeners of a show hear what changed, each once, as far as they may.

use std::time::Duration;

use anyhow::Result;
use chrono::TimeDelta;
use projections::{Audience, LiveFeeds, views::ChangesView};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::{
    story::Story,
    world::{World, options},
};

const ORGANIZATION: Uuid = Uuid::from_u128(0xA);
const SOON: Duration = Duration::from_secs(20);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn staff_and_public_hear_of_a_sale() -> Result<()> {
    let world = World::new().await?;
    let mut story = Story::begin(3);
    let position = world.record(ORGANIZATION, story.show.0, story.news()).await?;
    let projector = world.projector(options(1_000, 10));
    let queries = world.queries(&projector);
    let shutdown = CancellationToken::new();
    let running = tokio::spawn(projector.run(shutdown.clone()));
    queries.wait_for(position, None, SOON).await?;

    let feeds = LiveFeeds::new(queries.clone(), world.clock.clone());
    let mut staff = feeds.subscribe(ORGANIZATION, story.show.0, Audience::Staff);
    let mut public = feeds.subscribe(ORGANIZATION, story.show.0, Audience::Public);
    assert_eq!(feeds.open(), 1);
    while story.show().tickets().count() == 0 {
        story.hold();
        story.order();
        story.payment();
    }
    let position = world.record(ORGANIZATION, story.show.0, story.news()).await?;
    let (mut heard, mut told) = (ChangesView::default(), String::new());
    while heard.position < position {
        let change = timeout(SOON, staff.recv()).await??;
        heard = serde_json::from_str(&change.json)?;
        assert_eq!(change.position, heard.position);
        told = timeout(SOON, public.recv()).await??.json.clone();
    }
    assert!(heard.attendance.unwrap().issued > 0);
    let told: ChangesView = serde_json::from_str(&told)?;
    assert!(told.attendance.is_none() && told.availability.unwrap().ticket_types[0].sold.is_none());

    // Sales end when the show begins: no event, but told.
    world.clock.advance(TimeDelta::days(31));
    let closed = loop {
        let change: ChangesView = serde_json::from_str(&timeout(SOON, public.recv()).await??.json)?;
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
    shutdown.cancel();
    running.await??;
    Ok(())
}
