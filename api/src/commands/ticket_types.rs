//! Ticket types: AddTicketType, ReviseTicketType.

pub(super) mod terms;

use axum::{extract::State, response::Response};
use commands::{add_ticket_type::AddTicketType, desk::Resource, revise_ticket_type::ReviseTicketType};
use domain::ids::{ShowId, TicketTypeId};

use self::terms::{AddTicketTypeBody, ReviseTicketTypeBody};
use super::{
    answer::{CreatedAnswer, DoneAnswer, created, done, event},
    submit::{Asked, Request},
};
use crate::{
    app::CommandSide,
    extract::{Needs, PathIds, ShowPath},
    openapi::CommandProblems,
    permissions::may,
    problem::Problem,
};

/// Say what is sold
///
/// At which prices, where, when, to whom and how often it admits.
#[utoipa::path(
    post, path = "/shows/{show}/ticket-types", tag = "Planning", request_body = AddTicketTypeBody,
    params(("show" = Uuid, Path, description = "The show's id.")),
    responses(
        (status = 201, description = "It is added.", body = CreatedAnswer),
        CommandProblems,
    ),
)]
pub(super) async fn add_ticket_type(
    State(app): State<CommandSide>,
    needs: Needs<may::AddTicketType>,
    ShowPath(show): ShowPath,
    asked: Asked,
) -> Result<Response, Problem> {
    let request = Request::new(&app, needs.caller, show, asked)?;
    let body: AddTicketTypeBody = request.body(None).await?;
    let tax = if body.leaves_tax_out() { request.settings().await?.tax } else { None };
    let terms = request.valid(body.into_terms(tax), None).await?;
    let outcome = request.submit(AddTicketType { terms }, Vec::new()).await?;
    Ok(created(&outcome, event!(&outcome, TicketTypeAdded)?.ticket_type.0))
}

/// Change the terms of a ticket type
///
/// A JSON merge patch (RFC 7396). Prices are for what is held or sold from now on.
#[utoipa::path(
    patch, path = "/shows/{show}/ticket-types/{ticket_type}", tag = "Planning", request_body = ReviseTicketTypeBody,
    params(
        ("show" = Uuid, Path, description = "The show's id."),
        ("ticket_type" = Uuid, Path, description = "The ticket type's id."),
    ),
    responses(
        (status = 200, description = "It is changed, or was so already.", body = DoneAnswer),
        CommandProblems,
    ),
)]
pub(super) async fn revise_ticket_type(
    State(app): State<CommandSide>,
    needs: Needs<may::ReviseTicketType>,
    PathIds((show, ticket_type)): PathIds<(ShowId, TicketTypeId)>,
    asked: Asked,
) -> Result<Response, Problem> {
    let request = Request::new(&app, needs.caller, show, asked)?;
    let named = Some(Resource::TicketType(ticket_type));
    let body: ReviseTicketTypeBody = request.body(named).await?;
    let changes = request.valid(body.into_changes(), named).await?;
    Ok(done(&request.submit(ReviseTicketType { ticket_type, changes }, Vec::new()).await?))
}
