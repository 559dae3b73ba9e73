//! PlaceOrder: turn a hold into an order. Tickets come at once where nothing is due or the terms say so.

use chrono::TimeDelta;
use domain::{
    Show, ShowEvent,
    events::{HoldItem, Line, LineHolder, LineKind, OrderPlaced, OrderStatus, Terms},
    ids::{HoldId, ItemId, PersonId},
    money::Amount,
    show::HoldState,
};

use crate::{Code, Context, Rejection, change_hold::open_hold, issuing};

/// Turn a hold into an order.
#[derive(Debug, Clone, PartialEq)]
pub struct PlaceOrder {
    /// Which hold.
    pub hold: HoldId,
    /// Who buys, in the vault.
    pub customer: Option<PersonId>,
    /// Who will hold the tickets of which items, in the vault.
    pub holders: Vec<LineHolder>,
    /// When it is paid.
    pub terms: Terms,
}

impl PlaceOrder {
    pub(crate) fn decide(&self, show: &Show, context: &Context) -> Result<Vec<ShowEvent>, Rejection> {
        crate::rejection::takes_place(show)?;
        if show.hold(self.hold).is_none() {
            return Err(Rejection::rule_at(Code::HoldUnknown, "/hold", "There is no such hold of this show."));
        }
        let hold = open_hold(show, self.hold).map_err(|rejection| match show.hold(self.hold) {
            Some(HoldState::Released) => Rejection::rule_at(Code::HoldExpired, "/hold", "This hold was given up.")
                .held_by([crate::HeldBy::Hold(self.hold)]),
            _ => rejection,
        })?;
        check_holders(&self.holders, |item| hold.items.iter().any(|candidate| candidate.id == item))?;
        let lines = hold.items.iter().map(line_of).collect::<Vec<_>>();
        let total: Amount = lines.iter().map(|line| line.amount).sum();
        let paid = total <= Amount(0);
        let at_once = paid || self.terms != Terms::PayFirst;
        let expires_at = (!at_once).then(|| context.now + TimeDelta::seconds(i64::from(show.pay_within_seconds)));
        let order = context.id();
        let mut events = vec![
            OrderPlaced {
                order,
                reference: issuing::reference(show, context),
                hold: Some(self.hold),
                terms: self.terms,
                channel: hold.channel,
                customer: self.customer,
                lines: lines.clone(),
                total,
                due: total,
                status: if paid { OrderStatus::Paid } else { OrderStatus::AwaitingPayment },
                expires_at,
                holders: self.holders.clone(),
                complimentary: None,
            }
            .into(),
        ];
        if at_once {
            let holder = |item| self.holders.iter().find(|named| named.item == item).map(|named| named.holder);
            events.extend(issuing::issue(show, order, &lines, hold.channel, holder, context)?);
        }
        Ok(events)
    }
}

/// The order's line for a hold's item.
pub(crate) fn line_of(item: &HoldItem) -> Line {
    Line {
        id: item.id,
        kind: LineKind::Ticket,
        amount: item.price,
        tax: item.tax,
        ticket: None,
        ticket_type: Some(item.ticket_type),
        places: item.places.clone(),
        category: item.category.clone(),
        persons: item.persons,
        block: item.block,
    }
}

fn check_holders(holders: &[LineHolder], known: impl Fn(ItemId) -> bool) -> Result<(), Rejection> {
    for (i, named) in holders.iter().enumerate() {
        if !known(named.item) || holders[..i].iter().any(|other| other.item == named.item) {
            let detail = "is no item of this hold, or is named twice";
            return Err(Rejection::invalid(format!("/tickets/{i}/item"), detail));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::specification::{FREE, SEATED, given, hold, hold_id};

    fn order(hold: HoldId, terms: Terms) -> PlaceOrder {
        PlaceOrder { hold, customer: None, holders: Vec::new(), terms }
    }

    #[test]
    fn an_order_waits_for_its_payment_before_there_are_tickets() {
        let given = given::published().and(hold(SEATED, 2));
        let id = hold_id(given.history());
        let events = given.when(order(id, Terms::PayFirst)).events();
        let [ShowEvent::OrderPlaced(event)] = &events[..] else { panic!("{events:?}") };
        assert_eq!((event.due.0, event.status), (5_000, OrderStatus::AwaitingPayment));
        assert!(event.expires_at.is_some());
    }

    #[test]
    fn tickets_come_at_once_where_nothing_is_due_or_terms_say_so() {
        for (ticket_type, terms) in [(FREE, Terms::PayFirst), (SEATED, Terms::PayAtDoor), (SEATED, Terms::OnAccount)] {
            let given = given::published().and(hold(ticket_type, 2));
            let id = hold_id(given.history());
            let events = given.when(order(id, terms)).events();
            assert_eq!(events.len(), 3, "{terms:?}");
            assert!(matches!(&events[0], ShowEvent::OrderPlaced(event) if event.expires_at.is_none()));
        }
    }

    #[test]
    fn a_hold_becomes_one_order() {
        let given = given::published().and(hold(SEATED, 1));
        let place = order(hold_id(given.history()), Terms::PayFirst);
        given.clone().and(place.clone()).when(place.clone()).then_rejected(Code::HoldUsed, &[]);
        given.at(900).ended().when(place).then_rejected(Code::HoldExpired, &[]);
        let unknown = order(uuid::Uuid::nil().into(), Terms::PayFirst);
        given::published().when(unknown).then_rejected(Code::HoldUnknown, &["/hold"]);
    }
}
