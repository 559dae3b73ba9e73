//! Which events are asked for, and where in the log they lie.

use chrono::{DateTime, Utc};
use event_store::{Log, ReadError};
use uuid::Uuid;

use crate::projector::seat_subject;

/// Which events are asked for: those that fit all that is said.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HistoryFilter {
    /// Of this show's stream alone.
    pub show: Option<Uuid>,
    /// Of this stream.
    pub stream: Option<Uuid>,
    /// Of this type, such as `TicketIssued`.
    pub event_type: Option<String>,
    /// Of this actor.
    pub actor: Option<String>,
    /// Of this device.
    pub device: Option<Uuid>,
    /// That follow from one request.
    pub correlation: Option<Uuid>,
    /// That touched all of these: people, orders, tickets, holds, blocks, scans, and [`Self::seat`]s.
    pub subjects: Vec<Uuid>,
    /// Behind this position.
    pub after: Option<i64>,
    /// Before this position.
    pub before: Option<i64>,
    /// Recorded then or later.
    pub from: Option<DateTime<Utc>>,
    /// Recorded before.
    pub to: Option<DateTime<Utc>>,
    /// Of the streams of these shows: what a credential that is bound to shows reaches. None: of all streams.
    pub reach: Option<Vec<Uuid>>,
}

/// A part of the log: behind a position, and before one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    pub after: i64,
    pub before: i64,
}

impl HistoryFilter {
    /// What stands for a seat of a show among subjects.
    #[must_use]
    pub fn seat(show: Uuid, address: &str) -> Uuid {
        seat_subject(show, address)
    }

    /// Where in the log the events lie. Times never go back there, so a time is a position.
    pub(super) async fn span(&self, log: &Log) -> Result<Span, ReadError> {
        let mut span = Span { after: self.after.unwrap_or(0), before: self.before.unwrap_or(i64::MAX) };
        if let Some(from) = self.from {
            span.after = span.after.max(before(log, from).await?);
        }
        if let Some(to) = self.to {
            span.before = span.before.min(before(log, to).await?.saturating_add(1));
        }
        Ok(span)
    }
}

/// The position of the last event that was recorded before a moment. The log knows microseconds.
async fn before(log: &Log, moment: DateTime<Utc>) -> Result<i64, ReadError> {
    match DateTime::from_timestamp_micros(moment.timestamp_micros().saturating_sub(1)) {
        Some(last) => log.position_at(last).await,
        None => Ok(0),
    }
}
