//! Facts of sales: what orders add and take off, what is paid and given back, tickets, and whose places are whose.
//!
//! `gross` is what lines add, `cancelled` what is taken off again, by whatever event, so that their difference is the total of the
//! live lines. A payment is spread over the lines of its order by their amounts, a refund over the voided tickets that it is for;
//! what cannot be told apart has no ticket type. Each spread adds up to what was paid.

use chrono::{DateTime, Utc};
use domain::{
    Show, ShowEvent,
    events::{
        Line, LineKind, OrderCancelled, OrderExpired, OrderPlaced, RefundRecorded, TicketIssued, TicketMoved,
        TicketVoided,
    },
    ids::{BlockId, OrderId, TicketId},
    place::Place,
    show::Order,
};
use uuid::Uuid;

use super::{Sort, section, standing_word};

/// What an event changed in the figures of one sort of tickets.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct SalesFact {
    pub happened_at: DateTime<Utc>,
    pub order: Option<Uuid>,
    pub ticket: Option<Uuid>,
    pub status: Option<&'static str>,
    pub sort: Sort,
    /// In minor units.
    pub price: Option<i64>,
    pub figures: SalesFigures,
}

/// By how much each figure changed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct SalesFigures {
    pub tickets: i64,
    pub voided: i64,
    pub persons: i64,
    pub gross: i64,
    pub cancelled: i64,
    pub tax: i64,
    pub paid: i64,
    pub refunded: i64,
    pub capacity: i64,
    pub held: i64,
    pub sold: i64,
    pub blocked: i64,
}

/// Adds the facts of an event.
pub(super) fn tell(show: &Show, event: &ShowEvent, recorded_at: DateTime<Utc>, facts: &mut Vec<SalesFact>) {
    let mut sheet = Sheet { show, recorded_at, order: None, ticket: None, facts: Vec::new() };
    let status = match event {
        ShowEvent::OrderPlaced(event) => {
            sheet.placed(event);
            Some(standing_word(event.status, 0, 0))
        }
        ShowEvent::PaymentRecorded(event) => {
            sheet.paid(event.order, event.amount.0);
            let refunded = show.order(event.order).map_or(0, |order| order.refunded.0);
            Some(standing_word(event.status, event.paid.0, refunded))
        }
        ShowEvent::RefundRecorded(event) => {
            sheet.refunded(event);
            let paid = show.order(event.order).map_or(0, |order| order.paid.0);
            Some(standing_word(event.status, paid, event.refunded.0))
        }
        ShowEvent::OrderCancelled(OrderCancelled { order, lines, .. }) => {
            sheet.given_back(*order, lines);
            show.order(*order).map(|of| standing_word(domain::events::OrderStatus::Cancelled, of.paid.0, of.refunded.0))
        }
        ShowEvent::OrderExpired(OrderExpired { order, lines }) => {
            sheet.given_back(*order, lines);
            show.order(*order).map(|of| standing_word(domain::events::OrderStatus::Expired, of.paid.0, of.refunded.0))
        }
        ShowEvent::TicketIssued(event) => {
            sheet.issued(event);
            None
        }
        ShowEvent::TicketVoided(event) => {
            sheet.voided(event);
            show.order(event.order).map(|of| standing_word(event.status, of.paid.0, of.refunded.0))
        }
        ShowEvent::TicketMoved(event) => {
            sheet.moved(event);
            None
        }
        ShowEvent::PlacesBlocked(event) => {
            sheet.blocked(&event.places, 1);
            None
        }
        ShowEvent::BlockReleased(event) => {
            sheet.blocked(&event.places, -1);
            None
        }
        _ => return,
    };
    sheet.facts.retain(|fact| fact.figures != SalesFigures::default());
    // How the order stands has to be said, also where no figure changed.
    if sheet.facts.is_empty() && status.is_some() {
        sheet.add(Sort::default(), None, SalesFigures::default());
    }
    for fact in &mut sheet.facts {
        fact.status = status;
    }
    facts.append(&mut sheet.facts);
}

