//! Holds, orders, money and tickets of a story.

use super::*;

impl Story {
    pub fn hold(&mut self) {
        let hold = HoldId(self.thing());
        let items: Vec<HoldItem> = (0..=self.below(3)).filter_map(|_| self.item(None)).collect();
        // Items of one hold are drawn before any of them is taken: leave out what was drawn twice.
        let mut seen = Vec::new();
        let items: Vec<HoldItem> = items
            .into_iter()
            .filter(|item| {
                item.places.iter().all(|place| place.seat.is_none() || !seen.contains(place)) && {
                    seen.extend(item.places.clone());
                    true
                }
            })
            .collect();
        if items.is_empty() {
            return;
        }
        let total = items.iter().map(|item| item.price).sum();
        self.holds.push(hold);
        self.say(HoldPlaced { hold, items, total, expires_at: noon() + TimeDelta::minutes(15), channel: Channel::Web });
    }

    /// A free seat, or room on the floor, for one or for four.
    pub(super) fn item(&mut self, seat: Option<SeatAddress>) -> Option<HoldItem> {
        let id = ItemId(self.thing());
        let kind = if seat.is_some() { 0 } else { self.below(4) };
        if kind < 2 {
            let seat = seat.or_else(|| self.free_seat())?;
            let (in_section, slot) = self.show().places.seat(&seat)?;
            let of = in_section.category(slot).cloned();
            let cost = if of.as_ref().is_some_and(|c| c.as_str() == "I") { 4_000 } else { 2_500 };
            let places = vec![Place::seat(in_section.name.clone(), seat)];
            return Some(HoldItem {
                id,
                ticket_type: self.seated,
                places,
                category: of,
                persons: 1,
                price: Amount(cost),
                tax: self.tax_in(self.seated, cost),
                block: None,
            });
        }
        let (ticket_type, persons) = if kind == 2 { (self.standing, 1) } else { (self.group, 4) };
        let show = self.show();
        // Three items may be drawn at once.
        if show.available(show.ticket_type(ticket_type)?) < 12 {
            return None;
        }
        Some(HoldItem {
            id,
            ticket_type,
            places: vec![Place::standing(section("Floor"), persons)],
            category: None,
            persons,
            price: Amount(1_500),
            tax: self.tax_in(ticket_type, 1_500),
            block: None,
        })
    }

    fn tax_in(&self, ticket_type: TicketTypeId, cost: i64) -> Amount {
        let tax = self.show().ticket_type(ticket_type).unwrap().terms.tax;
        gross_and_tax(Price::try_from(cost).unwrap(), tax).1
    }

    pub(super) fn open_hold(&mut self) -> Option<domain::show::Hold> {
        let open: Vec<_> = self
            .holds
            .iter()
            .filter_map(|hold| match self.show().hold(*hold) {
                Some(HoldState::Open(hold)) => Some(hold.clone()),
                _ => None,
            })
            .collect();
        self.one_of(&open)
    }

    pub(super) fn hold_changes(&mut self) {
        let Some(hold) = self.open_hold() else { return };
        if self.below(2) == 0 {
            self.say(HoldExtended { hold: hold.id, expires_at: hold.expires_at + TimeDelta::minutes(15) });
            return;
        }
        let added: Vec<HoldItem> = self.item(None).into_iter().collect();
        let removed: Vec<HoldItem> = hold.items.first().cloned().into_iter().filter(|_| hold.items.len() > 1).collect();
        self.say(HoldChanged { hold: hold.id, added, removed, total: Amount(0) });
    }

    pub(super) fn hold_ends(&mut self) {
        let Some(hold) = self.open_hold() else { return };
        if self.below(2) == 0 {
            self.say(HoldReleased { hold: hold.id, items: hold.items });
        } else {
            self.say(HoldExpired { hold: hold.id, items: hold.items });
        }
    }

    pub fn order(&mut self) {
        let Some(hold) = self.open_hold() else { return };
        let order = OrderId(self.thing());
        let terms = [Terms::PayFirst, Terms::PayAtDoor, Terms::OnAccount][self.below(3)];
        let complimentary = (self.below(6) == 0).then(|| TextId(self.thing()));
        self.place(order, &hold, terms, complimentary);
    }

