//! A report as a table for spreadsheets: what its columns are, and what stands in them.

use domain::money::{Amount, Currency};
use projections::reports::{Measure, OpenReport, Report, ReportRow};

use super::{json::Told, params::Asked};

/// What stands in a cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Cell {
    /// Nothing.
    Empty,
    /// A text.
    Text(String),
    /// A whole number.
    Count(i64),
    /// An amount.
    Money(Money),
}

/// An amount in minor units, of a currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Money {
    pub minor: i64,
    pub currency: Currency,
}

impl Money {
    /// In major units, exactly.
    pub fn decimal(self) -> String {
        Amount(self.minor).decimal(self.currency)
    }
}

/// The columns of a report as it was asked for.
#[derive(Debug, Clone)]
pub(super) struct Table {
    report: &'static Report,
    asked: Asked,
    told: Told,
    shows: std::collections::HashMap<uuid::Uuid, String>,
}

impl Table {
    pub fn of(open: &OpenReport, asked: &Asked) -> Self {
        let shows = open.shows.iter().map(|show| (show.id, show.name.clone())).collect();
        Self { report: open.report, asked: asked.clone(), told: Told::of(open, asked), shows }
    }

    /// Names of the columns; whether each holds money.
    pub fn columns(&self) -> Vec<(String, bool)> {
        let mut columns = Vec::new();
        for dimension in &self.asked.dimensions {
            columns.push(((*dimension).to_owned(), *dimension == "price"));
            if ["show", "ticket_type"].contains(dimension) {
                columns.push((format!("{dimension}_name"), false));
            }
        }
        columns.extend(
            self.report.figures.iter().map(|figure| (figure.name.to_owned(), figure.measure == Measure::Money)),
        );
        if self.report.has_money() {
            columns.push(("currency".to_owned(), false));
        }
        columns
    }

    /// The cells of a row, one for each column.
    pub fn cells(&self, row: &ReportRow) -> Vec<Cell> {
        let currency = row.currency.as_ref().and_then(|code| Currency::try_from(code.clone()).ok());
        let money = |minor: i64| currency.map_or(Cell::Count(minor), |currency| Cell::Money(Money { minor, currency }));
        let text = |text: Option<&str>| text.map_or(Cell::Empty, |text| Cell::Text(text.to_owned()));
        let mut cells = Vec::new();
        for dimension in &self.asked.dimensions {
            if self.asked.unit.is_some_and(|unit| unit.as_str() == *dimension) {
                let local = row.key.bucket.as_ref().map(|bucket| bucket.local.to_rfc3339());
                cells.push(text(local.as_deref()));
                continue;
            }
            let words = self.report.words.iter().zip(&row.key.words);
            let word = words.filter(|(name, _)| *name == dimension).find_map(|(_, word)| word.as_deref());
            match *dimension {
                "show" => {
                    let id = row.key.show.map(|show| show.to_string());
                    cells.push(text(id.as_deref()));
                    cells.push(text(row.key.show.and_then(|show| self.shows.get(&show)).map(String::as_str)));
                }
                "ticket_type" => {
                    cells.push(text(word));
                    cells.push(text(word.and_then(|id| self.told.ticket_type(id))));
                }
                "price" => cells.push(word.and_then(|price| price.parse().ok()).map_or(Cell::Empty, money)),
                _ => cells.push(text(word)),
            }
        }
        for (figure, n) in self.report.figures.iter().zip(&row.figures) {
            cells.push(match figure.measure {
                Measure::Count => Cell::Count(*n),
                Measure::Money => money(*n),
            });
        }
        if self.report.has_money() {
            cells.push(text(row.currency.as_deref()));
        }
        cells
    }
}
