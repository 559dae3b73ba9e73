//! The events that made a figure.

use axum::response::Response;
use chrono::{DateTime, Utc};
use identity::Caller;
use projections::{
    queries::List,
    reports::{Measure, Report, ReportEvents},
};
use serde::Serialize;
use serde_json::{Map, Value};
use uuid::Uuid;

use super::{json::money, open, params::Asked};
use crate::{
    answer::{Conditions, For},
    app::QuerySide,
    problem::Problem,
};

/// An event, with what it adds.
#[derive(Debug, Serialize)]
struct Item {
    position: i64,
    at: DateTime<Utc>,
    #[serde(rename = "type")]
    event_type: String,
    show: Uuid,
    order: Option<Uuid>,
    ticket: Option<Uuid>,
    #[serde(flatten)]
    figures: Map<String, Value>,
}

/// Answers the events of a row.
pub(super) async fn answer(
    app: &QuerySide,
    caller: &Caller,
    report: &'static Report,
    asked: Result<(Asked, ReportEvents), Problem>,
    conditions: &Conditions,
) -> Result<Response, Problem> {
    let (asked, mut wanted) = asked?;
    let limit = wanted.limit;
    // One more tells whether there is more.
    wanted.limit += 1;
    let mut open = open(app, caller, report, &asked).await?;
    let mut events = open.events(&wanted).await?;
    let more = events.len() > usize::from(limit);
    events.truncate(usize::from(limit));
    let next = events.last().filter(|_| more).map(|last| last.position.to_string());
    let items = events
        .into_iter()
        .map(|event| {
            let figures = report.figures.iter().zip(&event.figures).map(|(figure, n)| {
                let value = match figure.measure {
                    Measure::Count => (*n).into(),
                    Measure::Money => money(*n, Some(&event.currency)),
                };
                (figure.name.to_owned(), value)
            });
            Item {
                figures: figures.collect(),
                position: event.position,
                at: event.at,
                event_type: event.event_type,
                show: event.show,
                order: event.order,
                ticket: event.ticket,
            }
        })
        .collect();
    conditions.json(open.position, For::Caller, &List { items, next })
}
