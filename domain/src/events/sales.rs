//! Events of sales: holds, orders, money and tickets.
//!
//! What a hold keeps, an order's line keeps, and a ticket has, is told each time in full (ticket type, places,
//! category, persons), so that whoever counts places needs no earlier event.

use serde::{Deserialize, Serialize};

use crate::{
    codes::ShortCode,
    ids::{BlockId, HoldId, ItemId, OrderId, PaymentId, PersonId, RefundId, TextId, TicketId, TicketTypeId},
    money::Amount,
    place::{MaybeCategory, Place},
    ticket_type::Channel,
    time::Time,
};

/// What one future ticket takes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HoldItem {
    /// Its id, which the order's line keeps.
    pub id: ItemId,
    /// What is bought.
    pub ticket_type: TicketTypeId,
    /// Where.
    pub places: Vec<Place>,
    /// The seat's category.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: MaybeCategory,
    /// How many people it admits.
    pub persons: u32,
    /// What it costs, tax included; fixed from here on.
    pub price: Amount,
    /// The tax in it.
    pub tax: Amount,
    /// The block that its places came from and, in an end, go back to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub block: Option<BlockId>,
}

/// Places are kept for somebody.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HoldPlaced {
    /// The hold.
    pub hold: HoldId,
    /// What it keeps.
    pub items: Vec<HoldItem>,
    /// The sum of the prices.
    pub total: Amount,
    /// When it ends.
    pub expires_at: Time,
    /// How it came.
    pub channel: Channel,
}

/// A hold has other places now.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HoldChanged {
    /// The hold.
    pub hold: HoldId,
    /// What it keeps beside the rest.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub added: Vec<HoldItem>,
    /// What it keeps no longer.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub removed: Vec<HoldItem>,
    /// The sum of the prices, now.
    pub total: Amount,
}

/// A hold ends later.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HoldExtended {
    /// The hold.
    pub hold: HoldId,
    /// When it ends now.
    pub expires_at: Time,
}

/// A hold was given up.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HoldReleased {
    /// The hold.
    pub hold: HoldId,
    /// What it kept.
    pub items: Vec<HoldItem>,
}

/// A hold ran out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HoldExpired {
    /// The hold.
    pub hold: HoldId,
    /// What it kept.
    pub items: Vec<HoldItem>,
}

/// What a line of an order is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LineKind {
    /// A ticket.
    Ticket,
    /// A charge.
    Fee,
    /// Less to pay.
    Discount,
    /// A gift.
    Donation,
    /// Something that is no ticket.
    Product,
}

/// A line of an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// Its id; for a ticket, that of the hold's item.
    pub id: ItemId,
    /// What it is for.
    pub kind: LineKind,
    /// What it adds to the total, tax included.
    pub amount: Amount,
    /// The tax in it.
    pub tax: Amount,
    /// The ticket, once there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ticket: Option<TicketId>,
    /// The ticket's type.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ticket_type: Option<TicketTypeId>,
    /// The ticket's places.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub places: Vec<Place>,
    /// The seat's category.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: MaybeCategory,
    /// How many people the ticket admits; 0 for what is no ticket.
    #[serde(default)]
    pub persons: u32,
    /// The block that its places came from and, in an end, go back to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub block: Option<BlockId>,
}

/// When an order is paid and its tickets are issued.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Terms {
    /// Tickets once nothing is due.
    PayFirst,
    /// Tickets at once; the door refuses them until nothing is due.
    PayAtDoor,
    /// Tickets at once; the door admits them.
    OnAccount,
}

/// How an order stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OrderStatus {
    /// Something is due.
    AwaitingPayment,
    /// Nothing is due.
    Paid,
    /// Its tickets are void.
    Cancelled,
    /// It was not paid in time.
    Expired,
}

/// Somebody bought, or promised to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OrderPlaced {
    /// The order.
    pub order: OrderId,
    /// What people call it.
    pub reference: String,
    /// The hold that it used up; none where it was sold in one go.
    pub hold: Option<HoldId>,
    /// When it is paid.
    pub terms: Terms,
    /// How it came.
    pub channel: Channel,
    /// Who bought, in the vault.
    pub customer: Option<PersonId>,
    /// What was bought.
    pub lines: Vec<Line>,
    /// The sum of the lines.
    pub total: Amount,
    /// What is due.
    pub due: Amount,
    /// How it stands.
    pub status: OrderStatus,
    /// When it ends unless it is paid; none: never.
    pub expires_at: Option<Time>,
    /// Who will hold the tickets of lines, in the vault.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub holders: Vec<LineHolder>,
    /// Why nothing was asked for it, in the vault.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub complimentary: Option<TextId>,
}

/// Who will hold the ticket of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineHolder {
    /// The line.
    pub item: ItemId,
    /// The person, in the vault.
    pub holder: PersonId,
}

