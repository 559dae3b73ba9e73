//! How full it is.

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
    OccupancyReport, OccupancyRow, OccupancyKey, OccupancyFigures, OccupancyEvent, OccupancyEvents;
    /// The show.
    show: Option<Uuid>,
    /// The section; none in a show without a seating.
    section: Option<String>,
    /// The category of the seats.
    category: Option<String>,
    /// The ticket type; none for what is of all.
    ticket_type: Option<ReportTicketType>,
    ;
    /// All places.
    capacity: i64,
    /// Free ones: `capacity` less `held`, `sold` and `blocked`.
    available: i64,
    /// In open holds and unpaid orders.
    held: i64,
    /// With tickets.
    sold: i64,
    /// Out of sale.
    blocked: i64,
    /// Persons of valid tickets who came.
    admitted: i64,
}

/// How full it is
///
/// Persons' places; by section where nobody says otherwise. Capacity and blocked places are of no ticket type.
#[utoipa::path(
    get,
    path = "/reports/occupancy",
    tag = "Reports",
    params(ReportParams),
    responses(
        (
            status = OK,
            content(
                (OccupancyReport = "application/json"),
                (String = "text/csv"),
                (String = "application/x-ndjson"),
                (Vec<u8> = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
            )
        ),
        StaffProblems
    )
)]
pub(super) async fn get_occupancy_report(
    State(app): State<QuerySide>,
    needs: Needs<may::GetOccupancyReport>,
    _: Position,
    params: Params<ReportParams>,
    conditions: Conditions,
) -> Result<Response, Problem> {
    answer(&app, &needs.caller, &Report::OCCUPANCY, params.get()?.of(&Report::OCCUPANCY), &conditions).await
}

/// The events of occupancy
///
/// What made a figure: with the parameters of a row, as its `events` says them, they add up to it.
#[utoipa::path(
    get,
    path = "/reports/occupancy/events",
    tag = "Reports",
    params(EventsParams),
    responses((status = OK, body = OccupancyEvents), StaffProblems)
)]
pub(super) async fn list_occupancy_report_events(
    State(app): State<QuerySide>,
    needs: Needs<may::ListOccupancyReportEvents>,
    _: Position,
    params: Params<EventsParams>,
    conditions: Conditions,
) -> Result<Response, Problem> {
    events::answer(&app, &needs.caller, &Report::OCCUPANCY, params.get()?.of(&Report::OCCUPANCY), &conditions).await
}
