//! What is past its end is ended in the log, before anything else happens with its places.

use anyhow::{Result, bail};
use chrono::TimeDelta;
use commands::{Code, hold_places::HoldPlaces, place_order::PlaceOrder};
use domain::{ShowEvent, events::Terms, ids::HoldId};

use crate::world::{Hall, Node, Sold, World, rule};

async fn hold(world: &World, node: &Node, sold: Sold) -> Result<(HoldId, i64)> {
    let held = world.ask(node, sold.show, HoldPlaces { items: vec![sold.best(1)] }).await?;
    let [ShowEvent::HoldPlaced(hold)] = &held.events[..] else { bail!("nothing was held") };
    Ok((hold.hold, held.position))
}

async fn names_after(node: &Node, sold: Sold, position: i64) -> Result<Vec<String>> {
    let recorded = node.recorded(sold.show).await?;
    Ok(recorded.into_iter().filter(|event| event.position > position).map(|event| event.event_type).collect())
}

#[tokio::test]
async fn a_holds_end_stands_before_the_sale_that_takes_its_place() -> Result<()> {
    let world = World::new().await?;
    let node = world.node().await?;
    let sold = world.show(&node, Hall::Seats { rows: 1, per_row: 1 }).await?;
    let (hold, held) = hold(&world, &node, sold).await?;
    let answer = node.desks.submit(sold.show, world.submission(sold.sale(1))).await;
    assert_eq!(rule(&answer), Some(Code::SoldOut));
    world.clock.advance(TimeDelta::seconds(700));
    let bought = world.ask(&node, sold.show, sold.sale(1)).await?;
    let expected = ["HoldExpired", "OrderPlaced", "PaymentRecorded", "TicketIssued"];
    assert_eq!(names_after(&node, sold, held).await?, expected);
    assert_eq!(bought.position, held + 4);
    assert!(bought.events.iter().all(|event| !matches!(event, ShowEvent::HoldExpired(_))));
    let late = PlaceOrder { hold, customer: None, holders: Vec::new(), terms: Terms::PayFirst };
    let late = node.desks.submit(sold.show, world.submission(late)).await;
    assert_eq!(rule(&late), Some(Code::HoldExpired));
    Ok(())
}

#[tokio::test]
async fn an_orders_end_stands_before_the_rejection_that_it_leads_to() -> Result<()> {
    let world = World::new().await?;
    let node = world.node().await?;
    let sold = world.show(&node, Hall::Seats { rows: 1, per_row: 1 }).await?;
    let (hold, _) = hold(&world, &node, sold).await?;
    let order = PlaceOrder { hold, customer: None, holders: Vec::new(), terms: Terms::PayFirst };
    let ordered = world.ask(&node, sold.show, order).await?;
    world.clock.advance(TimeDelta::seconds(6_100));
    // Two are never free; but what is past its end is ended all the same, and the rejection is true.
    let answer = node.desks.submit(sold.show, world.submission(sold.sale(2))).await;
    assert_eq!(rule(&answer), Some(Code::SoldOut));
    assert_eq!(names_after(&node, sold, ordered.position).await?, ["OrderExpired"]);
    world.ask(&node, sold.show, sold.sale(1)).await?;
    assert_eq!(node.tickets(sold.show).await?, 1);
    Ok(())
}

#[tokio::test]
async fn a_desk_that_is_woken_ends_what_is_due_once_on_two_nodes() -> Result<()> {
    let world = World::new().await?;
    let (node, other) = (world.node().await?, world.node().await?);
    let sold = world.show(&node, Hall::Standing(10)).await?;
    let (_, held) = hold(&world, &node, sold).await?;
    world.clock.advance(TimeDelta::seconds(700));
    for desks in [&node.desks, &other.desks, &node.desks] {
        desks.wake(sold.show)?;
    }
    node.log.wait_beyond(held).await?;
    // Whatever the two made of it is through when both have answered something.
    for node in [&node, &other] {
        world.ask(node, sold.show, sold.sale(1)).await?;
    }
    let names = names_after(&node, sold, held).await?;
    assert_eq!(names.iter().filter(|name| *name == "HoldExpired").count(), 1);
    assert_eq!(names[0], "HoldExpired");
    Ok(())
}
