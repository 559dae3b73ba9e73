//! What copies in memory are filled with ([`crate::HotShows`]): everything of a show that changed behind a position, in one
//! snapshot, and its seating as text.

use compact_str::CompactString;
use futures::TryStreamExt as _;
use sqlx::{Postgres, Transaction};
use uuid::Uuid;

use super::{Answer, Queries, QueryError, Scope, checkpoint, read};
use crate::pg_copy::{CopiedRows, Fields, Malformed};
use crate::views::{AttendanceView, AvailabilityRow, SeatState};

/// What is new of a show since a position.
#[derive(Debug, Default)]
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
    /// Its seats, where they were asked for.
    pub seats: Option<SeatsNews>,
}

/// From where on somebody wants to know of seats.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SeatsSince {
    /// Nothing of them.
    Untold,
    /// All there are.
    Ever,
    /// Those that changed since the rest was read; all, where the seating is another.
    Then,
}

/// What is new of a show's seats.
#[derive(Debug, Default)]
pub(crate) struct SeatsNews {
    /// Whether these are all there are.
    pub all: bool,
    /// Seats, in no order.
    pub seats: Vec<SeatNews>,
}

/// A seat that changed.
#[derive(Debug)]
pub(crate) struct SeatNews {
    /// Its address.
    pub seat: CompactString,
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
    /// What is new of a show behind a position; below 0: all of it; of its seats, as is asked. None: there is no such show in the organization.
    ///
    /// # Errors
    /// See [`QueryError`].
    pub(crate) async fn show_news(
        &self,
        organization: Uuid,
        show: Uuid,
        after: i64,
        seats: SeatsSince,
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
        let seats = match seats {
            SeatsSince::Untold => None,
            SeatsSince::Then if found.seating.is_none_or(|seating| seating <= after) => {
                Some(SeatsNews { all: false, seats: seats_behind(&mut transaction, show, after).await? })
            }
            SeatsSince::Ever | SeatsSince::Then => {
                let (read, seats) = all_seats(transaction, show).await?;
                transaction = read;
                Some(SeatsNews { all: true, seats })
            }
        };
        transaction.commit().await?;
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
            seats,
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

/// Seats that changed behind a position.
async fn seats_behind(
    transaction: &mut Transaction<'static, Postgres>,
    show: Uuid,
    after: i64,
) -> Result<Vec<SeatNews>, sqlx::Error> {
    let rows = sqlx::query!(
        "SELECT seat, state, hold, order_id, position FROM seats WHERE show = $1 AND position > $2",
        show,
        after
    )
    .fetch_all(&mut **transaction)
    .await?;
    let seats = rows.into_iter().map(|row| {
        let state = row.state.as_deref().map(known).transpose()?;
        Ok(SeatNews { seat: row.seat.into(), state, hold: row.hold, order: row.order_id, position: row.position })
    });
    seats.collect::<Result<_, Malformed>>().map_err(|malformed| sqlx::Error::Decode(malformed.into()))
}

/// All seats of a show, by COPY: of a hall of 50,000, what a query puts around each row is most of the work of both sides.
///
/// A connection is of no use to others before a COPY has been read to its end, and whoever asked may go away in the middle. So a
/// task of its own reads it.
async fn all_seats(
    mut transaction: Transaction<'static, Postgres>,
    show: Uuid,
) -> Result<(Transaction<'static, Postgres>, Vec<SeatNews>), sqlx::Error> {
    // An id, printed as hexadecimal digits and hyphens: nothing in it can end the quotes.
    let statement = format!(
        "COPY (SELECT seat, state, hold, order_id, position FROM seats WHERE show = '{show}') TO STDOUT (FORMAT binary)"
    );
    let reading = tokio::spawn(async move {
        let mut messages = transaction.copy_out_raw(&statement).await?;
        let (mut seats, mut rows) = (Vec::new(), CopiedRows::default());
        let mut malformed = None;
        while let Some(message) = messages.try_next().await? {
            let read = rows.each(&message, |row| {
                seats.push(copied(row)?);
                Ok(())
            });
            malformed = malformed.or(read.err());
        }
        drop(messages);
        match malformed {
            None => Ok((transaction, seats)),
            Some(malformed) => Err(sqlx::Error::Decode(malformed.into())),
        }
    });
    reading.await.unwrap_or_else(|gone| Err(sqlx::Error::Decode(gone.into())))
}

fn copied(row: &mut Fields<'_>) -> Result<SeatNews, Malformed> {
    Ok(SeatNews {
        seat: row.text()?.ok_or(Malformed("a seat without an address"))?.into(),
        state: row.text()?.map(known).transpose()?,
        hold: row.id()?,
        order: row.id()?,
        position: row.number()?,
    })
}

fn known(state: &str) -> Result<SeatState, Malformed> {
    SeatState::parse(state).ok_or(Malformed("a state that no seat can have"))
}
