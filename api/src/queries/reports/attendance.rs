//! Who went in and out.

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
    AttendanceReport, AttendanceRow, AttendanceKey, AttendanceFigures, AttendanceEvent, AttendanceEvents;
    /// The show.
    show: Option<Uuid>,
    /// The minute.
    minute: Option<ReportBucket>,
    /// The hour.
    hour: Option<ReportBucket>,
    /// The day.
    day: Option<ReportBucket>,
    /// The gate.
    gate: Option<String>,
    /// The area.
    area: Option<String>,
    /// The ticket type.
    ticket_type: Option<ReportTicketType>,
    /// The section of the ticket.
    section: Option<String>,
    ;
    /// Persons who came in, less those of admissions that were taken back; whoever comes back after an exit is not counted again.
    admitted: i64,
    /// Persons who came back after an exit.
    returned: i64,
    /// Persons who went out, each time.
    departed: i64,
    /// Persons of what was taken back.
    undone: i64,
    /// Passages against the rules.
    overridden: i64,
    /// Refusals.
    refused: i64,
}

/// Who went in and out
///
/// By when tickets were looked at. Counts are persons; `overridden` and `refused` are looks at a ticket.
#[utoipa::path(
    get,
    path = "/reports/attendance",
    tag = "Reports",
    params(ReportParams),
    responses(
        (
            status = OK,
            content(
                (AttendanceReport = "application/json"),
                (String = "text/csv"),
                (String = "application/x-ndjson"),
                (Vec<u8> = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
            )
        ),
        StaffProblems
    )
)]
pub(super) async fn get_attendance_report(
    State(app): State<QuerySide>,
    needs: Needs<may::GetAttendanceReport>,
    _: Position,
    params: Params<ReportParams>,
    conditions: Conditions,
) -> Result<Response, Problem> {
    answer(&app, &needs.caller, &Report::ATTENDANCE, params.get()?.of(&Report::ATTENDANCE), &conditions).await
}

/// The events of attendance
///
/// What made a figure: with the parameters of a row, as its `events` says them, they add up to it.
#[utoipa::path(
    get,
    path = "/reports/attendance/events",
    tag = "Reports",
    params(EventsParams),
    responses((status = OK, body = AttendanceEvents), StaffProblems)
)]
pub(super) async fn list_attendance_report_events(
    State(app): State<QuerySide>,
    needs: Needs<may::ListAttendanceReportEvents>,
    _: Position,
    params: Params<EventsParams>,
    conditions: Conditions,
) -> Result<Response, Problem> {
    events::answer(&app, &needs.caller, &Report::ATTENDANCE, params.get()?.of(&Report::ATTENDANCE), &conditions).await
}
