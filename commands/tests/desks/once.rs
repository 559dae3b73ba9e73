//! What is sent twice happens once, and has one answer.

use anyhow::Result;
use commands::{
    check_in::{CheckIn, Offline, Shown},
    desk::{DeskError, Outcome, Submission},
    undo_check_in::UndoCheckIn,
};
use domain::{
    ShowEvent,
    door::Direction,
    events::Verdict,
    ids::{ScanId, TicketId},
};
use event_store::Ids;
use futures::future::join_all;

use crate::world::{Hall, World, ticket_of};

fn same_answer(one: &Outcome, other: &Outcome) {
    assert_eq!((&one.events, one.position), (&other.events, other.position));
}

fn scan(ticket: TicketId, world: &World, offline: Option<Verdict>) -> Submission {
    let id = world.ids.next();
    let check_in = CheckIn {
        scan: ScanId(id),
        shown: Shown::Ticket(ticket),
        direction: Direction::In,
        gate: None,
        area: None,
        persons: None,
        device: None,
        scanned_at: None,
        override_reason: None,
        offline: offline.map(|verdict| Offline { verdict, list_position: 1, sequence: 1 }),
    };
    Submission { command_id: id, request_hmac: None, ..world.submission(check_in) }
}

/// The same scan, of which the device now says something else.
fn again(first: &Submission, verdict: Verdict) -> Submission {
    let commands::ShowCommand::CheckIn(check_in) = &first.command else { unreachable!("a scan is a check-in") };
    let offline = Some(Offline { verdict, list_position: 1, sequence: 1 });
    Submission { command: CheckIn { offline, ..(**check_in).clone() }.into(), ..first.clone() }
}

#[tokio::test]
async fn a_repeat_has_the_first_answer_at_every_node_and_after_a_restart() -> Result<()> {
    let world = World::new().await?;
    let (node, other) = (world.node().await?, world.node().await?);
    let sold = world.show(&node, Hall::Seats { rows: 2, per_row: 5 }).await?;
    let sale = world.submission(sold.sale(2));
    let first = node.desks.submit(sold.show, sale.clone()).await?;
    // The stream goes on; the answer does not.
    world.ask(&node, sold.show, sold.sale(1)).await?;
    let head = node.log.head().await?;
    let repeated = node.desks.submit(sold.show, sale.clone()).await?;
    assert!(repeated.repeated && !first.repeated);
    same_answer(&first, &repeated);
    same_answer(&first, &other.desks.submit(sold.show, sale.clone()).await?);
    node.desks.stop().await;
    let restarted = world.node().await?;
    same_answer(&first, &restarted.desks.submit(sold.show, sale).await?);
    assert_eq!((restarted.log.head().await?, restarted.tickets(sold.show).await?), (head, 3));
    Ok(())
}

#[tokio::test]
async fn repeats_that_come_together_have_the_first_answer_each() -> Result<()> {
    let world = World::new().await?;
    let node = world.node().await?;
    let sold = world.show(&node, Hall::Standing(10)).await?;
    let sale = world.submission(sold.sale(2));
    let first = node.desks.submit(sold.show, sale.clone()).await?;
    for repeated in join_all((0..3).map(|_| node.desks.submit(sold.show, sale.clone()))).await {
        same_answer(&first, &repeated?);
    }
    Ok(())
}

#[tokio::test]
async fn a_show_is_planned_once_by_one_key() -> Result<()> {
    let world = World::new().await?;
    let (node, other) = (world.node().await?, world.node().await?);
    let sold = world.show(&node, Hall::Standing(10)).await?;
    let first = &node.recorded(sold.show).await?[0];
    let history = node.history(sold.show).await?;
    let mut plan = world.submission(world.schedule(sold.show)?);
    plan.command_id = first.metadata.command;
    let again = other.desks.submit(sold.show, plan).await?;
    assert_eq!((&again.events[..], again.position, again.repeated), (&history[..1], first.position, true));
    Ok(())
}

