//! Sentences of sales.

use domain::{
    events::{
        HoldChanged, HoldItem, HoldPlaced, Line, OrderCancelled, OrderExpired, OrderPlaced, PaymentRecorded,
        RefundRecorded, TicketIssued, TicketMoved, TicketVoided,
    },
    place::Place,
};

use super::telling::{Telling, say};

impl Telling<'_> {
    pub(super) fn hold_placed(&self, event: &HoldPlaced) -> String {
        let (places, count) = self.places(of_items(&event.items));
        let (channel, until) = (self.channel(event.channel), self.moment(event.expires_at));
        say!(self, "HoldPlaced", places: places, count: count, channel: channel, until: until)
    }

    pub(super) fn hold_changed(&self, event: &HoldChanged) -> String {
        let part = |id: &str, items: &[HoldItem]| {
            if items.is_empty() { String::new() } else { say!(self, id, places: self.places(of_items(items)).0) }
        };
        let (added, removed) = (part("hold-added", &event.added), part("hold-removed", &event.removed));
        say!(self, "HoldChanged", added: added, removed: removed)
    }

    pub(super) fn hold_ended(&self, id: &str, items: &[HoldItem]) -> String {
        say!(self, id, places: self.places(of_items(items)).0)
    }

    pub(super) fn order_placed(&self, event: &OrderPlaced) -> String {
        let who = event.customer.map(|customer| self.person(customer)).filter(|_| self.reading.names);
        let customer = who.map_or_else(String::new, |who| say!(self, "for-who", who: who));
        say!(
            self,
            "OrderPlaced",
            order: event.reference.as_str(),
            channel: self.channel(event.channel),
            customer: customer,
            lines: self.lines(&event.lines),
            total: self.money(event.total),
            reason: self.reason(event.complimentary),
            rest: self.rest(event.due),
        )
    }

    pub(super) fn payment_recorded(&self, event: &PaymentRecorded) -> String {
        say!(
            self,
            "PaymentRecorded",
            amount: self.money(event.amount),
            order: self.order(event.order),
            method: self.method(&event.method),
            reference: self.reason(event.reference),
            rest: self.rest(event.due),
        )
    }

    pub(super) fn order_cancelled(&self, event: &OrderCancelled) -> String {
        let (order, reason) = (self.order(event.order), self.reason(event.reason));
        say!(self, "OrderCancelled", order: order, freed: self.freed(&event.lines), reason: reason)
    }

    pub(super) fn order_expired(&self, event: &OrderExpired) -> String {
        say!(self, "OrderExpired", order: self.order(event.order), freed: self.freed(&event.lines))
    }

    pub(super) fn refund_recorded(&self, event: &RefundRecorded) -> String {
        say!(
            self,
            "RefundRecorded",
            amount: self.money(event.amount),
            order: self.order(event.order),
            method: self.method(&event.method),
            reason: self.reason(event.reason),
            rest: self.rest(event.due),
        )
    }

    pub(super) fn ticket_issued(&self, event: &TicketIssued) -> String {
        let (places, count) = self.places(&event.places);
        let who = event.holder.filter(|_| self.reading.names).map(|holder| self.person(holder));
        say!(
            self,
            "TicketIssued",
            places: places,
            count: count,
            order: self.order(event.order),
            channel: self.channel(event.channel),
            code: self.code(&event.short_code),
            ticket_type: self.ticket_type(event.ticket_type),
            price: self.money(event.price),
            holder: who.map_or_else(String::new, |who| say!(self, "holder", who: who)),
        )
    }

    pub(super) fn ticket_voided(&self, event: &TicketVoided) -> String {
        let when = |said: bool, id: &str| if said { say!(self, id) } else { String::new() };
        say!(
            self,
            "TicketVoided",
            ticket: self.ticket(event.ticket),
            order: self.order(event.order),
            left: when(event.holder_has_left, "holder-has-left"),
            kept: when(event.keep_place, "kept-place"),
            reason: self.reason(event.reason),
        )
    }

    pub(super) fn ticket_moved(&self, event: &TicketMoved) -> String {
        let seat = |place: &Place| match &place.seat {
            Some(seat) => seat.to_string(),
            None => self.places([place]).0,
        };
        say!(self, "TicketMoved", code: self.code_of(event.ticket), from: seat(&event.from), to: seat(&event.to))
    }

    fn freed(&self, lines: &[Line]) -> String {
        let mut places = lines.iter().flat_map(|line| &line.places).peekable();
        if places.peek().is_none() { String::new() } else { say!(self, "freed", places: self.places(places).0) }
    }
}

fn of_items(items: &[HoldItem]) -> impl Iterator<Item = &Place> {
    items.iter().flat_map(|item| &item.places)
}
