//! Places: what is left, how they are drawn, who has them, and what changed.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use sqlx::{Postgres, Transaction};
use uuid::Uuid;

use super::{Answer, Queries, QueryError, Scope, checkpoint, read};
use crate::views::{AvailabilityRow, AvailabilityView, ChangesView, SeatState, SeatingView, SeatsView};

/// For whom an answer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audience {
    /// Levels, and seats that are `taken`.
    Public,
    /// Numbers, and how seats are taken.
    Staff,
}

/// Whose seats are `mine`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mine {
    /// Those of a hold.
    Hold(Uuid),
    /// Those of an order.
    Order(Uuid),
}

impl Queries {
    /// How much of a show is left. None: there is no such show in the organization.
    ///
    /// # Errors
    /// See [`QueryError`].
    pub async fn availability(
        &self,
        organization: Uuid,
        show: Uuid,
        now: DateTime<Utc>,
        audience: Audience,
    ) -> Result<Answer<Option<AvailabilityView>>, QueryError> {
        let row = self.availability_row(organization, show).await?;
        Ok(row.map(|row| row.map(|row| row.view(now, audience == Audience::Staff))))
    }

    /// The same with everything that an answer is made of at any time and for anybody: for caches, which need not ask again
    /// while the position and [`AvailabilityRow::changes_at`] stand.
    ///
    /// # Errors
    /// See [`QueryError`].
    pub async fn availability_row(
        &self,
        organization: Uuid,
        show: Uuid,
    ) -> Result<Answer<Option<AvailabilityRow>>, QueryError> {
        let mut transaction = self.begin(Scope::Organization(organization)).await?;
        let position = checkpoint(&mut transaction).await?;
        let body = sqlx::query_scalar!(r#"SELECT body::text AS "body!" FROM availability WHERE show = $1"#, show)
            .fetch_optional(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(Answer { position, body: body.map(|body| read("availability", &body)).transpose()? })
    }

    /// The places as adopted; no sections where nothing was adopted.
    ///
    /// # Errors
    /// See [`QueryError`].
    pub async fn seating(&self, organization: Uuid, show: Uuid) -> Result<Answer<SeatingView>, QueryError> {
        let mut transaction = self.begin(Scope::Organization(organization)).await?;
        let position = checkpoint(&mut transaction).await?;
        let body = sqlx::query_scalar!(r#"SELECT body::text AS "body!" FROM seating WHERE show = $1"#, show)
            .fetch_optional(&mut *transaction)
            .await?;
        transaction.commit().await?;
        let body = body.map(|body| read("seating", &body)).transpose()?.unwrap_or_default();
        Ok(Answer { position, body })
    }

    /// Every seat that is not free.
    ///
    /// # Errors
    /// See [`QueryError`].
    pub async fn seats(
        &self,
        organization: Uuid,
        show: Uuid,
        mine: Option<Mine>,
        audience: Audience,
    ) -> Result<Answer<SeatsView>, QueryError> {
        let mut transaction = self.begin(Scope::Organization(organization)).await?;
        let position = checkpoint(&mut transaction).await?;
        let rows = sqlx::query!(
            r#"SELECT seat, state AS "state!", hold, order_id FROM seats WHERE show = $1 AND state IS NOT NULL ORDER BY seat"#,
            show
        )
        .fetch_all(&mut *transaction)
        .await?;
        transaction.commit().await?;
        let mut body = SeatsView::default();
        for row in rows {
            let is_mine = match mine {
                Some(Mine::Hold(hold)) => row.hold == Some(hold),
                Some(Mine::Order(order)) => row.order_id == Some(order),
                None => false,
            };
            if is_mine {
                body.mine.push(row.seat.clone());
            }
            let Some(state) = SeatState::parse(&row.state) else { continue };
            body.seats.insert(row.seat, if audience == Audience::Public { SeatState::Taken } else { state });
        }
        Ok(Answer { position, body })
    }

    /// What changed in seats, availability and (for staff) attendance after a position.
    ///
    /// # Errors
    /// See [`QueryError`].
    pub async fn changes(
        &self,
        organization: Uuid,
        show: Uuid,
        after: i64,
        now: DateTime<Utc>,
        audience: Audience,
    ) -> Result<Answer<ChangesView>, QueryError> {
        let (mut answer, _) = self.changes_with_row(organization, show, after, now).await?;
        if audience == Audience::Public {
            answer.body = answer.body.public();
        }
        Ok(answer)
    }

    /// The same for staff, with the row of the availability if that changed.
    pub(crate) async fn changes_with_row(
        &self,
        organization: Uuid,
        show: Uuid,
        after: i64,
        now: DateTime<Utc>,
    ) -> Result<(Answer<ChangesView>, Option<AvailabilityRow>), QueryError> {
        let mut transaction = self.begin(Scope::Organization(organization)).await?;
        let position = checkpoint(&mut transaction).await?;
        let documents = sqlx::query!(
            r#"SELECT (SELECT position FROM seating WHERE show = $1) AS seating,
                      (SELECT body::text FROM availability WHERE show = $1 AND position > $2) AS availability,
                      (SELECT body::text FROM attendance WHERE show = $1 AND position > $2) AS attendance"#,
            show,
            after
        )
        .fetch_one(&mut *transaction)
        .await?;
        let reset = documents.seating.is_some_and(|seating| seating > after);
        let seats = changed_seats(&mut transaction, show, after, reset).await?;
        transaction.commit().await?;
        let availability: Option<AvailabilityRow> =
            documents.availability.map(|body| read("availability", &body)).transpose()?;
        let body = ChangesView {
            position,
            reset,
            seats,
            availability: availability.as_ref().map(|row| row.view(now, true)),
            attendance: documents.attendance.map(|body| read("attendance", &body)).transpose()?,
        };
        Ok((Answer { position, body }, availability))
    }
}

/// Seats that changed; all that are not free where the seating is another.
async fn changed_seats(
    transaction: &mut Transaction<'static, Postgres>,
    show: Uuid,
    after: i64,
    reset: bool,
) -> Result<BTreeMap<String, Option<SeatState>>, sqlx::Error> {
    let rows = sqlx::query!(
        "SELECT seat, state FROM seats WHERE show = $1 AND position > $2 AND NOT ($3 AND state IS NULL)",
        show,
        if reset { 0 } else { after },
        reset
    )
    .fetch_all(&mut **transaction)
    .await?;
    Ok(rows.into_iter().map(|row| (row.seat, row.state.as_deref().and_then(SeatState::parse))).collect())
}
