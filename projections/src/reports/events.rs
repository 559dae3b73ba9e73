//! The events that made a figure: each with what it adds, so that they add up to it.

use chrono::{DateTime, FixedOffset, Utc};
use uuid::Uuid;

use super::{
    OpenReport, Unit,
    statements::{self, Behind},
};
use crate::queries::QueryError;

/// Which row's events are asked for.
#[derive(Debug, Clone, Default)]
pub struct ReportEvents {
    /// The beginning of its minute, hour or day, as clocks showed it.
    pub bucket: Option<(Unit, DateTime<FixedOffset>)>,
    /// Its words: what is not said may be anything, and what is said to be none has to be.
    pub words: Vec<(&'static str, Option<String>)>,
    /// Shows in this currency alone.
    pub currency: Option<String>,
    /// Behind this position.
    pub after: i64,
    /// So many.
    pub limit: u16,
    /// Those alone that add to one of these figures; where none is named, to any.
    pub figures: Vec<&'static str>,
}

/// An event and what it adds to the figures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportEvent {
    /// Its position in the log.
    pub position: i64,
    /// When it happened; at the door, when the ticket was looked at.
    pub at: DateTime<Utc>,
    /// Its type.
    pub event_type: String,
    /// Its show.
    pub show: Uuid,
    /// The order that it is about.
    pub order: Option<Uuid>,
    /// The ticket that it is about.
    pub ticket: Option<Uuid>,
    /// The show's currency.
    pub currency: String,
    /// What it adds, as [`super::Report::figures`] names it.
    pub figures: Vec<i64>,
}

impl OpenReport {
    /// Events, ascending by position.
    ///
    /// # Errors
    /// When the database cannot be reached or refuses.
    pub async fn events(&mut self, wanted: &ReportEvents) -> Result<Vec<ReportEvent>, QueryError> {
        let mut asked = self.asked();
        let mut keep = Vec::with_capacity(self.shows.len());
        for (index, show) in self.shows.iter().enumerate() {
            let mut kept = wanted.currency.as_ref().is_none_or(|currency| *currency == show.currency);
            if let Some((unit, begins)) = wanted.bucket {
                // The same moment may begin an hour here and be in the middle of one there.
                let bucket = unit.around(show.zone, begins.to_utc());
                kept &= bucket.from == begins && bucket.local.offset() == begins.offset();
                asked.since[index] = asked.since[index].max(Some(bucket.from));
                asked.until[index] = Some(asked.until[index].map_or(bucket.to, |until| until.min(bucket.to)));
            }
            keep.push(kept);
        }
        let mut kept = keep.into_iter();
        // The other columns have a row for each show that is named, and one that is not named finds nothing.
        asked.shows.iter_mut().for_each(|show| {
            if !kept.next().unwrap_or(false) {
                *show = Uuid::nil();
            }
        });
        asked.by = wanted.words.iter().map(|(name, _)| (*name).to_owned()).collect();
        let words: Vec<Option<String>> = self
            .report
            .words
            .iter()
            .map(|name| wanted.words.iter().find(|(known, _)| known == name).and_then(|(_, word)| word.clone()))
            .collect();
        let places = (1..).zip(self.report.figures);
        let figures =
            places.filter(|(_, figure)| wanted.figures.contains(&figure.name)).map(|(place, _)| place).collect();
        let behind = Behind { words, after: wanted.after, limit: wanted.limit.into(), figures };
        let rows = statements::events(&mut self.transaction, self.report.subject, &asked, &behind).await?;
        Ok(rows
            .into_iter()
            .map(|row| ReportEvent {
                position: row.position,
                at: row.at,
                event_type: row.event_type,
                show: row.show,
                order: row.order,
                ticket: row.ticket,
                currency: row.currency,
                figures: row.figures,
            })
            .collect())
    }
}
