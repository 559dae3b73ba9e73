//! A state in parts: what grows with each sale apart from the rest, so that whoever keeps a long show can write and read the
//! parts side by side. Put together again, they are the state that they were.
//!
//! Orders and tickets go in pages of some thousand: a page is unpacked into memory that the one before has used, and is still near
//! the processor when it is read. What an order or a ticket says itself (its id, its reference, its code) is not said twice; beside
//! them stands what they do not say, such as a code that was given before the one that counts.

use std::{collections::HashMap, mem::take};

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

use crate::{
    codes::ShortCode,
    ids::{OrderId, TicketId},
    shared::Shared,
    show::{Order, Show, ShowState, Ticket},
};

/// Orders or tickets in a page: some hundreds of kilobytes, which the cache of a processor holds.
const PAGE: usize = 2_000;

/// There is room made for so many at once. More do not fit because the bytes say so, only because they are there.
const ROOM_MAX: usize = 1 << 20;

/// The orders of a show.
#[derive(Debug, Default, PartialEq)]
pub struct Orders {
    orders: IndexMap<OrderId, Shared<Order>>,
    references: HashMap<String, OrderId>,
    /// How many there are to be; nothing before the last page.
    all: Option<usize>,
}

/// The tickets of a show.
#[derive(Debug, Default, PartialEq)]
pub struct Tickets {
    tickets: IndexMap<TicketId, Shared<Ticket>>,
    codes: HashMap<ShortCode, (TicketId, u32)>,
    /// How many there are to be; nothing before the last page.
    all: Option<usize>,
}

/// Some orders as they are kept.
#[derive(Debug, Serialize, Deserialize)]
pub struct OrdersPage {
    /// How many orders there are in all pages.
    all: usize,
    orders: Vec<Shared<Order>>,
    /// References that no order says, or another one says as well; in the last page alone.
    besides: Option<Vec<(String, OrderId)>>,
}

/// Some tickets as they are kept.
#[derive(Debug, Serialize, Deserialize)]
pub struct TicketsPage {
    /// How many tickets there are in all pages.
    all: usize,
    tickets: Vec<Shared<Ticket>>,
    /// Codes that no ticket has any more, or another one has as well; in the last page alone.
    besides: Option<Vec<(ShortCode, (TicketId, u32))>>,
}

impl Orders {
    /// As they are kept, to be added in this order.
    pub fn pages(&self) -> impl Iterator<Item = OrdersPage> {
        let said = self.orders.values().map(|order| (order.reference.as_str(), order.id)).collect::<HashMap<_, _>>();
        let unsaid = self.references.iter().filter(|(reference, order)| said.get(reference.as_str()) != Some(*order));
        let besides = sorted(unsaid.map(|(reference, order)| (reference.clone(), *order)));
        let all = self.orders.len();
        let last = OrdersPage { all, orders: Vec::new(), besides: Some(besides) };
        pages(&self.orders).map(move |orders| OrdersPage { all, orders, besides: None }).chain([last])
    }

    /// Takes in the next page.
    pub fn add(&mut self, page: OrdersPage) {
        if self.orders.is_empty() {
            self.orders.reserve(page.all.min(ROOM_MAX));
            self.references.reserve(page.all.min(ROOM_MAX));
        }
        for order in page.orders {
            self.references.insert(order.reference.clone(), order.id);
            self.orders.insert(order.id, order);
        }
        if let Some(besides) = page.besides {
            self.references.extend(besides);
            self.all = Some(page.all);
        }
    }

    fn are_all(&self) -> bool {
        self.all == Some(self.orders.len())
    }
}

impl Tickets {
    /// As they are kept, to be added in this order.
    pub fn pages(&self) -> impl Iterator<Item = TicketsPage> {
        let said = self.tickets.values().map(|ticket| (ticket.short_code, (ticket.id, ticket.issue)));
        let said = said.collect::<HashMap<_, _>>();
        let unsaid = self.codes.iter().filter(|(code, given)| said.get(code) != Some(*given));
        let besides = sorted(unsaid.map(|(code, given)| (*code, *given)));
        let all = self.tickets.len();
        let last = TicketsPage { all, tickets: Vec::new(), besides: Some(besides) };
        pages(&self.tickets).map(move |tickets| TicketsPage { all, tickets, besides: None }).chain([last])
    }

    /// Takes in the next page.
    pub fn add(&mut self, page: TicketsPage) {
        if self.tickets.is_empty() {
            self.tickets.reserve(page.all.min(ROOM_MAX));
            self.codes.reserve(page.all.min(ROOM_MAX));
        }
        for ticket in page.tickets {
            self.codes.insert(ticket.short_code, (ticket.id, ticket.issue));
            self.tickets.insert(ticket.id, ticket);
        }
        if let Some(besides) = page.besides {
            self.codes.extend(besides);
            self.all = Some(page.all);
        }
    }

    fn are_all(&self) -> bool {
        self.all == Some(self.tickets.len())
    }
}

impl ShowState {
    /// The rest, the orders and the tickets of this state.
    #[must_use]
    pub fn apart(mut self) -> (Self, Orders, Tickets) {
        let (mut orders, mut tickets) = (Orders::default(), Tickets::default());
        if let Self::Scheduled(show) = &mut self {
            let Show { orders: of_show, references, tickets: its, codes, .. } = &mut **show;
            orders = Orders { orders: take(of_show), references: take(references), all: None };
            tickets = Tickets { tickets: take(its), codes: take(codes), all: None };
        }
        (orders.all, tickets.all) = (Some(orders.orders.len()), Some(tickets.tickets.len()));
        (self, orders, tickets)
    }

    /// The state that was taken apart into these; none if one of their pages is missing.
    #[must_use]
    pub fn together(mut rest: Self, orders: Orders, tickets: Tickets) -> Option<Self> {
        if !(orders.are_all() && tickets.are_all()) {
            return None;
        }
        if let Self::Scheduled(show) = &mut rest {
            (show.orders, show.references) = (orders.orders, orders.references);
            (show.tickets, show.codes) = (tickets.tickets, tickets.codes);
        }
        Some(rest)
    }
}

/// What a map holds, in its order, so many at a time; it is shared, not copied.
fn pages<K, T>(map: &IndexMap<K, Shared<T>>) -> impl Iterator<Item = Vec<Shared<T>>> {
    let starts = (0..map.len()).step_by(PAGE);
    starts.map(|start| map.values().skip(start).take(PAGE).map(Shared::share).collect())
}

/// In an order that does not depend on a hash.
fn sorted<T: Ord>(items: impl Iterator<Item = T>) -> Vec<T> {
    let mut items: Vec<T> = items.collect();
    items.sort_unstable();
    items
}
