//! The expected version decides: whoever is right is recorded, and whoever is not leaves nothing behind.

use event_store::{Append, AppendError, Appended, Ids, Secret};
use futures::future::join_all;
use serde_json::json;
use uuid::Uuid;

use crate::log_lock::gathered;
use crate::world::World;

fn conflict(answer: &Result<Appended, AppendError>) -> Option<i64> {
    match answer {
        Err(AppendError::Conflict { current_version }) => Some(*current_version),
        _ => None,
    }
}

#[tokio::test]
async fn an_append_is_recorded_at_exactly_the_version_that_it_expects() -> anyhow::Result<()> {
    let world = World::new().await?;
    let (recorder, _task) = world.recorder().await?;
    let log = world.log().await?;
    let stream = world.ids.next();
    recorder.append(world.append(world.ids.next(), 0, 4)).await?;
    // On a stream that is not there, then on one of three events.
    for (version, wrong) in [(0, [1, 2, -1, i64::MAX, i64::MIN]), (3, [0, 2, 4, -3, i64::MAX])] {
        let head = log.head().await?;
        for expected in wrong {
            let answer = recorder.append(world.append(stream, expected, 2)).await;
            assert_eq!(conflict(&answer), Some(version), "expected {expected} of {version}: {answer:?}");
            assert_eq!(log.head().await?, head, "expected {expected} of {version}");
        }
        let appended = recorder.append(world.append(stream, version, 3)).await?;
        assert_eq!((appended.first_position, appended.last_position), (Some(head + 1), head + 3));
        assert_eq!(appended.version, version + 3);
    }
    assert_eq!(log.stream(stream, 0, 100).await?.len(), 6);
    Ok(())
}

#[tokio::test]
async fn the_loser_leaves_no_event_no_vault_entry_and_no_secret() -> anyhow::Result<()> {
    let world = World::new().await?;
    let (recorder, _task) = world.recorder().await?;
    let [winner, loser] = [1, 2].map(|number| {
        let key = world.ids.next();
        let issued =
            json!({"key": key, "role": "seller", "name": null, "shows": null, "replaces": null, "expires_at": null});
        Append {
            vault: vec![world.person(&format!("person {number}"), "")],
            secrets: vec![Secret { id: key, hash: [number; 32] }],
            ..world.organization_says(world.organization, "ApiKeyIssued", &issued)
        }
    });
    let lost_show = Append { vault: vec![world.person("nobody", "")], ..world.append(world.ids.next(), 1, 2) };
    let other = Append { vault: vec![world.person("somebody", "")], ..world.append(world.ids.next(), 0, 2) };
    let names = async || -> anyhow::Result<Vec<String>> {
        Ok(sqlx::query_scalar("SELECT fields->>'name' FROM vault.entries ORDER BY 1").fetch_all(&world.owner).await?)
    };

    recorder.append(winner).await?;
    // Alone, and then beside one that is right.
    assert_eq!(conflict(&recorder.append(loser.clone()).await), Some(1));
    assert_eq!(names().await?, ["person 1"]);
    let answers = gathered(&world, 1, async {
        tokio::join!(
            recorder.append(world.append(world.ids.next(), 0, 1)),
            recorder.append(loser.clone()),
            recorder.append(lost_show),
            recorder.append(other),
        )
    })
    .await?;
    assert_eq!((conflict(&answers.1), conflict(&answers.2)), (Some(1), Some(0)));
    assert_eq!((answers.0?.last_position, answers.3?.last_position), (2, 4));
    assert_eq!(names().await?, ["person 1", "somebody"]);
    let secrets: Vec<Vec<u8>> = sqlx::query_scalar("SELECT hash FROM identity.secrets").fetch_all(&world.owner).await?;
    assert_eq!(secrets, [[1; 32]]);
    assert_eq!(world.count("SELECT count(*) FROM identity.credentials").await?, 1);
    assert_eq!(world.log().await?.page(0, 100).await?.len(), 4);

    // It was not refused for what it says: at the right version it is recorded.
    recorder.append(Append { expected_version: 1, ..loser }).await?;
    assert_eq!(names().await?, ["person 1", "person 2", "somebody"]);
    assert_eq!(world.count("SELECT count(*) FROM identity.secrets").await?, 2);
    Ok(())
}

