//! A report whose rows can be read, one by one, in a snapshot that stays as long as this does.

use std::{collections::HashMap, sync::Arc};

use chrono::TimeDelta;
use chrono_tz::Tz;
use futures::{Stream, StreamExt, TryStreamExt};
use sqlx::{Postgres, Transaction};
use uuid::Uuid;

use super::{
    Bucket, Report, ReportQuestion, ReportShow,
    statements::{self, Asked, RawRow},
};
use crate::queries::QueryError;

/// Ten million rows over a slow line.
const READ_WITHIN: &str = "30min";

/// What a row is of: none of what it was not broken down by, or of what there is none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReportKey {
    /// The show.
    pub show: Option<Uuid>,
    /// The minute, hour or day.
    pub bucket: Option<Bucket>,
    /// As [`Report::words`] names them.
    pub words: Vec<Option<String>>,
}

/// A row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportRow {
    /// What it is of.
    pub key: ReportKey,
    /// The currency of its money.
    pub currency: Option<String>,
    /// As [`Report::figures`] names them.
    pub figures: Vec<i64>,
}

/// A report that was begun.
#[derive(Debug)]
pub struct OpenReport {
    pub(super) transaction: Transaction<'static, Postgres>,
    /// Which.
    pub report: &'static Report,
    /// What was asked for.
    pub question: ReportQuestion,
    /// As of which position.
    pub position: i64,
    /// What it is about, the earliest first.
    pub shows: Arc<[ReportShow]>,
    /// Names of ticket types, as they are now.
    pub ticket_types: Arc<HashMap<Uuid, String>>,
}

impl OpenReport {
    pub(super) fn new(
        transaction: Transaction<'static, Postgres>,
        report: &'static Report,
        question: ReportQuestion,
        position: i64,
        shows: Vec<ReportShow>,
        ticket_types: HashMap<Uuid, String>,
    ) -> Self {
        Self { transaction, report, question, position, shows: shows.into(), ticket_types: Arc::new(ticket_types) }
    }

    /// Its rows, in the order of their keys.
    pub fn rows(&mut self) -> impl Stream<Item = Result<ReportRow, QueryError>> + Send + '_ {
        let unit = self.question.unit;
        let by = self.question.by.iter().map(|name| (*name).to_owned()).collect();
        let asked = Asked { by, ..self.asked() };
        let apart = self.report.has_money();
        let name = unit.map(super::Unit::as_str);
        statements::rows(&mut self.transaction, self.report.subject, &asked, name, apart)
            .map(move |row| Ok(row?.told(unit)))
    }

    /// Lets its rows be read for as long as whoever takes them needs, within a bound: the database would end it otherwise, as it does
    /// with every question that takes long.
    ///
    /// # Errors
    /// When the database cannot be reached or refuses.
    pub async fn take_time(&mut self) -> Result<(), QueryError> {
        sqlx::query_scalar!("SELECT set_config('statement_timeout', $1, true)", READ_WITHIN)
            .fetch_one(&mut *self.transaction)
            .await?;
        Ok(())
    }

    /// The figures of all rows together, one for each currency where money is among them.
    ///
    /// # Errors
    /// When the database cannot be reached or refuses.
    pub async fn totals(&mut self) -> Result<Vec<ReportRow>, QueryError> {
        let asked = self.asked();
        let apart = self.report.has_money();
        let none = vec![None; self.report.words.len()];
        let rows = statements::rows(&mut self.transaction, self.report.subject, &asked, None, apart);
        let mut totals: Vec<ReportRow> = rows.map_ok(|row| row.told(None)).try_collect().await?;
        let mut currencies: Vec<Option<String>> =
            if apart { self.shows.iter().map(|show| Some(show.currency.clone())).collect() } else { vec![None] };
        currencies.sort_unstable();
        currencies.dedup();
        currencies.retain(|currency| totals.iter().all(|row| row.currency != *currency));
        totals.extend(currencies.into_iter().map(|currency| ReportRow {
            key: ReportKey { words: none.clone(), ..ReportKey::default() },
            currency,
            figures: vec![0; self.report.figures.len()],
        }));
        totals.sort_by(|one, other| one.currency.cmp(&other.currency));
        Ok(totals)
    }

    pub(super) fn asked(&self) -> Asked {
        let ReportQuestion { from, to, .. } = self.question;
        Asked {
            shows: self.shows.iter().map(|show| show.id).collect(),
            zones: self.shows.iter().map(|show| show.timezone.clone()).collect(),
            currencies: self.shows.iter().map(|show| show.currency.clone()).collect(),
            since: vec![from; self.shows.len()],
            until: vec![to; self.shows.len()],
            position: self.position,
            by: Vec::new(),
        }
    }
}

impl RawRow {
    fn told(self, unit: Option<super::Unit>) -> ReportRow {
        let bucket = unit.zip(self.bucket).map(|(unit, local)| {
            let zone: Tz = self.zone.as_deref().and_then(|name| name.parse().ok()).unwrap_or(Tz::UTC);
            unit.bucket(zone, local, TimeDelta::seconds(self.ahead_seconds.unwrap_or(0).into()))
        });
        ReportRow {
            key: ReportKey { show: self.show, bucket, words: self.words },
            currency: self.currency,
            figures: self.figures,
        }
    }
}
