//! IssueTicket: the box-office sale, from free places to tickets in one command.

use domain::{
    Show, ShowEvent,
    events::{Line, LineHolder, OrderPlaced, OrderStatus, PaymentMethod, PaymentRecorded, Terms},
    ids::{PersonId, TextId},
    money::Amount,
};

use crate::{
    Context, Rejection,
    allocation::{ItemRequest, allocate},
    issuing,
    place_order::line_of,
};

/// Sell at the box office.
#[derive(Debug, Clone, PartialEq)]
pub struct IssueTicket {
    /// What is bought.
    pub items: Vec<ItemRequest>,
    /// Who buys, in the vault.
    pub customer: Option<PersonId>,
    /// Who will hold the tickets, in the vault: by the index of the item, one entry for each of its tickets.
    pub holders: Vec<(usize, PersonId)>,
    /// How it is paid.
    pub settlement: Settlement,
}

/// How a box-office sale is paid.
#[derive(Debug, Clone, PartialEq)]
pub enum Settlement {
    /// In full, now.
    Paid {
        /// How.
        method: PaymentMethod,
        /// What the seller notes, in the vault.
        reference: Option<TextId>,
    },
    /// Not at all.
    Complimentary {
        /// Why, in the vault.
        reason: TextId,
    },
}

impl IssueTicket {
    pub(crate) fn decide(&self, show: &Show, context: &Context) -> Result<Vec<ShowEvent>, Rejection> {
        let items = allocate(show, &self.items, &[], "/items", context)?;
        let mut lines: Vec<Line> = items.iter().map(line_of).collect();
        if matches!(self.settlement, Settlement::Complimentary { .. }) {
            for line in &mut lines {
                line.amount = Amount(0);
                line.tax = Amount(0);
            }
        }
        let holders = self.name_holders(&lines)?;
        let total: Amount = lines.iter().map(|line| line.amount).sum();
        let order = context.id();
        let holder = |item| holders.iter().find(|named| named.item == item).map(|named| named.holder);
        let tickets = issuing::issue(show, order, &lines, context.channel, holder, context)?;
        let mut events = Vec::with_capacity(tickets.len() + 2);
        events.push(
            OrderPlaced {
                order,
                reference: issuing::reference(show, context),
                hold: None,
                terms: Terms::PayFirst,
                channel: context.channel,
                customer: self.customer,
                lines,
                total,
                due: total,
                status: if total > Amount(0) { OrderStatus::AwaitingPayment } else { OrderStatus::Paid },
                expires_at: None,
                holders: holders.clone(),
                complimentary: match self.settlement {
                    Settlement::Complimentary { reason } => Some(reason),
                    Settlement::Paid { .. } => None,
                },
            }
            .into(),
        );
        if let Settlement::Paid { method, reference } = &self.settlement
            && total > Amount(0)
        {
            events.push(
                PaymentRecorded {
                    payment: context.id(),
                    order,
                    method: method.clone(),
                    amount: total,
                    reference: *reference,
                    paid: total,
                    due: Amount(0),
                    status: OrderStatus::Paid,
                }
                .into(),
            );
        }
        events.extend(tickets);
        Ok(events)
    }

    /// Lines come in the order of the items, each item's tickets together.
    fn name_holders(&self, lines: &[Line]) -> Result<Vec<LineHolder>, Rejection> {
        let mut named: Vec<LineHolder> = Vec::new();
        for (i, (item, holder)) in self.holders.iter().enumerate() {
            let pointer = format!("/tickets/{i}/item");
            let request = self.items.get(*item).ok_or_else(|| Rejection::invalid(&pointer, "is no index of items"))?;
            let before: usize = self.items[..*item].iter().map(ItemRequest::tickets).sum();
            let earlier = self.holders[..i].iter().filter(|(other, _)| other == item).count();
            if earlier >= request.tickets() {
                return Err(Rejection::invalid(pointer, "names more holders than the item has tickets"));
            }
            if let Some(line) = lines.get(before + earlier) {
                named.push(LineHolder { item: line.id, holder: *holder });
            }
        }
        Ok(named)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Code,
        specification::{CATEGORIES, SEATED, STANDING, given, item, sell, ticket_ids},
    };

    #[test]
    fn a_sale_is_an_order_its_payment_and_a_ticket_each() {
        let events = given::published().by_staff().when(sell(vec![item(SEATED, 2)])).events();
        let kinds: Vec<_> = events.iter().map(ShowEvent::event_type).collect();
        assert_eq!(kinds, ["OrderPlaced", "PaymentRecorded", "TicketIssued", "TicketIssued"]);
    }

    #[test]
    fn a_gift_is_paid_with_nothing() {
        let gift = IssueTicket {
            settlement: Settlement::Complimentary { reason: uuid::Uuid::nil().into() },
            ..sell(vec![item(SEATED, 1)])
        };
        let events = given::published().by_staff().when(gift).events();
        assert!(matches!(&events[0], ShowEvent::OrderPlaced(event) if event.total.0 == 0 && event.due.0 == 0));
        assert_eq!(events.len(), 2);
    }

    #[test]
    fn holders_are_named_ticket_by_ticket() {
        let (one, two) = (PersonId(uuid::Uuid::from_u128(1)), PersonId(uuid::Uuid::from_u128(2)));
        let sale = |holders| IssueTicket { holders, ..sell(vec![item(SEATED, 1), item(STANDING, 2)]) };
        let given = given::published().by_staff();
        let events = given.clone().when(sale(vec![(1, one), (1, two)])).events();
        let holders: Vec<_> = events
            .iter()
            .filter_map(|event| match event {
                ShowEvent::TicketIssued(event) => Some(event.holder),
                _ => None,
            })
            .collect();
        assert_eq!(holders, [None, Some(one), Some(two)]);
        given.when(sale(vec![(0, one), (0, two)])).then_invalid(&["/tickets/1/item"]);
    }

    #[test]
    fn exactly_as_many_are_sold_as_there_are() {
        let mut given = given::published().by_staff();
        for _ in 0..20 {
            given = given.and(sell(vec![item(SEATED, 1)]));
        }
        assert_eq!(ticket_ids(given.history()).len(), 20);
        given.clone().when(sell(vec![item(SEATED, 1)])).then_rejected(Code::SoldOut, &["/items/0/quantity"]);
        given.when(sell(vec![item(CATEGORIES, 1)])).then_rejected(Code::SoldOut, &["/items/0/quantity"]);
    }
}
