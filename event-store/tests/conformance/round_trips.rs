//! What goes into the log comes out of it: every byte, every size, and from where to where it was asked.

use chrono::{DateTime, TimeDelta, Utc};
use event_store::{Append, Ids, NewEvent, ReadError, RecorderOptions, StreamType, Vault, content_hash, pools::Role};
use serde_json::json;
use uuid::Uuid;

use crate::world::{World, as_written};

#[tokio::test]
async fn an_event_is_read_as_it_was_written() -> anyhow::Result<()> {
    let world = World::new().await?;
    let (recorder, _task) = world.recorder().await?;
    let log = world.log().await?;
    let stream = world.ids.next();
    let mut append = world.append(stream, 0, 2);
    append.events[0].metadata.device = Some(world.ids.next());
    append.events[0].metadata.causation = Some(world.ids.next());
    append.events[0].schema = i32::MAX;
    append.events[1].metadata.channel = None;
    append.events[1].metadata.request_hmac = None;
    let appended = recorder.append(append.clone()).await?;
    assert_eq!((appended.first_position, appended.last_position, appended.version), (Some(1), 2, 2));

    let read = log.stream(stream, 0, 10).await?;
    assert_eq!(as_written(&read), append.events);
    assert_eq!(read, log.page(0, 10).await?);
    assert_eq!(log.event(1).await?.as_ref(), Some(&read[0]));
    assert_eq!(log.event(2).await?.as_ref(), Some(&read[1]));
    for (number, (read, written)) in (1..).zip(read.iter().zip(&append.events)) {
        assert_eq!((read.position, read.version), (number, number));
        assert_eq!((read.organization, read.stream_type, read.stream), (world.organization, StreamType::Show, stream));
        assert_eq!(read.content_hash, content_hash(written));
        assert_eq!(read.recorded_at, appended.recorded_at);
    }
    assert_eq!(log.stream_organization(stream).await?, Some(world.organization));
    assert_eq!(*recorder.head().borrow(), 2);
    Ok(())
}

#[tokio::test]
async fn a_payload_is_kept_byte_for_byte() -> anyhow::Result<()> {
    let world = World::new().await?;
    let (recorder, _task) = world.recorder().await?;
    let deep = format!("{}{}", "[".repeat(1000), "]".repeat(1000));
    let payloads = [
        // Spaces and line ends, the order of members, one twice, none.
        "{ \"b\": 1,\r\n\t\"a\" : [ ] , \"b\":2 }\n",
        r#"{"":{}}"#,
        // Numbers that a program would round, or write otherwise.
        "[1.0, 1e400, -0, 0.1000, 1E+2, 123456789012345678901234567890, 9007199254740993]",
        // Escapes that could be written otherwise; that of NUL; half a pair.
        r#"["\u0041\/", "\u0000", "\ud83c\udfab", "\ud800", "\"\\\b"]"#,
        // One text in two ways of writing it; four bytes a character; right to left; line and paragraph separators; a BOM.
        "[\"é\", \"e\u{301}\", \"🎟️👩‍👩‍👧\", \"שלום\", \"مرحبا\", \"日本語\", \"\u{2028}\u{2029}\", \"\u{feff}\", \"\u{10ffff}\"]",
        // No object.
        "null",
        " true ",
        "\"a text\"",
        "0",
        &deep,
    ];
    let stream = world.ids.next();
    let events: Vec<_> = payloads.iter().map(|payload| world.event(payload)).collect();
    recorder.append(Append { events: events.clone(), ..world.append(stream, 0, 0) }).await?;
    let read = world.log().await?.stream(stream, 0, 100).await?;
    for (read, written) in read.iter().zip(&events) {
        assert_eq!(read.payload, written.payload);
        assert_eq!(read.content_hash, content_hash(written));
    }
    assert_eq!(read.len(), payloads.len());
    Ok(())
}

#[tokio::test]
async fn texts_of_every_script_come_back_as_they_were() -> anyhow::Result<()> {
    let world = World::new().await?;
    let (recorder, _task) = world.recorder().await?;
    let texts = [
        "e\u{301}",
        "É",
        "🎟️",
        "שלום",
        "Ω\u{1}\u{7f}",
        "' \" \\ ; -- {,} NULL",
        " ",
        "\u{10ffff}",
        &"ß".repeat(10_000),
    ];
    let mut people = Vec::new();
    for text in texts {
        let mut append = world.saying(NewEvent { event_type: text.into(), ..world.event("{}") });
        append.events[0].metadata.actor = text.into();
        append.events[0].metadata.channel = Some(text.into());
        let person = world.person(text, "");
        append.vault = vec![person.clone()];
        recorder.append(append).await?;
        people.push(person);
    }
    let read = world.log().await?.page(0, 100).await?;
    let ids: Vec<Uuid> = people.iter().map(|person| person.id).collect();
    let entries = Vault::new(world.pool(Role::Query).await?).entries(world.organization, &ids).await?;
    for ((read, text), person) in read.iter().zip(texts).zip(&people) {
        assert_eq!(
            (&*read.event_type, &*read.metadata.actor, read.metadata.channel.as_deref()),
            (text, text, Some(text))
        );
        assert_eq!(entries[&person.id].fields, person.fields);
        assert_eq!((&*entries[&person.id].purpose, entries[&person.id].created_at), ("customer", read.recorded_at));
    }
    assert_eq!((read.len(), entries.len()), (texts.len(), texts.len()));
    Ok(())
}

