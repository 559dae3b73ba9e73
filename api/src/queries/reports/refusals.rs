//! Who was turned away.

use axum::{extract::State, response::Response};
use projections::reports::Report;
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
    RefusalsReport, RefusalsRow, RefusalsKey, RefusalsFigures, RefusalsEvent, RefusalsEvents;
    /// The show.
    show: Option<Uuid>,
    /// The minute.
    minute: Option<ReportBucket>,
    /// The hour.
    hour: Option<ReportBucket>,
    /// The day.
    day: Option<ReportBucket>,
    /// Why, or which rule was set aside; none where a device did not say.
    reason: Option<String>,
    /// The gate.
    gate: Option<String>,
    /// The device.
    device: Option<Uuid>,
    /// The ticket type; none for what is no ticket.
    ticket_type: Option<ReportTicketType>,
    ;
    /// Refusals.
    refused: i64,
    /// Passages against the rules.
    overridden: i64,
}

/// Who was turned away
///
/// Looks at a ticket that ended with no, and those that ended with yes against the rules.
#[utoipa::path(
    get,
    path = "/reports/refusals",
    tag = "Reports",
    params(ReportParams),
    responses(
        (
            status = OK,
            content(
                (RefusalsReport = "application/json"),
                (String = "text/csv"),
                (String = "application/x-ndjson"),
                (Vec<u8> = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
            )
        ),
        StaffProblems
    )
)]
pub(super) async fn get_refusals_report(
    State(app): State<QuerySide>,
    needs: Needs<may::GetRefusalsReport>,
    _: Position,
    params: Params<ReportParams>,
    conditions: Conditions,
) -> Result<Response, Problem> {
    answer(&app, &needs.caller, &Report::REFUSALS, params.get()?.of(&Report::REFUSALS), &conditions).await
}

/// The events of refusals
///
/// What made a figure: with the parameters of a row, as its `events` says them, they add up to it.
#[utoipa::path(
    get,
    path = "/reports/refusals/events",
    tag = "Reports",
    params(EventsParams),
    responses((status = OK, body = RefusalsEvents), StaffProblems)
)]
pub(super) async fn list_refusals_report_events(
    State(app): State<QuerySide>,
    needs: Needs<may::ListRefusalsReportEvents>,
    _: Position,
    params: Params<EventsParams>,
    conditions: Conditions,
) -> Result<Response, Problem> {
    events::answer(&app, &needs.caller, &Report::REFUSALS, params.get()?.of(&Report::REFUSALS), &conditions).await
}
