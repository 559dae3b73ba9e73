//! The history as lines needs no more memory the longer it is. A program of its own, so that nobody else's memory is counted.

#[path = "../http/world.rs"]
mod world;

use std::fs;

use anyhow::Context as _;
use axum::{body::Body, http::Method};
use domain::{ShowEvent, door::Direction, events::PersonsCounted, ids::CountId};
use event_store::{Append, Clock as _, Ids as _, Metadata, NewEvent, StreamType, SystemClock, SystemIds};
use futures::TryStreamExt as _;
use tower::ServiceExt as _;
use uuid::Uuid;

use world::{ADMIN, World, request};

/// As JSON some 160 MB.
const EVENTS: usize = 200_000;
const APPENDED_AT_ONCE: usize = 2_000;
/// Buffers, pools and what the allocator keeps, once it is under way; a twentieth of what is sent would be less than it grows by.
const GROWTH_BYTES_MAX: u64 = 8 << 20;

/// What this process has in memory.
fn resident_bytes() -> anyhow::Result<u64> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("no resident memory")?;
    let kilobytes: u64 = line.trim().trim_end_matches(" kB").parse()?;
    Ok(kilobytes * 1024)
}

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

/// Has people counted at a show, so many times, and waits until the history knows.
async fn count_people(world: &World, show: &str) -> anyhow::Result<()> {
    let path = format!("/api/v1/history?show={show}&limit=1");
    let first = world.seen(&path, "0").await;
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
    while world.seen(&path, &position.to_string()).await.status == 503 {}
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_history_as_lines_takes_no_more_memory_at_its_end_than_at_its_beginning() -> anyhow::Result<()> {
    let world = World::new().await?;
    let (show, _) = world.show("Two hundred thousand").await;
    count_people(&world, &show).await?;

    let bearer = format!("Bearer {ADMIN}");
    let headers = [("authorization", bearer.as_str()), ("turnout-position", "0")];
    let asked = request(Method::GET, "/api/v1/history?format=ndjson", &headers, Body::empty());
    let answer = world.router().oneshot(asked).await.expect("routers never fail");
    assert_eq!(answer.status(), 200);
    let mut body = answer.into_body().into_data_stream();
    let (mut lines, mut bytes, mut beginning, mut most) = (0, 0, None, 0);
    while let Some(chunk) = body.try_next().await? {
        lines += chunk.iter().filter(|byte| **byte == b'\n').count();
        bytes += chunk.len();
        if lines >= EVENTS / 20 {
            let resident = resident_bytes()?;
            beginning.get_or_insert(resident);
            most = most.max(resident);
        }
    }
    assert!(lines >= EVENTS, "{lines} lines");
    let beginning = beginning.context("it was no longer than its beginning")?;
    assert!(
        most <= beginning + GROWTH_BYTES_MAX,
        "{lines} events of {bytes} bytes took {beginning} bytes of memory at the beginning and {most} later"
    );
    Ok(())
}
