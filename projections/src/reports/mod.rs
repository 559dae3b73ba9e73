//! Reports: figures of sales, of the door and of holds, broken down by what is asked for. Each is a sum over facts (`facts`).
//!
//! What always holds: all of an answer comes from one snapshot and one position; the events of a row add up to the row; hours and
//! days are those of each show's own zone. Rows come one by one from the database's cursor, never all at once. What there is to ask
//! for is the table [`Report::ALL`]; the statements are in `statements`.

mod buckets;
mod events;
mod opened;
mod scope;
mod statements;

pub use buckets::{Bucket, Unit};
pub use events::{ReportEvent, ReportEvents};
pub use opened::{OpenReport, ReportKey, ReportRow};
pub use scope::{Moment, ReportError, ReportQuestion, ReportShow};

/// What a figure counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Measure {
    /// Tickets, persons, places, looks at a ticket.
    Count,
    /// Minor units of a currency.
    Money,
}

/// A figure of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Figure {
    /// Its name.
    pub name: &'static str,
    /// What it counts.
    pub measure: Measure,
}

/// What can be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// What was sold.
    Sales,
    /// Who went in and out.
    Attendance,
    /// Who did not come.
    NoShows,
    /// How full it is.
    Occupancy,
    /// What became of holds.
    Holds,
    /// Who was turned away.
    Refusals,
}

/// A report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Report {
    /// What it is about.
    pub subject: Subject,
    /// Its name in addresses.
    pub name: &'static str,
    /// What its rows can be broken down by beside `show` and the units of time, in the order in which statements answer it.
    pub words: &'static [&'static str],
    /// The units of time that its rows can be broken down by.
    pub units: &'static [Unit],
    /// What it is broken down by where nobody says.
    pub by_default: &'static [&'static str],
    /// Its figures, in the order in which statements answer them.
    pub figures: &'static [Figure],
}

const fn count(name: &'static str) -> Figure {
    Figure { name, measure: Measure::Count }
}

const fn money(name: &'static str) -> Figure {
    Figure { name, measure: Measure::Money }
}

impl Report {
    /// All reports.
    pub const ALL: [&'static Self; 6] =
        [&Self::SALES, &Self::ATTENDANCE, &Self::NO_SHOWS, &Self::OCCUPANCY, &Self::HOLDS, &Self::REFUSALS];

    /// What was sold.
    pub const SALES: Self = Self {
        subject: Subject::Sales,
        name: "sales",
        words: &["ticket_type", "channel", "price", "category", "section", "status"],
        units: &[Unit::Hour, Unit::Day],
        by_default: &[],
        figures: &[
            count("tickets"),
            count("voided"),
            count("persons"),
            money("gross"),
            money("cancelled"),
            money("refunded"),
            money("paid"),
            money("net"),
            money("tax"),
        ],
    };

    /// Who went in and out.
    pub const ATTENDANCE: Self = Self {
        subject: Subject::Attendance,
        name: "attendance",
        words: &["gate", "area", "ticket_type", "section"],
        units: &[Unit::Minute, Unit::Hour, Unit::Day],
        by_default: &[],
        figures: &[
            count("admitted"),
            count("returned"),
            count("departed"),
            count("undone"),
            count("overridden"),
            count("refused"),
        ],
    };

    /// Who did not come.
    pub const NO_SHOWS: Self = Self {
        subject: Subject::NoShows,
        name: "no-shows",
        words: &["ticket_type", "section", "category", "channel"],
        units: &[],
        by_default: &[],
        figures: &[count("issued"), count("admitted"), count("no_shows")],
    };

    /// How full it is.
    pub const OCCUPANCY: Self = Self {
        subject: Subject::Occupancy,
        name: "occupancy",
        words: &["section", "category", "ticket_type"],
        units: &[],
        by_default: &["section"],
        figures: &[
            count("capacity"),
            count("available"),
            count("held"),
            count("sold"),
            count("blocked"),
            count("admitted"),
        ],
    };

    /// What became of holds.
    pub const HOLDS: Self = Self {
        subject: Subject::Holds,
        name: "holds",
        words: &["ticket_type", "channel", "outcome"],
        units: &[Unit::Hour, Unit::Day],
        by_default: &[],
        figures: &[count("holds"), count("places"), money("value")],
    };

    /// Who was turned away.
    pub const REFUSALS: Self = Self {
        subject: Subject::Refusals,
        name: "refusals",
        words: &["reason", "gate", "device", "ticket_type"],
        units: &[Unit::Minute, Unit::Hour, Unit::Day],
        by_default: &[],
        figures: &[count("refused"), count("overridden")],
    };

    /// Whether money is among its figures.
    #[must_use]
    pub fn has_money(&self) -> bool {
        self.figures.iter().any(|figure| figure.measure == Measure::Money)
    }

    /// Everything that it can be broken down by.
    pub fn dimensions(&self) -> impl Iterator<Item = &'static str> + Clone {
        ["show"].into_iter().chain(self.units.iter().map(|unit| unit.as_str())).chain(self.words.iter().copied())
    }
}