/// The facts of one event, one for each sort.
struct Sheet<'a> {
    show: &'a Show,
    recorded_at: DateTime<Utc>,
    order: Option<Uuid>,
    ticket: Option<Uuid>,
    facts: Vec<SalesFact>,
}

impl Sheet<'_> {
    fn add(&mut self, sort: Sort, price: Option<i64>, figures: SalesFigures) {
        match self.facts.iter_mut().find(|fact| fact.sort == sort && fact.price == price) {
            Some(fact) => fact.figures = fact.figures.plus(figures),
            None => self.facts.push(SalesFact {
                happened_at: self.recorded_at,
                order: self.order,
                ticket: self.ticket,
                status: None,
                sort,
                price,
                figures,
            }),
        }
    }

    fn about(&mut self, order: OrderId, ticket: Option<TicketId>) {
        self.order = Some(order.0);
        self.ticket = ticket.map(|ticket| ticket.0);
    }

    fn placed(&mut self, event: &OrderPlaced) {
        self.about(event.order, None);
        for line in &event.lines {
            let (sort, price) = of_line(line, event.channel.as_str());
            if event.hold.is_none() && line.ticket_type.is_some() {
                self.held(&sort, price, &line.places, line.block, 1);
            }
            self.add(sort, price, line_figures(line));
        }
    }

    fn paid(&mut self, order: OrderId, amount: i64) {
        self.about(order, None);
        let parts = self.show.order(order).map_or_else(Vec::new, live_lines);
        for ((sort, price), paid) in spread(amount, parts, self.channel(order)) {
            self.add(sort, price, SalesFigures { paid, ..SalesFigures::default() });
        }
    }

    /// What the refund takes off is nobody's line; the rest is for tickets that were voided.
    fn refunded(&mut self, event: &RefundRecorded) {
        self.about(event.order, None);
        let channel = self.channel(event.order);
        let discount = event.discount.as_ref().map_or(0, |line| -line.amount.0);
        if discount != 0 {
            let figures = SalesFigures { cancelled: discount, refunded: discount, ..SalesFigures::default() };
            self.add(Sort { channel, ..Sort::default() }, None, figures);
        }
        let parts = self.show.order(event.order).map_or_else(Vec::new, |order| {
            let tickets = order.tickets.iter().filter_map(|ticket| self.show.ticket(*ticket));
            tickets
                .filter(|ticket| ticket.void)
                .map(|ticket| ((Sort::of_ticket(self.show, ticket), Some(ticket.price.0)), ticket.price.0))
                .collect()
        });
        for ((sort, price), refunded) in spread(event.amount.0 - discount, parts, channel) {
            self.add(sort, price, SalesFigures { refunded, ..SalesFigures::default() });
        }
    }

    /// All live lines go; the places of those without a ticket are free again.
    fn given_back(&mut self, id: OrderId, returned: &[Line]) {
        self.about(id, None);
        let Some(order) = self.show.order(id) else { return };
        for line in &order.lines {
            let (sort, price) = of_line(line, order.channel.as_str());
            self.add(sort, price, gone(line_figures(line)));
        }
        for line in returned.iter().filter(|line| line.ticket_type.is_some()) {
            let (sort, price) = of_line(line, order.channel.as_str());
            self.held(&sort, price, &line.places, line.block, -1);
        }
    }

    fn issued(&mut self, event: &TicketIssued) {
        self.about(event.order, Some(event.ticket));
        let sort = Sort {
            ticket_type: Some(event.ticket_type.0),
            channel: self.channel(event.order),
            category: event.category.as_ref().map(ToString::to_string),
            section: section(&event.places),
        };
        let price = Some(event.price.0);
        for place in &event.places {
            let persons = i64::from(place.persons);
            let figures = SalesFigures { held: -persons, sold: persons, ..SalesFigures::default() };
            self.add(sort.at(self.show, place), price, figures);
        }
        let figures = SalesFigures { tickets: 1, persons: i64::from(event.persons), ..SalesFigures::default() };
        self.add(sort, price, figures);
    }

    fn voided(&mut self, event: &TicketVoided) {
        self.about(event.order, Some(event.ticket));
        let Some(ticket) = self.show.ticket(event.ticket) else { return };
        let (sort, price) = (Sort::of_ticket(self.show, ticket), Some(ticket.price.0));
        for place in &event.places {
            let figures = SalesFigures { sold: -i64::from(place.persons), ..SalesFigures::default() };
            self.add(sort.at(self.show, place), price, figures);
        }
        let line =
            self.show.order(event.order).and_then(|order| order.lines.iter().find(|line| line.id == ticket.line));
        let figures = SalesFigures {
            tickets: -1,
            voided: 1,
            persons: -i64::from(event.persons),
            // As the fold does: where the line is gone, nothing is taken off.
            cancelled: line.map_or(0, |_| event.price.0),
            tax: line.map_or(0, |line| -line.tax.0),
            ..SalesFigures::default()
        };
        self.add(sort, price, figures);
    }

    /// What was sold here is sold there.
    fn moved(&mut self, event: &TicketMoved) {
        let Some(ticket) = self.show.ticket(event.ticket) else { return };
        self.about(ticket.order, Some(ticket.id));
        let line =
            self.show.order(ticket.order).and_then(|order| order.lines.iter().find(|line| line.id == ticket.line));
        let figures = SalesFigures {
            tickets: 1,
            persons: i64::from(ticket.persons),
            gross: line.map_or(0, |line| line.amount.0),
            tax: line.map_or(0, |line| line.tax.0),
            ..SalesFigures::default()
        };
        let here = Sort::of_ticket(self.show, ticket);
        let there = Sort {
            category: event.category.as_ref().map(ToString::to_string),
            section: event.to.section.as_ref().map(ToString::to_string),
            ..here.clone()
        };
        let price = Some(ticket.price.0);
        for (sort, place, sign) in [(here, &event.from, -1), (there, &event.to, 1)] {
            let sold = SalesFigures { sold: sign * i64::from(place.persons), ..SalesFigures::default() };
            self.add(sort.at(self.show, place), price, sold);
            self.add(sort, price, figures.times(sign));
        }
    }

    fn blocked(&mut self, places: &[Place], sign: i64) {
        for place in places {
            let figures = SalesFigures { blocked: sign * i64::from(place.persons), ..SalesFigures::default() };
            self.add(Sort::default().at(self.show, place), None, figures);
        }
    }

    /// Places are held for an order, from sale or from a block, or go back there.
    fn held(&mut self, sort: &Sort, price: Option<i64>, places: &[Place], block: Option<BlockId>, sign: i64) {
        for place in places {
            let persons = sign * i64::from(place.persons);
            let held = SalesFigures { held: persons, ..SalesFigures::default() };
            self.add(sort.at(self.show, place), price, held);
            if block.is_some() {
                let blocked = SalesFigures { blocked: -persons, ..SalesFigures::default() };
                self.add(Sort::default().at(self.show, place), None, blocked);
            }
        }
    }

    fn channel(&self, order: OrderId) -> Option<&'static str> {
        self.show.order(order).map(|order| order.channel.as_str())
    }
}

