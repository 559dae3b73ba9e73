//! What is asked is answered, with the position that the read model had.

use std::time::Duration;

use anyhow::Result;
use chrono::TimeDelta;
use domain::{ShowEvent, events::TicketIssued};
use event_store::{VaultEntry, VaultKind};
use projections::{
    Audience, Queries, WaitError,
    history::{HistoryFilter, Language, Reading},
    queries::{Mine, OrdersFilter, Page},
    views::{Level, SeatState},
};
use serde_json::json;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::{
    story::Story,
    world::{World, catch_up, noon, options},
};

/// Who may see everything.
const UNMASKED: Reading = Reading { language: Language::En, unmask: true, staff: true, names: true };

const ORGANIZATION: Uuid = Uuid::from_u128(0xA);

/// A story in which at least so many tickets are valid, and its first ticket with a seat and a holder.
fn sold(seed: u64) -> (Story, TicketIssued) {
    let mut story = Story::begin(seed);
    loop {
        story.hold();
        story.order();
        story.payment();
        let found = story.events.iter().find_map(|event| match event {
            ShowEvent::TicketIssued(issued) if issued.holder.is_some() && issued.places[0].seat.is_some() => {
                Some(issued)
            }
            _ => None,
        });
        if let Some(issued) = found.cloned() {
            return (story, issued);
        }
    }
}

fn person(id: Uuid, name: &str, email: &str) -> VaultEntry {
    VaultEntry {
        id,
        kind: VaultKind::Person,
        person: None,
        show: None,
        purpose: "customer".to_owned(),
        fields: json!({"name": name, "email": email, "phone": null, "locale": "de"}),
    }
}

