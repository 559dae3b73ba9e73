//! What is asked of a report: which shows, from when until when, as of which moment.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use thiserror::Error;
use uuid::Uuid;

use super::{OpenReport, Report, Unit};
use crate::{
    queries::{Queries, QueryError, Scope, checkpoint, read},
    views::ShowView,
};

/// As of when a report is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// As of what the read model has reached.
    Now,
    /// As of this position.
    Position(i64),
    /// As of the last event that was recorded then or before.
    Time(DateTime<Utc>),
}

/// What is asked for.
#[derive(Debug, Clone)]
pub struct ReportQuestion {
    /// Whose figures.
    pub organization: Uuid,
    /// Of these shows; none: of all.
    pub shows: Option<Vec<Uuid>>,
    /// Of what happened then or later.
    pub from: Option<DateTime<Utc>>,
    /// Of what happened before.
    pub to: Option<DateTime<Utc>>,
    /// As of when.
    pub moment: Moment,
    /// `show` and words of the report.
    pub by: Vec<&'static str>,
    /// A unit of time, to break it down by.
    pub unit: Option<Unit>,
}

/// Why there is no report.
#[derive(Debug, Error)]
pub enum ReportError {
    /// One of the shows is none of the organization's: the caller's to mend.
    #[error("there is no show {0}")]
    UnknownShow(Uuid),
    /// The read model has not reached the position.
    #[error("the read model has reached {reached}, not {asked}")]
    Beyond {
        /// How far it is.
        reached: i64,
        /// What was asked for.
        asked: i64,
    },
    /// The database cannot be reached or refuses.
    #[error("the report cannot be read")]
    Query(#[from] QueryError),
}

impl From<sqlx::Error> for ReportError {
    fn from(error: sqlx::Error) -> Self {
        Self::Query(error.into())
    }
}

/// A show that a report is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportShow {
    /// Its id.
    pub id: Uuid,
    /// Its name, as it is now.
    pub name: String,
    /// Its zone.
    pub timezone: String,
    /// Its currency.
    pub currency: String,
    pub(super) zone: Tz,
}

impl Queries {
    /// Begins a report: its rows come from one snapshot, in which everything is as of one position.
    ///
    /// # Errors
    /// See [`ReportError`].
    pub async fn report(&self, report: &'static Report, question: ReportQuestion) -> Result<OpenReport, ReportError> {
        let organization = question.organization;
        // Times never go back in the log: what was recorded until then is what lies up to a position.
        let until = match question.moment {
            Moment::Time(time) => self.log.position_at(time).await.map_err(QueryError::from)?,
            Moment::Now | Moment::Position(_) => 0,
        };
        let mut transaction = self.begin(Scope::Organization(organization)).await?;
        let reached = checkpoint(&mut transaction).await?;
        let position = match question.moment {
            Moment::Now => reached,
            Moment::Position(asked) if asked > reached => return Err(ReportError::Beyond { reached, asked }),
            Moment::Position(asked) => asked,
            Moment::Time(_) if until > reached => return Err(ReportError::Beyond { reached, asked: until }),
            Moment::Time(_) => sqlx::query_scalar!(
                r#"SELECT coalesce(max(position), 0) AS "position!" FROM activity WHERE organization = $1 AND position <= $2"#,
                organization,
                until
            )
            .fetch_one(&mut *transaction)
            .await?,
        };
        let rows = sqlx::query!(
            r#"SELECT s.id, s.body::text AS "body!" FROM shows AS s
                WHERE s.organization = $1 AND ($2::uuid[] IS NULL OR s.id = ANY($2))
                  AND EXISTS (SELECT FROM activity AS a WHERE a.stream = s.id AND a.position <= $3)
                ORDER BY s.starts_at, s.id"#,
            organization,
            question.shows.as_deref(),
            position
        )
        .fetch_all(&mut *transaction)
        .await?;
        if let Some(unknown) = self.unknown(&question, rows.iter().map(|row| row.id).collect()).await? {
            return Err(ReportError::UnknownShow(unknown));
        }
        let mut shows = Vec::with_capacity(rows.len());
        let mut names = HashMap::new();
        for row in &rows {
            let view: ShowView = read("shows", &row.body)?;
            names.extend(view.ticket_types.into_iter().map(|ticket_type| (ticket_type.id, ticket_type.name)));
            let zone = view.timezone.parse().unwrap_or(Tz::UTC);
            shows.push(ReportShow {
                id: view.id,
                name: view.name,
                timezone: view.timezone,
                currency: view.currency,
                zone,
            });
        }
        Ok(OpenReport::new(transaction, report, question, position, shows, names))
    }

    /// The first of the shows that the organization has not got, whatever the position.
    async fn unknown(&self, question: &ReportQuestion, found: Vec<Uuid>) -> Result<Option<Uuid>, QueryError> {
        for asked in question.shows.iter().flatten().filter(|show| !found.contains(show)) {
            let known = self.find_show(&asked.to_string()).await?;
            if known.is_none_or(|show| show.organization != question.organization) {
                return Ok(Some(*asked));
            }
        }
        Ok(None)
    }
}
