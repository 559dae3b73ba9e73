//! Settlements of random histories: every sheet adds up, and what it says is what facts and the folded show say.

use std::collections::BTreeMap;

use anyhow::Result;
use chrono::TimeDelta;
use domain::{Show, events::LineKind};
use projections::{
    as_of::Moment,
    settlement::{SettledTickets, Settlement, SettlementMoment, Settling, Until},
    views::Money,
};
use sqlx::AssertSqlSafe;
use uuid::Uuid;

use crate::{
    story::Story,
    world::{World, catch_up, noon, options},
};

const ORGANIZATION: Uuid = Uuid::from_u128(0xA);

/// Every figure that is a sum is the sum.
fn adds_up(sheet: &Settlement) {
    let sum = |of: &dyn Fn(&SettledTickets) -> i64| sheet.tickets.iter().map(of).sum::<i64>();
    let whole = &sheet.totals;
    assert_eq!(sum(&|row| row.sold), whole.sold);
    assert_eq!(sum(&|row| row.complimentary), whole.complimentary);
    assert_eq!(sum(&|row| row.voided), whole.voided);
    assert_eq!(sum(&|row| row.refunded), whole.refunded);
    assert_eq!(sum(&|row| row.persons), whole.persons);
    assert_eq!(sum(&|row| row.admitted), whole.admitted);
    let with_lines = |of: &dyn Fn(&SettledTickets) -> i64,
                      line: &dyn Fn(&projections::settlement::SettledLines) -> i64| {
        sum(of) + sheet.lines.iter().map(line).sum::<i64>()
    };
    assert_eq!(with_lines(&|row| row.gross.amount, &|line| line.gross.amount), whole.gross.amount);
    assert_eq!(with_lines(&|row| row.net.amount, &|line| line.net.amount), whole.net.amount);
    assert_eq!(with_lines(&|row| row.tax.amount, &|line| line.tax.amount), whole.tax.amount);
    for row in &sheet.tickets {
        assert!(row.refunded <= row.voided && row.admitted <= row.persons);
        assert_eq!(row.gross.amount, row.price.amount * (row.sold + row.complimentary));
    }

    let thirds: Vec<[&Money; 3]> = sheet
        .tickets
        .iter()
        .map(|row| [&row.gross, &row.net, &row.tax])
        .chain(sheet.lines.iter().map(|row| [&row.gross, &row.net, &row.tax]))
        .chain(sheet.taxes.iter().map(|row| [&row.gross, &row.net, &row.tax]))
        .chain([[&whole.gross, &whole.net, &whole.tax]])
        .chain([[&sheet.reserved.gross, &sheet.reserved.net, &sheet.reserved.tax]])
        .collect();
    for [gross, net, tax] in thirds {
        assert_eq!(gross.amount, net.amount + tax.amount);
        assert!([gross, net, tax].iter().all(|money| money.currency == "EUR"));
    }
    let taxes = |of: &dyn Fn(&projections::settlement::SettledTax) -> i64| sheet.taxes.iter().map(of).sum::<i64>();
    assert_eq!(taxes(&|row| row.gross.amount), whole.gross.amount);
    assert_eq!(taxes(&|row| row.tax.amount), whole.tax.amount);

    let money = &sheet.money;
    let paid: i64 = sheet.payments.iter().map(|row| row.paid.amount).sum();
    let refunded: i64 = sheet.payments.iter().map(|row| row.refunded.amount).sum();
    let kept: i64 = sheet.payments.iter().map(|row| row.kept.amount).sum();
    assert_eq!((paid, refunded, kept), (money.paid.amount, money.refunded.amount, money.kept.amount));
    assert_eq!(money.paid.amount - money.refunded.amount, money.kept.amount);
    assert_eq!(money.total.amount, whole.gross.amount + sheet.reserved.gross.amount);
    assert_eq!(money.due.amount, money.total.amount - money.kept.amount);
    assert_eq!(money.due.amount, money.outstanding.amount - money.owed.amount);
}

