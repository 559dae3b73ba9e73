//! The ticket to keep: a page to print, its QR code, an entry for the calendar. A void ticket has none.

use axum::{extract::State, response::Response};
use chrono::{DateTime, Utc};
use domain::ids::TicketId;
use identity::Caller;
use integrations::documents::{CalendarEntry, TicketPage, show_calendar, ticket_pdf, ticket_qr_png};
use projections::{
    Scope,
    history::{HistoryFilter, Reading},
    queries::{Page, TicketFound},
    views::{ShowView, TicketView},
};
use uuid::Uuid;

use super::{
    NoParams,
    tickets::{seen_ticket, token},
};
use crate::{
    answer::{Conditions, For},
    app::QuerySide,
    extract::{Needs, Params, PathIds, Position},
    openapi::StaffProblems,
    permissions::may,
    problem::Problem,
};

/// What changes what a calendar says of a show.
const CALENDAR_EVENTS: [&str; 4] = ["ShowScheduled", "ShowRevised", "ShowRescheduled", "ShowCancelled"];

/// Nobody revises a show more often; a calendar's sequence stops counting there.
const REVISIONS_MAX: u16 = 200;

/// A valid ticket with its show and its token.
struct Kept {
    organization: Uuid,
    position: i64,
    found: TicketFound,
    show: ShowView,
    token: String,
}

impl Kept {
    async fn find(app: &QuerySide, caller: &Caller, id: TicketId, position: Position) -> Result<Self, Problem> {
        let (organization, ticket) = seen_ticket(app, caller, id, position).await?;
        let token = token(app, &ticket.body)?.ok_or_else(Problem::not_found)?;
        let show = app.queries.show(Scope::Organization(organization), ticket.body.show).await?;
        let show = show.body.ok_or_else(Problem::not_found)?;
        Ok(Self { organization, position: ticket.position, found: ticket.body, show, token })
    }
}

/// The ticket as a page to print
///
/// PDF, A4, with the QR code and the short code.
#[utoipa::path(
    get,
    path = "/tickets/{ticket}/pdf",
    tag = "Tickets",
    params(("ticket" = Uuid, Path, description = "Its id")),
    responses((status = OK, body = Vec<u8>, content_type = "application/pdf"), StaffProblems)
)]
pub(super) async fn get_ticket_pdf(
    State(app): State<QuerySide>,
    needs: Needs<may::GetTicketPdf>,
    PathIds(id): PathIds<TicketId>,
    position: Position,
    params: Params<NoParams>,
    conditions: Conditions,
) -> Result<Response, Problem> {
    let kept = Kept::find(&app, &needs.caller, id, position).await?;
    params.get()?;
    let order = app.queries.order(kept.organization, kept.found.ticket.order).await?;
    let reference = order.body.map(|found| found.order.reference);
    let position = kept.position;
    // Drawing takes milliseconds of computing, which would stop other requests on this thread.
    let drawn = tokio::task::spawn_blocking(move || draw(&kept, reference.as_deref())).await;
    let bytes = drawn.map_err(|error| Problem::internal(&error))??;
    Ok(conditions.answer(Some(position), For::Caller, "application/pdf", bytes.into()))
}

/// The ticket's QR code
///
/// PNG, black on white, of 30 mm at 203 dpi.
#[utoipa::path(
    get,
    path = "/tickets/{ticket}/qr.png",
    tag = "Tickets",
    params(("ticket" = Uuid, Path, description = "Its id")),
    responses((status = OK, body = Vec<u8>, content_type = "image/png"), StaffProblems)
)]
pub(super) async fn get_ticket_qr(
    State(app): State<QuerySide>,
    needs: Needs<may::GetTicketQr>,
    PathIds(id): PathIds<TicketId>,
    position: Position,
    params: Params<NoParams>,
    conditions: Conditions,
) -> Result<Response, Problem> {
    let kept = Kept::find(&app, &needs.caller, id, position).await?;
    params.get()?;
    let bytes = ticket_qr_png(&kept.token).map_err(|error| Problem::internal(&error))?;
    Ok(conditions.answer(Some(kept.position), For::Caller, "image/png", bytes.into()))
}

