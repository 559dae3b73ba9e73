//! The past is told as it was told then.

use anyhow::Result;
use chrono::{DateTime, SubsecRound as _, TimeDelta, Utc};
use domain::{ShowEvent, ShowState, events::ShowRevised, show::FOLD_VERSION, ticket_type::SalesWindow};
use event_store::{Clock as _, Holds, Packing, Snapshot, Snapshots, SystemClock, VaultEntry, VaultKind, fold_number};
use projections::{
    Audience, Queries, QueryError, Scope,
    as_of::{Moment, MomentError, Past},
    queries::{OrderFound, OrdersFilter, Page, TicketFound},
    views,
};
use serde::Serialize;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    story::Story,
    world::{World, catch_up, noon, options},
};

const ORGANIZATION: Uuid = Uuid::from_u128(0xA);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_time_is_the_position_of_the_last_event_until_then() -> Result<()> {
    let world = World::new().await?;
    let queries = world.queries(&world.projector(options(1_000, 10)));
    assert_eq!(queries.position_at(noon()).await?, 0, "an empty log");
    let mut story = Story::begin(3);
    for _ in 0..20 {
        story.goes_on(3);
        world.record(ORGANIZATION, story.show.0, story.news()).await?;
    }
    let head = world.log.head().await?;
    let events = world.log.page(0, head).await?;
    let until = |time: DateTime<Utc>| events.iter().filter(|event| event.recorded_at <= time).count();
    let micro = TimeDelta::microseconds(1);
    let times =
        events.iter().flat_map(|event| [event.recorded_at - micro, event.recorded_at, event.recorded_at + micro]);
    for time in times {
        let position = queries.position_at(time).await?;
        assert_eq!(position, i64::try_from(until(time))?, "at {time}");
    }

    let last = events.last().unwrap().recorded_at;
    let stand = queries.stand(Moment::Position(7), last).await?;
    assert_eq!((stand.position, stand.time), (7, events[6].recorded_at));
    assert_eq!(queries.stand(Moment::Time(last), last).await?.position, head);
    assert_eq!(queries.stand(Moment::Time(last), last - micro).await?.position, head, "the log's clock is ahead");
    let beyond = queries.stand(Moment::Position(head + 1), last).await.unwrap_err();
    assert!(matches!(beyond, MomentError::BeyondHead { head: told, .. } if told == head), "{beyond}");
    let to_come = queries.stand(Moment::Time(last + micro), last).await.unwrap_err();
    assert!(matches!(to_come, MomentError::InTheFuture { .. }), "{to_come}");
    Ok(())
}

/// People whom these events name for the first time, each with a name of their own.
fn people(events: &[ShowEvent]) -> Vec<VaultEntry> {
    let named = events.iter().flat_map(|event| match event {
        ShowEvent::OrderPlaced(event) => {
            event.customer.into_iter().chain(event.holders.iter().map(|named| named.holder)).collect()
        }
        ShowEvent::HolderNamed(event) => vec![event.holder],
        ShowEvent::TicketTransferred(event) => vec![event.customer],
        _ => Vec::new(),
    });
    let entry = |id: Uuid| VaultEntry {
        id,
        kind: VaultKind::Person,
        person: None,
        show: None,
        purpose: "customer".to_owned(),
        fields: json!({"name": format!("Person {}", id.as_u64_pair().1), "email": null, "phone": null, "locale": "de"}),
    };
    let mut ids: Vec<Uuid> = named.map(|person| person.0).collect();
    ids.sort_unstable();
    ids.dedup();
    ids.into_iter().map(entry).collect()
}

/// What lists are searched for: nothing, a part of a seat, names, codes, references, and how orders stand.
const SEARCHES: [(Option<&str>, Option<&str>); 8] = [
    (None, None),
    (Some("-1-"), None),
    (Some("pErSoN 11"), None),
    (Some("0003"), None),
    (Some("1"), Some("paid")),
    (None, Some("awaiting_payment")),
    (None, Some("cancelled")),
    (Some("100%"), None),
];

