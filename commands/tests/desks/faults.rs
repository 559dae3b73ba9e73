//! Faults: a backend that dies, a mailbox that is full, data that the log refuses, a node that stops.

use std::time::Duration;

use anyhow::Result;
use commands::desk::{DeskError, Outcome, Submission};
use event_store::{Ids, VaultEntry, VaultKind};
use futures::{StreamExt, future::join_all, stream::FuturesUnordered};

use crate::world::{Hall, Node, Sold, World};

async fn sell_by_key(node: &Node, sold: Sold, sale: Submission) -> Outcome {
    loop {
        match node.desks.submit(sold.show, sale.clone()).await {
            Ok(outcome) => return outcome,
            Err(DeskError::Unavailable | DeskError::Overloaded) => tokio::task::yield_now().await,
            Err(error) => panic!("a sale was answered with {error:?}"),
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn recorders_that_are_killed_lose_no_answered_sale_and_repeat_none() -> Result<()> {
    let world = World::new().await?;
    let (one, two) = (world.node().await?, world.node().await?);
    let sold = world.show(&one, Hall::Standing(10_000)).await?;
    let selling = async {
        let mut sold_tickets = 0;
        for round in 0..30 {
            let node = [&one, &two][round % 2];
            let sales = (0..20).map(|_| world.submission(sold.sale(1))).collect::<Vec<_>>();
            let outcomes = join_all(sales.iter().map(|sale| sell_by_key(node, sold, sale.clone()))).await;
            let again = join_all(sales.iter().map(|sale| sell_by_key(&two, sold, sale.clone()))).await;
            for (outcome, again) in outcomes.iter().zip(&again) {
                assert_eq!((&outcome.events, outcome.position), (&again.events, again.position));
            }
            sold_tickets += outcomes.len();
        }
        anyhow::Ok(sold_tickets)
    };
    let killing = async {
        loop {
            if let Err(error) = world.kill_recorders().await {
                return error;
            }
            let head = one.log.head().await.unwrap_or(0);
            if let Err(error) = one.log.wait_beyond(head + 150).await {
                return error.into();
            }
        }
    };
    let sold_tickets = tokio::select! {
        sold_tickets = selling => sold_tickets?,
        error = killing => return Err(error),
    };
    assert_eq!(one.tickets(sold.show).await?, sold_tickets);
    Ok(())
}

#[tokio::test]
async fn a_sale_whose_backend_dies_is_open_and_its_repeat_sells_once() -> Result<()> {
    let world = World::new().await?;
    let node = world.node().await?;
    let sold = world.show(&node, Hall::Standing(10)).await?;
    let sales: Vec<_> = (0..5).map(|_| world.submission(sold.sale(1))).collect();
    let lock = world.lock_the_log().await?;
    let asking = join_all(sales.iter().map(|sale| node.desks.submit(sold.show, sale.clone())));
    let killing = async {
        world.a_recorder_waits().await?;
        world.kill_recorders().await
    };
    let (answers, killed) = tokio::join!(asking, killing);
    killed?;
    drop(lock);
    for answer in &answers {
        assert!(matches!(answer, Err(DeskError::Unavailable)), "{answer:?}");
    }
    for sale in sales {
        sell_by_key(&node, sold, sale).await;
    }
    assert_eq!(node.tickets(sold.show).await?, 5);
    Ok(())
}

#[tokio::test]
async fn a_full_mailbox_turns_away_and_everybody_else_is_served() -> Result<()> {
    let world = World::new().await?;
    let node = world.node().await?;
    let sold = world.show(&node, Hall::Standing(100_000)).await?;
    let mut lock = Some(world.lock_the_log().await?);
    let mut asking: FuturesUnordered<_> =
        (0..4_000).map(|_| node.desks.submit(sold.show, world.submission(sold.sale(1)))).collect();
    let (mut bought, mut turned_away) = (0, 0);
    while let Some(answer) = asking.next().await {
        match answer {
            Ok(_) => bought += 1,
            Err(DeskError::Overloaded) => {
                turned_away += 1;
                lock = None;
            }
            Err(error) => anyhow::bail!("{error:?}"),
        }
    }
    assert!(lock.is_none() && turned_away > 0 && bought >= 512, "{bought} bought, {turned_away} turned away");
    world.ask(&node, sold.show, sold.sale(1)).await?;
    assert_eq!(node.tickets(sold.show).await?, bought + 1);
    Ok(())
}

#[tokio::test]
async fn data_that_the_log_refuses_takes_no_other_sale_with_it() -> Result<()> {
    let world = World::new().await?;
    let node = world.node().await?;
    let sold = world.show(&node, Hall::Standing(10)).await?;
    let mut bad = world.submission(sold.sale(1));
    bad.vault.push(VaultEntry {
        id: world.ids.next(),
        kind: VaultKind::Person,
        person: None,
        show: None,
        purpose: "customer".to_owned(),
        fields: serde_json::json!({ "name": "NUL \u{0}" }),
    });
    let sales = [world.submission(sold.sale(1)), bad, world.submission(sold.sale(1))];
    let answers = join_all(sales.iter().map(|sale| node.desks.submit(sold.show, sale.clone()))).await;
    let fine: Vec<_> = answers.iter().map(Result::is_ok).collect();
    assert_eq!(fine, [true, false, true]);
    assert_eq!(node.tickets(sold.show).await?, 2);
    Ok(())
}

#[tokio::test]
async fn a_node_that_stops_finishes_what_it_took_and_does_not_keep_anybody_waiting() -> Result<()> {
    let world = World::new().await?;
    let node = world.node().await?;
    let sold = world.show(&node, Hall::Standing(100)).await?;
    let asking = join_all((0..50).map(|_| node.desks.submit(sold.show, world.submission(sold.sale(1)))));
    let stopping = async { tokio::time::timeout(Duration::from_secs(10), node.desks.stop()).await };
    let (answers, stopped) = tokio::join!(asking, stopping);
    assert!(stopped.is_ok(), "a desk was still there after ten seconds");
    assert!(answers.iter().all(Result::is_ok));
    assert_eq!(node.tickets(sold.show).await?, 50);
    Ok(())
}
