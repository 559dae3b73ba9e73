//! What an organization has settled is told as it is, the numbers of its shows to everybody where it wants that.

use std::time::Duration;

use anyhow::Result;
use domain::{events::SettingsChanged, organization::Settings};
use projections::{
    Audience, LiveFeeds, LiveOptions, Scope,
    history::{HistoryFilter, Language, Reading},
    queries::{Page, ShowsFilter},
    views::ChangesView,
};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::{
    story::Story,
    world::{World, catch_up, noon, options},
};

/// Who may see everything.
const UNMASKED: Reading = Reading { language: Language::En, unmask: true, staff: true, names: true };

const ORGANIZATION: Uuid = Uuid::from_u128(0xA);
const SOON: Duration = Duration::from_secs(20);

async fn change(world: &World, settings: &Settings, changed: &str) -> Result<i64> {
    let changed = SettingsChanged { changed: vec![changed.to_owned()], settings: settings.clone() };
    world.record_of_organization(ORGANIZATION, changed).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn settings_are_those_of_the_last_event_and_equal_when_built_anew() -> Result<()> {
    let world = World::new().await?;
    let mut settings = world.found(ORGANIZATION).await?;
    let mut projector = world.projector(options(1, 10));
    catch_up(&mut projector).await?;
    let queries = world.queries(&projector);
    let first = queries.settings(ORGANIZATION).await?.body.unwrap();
    assert_eq!((first.name.as_str(), first.currency.as_str(), first.public_numbers), ("City Theatre", "EUR", false));
    assert!(first.slug.starts_with("city-theatre-"));
    settings.public_numbers = true;
    change(&world, &settings, "public_numbers").await?;
    settings.name = "Town Hall".try_into()?;
    settings.retention.people_days = 30;
    let head = change(&world, &settings, "retention").await?;
    catch_up(&mut projector).await?;
    let now = queries.settings(ORGANIZATION).await?;
    assert_eq!(now.position, head);
    let view = now.body.unwrap();
    assert_eq!((view.name.as_str(), view.slug, view.retention.people_days), ("Town Hall", first.slug, 30));
    assert!(view.public_numbers);
    assert_eq!(queries.settings(Uuid::from_u128(0xB)).await?.body, None);

    let live = world.rows().await?;
    for page in [1, 2, 1_000] {
        world.leases_end();
        world.empty().await?;
        catch_up(&mut world.projector(options(page, 10))).await?;
        assert_eq!(world.rows().await?, live, "pages of {page}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everybody_sees_numbers_as_soon_as_the_organization_wants_it() -> Result<()> {
    let world = World::new().await?;
    let mut settings = world.found(ORGANIZATION).await?;
    let mut story = Story::begin(3);
    let position = world.record(ORGANIZATION, story.show.0, story.news()).await?;
    let show = story.show.0;
    let projector = world.projector(options(1_000, 10));
    let (queries, hot) = world.hot(&projector);
    let shutdown = CancellationToken::new();
    let running = tokio::spawn(projector.run(shutdown.clone()));
    queries.wait_for(position, None, SOON).await?;
    let public = async || -> Result<Option<u32>> {
        let left = queries.availability(ORGANIZATION, show, noon(), Audience::Public).await?.body.unwrap();
        Ok(left.sections[0].available)
    };
    assert_eq!(public().await?, None);

    let feeds = LiveFeeds::new(hot.clone(), world.clock.clone(), LiveOptions::default());
    let state = hot.find(&show.to_string(), 0).await?.unwrap();
    let mut listener = feeds.listen(&state, Audience::Public);
    for numbers in [true, false] {
        settings.public_numbers = numbers;
        let changed = change(&world, &settings, "public_numbers").await?;
        let told: ChangesView = serde_json::from_slice(&timeout(SOON, listener.next()).await??.unwrap().json)?;
        assert_eq!(told.position, changed);
        assert_eq!(told.availability.unwrap().sections[0].available.is_some(), numbers);
        assert_eq!(public().await?.is_some(), numbers);
        let since = |audience| queries.changes(ORGANIZATION, show, changed - 1, noon(), audience);
        assert!(since(Audience::Public).await?.body.availability.is_some());
        assert!(since(Audience::Staff).await?.body.is_empty(), "to staff it is as before");
    }
    // Another setting changes nothing of this.
    let before = settings.clone();
    settings.hold_seconds = 60;
    let changed = change(&world, &settings, "hold_seconds").await?;
    assert_ne!(before, settings);
    queries.wait_for(changed, None, SOON).await?;
    assert!(queries.changes(ORGANIZATION, show, changed - 1, noon(), Audience::Public).await?.body.is_empty());
    shutdown.cancel();
    running.await??;
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bound_credential_lists_its_own_shows_and_their_history() -> Result<()> {
    let world = World::new().await?;
    world.found(ORGANIZATION).await?;
    let (mine, other) = (Story::begin(1), Story::begin(2));
    let first = world.record(ORGANIZATION, mine.show.0, &mine.events).await?;
    let last = world.record(ORGANIZATION, other.show.0, &other.events).await?;
    let mut projector = world.projector(options(1_000, 10));
    catch_up(&mut projector).await?;
    let queries = world.queries(&projector);
    let reach = vec![mine.show.0];
    let page = Page { limit: 200, cursor: None };

    let filter = ShowsFilter { reach: Some(reach.clone()), ..ShowsFilter::default() };
    let shows = queries.shows(Scope::Organization(ORGANIZATION), &filter, &page).await?.body.items;
    assert_eq!(shows.iter().map(|show| show.id).collect::<Vec<_>>(), reach);
    let all = queries.shows(Scope::Organization(ORGANIZATION), &ShowsFilter::default(), &page).await?.body.items;
    assert_eq!(all.len(), 2);

    let filter = HistoryFilter { reach: Some(reach.clone()), ..HistoryFilter::default() };
    let events = queries.history(ORGANIZATION, &filter, UNMASKED, &page).await?.body.items;
    assert_eq!(events.len(), mine.events.len());
    assert!(events.iter().all(|event| event.stream == mine.show.0));
    // Not by asking for it by name either, nor the organization's own stream.
    for stream in [other.show.0, ORGANIZATION] {
        let named = HistoryFilter { stream: Some(stream), ..filter.clone() };
        assert!(queries.history(ORGANIZATION, &named, UNMASKED, &page).await?.body.items.is_empty());
    }
    for (position, there) in [(first, true), (last, false), (1, false)] {
        let found = queries.history_event(ORGANIZATION, position, Some(&reach), UNMASKED).await?.body;
        assert_eq!(found.is_some(), there, "{position}");
        assert!(queries.history_event(ORGANIZATION, position, None, UNMASKED).await?.body.is_some());
    }
    let none = ShowsFilter { reach: Some(Vec::new()), ..ShowsFilter::default() };
    assert!(queries.shows(Scope::Organization(ORGANIZATION), &none, &page).await?.body.items.is_empty());
    Ok(())
}
