//! CancelOrder: void an order's tickets and free its places. What was paid stays owed until it is refunded.

use domain::{
    Show, ShowEvent,
    events::{Line, LineKind, OrderCancelled, OrderStatus},
    ids::{OrderId, TextId},
};

use crate::{Code, Context, Rejection, void_ticket::Voiding};

/// Cancel an order.
#[derive(Debug, Clone, PartialEq)]
pub struct CancelOrder {
    /// Which.
    pub order: OrderId,
    /// Why, in the vault.
    pub reason: Option<TextId>,
}

impl CancelOrder {
    pub(crate) fn decide(&self, show: &Show, context: &Context) -> Result<Vec<ShowEvent>, Rejection> {
        let order = show.order(self.order).ok_or(Rejection::NotFound)?;
        match order.status {
            OrderStatus::Cancelled => {
                return Err(Rejection::rule(Code::AlreadyVoid, "The order is cancelled already.")
                    .held_by([crate::HeldBy::Order(self.order)]));
            }
            OrderStatus::Expired => {
                return Err(Rejection::rule(Code::AlreadyVoid, "The order was not paid in time and is over already.")
                    .held_by([crate::HeldBy::Order(self.order)]));
            }
            OrderStatus::AwaitingPayment | OrderStatus::Paid => {}
        }
        let valid: Vec<_> = order
            .tickets
            .iter()
            .copied()
            .filter(|ticket| show.ticket(*ticket).is_some_and(|ticket| !ticket.void))
            .collect();
        let voiding = Voiding { reason: self.reason, keep_places: false, holders_have_left: false };
        let mut events = voiding.of(show, order, &valid, context)?;
        let lines = order.lines.iter().filter(|line| line.kind == LineKind::Ticket && line.ticket.is_none());
        let lines = lines.map(|line| returning_line(show, line)).collect();
        events.push(OrderCancelled { order: self.order, reason: self.reason, lines }.into());
        Ok(events)
    }
}

/// The line as it is given back: to its block only if there still is one.
pub(crate) fn returning_line(show: &Show, line: &Line) -> Line {
    let block = line.block.filter(|block| show.blocks.get(block).is_some_and(|block| !block.released));
    Line { block, ..line.clone() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::specification::{SEATED, given, order_id};

    #[test]
    fn tickets_are_void_places_free_and_money_is_owed() {
        let given = given::sold_seat("A-1-1");
        let order = order_id(given.history());
        let state = given.when(CancelOrder { order, reason: None }).state();
        let show = state.show().unwrap();
        assert!(show.tickets().all(|ticket| ticket.void));
        assert_eq!(show.places.taken_seats().count(), 0);
        assert_eq!(show.ticket_type(SEATED).unwrap().sold, 0);
        let order = show.order(order).unwrap();
        assert_eq!((order.status, order.due().0), (OrderStatus::Cancelled, -2_500));
    }

    #[test]
    fn an_unpaid_order_gives_its_places_back() {
        let given = given::ordered(2);
        let order = order_id(given.history());
        let cancelled = given.and(CancelOrder { order, reason: None });
        let show = cancelled.state();
        assert_eq!(show.show().unwrap().places.taken_seats().count(), 0);
        cancelled.when(CancelOrder { order, reason: None }).then_rejected(Code::AlreadyVoid, &[]);
    }
}
