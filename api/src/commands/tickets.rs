//! Tickets: IssueTicket (the box-office sale), VoidTicket, ReissueTicket, MoveTicket, NameHolder, TransferTicket.

pub(super) mod transfer;

use axum::{extract::State, http::StatusCode, response::Response};
use commands::{
    desk::Resource,
    issue_ticket::{IssueTicket, Settlement},
    move_ticket::MoveTicket,
    name_holder::NameHolder,
    reissue_ticket::ReissueTicket,
    void_ticket::VoidTicket,
};
use domain::{
    FieldError,
    events::PaymentMethod,
    ids::{PersonId, ShowId, TicketId},
    place::SeatAddress,
    text::{Note, Reason},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    answer::{DoneAnswer, answer, done, event},
    issued::{self, IssuedTicketAnswer},
    items::{self, ItemBody},
    people::{CustomerBody, HolderBody, ReasonBody, Typed},
    sales::EmptyBody,
    submit::{Asked, Request},
};
use crate::{
    app::CommandSide,
    extract::{Needs, PathIds, ShowPath},
    money::Money,
    openapi::CommandProblems,
    permissions::may,
    problem::Problem,
};

pub(super) use transfer::*;

/// A sale at the box office.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct IssueTicketBody {
    /// Tickets of one type each.
    items: Vec<ItemBody>,
    /// Who buys.
    #[serde(default)]
    customer: Option<CustomerBody>,
    /// Who will hold the tickets of which items; one entry for each ticket of an item.
    #[serde(default)]
    tickets: Option<Vec<IndexHolderBody>>,
    /// How it is paid.
    payment: SettlementBody,
}

/// Who will hold a ticket of an item.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct IndexHolderBody {
    /// The item's index in `items`, from 0.
    item: usize,
    /// Who.
    holder: HolderBody,
}

/// How a box-office sale is paid: either in full by `method`, or not at all, `complimentary`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SettlementBody {
    /// `cash`, `card_terminal`, `bank_transfer` or another word.
    #[serde(default)]
    #[schema(value_type = Option<String>, pattern = "^[a-z0-9_]{1,40}$", example = "cash")]
    method: Option<PaymentMethod>,
    /// What the seller notes; kept in the vault. With `method`.
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 200)]
    reference: Option<Note>,
    /// Why nothing is asked for it; without `method`.
    #[serde(default)]
    #[schema(example = json!(null))]
    complimentary: Option<ReasonBody>,
}

/// Why a ticket is void, and what becomes of its place.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct VoidTicketBody {
    /// Kept in the vault, shown to staff.
    #[schema(value_type = String, min_length = 1, max_length = 1000, example = "Returned")]
    reason: Reason,
    /// Whether its place stays out of sale.
    #[serde(default)]
    keep_place: Option<bool>,
    /// Whether somebody saw to it that its holder, who was inside, has left.
    #[serde(default)]
    holder_has_left: Option<bool>,
}

/// Where a ticket moves to.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct MoveTicketBody {
    /// A free seat of the same price.
    #[schema(value_type = String, example = "Block A-3-12")]
    seat: SeatAddress,
}

/// Tickets that were sold.
#[derive(Debug, Serialize, ToSchema)]
struct TicketsIssuedAnswer {
    /// Their order.
    order: Uuid,
    /// What people call it.
    #[schema(example = "K7Q2M")]
    reference: String,
    /// What was paid.
    total: Money,
    /// The tickets, in the order of the items.
    tickets: Vec<IssuedTicketAnswer>,
}

impl SettlementBody {
    /// How it is paid, once what was typed is on its way to the vault.
    fn settle(self, customer: Option<PersonId>, typed: &mut Typed<'_>) -> Result<Settlement, Vec<FieldError>> {
        let error = |pointer: &str, detail: &str| Err(vec![FieldError::at(pointer, detail)]);
        match (self.method, self.complimentary) {
            (Some(method), None) => {
                let reference = self.reference.map(|note| typed.text("payment_reference", note, customer));
                Ok(Settlement::Paid { method, reference })
            }
            (None, Some(_)) if self.reference.is_some() => {
                error("/payment/reference", "goes with method; a complimentary ticket is not paid")
            }
            (None, Some(why)) => {
                Ok(Settlement::Complimentary { reason: typed.text("complimentary_reason", why.reason, customer) })
            }
            (Some(_), Some(_)) => error("/payment/complimentary", "name either method or complimentary, not both"),
            (None, None) => error("/payment/method", "is missing; name how it is paid, or complimentary with a reason"),
        }
    }
}

