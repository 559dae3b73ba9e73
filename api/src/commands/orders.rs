//! Orders: PlaceOrder, CancelOrder. Their money is in `payments.rs`.

use std::collections::HashMap;

use axum::{extract::State, http::StatusCode, response::Response};
use chrono::{DateTime, Utc};
use commands::{
    cancel_order::CancelOrder,
    desk::{Outcome, Resource},
    place_order::PlaceOrder,
};
use domain::{
    events::{Line, LineHolder, LineKind, OrderStatus, Terms},
    ids::{HoldId, ItemId, OrderId, ShowId, TicketId},
    money::Currency,
};
use identity::{Caller, Link};
use projections::views::LineView;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    answer::{DoneAnswer, answer, done, event, seat},
    holds::{another, opens},
    issued::{self, IssuedTicketAnswer},
    open_holds::{self, Wanted},
    people::{CustomerBody, HolderBody, ReasonBody},
    submit::{Asked, Request},
};
use crate::{
    app::CommandSide,
    client_address::ClientAddress,
    extract::{Needs, PathIds, ShowPath},
    money::Money,
    openapi::CommandProblems,
    permissions::may,
    problem::Problem,
};

/// A hold to be bought.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PlaceOrderBody {
    /// Which hold.
    #[schema(value_type = String, format = Uuid)]
    hold: HoldId,
    /// Who buys.
    customer: CustomerBody,
    /// Who will hold the tickets of which items.
    #[serde(default)]
    tickets: Option<Vec<ItemHolderBody>>,
    /// For staff: `pay_first` (the default; tickets once it is paid), `pay_at_door` (tickets at once, refused at the
    /// door until nothing is due) or `on_account` (tickets at once, admitted).
    #[serde(default)]
    #[schema(value_type = Option<String>, example = json!(null))]
    terms: Option<Terms>,
}

/// Who will hold the ticket of an item.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ItemHolderBody {
    /// The hold's item.
    #[schema(value_type = String, format = Uuid)]
    item: ItemId,
    /// Who.
    holder: HolderBody,
}

/// An order that was placed.
#[derive(Debug, Serialize, ToSchema)]
struct OrderPlacedAnswer {
    /// Its id.
    id: Uuid,
    /// What people call it.
    #[schema(example = "K7Q2M")]
    reference: String,
    /// `awaiting_payment`, or `paid` when nothing is due.
    #[schema(value_type = String, example = "awaiting_payment")]
    status: OrderStatus,
    /// What was bought.
    lines: Vec<LineView>,
    /// The sum of its lines.
    total: Money,
    /// What is due.
    due: Money,
    /// When it ends unless it is paid; null: never.
    expires_at: Option<DateTime<Utc>>,
    /// Opens it: a bearer token for whoever bought.
    secret: String,
    /// Its tickets; none until it is paid, unless the terms say otherwise.
    tickets: Vec<IssuedTicketAnswer>,
}

/// Turn a hold into an order
///
/// For whoever has the hold's secret, and staff. Its tickets come once nothing is due.
#[utoipa::path(
    post, path = "/shows/{show}/orders", tag = "Selling", request_body = PlaceOrderBody,
    params(("show" = Uuid, Path, description = "The show's id.")),
    responses(
        (status = 201, description = "It is placed.", body = OrderPlacedAnswer),
        CommandProblems,
    ),
)]
pub(super) async fn place_order(
    State(app): State<CommandSide>,
    needs: Needs<may::PlaceOrder>,
    ShowPath(show): ShowPath,
    client: ClientAddress,
    asked: Asked,
) -> Result<Response, Problem> {
    let caller = needs.caller.clone();
    let request = Request::new(&app, needs.caller, show, asked)?;
    // To whoever has a hold's secret there is no other show than the hold's.
    let held = match caller {
        Caller::Link(Link::Hold(hold)) => Some(Resource::Hold(HoldId(hold))),
        Caller::Link(Link::Order(_)) => return Err(another()),
        Caller::Staff(_) | Caller::Anonymous => None,
    };
    let body: PlaceOrderBody = request.body(held).await?;
    opens(&caller, body.hold)?;
    if body.terms.is_some() && !request.is_staff() {
        return Err(Problem::forbidden("Only staff set the terms of an order; leave terms out."));
    }
    let mut typed = request.typed();
    let customer = typed.customer(body.customer);
    let holders = body.tickets.unwrap_or_default();
    let holders = holders.into_iter().map(|named| LineHolder { item: named.item, holder: typed.holder(&named.holder) });
    let command = PlaceOrder {
        hold: body.hold,
        customer: Some(customer),
        holders: holders.collect(),
        terms: body.terms.unwrap_or(Terms::PayFirst),
    };
    let room = open_holds::room(&app, &request, client, Wanted::Order(body.hold)).await?;
    let outcome = request.submit(command, typed.into_entries()).await.map_err(|problem| {
        // Whoever has a hold's secret came to another show with it.
        if problem.code() == "hold_unknown" && !request.is_staff() { Problem::not_found() } else { problem }
    })?;
    if let Some(room) = room {
        let placed = event!(&outcome, OrderPlaced)?;
        if placed.status == OrderStatus::AwaitingPayment {
            room.ordered(body.hold, placed.lines.iter().map(|line| line.persons).sum());
        }
    }
    Ok(answer(StatusCode::CREATED, &outcome, order_placed(&app, show, &outcome)?))
}

