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
    Queries,
    reports::{Measure, Moment, Report, ReportError, ReportEvents, ReportQuestion, ReportRow, Unit},
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