/// Sell at the box office
///
/// From free places to tickets in one command: an order, its payment in full, and its tickets.
#[utoipa::path(
    post, path = "/shows/{show}/tickets", tag = "Selling", request_body = IssueTicketBody,
    params(("show" = Uuid, Path, description = "The show's id.")),
    responses(
        (status = 201, description = "They are sold.", body = TicketsIssuedAnswer),
        CommandProblems,
    ),
)]
pub(super) async fn issue_ticket(
    State(app): State<CommandSide>,
    needs: Needs<may::IssueTicket>,
    ShowPath(show): ShowPath,
    asked: Asked,
) -> Result<Response, Problem> {
    let request = Request::new(&app, needs.caller, show, asked)?;
    let body: IssueTicketBody = request.body(None).await?;
    let items = request.valid(items::requests(body.items, "/items"), None).await?;
    let mut typed = request.typed();
    let customer = body.customer.map(|customer| typed.customer(customer));
    let settlement = request.valid(body.payment.settle(customer, &mut typed), None).await?;
    let holders = body.tickets.unwrap_or_default();
    let holders = holders.into_iter().map(|named| (named.item, typed.holder(&named.holder))).collect();
    let command = IssueTicket { items, customer, holders, settlement };
    let outcome = request.submit(command, typed.into_entries()).await?;
    let placed = event!(&outcome, OrderPlaced)?;
    let body = TicketsIssuedAnswer {
        order: placed.order.0,
        reference: placed.reference.clone(),
        total: Money::new(placed.total, outcome.currency),
        tickets: issued::tickets(&outcome.events, &app.ticket_keys, show),
    };
    Ok(answer(StatusCode::CREATED, &outcome, body))
}

/// Void a ticket
///
/// It admits nobody any more. While somebody of it is inside, say what becomes of the place: 409 `holder_inside`.
#[utoipa::path(
    post, path = "/shows/{show}/tickets/{ticket}/void", tag = "Selling", request_body = VoidTicketBody,
    params(
        ("show" = Uuid, Path, description = "The show's id."),
        ("ticket" = Uuid, Path, description = "The ticket's id."),
    ),
    responses(
        (status = 200, description = "It is void.", body = DoneAnswer),
        CommandProblems,
    ),
)]
pub(super) async fn void_ticket(
    State(app): State<CommandSide>,
    needs: Needs<may::VoidTicket>,
    PathIds((show, ticket)): PathIds<(ShowId, TicketId)>,
    asked: Asked,
) -> Result<Response, Problem> {
    let request = Request::new(&app, needs.caller, show, asked)?;
    let body: VoidTicketBody = request.body(Some(Resource::Ticket(ticket))).await?;
    let mut typed = request.typed();
    let reason = typed.text("void_reason", body.reason, None);
    let command = VoidTicket {
        ticket,
        reason: Some(reason),
        keep_place: body.keep_place.unwrap_or(false),
        holder_has_left: body.holder_has_left.unwrap_or(false),
    };
    Ok(done(&request.submit(command, typed.into_entries()).await?))
}

/// Give a ticket a new code and token
///
/// The old ones admit nobody. Admissions stay with the ticket.
#[utoipa::path(
    post, path = "/shows/{show}/tickets/{ticket}/reissue", tag = "Selling", request_body = Option<EmptyBody>,
    params(
        ("show" = Uuid, Path, description = "The show's id."),
        ("ticket" = Uuid, Path, description = "The ticket's id."),
    ),
    responses(
        (status = 200, description = "It is reissued; `GET /tickets/{ticket}` shows the new code.", body = DoneAnswer),
        CommandProblems,
    ),
)]
pub(super) async fn reissue_ticket(
    State(app): State<CommandSide>,
    needs: Needs<may::ReissueTicket>,
    PathIds((show, ticket)): PathIds<(ShowId, TicketId)>,
    asked: Asked,
) -> Result<Response, Problem> {
    let request = Request::new(&app, needs.caller, show, asked)?;
    let EmptyBody {} = request.body_or_default(Some(Resource::Ticket(ticket))).await?;
    Ok(done(&request.submit(ReissueTicket { ticket }, Vec::new()).await?))
}

