//! Orders and tickets as they stood: in the order of the live lists, found by the same, with names as they are now.
//!
//! A cursor holds the position that its list stands at and how many items come behind it, so that it goes on in the same
//! list and in no other.

use std::collections::HashSet;

use domain::{
    Show,
    ids::{OrderId, TicketId},
    show::{Order, Ticket},
};
use uuid::Uuid;

use super::Past;
use crate::{
    queries::{List, OrderFound, OrdersFilter, Page, QueryError, TicketFound, TokenFacts, people::People},
    views::{OrderView, TicketView, order_view, ticket_view, word},
};

impl Past {
    /// Its orders, the latest first.
    ///
    /// # Errors
    /// See [`QueryError`].
    pub async fn orders(&self, filter: &OrdersFilter, page: &Page) -> Result<List<OrderView>, QueryError> {
        let show = &*self.show;
        let search = self.search(filter.q.as_deref()).await?;
        let fits = |order: &&Order| {
            filter.status.as_ref().is_none_or(|status| word(&order.status) == *status)
                && search.as_ref().is_none_or(|search| search.finds_order(show, order))
        };
        let (orders, next) = self.page(show.orders(), fits, page)?;
        let people = self.people(&orders).await?;
        let items = orders.into_iter().map(|order| order_found(show, order, &people).order).collect();
        Ok(List { items, next })
    }

    /// An order. None: it was not placed yet.
    ///
    /// # Errors
    /// See [`QueryError`].
    pub async fn order(&self, order: Uuid) -> Result<Option<OrderFound>, QueryError> {
        let show = &*self.show;
        let Some(order) = show.order(OrderId(order)) else { return Ok(None) };
        let people = self.people(&[order]).await?;
        Ok(Some(order_found(show, order, &people)))
    }

    /// Its tickets, the latest first.
    ///
    /// # Errors
    /// See [`QueryError`].
    pub async fn tickets(&self, q: Option<&str>, page: &Page) -> Result<List<TicketView>, QueryError> {
        let show = &*self.show;
        let search = self.search(q).await?;
        let fits = |ticket: &&Ticket| search.as_ref().is_none_or(|search| search.finds_ticket_or_order(show, ticket));
        let (tickets, next) = self.page(show.tickets(), fits, page)?;
        let holders = tickets.iter().map(|ticket| ticket.holder.map(|holder| holder.0));
        let people = self.queries.people(self.organization, holders).await?;
        let items = tickets.into_iter().map(|ticket| ticket_found(show, ticket, &people).ticket).collect();
        Ok(List { items, next })
    }

    /// A ticket. None: it was not issued yet.
    ///
    /// # Errors
    /// See [`QueryError`].
    pub async fn ticket(&self, ticket: Uuid) -> Result<Option<TicketFound>, QueryError> {
        let show = &*self.show;
        let Some(ticket) = show.ticket(TicketId(ticket)) else { return Ok(None) };
        let holder = std::iter::once(ticket.holder.map(|holder| holder.0));
        let people = self.queries.people(self.organization, holder).await?;
        Ok(Some(ticket_found(show, ticket, &people)))
    }

    /// The page of a list that is kept the earliest first, told the latest first.
    fn page<'a, T: 'a>(
        &self,
        items: impl DoubleEndedIterator<Item = &'a T> + ExactSizeIterator,
        fits: impl Fn(&&'a T) -> bool,
        page: &Page,
    ) -> Result<(Vec<&'a T>, Option<String>), QueryError> {
        let behind = match page.cursor.as_deref() {
            Some(cursor) => self.items_behind(cursor).ok_or(QueryError::BadCursor)?,
            None => items.len(),
        };
        let rows = usize::try_from(page.rows()).unwrap_or(usize::MAX);
        let found = items.enumerate().take(behind).rev();
        let mut found: Vec<_> = found.filter(|(_, item)| fits(item)).take(rows).collect();
        let next = page.cut(&mut found, |(ordinal, _)| format!("{}.{ordinal}", self.stand.position));
        Ok((found.into_iter().map(|(_, item)| item).collect(), next))
    }

    fn items_behind(&self, cursor: &str) -> Option<usize> {
        let (position, behind) = cursor.split_once('.')?;
        let here = position.parse() == Ok(self.stand.position);
        behind.parse().ok().filter(|_| here)
    }

    async fn search(&self, q: Option<&str>) -> Result<Option<Search>, QueryError> {
        let Some(q) = q else { return Ok(None) };
        let people = self.queries.search_people(self.organization, Some(q)).await?;
        Ok(Some(Search { code: q.to_owned(), text: folded(q), people: people.into_iter().collect() }))
    }

    /// Everybody whom these orders name.
    async fn people(&self, orders: &[&Order]) -> Result<People, QueryError> {
        let show = &*self.show;
        let tickets = orders.iter().flat_map(|order| &order.tickets).filter_map(|ticket| show.ticket(*ticket));
        let customers = orders.iter().map(|order| order.customer);
        let ids = customers.chain(tickets.map(|ticket| ticket.holder)).map(|person| person.map(|person| person.0));
        self.queries.people(self.organization, ids).await
    }
}

/// What somebody looks for, as the live lists do.
struct Search {
    /// A whole short code.
    code: String,
    /// A part of a reference or a seat, whatever its case.
    text: String,
    /// People whose entries it is found in.
    people: HashSet<Uuid>,
}

impl Search {
    fn finds_order(&self, show: &Show, order: &Order) -> bool {
        self.finds_purchase(order)
            || order.tickets.iter().filter_map(|id| show.ticket(*id)).any(|ticket| self.finds_ticket(ticket))
    }

    fn finds_ticket_or_order(&self, show: &Show, ticket: &Ticket) -> bool {
        self.finds_ticket(ticket) || show.order(ticket.order).is_some_and(|order| self.finds_purchase(order))
    }

    fn finds_purchase(&self, order: &Order) -> bool {
        self.is_in(&order.reference) || order.customer.is_some_and(|customer| self.people.contains(&customer.0))
    }

    fn finds_ticket(&self, ticket: &Ticket) -> bool {
        ticket.short_code.to_string() == self.code
            || ticket.holder.is_some_and(|holder| self.people.contains(&holder.0))
            || ticket.seat().is_some_and(|seat| self.is_in(&seat.to_string()))
    }

    fn is_in(&self, text: &str) -> bool {
        folded(text).contains(&self.text)
    }
}

/// Without regard to case, character by character, as the database compares.
fn folded(text: &str) -> String {
    text.chars().flat_map(char::to_lowercase).collect()
}

fn order_found(show: &Show, order: &Order, people: &People) -> OrderFound {
    let tickets = order.tickets.iter().filter_map(|id| show.ticket(*id));
    let tickets: Vec<TicketFound> = tickets.map(|ticket| ticket_found(show, ticket, people)).collect();
    let mut view = order_view(show, order);
    view.customer = people.customer(order.customer.map(|customer| customer.0));
    view.tickets = tickets.iter().map(|found| found.ticket.clone()).collect();
    OrderFound { order: view, show: show.id.0, tickets }
}

fn ticket_found(show: &Show, ticket: &Ticket, people: &People) -> TicketFound {
    let mut view = ticket_view(show, ticket);
    view.holder = people.name(ticket.holder.map(|holder| holder.0));
    let Ticket { issue, iat, ref kid, .. } = *ticket;
    let token = TokenFacts { ticket: ticket.id.0, show: show.id.0, issue, iat, kid: kid.clone() };
    TicketFound { ticket: view, show: show.id.0, token }
}
