//! What was sold.

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
    SalesReport, SalesRow, SalesKey, SalesFigures, SalesEvent, SalesEvents;
    /// The show.
    show: Option<Uuid>,
    /// The hour.
    hour: Option<ReportBucket>,
    /// The day.
    day: Option<ReportBucket>,
    /// The ticket type; none for what is no ticket, or of an order as a whole.
    ticket_type: Option<ReportTicketType>,
    /// How it was sold.
    channel: Option<String>,
    /// The price of each.
    price: Option<Money>,
    /// The category of the seats.
    category: Option<String>,
    /// The section.
    section: Option<String>,
    /// How the order stands at the moment asked for: `awaiting_payment`, `paid`, `cancelled`, `expired`, `refunded` (all that was paid has gone back).
    status: Option<String>,
    ;
    /// Valid tickets: issued, less voided.
    tickets: i64,
    /// Voided tickets.
    voided: i64,
    /// Persons of valid tickets.
    persons: i64,
    /// What lines of orders came to, tax included.
    gross: Money,
    /// What was taken off again: voided, cancelled, expired, let go.
    cancelled: Money,
    /// What was given back.
    refunded: Money,
    /// What was paid.
    paid: Money,
    /// `gross` less `cancelled` and `tax`.
    net: Money,
    /// The tax in what is left.
    tax: Money,
}

/// What was sold
///
/// Tickets and money, of all that was ordered: what came of it is in `status`.
#[utoipa::path(
    get,
    path = "/reports/sales",
    tag = "Reports",
    params(ReportParams),
    responses(
        (
            status = OK,
            content(
                (SalesReport = "application/json"),
                (String = "text/csv"),
                (String = "application/x-ndjson"),
                (Vec<u8> = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
            )
        ),
        StaffProblems
    )
)]
pub(super) async fn get_sales_report(
    State(app): State<QuerySide>,
    needs: Needs<may::GetSalesReport>,
    _: Position,
    params: Params<ReportParams>,
    conditions: Conditions,
) -> Result<Response, Problem> {
    answer(&app, &needs.caller, &Report::SALES, params.get()?.of(&Report::SALES), &conditions).await
}

/// The events of sales
///
/// What made a figure: with the parameters of a row, as its `events` says them, they add up to it.
#[utoipa::path(
    get,
    path = "/reports/sales/events",
    tag = "Reports",
    params(EventsParams),
    responses((status = OK, body = SalesEvents), StaffProblems)
)]
pub(super) async fn list_sales_report_events(
    State(app): State<QuerySide>,
    needs: Needs<may::ListSalesReportEvents>,
    _: Position,
    params: Params<EventsParams>,
    conditions: Conditions,
) -> Result<Response, Problem> {
    events::answer(&app, &needs.caller, &Report::SALES, params.get()?.of(&Report::SALES), &conditions).await
}
