//! RefundOrder: give money back, and void tickets with it. What no voided ticket accounts for becomes a discount, so
//! that the order's sums balance.

use domain::{
    Show, ShowEvent,
    events::{Line, LineKind, PaymentMethod, RefundRecorded},
    ids::{OrderId, TextId, TicketId},
    money::{Amount, Payable},
};

use crate::{Code, Context, Rejection, issuing, void_ticket::Voiding};

/// Give money back.
#[derive(Debug, Clone, PartialEq)]
pub struct RefundOrder {
    /// On which order.
    pub order: OrderId,
    /// How much.
    pub amount: Payable,
    /// How.
    pub method: PaymentMethod,
    /// Tickets to void with it.
    pub tickets: Vec<TicketId>,
    /// Whether their places stay out of sale.
    pub keep_places: bool,
    /// Why, in the vault.
    pub reason: Option<TextId>,
}

impl RefundOrder {
    pub(crate) fn decide(&self, show: &Show, context: &Context) -> Result<Vec<ShowEvent>, Rejection> {
        let order = show.order(self.order).ok_or(Rejection::NotFound)?;
        let amount = self.amount.amount();
        for (i, ticket) in self.tickets.iter().enumerate() {
            if !order.tickets.contains(ticket) || self.tickets[..i].contains(ticket) {
                return Err(Rejection::invalid(
                    format!("/tickets/{i}"),
                    "is no ticket of this order, or is named twice",
                ));
            }
        }
        let refundable = order.paid - order.refunded;
        if amount > refundable {
            let detail = format!("{} was paid and not refunded (in minor units); refund at most that.", refundable.0);
            return Err(Rejection::rule_at(Code::RefundExceedsPaid, "/amount", detail)
                .held_by([crate::HeldBy::Order(self.order)]));
        }
        let voiding = Voiding { reason: self.reason, keep_places: self.keep_places, holders_have_left: false };
        let mut events = voiding.of(show, order, &self.tickets, context)?;
        let voided: Amount = events
            .iter()
            .map(|event| match event {
                ShowEvent::TicketVoided(event) => event.price,
                _ => Amount(0),
            })
            .sum();
        let owed = (voided - order.due()).max(Amount(0));
        let discount = amount - amount.min(owed);
        let due = order.due() - voided - discount + amount;
        events.push(
            RefundRecorded {
                refund: context.id(),
                order: self.order,
                amount,
                method: self.method.clone(),
                reason: self.reason,
                discount: (discount > Amount(0)).then(|| discount_line(-discount, context)),
                refunded: order.refunded + amount,
                due,
                status: issuing::status_with(order.status, due),
            }
            .into(),
        );
        Ok(events)
    }
}

fn discount_line(amount: Amount, context: &Context) -> Line {
    Line {
        id: context.id(),
        kind: LineKind::Discount,
        amount,
        tax: Amount(0),
        ticket: None,
        ticket_type: None,
        places: Vec::new(),
        category: None,
        persons: 0,
        block: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::specification::{SEATED, given, item_seats, order_id, sell, ticket_ids};
    use crate::void_ticket::VoidTicket;

    fn refund(order: OrderId, amount: i64, tickets: Vec<TicketId>) -> RefundOrder {
        RefundOrder {
            order,
            amount: amount.try_into().unwrap(),
            method: "cash".to_owned().try_into().unwrap(),
            tickets,
            keep_places: false,
            reason: None,
        }
    }

    #[test]
    fn a_refund_that_voids_nothing_is_a_discount() {
        let given = given::sold_seat("A-1-1");
        let order = order_id(given.history());
        let state = given.when(refund(order, 500, vec![])).state();
        let order = state.show().unwrap().order(order).unwrap();
        assert_eq!((order.total().0, order.paid.0, order.refunded.0, order.due().0), (2_000, 2_500, 500, 0));
    }

    #[test]
    fn a_refund_with_its_ticket_leaves_nothing_due() {
        let given = given::sold_seat("A-1-1");
        let order = order_id(given.history());
        let tickets = ticket_ids(given.history());
        let state = given.when(refund(order, 2_500, tickets)).state();
        let show = state.show().unwrap();
        let order = show.order(order).unwrap();
        assert_eq!((order.total().0, order.due().0), (0, 0));
        assert_eq!(show.places.taken_seats().count(), 0);
    }

    #[test]
    fn what_a_cancelled_order_owes_is_refunded_without_a_discount() {
        let given = given::sold_seat("A-1-1");
        let order = order_id(given.history());
        let cancelled = given.and(crate::cancel_order::CancelOrder { order, reason: None });
        let state = cancelled.clone().when(refund(order, 2_500, vec![])).state();
        assert_eq!(state.show().unwrap().order(order).unwrap().due().0, 0);
        cancelled.when(refund(order, 2_501, vec![])).then_rejected(Code::RefundExceedsPaid, &["/amount"]);
    }

    #[test]
    fn a_ticket_that_is_voided_after_a_discount_leaves_owed_what_is_left_of_the_money() {
        let given = given::sold_seat("A-1-1");
        let (order, ticket) = (order_id(given.history()), ticket_ids(given.history())[0]);
        let void = VoidTicket { ticket, reason: None, keep_place: false, holder_has_left: false };
        let voided = given.and(refund(order, 500, vec![])).and(void);
        let owed = voided.show().order(order).unwrap();
        assert_eq!((owed.total().0, owed.due().0, owed.lines.len()), (0, -2_000, 0));
        let settled = voided.and(refund(order, 2_000, vec![]));
        assert_eq!(settled.show().order(order).unwrap().due().0, 0);
    }

    #[test]
    fn a_discount_stays_on_the_tickets_that_stay() {
        let given = given::published().by_staff().and(sell(vec![item_seats(SEATED, &["A-1-1", "A-1-2"])]));
        let (order, tickets) = (order_id(given.history()), ticket_ids(given.history()));
        let discounted = given.and(refund(order, 500, vec![]));
        let one_less = discounted.and(refund(order, 2_500, vec![tickets[0]]));
        let left = one_less.show().order(order).unwrap();
        assert_eq!((left.total().0, left.due().0, left.lines.len()), (2_000, 0, 2));
        let none_left = one_less.and(refund(order, 2_000, vec![tickets[1]]));
        let left = none_left.show().order(order).unwrap();
        assert_eq!((left.total().0, left.due().0, left.lines.len()), (0, 0, 0));
    }
}
