//! Reports: figures of sales, of the door and of holds, as JSON or to take away.
//!
//! A file for each report holds its handlers and what its answers look like; what all have in common is here and beside. Every row
//! names the address that lists its events. JSON is for pages and has an end; the other formats are streamed, however long they are.

mod attendance;
mod events;
mod holds;
mod json;
mod no_shows;
mod occupancy;
mod params;
mod refusals;
mod sales;
mod schemas;
mod stream;
mod table;
mod xlsx;

use axum::response::Response;
use identity::Caller;
use projections::{
    as_of,
    reports::{Moment, OpenReport, Report, ReportError, ReportQuestion},
};
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use self::params::{Asked, Format};
use crate::{
    answer::{Conditions, For},
    app::QuerySide,
    extract::POSITION_WAIT_MAX,
    problem::Problem,
};

/// Every report.
pub(super) fn router() -> OpenApiRouter<QuerySide> {
    OpenApiRouter::new()
        .routes(routes!(sales::get_sales_report))
        .routes(routes!(sales::list_sales_report_events))
        .routes(routes!(attendance::get_attendance_report))
        .routes(routes!(attendance::list_attendance_report_events))
        .routes(routes!(no_shows::get_no_shows_report))
        .routes(routes!(no_shows::list_no_shows_report_events))
        .routes(routes!(occupancy::get_occupancy_report))
        .routes(routes!(occupancy::list_occupancy_report_events))
        .routes(routes!(holds::get_holds_report))
        .routes(routes!(holds::list_holds_report_events))
        .routes(routes!(refusals::get_refusals_report))
        .routes(routes!(refusals::list_refusals_report_events))
}

/// Answers a report in the format that is asked for.
async fn answer(
    app: &QuerySide,
    caller: &Caller,
    report: &'static Report,
    asked: Result<Asked, Problem>,
    conditions: &Conditions,
) -> Result<Response, Problem> {
    let asked = asked?;
    let mut open = open(app, caller, report, &asked).await?;
    match asked.format {
        Format::Json => {
            let position = open.position;
            let body = json::whole(&mut open, &asked).await?;
            conditions.json(position, For::Caller, &body)
        }
        Format::Csv | Format::Xlsx | Format::Ndjson => stream::answer(open, asked).await,
    }
}

/// Begins a report as of the moment that is asked for, of what the caller's credential reaches.
async fn open(app: &QuerySide, caller: &Caller, report: &'static Report, asked: &Asked) -> Result<OpenReport, Problem> {
    let staff = caller.staff().ok_or_else(Problem::not_found)?;
    let moment = match asked.moment {
        Moment::Now => None,
        Moment::Position(position) => Some(as_of::Moment::Position(position)),
        Moment::Time(time) => Some(as_of::Moment::Time(time)),
    };
    // What was so then is not told before the read models know it.
    if let Some(moment) = moment {
        let stand = app.queries.stand(moment, app.clock.now()).await?;
        app.queries.wait_for(stand.position, None, POSITION_WAIT_MAX).await?;
    }
    let question = ReportQuestion {
        organization: staff.organization,
        shows: within_reach(asked.shows.clone(), staff.shows.as_deref())?,
        from: asked.from,
        to: asked.to,
        moment: asked.moment,
        by: asked.by.clone(),
        unit: asked.unit,
    };
    app.queries.report(report, question).await.map_err(Problem::from)
}

/// The shows that are asked for, of those that the credential is bound to.
fn within_reach(asked: Option<Vec<Uuid>>, reach: Option<&[Uuid]>) -> Result<Option<Vec<Uuid>>, Problem> {
    match (asked, reach) {
        (asked, None) => Ok(asked),
        (None, Some(reach)) => Ok(Some(reach.to_vec())),
        (Some(asked), Some(reach)) => match asked.iter().find(|show| !reach.contains(show)) {
            Some(beyond) => Err(unknown_show(*beyond)),
            None => Ok(Some(asked)),
        },
    }
}

fn unknown_show(show: Uuid) -> Problem {
    Problem::invalid_at("/show", format!("{show} is no show of yours; name shows by their ids, separated by commas"))
}

impl From<ReportError> for Problem {
    fn from(error: ReportError) -> Self {
        match error {
            ReportError::UnknownShow(show) => unknown_show(show),
            // It had been reached: the read models are built anew.
            ReportError::Beyond { .. } => Self::read_model_behind(),
            ReportError::Query(source) => source.into(),
        }
    }
}
