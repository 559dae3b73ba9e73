//! Appends of many that go in one call: none suffers for another.

use std::collections::BTreeMap;

use event_store::{
    Append, AppendError, Ids, NewEvent, Recorder, RecorderOptions, Secret, StreamType, VaultEntry, VaultKind,
};
use futures::future::{join_all, try_join_all};
use serde_json::json;

use crate::log_lock::gathered;
use crate::world::World;

#[tokio::test]
async fn a_stale_version_is_turned_back_alone_in_its_batch() -> anyhow::Result<()> {
    let world = World::new().await?;
    let (recorder, _task) = world.recorder().await?;
    let (stale, fresh) = (world.ids.next(), world.ids.next());
    recorder.append(world.append(stale, 0, 3)).await?;
    let answers = gathered(&world, 1, async {
        tokio::join!(
            recorder.append(world.append(world.ids.next(), 0, 1)),
            recorder.append(world.append(fresh, 0, 2)),
            recorder.append(world.append(stale, 2, 5)),
            recorder.append(world.append(world.ids.next(), 0, 1)),
        )
    })
    .await?;
    assert_eq!(answers.0?.last_position, 4);
    let fresh = answers.1?;
    assert_eq!((fresh.first_position, fresh.last_position), (Some(5), 6));
    assert!(matches!(answers.2, Err(AppendError::Conflict { current_version: 3 })));
    let last = answers.3?;
    assert_eq!((last.first_position, last.recorded_at), (Some(7), fresh.recorded_at));
    Ok(())
}

/// Appends that the database refuses, each for another reason. `mine`: a stream of the world's organization.
fn malformed(world: &World, mine: uuid::Uuid) -> Vec<(&'static str, Append)> {
    let event = |change: fn(&mut NewEvent)| {
        let mut append = world.append(world.ids.next(), 0, 3);
        change(&mut append.events[1]);
        append
    };
    let vault = |change: fn(&mut VaultEntry)| {
        let mut append = Append { vault: vec![world.person("", ""); 2], ..world.append(world.ids.next(), 0, 1) };
        append.vault[0].id = world.ids.next();
        change(&mut append.vault[1]);
        append
    };
    let mut twice = vault(|_| {});
    twice.vault[1].id = twice.vault[0].id;
    let mut secret_twice = world.organization_says(world.ids.next(), "SignedIn", &json!({}));
    secret_twice.secrets = [1, 2].map(|_| Secret { id: world.ids.next(), hash: [7; 32] }).into();
    vec![
        ("no JSON", event(|event| event.payload = "{".into())),
        ("no payload", event(|event| event.payload = String::new())),
        ("two values", event(|event| event.payload = "1 2".into())),
        ("too deep", event(|event| event.payload = "[".repeat(200_000))),
        ("NUL in a payload", event(|event| event.payload = "\"a\0b\"".into())),
        ("NUL in a name", event(|event| event.event_type = "a\0b".into())),
        ("NUL in an actor", event(|event| event.metadata.actor = "a\0b".into())),
        ("no type", event(|event| event.event_type = String::new())),
        ("no actor", event(|event| event.metadata.actor = String::new())),
        ("schema 0", event(|event| event.schema = 0)),
        ("a schema below 0", event(|event| event.schema = i32::MIN)),
        ("no object in the vault", vault(|entry| entry.fields = json!(["Ada"]))),
        ("NUL in the vault", vault(|entry| entry.fields = json!({"name": "a\0b"}))),
        ("no purpose", vault(|entry| entry.purpose = String::new())),
        ("NUL in a purpose", vault(|entry| entry.purpose = "\0".into())),
        ("a person about another", vault(|entry| entry.person = Some(entry.id))),
        ("an id of the vault twice", twice),
        ("a token twice", secret_twice),
        ("another organization's stream", Append { organization: world.ids.next(), ..world.append(mine, 1, 1) }),
        ("another type of stream", Append { stream_type: StreamType::Organization, ..world.append(mine, 1, 1) }),
        ("no id where one belongs", world.organization_says(world.ids.next(), "MemberAdded", &json!({"member": 7}))),
        ("nothing where something belongs", world.organization_says(world.ids.next(), "MemberAdded", &json!({}))),
    ]
}

