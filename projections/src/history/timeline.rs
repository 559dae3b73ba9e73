//! A show's history at a glance: how much happened in equal parts of time.

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    Answer,
    queries::{Queries, QueryError, Scope, checkpoint},
};

/// A show's history at a glance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Timeline {
    /// When its first event was recorded.
    pub from: DateTime<Utc>,
    /// When its last event was recorded.
    pub to: DateTime<Utc>,
    /// The first event.
    pub first_position: i64,
    /// The last event.
    pub last_position: i64,
    /// How many events.
    pub events: i64,
    /// Equal parts of the time between, ascending; those in which nothing happened are left out.
    pub buckets: Vec<TimelineBucket>,
}

/// A part of the time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct TimelineBucket {
    /// Its first event.
    pub position: i64,
    /// Its last event.
    pub to: i64,
    /// When its first event was recorded.
    pub recorded_at: DateTime<Utc>,
    /// How many events.
    pub events: i64,
    /// Tickets that were issued.
    pub sold: i64,
    /// Admissions at the door.
    pub admitted: i64,
    /// Refusals at the door.
    pub refused: i64,
}

impl Queries {
    /// A show's history in at most so many parts. None: there is no such show in the organization.
    ///
    /// # Errors
    /// See [`QueryError`].
    pub async fn timeline(
        &self,
        organization: Uuid,
        show: Uuid,
        buckets: u16,
    ) -> Result<Answer<Option<Timeline>>, QueryError> {
        let mut transaction = self.begin(Scope::Organization(organization)).await?;
        let position = checkpoint(&mut transaction).await?;
        // The last moment belongs to the last part; where all happened in one moment, there is one part.
        let rows = sqlx::query_as!(
            TimelineBucket,
            r#"WITH told AS (
                   SELECT position, type, recorded_at, min(recorded_at) OVER () AS since, max(recorded_at) OVER () AS until
                     FROM activity WHERE stream = $1 AND stream_type = 'show' AND organization = $3
               )
               SELECT min(position) AS "position!", max(position) AS "to!", min(recorded_at) AS "recorded_at!",
                      count(*) AS "events!",
                      count(*) FILTER (WHERE type = 'TicketIssued') AS "sold!",
                      count(*) FILTER (WHERE type = 'CheckedIn') AS "admitted!",
                      count(*) FILTER (WHERE type = 'CheckInRefused') AS "refused!"
                 FROM told
                GROUP BY CASE WHEN until > since
                         THEN least(floor(extract(epoch FROM recorded_at - since) * $2::int / extract(epoch FROM until - since)), $2::int - 1)
                         END
                ORDER BY 1"#,
            show,
            i32::from(buckets.max(1)),
            organization
        )
        .fetch_all(&mut *transaction)
        .await?;
        let last_position = rows.last().map_or(0, |last| last.to);
        let to = sqlx::query_scalar!("SELECT recorded_at FROM activity WHERE position = $1", last_position)
            .fetch_optional(&mut *transaction)
            .await?;
        transaction.commit().await?;
        let timeline = rows.first().zip(to).map(|(first, to)| Timeline {
            from: first.recorded_at,
            to,
            first_position: first.position,
            last_position,
            events: rows.iter().map(|bucket| bucket.events).sum(),
            buckets: rows.clone(),
        });
        Ok(Answer { position, body: timeline })
    }
}