/// Where things are asked for: now, or at a moment of the past.
enum Told<'a> {
    Live(&'a Queries, Uuid, DateTime<Utc>),
    Past(&'a Past),
}

impl Told<'_> {
    async fn orders(&self, filter: &OrdersFilter, page: &Page) -> Result<Value> {
        value(match self {
            Self::Live(queries, show, _) => queries.orders(ORGANIZATION, *show, filter, page).await?.body,
            Self::Past(past) => past.orders(filter, page).await?,
        })
    }

    async fn tickets(&self, q: Option<&str>, page: &Page) -> Result<Value> {
        value(match self {
            Self::Live(queries, show, _) => queries.tickets(ORGANIZATION, *show, q, page).await?.body,
            Self::Past(past) => past.tickets(q, page).await?,
        })
    }

    /// All that is told of a show, all lists to their ends.
    async fn everything(&self) -> Result<Vec<(String, Value)>> {
        let documents = match self {
            Self::Live(queries, show, now) => [
                value(queries.show(Scope::Organization(ORGANIZATION), *show).await?.body.unwrap())?,
                value(queries.availability(ORGANIZATION, *show, *now, Audience::Staff).await?.body.unwrap())?,
                value(queries.seats(ORGANIZATION, *show, None, Audience::Staff).await?.body)?,
                value(queries.attendance(ORGANIZATION, *show).await?.body.unwrap())?,
            ],
            Self::Past(past) => {
                [value(past.view())?, value(past.availability())?, value(past.seats())?, value(past.attendance())?]
            }
        };
        let mut all: Vec<(String, Value)> =
            ["show", "availability", "seats", "attendance"].map(str::to_owned).into_iter().zip(documents).collect();
        for (q, status) in SEARCHES {
            let filter = OrdersFilter { q: q.map(str::to_owned), status: status.map(str::to_owned) };
            let mut page = Page { limit: 7, cursor: None };
            let mut orders = Vec::new();
            loop {
                let list = self.orders(&filter, &page).await?;
                if !next(&mut page, &mut orders, &list) {
                    break;
                }
            }
            let mut tickets = Vec::new();
            loop {
                let list = self.tickets(q, &page).await?;
                if !next(&mut page, &mut tickets, &list) {
                    break;
                }
            }
            all.push((format!("orders {q:?} {status:?}"), Value::from(orders)));
            all.push((format!("tickets {q:?}"), Value::from(tickets)));
        }
        let ids = |list: &Value| -> Result<Vec<Uuid>> {
            list.as_array().unwrap().iter().map(|item| Ok(item["id"].as_str().unwrap().parse()?)).collect()
        };
        for order in ids(&all[4].1)? {
            let found = match self {
                Self::Live(queries, ..) => queries.order(ORGANIZATION, order).await?.body,
                Self::Past(past) => past.order(order).await?,
            };
            let OrderFound { order: view, show, tickets } = found.unwrap();
            all.push((format!("order {order}"), json!([view, show, tokens(tickets)])));
        }
        for ticket in ids(&all[5].1)? {
            let found = match self {
                Self::Live(queries, ..) => queries.ticket(ORGANIZATION, ticket).await?.body,
                Self::Past(past) => past.ticket(ticket).await?,
            };
            all.push((format!("ticket {ticket}"), Value::from(tokens(found.into_iter().collect()))));
        }
        Ok(all)
    }
}

fn value(body: impl Serialize) -> Result<Value> {
    Ok(serde_json::to_value(body)?)
}

fn tokens(tickets: Vec<TicketFound>) -> Vec<Value> {
    tickets.into_iter().map(|found| json!([found.ticket, found.show, format!("{:?}", found.token)])).collect()
}

