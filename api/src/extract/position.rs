//! `Turnout-Position` on a query: the answer has seen at least this position of the log.

use std::time::Duration;

use axum::{extract::FromRequestParts, http::request::Parts};
use domain::ids::ShowId;
use projections::WaitError;
use uuid::Uuid;

use crate::{app::QuerySide, problem::Problem};

/// The header, of answers and of queries.
pub const POSITION_HEADER: &str = "turnout-position";

/// How long a query waits for its read model.
pub const POSITION_WAIT_MAX: Duration = Duration::from_secs(5);

/// The position that a query has to have seen, and has by now: extracting it waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position(Option<i64>);

impl Position {
    /// That this show's read models still go on, where a position was asked for; otherwise the answer is as old as it is.
    ///
    /// # Errors
    /// 503 `read_model_behind` where they stopped.
    pub async fn of_show(self, app: &QuerySide, organization: Uuid, show: ShowId) -> Result<(), Problem> {
        match self.0 {
            Some(position) => {
                Ok(app.queries.wait_for(position, Some((organization, show.0)), POSITION_WAIT_MAX).await?)
            }
            None => Ok(()),
        }
    }
}

impl Position {
    /// What has to have been seen; 0 where nothing was asked for.
    pub(crate) fn at_least(self) -> i64 {
        self.0.unwrap_or(0)
    }

    /// As [`of_show`](Self::of_show), for whoever knows at which event the show's read models stopped.
    ///
    /// # Errors
    /// 503 `read_model_behind` where they stopped.
    pub(crate) fn not_stopped(self, stopped: Option<i64>) -> Result<(), Problem> {
        match (self.0, stopped) {
            (Some(asked), Some(position)) if position <= asked => Err(WaitError::Stopped { position }.into()),
            _ => Ok(()),
        }
    }
}

impl FromRequestParts<QuerySide> for Position {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &QuerySide) -> Result<Self, Problem> {
        let Some(value) = parts.headers.get(POSITION_HEADER) else { return Ok(Self(None)) };
        let position = value
            .to_str()
            .ok()
            .and_then(|text| text.parse::<i64>().ok())
            .filter(|position| *position >= 0)
            .ok_or_else(|| {
                Problem::invalid_at("/Turnout-Position", "must be a position of the log, an integer from 0")
            })?;
        app.queries.wait_for(position, None, POSITION_WAIT_MAX).await?;
        Ok(Self(Some(position)))
    }
}
