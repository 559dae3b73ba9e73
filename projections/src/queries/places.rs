//! Places: what is left, how they are drawn, who has them, and what changed.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use sqlx::{Postgres, Transaction};
use uuid::Uuid;

use super::{Answer, Queries, QueryError, Scope, checkpoint_of, read};
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
        let left = self.left(organization, show).await?;
        Ok(left.map(|left| left.map(|left| left.view(now, audience))))
    }

    /// The same with everything that an answer is made of at any time and for anybody.
    ///
    /// # Errors
    /// See [`QueryError`].
    pub(crate) async fn left(&self, organization: Uuid, show: Uuid) -> Result<Answer<Option<Left>>, QueryError> {
        let mut transaction = self.begin(Scope::Organization(organization)).await?;
        let position = checkpoint_of(&mut transaction, show).await?;
        let row = sqlx::query!(
            r#"SELECT a.body::text AS "body!", coalesce(o.public_numbers, false) AS "public_numbers!"
                 FROM availability AS a LEFT JOIN organizations AS o ON o.organization = a.organization
                WHERE a.show = $1"#,
            show
        )
        .fetch_optional(&mut *transaction)
        .await?;
        transaction.commit().await?;
        let left = |body: String, public_numbers| {
            Ok::<_, QueryError>(Left { row: read("availability", &body)?, public_numbers })
        };
        Ok(Answer { position, body: row.map(|row| left(row.body, row.public_numbers)).transpose()? })
    }

    /// The places as adopted; no sections where nothing was adopted.
    ///
    /// # Errors
    /// See [`QueryError`].
    pub async fn seating(&self, organization: Uuid, show: Uuid) -> Result<Answer<SeatingView>, QueryError> {
        let mut transaction = self.begin(Scope::Organization(organization)).await?;
        let position = checkpoint_of(&mut transaction, show).await?;
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
        let position = checkpoint_of(&mut transaction, show).await?;
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
        let changed = self.changed(organization, show, after, now).await?;
        Ok(match audience {
            Audience::Staff => changed.staff,
            Audience::Public => changed.public,
        })
    }

    /// The same for everybody at once.
    pub(crate) async fn changed(
        &self,
        organization: Uuid,
        show: Uuid,
        after: i64,
        now: DateTime<Utc>,
    ) -> Result<Changed, QueryError> {
        let mut transaction = self.begin(Scope::Organization(organization)).await?;
        let position = checkpoint_of(&mut transaction, show).await?;
        // Whether the public sees numbers is its organization's setting: when that changes, so does what they are told.
        let documents = sqlx::query!(
            r#"SELECT (SELECT position FROM seating WHERE show = $1) AS seating,
                      (SELECT position > $2 FROM availability WHERE show = $1) AS availability_changed,
                      coalesce(o.numbers_position > $2, false) AS "numbers_changed!",
                      coalesce(o.public_numbers, false) AS "public_numbers!",
                      (SELECT body::text FROM availability
                        WHERE show = $1 AND greatest(position, o.numbers_position) > $2) AS availability,
                      (SELECT body::text FROM attendance WHERE show = $1 AND position > $2) AS attendance
                 FROM (SELECT) AS one LEFT JOIN organizations AS o ON o.organization = $3"#,
            show,
            after,
            organization
        )
        .fetch_one(&mut *transaction)
        .await?;
        let reset = documents.seating.is_some_and(|seating| seating > after);
        let seats = changed_seats(&mut transaction, show, after, reset).await?;
        transaction.commit().await?;
        let row: Option<AvailabilityRow> =
            documents.availability.map(|body| read("availability", &body)).transpose()?;
        let left = row.map(|row| Left { row, public_numbers: documents.public_numbers });
        let told = |audience| left.as_ref().map(|left| left.view(now, audience));
        let staff = ChangesView {
            position,
            reset,
            seats,
            availability: told(Audience::Staff).filter(|_| documents.availability_changed == Some(true)),
            attendance: documents.attendance.map(|body| read("attendance", &body)).transpose()?,
        };
        let public = staff.clone().public(told(Audience::Public));
        let body = |body| Answer { position, body };
        Ok(Changed { staff: body(staff), public: body(public) })
    }
}

/// How much of a show is left, with whether its organization tells everybody in numbers.
#[derive(Debug, Clone)]
pub(crate) struct Left {
    /// What is left.
    pub row: AvailabilityRow,
    /// Whether everybody sees numbers.
    pub public_numbers: bool,
}

impl Left {
    /// What somebody is told at `now`.
    pub fn view(&self, now: DateTime<Utc>, audience: Audience) -> AvailabilityView {
        self.row.view(now, audience == Audience::Staff || self.public_numbers)
    }
}

/// What changed, for staff and for the public.
#[derive(Debug)]
pub(crate) struct Changed {
    /// For staff.
    pub staff: Answer<ChangesView>,
    /// For everybody else.
    pub public: Answer<ChangesView>,
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
