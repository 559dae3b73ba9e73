//! A report as JSON.

use std::collections::HashMap;

use chrono::{DateTime, SecondsFormat, Utc};
use form_urlencoded::Serializer;
use futures::TryStreamExt;
use projections::reports::{Bucket, Measure, OpenReport, Report, ReportRow};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::params::Asked;
use crate::{problem::Problem, router::BASE};

/// More rows than a page shows; whoever wants them all takes another format, which is streamed.
const ROWS_MAX: usize = 10_000;

/// All of it.
///
/// # Errors
/// 422 where it has too many rows.
pub(super) async fn whole(open: &mut OpenReport, asked: &Asked) -> Result<Value, Problem> {
    let told = Told::of(open, asked);
    let mut rows = Vec::new();
    {
        let mut found = std::pin::pin!(open.rows());
        while let Some(row) = found.try_next().await? {
            if rows.len() == ROWS_MAX {
                let detail = format!("makes more than {ROWS_MAX} rows; ask for fewer, or for format=csv or ndjson");
                return Err(Problem::invalid_at("/by", detail));
            }
            rows.push(told.row(&row));
        }
    }
    let totals: Vec<Value> = open.totals().await?.iter().map(|row| Value::Object(told.figures(row))).collect();
    let shows: Vec<Value> = open
        .shows
        .iter()
        .map(|show| json!({ "id": show.id, "name": show.name, "timezone": show.timezone, "currency": show.currency }))
        .collect();
    Ok(json!({ "position": open.position, "by": asked.dimensions, "shows": shows, "rows": rows, "totals": totals }))
}

/// How rows of a report are written.
#[derive(Debug, Clone)]
pub(super) struct Told {
    report: &'static Report,
    asked: Asked,
    position: i64,
    ticket_types: std::sync::Arc<HashMap<Uuid, String>>,
    /// Where money may be of several currencies, its currency is part of what a row is.
    several_currencies: bool,
}

impl Told {
    pub fn of(open: &OpenReport, asked: &Asked) -> Self {
        let several = open.shows.windows(2).any(|pair| pair[0].currency != pair[1].currency);
        Self {
            report: open.report,
            asked: asked.clone(),
            position: open.position,
            ticket_types: open.ticket_types.clone(),
            several_currencies: several && open.report.has_money(),
        }
    }

    /// A row.
    pub fn row(&self, row: &ReportRow) -> Value {
        let mut told = Map::new();
        told.insert("key".to_owned(), self.key(row));
        told.append(&mut self.figures(row));
        told.insert("events".to_owned(), self.events(row).into());
        Value::Object(told)
    }

    /// Its figures.
    pub fn figures(&self, row: &ReportRow) -> Map<String, Value> {
        self.report
            .figures
            .iter()
            .zip(&row.figures)
            .map(|(figure, n)| {
                let value = match figure.measure {
                    Measure::Count => (*n).into(),
                    Measure::Money => money(*n, row.currency.as_deref()),
                };
                (figure.name.to_owned(), value)
            })
            .collect()
    }

    /// What it is of: every dimension of the report, null where it was not asked for or there is none.
    fn key(&self, row: &ReportRow) -> Value {
        let mut key = Map::new();
        key.insert("show".to_owned(), json!(row.key.show));
        for unit in self.report.units {
            let bucket = row.key.bucket.as_ref().filter(|_| self.asked.unit == Some(*unit));
            key.insert(unit.as_str().to_owned(), bucket.map_or(Value::Null, told_bucket));
        }
        for (name, word) in self.report.words.iter().zip(&row.key.words) {
            let value = match (*name, word) {
                (_, None) => Value::Null,
                ("ticket_type", Some(id)) => json!({ "id": id, "name": self.ticket_type(id) }),
                ("price", Some(price)) => money(price.parse().unwrap_or(0), row.currency.as_deref()),
                (_, Some(word)) => word.as_str().into(),
            };
            key.insert((*name).to_owned(), value);
        }
        Value::Object(key)
    }

    /// The name of a ticket type.
    pub fn ticket_type(&self, id: &str) -> Option<&str> {
        id.parse().ok().and_then(|id: Uuid| self.ticket_types.get(&id)).map(String::as_str)
    }

    /// Where the events are that made a row.
    pub fn events(&self, row: &ReportRow) -> String {
        let asked = &self.asked;
        let mut query = Serializer::new(String::new());
        let shows = row.key.show.map(|show| vec![show]).or_else(|| asked.shows.clone());
        if let Some(shows) = shows {
            let ids: Vec<String> = shows.iter().map(Uuid::to_string).collect();
            query.append_pair("show", &ids.join(","));
        }
        for (name, moment) in [("from", asked.from), ("to", asked.to)] {
            if let Some(moment) = moment {
                query.append_pair(name, &utc(moment));
            }
        }
        if let Some(currency) = row.currency.as_deref().filter(|_| self.several_currencies) {
            query.append_pair("currency", currency);
        }
        if let Some((unit, bucket)) = asked.unit.zip(row.key.bucket.as_ref()) {
            query.append_pair(unit.as_str(), &bucket.local.to_rfc3339());
        }
        for (name, word) in self.report.words.iter().zip(&row.key.words) {
            if asked.by.contains(name) {
                query.append_pair(name, word.as_deref().unwrap_or_default());
            }
        }
        query.append_pair("at", &self.position.to_string());
        format!("{BASE}/reports/{}/events?{}", self.report.name, query.finish())
    }
}

fn told_bucket(bucket: &Bucket) -> Value {
    json!({ "from": utc(bucket.from), "to": utc(bucket.to), "local": bucket.local.to_rfc3339() })
}

pub(super) fn utc(moment: DateTime<Utc>) -> String {
    moment.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}

pub(super) fn money(amount: i64, currency: Option<&str>) -> Value {
    json!({ "amount": amount, "currency": currency.unwrap_or_default() })
}