/// What it says is what the folded show says, counted by hand.
fn agrees(sheet: &Settlement, show: &Show) {
    let (mut sold, mut complimentary, mut void, mut gross, mut tax) = (0, 0, 0, 0, 0);
    for ticket in show.tickets() {
        let order = show.order(ticket.order).unwrap();
        match (ticket.void, order.complimentary) {
            (true, _) => void += 1,
            (false, Some(_)) => complimentary += 1,
            (false, None) => sold += 1,
        }
    }
    for order in show.orders() {
        if order.lines.iter().all(|line| line.kind != LineKind::Ticket || line.ticket.is_some()) {
            gross += order.total().0;
            tax += order.lines.iter().map(|line| line.tax.0).sum::<i64>();
        }
    }
    let whole = &sheet.totals;
    assert_eq!((whole.sold, whole.complimentary, whole.voided), (sold, complimentary, void));
    assert_eq!((whole.gross.amount, whole.tax.amount), (gross, tax));
    assert_eq!(sheet.money.due.amount, show.orders().map(|order| order.due().0).sum::<i64>());
    for (id, figures) in &show.attendance.by_ticket_type {
        let of_type: i64 =
            sheet.tickets.iter().filter(|row| row.ticket_type.id == id.0).map(|row| row.sold + row.complimentary).sum();
        assert_eq!(of_type, i64::from(figures.issued), "{id}");
    }
}

#[test]
fn every_figure_of_a_settlement_adds_up_at_every_event_of_random_histories() {
    let mut seen: BTreeMap<&str, i64> = BTreeMap::new();
    for seed in 1..=30 {
        let mut story = Story::begin(seed);
        story.goes_on(400);
        let mut settling = Settling::default();
        for (version, event) in (1..).zip(&story.events) {
            settling.take(version * 3, version, noon() + TimeDelta::seconds(version), event);
            let sheet = settling.sheet(Until::LastEvent, None).unwrap();
            adds_up(&sheet);
            assert_eq!(sheet.moment.events, version);
        }
        let sheet = settling.sheet(Until::LastEvent, None).unwrap();
        agrees(&sheet, story.show());
        for (name, n) in [
            ("sold", sheet.totals.sold),
            ("complimentary", sheet.totals.complimentary),
            ("voided", sheet.totals.voided),
            ("refunded", sheet.totals.refunded),
            ("admitted", sheet.totals.admitted),
            ("tax", sheet.totals.tax.amount),
            ("lines", i64::try_from(sheet.lines.len()).unwrap()),
            ("several taxes", i64::from(sheet.taxes.len() > 3)),
            ("reserved", sheet.reserved.tickets),
            ("owed", sheet.money.owed.amount),
            ("outstanding", sheet.money.outstanding.amount),
            ("refunds", sheet.money.refunded.amount),
        ] {
            *seen.entry(name).or_default() += n;
        }
    }
    for (name, n) in seen {
        assert!(n > 0, "the stories tell nothing of {name}");
    }
}

#[test]
fn the_same_events_and_moment_give_the_same_bytes() {
    let written = |until| {
        let mut story = Story::begin(7);
        story.goes_on(200);
        let mut settling = Settling::default();
        for (version, event) in (1..).zip(&story.events) {
            settling.take(version, version, noon(), event);
        }
        let sheet = settling.sheet(until, None).unwrap();
        (sheet.json(), sheet.csv())
    };
    assert_eq!(written(Until::LastEvent), written(Until::LastEvent));
    assert_eq!(written(Until::LastEvent), written(Until::Moment(noon())));
    assert_ne!(written(Until::LastEvent).0, written(Until::Moment(noon() + TimeDelta::days(1))).0);
}

/// What the facts of the read models add up to, up to a position.
async fn facts(world: &World, show: Uuid, position: i64) -> Result<BTreeMap<String, i64>> {
    let mut sums = BTreeMap::new();
    let (sales, door) = (world.facts("sales_facts").await?, world.facts("door_facts").await?);
    let by_row: Vec<(String, i64, i64)> = sqlx::query_as(AssertSqlSafe(format!(
        "SELECT concat_ws('/', ticket_type, category, price), coalesce(sum(tickets), 0)::bigint, coalesce(sum(voided), 0)::bigint
           FROM {sales} AS f WHERE show = $1 AND position <= $2 GROUP BY ticket_type, category, price"
    )))
    .bind(show)
    .bind(position)
    .fetch_all(&world.owner)
    .await?;
    for (row, tickets, voided) in by_row {
        sums.insert(format!("tickets {row}"), tickets);
        sums.insert(format!("voided {row}"), voided);
    }
    let whole: (i64, i64, i64, i64) = sqlx::query_as(AssertSqlSafe(format!(
        "SELECT (coalesce(sum(gross), 0) - coalesce(sum(cancelled), 0))::bigint, coalesce(sum(tax), 0)::bigint, coalesce(sum(paid), 0)::bigint,
                coalesce(sum(refunded), 0)::bigint
           FROM {sales} AS f WHERE show = $1 AND position <= $2"
    )))
    .bind(show)
    .bind(position)
    .fetch_one(&world.owner)
    .await?;
    let came: i64 = sqlx::query_scalar(AssertSqlSafe(format!(
        "SELECT coalesce(sum(came), 0)::bigint FROM {door} AS f WHERE show = $1 AND position <= $2"
    )))
    .bind(show)
    .bind(position)
    .fetch_one(&world.owner)
    .await?;
    for (name, n) in
        [("total", whole.0), ("tax", whole.1), ("paid", whole.2), ("refunded", whole.3), ("admitted", came)]
    {
        sums.insert(name.to_owned(), n);
    }
    sums.retain(|_, n| *n != 0);
    Ok(sums)
}

