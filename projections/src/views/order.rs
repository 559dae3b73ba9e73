//! An order with its live lines and its money. Its tickets and its customer are joined when somebody asks.

use chrono::{DateTime, Utc};
use domain::{Show, events::Line, money::Currency, show::Order};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{Money, TicketView, word};

/// An order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct OrderView {
    /// Its id.
    pub id: Uuid,
    /// What people call it.
    pub reference: String,
    /// `awaiting_payment`, `paid`, `cancelled` or `expired`.
    #[schema(example = "paid")]
    pub status: String,
    /// Its live lines: what was voided or cancelled is no longer among them.
    pub lines: Vec<LineView>,
    /// The sum of its lines.
    pub total: Money,
    /// All that was paid.
    pub paid: Money,
    /// All that went back.
    pub refunded: Money,
    /// Total − paid + refunded; negative when owed to the customer.
    pub due: Money,
    /// When it ends unless it is paid; null: never.
    pub expires_at: Option<DateTime<Utc>>,
    /// How it came: `web`, `box_office`, `door` or `api`.
    pub channel: String,
    /// `pay_first`, `pay_at_door` or `on_account`.
    pub terms: String,
    /// Who bought; null where nobody was named, or they were erased.
    pub customer: Option<CustomerView>,
    /// Its tickets, void ones included, in the order in which they were issued.
    pub tickets: Vec<TicketView>,
}

/// A line of an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LineView {
    /// Its id; for a ticket, that of the hold's item.
    pub id: Uuid,
    /// `ticket`, `fee`, `discount`, `donation` or `product`.
    pub kind: String,
    /// What it adds to the total, tax included.
    pub amount: Money,
    /// The tax in it.
    pub tax: Money,
    /// The ticket, once there is one.
    pub ticket: Option<Uuid>,
    /// The ticket's type.
    pub ticket_type: Option<Uuid>,
    /// The ticket's seat; null where people stand.
    pub seat: Option<String>,
    /// The seat's category.
    pub category: Option<String>,
}

/// Who bought, from the vault.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CustomerView {
    /// Their name.
    pub name: Option<String>,
    /// Their e-mail address.
    pub email: Option<String>,
    /// Their telephone number.
    pub phone: Option<String>,
    /// Their language, as a BCP 47 tag.
    pub locale: Option<String>,
}

/// An order, its customer and its tickets still to be joined.
#[must_use]
pub fn order_view(show: &Show, order: &Order) -> OrderView {
    let money = |amount| Money::new(amount, show.currency);
    OrderView {
        id: order.id.0,
        reference: order.reference.clone(),
        status: word(&order.status),
        lines: order.lines.iter().map(|line| line_view(line, show.currency)).collect(),
        total: money(order.total()),
        paid: money(order.paid),
        refunded: money(order.refunded),
        due: money(order.due()),
        expires_at: order.expires_at,
        channel: order.channel.as_str().to_owned(),
        terms: word(&order.terms),
        customer: None,
        tickets: Vec::new(),
    }
}

fn line_view(line: &Line, currency: Currency) -> LineView {
    LineView {
        id: line.id.0,
        kind: word(&line.kind),
        amount: Money::new(line.amount, currency),
        tax: Money::new(line.tax, currency),
        ticket: line.ticket.map(|ticket| ticket.0),
        ticket_type: line.ticket_type.map(|ticket_type| ticket_type.0),
        seat: line.places.iter().find_map(|place| place.seat.as_ref()).map(ToString::to_string),
        category: line.category.as_ref().map(ToString::to_string),
    }
}
