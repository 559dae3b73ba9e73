//! Reports across changes of the clock, as of earlier moments, and for one organization alone.

use std::collections::BTreeMap;

use anyhow::Result;
use chrono::{DateTime, TimeDelta, Utc};
use domain::{
    ShowEvent,
    door::{Direction, RefusalReason},
    events::{CheckInRefused, Scan, ShownAs},
    ids::ScanId,
    text::DoorName,
    time::Zone,
};
use event_store::Ids;
use futures::TryStreamExt;
use projections::{
    Projector, Queries,
    reports::{Measure, Moment, Report, ReportError, ReportEvent, ReportEvents, ReportQuestion, ReportRow, Unit},
};
use uuid::Uuid;

use crate::{
    story::Story,
    world::{World, catch_up, options},
};

const ORGANIZATION: Uuid = Uuid::from_u128(0xA);

fn question(shows: &[Uuid], by: &[&'static str], unit: Option<Unit>, moment: Moment) -> ReportQuestion {
    ReportQuestion {
        organization: ORGANIZATION,
        shows: Some(shows.to_vec()),
        from: None,
        to: None,
        moment,
        by: by.to_vec(),
        unit,
    }
}

async fn rows(queries: &Queries, report: &'static Report, question: ReportQuestion) -> Result<Vec<ReportRow>> {
    Ok(queries.report(report, question).await?.rows().try_collect().await?)
}

/// A refusal at the door at a moment.
fn refused(world: &World, at: DateTime<Utc>) -> ShowEvent {
    CheckInRefused {
        scan: Scan {
            scan: ScanId(world.ids.next()),
            shown: ShownAs::ShortCode,
            area: DoorName::try_from("main").unwrap(),
            gate: Some(DoorName::try_from("North").unwrap()),
            device: None,
            at,
            offline: None,
        },
        direction: Direction::In,
        ticket: None,
        persons: 1,
        reason: Some(RefusalReason::UnknownCode),
        previous: None,
        due: None,
        other_show: None,
        moment: None,
        entries_left: None,
        persons_left: None,
    }
    .into()
}

/// A show in a zone at which somebody is refused every ten minutes for two days around a moment.
async fn every_ten_minutes(world: &World, seed: u64, zone: &str, around: &str) -> Result<(Uuid, Vec<DateTime<Utc>>)> {
    let mut story = Story::begin(seed);
    for event in &mut story.events {
        if let ShowEvent::ShowScheduled(event) = event {
            event.timezone = Zone::try_from(zone.to_owned())?;
        }
    }
    let around: DateTime<Utc> = around.parse()?;
    let times: Vec<_> = (-144..=144).map(|n| around + TimeDelta::minutes(10 * n)).collect();
    story.events.extend(times.iter().map(|at| refused(world, *at)));
    world.record(ORGANIZATION, story.show.0, &story.events).await?;
    Ok((story.show.0, times))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hours_and_days_are_right_across_both_changes_of_the_clock() -> Result<()> {
    let world = World::new().await?;
    let mut projector = world.projector(options(1_000, 10));
    for (seed, zone, change) in [
        (1, "Europe/Berlin", "2027-03-28T01:00:00Z"),
        (2, "Europe/Berlin", "2027-10-31T01:00:00Z"),
        (3, "Australia/Lord_Howe", "2027-10-02T15:30:00Z"),
        (4, "Australia/Lord_Howe", "2027-04-03T15:00:00Z"),
        (5, "America/Havana", "2027-11-07T05:00:00Z"),
        (6, "Asia/Beirut", "2027-03-27T22:00:00Z"),
    ] {
        let (show, times) = every_ten_minutes(&world, seed, zone, change).await?;
        catch_up(&mut projector).await?;
        let queries = world.queries(&projector);
        for unit in [Unit::Minute, Unit::Hour, Unit::Day] {
            let asked = question(&[show], &[], Some(unit), Moment::Now);
            let rows = rows(&queries, &Report::REFUSALS, asked.clone()).await?;
            let zone: chrono_tz::Tz = zone.parse().unwrap();
            let mut expected: BTreeMap<_, i64> = BTreeMap::new();
            for at in &times {
                *expected.entry(unit.around(zone, *at).from).or_default() += 1;
            }
            let told: BTreeMap<_, i64> =
                rows.iter().map(|row| (row.key.bucket.unwrap().from, row.figures[0])).collect();
            assert_eq!(told, expected, "{unit:?} in {zone}");
            assert_eq!(told.len(), rows.len(), "a bucket is there twice: {unit:?} in {zone}");
            for row in rows.iter().step_by(if unit == Unit::Minute { 37 } else { 1 }) {
                let bucket = row.key.bucket.unwrap();
                let within = times.iter().filter(|at| (bucket.from..bucket.to).contains(at)).count();
                assert_eq!(row.figures[0], i64::try_from(within)?, "{bucket:?}");
                let mut open = queries.report(&Report::REFUSALS, asked.clone()).await?;
                let wanted =
                    ReportEvents { bucket: Some((unit, bucket.local)), limit: 1_000, ..ReportEvents::default() };
                let events = open.events(&wanted).await?;
                assert_eq!(events.iter().map(|event| event.figures[0]).sum::<i64>(), row.figures[0], "{bucket:?}");
            }
        }
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn shows_in_several_zones_each_have_their_own_hours() -> Result<()> {
    let world = World::new().await?;
    let (berlin, times) = every_ten_minutes(&world, 1, "Europe/Berlin", "2027-03-28T01:00:00Z").await?;
    let (london, _) = every_ten_minutes(&world, 2, "Europe/London", "2027-03-28T01:00:00Z").await?;
    let mut projector = world.projector(options(1_000, 10));
    catch_up(&mut projector).await?;
    let queries = world.queries(&projector);
    let asked = question(&[berlin, london], &[], Some(Unit::Hour), Moment::Now);
    let rows = rows(&queries, &Report::REFUSALS, asked.clone()).await?;
    assert_eq!(rows.iter().map(|row| row.figures[0]).sum::<i64>(), 2 * i64::try_from(times.len())?);
    for row in &rows {
        let wanted = ReportEvents {
            bucket: row.key.bucket.map(|b| (Unit::Hour, b.local)),
            limit: 100,
            ..ReportEvents::default()
        };
        let events = queries.report(&Report::REFUSALS, asked.clone()).await?.events(&wanted).await?;
        assert_eq!(events.iter().map(|event| event.figures[0]).sum::<i64>(), row.figures[0], "{row:?}");
        assert!(events.iter().all(|event| event.show == events[0].show), "an hour of two zones: {row:?}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn asked_as_of_then_a_report_says_what_it_said_then() -> Result<()> {
    let world = World::new().await?;
    let mut stories = [Story::begin(3), Story::begin(4)];
    let shows = [stories[0].show.0, stories[1].show.0];
    let mut projector = world.projector(options(50, 10));
    let mut said = Vec::new();
    for _ in 0..6 {
        for story in &mut stories {
            story.goes_on(40);
            world.record(ORGANIZATION, story.show.0, story.news()).await?;
        }
        let position = catch_up(&mut projector).await?;
        let queries = world.queries(&projector);
        for report in Report::ALL {
            let by: Vec<_> = ["show"].into_iter().chain(report.words.iter().copied()).collect();
            let now = rows(&queries, report, question(&shows, &by, None, Moment::Now)).await?;
            assert!(report.name == "holds" || !now.is_empty(), "{}", report.name);
            said.push((position, report, by, now));
        }
    }
    let queries = world.queries(&projector);
    for (position, report, by, then) in said {
        let again = rows(&queries, report, question(&shows, &by, None, Moment::Position(position))).await?;
        assert_eq!(again, then, "{} as of {position}", report.name);
        let time = sqlx::query_scalar("SELECT recorded_at FROM log.events WHERE position = $1")
            .bind(position)
            .fetch_one(&world.owner)
            .await?;
        let again = rows(&queries, report, question(&shows, &by, None, Moment::Time(time))).await?;
        assert_eq!(again, then, "{} as of {time}", report.name);
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_events_of_every_row_add_up_to_it_and_rows_to_the_totals() -> Result<()> {
    let world = World::new().await?;
    let mut story = Story::begin(6);
    story.goes_on(400);
    world.record(ORGANIZATION, story.show.0, story.news()).await?;
    let mut projector = world.projector(options(1_000, 10));
    catch_up(&mut projector).await?;
    let queries = world.queries(&projector);
    for report in Report::ALL {
        for word in report.words {
            let asked = question(&[story.show.0], &[word], None, Moment::Now);
            let found = rows(&queries, report, asked.clone()).await?;
            let totals = queries.report(report, asked.clone()).await?.totals().await?;
            for (index, figure) in report.figures.iter().enumerate() {
                let sum: i64 = found.iter().map(|row| row.figures[index]).sum();
                assert_eq!(sum, totals[0].figures[index], "{} of {} by {word}", figure.name, report.name);
            }
            for row in found {
                let at = report.words.iter().position(|known| known == word).unwrap();
                let words = vec![(*word, row.key.words[at].clone())];
                let wanted = ReportEvents { words, limit: 10_000, ..ReportEvents::default() };
                let events = queries.report(report, asked.clone()).await?.events(&wanted).await?;
                for (index, figure) in report.figures.iter().enumerate() {
                    let sum: i64 = events.iter().map(|event| event.figures[index]).sum();
                    assert_eq!(sum, row.figures[index], "{} of {} by {word}: {row:?}", figure.name, report.name);
                }
            }
        }
    }
    assert!(Report::SALES.figures.iter().any(|figure| figure.measure == Measure::Money));

    for report in Report::ALL {
        let asked = question(&[story.show.0], &[], None, Moment::Now);
        let all = ReportEvents { limit: 10_000, ..ReportEvents::default() };
        let all = queries.report(report, asked.clone()).await?.events(&all).await?;
        for (index, figure) in report.figures.iter().enumerate() {
            let next = (index + 1) % report.figures.len();
            for figures in [vec![index], vec![index, next]] {
                let adds = |event: &&ReportEvent| figures.iter().any(|index| event.figures[*index] != 0);
                let expected: Vec<_> = all.iter().filter(adds).cloned().collect();
                // As few as a page may have: what is passed over does not count.
                let figures = figures.iter().map(|index| report.figures[*index].name).collect();
                let wanted = ReportEvents { limit: 3, figures, ..ReportEvents::default() };
                let found = queries.report(report, asked.clone()).await?.events(&wanted).await?;
                assert_eq!(found, expected[..expected.len().min(3)], "{} of {}", figure.name, report.name);
                let last = expected.get(2).map_or(0, |event| event.position);
                let wanted = ReportEvents { after: last, limit: 10_000, ..wanted };
                let rest = queries.report(report, asked.clone()).await?.events(&wanted).await?;
                assert_eq!(
                    rest,
                    if last == 0 { &expected } else { &expected[3..] },
                    "{} of {}",
                    figure.name,
                    report.name
                );
            }
        }
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_report_shows_anything_of_another_organization() -> Result<()> {
    let world = World::new().await?;
    let mut theirs = Story::begin(2);
    theirs.goes_on(150);
    world.record(Uuid::from_u128(0xB), theirs.show.0, theirs.news()).await?;
    let mut projector = world.projector(options(1_000, 10));
    catch_up(&mut projector).await?;
    let queries = world.queries(&projector);
    for report in Report::ALL {
        let all = ReportQuestion { shows: None, ..question(&[], &["show"], None, Moment::Now) };
        assert_eq!(rows(&queries, report, all).await?, []);
        let named = question(&[theirs.show.0], &[], None, Moment::Now);
        let refused = queries.report(report, named).await.err();
        assert!(matches!(refused, Some(ReportError::UnknownShow(show)) if show == theirs.show.0), "{refused:?}");
    }
    // Row-level security alone, without any filter of a statement.
    for table in ["sales_facts", "door_facts", "hold_facts"] {
        let mut transaction = event_store::pools::begin_for(&world.query, ORGANIZATION).await?;
        let sql = format!("SELECT count(*) FROM {table}");
        let seen: i64 = sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).fetch_one(&mut *transaction).await?;
        assert_eq!(seen, 0, "{table}");
    }
    Ok(())
}

/// A show in a zone at which a ticket is sold for a unit of money every ten minutes from one time until another, and two places are held
/// for three; and once more a minute before and once after that.
async fn sold_every_ten_minutes(
    world: &World,
    projector: &mut Projector,
    seed: u64,
    zone: &str,
    [from, to]: [&str; 2],
) -> Result<Uuid> {
    let mut story = Story::begin(seed);
    for event in &mut story.events {
        if let ShowEvent::ShowScheduled(event) = event {
            event.timezone = Zone::try_from(zone.to_owned())?;
        }
    }
    world.record(ORGANIZATION, story.show.0, &story.events).await?;
    catch_up(projector).await?;
    let [from, to]: [DateTime<Utc>; 2] = [from.parse()?, to.parse()?];
    let within = (0..).map(|n| from + TimeDelta::minutes(10 * n)).take_while(|at| *at < to);
    let times: Vec<_> = [from - TimeDelta::minutes(1)].into_iter().chain(within).chain([to]).collect();
    // What is sold happens when it is recorded, and of that the database has the clock.
    for (table, figures, values) in [
        ("sales_facts", "tickets, gross", "ARRAY[1], ARRAY[1]"),
        ("hold_facts", "holds, places, value", "ARRAY[1], ARRAY[2], ARRAY[3]"),
    ] {
        let sql = format!(
            "INSERT INTO read.{table} (show, part, organization, first_position, position, happened_at, {figures})
             SELECT s.id, 1000 + t.n, s.organization, 1, ARRAY[(SELECT max(position) FROM read.activity WHERE stream = s.id)],
                    ARRAY[t.at], {values}
               FROM read.shows AS s, unnest($2::timestamptz[]) WITH ORDINALITY AS t (at, n)
              WHERE s.id = $1",
        );
        let told = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(story.show.0).bind(&times).execute(&world.owner).await?;
        assert_eq!(told.rows_affected(), u64::try_from(times.len())?);
    }
    Ok(story.show.0)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sales_and_holds_have_days_of_23_and_25_hours_and_the_hour_that_comes_twice() -> Result<()> {
    struct Change {
        zone: &'static str,
        /// From midnight to midnight.
        day: [&'static str; 2],
        minutes: i64,
        /// The hours of the clock around the change, and how often there was a sale in each.
        hours: &'static [(&'static str, i64)],
    }
    let world = World::new().await?;
    let mut projector = world.projector(options(1_000, 10));
    for (seed, Change { zone, day, minutes, hours }) in (1..).zip([
        Change {
            zone: "Europe/Berlin",
            day: ["2027-03-27T23:00:00Z", "2027-03-28T22:00:00Z"],
            minutes: 23 * 60,
            hours: &[
                ("2027-03-28T00:00:00+01:00", 6),
                ("2027-03-28T01:00:00+01:00", 6),
                ("2027-03-28T03:00:00+02:00", 6),
                ("2027-03-28T04:00:00+02:00", 6),
            ],
        },
        Change {
            zone: "Europe/Berlin",
            day: ["2027-10-30T22:00:00Z", "2027-10-31T23:00:00Z"],
            minutes: 25 * 60,
            hours: &[
                ("2027-10-31T00:00:00+02:00", 6),
                ("2027-10-31T01:00:00+02:00", 6),
                ("2027-10-31T02:00:00+02:00", 6),
                ("2027-10-31T02:00:00+01:00", 6),
                ("2027-10-31T03:00:00+01:00", 6),
            ],
        },
        // By half an hour, in the middle of one.
        Change {
            zone: "Australia/Lord_Howe",
            day: ["2027-04-03T13:00:00Z", "2027-04-04T13:30:00Z"],
            minutes: 24 * 60 + 30,
            hours: &[
                ("2027-04-04T00:00:00+11:00", 6),
                ("2027-04-04T01:00:00+11:00", 6),
                ("2027-04-04T01:30:00+10:30", 3),
                ("2027-04-04T02:00:00+10:30", 6),
            ],
        },
    ]) {
        let show = sold_every_ten_minutes(&world, &mut projector, seed, zone, day).await?;
        let queries = world.queries(&projector);
        // How often it was sold, and what a row of so many sales, or holds, says.
        let sales: fn(i64) -> Vec<i64> = |n| vec![n, 0, 0, n, 0, 0, 0, n, 0];
        let holds: fn(i64) -> Vec<i64> = |n| vec![n, 2 * n, 3 * n];
        for (report, figures) in [(&Report::SALES, sales), (&Report::HOLDS, holds)] {
            for unit in [Unit::Day, Unit::Hour] {
                let asked = question(&[show], &[], Some(unit), Moment::Now);
                let found = rows(&queries, report, asked.clone()).await?;
                let told: Vec<_> =
                    found.iter().map(|row| (row.key.bucket.unwrap().local.to_rfc3339(), row.figures.clone())).collect();
                assert_eq!(told[0].1, figures(1), "a minute before the {unit:?} in {zone}");
                assert_eq!(told[told.len() - 1].1, figures(1), "after the {unit:?} in {zone}");
                let within = &told[1..told.len() - 1];
                if unit == Unit::Day {
                    assert_eq!(within, [(hours[0].0.to_owned(), figures(minutes / 10))], "{zone}");
                    let bucket = found[1].key.bucket.unwrap();
                    assert_eq!(
                        [bucket.from, bucket.to].map(|at| at.to_rfc3339()),
                        day.map(|at| at.replace('Z', "+00:00"))
                    );
                } else {
                    let around: Vec<_> = hours.iter().map(|(hour, n)| ((*hour).to_owned(), figures(*n))).collect();
                    assert_eq!(within[..hours.len()], around, "{zone}");
                    assert!(within[hours.len()..].iter().all(|(_, row)| *row == figures(6)), "{within:?}");
                    let ten_minutes: i64 = found[1..=within.len()].iter().map(|row| row.figures[0]).sum();
                    assert_eq!(ten_minutes, minutes / 10, "{zone}");
                }
                for row in &found {
                    let bucket = row.key.bucket.map(|bucket| (unit, bucket.local));
                    let wanted = ReportEvents { bucket, limit: 100, ..ReportEvents::default() };
                    let events = queries.report(report, asked.clone()).await?.events(&wanted).await?;
                    let [event] = &events[..] else { panic!("{events:?} of {row:?}") };
                    assert_eq!(event.figures, row.figures, "{row:?}");
                }
            }
        }
    }
    Ok(())
}
