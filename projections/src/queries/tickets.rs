//! Tickets, with their holders' names and what their tokens are made of.

use sqlx::{Postgres, Transaction};
use uuid::Uuid;

use super::{
    Answer, List, Page, Queries, QueryError, Scope, checkpoint, checkpoint_of, list::anywhere, people::People, read,
};
use crate::views::TicketView;

/// Whose an order or a ticket is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Found {
    /// Its show.
    pub show: Uuid,
    /// Its organization.
    pub organization: Uuid,
}

/// What a ticket's token is made of: the same facts have the same token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenFacts {
    /// The ticket: `sub`.
    pub ticket: Uuid,
    /// The show: `aud`.
    pub show: Uuid,
    /// The issue: `n`.
    pub issue: u32,
    /// Seconds since 1970.
    pub iat: i64,
    /// The key that signs it.
    pub kid: String,
}

/// A ticket with what its answer needs beside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TicketFound {
    /// The ticket.
    pub ticket: TicketView,
    /// Its show.
    pub show: Uuid,
    /// What its token is made of.
    pub token: TokenFacts,
}

pub(super) struct TicketRow {
    id: Uuid,
    show: Uuid,
    pub order_id: Uuid,
    pub holder: Option<Uuid>,
    issue: i32,
    iat: i64,
    kid: String,
    body: String,
    issued_position: i64,
}

impl TicketRow {
    pub fn found(self, people: &People) -> Result<TicketFound, QueryError> {
        let mut ticket: TicketView = read("tickets", &self.body)?;
        ticket.holder = people.name(self.holder);
        let issue = u32::try_from(self.issue).unwrap_or_default();
        let token = TokenFacts { ticket: self.id, show: self.show, issue, iat: self.iat, kid: self.kid };
        Ok(TicketFound { ticket, show: self.show, token })
    }
}

impl Queries {
    /// Looks a ticket up, before anybody's organization is known.
    ///
    /// # Errors
    /// When the database cannot be reached or refuses.
    pub async fn find_ticket(&self, ticket: Uuid) -> Result<Option<Found>, QueryError> {
        let found = sqlx::query_as!(
            Found,
            r#"SELECT show AS "show!", organization AS "organization!" FROM find_ticket($1)"#,
            ticket
        )
        .fetch_optional(&self.pool)
        .await?;
        Ok(found)
    }

    /// Tickets of a show, the latest first; `q` in the seat, the order's reference, a name or an e-mail address, whatever
    /// its case, or the whole short code.
    ///
    /// # Errors
    /// See [`QueryError`].
    pub async fn tickets(
        &self,
        organization: Uuid,
        show: Uuid,
        q: Option<&str>,
        page: &Page,
    ) -> Result<Answer<List<TicketView>>, QueryError> {
        let before = page.position()?;
        let people = self.search_people(organization, q).await?;
        let mut transaction = self.begin(Scope::Organization(organization)).await?;
        let position = checkpoint_of(&mut transaction, show).await?;
        let mut rows = sqlx::query_as!(
            TicketRow,
            r#"SELECT t.id, t.show, t.order_id, t.holder, t.issue, t.iat, t.kid, t.body::text AS "body!", t.issued_position
                 FROM tickets AS t
                WHERE t.show = $1
                  AND ($2::bigint IS NULL OR t.issued_position < $2)
                  AND ($3::text IS NULL OR t.short_code = $4 OR t.seat ILIKE $3 OR t.holder = ANY($5)
                       OR EXISTS (SELECT FROM orders AS o WHERE o.id = t.order_id
                                     AND (o.reference ILIKE $3 OR o.customer = ANY($5))))
                ORDER BY t.issued_position DESC LIMIT $6"#,
            show,
            before,
            q.map(anywhere),
            q,
            &people,
            page.rows()
        )
        .fetch_all(&mut *transaction)
        .await?;
        transaction.commit().await?;
        let next = page.cut(&mut rows, |row| row.issued_position.to_string());
        let people = self.people(organization, rows.iter().map(|row| row.holder)).await?;
        let items =
            rows.into_iter().map(|row| row.found(&people).map(|found| found.ticket)).collect::<Result<_, _>>()?;
        Ok(Answer { position, body: List { items, next } })
    }

    /// A ticket. None: there is no such one in the organization.
    ///
    /// # Errors
    /// See [`QueryError`].
    pub async fn ticket(&self, organization: Uuid, ticket: Uuid) -> Result<Answer<Option<TicketFound>>, QueryError> {
        let mut transaction = self.begin(Scope::Organization(organization)).await?;
        let row = sqlx::query_as!(
            TicketRow,
            r#"SELECT id, show, order_id, holder, issue, iat, kid, body::text AS "body!", issued_position
                 FROM tickets WHERE id = $1"#,
            ticket
        )
        .fetch_optional(&mut *transaction)
        .await?;
        let position = match &row {
            Some(row) => checkpoint_of(&mut transaction, row.show).await?,
            None => checkpoint(&mut transaction).await?,
        };
        transaction.commit().await?;
        let people = self.people(organization, row.iter().map(|row| row.holder)).await?;
        Ok(Answer { position, body: row.map(|row| row.found(&people)).transpose()? })
    }
}

/// The tickets of these orders, in the order in which they were issued.
pub(super) async fn tickets_of_orders(
    transaction: &mut Transaction<'static, Postgres>,
    orders: &[Uuid],
) -> Result<Vec<TicketRow>, sqlx::Error> {
    sqlx::query_as!(
        TicketRow,
        r#"SELECT id, show, order_id, holder, issue, iat, kid, body::text AS "body!", issued_position
             FROM tickets WHERE order_id = ANY($1) ORDER BY issued_position"#,
        orders
    )
    .fetch_all(&mut **transaction)
    .await
}