fn order_placed(app: &CommandSide, show: ShowId, outcome: &Outcome) -> Result<OrderPlacedAnswer, Problem> {
    let placed = event!(outcome, OrderPlaced)?;
    let money = |amount| Money::new(amount, outcome.currency);
    let tickets: HashMap<ItemId, TicketId> =
        issued::issued(&outcome.events).map(|event| (event.line, event.ticket)).collect();
    let line = |line| line_answer(line, tickets.get(&line.id).copied(), outcome.currency);
    Ok(OrderPlacedAnswer {
        id: placed.order.0,
        reference: placed.reference.clone(),
        status: placed.status,
        lines: placed.lines.iter().map(line).collect(),
        total: money(placed.total),
        due: money(placed.due),
        expires_at: placed.expires_at,
        secret: app.links.issue(Link::Order(placed.order.0)),
        tickets: issued::tickets(&outcome.events, &app.ticket_keys, show),
    })
}

/// A line in the shape that `GET /orders/{order}` has.
fn line_answer(line: &Line, ticket: Option<TicketId>, currency: Currency) -> LineView {
    let kind = match line.kind {
        LineKind::Ticket => "ticket",
        LineKind::Fee => "fee",
        LineKind::Discount => "discount",
        LineKind::Donation => "donation",
        LineKind::Product => "product",
    };
    LineView {
        id: line.id.0,
        kind: kind.to_owned(),
        amount: Money::new(line.amount, currency),
        tax: Money::new(line.tax, currency),
        ticket: ticket.or(line.ticket).map(|ticket| ticket.0),
        ticket_type: line.ticket_type.map(|ticket_type| ticket_type.0),
        seat: seat(&line.places),
        category: line.category.as_ref().map(ToString::to_string),
    }
}

/// Cancel an order
///
/// Voids its tickets and frees their places. What was paid stays owed until it is refunded.
#[utoipa::path(
    post, path = "/shows/{show}/orders/{order}/cancel", tag = "Selling", request_body = ReasonBody,
    params(
        ("show" = Uuid, Path, description = "The show's id."),
        ("order" = Uuid, Path, description = "The order's id."),
    ),
    responses(
        (status = 200, description = "It is cancelled.", body = DoneAnswer),
        CommandProblems,
    ),
)]
pub(super) async fn cancel_order(
    State(app): State<CommandSide>,
    needs: Needs<may::CancelOrder>,
    PathIds((show, order)): PathIds<(ShowId, OrderId)>,
    asked: Asked,
) -> Result<Response, Problem> {
    let request = Request::new(&app, needs.caller, show, asked)?;
    let body: ReasonBody = request.body(Some(Resource::Order(order))).await?;
    let mut typed = request.typed();
    let reason = typed.text("cancel_reason", body.reason, None);
    Ok(done(&request.submit(CancelOrder { order, reason: Some(reason) }, typed.into_entries()).await?))
}

#[cfg(test)]
mod tests {
    use domain::money::Amount;
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn a_line_shows_its_ticket_once_there_is_one() {
        let line = Line {
            id: ItemId(Uuid::from_u128(1)),
            kind: LineKind::Ticket,
            amount: Amount(2_500),
            tax: Amount(0),
            ticket: None,
            ticket_type: None,
            places: Vec::new(),
            category: None,
            persons: 1,
            block: None,
        };
        let currency = Currency::try_from("EUR".to_owned()).unwrap();
        assert_eq!(line_answer(&line, None, currency).ticket, None);
        let ticket = TicketId(Uuid::from_u128(2));
        let shown = line_answer(&line, Some(ticket), currency);
        assert_eq!((shown.ticket, &*shown.kind, shown.amount.amount), (Some(ticket.0), "ticket", 2_500));
    }

    #[test]
    fn what_is_wrong_is_named_where_it_is() {
        let wrong = |more: Value| {
            let mut body =
                json!({ "hold": Uuid::from_u128(1), "customer": { "name": "Ada", "email": "ada@example.org" } });
            body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            serde_path_to_error::deserialize::<_, PlaceOrderBody>(body)
                .map_or_else(|error| error.path().to_string(), |_| "nothing".to_owned())
        };
        assert_eq!(wrong(json!({ "terms": "on_account" })), "nothing");
        assert_eq!(wrong(json!({ "terms": "later" })), "terms");
        assert_eq!(wrong(json!({ "customer": { "name": "Ada", "email": "ada" } })), "customer.email");
        assert_eq!(wrong(json!({ "tickets": [{ "item": Uuid::from_u128(1), "holder": {} }] })), "tickets[0].holder");
    }
}