/// Money came in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PaymentRecorded {
    /// The payment.
    pub payment: PaymentId,
    /// The order.
    pub order: OrderId,
    /// How: `cash`, `card_terminal`, `bank_transfer` …
    pub method: PaymentMethod,
    /// How much.
    pub amount: Amount,
    /// What the seller noted, in the vault.
    pub reference: Option<TextId>,
    /// All that was paid on the order so far.
    pub paid: Amount,
    /// What is still due.
    pub due: Amount,
    /// How the order stands now.
    pub status: OrderStatus,
}

/// An order was cancelled. Its tickets, where there are any, are voided by events of their own.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OrderCancelled {
    /// The order.
    pub order: OrderId,
    /// Why, in the vault.
    pub reason: Option<TextId>,
    /// Lines without a ticket yet, whose places are free again.
    pub lines: Vec<Line>,
}

/// An order was not paid in time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OrderExpired {
    /// The order.
    pub order: OrderId,
    /// Its lines, whose places are free again.
    pub lines: Vec<Line>,
}

/// Money went back. Tickets that it voids are voided by events of their own, which stand before it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RefundRecorded {
    /// The refund.
    pub refund: RefundId,
    /// The order.
    pub order: OrderId,
    /// How much.
    pub amount: Amount,
    /// How.
    pub method: PaymentMethod,
    /// Why, in the vault.
    pub reason: Option<TextId>,
    /// The line that takes off the total what no voided ticket accounts for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub discount: Option<Line>,
    /// All that was refunded on the order so far.
    pub refunded: Amount,
    /// What is due now; negative: still owed to the customer.
    pub due: Amount,
    /// How the order stands now.
    pub status: OrderStatus,
}

/// A ticket exists.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TicketIssued {
    /// The ticket.
    pub ticket: TicketId,
    /// Its order.
    pub order: OrderId,
    /// The order's line that it is for.
    pub line: ItemId,
    /// Its type.
    pub ticket_type: TicketTypeId,
    /// Where.
    pub places: Vec<Place>,
    /// The seat's category.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: MaybeCategory,
    /// How many people it admits.
    pub persons: u32,
    /// What was asked for it.
    pub price: Amount,
    /// What is typed on the keypad.
    pub short_code: ShortCode,
    /// Which issue of the ticket this is: 1.
    pub issue: u32,
    /// When the token was issued: its `iat`, in seconds since 1970.
    pub iat: i64,
    /// The key that signs the token.
    pub kid: String,
    /// Who holds it, in the vault.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub holder: Option<PersonId>,
    /// How it was sold.
    pub channel: Channel,
}

/// A ticket admits nobody any more.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TicketVoided {
    /// The ticket.
    pub ticket: TicketId,
    /// Its order.
    pub order: OrderId,
    /// Its type.
    pub ticket_type: TicketTypeId,
    /// Its places, free again unless a block of the same command keeps them.
    pub places: Vec<Place>,
    /// How many people it admitted.
    pub persons: u32,
    /// What it takes off the order's total: its line's amount, less what discounts had taken off that already.
    pub price: Amount,
    /// Why, in the vault.
    pub reason: Option<TextId>,
    /// Whether its places stay out of sale: a block follows.
    pub keep_place: bool,
    /// Whether somebody saw to it that its holder, who was inside, has left.
    pub holder_has_left: bool,
    /// What is due on the order now.
    pub due: Amount,
    /// How the order stands now.
    pub status: OrderStatus,
}

/// A ticket has a new code and token; the old ones admit nobody.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TicketReissued {
    /// The ticket.
    pub ticket: TicketId,
    /// The new code.
    pub short_code: ShortCode,
    /// Which issue this is.
    pub issue: u32,
    /// When the new token was issued: its `iat`, in seconds since 1970.
    pub iat: i64,
    /// The key that signs it.
    pub kid: String,
}

/// A ticket has another seat.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TicketMoved {
    /// The ticket.
    pub ticket: TicketId,
    /// The seat that is free again.
    pub from: Place,
    /// The seat that it has now.
    pub to: Place,
    /// The category of the new seat.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: MaybeCategory,
}

/// A ticket belongs to somebody else. A new issue follows, so that the former holder's code and token admit nobody.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TicketTransferred {
    /// The ticket.
    pub ticket: TicketId,
    /// Who has it now, in the vault.
    pub customer: PersonId,
}

/// A ticket has a holder's name.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HolderNamed {
    /// The ticket.
    pub ticket: TicketId,
    /// The person, in the vault.
    pub holder: PersonId,
}

/// How money moves: a word of lower-case letters, digits and underscores, such as `cash` or `card_terminal`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PaymentMethod(String);

impl PaymentMethod {
    /// The word itself.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for PaymentMethod {
    type Error = crate::ValueError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let plain = text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
        if plain && (1..=40).contains(&text.len()) {
            Ok(Self(text))
        } else {
            Err(crate::ValueError(
                "must be a word of lower-case letters, digits and underscores, such as cash".to_owned(),
            ))
        }
    }
}

impl From<PaymentMethod> for String {
    fn from(method: PaymentMethod) -> Self {
        method.0
    }
}
