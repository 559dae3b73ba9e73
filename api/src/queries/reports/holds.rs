//! What became of holds.

use axum::{extract::State, response::Response};
use projections::{reports::Report, views::Money};
use uuid::Uuid;

use super::{
    answer, events,
    params::{EventsParams, ReportParams},
    schemas::{ReportBucket, ReportTicketType, described},
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
    HoldsReport, HoldsRow, HoldsKey, HoldsFigures, HoldsEvent, HoldsEvents;
    /// The show.
    show: Option<Uuid>,
    /// The hour.
    hour: Option<ReportBucket>,
    /// The day.
    day: Option<ReportBucket>,
    /// The ticket type; a hold of several counts with its first.
    ticket_type: Option<ReportTicketType>,
    /// How it came.
    channel: Option<String>,
    /// What became of it at the moment asked for: `ordered`, `released`, `expired` (it, or its unpaid order), `open`.
    outcome: Option<String>,
    ;
    /// Holds.
    holds: i64,
    /// Places that they kept, in persons.
    places: i64,
    /// What these would have cost.
    value: Money,
}

/// What became of holds
///
/// Holds by when they were placed.
#[utoipa::path(
    get,
    path = "/reports/holds",
    tag = "Reports",
    params(ReportParams),
    responses(
        (
            status = OK,
            content(
                (HoldsReport = "application/json"),
                (String = "text/csv"),
                (String = "application/x-ndjson"),
                (Vec<u8> = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
            )
        ),
        StaffProblems
    )
)]
pub(super) async fn get_holds_report(
    State(app): State<QuerySide>,
    needs: Needs<may::GetHoldsReport>,
    _: Position,
    params: Params<ReportParams>,
    conditions: Conditions,
) -> Result<Response, Problem> {
    answer(&app, &needs.caller, &Report::HOLDS, params.get()?.of(&Report::HOLDS), &conditions).await
}

/// The events of holds
///
/// What made a figure: with the parameters of a row, as its `events` says them, they add up to it.
#[utoipa::path(
    get,
    path = "/reports/holds/events",
    tag = "Reports",
    params(EventsParams),
    responses((status = OK, body = HoldsEvents), StaffProblems)
)]
pub(super) async fn list_holds_report_events(
    State(app): State<QuerySide>,
    needs: Needs<may::ListHoldsReportEvents>,
    _: Position,
    params: Params<EventsParams>,
    conditions: Conditions,
) -> Result<Response, Problem> {
    events::answer(&app, &needs.caller, &Report::HOLDS, params.get()?.of(&Report::HOLDS), &conditions).await
}