#[tokio::test]
async fn payloads_from_a_byte_to_megabytes_come_back_whole() -> anyhow::Result<()> {
    let world = World::new().await?;
    // Most of these are larger than a batch may be.
    let (recorder, _task) =
        world.recorder_with(RecorderOptions { batch_bytes_max: 5000, ..Default::default() }).await?;
    let sizes = [1, 2, 100, 1990, 8191, 65_536, 1 << 20, 12 << 20];
    let payload = |size: usize| if size == 1 { "7".to_owned() } else { format!("\"{}\"", "x".repeat(size - 2)) };
    let appends = sizes.map(|size| recorder.append(world.saying(world.event(&payload(size)))));
    let answers = futures::future::try_join_all(appends).await?;
    let log = world.log().await?;
    for (answer, size) in answers.iter().zip(sizes) {
        let read = log.event(answer.last_position).await?.expect("it was recorded");
        assert_eq!(read.payload.len(), size);
        assert!(read.payload == payload(size), "the payload of {size} bytes is another");
    }
    Ok(())
}

#[tokio::test]
async fn an_append_of_thousands_of_events_is_written_whole_and_in_order() -> anyhow::Result<()> {
    let world = World::new().await?;
    let (recorder, _task) = world.recorder().await?;
    let before = recorder.append(world.append(world.ids.next(), 0, 3)).await?;
    let stream = world.ids.next();
    // Several batches long.
    let append = world.append(stream, 0, 4321);
    let appended = recorder.append(append.clone()).await?;
    assert_eq!((appended.first_position, appended.last_position, appended.version), (Some(4), 4324, 4321));
    assert!(appended.recorded_at >= before.recorded_at);
    let read = world.log().await?.page(before.last_position, 10_000).await?;
    assert!(as_written(&read) == append.events, "the events are others");
    assert!(read.iter().map(|event| event.version).eq(1..=4321));
    assert!(read.iter().all(|event| event.recorded_at == appended.recorded_at));
    Ok(())
}

#[tokio::test]
async fn pages_begin_and_end_where_they_are_asked_to() -> anyhow::Result<()> {
    let world = World::new().await?;
    let (recorder, _task) = world.recorder().await?;
    let log = world.log().await?;
    let (stream, nobody) = (world.ids.next(), Uuid::nil());
    // Nothing is there yet.
    assert_eq!((log.head().await?, *recorder.head().borrow()), (0, 0));
    assert_eq!((log.page(0, 10).await?, log.event(1).await?, log.has_shows().await?), (Vec::new(), None, false));
    assert_eq!((log.stream(stream, 0, 10).await?, log.stream_organization(stream).await?), (Vec::new(), None));

    recorder.append(world.organization_says(world.organization, "SignedIn", &json!({}))).await?;
    assert!(!log.has_shows().await?);
    recorder.append(world.append(stream, 0, 3)).await?;
    recorder.append(world.append(world.ids.next(), 0, 1)).await?;
    recorder.append(world.append(stream, 3, 2)).await?;
    assert!(log.has_shows().await?);
    assert_eq!(log.head().await?, 7);
    for (after, limit, expected) in [
        (0, 0, vec![]),
        (0, 1, vec![1]),
        (0, 7, vec![1, 2, 3, 4, 5, 6, 7]),
        (0, i64::MAX, vec![1, 2, 3, 4, 5, 6, 7]),
        (2, 3, vec![3, 4, 5]),
        (6, 10, vec![7]),
        (7, 10, vec![]),
        (1_000_000, 10, vec![]),
        (i64::MAX, 10, vec![]),
    ] {
        let positions: Vec<i64> = log.page(after, limit).await?.iter().map(|event| event.position).collect();
        assert_eq!(positions, expected, "after {after}, at most {limit}");
    }
    for (after, limit, expected) in
        [(0, 0, vec![]), (0, 2, vec![1, 2]), (1, 3, vec![2, 3, 4]), (4, 9, vec![5]), (5, 9, vec![]), (9, 9, vec![])]
    {
        let versions: Vec<i64> = log.stream(stream, after, limit).await?.iter().map(|event| event.version).collect();
        assert_eq!(versions, expected, "after version {after}, at most {limit}");
    }
    assert!(matches!(log.page(0, -1).await, Err(ReadError::Database(_))));
    for nowhere in [8, 0, -1, i64::MIN, i64::MAX] {
        assert_eq!(log.event(nowhere).await?, None, "{nowhere}");
    }
    assert_eq!(log.stream(nobody, 0, 10).await?, []);
    assert_eq!(log.stream_organization(nobody).await?, None);
    Ok(())
}

#[tokio::test]
async fn recorded_times_never_go_back_though_the_clock_does() -> anyhow::Result<()> {
    let world = World::new().await?;
    let (recorder, _task) = world.recorder().await?;
    let first = recorder.append(world.append(world.ids.next(), 0, 1)).await?;
    // As if the clock had been an hour ahead when this one was written.
    let ahead: DateTime<Utc> = first.recorded_at + TimeDelta::hours(1);
    sqlx::raw_sql("ALTER TABLE log.events DISABLE TRIGGER ALL").execute(&world.owner).await?;
    sqlx::query("UPDATE log.events SET recorded_at = $1").bind(ahead).execute(&world.owner).await?;
    sqlx::raw_sql("ALTER TABLE log.events ENABLE TRIGGER ALL; ALTER TABLE log.events ENABLE ALWAYS TRIGGER events_are_never_changed")
        .execute(&world.owner)
        .await?;
    for _ in 0..3 {
        assert_eq!(recorder.append(world.append(world.ids.next(), 0, 2)).await?.recorded_at, ahead);
    }
    let times: Vec<_> = world.log().await?.page(0, 100).await?.iter().map(|event| event.recorded_at).collect();
    assert_eq!(times, [ahead; 7]);
    Ok(())
}
