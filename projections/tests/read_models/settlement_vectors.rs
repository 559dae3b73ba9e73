//! Settlements that the page of bundles (`web/src/verify/settlement`), which makes them in another language, is tested with: events of
//! made-up histories as an export tells them, and what is settled behind some of them, to the byte.
//! `UPDATE_SETTLEMENTS=1 cargo test -p projections --test read_models vectors` writes them anew.

use std::{collections::BTreeSet, fs, path::Path};

use anyhow::Result;
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use domain::ShowEvent;
use projections::settlement::{SettledCheckpoint, Settlement, Settling, Until};
use serde::Serialize;

use crate::{story::Story, world::noon};

/// A long history has a settlement behind each so many events.
const EVERY: usize = 50;

/// A short one has a settlement behind each event of these types, as what follows hides some of them.
const SELDOM: [&str; 7] =
    ["ShowRevised", "SalesPaused", "SalesResumed", "SalesClosed", "CheckedOut", "OrderCancelled", "OrderExpired"];

/// Events on which no figure of a settlement depends.
const IN_NO_FIGURE: [&str; 13] = [
    "SeatingAdopted",
    "PoolAdded",
    "PoolRevised",
    "DoorSet",
    "PlacesBlocked",
    "BlockReleased",
    "HoldExtended",
    "HoldReleased",
    "HoldExpired",
    "TicketReissued",
    "TicketTransferred",
    "HolderNamed",
    "AdmissionConflictFound",
];

#[derive(Serialize)]
struct Told {
    events: Vec<Line>,
    sheets: Vec<Sheet>,
}

/// As in an export.
#[derive(Serialize)]
struct Line {
    position: i64,
    version: i64,
    recorded_at: String,
    #[serde(rename = "type")]
    event_type: String,
    schema: i32,
    payload: String,
}

#[derive(Serialize)]
struct Sheet {
    events: usize,
    checkpoint: Option<SettledCheckpoint>,
    json: String,
    csv: String,
}

/// Changes what an event says, and by which schema it says it.
type Change = fn(&str, i32) -> (String, i32);

#[test]
fn vectors_of_settlements_are_what_the_page_of_bundles_is_tested_with() -> Result<()> {
    let text = serde_json::to_string_pretty(&histories()?)? + "\n";
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../web/src/verify/settlement/vectors.json");
    if std::env::var_os("UPDATE_SETTLEMENTS").is_some() {
        fs::write(&path, &text)?;
    }
    let kept = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        kept == text,
        "UPDATE_SETTLEMENTS=1 writes vectors.json anew; the page's tests then say what it has to follow"
    );
    Ok(())
}

/// Whatever a settlement reads has to be read by the page, too: a type that no vector has, or whose absence none would show, could be
/// forgotten there.
#[test]
fn whichever_type_is_left_out_a_settlement_of_the_vectors_is_another_one() -> Result<()> {
    let histories = histories()?;
    let types = |told: &Told| told.events.iter().map(|line| line.event_type.clone()).collect::<Vec<_>>();
    let told: BTreeSet<String> = histories.iter().flat_map(types).collect();
    assert_eq!(told, ShowEvent::TYPES.iter().map(ToString::to_string).collect(), "each type is in a vector");
    let right: Vec<_> = histories.iter().map(|told| settled_without("", told)).collect::<Result<_>>()?;
    for event_type in ShowEvent::TYPES {
        let mut differs = false;
        for (told, right) in histories.iter().zip(&right) {
            differs |= settled_without(event_type, told)? != *right;
        }
        assert_eq!(differs, !IN_NO_FIGURE.contains(event_type), "{event_type} is in a figure of the vectors");
    }
    Ok(())
}

/// What would be settled if events of this type were not looked at. When the last event was is not compared.
fn settled_without(left_out: &str, told: &Told) -> Result<Vec<Option<Settlement>>> {
    let mut settling = Settling::default();
    let mut settled = Vec::new();
    let mut sheets = told.sheets.iter().map(|sheet| sheet.events).peekable();
    for (line, events) in told.events.iter().zip(1..) {
        if line.event_type != left_out {
            let event = ShowEvent::decode(&line.event_type, line.schema, &line.payload)?;
            settling.take(0, 0, noon(), &event);
        }
        if sheets.next_if_eq(&events).is_some() {
            settled.push(settling.sheet(Until::Moment(noon()), None));
        }
    }
    Ok(settled)
}

