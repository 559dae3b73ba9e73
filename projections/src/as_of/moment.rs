//! Moments: from a time or a position to where the log stood, and when that was.

use chrono::{DateTime, Utc};
use event_store::ReadError;
use thiserror::Error;

use crate::queries::Queries;

/// A moment of the past, as somebody asks for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// All that was recorded until then, that moment included.
    Time(DateTime<Utc>),
    /// All up to this position, that one included.
    Position(i64),
}

/// Where the log stood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stand {
    /// The position of the last event; 0: before the first.
    pub position: i64,
    /// What the clock showed: the time that was asked for, or that of the position's event.
    pub time: DateTime<Utc>,
}

/// Why a moment is none.
#[derive(Debug, Error)]
pub enum MomentError {
    /// The log does not go that far: the caller's to mend.
    #[error("the log goes to {head}, not to {asked}")]
    BeyondHead {
        /// Its last position.
        head: i64,
        /// What was asked for.
        asked: i64,
    },
    /// It is still to come: the caller's to mend.
    #[error("{asked} is still to come")]
    InTheFuture {
        /// What was asked for.
        asked: DateTime<Utc>,
    },
    /// The log cannot be read.
    #[error("the log cannot be read")]
    Log(#[from] ReadError),
}

impl Queries {
    /// The position of the last event that was recorded at this time or before; 0: there is none.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub async fn position_at(&self, time: DateTime<Utc>) -> Result<i64, ReadError> {
        self.log.position_at(time).await
    }

    /// Where the log stood at a moment, which `now` is not before. A log whose clock is ahead of `now` is believed as far as
    /// it goes.
    ///
    /// # Errors
    /// See [`MomentError`].
    pub async fn stand(&self, moment: Moment, now: DateTime<Utc>) -> Result<Stand, MomentError> {
        match moment {
            Moment::Time(time) => {
                let position = self.log.position_at(time).await?;
                if time > now && self.log.event(position + 1).await?.is_none() {
                    let last = self.recorded_at(position).await?;
                    if last.is_none_or(|last| time > last) {
                        return Err(MomentError::InTheFuture { asked: time });
                    }
                }
                Ok(Stand { position, time })
            }
            Moment::Position(position) if position <= 0 => Ok(Stand { position: 0, time: DateTime::UNIX_EPOCH }),
            Moment::Position(position) => match self.recorded_at(position).await? {
                Some(time) => Ok(Stand { position, time }),
                None => Err(MomentError::BeyondHead { head: self.log.head().await?, asked: position }),
            },
        }
    }

    async fn recorded_at(&self, position: i64) -> Result<Option<DateTime<Utc>>, ReadError> {
        Ok(self.log.event(position).await?.map(|event| event.recorded_at))
    }
}
