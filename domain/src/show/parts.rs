//! A state in parts: what grows with each sale apart from the rest, so that whoever keeps a long show can write and read the
//! parts side by side. Put together again, they are the state that they were.

use std::{collections::HashMap, mem::take};

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

use crate::{
    codes::ShortCode,
    ids::{OrderId, TicketId},
    shared::Shared,
    show::{Order, Show, ShowState, Ticket, compact},
};

/// The orders of a show.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Orders {
    #[serde(with = "compact::map")]
    orders: IndexMap<OrderId, Shared<Order>>,
    #[serde(with = "compact::map")]
    references: HashMap<String, OrderId>,
}

/// The tickets of a show.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Tickets {
    #[serde(with = "compact::map")]
    tickets: IndexMap<TicketId, Shared<Ticket>>,
    #[serde(with = "compact::map")]
    codes: HashMap<ShortCode, (TicketId, u32)>,
}

impl ShowState {
    /// The rest, the orders and the tickets of this state.
    #[must_use]
    pub fn apart(mut self) -> (Self, Orders, Tickets) {
        let (mut orders, mut tickets) = (Orders::default(), Tickets::default());
        if let Self::Scheduled(show) = &mut self {
            let Show { orders: of_show, references, tickets: its, codes, .. } = &mut **show;
            orders = Orders { orders: take(of_show), references: take(references) };
            tickets = Tickets { tickets: take(its), codes: take(codes) };
        }
        (self, orders, tickets)
    }

    /// The state that was taken apart into these.
    #[must_use]
    pub fn together(mut rest: Self, orders: Orders, tickets: Tickets) -> Self {
        if let Self::Scheduled(show) = &mut rest {
            (show.orders, show.references) = (orders.orders, orders.references);
            (show.tickets, show.codes) = (tickets.tickets, tickets.codes);
        }
        rest
    }
}
