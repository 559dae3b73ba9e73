//! What copies in memory are filled with ([`crate::HotShows`]): everything of a show that changed behind a position, in one
//! snapshot, and its seating as text.

use uuid::Uuid;

use super::{Answer, Queries, QueryError, Scope, checkpoint, read};
use crate::views::{AttendanceView, AvailabilityRow, SeatState};

/// What is new of a show since a position.
#[derive(Debug)]
pub(crate) struct ShowNews {
    /// By what it is found, beside its id.
    pub slug: String,
    /// Whether it is published or was.
    pub is_public: bool,
    /// The event at which its read models stopped.
    pub stopped: Option<i64>,
    /// The event that its seating was adopted by.
    pub seating: Option<i64>,
    /// Whether everybody is told numbers.
    pub public_numbers: bool,
    /// The event that last changed that.
    pub numbers_position: i64,
    /// What is left and since when, where it is news.
    pub availability: Option<(i64, AvailabilityRow)>,
    /// Who came and since when, where it is news.
    pub attendance: Option<(i64, AttendanceView)>,
    /// Whether `seats` are all there are, because the seating is another.
    pub all_seats: bool,
    /// Seats that changed.
    pub seats: Vec<SeatNews>,
}

/// A seat that changed.
#[derive(Debug)]
pub(crate) struct SeatNews {
    /// Its address.
    pub seat: String,
    /// How it stands; none: free.
    pub state: Option<SeatState>,
    /// The hold that keeps it.
    pub hold: Option<Uuid>,
    /// The order that keeps it or bought it.
    pub order: Option<Uuid>,
    /// The event that it changed by.
    pub position: i64,
}

impl Queries {
    /// What is new of a show behind a position; below 0: all of it. None: there is no such show in the organization.
    pub(crate) async fn show_news(
        &self,
        organization: Uuid,
        show: Uuid,
        after: i64,
    ) -> Result<Answer<Option<ShowNews>>, QueryError> {
        let mut transaction = self.begin(Scope::Organization(organization)).await?;
        let position = checkpoint(&mut transaction).await?;
        let found = sqlx::query!(
            r#"SELECT s.slug, s.is_public, x.position AS "stopped?", p.position AS "seating?",
                      coalesce(o.public_numbers, false) AS "public_numbers!",
                      coalesce(o.numbers_position, 0) AS "numbers_position!",
                      a.position AS "availability_position?", a.body::text AS availability,
                      t.position AS "attendance_position?", t.body::text AS attendance
                 FROM shows AS s
                 LEFT JOIN organizations AS o ON o.organization = s.organization
                 LEFT JOIN poisoned_streams AS x ON x.stream = s.id
                 LEFT JOIN seating AS p ON p.show = s.id
                 LEFT JOIN availability AS a ON a.show = s.id AND a.position > $2
                 LEFT JOIN attendance AS t ON t.show = s.id AND t.position > $2
                WHERE s.id = $1"#,
            show,
            after
        )
        .fetch_optional(&mut *transaction)
        .await?;
        let Some(found) = found else {
            transaction.commit().await?;
            return Ok(Answer { position, body: None });
        };
        let all_seats = found.seating.is_some_and(|seating| seating > after);
        let rows = sqlx::query!(
            "SELECT seat, state, hold, order_id, position FROM seats WHERE show = $1 AND position > $2",
            show,
            if all_seats { -1 } else { after }
        )
        .fetch_all(&mut *transaction)
        .await?;
        transaction.commit().await?;
        let seats = rows.into_iter().map(|row| SeatNews {
            seat: row.seat,
            state: row.state.as_deref().and_then(SeatState::parse),
            hold: row.hold,
            order: row.order_id,
            position: row.position,
        });
        let availability = found.availability.map(|body| read("availability", &body)).transpose()?;
        let attendance = found.attendance.map(|body| read("attendance", &body)).transpose()?;
        let news = ShowNews {
            slug: found.slug,
            is_public: found.is_public,
            stopped: found.stopped,
            seating: found.seating,
            public_numbers: found.public_numbers,
            numbers_position: found.numbers_position,
            availability: found.availability_position.zip(availability),
            attendance: found.attendance_position.zip(attendance),
            all_seats,
            seats: seats.collect(),
        };
        Ok(Answer { position, body: Some(news) })
    }

    /// The places as adopted, as JSON that nobody takes apart: of 50,000 seats it has megabytes. None: nothing was adopted.
    pub(crate) async fn seating_text(
        &self,
        organization: Uuid,
        show: Uuid,
    ) -> Result<Option<(i64, String)>, QueryError> {
        let mut transaction = self.begin(Scope::Organization(organization)).await?;
        let found = sqlx::query!(r#"SELECT position, body::text AS "body!" FROM seating WHERE show = $1"#, show)
            .fetch_optional(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(found.map(|row| (row.position, row.body)))
    }
}