#[tokio::test]
async fn an_append_without_events_confirms_or_denies_the_version() -> anyhow::Result<()> {
    let world = World::new().await?;
    let (recorder, _task) = world.recorder().await?;
    let (stream, other) = (world.ids.next(), world.ids.next());
    let nothing = recorder.append(world.append(stream, 0, 0)).await?;
    assert_eq!((nothing.first_position, nothing.last_position, nothing.version), (None, 0, 0));
    assert_eq!(conflict(&recorder.append(world.append(stream, 1, 0)).await), Some(0));
    recorder.append(world.append(stream, 0, 2)).await?;
    recorder.append(world.append(other, 0, 1)).await?;
    let confirmed = recorder.append(world.append(stream, 2, 0)).await?;
    assert_eq!((confirmed.first_position, confirmed.last_position, confirmed.version), (None, 2, 2));
    for stale in [0, 1, 3, -1] {
        assert_eq!(conflict(&recorder.append(world.append(stream, stale, 0)).await), Some(2), "{stale}");
    }
    // In a batch with others that write; the last behind a change of its own stream, which it does not know of.
    let answers = gathered(&world, 1, async {
        tokio::join!(
            recorder.append(world.append(world.ids.next(), 0, 2)),
            recorder.append(world.append(other, 1, 0)),
            recorder.append(world.append(stream, 2, 3)),
            recorder.append(world.append(world.ids.next(), 4, 0)),
            recorder.append(world.append(stream, 2, 0)),
        )
    })
    .await?;
    let confirmed = answers.1?;
    assert_eq!((confirmed.first_position, confirmed.last_position, confirmed.version), (None, 3, 1));
    assert_eq!((answers.0?.last_position, answers.2?.last_position), (5, 8));
    assert_eq!((conflict(&answers.3), conflict(&answers.4)), (Some(0), Some(5)));
    assert_eq!(world.log().await?.head().await?, 8);
    Ok(())
}

/// Appends of as many writers as there are versions, by two recorders in turn, all under way in the same moment.
async fn at_once(world: &World, stream: Uuid, versions: &[i64]) -> anyhow::Result<Vec<Result<Appended, AppendError>>> {
    let (one, _one) = world.recorder().await?;
    let (two, _two) = world.recorder().await?;
    let appends = versions.iter().enumerate().map(|(writer, version)| {
        let recorder = if writer % 2 == 0 { &one } else { &two };
        recorder.append(world.append(stream, *version, 2))
    });
    gathered(world, 2, join_all(appends)).await
}

#[tokio::test]
async fn of_two_creators_of_one_stream_one_wins() -> anyhow::Result<()> {
    let world = World::new().await?;
    for round in 0..10 {
        let stream = world.ids.next();
        let answers = at_once(&world, stream, &[0, 0]).await?;
        let (won, lost): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.is_ok());
        assert_eq!((won.len(), lost.len()), (1, 1), "round {round}: {answers:?}");
        assert_eq!(conflict(lost[0]), Some(2), "round {round}");
        assert_eq!(world.log().await?.stream(stream, 0, 10).await?.len(), 2, "round {round}");
    }
    assert_eq!(world.log().await?.head().await?, 20);
    Ok(())
}

#[tokio::test]
async fn of_many_appends_at_one_version_exactly_one_wins() -> anyhow::Result<()> {
    let world = World::new().await?;
    let stream = world.ids.next();
    let mut version = 0;
    for _ in 0..3 {
        let answers = at_once(&world, stream, &[version; 16]).await?;
        assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1, "{answers:?}");
        version += 2;
        assert_eq!(answers.iter().filter(|answer| conflict(answer) == Some(version)).count(), 15, "{answers:?}");
    }
    assert_eq!(world.log().await?.page(0, 100).await?.len(), 6);
    Ok(())
}
