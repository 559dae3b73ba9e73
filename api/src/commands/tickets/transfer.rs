//! TransferTicket: a ticket goes to somebody else, by staff or by whoever has its order's secret.
//!
//! A secret opens an order; which tickets are the order's, the desk says.

use axum::{extract::State, response::Response};
use commands::{desk::Resource, transfer_ticket::TransferTicket};
use domain::ids::{ShowId, TicketId};
use identity::{Caller, Link};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::{
    app::CommandSide,
    commands::{
        answer::{DoneAnswer, done},
        people::CustomerBody,
        submit::{Asked, Request},
    },
    extract::{Needs, PathIds},
    openapi::CommandProblems,
    permissions::may,
    problem::Problem,
};

/// Who gets a ticket.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::commands) struct TransferTicketBody {
    /// Who.
    customer: CustomerBody,
}

/// Give a ticket to somebody else
///
/// It gets a new code and token; the former holder's admit nobody. Not once somebody was admitted with it.
#[utoipa::path(
    post, path = "/shows/{show}/tickets/{ticket}/transfer", tag = "Selling", request_body = TransferTicketBody,
    params(
        ("show" = Uuid, Path, description = "The show's id."),
        ("ticket" = Uuid, Path, description = "The ticket's id."),
    ),
    responses(
        (status = 200, description = "It is theirs.", body = DoneAnswer),
        CommandProblems,
    ),
)]
pub(crate) async fn transfer_ticket(
    State(app): State<CommandSide>,
    needs: Needs<may::TransferTicket>,
    PathIds((show, ticket)): PathIds<(ShowId, TicketId)>,
    asked: Asked,
) -> Result<Response, Problem> {
    may_transfer(&app, &needs.caller, show, ticket).await?;
    let request = Request::new(&app, needs.caller, show, asked)?;
    let body: TransferTicketBody = request.body(Some(Resource::Ticket(ticket))).await?;
    let mut typed = request.typed();
    let customer = typed.customer(body.customer);
    Ok(done(&request.submit(TransferTicket { ticket, customer }, typed.into_entries()).await?))
}

/// Whoever comes with a secret has to have that of the ticket's order.
async fn may_transfer(app: &CommandSide, caller: &Caller, show: ShowId, ticket: TicketId) -> Result<(), Problem> {
    let order = match caller {
        Caller::Staff(_) => return Ok(()),
        Caller::Link(Link::Order(order)) => *order,
        Caller::Link(Link::Hold(_)) | Caller::Anonymous => return Err(another()),
    };
    match app.desks.order_of(show, ticket).await? {
        Some(of_ticket) if of_ticket.0 == order => Ok(()),
        // Somebody else's ticket is not told from one that does not exist.
        Some(_) | None => Err(Problem::not_found()),
    }
}

fn another() -> Problem {
    Problem::forbidden("This secret opens another hold or order; use the one that came with the ticket's order.")
}