/// The show for the calendar
///
/// iCalendar (RFC 5545), with the ticket's place. A later one replaces an earlier one when the show was changed.
#[utoipa::path(
    get,
    path = "/tickets/{ticket}/calendar.ics",
    tag = "Tickets",
    params(("ticket" = Uuid, Path, description = "Its id")),
    responses((status = OK, body = String, content_type = "text/calendar"), StaffProblems)
)]
pub(super) async fn get_ticket_calendar(
    State(app): State<QuerySide>,
    needs: Needs<may::GetTicketCalendar>,
    PathIds(id): PathIds<TicketId>,
    position: Position,
    params: Params<NoParams>,
    conditions: Conditions,
) -> Result<Response, Problem> {
    let kept = Kept::find(&app, &needs.caller, id, position).await?;
    params.get()?;
    let (sequence, changed_at) = revisions(&app, &kept).await?;
    let show = &kept.show;
    let place = place(&kept.found.ticket);
    let text = show_calendar(&CalendarEntry {
        ticket: kept.found.ticket.id,
        show_name: &show.name,
        venue_name: &show.venue.name,
        venue_address: &show.venue.address,
        place: place.as_deref(),
        starts_at: show.starts_at,
        ends_at: show.ends_at,
        cancelled: show.status == "cancelled",
        changed_at,
        sequence,
    });
    Ok(conditions.answer(Some(kept.position), For::Caller, "text/calendar; charset=utf-8", text.into()))
}

fn draw(kept: &Kept, order_reference: Option<&str>) -> Result<Vec<u8>, Problem> {
    let (show, ticket) = (&kept.show, &kept.found.ticket);
    let ticket_type = show.ticket_types.iter().find(|of| of.id == ticket.ticket_type);
    let place = place(ticket);
    let page = TicketPage {
        show_name: &show.name,
        venue_name: &show.venue.name,
        venue_address: &show.venue.address,
        doors_at: show.doors_at,
        starts_at: show.starts_at,
        timezone: show.timezone.parse().unwrap_or(chrono_tz::UTC),
        ticket_type: ticket_type.map_or("", |of| &of.name),
        place: place.as_deref(),
        persons: ticket.persons,
        holder: ticket.holder.as_deref(),
        short_code: &ticket.short_code,
        order_reference,
        token: &kept.token,
    };
    ticket_pdf(&page).map_err(|error| Problem::internal(&error))
}

/// As people read it. Row and seat labels hold no hyphen, sections may.
fn place(ticket: &TicketView) -> Option<String> {
    let Some(address) = &ticket.seat else { return ticket.section.clone() };
    let mut parts = address.rsplitn(3, '-');
    match (parts.next(), parts.next(), parts.next()) {
        (Some(seat), Some(row), Some(section)) => Some(format!("{section}, row {row}, seat {seat}")),
        _ => Some(address.clone()),
    }
}

/// How often the show was changed, and when last.
async fn revisions(app: &QuerySide, kept: &Kept) -> Result<(u32, DateTime<Utc>), Problem> {
    let page = Page { limit: REVISIONS_MAX, cursor: None };
    let mut times = Vec::new();
    for event_type in CALENDAR_EVENTS {
        let filter = HistoryFilter {
            show: Some(kept.show.id),
            event_type: Some(event_type.to_owned()),
            ..HistoryFilter::default()
        };
        let events = app.queries.history(kept.organization, &filter, Reading::default(), &page).await?.body.items;
        times.extend(events.into_iter().map(|event| event.recorded_at));
    }
    let last = times.iter().max().copied().unwrap_or_default();
    Ok((u32::try_from(times.len().saturating_sub(1)).unwrap_or(u32::MAX), last))
}
