//! RecordPayment: money came in. Once nothing is due, the tickets are issued.

use domain::{
    Show, ShowEvent,
    events::{OrderStatus, PaymentMethod, PaymentRecorded},
    ids::{OrderId, TextId},
    money::{Amount, Payable},
};

use crate::{Code, Context, Rejection, issuing};

/// Money came in.
#[derive(Debug, Clone, PartialEq)]
pub struct RecordPayment {
    /// On which order.
    pub order: OrderId,
    /// How.
    pub method: PaymentMethod,
    /// How much.
    pub amount: Payable,
    /// What the seller notes, in the vault.
    pub reference: Option<TextId>,
}

impl RecordPayment {
    pub(crate) fn decide(&self, show: &Show, context: &Context) -> Result<Vec<ShowEvent>, Rejection> {
        let order = show.order(self.order).ok_or(Rejection::NotFound)?;
        let due = order.due();
        if matches!(order.status, OrderStatus::Cancelled | OrderStatus::Expired) || due <= Amount(0) {
            let detail = match order.status {
                OrderStatus::Cancelled => "The order is cancelled; sell anew.",
                OrderStatus::Expired => "The order was not paid in time and its places are free again; sell anew.",
                OrderStatus::AwaitingPayment | OrderStatus::Paid => "Nothing is due on this order.",
            };
            return Err(Rejection::rule(Code::OrderNotPayable, detail).held_by([crate::HeldBy::Order(self.order)]));
        }
        let amount = self.amount.amount();
        if amount > due {
            let detail = format!("{} is due (in minor units); record at most that.", due.0);
            return Err(
                Rejection::rule_at(Code::AmountMismatch, "/amount", detail).held_by([crate::HeldBy::Order(self.order)])
            );
        }
        let due = due - amount;
        let status = issuing::status_with(order.status, due);
        let mut events = vec![
            PaymentRecorded {
                payment: context.id(),
                order: self.order,
                method: self.method.clone(),
                amount,
                reference: self.reference,
                paid: order.paid + amount,
                due,
                status,
            }
            .into(),
        ];
        if due <= Amount(0) {
            let holder = |item| order.holder(item);
            events.extend(issuing::issue(show, self.order, &order.lines, order.channel, holder, context)?);
        }
        Ok(events)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::specification::{given, order_id};

    fn pay(order: OrderId, amount: i64) -> RecordPayment {
        RecordPayment {
            order,
            method: "cash".to_owned().try_into().unwrap(),
            amount: amount.try_into().unwrap(),
            reference: None,
        }
    }

    #[test]
    fn a_part_is_taken_and_tickets_come_with_the_rest() {
        let given = given::ordered(2);
        let order = order_id(given.history());
        let events = given.clone().when(pay(order, 1_000)).events();
        assert!(matches!(&events[..], [ShowEvent::PaymentRecorded(event)] if event.due.0 == 4_000));
        let events = given.and(pay(order, 1_000)).when(pay(order, 4_000)).events();
        assert_eq!(events.len(), 3);
        assert!(matches!(&events[0], ShowEvent::PaymentRecorded(event) if event.status == OrderStatus::Paid));
    }

    #[test]
    fn no_more_than_is_due() {
        let given = given::ordered(2);
        let order = order_id(given.history());
        given.clone().when(pay(order, 5_001)).then_rejected(Code::AmountMismatch, &["/amount"]);
        given.clone().and(pay(order, 5_000)).when(pay(order, 1)).then_rejected(Code::OrderNotPayable, &[]);
        given.at(200_000).ended().when(pay(order, 5_000)).then_rejected(Code::OrderNotPayable, &[]);
    }
}