/// The same of a settlement.
fn sums(sheet: &Settlement) -> BTreeMap<String, i64> {
    let mut sums = BTreeMap::new();
    for row in &sheet.tickets {
        let category = row.category.as_ref().map(|category| format!("{category}/")).unwrap_or_default();
        let key = format!("{}/{category}{}", row.ticket_type.id, row.price.amount);
        *sums.entry(format!("tickets {key}")).or_default() += row.sold + row.complimentary;
        *sums.entry(format!("voided {key}")).or_default() += row.voided;
    }
    sums.insert("total".to_owned(), sheet.money.total.amount);
    sums.insert("tax".to_owned(), sheet.totals.tax.amount + sheet.reserved.tax.amount);
    sums.insert("paid".to_owned(), sheet.money.paid.amount);
    sums.insert("refunded".to_owned(), sheet.money.refunded.amount);
    sums.insert("admitted".to_owned(), sheet.totals.admitted);
    sums.retain(|_, n| *n != 0);
    sums
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_settlement_as_of_any_position_says_what_the_facts_up_to_there_add_up_to() -> Result<()> {
    let world = World::new().await?;
    let mut projector = world.projector(options(500, 10));
    let queries = world.queries(&projector);
    for seed in 1..=6 {
        let mut story = Story::begin(seed);
        story.goes_on(300);
        let show = story.show.0;
        let last = world.record(ORGANIZATION, show, story.news()).await?;
        catch_up(&mut projector).await?;
        let first = last + 1 - i64::try_from(story.events.len())?;
        for position in (first..=last).step_by(23).chain([last]) {
            let moment = SettlementMoment::At(Moment::Position(position));
            let (settling, stand, until) = queries.settling(ORGANIZATION, show, moment, noon()).await?.unwrap();
            let sheet = settling.sheet(until, None).unwrap();
            assert_eq!((stand.position, sheet.moment.position), (position, position));
            assert_eq!(sums(&sheet), facts(&world, show, position).await?, "seed {seed}, position {position}");
        }
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_settlement_is_provisional_until_the_show_is_over_and_then_stays_as_it_was_at_its_end() -> Result<()> {
    let world = World::new().await?;
    let mut projector = world.projector(options(500, 10));
    let queries = world.queries(&projector);
    let mut story = Story::begin(3);
    story.goes_on(100);
    let show = story.show.0;
    let starts_at = story.show().schedule.starts_at;
    world.record(ORGANIZATION, show, story.news()).await?;
    catch_up(&mut projector).await?;

    let sheet = async |now| -> Result<Settlement> {
        let (settling, _, until) = queries.settling(ORGANIZATION, show, SettlementMoment::End, now).await?.unwrap();
        Ok(settling.sheet(until, None).unwrap())
    };
    let before = sheet(starts_at + TimeDelta::hours(23)).await?;
    assert!(before.moment.provisional);
    assert_eq!(before.moment.as_of, before.moment.recorded_at);
    // The show says no end: it is over a day after its start.
    let over_at = starts_at + TimeDelta::days(1);
    let at_end = sheet(over_at).await?;
    assert!(!at_end.moment.provisional);
    assert_eq!((at_end.moment.as_of, at_end.moment.over_at), (over_at, over_at));
    assert_eq!(at_end.totals, before.totals);
    assert_eq!(at_end, sheet(over_at + TimeDelta::days(400)).await?);

    let nobody = Uuid::from_u128(9);
    assert!(queries.settling(ORGANIZATION, nobody, SettlementMoment::End, over_at).await?.is_none());
    let nothing_yet = SettlementMoment::At(Moment::Position(0));
    assert!(queries.settling(ORGANIZATION, show, nothing_yet, over_at).await?.is_none());
    Ok(())
}