/// Takes in a page, and says whether another one follows.
fn next(page: &mut Page, items: &mut Vec<Value>, list: &Value) -> bool {
    items.extend(list["items"].as_array().unwrap().iter().cloned());
    page.cursor = list["next"].as_str().map(str::to_owned);
    page.cursor.is_some()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn at_every_position_and_time_the_past_is_what_the_live_views_said_then() -> Result<()> {
    let world = World::new().await?;
    let mut stories = [Story::begin(3), Story::begin(4)];
    let mut projector = world.projector(options(1_000, 10));
    let queries = world.queries(&projector);
    let mut recorded = Vec::new();
    for step in 0..36 {
        for story in &mut stories {
            story.goes_on(step / 6);
            let show = story.show.0;
            let news = story.news();
            world.record_with(ORGANIZATION, show, news, people(news)).await?;
            let position = catch_up(&mut projector).await?;
            let time = world.log.event(position).await?.unwrap().recorded_at;
            recorded.push((show, position, time, Told::Live(&queries, show, time).everything().await?));
        }
    }
    let mut told = 0;
    for (show, position, time, live) in &recorded {
        // Nothing was recorded between this position's moment and the next one's.
        let moments = [Moment::Position(*position), Moment::Time(*time)];
        for moment in moments {
            let stand = queries.stand(moment, noon()).await?;
            assert_eq!(stand.position, *position, "{moment:?}");
            let past = queries.past(ORGANIZATION, *show, stand).await?.unwrap();
            let then = Told::Past(&past).everything().await?;
            assert_eq!(then.len(), live.len(), "at {position}");
            for (then, live) in then.iter().zip(live) {
                assert_eq!(then, live, "at {position}");
            }
            told += then.len();
        }
    }
    assert!(told > 3_000, "the stories tell too little: {told}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_on_sale_is_told_by_the_clock_of_that_moment() -> Result<()> {
    let world = World::new().await?;
    let queries = world.queries(&world.projector(options(1_000, 10)));
    let mut story = Story::begin(3);
    let show = story.show.0;
    world.record(ORGANIZATION, show, story.news()).await?;
    // Behind what is recorded, whatever day it is.
    let now = noon().max(SystemClock.now().trunc_subsecs(0));
    let (opens, closes) = (now + TimeDelta::hours(1), now + TimeDelta::hours(2));
    let sales = SalesWindow { opens_at: Some(opens), closes_at: Some(closes) };
    let head = world.record(ORGANIZATION, show, &[revised(Some(sales)).into()]).await?;
    let micro = TimeDelta::microseconds(1);
    for (time, on_sale) in [(opens - micro, false), (opens, true), (closes - micro, true), (closes, false)] {
        let stand = queries.stand(Moment::Time(time), closes).await?;
        let past = queries.past(ORGANIZATION, show, stand).await?.unwrap();
        assert_eq!((past.stand.position, past.availability().on_sale), (head, on_sale), "at {time}");
    }
    let stand = queries.stand(Moment::Position(head), closes).await?;
    let past = queries.past(ORGANIZATION, show, stand).await?.unwrap();
    assert!(!past.availability().on_sale, "the event was recorded long before the window opens");
    let stand = queries.stand(Moment::Position(head - 1), closes).await?;
    let before = queries.past(ORGANIZATION, show, stand).await?.unwrap();
    assert!(before.availability().on_sale && before.view().sales != past.view().sales);
    Ok(())
}

fn revised(sales: Option<SalesWindow>) -> ShowRevised {
    ShowRevised { name: None, description: None, venue: None, sales, hold_seconds: None, pay_within_seconds: None }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_show_is_not_there_before_it_was_scheduled_nor_for_others() -> Result<()> {
    let world = World::new().await?;
    let queries = world.queries(&world.projector(options(1_000, 10)));
    let (mut first, mut second) = (Story::begin(3), Story::begin(4));
    let before = world.record(ORGANIZATION, first.show.0, first.news()).await?;
    let head = world.record(ORGANIZATION, second.show.0, second.news()).await?;
    let there = async |organization, show: &Story, position| {
        let stand = queries.stand(Moment::Position(position), noon()).await?;
        anyhow::Ok(queries.past(organization, show.show.0, stand).await?.is_some())
    };
    assert!(!there(ORGANIZATION, &second, before).await?, "it was not scheduled yet");
    assert!(there(ORGANIZATION, &second, before + 1).await?);
    assert!(there(ORGANIZATION, &first, before).await? && there(ORGANIZATION, &first, 1).await?);
    assert!(!there(ORGANIZATION, &first, 0).await?);
    for position in [1, before, head] {
        assert!(!there(Uuid::from_u128(0xB), &first, position).await?, "another organization's");
    }
    let stand = queries.stand(Moment::Time(noon() - TimeDelta::days(3_650)), noon()).await?;
    assert_eq!(stand.position, 0);
    assert!(queries.past(ORGANIZATION, first.show.0, stand).await?.is_none());
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_erased_is_erased_in_the_past_too() -> Result<()> {
    let world = World::new().await?;
    let queries = world.queries(&world.projector(options(1_000, 10)));
    let mut story = Story::begin(3);
    story.goes_on(80);
    let news = story.news();
    let head = world.record_with(ORGANIZATION, Uuid::from_u64_pair(3, 1), news, people(news)).await?;
    let stand = queries.stand(Moment::Position(head), noon()).await?;
    let past = queries.past(ORGANIZATION, story.show.0, stand).await?.unwrap();
    let order = story.show().orders().find(|order| order.customer.is_some()).unwrap();
    let name = async |past: &Past| {
        let found = past.order(order.id.0).await?.unwrap().order;
        anyhow::Ok(found.customer.and_then(|customer| customer.name))
    };
    assert!(name(&past).await?.is_some());
    sqlx::query("DELETE FROM vault.entries WHERE id = $1")
        .bind(order.customer.unwrap().0)
        .execute(&world.owner)
        .await?;
    assert_eq!(name(&past).await?, None);
    assert_eq!(past.order(order.id.0).await?.unwrap().order.total.amount, order.total().0);
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cursor_goes_on_in_the_list_of_its_moment_only() -> Result<()> {
    let world = World::new().await?;
    let queries = world.queries(&world.projector(options(1_000, 10)));
    let mut story = Story::begin(3);
    story.goes_on(80);
    let head = world.record(ORGANIZATION, story.show.0, story.news()).await?;
    let page = async |position, cursor: Option<String>| {
        let stand = queries.stand(Moment::Position(position), noon()).await?;
        let past = queries.past(ORGANIZATION, story.show.0, stand).await?.unwrap();
        anyhow::Ok(past.orders(&OrdersFilter::default(), &Page { limit: 2, cursor }).await)
    };
    let next = page(head, None).await??.next.unwrap();
    assert!(page(head, Some(next.clone())).await?.is_ok());
    for (position, cursor) in [(head - 1, next.as_str()), (head, "7"), (head, "7.x"), (head, "x.7")] {
        let refused = page(position, Some(cursor.to_owned())).await?;
        assert!(matches!(refused, Err(QueryError::BadCursor)), "{cursor} at {position}: {refused:?}");
    }
    Ok(())
}

/// A story of at least so many events, recorded.
async fn long_story(world: &World, events: usize) -> Result<Story> {
    let mut story = Story::begin(3);
    while story.events.len() < events {
        story.goes_on(200);
    }
    for part in story.events.chunks(500) {
        world.record(ORGANIZATION, story.show.0, part).await?;
    }
    Ok(story)
}

/// The show after so many events, as it is told.
async fn told_at(queries: &Queries, story: &Story, position: i64) -> Result<[Value; 2]> {
    let stand = queries.stand(Moment::Position(position), noon()).await?;
    let past = queries.past(ORGANIZATION, story.show.0, stand).await?.unwrap();
    Ok([value(past.seats())?, value(past.attendance())?])
}

/// The same, folded here.
fn folded_here(story: &Story, events: i64) -> Result<[Value; 2]> {
    let state = ShowState::fold(&story.events[..usize::try_from(events)?]);
    let show = state.show().unwrap();
    let claims = show
        .places
        .taken_seats()
        .map(|seat| (seat.address.to_string(), views::seat_claim(show, &seat.address).state.unwrap()));
    let seats = views::SeatsView { seats: claims.collect(), mine: Vec::new() };
    Ok([value(seats)?, value(views::attendance_view(show))?])
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_long_past_begins_at_the_nearest_snapshot_and_is_the_same_without() -> Result<()> {
    let world = World::new().await?;
    let story = long_story(&world, 5_500).await?;
    let projector = world.projector(options(1_000, 10));
    let with_snapshots = || world.queries(&projector).with_snapshots(Snapshots::new(world.owner.clone()));
    let kept = async || {
        sqlx::query_scalar::<_, i64>("SELECT version FROM log.snapshots ORDER BY version").fetch_all(&world.owner).await
    };

    let queries = with_snapshots();
    assert_eq!(told_at(&queries, &story, 5_400).await?, folded_here(&story, 5_400)?);
    assert_eq!(kept().await?, [2_000, 4_000], "the first who asks leaves snapshots on the way");
    for position in [60, 1_999, 2_000, 2_001, 3_900, 4_000, 5_400] {
        let then = folded_here(&story, position)?;
        assert_eq!(told_at(&with_snapshots(), &story, position).await?, then, "from a snapshot, at {position}");
        assert_eq!(told_at(&world.queries(&projector), &story, position).await?, then, "without, at {position}");
        assert_eq!(told_at(&queries, &story, position).await?, then, "with what is in memory, at {position}");
    }
    assert_eq!(kept().await?, [2_000, 4_000], "no more than are needed");

    // A desk's, whose state says of itself that it is another one: whoever begins there is found out.
    let (rest, orders, tickets) = ShowState::fold(&story.events[..3_000]).apart();
    let another = Packing::default().with(&rest)?.with_pages(orders.pages())?.with_pages(tickets.pages())?;
    let another = another.with(&"what the desk keeps beside")?;
    let desks = Snapshot {
        stream: story.show.0,
        version: 4_500,
        fold: fold_number(FOLD_VERSION, Holds::StateAndCommands),
        organization: ORGANIZATION,
        position: 4_500,
        recorded_at: noon(),
        state: another.bytes(),
    };
    Snapshots::new(world.owner.clone()).keep(&desks).await?;
    assert_eq!(kept().await?, [2_000, 4_000, 4_500], "one of another kind takes no other's place");
    assert_eq!(told_at(&with_snapshots(), &story, 4_500).await?, folded_here(&story, 3_000)?);
    assert_eq!(told_at(&with_snapshots(), &story, 4_499).await?, folded_here(&story, 4_499)?);

    sqlx::query("UPDATE log.snapshots SET state = '\\x0102'").execute(&world.owner).await?;
    assert_eq!(
        told_at(&with_snapshots(), &story, 4_600).await?,
        folded_here(&story, 4_600)?,
        "damaged ones are not used"
    );
    Ok(())
}