#[tokio::test]
async fn a_malformed_item_alone_is_turned_back_and_says_so() -> anyhow::Result<()> {
    let world = World::new().await?;
    let (recorder, _task) = world.recorder().await?;
    let mine = world.ids.next();
    recorder.append(world.append(mine, 0, 1)).await?;
    let bad = malformed(&world, mine);
    let good = || Append {
        vault: vec![world.person("Ada", ""), world.text_about(mine, "")],
        ..world.append(world.ids.next(), 0, 2)
    };

    // Each in a batch with good ones before and behind it, and all of them at once.
    let mut asked = vec![("good", good())];
    for (what, append) in bad.clone() {
        asked.extend([("good", good()), (what, append), ("good", good())]);
    }
    let answers =
        gathered(&world, 1, join_all(asked.iter().map(|(_, append)| recorder.append(append.clone())))).await?;
    for ((what, _), answer) in asked.iter().zip(&answers) {
        match answer {
            Ok(_) => assert_eq!(*what, "good"),
            Err(AppendError::Invalid(message)) => assert!(*what != "good" && !message.is_empty(), "{what}: {message}"),
            Err(error) => panic!("{what}: {error:?}"),
        }
    }
    let written = 1 + 2 * bad.len();
    let count = i64::try_from(written)?;
    assert_eq!(world.log().await?.page(0, 10_000).await?.len(), 1 + 2 * written);
    assert_eq!(world.count("SELECT count(*) FROM vault.entries").await?, 2 * count);
    assert_eq!(world.count("SELECT count(*) FROM identity.secrets").await?, 0);
    // Alone, they are no better.
    for (what, append) in bad {
        let answer = recorder.append(append).await;
        assert!(matches!(answer, Err(AppendError::Invalid(_))), "{what}: {answer:?}");
    }
    assert_eq!(recorder.append(good()).await?.last_position, 2 * count + 3);
    Ok(())
}

#[tokio::test]
async fn an_organizations_event_that_nobody_knows_is_turned_back_alone() -> anyhow::Result<()> {
    let world = World::new().await?;
    let (recorder, _task) = world.recorder().await?;
    let good = || world.append(world.ids.next(), 0, 1);
    let unknown = world.organization_says(world.organization, "SomethingElseHappened", &json!({}));
    let answers = gathered(&world, 1, async {
        tokio::join!(
            recorder.append(good()),
            recorder.append(good()),
            recorder.append(unknown.clone()),
            recorder.append(good()),
        )
    })
    .await?;
    assert!(answers.2.is_err(), "who may do what would no longer follow from the log");
    for answer in [answers.0, answers.1, answers.3] {
        answer?;
    }
    assert_eq!(world.log().await?.head().await?, 3);
    Ok(())
}

#[tokio::test]
async fn of_two_items_with_one_vault_id_the_first_is_recorded() -> anyhow::Result<()> {
    let world = World::new().await?;
    let (recorder, _task) = world.recorder().await?;
    let (ada, other) = (world.person("Ada", ""), world.person("Bob", ""));
    let with = |entry: &VaultEntry| Append { vault: vec![entry.clone()], ..world.append(world.ids.next(), 0, 1) };
    let usurper = VaultEntry { kind: VaultKind::Text, id: ada.id, ..other.clone() };
    let asked = [with(&world.person("", "")), with(&ada), with(&usurper), with(&other)];
    let answers = gathered(&world, 1, join_all(asked.iter().map(|append| recorder.append(append.clone())))).await?;
    assert!(matches!(answers[2], Err(AppendError::Invalid(_))), "{:?}", answers[2]);
    for answer in [&answers[0], &answers[1], &answers[3]] {
        assert!(answer.is_ok(), "{answer:?}");
    }
    // Also when the other was there long before.
    assert!(matches!(recorder.append(with(&usurper)).await, Err(AppendError::Invalid(_))));
    let kept: Vec<String> =
        sqlx::query_scalar("SELECT fields->>'name' FROM vault.entries WHERE kind = 'person' ORDER BY id")
            .fetch_all(&world.owner)
            .await?;
    assert_eq!(kept, ["Ada", "Bob", ""]);
    assert_eq!(world.log().await?.head().await?, 3);
    Ok(())
}

