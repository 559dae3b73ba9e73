//! What the roles of the database may and may not do.

mod common;

use common::World;
use event_store::pools::{self, Role};
use event_store::{Append, Ids, ReadError, Recorder, RecorderOptions, SequentialIds, Vault, VaultEntry, VaultKind};
use serde_json::json;
use sqlx::{AssertSqlSafe, PgPool};
use uuid::Uuid;

const ROLES: [Role; 5] = [Role::Write, Role::Project, Role::Query, Role::React, Role::Identity];

async fn refusal(pool: &PgPool, sql: &str) -> Option<String> {
    match sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(pool).await {
        Ok(_) => None,
        Err(error) => Some(error.as_database_error()?.code()?.into_owned()),
    }
}

const INSERT: &str = "INSERT INTO log.events (position, organization, stream_type, stream, version, type, schema, payload, actor, \
     command, correlation, content_hash, recorded_at) SELECT position + 100, organization, stream_type, stream, version + 100, type, \
     schema, payload, actor, command, correlation, content_hash, recorded_at FROM log.events";

#[tokio::test]
async fn no_role_can_insert_update_delete_or_truncate_the_log() -> anyhow::Result<()> {
    let world = World::new().await?;
    let (recorder, _task) = world.recorder().await?;
    recorder.append(world.append(world.ids.next(), 0, 1)).await?;
    for role in ROLES {
        let pool = world.pool(role).await?;
        for sql in [
            INSERT,
            "UPDATE log.events SET actor = 'somebody else'",
            "UPDATE log.events SET actor = 'somebody else' WHERE false",
            "DELETE FROM log.events",
            "TRUNCATE log.events",
            "ALTER TABLE log.events DISABLE TRIGGER events_are_never_changed",
            "SET ROLE turnout_owner",
            "RESET ROLE; SELECT 1 FROM log.events",
        ] {
            assert_eq!(refusal(&pool, sql).await.as_deref(), Some("42501"), "{role:?}: {sql}");
        }
    }
    // The owner, a superuser even: what is written stays.
    for sql in ["UPDATE log.events SET actor = 'x'", "DELETE FROM log.events WHERE false", "TRUNCATE log.events"] {
        assert_eq!(refusal(&world.owner, sql).await.as_deref(), Some("42501"), "{sql}");
        let as_replica = format!("SET session_replication_role = replica; {sql}");
        assert_eq!(refusal(&world.owner, &as_replica).await.as_deref(), Some("42501"), "{as_replica}");
    }
    assert_eq!(world.log().await?.page(0, 10).await?.len(), 1);
    Ok(())
}

#[tokio::test]
async fn only_the_writing_role_may_append_and_only_under_read_committed() -> anyhow::Result<()> {
    let world = World::new().await?;
    let nothing = format!("SELECT * FROM log.append({})", vec!["'{}'"; 26].join(", "));
    for role in ROLES {
        let refused = refusal(&world.pool(role).await?, &nothing).await;
        assert_eq!(refused.as_deref(), (role != Role::Write).then_some("42501"), "{role:?}");
    }
    let writer = world.pool(Role::Write).await?;
    for isolation in ["REPEATABLE READ", "SERIALIZABLE"] {
        let sql = format!("BEGIN ISOLATION LEVEL {isolation}; {nothing}");
        assert_eq!(refusal(&writer, &sql).await.as_deref(), Some("25000"), "{isolation}");
    }
    Ok(())
}

#[tokio::test]
async fn the_querying_role_sees_one_organizations_rows_only() -> anyhow::Result<()> {
    let world = World::new().await?;
    let (recorder, _task) = world.recorder().await?;
    let mut mine = world.append(world.ids.next(), 0, 2);
    mine.vault = vec![world.person("Ada", "ada@example.org")];
    let mut theirs = world.append(world.ids.next(), 0, 3);
    theirs.organization = world.ids.next();
    theirs.vault = vec![world.person("Bob", "bob@example.org")];
    let (organization, other) = (mine.organization, theirs.organization);
    recorder.append(mine).await?;
    recorder.append(theirs).await?;

    let pool = world.pool(Role::Query).await?;
    let count = "SELECT (SELECT count(*) FROM log.events) * 10 + (SELECT count(*) FROM vault.entries)";
    assert_eq!(sqlx::query_scalar::<_, i64>(count).fetch_one(&pool).await?, 0);
    for (organization, expected) in [(organization, 21), (other, 31), (world.ids.next(), 0)] {
        let mut transaction = pools::begin_for(&pool, organization).await?;
        assert_eq!(sqlx::query_scalar::<_, i64>(count).fetch_one(&mut *transaction).await?, expected);
        transaction.commit().await?;
    }
    // The setting ended with its transaction.
    assert_eq!(sqlx::query_scalar::<_, i64>(count).fetch_one(&pool).await?, 0);
    Ok(())
}

