//! What is sent twice happens once, and has one answer.

use anyhow::Result;
use commands::{
    desk::DeskError,
    organization::{issue_api_key::IssueApiKey, remove_member::RemoveMember},
    organization_desk::{OrganizationOutcome, OrganizationSubmission},
};
use domain::{
    ids::{ApiKeyId, TextId},
    organization::Role,
};
use event_store::{Ids, Secret, VaultEntry, VaultKind};
use futures::future::join_all;
use serde_json::json;

use crate::world::World;

fn same_answer(one: &OrganizationOutcome, other: &OrganizationOutcome) {
    assert_eq!((&one.events, one.position), (&other.events, other.position));
}

/// A key with its name and its token's hash, as a handler submits it.
fn key(world: &World) -> OrganizationSubmission {
    let (key, name) = (world.ids.next(), world.ids.next());
    let command =
        IssueApiKey { key: ApiKeyId(key), name: TextId(name), role: Role::Analyst, shows: None, expires_at: None };
    let name = VaultEntry {
        id: name,
        kind: VaultKind::Text,
        person: None,
        show: None,
        purpose: "api_key_name".to_owned(),
        fields: json!({ "text": "Reports" }),
    };
    let mut hash = [0; 32];
    hash[..16].copy_from_slice(key.as_bytes());
    OrganizationSubmission { vault: vec![name], secrets: vec![Secret { id: key, hash }], ..world.submission(command) }
}

#[tokio::test]
async fn a_repeat_has_the_first_answer_at_every_node_and_after_a_restart() -> Result<()> {
    let world = World::new().await?;
    let (one, two) = (world.node().await?, world.node().await?);
    let owned = world.owned(&one).await?;
    let asked = key(&world);
    let first = one.organizations.submit(owned.id, asked.clone()).await?;
    // The stream goes on; the answer does not.
    world.ask(&two, owned.id, world.inviting(Role::Seller)).await?;
    // A handler makes new ids and tokens each time; those of the first request stand.
    let again = OrganizationSubmission { command_id: asked.command_id, ..key(&world) };
    for node in [&one, &two, &world.node().await?] {
        let repeated = node.organizations.submit(owned.id, again.clone()).await?;
        assert!(repeated.repeated && !first.repeated);
        same_answer(&first, &repeated);
    }
    assert_eq!((world.count("identity.secrets").await?, world.count("vault.entries").await?), (1, 1));
    assert_eq!(one.recorded(owned.id).await?.len(), 4);
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_key_sent_many_times_at_once_to_two_nodes_takes_effect_once() -> Result<()> {
    let world = World::new().await?;
    let (one, two) = (world.node().await?, world.node().await?);
    let owned = world.owned(&one).await?;
    let id = world.ids.next();
    let asked = (0..20).map(|number| {
        let submission = OrganizationSubmission { command_id: id, ..key(&world) };
        [&one, &two][number % 2].organizations.submit(owned.id, submission)
    });
    let answers = join_all(asked).await.into_iter().collect::<Result<Vec<_>, _>>()?;
    assert_eq!(answers.iter().filter(|answer| !answer.repeated).count(), 1);
    answers.iter().for_each(|answer| same_answer(&answers[0], answer));
    assert_eq!(world.count("identity.secrets").await?, 1);
    Ok(())
}

#[tokio::test]
async fn a_key_that_was_used_for_another_request_is_refused() -> Result<()> {
    let world = World::new().await?;
    let (one, two) = (world.node().await?, world.node().await?);
    let owned = world.owned(&one).await?;
    let asked = key(&world);
    one.organizations.submit(owned.id, asked.clone()).await?;
    for node in [&one, &two] {
        let other = OrganizationSubmission { request_hmac: Some([2; 32]), ..asked.clone() };
        let answer = node.organizations.submit(owned.id, other).await;
        assert!(matches!(answer, Err(DeskError::KeyReused)), "{answer:?}");
    }
    Ok(())
}

#[tokio::test]
async fn what_was_rejected_or_changed_nothing_leaves_no_trace() -> Result<()> {
    let world = World::new().await?;
    let node = world.node().await?;
    let owned = world.owned(&node).await?;
    let head = node.log.head().await?;
    let rejected = OrganizationSubmission { role: Some(Role::Seller), ..key(&world) };
    let id = rejected.command_id;
    let answer = node.organizations.submit(owned.id, rejected).await;
    assert!(matches!(answer, Err(DeskError::Rejected(_))), "{answer:?}");
    let founded = OrganizationSubmission { command: world.founding(owned.id)?.into(), ..key(&world) };
    let nothing = node.organizations.submit(owned.id, founded).await?;
    assert_eq!((nothing.events.len(), nothing.position), (0, head));
    assert_eq!((world.count("identity.secrets").await?, world.count("vault.entries").await?), (0, 0));
    // Its key is decided anew.
    let anew = OrganizationSubmission { command_id: id, ..key(&world) };
    assert!(!node.organizations.submit(owned.id, anew).await?.repeated);
    assert_eq!(node.log.head().await?, head + 1);
    Ok(())
}

#[tokio::test]
async fn a_rejection_of_a_node_that_is_behind_is_decided_again() -> Result<()> {
    let world = World::new().await?;
    let (one, two) = (world.node().await?, world.node().await?);
    let owned = world.owned(&one).await?;
    // The second node has read that there is one owner, and hears of no other.
    two.organizations.find(owned.id).await?;
    world.ask(&one, owned.id, world.adding(domain::ids::MemberId(world.ids.next()), Role::Owner)).await?;
    world.ask(&two, owned.id, RemoveMember { member: owned.owner }).await?;
    Ok(())
}