/// Give a ticket another seat
///
/// A free one of the same price. Code and token stay.
#[utoipa::path(
    post, path = "/shows/{show}/tickets/{ticket}/move", tag = "Selling", request_body = MoveTicketBody,
    params(
        ("show" = Uuid, Path, description = "The show's id."),
        ("ticket" = Uuid, Path, description = "The ticket's id."),
    ),
    responses(
        (status = 200, description = "It is moved, or was there already.", body = DoneAnswer),
        CommandProblems,
    ),
)]
pub(super) async fn move_ticket(
    State(app): State<CommandSide>,
    needs: Needs<may::MoveTicket>,
    PathIds((show, ticket)): PathIds<(ShowId, TicketId)>,
    asked: Asked,
) -> Result<Response, Problem> {
    let request = Request::new(&app, needs.caller, show, asked)?;
    let body: MoveTicketBody = request.body(Some(Resource::Ticket(ticket))).await?;
    Ok(done(&request.submit(MoveTicket { ticket, seat: body.seat }, Vec::new()).await?))
}

/// Say who holds a ticket
///
/// Code and token stay.
#[utoipa::path(
    put, path = "/shows/{show}/tickets/{ticket}/holder", tag = "Selling", request_body = HolderBody,
    params(
        ("show" = Uuid, Path, description = "The show's id."),
        ("ticket" = Uuid, Path, description = "The ticket's id."),
    ),
    responses(
        (status = 200, description = "They are named.", body = DoneAnswer),
        CommandProblems,
    ),
)]
pub(super) async fn name_holder(
    State(app): State<CommandSide>,
    needs: Needs<may::NameHolder>,
    PathIds((show, ticket)): PathIds<(ShowId, TicketId)>,
    asked: Asked,
) -> Result<Response, Problem> {
    let request = Request::new(&app, needs.caller, show, asked)?;
    let body: HolderBody = request.body(Some(Resource::Ticket(ticket))).await?;
    let mut typed = request.typed();
    let holder = typed.holder(&body);
    Ok(done(&request.submit(NameHolder { ticket, holder }, typed.into_entries()).await?))
}

#[cfg(test)]
mod tests {
    use event_store::SequentialIds;
    use serde_json::{Value, json};

    use super::*;

    fn settled(payment: Value) -> Result<Settlement, String> {
        let ids = SequentialIds::new(0);
        let mut typed = Typed::new(&ids, ShowId(Uuid::nil()));
        let body: SettlementBody = serde_json::from_value(payment).unwrap();
        body.settle(None, &mut typed).map_err(|errors| errors[0].pointer.clone())
    }

    #[test]
    fn a_sale_is_paid_or_complimentary() {
        let paid = settled(json!({ "method": "cash", "reference": "till 3" })).unwrap();
        assert!(matches!(paid, Settlement::Paid { reference: Some(_), .. }));
        let given = settled(json!({ "complimentary": { "reason": "The mayor" } })).unwrap();
        assert!(matches!(given, Settlement::Complimentary { .. }));
    }

    #[test]
    fn neither_both_and_a_reference_without_a_payment_are_named() {
        let why = json!({ "reason": "The mayor" });
        assert_eq!(settled(json!({})), Err("/payment/method".to_owned()));
        assert_eq!(
            settled(json!({ "method": "cash", "complimentary": why })),
            Err("/payment/complimentary".to_owned())
        );
        assert_eq!(
            settled(json!({ "reference": "till 3", "complimentary": why })),
            Err("/payment/reference".to_owned())
        );
        let error = serde_path_to_error::deserialize::<_, SettlementBody>(json!({ "complimentary": {} })).unwrap_err();
        assert_eq!(error.path().to_string(), "complimentary");
    }
}