    pub(super) fn place(
        &mut self,
        order: OrderId,
        hold: &domain::show::Hold,
        terms: Terms,
        complimentary: Option<TextId>,
    ) {
        let mut lines: Vec<Line> = hold
            .items
            .iter()
            .map(|item| Line {
                id: item.id,
                kind: LineKind::Ticket,
                amount: item.price,
                tax: item.tax,
                ticket: None,
                ticket_type: Some(item.ticket_type),
                places: item.places.clone(),
                category: item.category.clone(),
                persons: item.persons,
                block: None,
            })
            .collect();
        if complimentary.is_some() {
            for line in &mut lines {
                (line.amount, line.tax) = (Amount(0), Amount(0));
            }
        } else if self.below(3) == 0 {
            let (kind, amount, tax) =
                if self.below(2) == 0 { (LineKind::Fee, 150, 24) } else { (LineKind::Donation, 500, 0) };
            lines.push(self.other_line(kind, amount, tax));
        }
        let total: Amount = lines.iter().map(|line| line.amount).sum();
        let nothing_due = total.0 == 0;
        self.orders.push(order);
        let reference = format!("R{:05}", self.things);
        let customer = Some(PersonId(self.thing()));
        self.say(OrderPlaced {
            order,
            reference,
            hold: Some(hold.id),
            terms,
            channel: Channel::Web,
            customer,
            lines,
            total,
            due: total,
            status: if nothing_due { OrderStatus::Paid } else { OrderStatus::AwaitingPayment },
            expires_at: (terms == Terms::PayFirst && !nothing_due).then(|| noon() + TimeDelta::days(1)),
            holders: vec![],
            complimentary,
        });
        if terms != Terms::PayFirst || nothing_due {
            self.issue(order);
        }
    }

    /// A line that is no ticket.
    fn other_line(&mut self, kind: LineKind, amount: i64, tax: i64) -> Line {
        Line {
            id: ItemId(self.thing()),
            kind,
            amount: Amount(amount),
            tax: Amount(tax),
            ticket: None,
            ticket_type: None,
            places: vec![],
            category: None,
            persons: 0,
            block: None,
        }
    }

    pub(super) fn issue(&mut self, order: OrderId) {
        let lines = self.show().order(order).unwrap().lines.clone();
        for line in lines.into_iter().filter(|line| line.ticket.is_none() && line.ticket_type.is_some()) {
            let ticket = TicketId(self.thing());
            self.tickets.push(ticket);
            let holder = (self.below(2) == 0).then(|| PersonId(self.thing()));
            let short_code = self.code();
            self.say(TicketIssued {
                ticket,
                order,
                line: line.id,
                ticket_type: line.ticket_type.unwrap(),
                places: line.places,
                category: line.category,
                persons: line.persons,
                price: line.amount,
                short_code,
                issue: 1,
                iat: noon().timestamp(),
                kid: "abcdefgh".to_owned(),
                holder,
                channel: Channel::Web,
            });
        }
    }

    pub(super) fn an_order(&mut self, with: impl Fn(&domain::show::Order) -> bool) -> Option<domain::show::Order> {
        let fitting: Vec<_> =
            self.orders.iter().filter_map(|id| self.show().order(*id)).filter(|order| with(order)).cloned().collect();
        self.one_of(&fitting)
    }

    pub fn payment(&mut self) {
        let Some(order) = self.an_order(|order| order.status == OrderStatus::AwaitingPayment && order.due().0 > 1)
        else {
            return;
        };
        let amount = if self.below(4) == 0 { Amount(order.due().0 / 2) } else { order.due() };
        self.pay(&order, amount);
        if amount == order.due() {
            self.issue(order.id);
        }
    }

