//! What the door asks: the figures, and the list by which a device decides alone.

use uuid::Uuid;

use super::{Answer, Queries, QueryError, Scope, checkpoint_of, read};
use crate::views::{AttendanceView, DoorListTicket, DoorListView, ShowView, holder_shown};

impl Queries {
    /// The figures of a show's door. None: there is no such show in the organization.
    ///
    /// # Errors
    /// See [`QueryError`].
    pub async fn attendance(
        &self,
        organization: Uuid,
        show: Uuid,
    ) -> Result<Answer<Option<AttendanceView>>, QueryError> {
        let mut transaction = self.begin(Scope::Organization(organization)).await?;
        let position = checkpoint_of(&mut transaction, show).await?;
        let body = sqlx::query_scalar!(r#"SELECT body::text AS "body!" FROM attendance WHERE show = $1"#, show)
            .fetch_optional(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(Answer { position, body: body.map(|body| read("attendance", &body)).transpose()? })
    }

    /// The door list: whole, or the tickets that changed after a position. It is whole as well where somebody was erased
    /// since: a device then forgets the names that it has. The caller adds the keys. None: there is no such show in the
    /// organization.
    ///
    /// # Errors
    /// See [`QueryError`].
    pub async fn door_list(
        &self,
        organization: Uuid,
        show: Uuid,
        after: Option<i64>,
    ) -> Result<Answer<Option<DoorListView>>, QueryError> {
        let mut transaction = self.begin(Scope::Organization(organization)).await?;
        let position = checkpoint_of(&mut transaction, show).await?;
        let header = sqlx::query_scalar!(r#"SELECT body::text AS "body!" FROM shows WHERE id = $1"#, show)
            .fetch_optional(&mut *transaction)
            .await?;
        let erased = sqlx::query_scalar!(
            r#"SELECT EXISTS (SELECT FROM activity WHERE organization = $1 AND position > $2
                                 AND stream_type = 'organization' AND type IN ('PersonErased', 'RetentionEnded')) AS "erased!""#,
            organization,
            after.unwrap_or(i64::MAX)
        )
        .fetch_one(&mut *transaction)
        .await?;
        let after = after.filter(|_| !erased);
        let rows = sqlx::query!(
            r#"SELECT holder, body::text AS "body!" FROM door_list WHERE show = $1 AND position > $2 ORDER BY position, ticket"#,
            show,
            after.unwrap_or(0)
        )
        .fetch_all(&mut *transaction)
        .await?;
        transaction.commit().await?;
        let Some(header) = header else { return Ok(Answer { position, body: None }) };
        let header: ShowView = read("shows", &header)?;
        let shows_names = header.holder != "none";
        let people = self.people(organization, rows.iter().map(|row| row.holder.filter(|_| shows_names))).await?;
        let mut tickets = Vec::with_capacity(rows.len());
        for row in rows {
            let mut ticket: DoorListTicket = read("door_list", &row.body)?;
            ticket.holder = people.name(row.holder).and_then(|name| holder_shown(&header.holder, &name));
            tickets.push(ticket);
        }
        Ok(Answer { position, body: Some(DoorListView::new(position, after.is_none(), header, tickets)) })
    }
}