async fn projected(world: &World, story: &Story, people: Vec<VaultEntry>) -> Result<(Queries, i64)> {
    world.record_with(ORGANIZATION, story.show.0, &story.events, people).await?;
    let mut projector = world.projector(options(1_000, 10));
    let head = catch_up(&mut projector).await?;
    Ok((world.queries(&projector), head))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn orders_and_tickets_are_found_by_what_people_know_of_them() -> Result<()> {
    let world = World::new().await?;
    let (story, issued) = sold(3);
    let order = story.show().order(issued.order).unwrap().clone();
    let holder = person(issued.holder.unwrap().0, "Ada Lovelace", "ada@example.org");
    let customer = person(order.customer.unwrap().0, "Grace Hopper", "grace@example.org");
    let (queries, head) = projected(&world, &story, vec![holder, customer]).await?;
    let show = story.show.0;

    let seat = issued.places[0].seat.as_ref().unwrap().to_string();
    for q in [&issued.short_code.to_string(), &seat, &order.reference, "lovelace", "GRACE@"] {
        let tickets = queries.tickets(ORGANIZATION, show, Some(q), &Page::default()).await?;
        assert!(tickets.body.items.iter().any(|ticket| ticket.id == issued.ticket.0), "{q} finds the ticket");
        let filter = OrdersFilter { q: Some(q.to_owned()), status: None };
        let orders = queries.orders(ORGANIZATION, show, &filter, &Page::default()).await?;
        assert!(orders.body.items.iter().any(|found| found.id == order.id.0), "{q} finds the order");
    }
    assert!(queries.tickets(ORGANIZATION, show, Some("100%"), &Page::default()).await?.body.items.is_empty());

    let answer = queries.order(ORGANIZATION, order.id.0).await?;
    assert_eq!(answer.position, head);
    let found = answer.body.unwrap();
    assert_eq!(found.order.customer.unwrap().name.as_deref(), Some("Grace Hopper"));
    assert_eq!(found.order.total.amount, order.total().0);
    assert_eq!(found.tickets.len(), order.tickets.len());
    let found = queries.ticket(ORGANIZATION, issued.ticket.0).await?.body.unwrap();
    assert_eq!(found.ticket.holder.as_deref(), Some("Ada Lovelace"));
    assert_eq!((found.token.issue, found.token.iat, found.token.kid.as_str()), (1, issued.iat, "abcdefgh"));
    let whose = queries.find_ticket(issued.ticket.0).await?.unwrap();
    assert_eq!((whose.show, whose.organization), (show, ORGANIZATION));
    assert_eq!(queries.find_order(order.id.0).await?.unwrap().show, show);
    assert!(queries.ticket(Uuid::from_u128(0xB), issued.ticket.0).await?.body.is_none(), "another organization's");

    let list = queries.door_list(ORGANIZATION, show, None).await?.body.unwrap();
    let listed = list.tickets.iter().find(|ticket| ticket.id == issued.ticket.0).unwrap();
    assert_eq!(listed.holder.as_deref(), Some("A. L."));
    assert!(list.whole && list.tickets.len() == story.show().tickets().count());
    assert!(queries.door_list(ORGANIZATION, show, Some(head)).await?.body.unwrap().tickets.is_empty());
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pages_of_a_list_have_every_item_once() -> Result<()> {
    let world = World::new().await?;
    let mut story = Story::begin(5);
    story.goes_on(200);
    let (queries, _) = projected(&world, &story, Vec::new()).await?;
    let mut page = Page { limit: 3, cursor: None };
    let mut seen = Vec::new();
    loop {
        let list = queries.orders(ORGANIZATION, story.show.0, &OrdersFilter::default(), &page).await?.body;
        seen.extend(list.items.iter().map(|order| order.id));
        page.cursor = list.next;
        if page.cursor.is_none() {
            break;
        }
    }
    let mut ids: Vec<_> = story.show().orders().map(|order| order.id.0).collect();
    ids.sort_unstable();
    ids.reverse();
    assert_eq!(seen, ids, "the latest first");
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_public_is_told_levels_and_staff_numbers() -> Result<()> {
    let world = World::new().await?;
    let (story, issued) = sold(3);
    let (queries, _) = projected(&world, &story, Vec::new()).await?;
    let show = story.show.0;
    let seat = issued.places[0].seat.as_ref().unwrap().to_string();

    let public = queries.availability(ORGANIZATION, show, noon(), Audience::Public).await?.body.unwrap();
    assert!(public.on_sale && public.status == "published");
    assert_eq!(public.sections[1].level, Level::Plenty);
    assert_eq!(public.ticket_types[0].available, None);
    let staff = queries.availability(ORGANIZATION, show, noon(), Audience::Staff).await?.body.unwrap();
    let floor = &staff.sections[1];
    assert_eq!(floor.capacity, Some(60));
    assert_eq!(floor.available.unwrap() + floor.held.unwrap() + floor.sold.unwrap() + floor.blocked.unwrap(), 60);
    let after = noon() + TimeDelta::days(30);
    let over = queries.availability(ORGANIZATION, show, after, Audience::Public).await?.body.unwrap();
    assert!(!over.on_sale, "the window ends when the show starts");

    let seats = queries.seats(ORGANIZATION, show, Some(Mine::Order(issued.order.0)), Audience::Staff).await?.body;
    assert_eq!(seats.seats.get(&seat), Some(&SeatState::Sold));
    assert!(seats.mine.contains(&seat));
    let seats = queries.seats(ORGANIZATION, show, None, Audience::Public).await?.body;
    assert!(seats.mine.is_empty() && seats.seats.values().all(|state| *state == SeatState::Taken));
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn changes_since_a_position_tell_also_what_became_free() -> Result<()> {
    let world = World::new().await?;
    let (mut story, issued) = sold(3);
    let (queries, head) = projected(&world, &story, Vec::new()).await?;
    let show = story.show.0;
    let changes = queries.changes(ORGANIZATION, show, head, noon(), Audience::Staff).await?;
    assert!(changes.body.is_empty() && changes.body.position == head);

    let from = story.events.len();
    while story.show().tickets().any(|ticket| !ticket.void) {
        story.void();
    }
    let head_then = world.record(ORGANIZATION, show, &story.events[from..]).await?;
    world.leases_end();
    catch_up(&mut world.projector(options(1_000, 10))).await?;
    let seat = issued.places[0].seat.as_ref().unwrap().to_string();
    let changes = queries.changes(ORGANIZATION, show, head, noon(), Audience::Staff).await?.body;
    assert_eq!((changes.position, changes.reset), (head_then, false));
    assert_eq!(changes.seats.get(&seat), Some(&None));
    assert_eq!(changes.attendance.unwrap().issued, 0);
    let public = queries.changes(ORGANIZATION, show, head, noon(), Audience::Public).await?.body;
    assert!(public.attendance.is_none() && public.availability.unwrap().sections[0].capacity.is_none());
    let reset = queries.changes(ORGANIZATION, show, 1, noon(), Audience::Public).await?.body;
    assert!(reset.reset && reset.seats.values().all(Option::is_some));
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reader_waits_for_a_position() -> Result<()> {
    let world = World::new().await?;
    let story = Story::begin(1);
    let projector = world.projector(options(1_000, 10));
    let queries = world.queries(&projector);
    let position = world.record(ORGANIZATION, story.show.0, &story.events).await?;
    let behind = queries.wait_for(position, None, Duration::from_millis(30)).await.unwrap_err();
    assert!(matches!(behind, WaitError::Behind { reached: 0, .. }), "{behind}");
    let beyond = queries.wait_for(position + 1, None, Duration::from_secs(5)).await.unwrap_err();
    assert!(matches!(beyond, WaitError::BeyondHead { head, .. } if head == position), "{beyond}");

    let shutdown = CancellationToken::new();
    let running = tokio::spawn(projector.run(shutdown.clone()));
    // In a task of its own, as a server's handler waits.
    let (waiting, show) = (queries.clone(), story.show.0);
    let waits = async move { waiting.wait_for(position, Some((ORGANIZATION, show)), Duration::from_secs(20)).await };
    tokio::spawn(waits).await??;
    let mut more = Story::begin(2);
    more.goes_on(20);
    let position = world.record(ORGANIZATION, more.show.0, &more.events).await?;
    queries.wait_for(position, None, Duration::from_secs(20)).await?;
    assert!(queries.seating(ORGANIZATION, more.show.0).await?.position >= position);
    shutdown.cancel();
    running.await??;
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_history_is_filtered_and_live_codes_are_masked() -> Result<()> {
    let world = World::new().await?;
    let (mut story, issued) = sold(3);
    story.goes_on(50);
    let (queries, head) = projected(&world, &story, Vec::new()).await?;
    let page = Page { limit: 200, cursor: None };
    let all = HistoryFilter { show: Some(story.show.0), ..HistoryFilter::default() };
    let list = queries.history(ORGANIZATION, &all, UNMASKED, &page).await?.body;
    assert_eq!(list.items.iter().map(|item| item.position).collect::<Vec<_>>(), (1..=head).collect::<Vec<_>>());
    for (item, event) in list.items.iter().zip(&story.events) {
        assert_eq!((item.event_type.as_str(), item.payload.get()), (event.event_type(), event.payload().as_str()));
    }

    let named = HistoryFilter {
        subjects: issued.holder.map(|holder| holder.0).into_iter().collect(),
        ..HistoryFilter::default()
    };
    let list = queries.history(ORGANIZATION, &named, UNMASKED, &page).await?.body;
    assert!(list.items.iter().any(|item| item.event_type == "TicketIssued"));
    let ids = [issued.holder.unwrap().to_string(), issued.ticket.to_string()];
    assert!(list.items.iter().all(|item| ids.iter().any(|id| item.payload.get().contains(id))));

    let issues = HistoryFilter { event_type: Some("TicketIssued".to_owned()), ..HistoryFilter::default() };
    let masked = queries.history(ORGANIZATION, &issues, Reading::default(), &page).await?.body;
    for item in &masked.items {
        let ticket = item.payload.get().split("\"ticket\":\"").nth(1).unwrap()[..36].parse::<Uuid>()?;
        let ticket = story.show().ticket(ticket.into()).unwrap();
        let live_first_code = !ticket.void && ticket.issue == 1;
        assert_eq!(item.payload.get().contains("•••"), live_first_code);
        // All that a code might be could be tried out against the hash of what it stands in.
        assert_eq!(item.content_hash.is_none(), live_first_code);
    }
    assert!(masked.items.iter().any(|item| item.payload.get().contains("•••")));
    let one = queries.history_event(ORGANIZATION, 2, None, Reading::default()).await?.body.unwrap().event;
    assert_eq!((one.position, one.version, one.event_type.as_str()), (2, 2, "SeatingAdopted"));
    assert_eq!(one.content_hash.as_ref().map(String::len), Some(64));
    assert!(queries.history_event(ORGANIZATION, head + 1, None, Reading::default()).await?.body.is_none());
    assert!(queries.history(Uuid::from_u128(0xB), &all, UNMASKED, &page).await?.body.items.is_empty());
    Ok(())
}
