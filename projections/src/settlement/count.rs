//! Counts: from the folded show, and what is remembered beside it, to the rows and sums of a sheet.

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::{DateTime, SecondsFormat, Utc};
use domain::{
    Show,
    events::{Line, LineKind},
    ids::{OrderId, TicketId},
    money::Amount,
    show::{Order, Ticket},
};

use super::{
    SettledCheckpoint, SettledDoor, SettledLines, SettledMoment, SettledMoney, SettledPayments, SettledReserved,
    SettledShow, SettledTax, SettledTicketType, SettledTickets, SettledTotals, SettledVenue, Settlement,
    fold::{Last, Past},
};
use crate::{facts::came, views::Money};

/// What tickets have in common that stand in one row; ordered as rows are: types as they were added, dear ones first.
type Key = (usize, std::cmp::Reverse<i64>, Option<String>, Option<u32>);

/// Counts of tickets.
#[derive(Debug, Clone, Copy, Default)]
struct Tickets {
    sold: i64,
    complimentary: i64,
    voided: i64,
    refunded: i64,
    persons: i64,
    admitted: i64,
    worth: Worth,
}

/// Money in minor units.
#[derive(Debug, Clone, Copy, Default)]
struct Worth {
    gross: i64,
    tax: i64,
}

/// The whole sheet.
pub(super) fn settlement(
    show: &Show,
    past: &Past,
    last: Last,
    as_of: DateTime<Utc>,
    checkpoint: Option<SettledCheckpoint>,
) -> Settlement {
    let mut counted = Counted::new(show, past);
    for order in show.orders() {
        counted.order(order);
    }
    let refunded = refunded(past);
    for ticket in show.tickets().filter(|ticket| ticket.void) {
        counted.void(ticket, refunded.contains(&ticket.id));
    }
    counted.sheet(last, as_of, checkpoint)
}

struct Counted<'a> {
    show: &'a Show,
    past: &'a Past,
    tickets: BTreeMap<Key, Tickets>,
    lines: BTreeMap<&'static str, (i64, Worth)>,
    reserved_orders: i64,
    reserved_tickets: i64,
    reserved: Worth,
    paid: i64,
    refunded: i64,
    outstanding: i64,
    owed: i64,
}

impl<'a> Counted<'a> {
    fn new(show: &'a Show, past: &'a Past) -> Self {
        Self {
            show,
            past,
            tickets: BTreeMap::new(),
            lines: BTreeMap::new(),
            reserved_orders: 0,
            reserved_tickets: 0,
            reserved: Worth::default(),
            paid: 0,
            refunded: 0,
            outstanding: 0,
            owed: 0,
        }
    }

    fn order(&mut self, order: &Order) {
        self.paid += order.paid.0;
        self.refunded += order.refunded.0;
        let due = order.due().0;
        self.outstanding += due.max(0);
        self.owed += (-due).max(0);
        // Within a command's events, some tickets may be issued and others not yet.
        let waits = order.lines.iter().any(|line| line.kind == LineKind::Ticket && line.ticket.is_none());
        self.reserved_orders += i64::from(waits);
        for line in &order.lines {
            match (line.kind, line.ticket.and_then(|ticket| self.show.ticket(ticket))) {
                (LineKind::Ticket, Some(ticket)) => self.valid(order, line, ticket),
                (LineKind::Ticket, None) => {
                    self.reserved_tickets += 1;
                    self.reserved.add(line);
                }
                _ if waits => self.reserved.add(line),
                (kind, _) => {
                    let (count, worth) = self.lines.entry(kind_word(kind)).or_default();
                    *count += 1;
                    worth.add(line);
                }
            }
        }
    }

    fn valid(&mut self, order: &Order, line: &Line, ticket: &Ticket) {
        let admitted = came(self.show, ticket.id);
        let row = self.row(ticket);
        if order.complimentary.is_some() {
            row.complimentary += 1;
        } else {
            row.sold += 1;
        }
        row.persons += i64::from(ticket.persons);
        row.admitted += admitted;
        row.worth.add(line);
    }

    fn void(&mut self, ticket: &Ticket, refunded: bool) {
        let row = self.row(ticket);
        row.voided += 1;
        row.refunded += i64::from(refunded);
    }

    fn row(&mut self, ticket: &Ticket) -> &mut Tickets {
        let place = self.show.ticket_types.get_index_of(&ticket.ticket_type).unwrap_or(usize::MAX);
        let rate = self.past.rates.get(&ticket.line).copied();
        let category = ticket.category.as_ref().map(ToString::to_string);
        self.tickets.entry((place, std::cmp::Reverse(ticket.price.0), category, rate)).or_default()
    }

