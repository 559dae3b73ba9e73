//! An event that cannot be understood stops its own stream, loudly, and nothing else; a hole in the log stops everything.

use std::time::Duration;

use anyhow::Result;
use domain::{
    OrganizationEvent,
    events::{DeviceRevoked, MemberAdded, PersonErased, SignedIn},
    organization::Role,
};
use event_store::StreamType;
use projections::{
    ProjectorError, Scope, WaitError,
    history::{HistoryFilter, Language, Reading},
    queries::Page,
};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::{
    story::Story,
    world::{World, catch_up, options},
};

/// Who may see everything.
const UNMASKED: Reading = Reading { language: Language::En, unmask: true, staff: true, names: true };

const ORGANIZATION: Uuid = Uuid::from_u128(0xA);
const SOON: Duration = Duration::from_millis(50);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn poison_stops_one_stream_only() -> Result<()> {
    let world = World::new().await?;
    let (sick, well) = (Story::begin(1), Story::begin(2));
    let before = world.record(ORGANIZATION, sick.show.0, &sick.events[..3]).await?;
    let poison = world.record_raw(ORGANIZATION, sick.show.0, "ShowPublished", r#"{"code_length":99}"#).await?;
    world.record(ORGANIZATION, sick.show.0, &sick.events[3..]).await?;
    let head = world.record(ORGANIZATION, well.show.0, &well.events).await?;

    let mut projector = world.projector(options(1_000, 10));
    assert_eq!(catch_up(&mut projector).await?, head);
    assert_eq!(*projector.stopped_streams().borrow(), 1);
    let queries = world.queries(&projector);
    let status = async |show| -> Result<String> {
        Ok(queries.show(Scope::Organization(ORGANIZATION), show).await?.body.unwrap().status)
    };
    assert_eq!(status(sick.show.0).await?, "draft", "it stopped before its publication");
    assert_eq!(status(well.show.0).await?, "published");

    queries.wait_for(before, Some((ORGANIZATION, sick.show.0)), SOON).await?;
    queries.wait_for(head, Some((ORGANIZATION, well.show.0)), SOON).await?;
    let stopped = queries.wait_for(head, Some((ORGANIZATION, sick.show.0)), SOON).await.unwrap_err();
    assert!(matches!(stopped, WaitError::Stopped { position } if position == poison), "{stopped}");
    let errors: Vec<(i64, String)> =
        sqlx::query_as("SELECT position, error FROM read.poisoned_streams").fetch_all(&world.owner).await?;
    assert_eq!(errors.len(), 1);
    assert_eq!(errors[0].0, poison);
    assert!(errors[0].1.contains("payload of another shape"), "{}", errors[0].1);

    // Built anew, with pages cut otherwise, the tables are the same.
    let live = world.rows().await?;
    world.empty().await?;
    let mut again = world.projector(options(2, 1));
    catch_up(&mut again).await?;
    assert_eq!(world.rows().await?, live);
    world.leases_end();
    let mut next = world.projector(options(2, 1));
    next.step().await?;
    assert_eq!(*next.stopped_streams().borrow(), 1, "the next leader knows");
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn events_of_organizations_pass_into_the_activity_with_whom_they_name() -> Result<()> {
    let world = World::new().await?;
    let (member, stranger) = (Uuid::from_u128(0xB), Uuid::from_u128(0xC));
    let events: [OrganizationEvent; 4] = [
        MemberAdded { member: member.into(), role: Role::Owner, account: stranger.into() }.into(),
        SignedIn { member: member.into(), sessions: 2 }.into(),
        PersonErased { person: stranger.into(), reason: None }.into(),
        DeviceRevoked { device: stranger.into() }.into(),
    ];
    let mut events: Vec<_> = events.iter().map(|event| world.new_event(event.event_type(), event.payload())).collect();
    // What cannot be understood names nobody, and stops nothing.
    events.push(world.new_event("SignedIn", "{}".to_owned()));
    let head = world.append(ORGANIZATION, StreamType::Organization, ORGANIZATION, events, Vec::new()).await?;
    let mut projector = world.projector(options(1_000, 10));
    assert_eq!(catch_up(&mut projector).await?, head);
    let queries = world.queries(&projector);
    let named = async |filter| -> Result<Vec<String>> {
        let page = Page { limit: 200, cursor: None };
        let items = queries.history(ORGANIZATION, &filter, UNMASKED, &page).await?.body.items;
        Ok(items.into_iter().map(|item| item.event_type).collect())
    };
    let of = |person| HistoryFilter { subjects: vec![person], ..HistoryFilter::default() };
    assert_eq!(named(HistoryFilter::default()).await?.len(), 5);
    assert_eq!(named(of(member)).await?, ["MemberAdded", "SignedIn"]);
    assert_eq!(named(of(stranger)).await?, ["PersonErased", "DeviceRevoked"]);
    assert_eq!(*projector.stopped_streams().borrow(), 0);
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hole_stops_everything() -> Result<()> {
    let world = World::new().await?;
    let story = Story::begin(1);
    world.record(ORGANIZATION, story.show.0, &story.events).await?;
    sqlx::raw_sql(
        "ALTER TABLE log.events DISABLE TRIGGER ALL; DELETE FROM log.events WHERE position = 4;
         ALTER TABLE log.events ENABLE ALWAYS TRIGGER events_are_never_changed",
    )
    .execute(&world.owner)
    .await?;
    let projector = world.projector(options(1_000, 10));
    let checkpoint = projector.checkpoint();
    let stopped = projector.run(CancellationToken::new()).await.unwrap_err();
    assert!(matches!(stopped, ProjectorError::Log(_)), "{stopped}");
    assert_eq!(*checkpoint.borrow(), 0, "nothing is built on it");
    Ok(())
}
