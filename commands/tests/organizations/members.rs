//! Who belongs to an organization, decided on two nodes at once.

use std::time::Duration;

use anyhow::Result;
use commands::{
    Code, Rejection,
    desk::DeskError,
    organization::{
        change_member_role::ChangeMemberRole, join_organization::JoinOrganization, remove_member::RemoveMember,
    },
    organization_desk::OrganizationSubmission,
};
use domain::{
    ids::{AccountId, MemberId, OrganizationId},
    organization::Role,
};
use event_store::Ids;
use futures::future::join_all;

use crate::world::{World, rule};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_last_owners_who_go_at_once_one_stays() -> Result<()> {
    let world = World::new().await?;
    let (one, two) = (world.node().await?, world.node().await?);
    for round in 0..10 {
        let owned = world.owned(&one).await?;
        let other = MemberId(world.ids.next());
        world.ask(&two, owned.id, world.adding(other, Role::Owner)).await?;
        let remove = world.submission(RemoveMember { member: owned.owner });
        let demote = world.submission(ChangeMemberRole { member: other, role: Role::Seller });
        let answers =
            tokio::join!(one.organizations.submit(owned.id, remove), two.organizations.submit(owned.id, demote));
        let rules = [rule(&answers.0), rule(&answers.1)];
        assert!(answers.0.is_ok() != answers.1.is_ok(), "round {round}: {rules:?}");
        assert!(rules.contains(&Some(Code::LastOwner)), "round {round}: {rules:?}");
        let folded = one.folded(owned.id).await?;
        assert_eq!(folded.members().filter(|member| member.is_owner()).count(), 1);
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn invitations_and_roles_from_two_nodes_at_once_all_take_effect() -> Result<()> {
    let world = World::new().await?;
    let (one, two) = (world.node().await?, world.node().await?);
    let owned = world.owned(&one).await?;
    let members: Vec<_> = (0..8).map(|_| MemberId(world.ids.next())).collect();
    for member in &members {
        world.ask(&one, owned.id, world.adding(*member, Role::Seller)).await?;
    }
    let asked = members.iter().enumerate().flat_map(|(number, member)| {
        let change = world.submission(ChangeMemberRole { member: *member, role: Role::Auditor });
        let invite = world.submission(world.inviting(Role::Door));
        let node = [&one, &two][number % 2];
        [change, invite].map(|submission| node.organizations.submit(owned.id, submission))
    });
    for answer in join_all(asked).await {
        assert_eq!(answer?.events.len(), 1);
    }
    let folded = two.folded(owned.id).await?;
    let with = |role| folded.members().filter(|member| member.role == role).count();
    assert_eq!((with(Role::Owner), with(Role::Auditor), with(Role::Door)), (1, 8, 8));
    // What a node answers, it knows.
    for node in [&one, &two] {
        let answer = world.ask(node, owned.id, RemoveMember { member: members[0] }).await?;
        assert_eq!(*answer.organization, node.folded(owned.id).await?);
        assert_eq!(node.organizations.find(owned.id).await?, Some(answer.organization));
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_invitation_that_many_accept_at_once_is_accepted_once() -> Result<()> {
    let world = World::new().await?;
    let (one, two) = (world.node().await?, world.node().await?);
    let owned = world.owned(&one).await?;
    let invited = world.inviting(Role::Manager);
    world.ask(&one, owned.id, invited.clone()).await?;
    let asked = (0..10).map(|number| {
        let join = JoinOrganization { invitation: invited.invitation, account: AccountId(world.ids.next()) };
        let submission = OrganizationSubmission { role: None, ..world.submission(join) };
        [&one, &two][number % 2].organizations.submit(owned.id, submission)
    });
    let answers = join_all(asked).await;
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1);
    assert_eq!(answers.iter().filter(|answer| rule(answer) == Some(Code::InvitationUsed)).count(), 9);
    assert_eq!(one.recorded(owned.id).await?.len(), 4);
    Ok(())
}

#[tokio::test]
async fn what_another_node_recorded_is_found_a_moment_later() -> Result<()> {
    let world = World::new().await?;
    let (one, two) = (world.node().await?, world.node().await?);
    let owned = world.owned(&one).await?;
    assert!(two.organizations.find(owned.id).await?.is_some());
    let invited = world.inviting(Role::Seller);
    world.ask(&one, owned.id, invited.clone()).await?;
    let seen = async {
        loop {
            let found = two.organizations.find(owned.id).await?;
            if found.is_some_and(|organization| organization.member(invited.member).is_some()) {
                return anyhow::Ok(());
            }
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(5), seen).await?
}

#[tokio::test]
async fn an_organization_that_was_not_founded_is_none() -> Result<()> {
    let world = World::new().await?;
    let node = world.node().await?;
    let nobody = OrganizationId(world.ids.next());
    assert_eq!(node.organizations.find(nobody).await?, None);
    let answer = node.organizations.submit(nobody, world.submission(world.inviting(Role::Seller))).await;
    assert!(matches!(answer, Err(DeskError::Rejected(Rejection::NotFound))), "{answer:?}");
    world.ask(&node, nobody, world.founding(nobody)?).await?;
    assert!(node.organizations.find(nobody).await?.is_some());
    Ok(())
}
