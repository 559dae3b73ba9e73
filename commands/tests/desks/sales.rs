//! Selling what there is, and no more.

use anyhow::Result;
use commands::{
    Code,
    change_hold::ChangeHold,
    desk::{DeskError, Outcome},
    hold_places::HoldPlaces,
    void_ticket::VoidTicket,
};
use domain::ShowEvent;
use futures::future::join_all;

use crate::world::{Hall, Node, Sold, World, rule, ticket_of};

/// All at once, at these nodes in turn; what they were answered.
async fn buyers(world: &World, nodes: &[&Node], sold: Sold, count: usize) -> Vec<Result<Outcome, DeskError>> {
    let buying = (0..count).map(|buyer| {
        let desks = nodes[buyer % nodes.len()].desks.clone();
        let submission = world.submission(sold.sale(1));
        tokio::spawn(async move { desks.submit(sold.show, submission).await })
    });
    join_all(buying).await.into_iter().map(|answer| answer.expect("no buyer panics")).collect()
}

async fn exactly_a_hundred_are_sold(world: &World, nodes: &[&Node], hall: Hall) -> Result<()> {
    let sold = world.show(nodes[0], hall).await?;
    let answers = buyers(world, nodes, sold, 400).await;
    let bought = answers.iter().filter(|answer| answer.is_ok()).count();
    let told = answers.iter().filter(|answer| rule(answer) == Some(Code::SoldOut)).count();
    assert_eq!((bought, told), (100, 300));
    assert_eq!(nodes[0].tickets(sold.show).await?, 100);
    Ok(())
}

#[tokio::test]
async fn a_sale_is_answered_with_what_stands_in_the_log_at_its_position() -> Result<()> {
    let world = World::new().await?;
    let node = world.node().await?;
    let sold = world.show(&node, Hall::Seats { rows: 2, per_row: 5 }).await?;
    let outcome = world.ask(&node, sold.show, sold.sale(2)).await?;
    let names: Vec<_> = outcome.events.iter().map(ShowEvent::event_type).collect();
    assert_eq!(names, ["OrderPlaced", "PaymentRecorded", "TicketIssued", "TicketIssued"]);
    let recorded = node.recorded(sold.show).await?;
    let last = recorded.last().expect("something was recorded");
    assert_eq!((outcome.position, outcome.repeated), (last.position, false));
    let history = node.history(sold.show).await?;
    assert_eq!(history[history.len() - 4..], outcome.events);
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn four_hundred_buyers_of_a_hundred_places_at_one_desk() -> Result<()> {
    let world = World::new().await?;
    let node = world.node().await?;
    exactly_a_hundred_are_sold(&world, &[&node], Hall::Seats { rows: 10, per_row: 10 }).await?;
    exactly_a_hundred_are_sold(&world, &[&node], Hall::Standing(100)).await?;
    exactly_a_hundred_are_sold(&world, &[&node], Hall::Pool(100)).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn four_hundred_buyers_of_a_hundred_places_at_two_nodes() -> Result<()> {
    let world = World::new().await?;
    let (one, two) = (world.node().await?, world.node().await?);
    exactly_a_hundred_are_sold(&world, &[&one, &two], Hall::Seats { rows: 10, per_row: 10 }).await?;
    exactly_a_hundred_are_sold(&world, &[&one, &two], Hall::Standing(100)).await?;
    exactly_a_hundred_are_sold(&world, &[&one, &two], Hall::Pool(100)).await
}

#[tokio::test]
async fn a_node_that_is_behind_neither_rejects_nor_sells_what_another_changed() -> Result<()> {
    let world = World::new().await?;
    let (one, two) = (world.node().await?, world.node().await?);
    let sold = world.show(&one, Hall::Seats { rows: 1, per_row: 1 }).await?;
    let mut ticket = ticket_of(&world.ask(&one, sold.show, sold.sale(1)).await?)?;
    for round in 0..4 {
        let (seller, other) = if round % 2 == 0 { (&one, &two) } else { (&two, &one) };
        let answer = other.desks.submit(sold.show, world.submission(sold.sale(1))).await;
        assert_eq!(rule(&answer), Some(Code::SoldOut));
        let void = VoidTicket { ticket, reason: None, keep_place: false, holder_has_left: false };
        world.ask(seller, sold.show, void).await?;
        ticket = ticket_of(&world.ask(other, sold.show, sold.sale(1)).await?)?;
        let answer = seller.desks.submit(sold.show, world.submission(sold.sale(1))).await;
        assert_eq!(rule(&answer), Some(Code::SoldOut));
    }
    Ok(())
}

#[tokio::test]
async fn a_rejected_command_leaves_no_trace_and_is_decided_anew_by_the_same_key() -> Result<()> {
    let world = World::new().await?;
    let node = world.node().await?;
    let sold = world.show(&node, Hall::Seats { rows: 1, per_row: 2 }).await?;
    let first = world.ask(&node, sold.show, sold.sale(1)).await?;
    let head = node.log.head().await?;
    let both = world.submission(sold.sale(2));
    let answer = node.desks.submit(sold.show, both.clone()).await;
    assert_eq!(rule(&answer), Some(Code::SoldOut));
    assert_eq!(node.log.head().await?, head);
    let void = VoidTicket { ticket: ticket_of(&first)?, reason: None, keep_place: false, holder_has_left: false };
    world.ask(&node, sold.show, void).await?;
    let bought = node.desks.submit(sold.show, both).await?;
    assert!(!bought.repeated);
    assert_eq!(bought.events.len(), 4);
    Ok(())
}

#[tokio::test]
async fn what_changes_nothing_is_answered_with_the_position_of_the_stream() -> Result<()> {
    let world = World::new().await?;
    let node = world.node().await?;
    let sold = world.show(&node, Hall::Standing(10)).await?;
    let held = world.ask(&node, sold.show, HoldPlaces { items: vec![sold.best(1)] }).await?;
    let [ShowEvent::HoldPlaced(hold)] = &held.events[..] else { anyhow::bail!("nothing was held") };
    let nothing = ChangeHold { hold: hold.hold, add: Vec::new(), remove: Vec::new() };
    let outcome = world.ask(&node, sold.show, nothing).await?;
    assert_eq!((outcome.events.len(), outcome.position), (0, held.position));
    Ok(())
}

#[tokio::test]
async fn another_organizations_show_is_not_there() -> Result<()> {
    let world = World::new().await?;
    let node = world.node().await?;
    let sold = world.show(&node, Hall::Standing(10)).await?;
    let mut foreign = world.submission(sold.sale(1));
    foreign.organization = Some(event_store::Ids::next(&*world.ids));
    let answer = node.desks.submit(sold.show, foreign).await;
    assert!(matches!(answer, Err(DeskError::Rejected(commands::Rejection::NotFound))), "{answer:?}");
    assert_eq!(node.tickets(sold.show).await?, 0);
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_show_of_twenty_thousand_seats_is_sold_through() -> Result<()> {
    let world = World::new().await?;
    let node = world.node().await?;
    let sold = world.show(&node, Hall::Seats { rows: 200, per_row: 100 }).await?;
    let sales = (0..200).map(|_| node.desks.submit(sold.show, world.submission(sold.sale(100))));
    for answer in join_all(sales).await {
        answer?;
    }
    let one_more = node.desks.submit(sold.show, world.submission(sold.sale(1))).await;
    assert_eq!(rule(&one_more), Some(Code::SoldOut));
    assert_eq!(node.tickets(sold.show).await?, 20_000);
    Ok(())
}