#[tokio::test]
async fn a_key_that_was_used_for_another_request_is_refused_and_changes_nothing() -> Result<()> {
    let world = World::new().await?;
    let (node, other) = (world.node().await?, world.node().await?);
    let sold = world.show(&node, Hall::Standing(10)).await?;
    let sale = world.submission(sold.sale(1));
    node.desks.submit(sold.show, sale.clone()).await?;
    for desks in [&node.desks, &other.desks] {
        let reused = Submission { request_hmac: Some([2; 32]), ..sale.clone() };
        let answer = desks.submit(sold.show, reused).await;
        assert!(matches!(answer, Err(DeskError::KeyReused)), "{answer:?}");
    }
    assert_eq!(node.tickets(sold.show).await?, 1);
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_key_sent_a_hundred_times_at_once_to_two_nodes_sells_once() -> Result<()> {
    let world = World::new().await?;
    let (one, two) = (world.node().await?, world.node().await?);
    let sold = world.show(&one, Hall::Seats { rows: 10, per_row: 10 }).await?;
    let sale = world.submission(sold.sale(1));
    let asking = (0..100).map(|number| {
        let (desks, sale) = ([&one, &two][number % 2].desks.clone(), sale.clone());
        tokio::spawn(async move { desks.submit(sold.show, sale).await })
    });
    let mut answers = Vec::new();
    for answer in join_all(asking).await {
        answers.push(answer??);
    }
    assert_eq!(answers.iter().filter(|answer| !answer.repeated).count(), 1);
    answers.iter().for_each(|answer| same_answer(&answers[0], answer));
    assert_eq!(one.tickets(sold.show).await?, 1);
    Ok(())
}

#[tokio::test]
async fn a_scan_sent_again_has_its_first_fact_whatever_happened_since() -> Result<()> {
    let world = World::new().await?;
    let (node, other) = (world.node().await?, world.node().await?);
    let sold = world.show(&node, Hall::Standing(10)).await?;
    let ticket = ticket_of(&world.ask(&node, sold.show, sold.sale(1)).await?)?;
    let admitted = scan(ticket, &world, None);
    let first = node.desks.submit(sold.show, admitted.clone()).await?;
    assert!(matches!(&first.events[..], [ShowEvent::CheckedIn(_)]));
    let refused = scan(ticket, &world, None);
    let second = node.desks.submit(sold.show, refused.clone()).await?;
    assert!(matches!(&second.events[..], [ShowEvent::CheckInRefused(_)]));
    let repeated = other.desks.submit(sold.show, admitted.clone()).await?;
    same_answer(&first, &repeated);
    assert!(!repeated.undone);
    let undo = UndoCheckIn { scan: ScanId(admitted.command_id), reason: None };
    world.ask(&node, sold.show, undo).await?;
    let head = node.log.head().await?;
    for desks in [&node.desks, &other.desks] {
        let repeated = desks.submit(sold.show, admitted.clone()).await?;
        same_answer(&first, &repeated);
        assert!(repeated.undone);
        // By now it would be admitted; but it was refused.
        same_answer(&second, &desks.submit(sold.show, refused.clone()).await?);
    }
    assert_eq!(node.log.head().await?, head);
    Ok(())
}

#[tokio::test]
async fn a_device_that_says_otherwise_of_a_scan_is_recorded_once() -> Result<()> {
    let world = World::new().await?;
    let (node, other) = (world.node().await?, world.node().await?);
    let sold = world.show(&node, Hall::Standing(10)).await?;
    let ticket = ticket_of(&world.ask(&node, sold.show, sold.sale(1)).await?)?;
    let first = scan(ticket, &world, None);
    node.desks.submit(sold.show, first.clone()).await?;
    let refused_there = again(&first, Verdict::Refused(None));
    let at_once = (0..10).map(|number| [&node, &other][number % 2].desks.submit(sold.show, refused_there.clone()));
    for answer in join_all(at_once).await {
        let answer = answer?;
        assert!(answer.repeated && matches!(answer.events[0], ShowEvent::CheckedIn(_)));
    }
    let history = node.history(sold.show).await?;
    let conflicts = history.iter().filter(|event| matches!(event, ShowEvent::AdmissionConflictFound(_)));
    assert_eq!(conflicts.count(), 1);
    let admissions = history.iter().filter(|event| matches!(event, ShowEvent::CheckedIn(_)));
    assert_eq!(admissions.count(), 1);
    Ok(())
}

#[tokio::test]
async fn an_offline_scan_that_the_server_sees_otherwise_is_one_admission_and_one_conflict() -> Result<()> {
    let world = World::new().await?;
    let node = world.node().await?;
    let sold = world.show(&node, Hall::Standing(10)).await?;
    let ticket = ticket_of(&world.ask(&node, sold.show, sold.sale(1)).await?)?;
    node.desks.submit(sold.show, scan(ticket, &world, None)).await?;
    let offline = scan(ticket, &world, Some(Verdict::Admitted));
    let first = node.desks.submit(sold.show, offline.clone()).await?;
    assert!(matches!(&first.events[..], [ShowEvent::CheckedIn(_), ShowEvent::AdmissionConflictFound(_)]));
    let head = node.log.head().await?;
    same_answer(&first, &node.desks.submit(sold.show, offline.clone()).await?);
    same_answer(&first, &node.desks.submit(sold.show, again(&offline, Verdict::Refused(None))).await?);
    assert_eq!(node.log.head().await?, head);
    Ok(())
}

#[tokio::test]
async fn a_caller_who_goes_away_does_not_take_the_sale_back() -> Result<()> {
    let world = World::new().await?;
    let node = world.node().await?;
    let sold = world.show(&node, Hall::Standing(10)).await?;
    let head = node.log.head().await?;
    let sale = world.submission(sold.sale(1));
    let mut asked = Box::pin(node.desks.submit(sold.show, sale.clone()));
    assert!(futures::poll!(&mut asked).is_pending());
    drop(asked);
    node.log.wait_beyond(head).await?;
    let answer = node.desks.submit(sold.show, sale).await?;
    assert!(answer.repeated);
    assert_eq!(node.tickets(sold.show).await?, 1);
    Ok(())
}