#[tokio::test]
async fn the_vault_is_searched_joined_and_erased_within_an_organization() -> anyhow::Result<()> {
    let world = World::new().await?;
    let (recorder, _task) = world.recorder().await?;
    let other = world.ids.next();
    let (ada, bob) = (world.person("Ada Löve_lace", "ada@example.org"), world.person("Bob", "bob@example.org"));
    let note = world.text_about(ada.id, "sits in the wheelchair row");
    let ids = [ada.id, bob.id, note.id];
    let mut append = world.append(world.ids.next(), 0, 1);
    append.vault = vec![ada.clone(), bob.clone(), note.clone()];
    recorder.append(append).await?;
    let mut stale = world.append(world.ids.next(), 7, 1);
    stale.vault = vec![world.person("Eve", "eve@example.org")];
    recorder.append(stale).await.expect_err("it is stale");

    let vault = Vault::new(world.pool(Role::Query).await?);
    let mine = world.organization;
    assert_eq!(vault.entries(mine, &ids).await?.len(), 3);
    assert_eq!(vault.entries(mine, &ids).await?[&ada.id].text("name"), Some("Ada Löve_lace"));
    assert!(vault.entries(other, &ids).await?.is_empty());
    assert_eq!(vault.search_people(mine, "LÖVE_", 10).await?, [ada.id]);
    assert_eq!(vault.search_people(mine, "@EXAMPLE", 10).await?, [bob.id, ada.id]);
    assert!(vault.search_people(mine, "L_ve", 10).await?.is_empty());
    assert!(vault.search_people(mine, "eve", 10).await?.is_empty());
    assert!(vault.search_people(other, "ada", 10).await?.is_empty());

    assert_eq!(vault.people(mine, Some("LÖVE_"), None, 10).await?.len(), 1);
    assert_eq!(vault.people(mine, None, None, 1).await?[0].id, bob.id);
    assert_eq!(vault.people(mine, None, Some(bob.id), 10).await?[0].id, ada.id);
    assert!(vault.people(other, None, None, 10).await?.is_empty());
    let (person, texts) = vault.of_person(mine, ada.id).await?;
    assert_eq!((person.unwrap().id, texts.len(), texts[0].id), (ada.id, 1, note.id));
    assert_eq!(vault.of_person(other, ada.id).await?, (None, Vec::new()));

    let erased = json!({ "person": ada.id, "reason": null });
    // Nobody erases but by saying so: another organization's saying erases nothing here.
    recorder.append(world.organization_says(other, "PersonErased", &erased)).await?;
    assert_eq!(vault.entries(mine, &ids).await?.len(), 3);
    for _ in 0..2 {
        let head = world.version_of(mine).await?;
        let append = Append { expected_version: head, ..world.organization_says(mine, "PersonErased", &erased) };
        recorder.append(append).await?;
    }
    assert_eq!((vault.erasures(mine).await?, vault.erasures(other).await?), (2, 1));
    assert_eq!(vault.entries(mine, &ids).await?.into_keys().collect::<Vec<_>>(), [bob.id]);
    Ok(())
}

