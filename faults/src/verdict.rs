//! After the load: the log as the superuser reads it, the journal against it, and the read models against both.

use std::collections::{BTreeMap, HashMap};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use futures::TryStreamExt as _;
use serde_json::Value;
use sqlx::AssertSqlSafe;
use sqlx::Row as _;
use sqlx::postgres::PgConnection;
use uuid::Uuid;

use crate::ADMIN_TOKEN;
use crate::check::{COLUMNS, Check, Figures, Kind, Row, Show, compare};
use crate::journal::{Entry, number_of};
use crate::place::Place;

/// Holds run out while the read models are asked: then they are asked again, for the log as it is by then. All are alike
/// within this time.
const ALIKE_WITHIN: Duration = Duration::from_secs(60);
const LOOK_AGAIN: Duration = Duration::from_millis(200);
/// So many that differ are enough.
const DIFFERENT_MAX: u64 = 3;

/// Checks everything, and hands back what was found.
pub async fn judge(place: &Place, journal: &[Entry]) -> Result<Check> {
    let mut connection = place.connect().await.context("a connection for the check")?;
    let mut check = Check::default();
    read_on(&mut connection, &mut check).await?;
    let typed = typed(&mut connection).await?;
    compare(&mut check, journal, &typed);
    read_models(place, &mut connection, &mut check).await?;
    Ok(check)
}

/// What was recorded since.
async fn read_on(connection: &mut PgConnection, check: &mut Check) -> Result<()> {
    let statement = format!("SELECT {COLUMNS} FROM log.events WHERE position > $1 ORDER BY position");
    let mut rows = sqlx::query(AssertSqlSafe(statement)).bind(check.position).fetch(connection);
    while let Some(row) = rows.try_next().await? {
        check.take(&Row::of(&row)?);
    }
    Ok(())
}

/// Of each vault entry with a mark, the request that typed it.
async fn typed(connection: &mut PgConnection) -> Result<HashMap<Uuid, u64>> {
    let rows = sqlx::query("SELECT id, fields::text AS typed FROM vault.entries").fetch_all(connection).await?;
    let mut typed = HashMap::new();
    for row in rows {
        let text: String = row.try_get("typed")?;
        if let Some(number) = number_of(&text) {
            typed.insert(row.try_get("id")?, number);
        }
    }
    Ok(typed)
}

/// Each show's read models at the position of its last event.
async fn read_models(place: &Place, connection: &mut PgConnection, check: &mut Check) -> Result<()> {
    let http = reqwest::Client::builder().timeout(Duration::from_secs(20)).build()?;
    let since = Instant::now();
    let shows: Vec<Uuid> = check.shows.keys().copied().collect();
    for show in shows {
        let differs = loop {
            read_on(connection, check).await?;
            let reader = Reader { http: &http, address: &place.server.address, show, position: check.position };
            let differs = match reader.differs(&check.shows[&show]).await {
                Ok(None) => break None,
                Ok(Some(differs)) => differs,
                Err(error) => format!("{error:#}"),
            };
            if since.elapsed() > ALIKE_WITHIN {
                break Some(differs);
            }
            tokio::time::sleep(LOOK_AGAIN).await;
        };
        if let Some(differs) = differs {
            check.wrongs.found(Kind::ReadModel, format!("show {show} at {}: {differs}", check.position));
            if check.wrongs.count(Kind::ReadModel) >= DIFFERENT_MAX {
                break;
            }
        }
    }
    Ok(())
}

struct Reader<'a> {
    http: &'a reqwest::Client,
    address: &'a str,
    show: Uuid,
    position: i64,
}

impl Reader<'_> {
    /// How they differ from the folded log, if they do.
    async fn differs(&self, show: &Show) -> Result<Option<String>> {
        let seats = self.get("seats").await?;
        let shown: BTreeMap<String, String> = serde_json::from_value(seats["seats"].clone())?;
        let shown: BTreeMap<&str, &str> = shown.iter().map(|(seat, state)| (seat.as_str(), state.as_str())).collect();
        if shown != show.places.taken() {
            return Ok(Some(format!("seats {shown:?}, by the log {:?}", show.places.taken())));
        }
        let attendance = self.get("attendance").await?;
        let count = |field: &str| attendance[field].as_i64().unwrap_or(-1);
        let figures = Figures {
            issued: count("issued"),
            admitted: count("admitted"),
            inside: count("inside"),
            refused: count("refused"),
        };
        if figures != show.door.figures() {
            return Ok(Some(format!("attendance {figures:?}, by the log {:?}", show.door.figures())));
        }
        let availability = self.get("availability").await?;
        Ok(of_sections(&availability, show).or_else(|| of_types(&availability, show)))
    }

    async fn get(&self, what: &str) -> Result<Value> {
        let url = format!("http://{}/api/v1/shows/{}/{what}", self.address, self.show);
        let request = self.http.get(url).bearer_auth(ADMIN_TOKEN).header("turnout-position", self.position);
        let response = request.send().await?;
        let status = response.status();
        let text = response.text().await?;
        anyhow::ensure!(status.is_success(), "{what}: {status} {text}");
        Ok(serde_json::from_str(&text)?)
    }
}

fn of_sections(availability: &Value, show: &Show) -> Option<String> {
    let sections = availability["sections"].as_array().into_iter().flatten();
    let shown: BTreeMap<&str, [i64; 4]> = sections
        .filter_map(|section| {
            let count = |field: &str| section[field].as_i64().unwrap_or(-1);
            let name = section["name"].as_str()?;
            Some((name, ["capacity", "held", "sold", "blocked"].map(count)))
        })
        .collect();
    let tallies = show.places.sections.iter();
    let folded: BTreeMap<&str, [i64; 4]> =
        tallies.map(|(name, tally)| (name.as_str(), [tally.capacity, tally.held, tally.sold, tally.blocked])).collect();
    (shown != folded).then(|| format!("sections {shown:?}, by the log {folded:?}"))
}

fn of_types(availability: &Value, show: &Show) -> Option<String> {
    let types = availability["ticket_types"].as_array().into_iter().flatten();
    let shown: BTreeMap<Uuid, [i64; 2]> = types
        .filter_map(|kind| {
            let count = |field: &str| kind[field].as_i64().unwrap_or(-1);
            Some((kind["id"].as_str()?.parse().ok()?, ["held", "sold"].map(count)))
        })
        .collect();
    let types = show.places.types.iter();
    let folded: BTreeMap<Uuid, [i64; 2]> =
        types.map(|(id, kind)| (*id, [kind.tickets.held, kind.tickets.sold])).collect();
    (shown != folded).then(|| format!("ticket types {shown:?}, by the log {folded:?}"))
}