impl SalesFigures {
    fn plus(self, other: Self) -> Self {
        Self {
            tickets: self.tickets + other.tickets,
            voided: self.voided + other.voided,
            persons: self.persons + other.persons,
            gross: self.gross + other.gross,
            cancelled: self.cancelled + other.cancelled,
            tax: self.tax + other.tax,
            paid: self.paid + other.paid,
            refunded: self.refunded + other.refunded,
            capacity: self.capacity + other.capacity,
            held: self.held + other.held,
            sold: self.sold + other.sold,
            blocked: self.blocked + other.blocked,
        }
    }

    fn times(self, sign: i64) -> Self {
        Self {
            tickets: self.tickets * sign,
            persons: self.persons * sign,
            gross: self.gross * sign,
            tax: self.tax * sign,
            ..self
        }
    }
}

/// What a line adds. A discount adds nothing and takes off.
fn line_figures(line: &Line) -> SalesFigures {
    let (gross, cancelled) = match line.kind {
        LineKind::Discount => (0, -line.amount.0),
        LineKind::Ticket | LineKind::Fee | LineKind::Donation | LineKind::Product => (line.amount.0, 0),
    };
    SalesFigures { gross, cancelled, tax: line.tax.0, ..SalesFigures::default() }
}

/// What takes a line off again: it stays sold, and is cancelled.
fn gone(line: SalesFigures) -> SalesFigures {
    SalesFigures { cancelled: line.gross - line.cancelled, tax: -line.tax, ..SalesFigures::default() }
}

