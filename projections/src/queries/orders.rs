//! Orders, with their customers and their tickets.

use std::collections::HashMap;

use uuid::Uuid;

use super::{
    Answer, Found, List, Page, Queries, QueryError, Scope, checkpoint, checkpoint_of,
    list::anywhere,
    people::People,
    read,
    tickets::{TicketFound, TicketRow, tickets_of_orders},
};
use crate::views::OrderView;

/// Which orders are asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OrdersFilter {
    /// In the reference, a ticket's seat, a name or an e-mail address, whatever its case; or a ticket's whole short code.
    pub q: Option<String>,
    /// `awaiting_payment`, `paid`, `cancelled` or `expired`.
    pub status: Option<String>,
}

/// An order with what its answer needs beside.
#[derive(Debug, Clone, PartialEq)]
pub struct OrderFound {
    /// The order.
    pub order: OrderView,
    /// Its show.
    pub show: Uuid,
    /// Its tickets once more, each with what its token is made of.
    pub tickets: Vec<TicketFound>,
}

struct OrderRow {
    id: Uuid,
    show: Uuid,
    customer: Option<Uuid>,
    body: String,
    placed_position: i64,
}

impl Queries {
    /// Looks an order up, before anybody's organization is known.
    ///
    /// # Errors
    /// When the database cannot be reached or refuses.
    pub async fn find_order(&self, order: Uuid) -> Result<Option<Found>, QueryError> {
        let found = sqlx::query_as!(
            Found,
            r#"SELECT show AS "show!", organization AS "organization!" FROM find_order($1)"#,
            order
        )
        .fetch_optional(&self.pool)
        .await?;
        Ok(found)
    }

    /// Orders of a show, the latest first.
    ///
    /// # Errors
    /// See [`QueryError`].
    pub async fn orders(
        &self,
        organization: Uuid,
        show: Uuid,
        filter: &OrdersFilter,
        page: &Page,
    ) -> Result<Answer<List<OrderView>>, QueryError> {
        let before = page.position()?;
        let people = self.search_people(organization, filter.q.as_deref()).await?;
        let mut transaction = self.begin(Scope::Organization(organization)).await?;
        let position = checkpoint_of(&mut transaction, show).await?;
        let mut rows = sqlx::query_as!(
            OrderRow,
            r#"SELECT o.id, o.show, o.customer, o.body::text AS "body!", o.placed_position FROM orders AS o
                WHERE o.show = $1
                  AND ($2::bigint IS NULL OR o.placed_position < $2)
                  AND ($3::text IS NULL OR o.status = $3)
                  AND ($4::text IS NULL OR o.reference ILIKE $4 OR o.customer = ANY($6)
                       OR EXISTS (SELECT FROM tickets AS t WHERE t.order_id = o.id
                                     AND (t.short_code = $5 OR t.seat ILIKE $4 OR t.holder = ANY($6))))
                ORDER BY o.placed_position DESC LIMIT $7"#,
            show,
            before,
            filter.status,
            filter.q.as_deref().map(anywhere),
            filter.q,
            &people,
            page.rows()
        )
        .fetch_all(&mut *transaction)
        .await?;
        let next = page.cut(&mut rows, |row| row.placed_position.to_string());
        let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
        let tickets = tickets_of_orders(&mut transaction, &ids).await?;
        transaction.commit().await?;
        let orders = self.joined(organization, rows, tickets).await?;
        let items = orders.into_iter().map(|found| found.order).collect();
        Ok(Answer { position, body: List { items, next } })
    }

    /// An order. None: there is no such one in the organization.
    ///
    /// # Errors
    /// See [`QueryError`].
    pub async fn order(&self, organization: Uuid, order: Uuid) -> Result<Answer<Option<OrderFound>>, QueryError> {
        let mut transaction = self.begin(Scope::Organization(organization)).await?;
        let rows = sqlx::query_as!(
            OrderRow,
            r#"SELECT id, show, customer, body::text AS "body!", placed_position FROM orders WHERE id = $1"#,
            order
        )
        .fetch_all(&mut *transaction)
        .await?;
        let tickets = tickets_of_orders(&mut transaction, &[order]).await?;
        let position = match rows.first() {
            Some(row) => checkpoint_of(&mut transaction, row.show).await?,
            None => checkpoint(&mut transaction).await?,
        };
        transaction.commit().await?;
        let found = self.joined(organization, rows, tickets).await?;
        Ok(Answer { position, body: found.into_iter().next() })
    }

    /// Orders with their tickets and everybody's names.
    async fn joined(
        &self,
        organization: Uuid,
        orders: Vec<OrderRow>,
        tickets: Vec<TicketRow>,
    ) -> Result<Vec<OrderFound>, QueryError> {
        let ids = orders.iter().map(|row| row.customer).chain(tickets.iter().map(|row| row.holder));
        let people = self.people(organization, ids).await?;
        let mut by_order: HashMap<Uuid, Vec<TicketRow>> = HashMap::new();
        for ticket in tickets {
            by_order.entry(ticket.order_id).or_default().push(ticket);
        }
        orders
            .into_iter()
            .map(|row| {
                let tickets = by_order.remove(&row.id).unwrap_or_default();
                order_found(&row, tickets, &people)
            })
            .collect()
    }
}

fn order_found(row: &OrderRow, tickets: Vec<TicketRow>, people: &People) -> Result<OrderFound, QueryError> {
    let mut order: OrderView = read("orders", &row.body)?;
    let tickets: Vec<TicketFound> = tickets.into_iter().map(|row| row.found(people)).collect::<Result<_, _>>()?;
    order.customer = people.customer(row.customer);
    order.tickets = tickets.iter().map(|found| found.ticket.clone()).collect();
    Ok(OrderFound { order, show: row.show, tickets })
}
