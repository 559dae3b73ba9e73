//! Who did not come.

use axum::{extract::State, response::Response};
use projections::reports::Report;
use uuid::Uuid;

use super::{
    answer, events,
    params::{EventsParams, ReportParams},
    schemas::{ReportTicketType, described},
};
use crate::{
    answer::Conditions,
    app::QuerySide,
    extract::{Needs, Params, Position},
    openapi::StaffProblems,
    permissions::may,
    problem::Problem,
};

described! {
    NoShowsReport, NoShowsRow, NoShowsKey, NoShowsFigures, NoShowsEvent, NoShowsEvents;
    /// The show.
    show: Option<Uuid>,
    /// The ticket type.
    ticket_type: Option<ReportTicketType>,
    /// The section.
    section: Option<String>,
    /// The category of the seats.
    category: Option<String>,
    /// How it was sold.
    channel: Option<String>,
    ;
    /// Persons of valid tickets.
    issued: i64,
    /// Those of them who came.
    admitted: i64,
    /// Those who did not.
    no_shows: i64,
}

/// Who did not come
///
/// Persons of valid tickets, and those of them who came at least once.
#[utoipa::path(
    get,
    path = "/reports/no-shows",
    tag = "Reports",
    params(ReportParams),
    responses(
        (
            status = OK,
            content(
                (NoShowsReport = "application/json"),
                (String = "text/csv"),
                (String = "application/x-ndjson"),
                (Vec<u8> = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
            )
        ),
        StaffProblems
    )
)]
pub(super) async fn get_no_shows_report(
    State(app): State<QuerySide>,
    needs: Needs<may::GetNoShowsReport>,
    _: Position,
    params: Params<ReportParams>,
    conditions: Conditions,
) -> Result<Response, Problem> {
    answer(&app, &needs.caller, &Report::NO_SHOWS, params.get()?.of(&Report::NO_SHOWS), &conditions).await
}

/// The events of no-shows
///
/// What made a figure: with the parameters of a row, as its `events` says them, they add up to it.
#[utoipa::path(
    get,
    path = "/reports/no-shows/events",
    tag = "Reports",
    params(EventsParams),
    responses((status = OK, body = NoShowsEvents), StaffProblems)
)]
pub(super) async fn list_no_shows_report_events(
    State(app): State<QuerySide>,
    needs: Needs<may::ListNoShowsReportEvents>,
    _: Position,
    params: Params<EventsParams>,
    conditions: Conditions,
) -> Result<Response, Problem> {
    events::answer(&app, &needs.caller, &Report::NO_SHOWS, params.get()?.of(&Report::NO_SHOWS), &conditions).await
}
