//! What may be erased: it comes with events, is read within its organization, and goes when an event says so.

use event_store::pools::Role;
use event_store::{Append, Ids, Vault, VaultEntry, VaultKind};
use serde_json::json;
use uuid::Uuid;

use crate::roles::{ROLES, refusal};
use crate::world::World;

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

    assert_eq!(vault.people(mine, Some("LÖVE_"), &[], None, 10).await?.len(), 1);
    assert_eq!(vault.people(mine, Some("LÖVE_"), &[bob.id, note.id], None, 10).await?.len(), 2, "bob is meant as well");
    assert!(vault.people(other, Some("LÖVE_"), &[bob.id], None, 10).await?.is_empty());
    assert_eq!(vault.people(mine, None, &[], None, 1).await?[0].id, bob.id);
    assert_eq!(vault.people(mine, None, &[], Some(bob.id), 10).await?[0].id, ada.id);
    assert!(vault.people(other, None, &[], None, 10).await?.is_empty());
    let (person, texts) = vault.of_person(mine, ada.id).await?;
    assert_eq!((person.unwrap().id, texts.len(), texts[0].id), (ada.id, 1, note.id));
    assert_eq!(vault.of_person(other, ada.id).await?, (None, Vec::new()));

    let erased = json!({ "person": ada.id, "reason": null });
    // Nobody erases but by saying so: another organization's saying erases nothing here.
    recorder.append(world.organization_says(other, "PersonErased", &erased)).await?;
    assert_eq!(vault.entries(mine, &ids).await?.len(), 3);
    for version in [0, 1] {
        let append = Append { expected_version: version, ..world.organization_says(mine, "PersonErased", &erased) };
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
    sqlx::query("INSERT INTO reaction.shows (show, organization, over_at) SELECT unnest($1::uuid[]), $2, now()")
        .bind([show, other])
        .bind(world.organization)
        .execute(&react)
        .await?;
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