    pub(super) fn pay(&mut self, order: &domain::show::Order, amount: Amount) {
        let due = order.due() - amount;
        let (payment, method) = (PaymentId(self.thing()), self.method());
        self.say(PaymentRecorded {
            payment,
            order: order.id,
            method,
            amount,
            reference: None,
            paid: order.paid + amount,
            due,
            status: if due.0 == 0 { OrderStatus::Paid } else { OrderStatus::AwaitingPayment },
        });
    }

    pub(super) fn order_ends(&mut self) {
        if self.below(2) == 0 {
            let Some(order) =
                self.an_order(|order| order.status == OrderStatus::AwaitingPayment && order.tickets.is_empty())
            else {
                return;
            };
            if self.below(2) == 0 {
                self.say(OrderExpired { order: order.id, lines: order.lines });
            } else {
                self.say(OrderCancelled { order: order.id, reason: None, lines: order.lines });
            }
        } else {
            let Some(order) = self.an_order(|order| order.status == OrderStatus::Paid && order.paid.0 > 100) else {
                return;
            };
            let discount = (self.below(2) == 0).then(|| self.other_line(LineKind::Discount, -100, 0));
            self.refund(order.id, Amount(100), discount);
        }
    }

    fn refund(&mut self, order: OrderId, amount: Amount, discount: Option<Line>) {
        let refund = RefundId(self.thing());
        let method = self.method();
        let order = self.show().order(order).unwrap();
        let less = discount.as_ref().map_or(Amount(0), |line| -line.amount);
        let (id, refunded, due, status) =
            (order.id, order.refunded + amount, order.due() + amount - less, order.status);
        self.say(RefundRecorded { refund, order: id, amount, method, reason: None, discount, refunded, due, status });
    }

    fn method(&mut self) -> PaymentMethod {
        let word = ["cash", "card_terminal", "bank_transfer"][self.below(3)];
        PaymentMethod::try_from(word.to_owned()).unwrap()
    }

    pub(super) fn a_ticket(&mut self) -> Option<domain::show::Ticket> {
        let valid: Vec<_> = self
            .tickets
            .iter()
            .filter_map(|id| self.show().ticket(*id))
            .filter(|ticket| !ticket.void)
            .cloned()
            .collect();
        self.one_of(&valid)
    }

    pub fn void(&mut self) {
        let Some(ticket) = self.a_ticket() else { return };
        let order = self.show().order(ticket.order).unwrap();
        let (due, status) = (order.due() - ticket.price, order.status);
        let goes_back = order.due().0 == 0 && ticket.price.0 > 0 && order.lines.iter().all(|line| line.amount.0 > 0);
        let (id, price) = (order.id, ticket.price);
        self.say(TicketVoided {
            ticket: ticket.id,
            order: ticket.order,
            ticket_type: ticket.ticket_type,
            places: ticket.places,
            persons: ticket.persons,
            price: ticket.price,
            reason: None,
            keep_place: false,
            holder_has_left: true,
            due,
            status,
        });
        if goes_back && self.below(2) == 0 {
            self.refund(id, price, None);
        }
    }

    pub(super) fn reissue_or_name(&mut self) {
        let Some(ticket) = self.a_ticket() else { return };
        let person = PersonId(self.thing());
        match self.below(3) {
            0 => {
                let short_code = self.code();
                let kid = "hgfedcba".to_owned();
                self.say(TicketReissued {
                    ticket: ticket.id,
                    short_code,
                    issue: ticket.issue + 1,
                    iat: ticket.iat + 60,
                    kid,
                });
            }
            1 => self.say(TicketTransferred { ticket: ticket.id, customer: person }),
            _ => self.say(HolderNamed { ticket: ticket.id, holder: person }),
        }
    }

    pub(super) fn move_seat(&mut self) {
        let (Some(ticket), Some(to)) = (self.a_ticket(), self.free_seat()) else { return };
        if ticket.seat().is_none() {
            return;
        }
        let (in_section, slot) = self.show().places.seat(&to).unwrap();
        let (name, of) = (in_section.name.clone(), in_section.category(slot).cloned());
        let from = ticket.places[0].clone();
        self.say(TicketMoved { ticket: ticket.id, from, to: Place::seat(name, to), category: of });
    }
}