fn of_line(line: &Line, channel: &'static str) -> (Sort, Option<i64>) {
    let sort = Sort {
        ticket_type: line.ticket_type.map(|ticket_type| ticket_type.0),
        channel: Some(channel),
        category: line.category.as_ref().map(ToString::to_string),
        section: section(&line.places),
    };
    (sort, line.ticket_type.map(|_| line.amount.0))
}

type Part = ((Sort, Option<i64>), i64);

fn live_lines(order: &Order) -> Vec<Part> {
    order.lines.iter().map(|line| (of_line(line, order.channel.as_str()), line.amount.0)).collect()
}

/// Spreads an amount over parts by their weights, in whole minor units that add up to it: each part gets what is due up to its end,
/// rounded down, less what was given up to its beginning. What has no parts is of no sort.
fn spread(amount: i64, parts: Vec<Part>, channel: Option<&'static str>) -> Vec<Part> {
    let mut weights: Vec<Part> = Vec::new();
    for (sort, weight) in parts {
        match weights.iter_mut().find(|(known, _)| *known == sort) {
            Some((_, known)) => *known += weight,
            None => weights.push((sort, weight)),
        }
    }
    weights.retain(|(_, weight)| *weight > 0);
    let whole: i128 = weights.iter().map(|(_, weight)| i128::from(*weight)).sum();
    if whole == 0 {
        return vec![((Sort { channel, ..Sort::default() }, None), amount)];
    }
    let (mut passed, mut given) = (0_i128, 0_i128);
    weights
        .into_iter()
        .map(|(sort, weight)| {
            passed += i128::from(weight);
            let due = (i128::from(amount) * passed).div_euclid(whole);
            let part = due - std::mem::replace(&mut given, due);
            (sort, i64::try_from(part).unwrap_or(i64::MAX))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(name: &str, weight: i64) -> Part {
        ((Sort { section: Some(name.to_owned()), ..Sort::default() }, None), weight)
    }

    #[test]
    fn a_spread_adds_up_to_the_last_cent() {
        for amount in [0, 1, 2, 99, 100, 1_000_000_007] {
            let parts = spread(amount, vec![part("A", 1), part("B", 1), part("A", 1), part("C", 4)], None);
            assert_eq!(parts.iter().map(|(_, part)| part).sum::<i64>(), amount);
            assert_eq!(parts.len(), 3, "what is of one sort is one part");
        }
        let parts: Vec<i64> = spread(100, vec![part("A", 1), part("B", 2)], None).iter().map(|part| part.1).collect();
        assert_eq!(parts, [33, 67]);
    }

    #[test]
    fn what_has_no_parts_is_of_no_sort() {
        let parts = spread(500, vec![part("A", 0), part("B", -10)], Some("web"));
        assert_eq!(parts, [((Sort { channel: Some("web"), ..Sort::default() }, None), 500)]);
    }
}
