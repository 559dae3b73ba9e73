//! Faults: a backend that dies, data that the log refuses.

use anyhow::Result;
use commands::{desk::DeskError, organization_desk::OrganizationSubmission};
use domain::organization::Role;
use event_store::Secret;

use crate::world::{Node, Owned, World};

async fn until_answered(node: &Node, owned: Owned, submission: &OrganizationSubmission) -> Result<usize> {
    loop {
        match node.organizations.submit(owned.id, submission.clone()).await {
            Ok(outcome) => return Ok(outcome.events.len()),
            Err(DeskError::Unavailable | DeskError::Overloaded) => tokio::task::yield_now().await,
            Err(error) => return Err(error.into()),
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn recorders_that_are_killed_lose_nothing_and_repeat_nothing() -> Result<()> {
    let world = World::new().await?;
    let (one, two) = (world.node().await?, world.node().await?);
    let owned = world.owned(&one).await?;
    let inviting = async {
        for round in 0..60 {
            let submission = world.submission(world.inviting(Role::Seller));
            for node in [[&one, &two][round % 2], &one] {
                assert_eq!(until_answered(node, owned, &submission).await?, 1);
            }
        }
        anyhow::Ok(())
    };
    let killing = async {
        loop {
            if let Err(error) = world.kill_recorders().await {
                return error;
            }
            let head = one.log.head().await.unwrap_or(0);
            if let Err(error) = one.log.wait_beyond(head + 7).await {
                return error.into();
            }
        }
    };
    tokio::select! {
        done = inviting => done?,
        error = killing => return Err(error),
    }
    assert_eq!(one.folded(owned.id).await?.members().count(), 61);
    assert_eq!(one.recorded(owned.id).await?.len(), 62);
    Ok(())
}

#[tokio::test]
async fn a_token_that_the_database_refuses_takes_its_event_with_it() -> Result<()> {
    let world = World::new().await?;
    let node = world.node().await?;
    let owned = world.owned(&node).await?;
    let with_hash = |hash: u8| {
        let invite = world.inviting(Role::Seller);
        let secret = Secret { id: invite.invitation.0, hash: [hash; 32] };
        OrganizationSubmission { secrets: vec![secret], ..world.submission(invite) }
    };
    node.organizations.submit(owned.id, with_hash(1)).await?;
    let again = node.organizations.submit(owned.id, with_hash(1)).await;
    assert!(matches!(again, Err(DeskError::Unreadable(_))), "{again:?}");
    node.organizations.submit(owned.id, with_hash(2)).await?;
    assert_eq!(node.folded(owned.id).await?.members().count(), 3);
    assert_eq!(world.count("identity.secrets").await?, 2);
    let found = node.organizations.find(owned.id).await?;
    assert_eq!(found.as_deref(), Some(&node.folded(owned.id).await?));
    Ok(())
}