fn histories() -> Result<[Told; 5]> {
    let as_it_is: Change = |payload, schema| (payload.to_owned(), schema);
    let mut short = Story::begin(23);
    short.what_is_seldom_happens();
    short.ends();
    Ok([
        told(&long(4, 130), &[], as_it_is)?,
        told(&long(11, 130), &[], as_it_is)?,
        told(&long(7, 100), &[], far_away)?,
        told(&long(19, 100), &[], as_once_written)?,
        told(&short, &SELDOM, as_it_is)?,
    ])
}

fn long(seed: u64, steps: usize) -> Story {
    let mut story = Story::begin(seed);
    story.goes_on(steps);
    story.ends();
    story
}

/// With settlements behind each [`EVERY`] events, behind each event of some types, and behind the last one.
fn told(story: &Story, behind: &[&str], change: Change) -> Result<Told> {
    let mut settling = Settling::default();
    let mut told = Told { events: Vec::new(), sheets: Vec::new() };
    for (version, event) in (1_i64..).zip(&story.events) {
        let (payload, schema) = change(&event.payload(), event.schema());
        let event = ShowEvent::decode(event.event_type(), schema, &payload)?;
        let recorded_at = noon() + TimeDelta::seconds(version * 700) + fraction(version);
        settling.take(version * 3, version, recorded_at, &event);
        told.events.push(Line {
            position: version * 3,
            version,
            recorded_at: recorded_at.to_rfc3339_opts(SecondsFormat::Micros, true),
            event_type: event.event_type().to_owned(),
            schema,
            payload,
        });
        let events = told.events.len();
        let is_behind = behind.contains(&event.event_type());
        if is_behind || events.is_multiple_of(EVERY) || events == story.events.len() {
            told.sheets.push(sheet(&settling, events)?);
        }
    }
    Ok(told)
}

fn sheet(settling: &Settling, events: usize) -> Result<Sheet> {
    let covers = SettledCheckpoint { size: settling.position() + 2, root: "cm9vdA==".to_owned() };
    let checkpoint = (events.is_multiple_of(EVERY)).then_some(covers);
    let settled = settling.sheet(Until::LastEvent, checkpoint.clone());
    let settled = settled.ok_or_else(|| anyhow::anyhow!("a story begins with its show"))?;
    let (json, csv) = (String::from_utf8(settled.json())?, String::from_utf8(settled.csv())?);
    Ok(Sheet { events, checkpoint, json, csv })
}

/// Moments with no, three and six digits behind the second.
fn fraction(version: i64) -> TimeDelta {
    match version % 3 {
        0 => TimeDelta::zero(),
        1 => TimeDelta::milliseconds(250),
        _ => TimeDelta::microseconds(120_034),
    }
}

/// In a zone with an odd clock, a currency with three digits, with an end, and with names that a table has to quote and that sort
/// by their bytes otherwise than by UTF-16.
fn far_away(payload: &str, schema: i32) -> (String, i32) {
    let ends_at: DateTime<Utc> = noon() + TimeDelta::hours(7) + TimeDelta::milliseconds(500);
    let payload = payload
        .replace(r#""timezone":"Europe/Berlin""#, r#""timezone":"America/St_Johns""#)
        .replace(r#""currency":"EUR""#, r#""currency":"KWD""#)
        .replace(
            r#""ends_at":null"#,
            &format!(r#""ends_at":"{}""#, ends_at.to_rfc3339_opts(SecondsFormat::AutoSi, true)),
        )
        .replace(r#""name":"Seat""#, r#""name":"Sitz, \"links\"""#)
        .replace(r#""name":"Hall""#, r#""name":"Größe „XL“ 🎟\\""#)
        .replace(r#""category":"I""#, r#""category":"𝄞""#)
        .replace(r#""category":"II""#, r#""category":"＃""#);
    (payload, schema)
}

/// By the first schemas, which took characters that turn what stands beside them around; in a currency without minor units.
fn as_once_written(payload: &str, _: i32) -> (String, i32) {
    let payload = payload
        .replace(r#""currency":"EUR""#, r#""currency":"JPY""#)
        .replace(r#""timezone":"Europe/Berlin""#, r#""timezone":"Pacific/Chatham""#)
        .replace("Spring Cup", "Spring\u{202E}Cup")
        .replace("Street 1", "Street\u{202E}1")
        .replace(r#""category":"I""#, "\"category\":\"I\u{2066}\"");
    (payload, 1)
}