    fn sheet(self, last: Last, as_of: DateTime<Utc>, checkpoint: Option<SettledCheckpoint>) -> Settlement {
        let show = self.show;
        let money = |minor: i64| Money::new(Amount(minor), show.currency);
        let mut whole = Tickets::default();
        let mut taxes: BTreeMap<Option<u32>, Worth> = BTreeMap::new();
        let mut tickets = Vec::new();
        for ((place, price, category, rate), row) in self.tickets {
            whole = whole.and(row);
            if row.worth.gross != 0 || row.worth.tax != 0 {
                taxes.entry(rate).or_default().plus(row.worth);
            }
            let of = show.ticket_types.get_index(place);
            tickets.push(SettledTickets {
                ticket_type: SettledTicketType {
                    id: of.map(|(id, _)| id.0).unwrap_or_default(),
                    name: of.map(|(_, known)| known.terms.name.to_string()).unwrap_or_default(),
                },
                category,
                price: money(price.0),
                tax_rate_bps: rate,
                sold: row.sold,
                complimentary: row.complimentary,
                voided: row.voided,
                refunded: row.refunded,
                persons: row.persons,
                admitted: row.admitted,
                gross: money(row.worth.gross),
                net: money(row.worth.net()),
                tax: money(row.worth.tax),
            });
        }
        let mut lines = Vec::new();
        for (kind, (count, worth)) in self.lines {
            whole.worth.plus(worth);
            taxes.entry(None).or_default().plus(worth);
            let (gross, net, tax) = (money(worth.gross), money(worth.net()), money(worth.tax));
            lines.push(SettledLines { kind: kind.to_owned(), count, gross, net, tax });
        }
        let kept = self.paid - self.refunded;
        let total = whole.worth.gross + self.reserved.gross;
        Settlement {
            show: told(show),
            moment: moment(show, last, as_of),
            checkpoint,
            tickets,
            lines,
            totals: SettledTotals {
                sold: whole.sold,
                complimentary: whole.complimentary,
                voided: whole.voided,
                refunded: whole.refunded,
                persons: whole.persons,
                admitted: whole.admitted,
                gross: money(whole.worth.gross),
                net: money(whole.worth.net()),
                tax: money(whole.worth.tax),
            },
            taxes: taxes
                .into_iter()
                .map(|(rate_bps, worth)| SettledTax {
                    rate_bps,
                    gross: money(worth.gross),
                    net: money(worth.net()),
                    tax: money(worth.tax),
                })
                .collect(),
            reserved: SettledReserved {
                orders: self.reserved_orders,
                tickets: self.reserved_tickets,
                gross: money(self.reserved.gross),
                net: money(self.reserved.net()),
                tax: money(self.reserved.tax),
            },
            payments: self
                .past
                .methods
                .iter()
                .map(|(method, (paid, refunded))| SettledPayments {
                    method: method.clone(),
                    paid: money(*paid),
                    refunded: money(*refunded),
                    kept: money(paid - refunded),
                })
                .collect(),
            money: SettledMoney {
                total: money(total),
                paid: money(self.paid),
                refunded: money(self.refunded),
                kept: money(kept),
                due: money(total - kept),
                outstanding: money(self.outstanding),
                owed: money(self.owed),
            },
            door: SettledDoor {
                entries: i64::from(show.attendance.admitted),
                counted: show.attendance.counted,
                refusals: i64::from(show.attendance.refused),
            },
        }
    }
}

impl Worth {
    fn add(&mut self, line: &Line) {
        self.gross += line.amount.0;
        self.tax += line.tax.0;
    }

    fn plus(&mut self, other: Self) {
        self.gross += other.gross;
        self.tax += other.tax;
    }

    fn net(self) -> i64 {
        self.gross - self.tax
    }
}

impl Tickets {
    fn and(mut self, other: Self) -> Self {
        self.worth.plus(other.worth);
        Self {
            sold: self.sold + other.sold,
            complimentary: self.complimentary + other.complimentary,
            voided: self.voided + other.voided,
            refunded: self.refunded + other.refunded,
            persons: self.persons + other.persons,
            admitted: self.admitted + other.admitted,
            worth: self.worth,
        }
    }
}

/// Void tickets whose price went back: an order's refunds pay them in the order of voiding, as far as they reach. A refund names its
/// order, not its tickets.
fn refunded(past: &Past) -> HashSet<TicketId> {
    let mut left: HashMap<OrderId, i64> = past.given_back.clone();
    let paid_back = |(order, ticket, worth): &(OrderId, TicketId, i64)| {
        let left = left.get_mut(order).filter(|left| *worth > 0 && **left >= *worth)?;
        *left -= worth;
        Some(*ticket)
    };
    past.voided.iter().filter_map(paid_back).collect()
}

fn kind_word(kind: LineKind) -> &'static str {
    match kind {
        // Not reached: tickets have rows of their own.
        LineKind::Ticket => "ticket",
        LineKind::Fee => "fee",
        LineKind::Discount => "discount",
        LineKind::Donation => "donation",
        LineKind::Product => "product",
    }
}

fn told(show: &Show) -> SettledShow {
    SettledShow {
        id: show.id.0,
        name: show.name.to_string(),
        venue: SettledVenue { name: show.venue.name.to_string(), address: show.venue.address.to_string() },
        status: show.status().as_str().to_owned(),
        timezone: String::from(show.timezone),
        starts_at: show.schedule.starts_at,
        starts_at_local: local(show, show.schedule.starts_at),
        ends_at: show.schedule.ends_at,
        currency: show.currency.as_str().to_owned(),
    }
}

fn moment(show: &Show, last: Last, as_of: DateTime<Utc>) -> SettledMoment {
    let over_at = show.schedule.over_at();
    SettledMoment {
        as_of,
        as_of_local: local(show, as_of),
        provisional: as_of < over_at,
        over_at,
        position: last.position,
        events: last.version,
        recorded_at: last.recorded_at,
    }
}

fn local(show: &Show, moment: DateTime<Utc>) -> String {
    moment.with_timezone(&show.timezone.tz()).to_rfc3339_opts(SecondsFormat::AutoSi, false)
}
