//! Holds, orders and tickets of a show, as their events left them.

use serde::{Deserialize, Serialize};

use crate::{
    codes::ShortCode,
    events::{HoldItem, Line, LineHolder, LineKind, OrderStatus, Terms},
    ids::{HoldId, ItemId, OrderId, PersonId, TextId, TicketId, TicketTypeId},
    money::Amount,
    place::{MaybeCategory, Place},
    show::compact,
    ticket_type::Channel,
    time::Time,
};

/// A hold, for ever: what became of it is told to whoever asks.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum HoldState {
    /// Its places are kept.
    Open(Hold),
    /// It became this order.
    Used(OrderId),
    /// It ran out.
    Expired,
    /// It was given up.
    Released,
}

/// Places kept for somebody.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Hold {
    /// Its id.
    pub id: HoldId,
    /// What it keeps.
    #[serde(with = "compact::hold_items")]
    pub items: Vec<HoldItem>,
    /// When it ends.
    pub expires_at: Time,
    /// Whether it was extended, which is done once.
    pub extended: bool,
    /// How it came.
    pub channel: Channel,
}

impl Hold {
    /// The sum of its prices.
    pub fn total(&self) -> Amount {
        self.items.iter().map(|item| item.price).sum()
    }
}

/// A purchase.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Order {
    /// Its id.
    pub id: OrderId,
    /// What people call it.
    pub reference: String,
    /// How it stands.
    pub status: OrderStatus,
    /// When it is paid.
    pub terms: Terms,
    /// How it came.
    pub channel: Channel,
    /// Who bought, in the vault.
    pub customer: Option<PersonId>,
    /// Its live lines: what was voided or cancelled is no longer among them.
    #[serde(with = "compact::lines")]
    pub lines: Vec<Line>,
    /// Who will hold the tickets of lines.
    pub holders: Vec<LineHolder>,
    /// All that was paid.
    pub paid: Amount,
    /// All that was refunded.
    pub refunded: Amount,
    /// When it ends unless it is paid; none: never.
    pub expires_at: Option<Time>,
    /// Its tickets, void ones included.
    pub tickets: Vec<TicketId>,
    /// Why nothing was asked for it.
    pub complimentary: Option<TextId>,
}

impl Order {
    /// The sum of its live lines.
    pub fn total(&self) -> Amount {
        self.lines.iter().map(|line| line.amount).sum()
    }

    /// What is due; negative: owed to the customer.
    pub fn due(&self) -> Amount {
        self.total() - self.paid + self.refunded
    }

    /// A voided ticket's line goes. Where the total falls by less than the line's amount, the rest had been taken off by
    /// discounts, which shrink by it.
    pub(super) fn take_off(&mut self, line: ItemId, price: Amount) {
        let Some(at) = self.lines.iter().position(|candidate| candidate.id == line) else { return };
        let mut rest = self.lines.remove(at).amount - price;
        for discount in self.lines.iter_mut().filter(|line| line.kind == LineKind::Discount) {
            let less = rest.min(-discount.amount).max(Amount(0));
            discount.amount = discount.amount + less;
            rest = rest - less;
        }
        self.lines.retain(|line| line.kind != LineKind::Discount || line.amount != Amount(0));
    }

    /// The holder named for a line.
    pub fn holder(&self, item: ItemId) -> Option<PersonId> {
        self.holders.iter().find(|named| named.item == item).map(|named| named.holder)
    }
}

/// A right of admission.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Ticket {
    /// Its id.
    pub id: TicketId,
    /// Its order.
    pub order: OrderId,
    /// The order's line that it is for.
    pub line: ItemId,
    /// Its type.
    pub ticket_type: TicketTypeId,
    /// Where.
    #[serde(with = "compact::places")]
    pub places: Vec<Place>,
    /// The seat's category.
    pub category: MaybeCategory,
    /// How many people it admits.
    pub persons: u32,
    /// What was asked for it.
    pub price: Amount,
    /// What is typed on the keypad.
    pub short_code: ShortCode,
    /// Which issue counts.
    pub issue: u32,
    /// The `iat` of its token, in seconds since 1970.
    pub iat: i64,
    /// The key that signs its token.
    pub kid: String,
    /// Who holds it, in the vault.
    pub holder: Option<PersonId>,
    /// Whom it was transferred to, in the vault.
    pub customer: Option<PersonId>,
    /// How it was sold.
    pub channel: Channel,
    /// Whether it admits nobody any more.
    pub void: bool,
}

impl Ticket {
    /// Its seat; none where people stand.
    pub fn seat(&self) -> Option<&crate::place::SeatAddress> {
        self.places.iter().find_map(|place| place.seat.as_ref())
    }
}
