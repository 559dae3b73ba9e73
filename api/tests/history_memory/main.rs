//! The history as lines needs no more memory the longer it is. A program of its own, so that nobody else's memory is counted.

#[path = "../http/world.rs"]
mod world;

use anyhow::Context as _;
use axum::{body::Body, http::Method};
use domain::{ShowEvent, door::Direction, events::PersonsCounted, ids::CountId};
use event_store::{Append, Clock as _, Ids as _, Metadata, NewEvent, StreamType, SystemClock, SystemIds};
use futures::TryStreamExt as _;
use peak_alloc::PeakAlloc;
use serde_json::json;
use tower::ServiceExt as _;
use uuid::Uuid;

use world::{ADMIN, Answer, World, request};

/// As JSON some 150 MB.
const EVENTS: usize = 200_000;
const APPENDED_AT_ONCE: usize = 2_000;
/// What is on its way at once varies by a part of a page; a twentieth of what is sent would be 7.5 MB.
const GROWTH_BYTES_MAX: usize = 2 << 20;

/// Counts what is allocated: what the process has resident depends on what the allocator keeps, too.
#[global_allocator]
static ALLOCATED: PeakAlloc = PeakAlloc;

fn counted(number: usize) -> anyhow::Result<NewEvent> {
    let event = ShowEvent::PersonsCounted(PersonsCounted {
        count: CountId(SystemIds.next()),
        area: "main".to_owned().try_into()?,
        direction: if number.is_multiple_of(2) { Direction::In } else { Direction::Out },
        persons: 1,
        at: SystemClock.now(),
        device: None,
        reason: None,
    });
    let command = SystemIds.next();
    Ok(NewEvent {
        event_type: event.event_type().to_owned(),
        schema: event.schema(),
        payload: event.payload(),
        metadata: Metadata {
            actor: "admin".to_owned(),
            device: None,
            channel: Some("api".to_owned()),
            command,
            request_hmac: None,
            correlation: command,
            causation: None,
        },
    })
}

/// Has people counted at a show, so many times, and waits until every read model knows: until then they need memory of their own.
async fn count_people(world: &World, show: &str) -> anyhow::Result<()> {
    // A command that changes nothing answers with the position of the show's last event.
    let published = world.command(Method::PATCH, &format!("/api/v1/shows/{show}"), json!({})).await.position();
    let path = format!("/api/v1/history?show={show}&limit=1");
    let first = seen(world, &path, published).await;
    let (stream, organization): (Uuid, Uuid) = (show.parse()?, first.text_of("/items/0/organization").parse()?);
    let mut version = world.versions(stream).await?;
    let mut position = 0;
    for _ in 0..EVENTS / APPENDED_AT_ONCE {
        let events = (0..APPENDED_AT_ONCE).map(counted).collect::<anyhow::Result<Vec<_>>>()?;
        let append = Append {
            organization,
            stream_type: StreamType::Show,
            stream,
            expected_version: version,
            events,
            vault: Vec::new(),
            secrets: Vec::new(),
        };
        let appended = world.recorder.append(append).await?;
        (version, position) = (appended.version, appended.last_position);
    }
    seen(world, &path, position.to_string()).await;
    Ok(())
}

/// What is answered once everything is projected up to a position: the read models have one checkpoint.
async fn seen(world: &World, path: &str, position: String) -> Answer {
    loop {
        let answer = world.seen(path, &position).await;
        if answer.status != 503 {
            return answer;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_history_as_lines_takes_no_more_memory_at_its_end_than_at_its_beginning() -> anyhow::Result<()> {
    let world = World::new().await?;
    let (show, _) = world.show("Two hundred thousand").await;
    count_people(&world, &show).await?;

    let bearer = format!("Bearer {ADMIN}");
    let headers = [("authorization", bearer.as_str()), ("turnout-position", "0")];
    let asked = request(Method::GET, "/api/v1/history?format=ndjson", &headers, Body::empty());
    ALLOCATED.reset_peak_usage();
    let answer = world.router().oneshot(asked).await.expect("routers never fail");
    assert_eq!(answer.status(), 200);
    let mut body = answer.into_body().into_data_stream();
    let (mut lines, mut bytes, mut beginning) = (0, 0, None);
    while let Some(chunk) = body.try_next().await? {
        lines += chunk.iter().filter(|byte| **byte == b'\n').count();
        bytes += chunk.len();
        if beginning.is_none() && lines >= EVENTS / 20 {
            beginning = Some(ALLOCATED.peak_usage());
            ALLOCATED.reset_peak_usage();
        }
    }
    let most = ALLOCATED.peak_usage();
    assert!(lines >= EVENTS, "{lines} lines");
    let beginning = beginning.context("it was no longer than its beginning")?;
    println!("{bytes} bytes, {beginning} allocated at most at the beginning, {most} later");
    assert!(
        most <= beginning + GROWTH_BYTES_MAX,
        "{lines} events of {bytes} bytes took {beginning} bytes of memory at the beginning and {most} later"
    );
    Ok(())
}
