//! The money of an order: RecordPayment, RefundOrder.

use axum::{extract::State, http::StatusCode, response::Response};
use commands::{desk::Resource, record_payment::RecordPayment, refund_order::RefundOrder};
use domain::{
    events::{OrderStatus, PaymentMethod},
    ids::{OrderId, ShowId, TicketId},
    money::Payable,
    text::{Note, Reason},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    answer::{answer, event},
    issued::{self, IssuedTicketAnswer},
    submit::{Asked, Request},
};
use crate::{
    app::CommandSide,
    extract::{Needs, PathIds},
    money::Money,
    openapi::CommandProblems,
    permissions::may,
    problem::Problem,
};

/// Money that came in.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RecordPaymentBody {
    /// How: `cash`, `card_terminal`, `bank_transfer` or another word.
    #[schema(value_type = String, pattern = "^[a-z0-9_]{1,40}$", example = "cash")]
    method: PaymentMethod,
    /// How much, in minor units of the show's currency; at most what is due.
    #[schema(value_type = i64, minimum = 1, maximum = 1_000_000_000, example = 5000)]
    amount: Payable,
    /// What the seller notes; kept in the vault.
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 200)]
    reference: Option<Note>,
}

/// Money to be given back.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RefundOrderBody {
    /// How much, in minor units; at most what was paid and not refunded.
    #[schema(value_type = i64, minimum = 1, maximum = 1_000_000_000, example = 2500)]
    amount: Payable,
    /// How: `cash`, `card_terminal`, `bank_transfer` or another word.
    #[schema(value_type = String, pattern = "^[a-z0-9_]{1,40}$", example = "cash")]
    method: PaymentMethod,
    /// Tickets to void with it; by default none: then the order gets a discount.
    #[serde(default)]
    #[schema(value_type = Option<Vec<Uuid>>)]
    tickets: Option<Vec<TicketId>>,
    /// Whether their places stay out of sale.
    #[serde(default)]
    keep_places: Option<bool>,
    /// Kept in the vault, shown to staff.
    #[schema(value_type = String, min_length = 1, max_length = 1000, example = "Bad view")]
    reason: Reason,
}

/// A payment that was recorded.
#[derive(Debug, Serialize, ToSchema)]
struct PaymentRecordedAnswer {
    /// How the order stands now.
    #[schema(value_type = String, example = "paid")]
    status: OrderStatus,
    /// What is still due.
    due: Money,
    /// The tickets that it brought.
    tickets: Vec<IssuedTicketAnswer>,
}

/// A refund that was recorded.
#[derive(Debug, Serialize, ToSchema)]
struct RefundRecordedAnswer {
    /// Its id.
    id: Uuid,
    /// All that was refunded on the order so far.
    refunded: Money,
    /// What is due on the order now; negative when owed to the customer.
    due: Money,
}

/// Record a payment
///
/// In part or in full. Once nothing is due, the tickets are issued.
#[utoipa::path(
    post, path = "/shows/{show}/orders/{order}/payments", tag = "Selling", request_body = RecordPaymentBody,
    params(
        ("show" = Uuid, Path, description = "The show's id."),
        ("order" = Uuid, Path, description = "The order's id."),
    ),
    responses(
        (status = 201, description = "It is recorded.", body = PaymentRecordedAnswer),
        CommandProblems,
    ),
)]
pub(super) async fn record_payment(
    State(app): State<CommandSide>,
    needs: Needs<may::RecordPayment>,
    PathIds((show, order)): PathIds<(ShowId, OrderId)>,
    asked: Asked,
) -> Result<Response, Problem> {
    let request = Request::new(&app, needs.caller, show, asked)?;
    let body: RecordPaymentBody = request.body(Some(Resource::Order(order))).await?;
    let mut typed = request.typed();
    let reference = body.reference.map(|reference| typed.text("payment_reference", reference, None));
    let command = RecordPayment { order, method: body.method, amount: body.amount, reference };
    let outcome = request.submit(command, typed.into_entries()).await?;
    let recorded = event!(&outcome, PaymentRecorded)?;
    let body = PaymentRecordedAnswer {
        status: recorded.status,
        due: Money::new(recorded.due, outcome.currency),
        tickets: issued::tickets(&outcome.events, &app.ticket_keys, show),
    };
    Ok(answer(StatusCode::CREATED, &outcome, body))
}

/// Give money back
///
/// With `tickets`, these are voided with it; what no voided ticket accounts for becomes a discount.
#[utoipa::path(
    post, path = "/shows/{show}/orders/{order}/refunds", tag = "Selling", request_body = RefundOrderBody,
    params(
        ("show" = Uuid, Path, description = "The show's id."),
        ("order" = Uuid, Path, description = "The order's id."),
    ),
    responses(
        (status = 201, description = "It is recorded.", body = RefundRecordedAnswer),
        CommandProblems,
    ),
)]
pub(super) async fn refund_order(
    State(app): State<CommandSide>,
    needs: Needs<may::RefundOrder>,
    PathIds((show, order)): PathIds<(ShowId, OrderId)>,
    asked: Asked,
) -> Result<Response, Problem> {
    let request = Request::new(&app, needs.caller, show, asked)?;
    let body: RefundOrderBody = request.body(Some(Resource::Order(order))).await?;
    let mut typed = request.typed();
    let reason = typed.text("refund_reason", body.reason, None);
    let command = RefundOrder {
        order,
        amount: body.amount,
        method: body.method,
        tickets: body.tickets.unwrap_or_default(),
        keep_places: body.keep_places.unwrap_or(false),
        reason: Some(reason),
    };
    let outcome = request.submit(command, typed.into_entries()).await?;
    let recorded = event!(&outcome, RefundRecorded)?;
    let body = RefundRecordedAnswer {
        id: recorded.refund.0,
        refunded: Money::new(recorded.refunded, outcome.currency),
        due: Money::new(recorded.due, outcome.currency),
    };
    Ok(answer(StatusCode::CREATED, &outcome, body))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_method_is_a_word_and_an_amount_more_than_nothing() {
        for (payment, path) in [
            (json!({ "method": "Cash", "amount": 1 }), "method"),
            (json!({ "method": "cash", "amount": 0 }), "amount"),
            (json!({ "method": "cash", "amount": 1, "reference": "" }), "reference"),
        ] {
            let error = serde_path_to_error::deserialize::<_, RecordPaymentBody>(payment).unwrap_err();
            assert_eq!(error.path().to_string(), path);
        }
    }

    #[test]
    fn a_refund_has_a_reason() {
        let refund = json!({ "method": "cash", "amount": 1 });
        assert!(serde_json::from_value::<RefundOrderBody>(refund).is_err());
    }
}