/// Has twenty appends of `events` events of `bytes` bytes gather. Gives how many events went in each call.
async fn batches(world: &World, recorder: &Recorder, events: usize, bytes: usize) -> anyhow::Result<Vec<usize>> {
    let asked: Vec<_> = (0..20)
        .map(|_| {
            let payload = "9".repeat(bytes);
            let events = (0..events).map(|_| world.event(&payload)).collect();
            Append { events, ..world.append(world.ids.next(), 0, 0) }
        })
        .collect();
    let answers = gathered(world, 1, try_join_all(asked.into_iter().map(|append| recorder.append(append)))).await??;
    // One time for all that is written by one call.
    let mut calls = BTreeMap::new();
    for answer in answers {
        *calls.entry(answer.recorded_at).or_insert(0) += events;
    }
    Ok(calls.into_values().collect())
}

#[tokio::test]
async fn batches_are_bounded_by_events_and_by_bytes_and_what_exceeds_them_goes_alone() -> anyhow::Result<()> {
    let world = World::new().await?;
    let with = async |batch_events_max, batch_bytes_max| {
        world.recorder_with(RecorderOptions { batch_events_max, batch_bytes_max, ..Default::default() }).await
    };
    let (by_events, _one) = with(6, 1 << 20).await?;
    let (by_bytes, _two) = with(1000, 1000).await?;
    for (recorder, events, bytes, largest) in [
        (&by_events, 2, 1, 6),
        (&by_events, 4, 1, 4),
        (&by_events, 7, 1, 7),
        (&by_bytes, 1, 300, 3),
        (&by_bytes, 1, 2000, 1),
    ] {
        let calls = batches(&world, recorder, events, bytes).await?;
        let found = calls.iter().max().copied();
        assert_eq!(found, Some(largest), "{events} events of {bytes} bytes: {calls:?}");
        assert_eq!(calls.iter().sum::<usize>(), 20 * events);
    }
    Ok(())
}

#[tokio::test]
async fn a_full_queue_turns_appends_away_at_once() -> anyhow::Result<()> {
    let world = World::new().await?;
    let options = RecorderOptions { queue_items_max: 2, batch_events_max: 1, ..RecorderOptions::default() };
    let (recorder, _task) = world.recorder_with(options).await?;
    let all: Vec<_> = (0..50).map(|_| world.append(world.ids.next(), 0, 1)).collect();
    let answers = gathered(&world, 1, join_all(all.into_iter().map(|append| recorder.append(append)))).await?;
    let written = answers.iter().filter(|answer| answer.is_ok()).count();
    let shed = answers.iter().filter(|answer| matches!(answer, Err(AppendError::Overloaded))).count();
    assert!(written > 0 && shed > 0 && written + shed == 50, "{written} written, {shed} shed");
    assert_eq!(world.log().await?.head().await?, i64::try_from(written)?);
    Ok(())
}

#[tokio::test]
async fn a_recorder_that_is_stopped_writes_what_waits_and_takes_no_more() -> anyhow::Result<()> {
    let world = World::new().await?;
    let (recorder, task) = world.recorder().await?;
    let all: Vec<_> = (0..20).map(|_| world.append(world.ids.next(), 0, 1)).collect();
    let asked = join_all(all.into_iter().map(|append| recorder.append(append)));
    let (answers, ()) = gathered(&world, 1, async { tokio::join!(asked, task.stop()) }).await?;
    for answer in answers {
        answer?;
    }
    let late = recorder.append(world.append(world.ids.next(), 0, 1)).await;
    assert!(matches!(late, Err(AppendError::Unavailable { .. })), "{late:?}");
    assert_eq!(world.log().await?.head().await?, 20);
    Ok(())
}