#[tokio::test]
async fn no_role_can_write_or_erase_in_the_vault_by_hand() -> anyhow::Result<()> {
    let world = World::new().await?;
    for role in ROLES {
        let pool = world.pool(role).await?;
        for sql in [
            "DELETE FROM vault.entries WHERE false",
            "UPDATE vault.entries SET fields = '{}' WHERE false",
            "TRUNCATE vault.entries",
            "INSERT INTO vault.erasures (organization, erasures) VALUES (gen_random_uuid(), 1)",
            "UPDATE vault.purposes SET retention = 'organization'",
            "SELECT vault.count_erasure(gen_random_uuid())",
            "SELECT identity.take_in(gen_random_uuid(), 'PersonErased', '{}', now())",
        ] {
            assert_eq!(refusal(&pool, sql).await.as_deref(), Some("42501"), "{role:?}: {sql}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn a_retention_ends_for_people_and_then_for_money() -> anyhow::Result<()> {
    let world = World::new().await?;
    let (recorder, _task) = world.recorder().await?;
    let (show, other) = (world.ids.next(), world.ids.next());
    let mut entries = Vec::new();
    for show in [show, other] {
        for purpose in ["customer", "block_label", "payment_reference", "something_new"] {
            let entry =
                VaultEntry { show: Some(show), purpose: purpose.into(), ..world.person("Ada", "ada@example.org") };
            let is_text = purpose != "customer";
            entries.push(if is_text { VaultEntry { kind: VaultKind::Text, ..entry } } else { entry });
        }
    }
    let mut append = world.append(show, 0, 1);
    append.vault = entries;
    recorder.append(append).await?;

    let react = world.pool(Role::React).await?;
    let left = async || {
        let sql = "SELECT show, of_people, anything FROM vault.left_of_shows($1) ORDER BY show";
        sqlx::query_as::<_, (Uuid, bool, bool)>(sql).bind([show, other]).fetch_all(&react).await
    };
    assert_eq!(left().await?, [(show, true, true), (other, true, true)]);
    for (version, kept, of_people, anything) in [(0, "money", false, true), (1, "nothing", false, false)] {
        let ended = json!({ "show": show, "kept": kept });
        let says = world.organization_says(world.organization, "RetentionEnded", &ended);
        recorder.append(Append { expected_version: version, ..says }).await?;
        assert_eq!(left().await?, [(show, of_people, anything), (other, true, true)], "{kept}");
    }
    // Who ends retentions learns that something is there, and nothing of what.
    for sql in ["SELECT count(*) FROM vault.entries", "SELECT count(*) FROM vault.purposes", "SELECT 1 FROM read.shows"]
    {
        assert_eq!(refusal(&react, sql).await.as_deref(), Some("42501"), "{sql}");
    }
    assert_eq!(Vault::new(world.pool(Role::Query).await?).erasures(world.organization).await?, 2);
    Ok(())
}

#[tokio::test]
async fn a_hole_stops_readers_loudly() -> anyhow::Result<()> {
    let world = World::new().await?;
    let (recorder, _task) = world.recorder().await?;
    let stream = world.ids.next();
    recorder.append(world.append(stream, 0, 3)).await?;
    // Only somebody who takes the net away first can do this.
    sqlx::raw_sql(
        "BEGIN; ALTER TABLE log.events DISABLE TRIGGER ALL; DELETE FROM log.events WHERE position = 2; COMMIT",
    )
    .execute(&world.owner)
    .await?;
    let log = world.log().await?;
    assert!(matches!(log.page(0, 10).await, Err(ReadError::Hole { expected: 2, found: 3 })));
    assert!(matches!(log.stream(stream, 0, 10).await, Err(ReadError::Hole { expected: 2, found: 3 })));
    assert!(matches!(log.event(2).await, Err(ReadError::Hole { .. })));
    assert_eq!(log.page(2, 10).await?.len(), 1);
    Ok(())
}

#[tokio::test]
async fn migrations_run_again_and_in_a_second_database_of_the_cluster() -> anyhow::Result<()> {
    let world = World::new().await?;
    event_store::migrate(&world.owner).await?;
    let (one, two) = (world.postgres.fresh_database().await?, world.postgres.fresh_database().await?);
    let (one, two) =
        (pools::connect(&one.owner_url, Role::Owner, 1).await?, pools::connect(&two.owner_url, Role::Owner, 1).await?);
    let (first, second) = tokio::join!(event_store::migrate(&one), event_store::migrate(&two));
    first?;
    second?;
    Ok(())
}

#[tokio::test]
async fn an_owner_without_superuser_rights_migrates_and_the_recorder_works() -> anyhow::Result<()> {
    let postgres = embedded_postgres::temporary().await?;
    let server = postgres.server();
    let superuser = pools::connect(&server.owner_url(), Role::Owner, 1).await?;
    sqlx::raw_sql("CREATE ROLE hosted LOGIN CREATEROLE").execute(&superuser).await?;
    sqlx::raw_sql("CREATE DATABASE hosted OWNER hosted").execute(&superuser).await?;
    let owner = pools::connect(&server.url("hosted", "hosted"), Role::Owner, 1).await?;
    event_store::migrate(&owner).await?;
    let (recorder, _task) = Recorder::start(&server.url("turnout", "hosted"), RecorderOptions::default()).await?;
    let fresh = postgres.fresh_database().await?;
    let world = World {
        ids: SequentialIds::new(1_700_000_000_000),
        organization: SequentialIds::new(1).next(),
        database: fresh,
        owner,
        postgres,
    };
    let mut append = world.append(world.ids.next(), 0, 2);
    append.vault = vec![world.person("Ada", "ada@example.org")];
    assert_eq!(recorder.append(append).await?.last_position, 2);
    // Row-level security holds for this owner, and the trigger speaks all the same.
    for sql in ["UPDATE log.events SET actor = 'x'", "DELETE FROM log.events", "TRUNCATE log.events"] {
        assert_eq!(refusal(&world.owner, sql).await.as_deref(), Some("42501"), "{sql}");
    }
    Ok(())
}
