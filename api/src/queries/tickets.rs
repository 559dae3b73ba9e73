//! Tickets of a show, and one ticket with its token.

use axum::{extract::State, response::Response};
use chrono::DateTime;
use domain::ids::TicketId;
use identity::{Caller, SignError, TicketClaims};
use projections::{
    Answer,
    queries::{List, TicketFound, TokenFacts},
    views::TicketView,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::{SeenShow, may_see, page, past::past};
use crate::{
    answer::{Conditions, For},
    app::QuerySide,
    extract::{AsOf, Cursor, Limit, Moment, Needs, Params, PathIds, Position, SearchText, ShowName},
    openapi::StaffProblems,
    permissions::may,
    problem::Problem,
};

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct TicketsParams {
    /// Part of the seat, the order's reference, a name or an e-mail address, whatever its case; or the whole short code.
    #[param(value_type = Option<String>)]
    q: Option<SearchText>,
    /// At most so many items.
    #[serde(default)]
    #[param(value_type = Option<u16>, minimum = 1, maximum = 200, default = 50)]
    limit: Limit,
    /// The `next` of the page before.
    #[param(value_type = Option<String>)]
    cursor: Option<Cursor>,
    /// The list as it stood then, by all that was recorded until this time.
    #[param(value_type = Option<String>, format = DateTime)]
    as_of: Option<Moment>,
    /// The same by all up to this position of the log; not together with `as_of`.
    #[param(value_type = Option<u64>, minimum = 0)]
    at: Option<u64>,
}

/// A ticket with its token.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct TicketWithToken {
    #[serde(flatten)]
    ticket: TicketView,
    /// Its show.
    show: Uuid,
    /// What its QR code says; null once it is void.
    token: Option<String>,
}

/// Tickets of a show
///
/// The latest first, with their codes and holders.
#[utoipa::path(
    get,
    path = "/shows/{show}/tickets",
    tag = "Tickets",
    params(("show" = String, Path, description = "Its id or slug"), TicketsParams),
    responses((status = OK, body = List<TicketView>), StaffProblems)
)]
pub(super) async fn list_tickets(
    State(app): State<QuerySide>,
    needs: Needs<may::ListTickets>,
    ShowName(name): ShowName,
    position: Position,
    params: Params<TicketsParams>,
    conditions: Conditions,
) -> Result<Response, Problem> {
    let seen = SeenShow::find_own(&app, &needs.caller, &name, position).await?;
    let params = params.get()?;
    let q = params.q.map(|q| q.0).filter(|q| !q.is_empty());
    let page = page(params.limit, params.cursor);
    if let Some(moment) = AsOf::new(params.as_of, params.at).moment()? {
        let past = seen.past(&app, moment).await?;
        return conditions.json(past.stand.position, For::Caller, &past.tickets(q.as_deref(), &page).await?);
    }
    let tickets = app.queries.tickets(seen.organization, seen.id, q.as_deref(), &page).await?;
    conditions.json(tickets.position, For::Caller, &tickets.body)
}

/// A ticket
///
/// For sellers of its organization, and for whoever has the secret of its order.
#[utoipa::path(
    get,
    path = "/tickets/{ticket}",
    tag = "Tickets",
    params(("ticket" = Uuid, Path, description = "Its id"), AsOf),
    responses((status = OK, body = TicketWithToken), StaffProblems)
)]
pub(super) async fn get_ticket(
    State(app): State<QuerySide>,
    needs: Needs<may::GetTicket>,
    PathIds(id): PathIds<TicketId>,
    position: Position,
    params: Params<AsOf>,
    conditions: Conditions,
) -> Result<Response, Problem> {
    let (organization, mut found) = seen_ticket(&app, &needs.caller, id, position).await?;
    if let Some(moment) = params.get()?.moment()? {
        let past = past(&app, &needs.caller, organization, found.body.show, moment).await?;
        let body = past.ticket(id.0).await?.ok_or_else(Problem::not_found)?;
        found = Answer { position: past.stand.position, body };
    }
    let token = token(&app, &found.body)?;
    let TicketFound { ticket, show, .. } = found.body;
    conditions.json(found.position, For::Caller, &TicketWithToken { ticket, show, token })
}

/// A ticket that the caller may see, and its organization.
pub(super) async fn seen_ticket(
    app: &QuerySide,
    caller: &Caller,
    TicketId(id): TicketId,
    position: Position,
) -> Result<(Uuid, Answer<TicketFound>), Problem> {
    let found = app.queries.find_ticket(id).await?.ok_or_else(Problem::not_found)?;
    let Answer { position: seen, body } = app.queries.ticket(found.organization, id).await?;
    let ticket = body.ok_or_else(Problem::not_found)?;
    may_see(app, caller, found, ticket.ticket.order, position).await?;
    Ok((found.organization, Answer { position: seen, body: ticket }))
}

/// The token of a ticket: none once it is void, or its key was revoked.
pub(super) fn token(app: &QuerySide, found: &TicketFound) -> Result<Option<String>, Problem> {
    if found.ticket.status == "void" {
        return Ok(None);
    }
    let TokenFacts { ticket, show, issue, iat, kid } = &found.token;
    let issued_at = DateTime::from_timestamp(*iat, 0).unwrap_or_default();
    let claims = TicketClaims { ticket: *ticket, show: *show, issued_at, issue_number: *issue };
    match app.ticket_keys.sign(&claims, kid) {
        Ok(token) => Ok(Some(token)),
        Err(SignError::NoSuchKey(_)) => Ok(None),
        Err(error @ SignError::Time(_)) => Err(Problem::internal(&error)),
    }
}
