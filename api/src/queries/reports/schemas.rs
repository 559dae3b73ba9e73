//! What answers of reports look like, for the API's description. Answers are written by what `projections` says of a report; a test
//! holds both against each other.

use chrono::{DateTime, FixedOffset, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// A show that a report is about.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ReportShow {
    id: Uuid,
    /// Its name, as it is now.
    name: String,
    /// In which its hours and days are.
    timezone: String,
    /// ISO 4217.
    currency: String,
}

/// A minute, an hour or a day by the show's clock.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ReportBucket {
    /// Its first moment.
    from: DateTime<Utc>,
    /// The first moment after it.
    to: DateTime<Utc>,
    /// Its first moment as clocks showed it: where an hour comes twice, each of them is one.
    #[schema(value_type = String, format = DateTime, example = "2027-03-28T03:00:00+02:00")]
    local: DateTime<FixedOffset>,
}

/// A ticket type.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ReportTicketType {
    id: Uuid,
    /// Its name, as it is now.
    name: Option<String>,
}

/// Describes a report: its dimensions and figures.
macro_rules! described {
    ($report:ident, $row:ident, $key:ident, $figures:ident, $event:ident, $events:ident;
     $($(#[doc = $of:literal])* $dimension:ident: $kind:ty,)+; $($(#[doc = $what:literal])* $figure:ident: $measure:ty,)+) => {
        /// What a row is of: every dimension of the report, null where it was not asked for, or there is none.
        #[derive(Debug, serde::Serialize, utoipa::ToSchema)]
        pub(super) struct $key { $($(#[doc = $of])* $dimension: $kind,)+ }

        /// Its figures.
        #[derive(Debug, serde::Serialize, utoipa::ToSchema)]
        pub(super) struct $figures { $($(#[doc = $what])* $figure: $measure,)+ }

        /// A row.
        #[derive(Debug, serde::Serialize, utoipa::ToSchema)]
        pub(super) struct $row {
            key: $key,
            $($(#[doc = $what])* $figure: $measure,)+
            /// Path and query of what lists the events that made its figures.
            events: String,
        }

        /// A report.
        #[derive(Debug, serde::Serialize, utoipa::ToSchema)]
        pub(super) struct $report {
            /// As of which position of the log it is.
            position: i64,
            /// What its rows are broken down by.
            by: Vec<String>,
            /// What it is about, the earliest first.
            shows: Vec<crate::queries::reports::schemas::ReportShow>,
            /// In the order of their keys.
            rows: Vec<$row>,
            /// All rows together; where money is in it, one for each currency.
            totals: Vec<$figures>,
        }

        /// An event, and what it adds to the figures.
        #[derive(Debug, serde::Serialize, utoipa::ToSchema)]
        pub(super) struct $event {
            /// Its position in the log.
            position: i64,
            /// When it happened; at the door, when the ticket was looked at.
            at: chrono::DateTime<chrono::Utc>,
            /// Its type.
            #[schema(example = "TicketIssued")]
            r#type: String,
            /// Its show.
            show: uuid::Uuid,
            /// The order that it is about.
            order: Option<uuid::Uuid>,
            /// The ticket that it is about.
            ticket: Option<uuid::Uuid>,
            $($(#[doc = $what])* $figure: $measure,)+
        }

        /// Events that made a figure, ascending by position.
        #[derive(Debug, serde::Serialize, utoipa::ToSchema)]
        pub(super) struct $events {
            items: Vec<$event>,
            /// Where the list goes on; null at its end.
            next: Option<String>,
        }

        #[cfg(test)]
        impl $report {
            /// Names of its dimensions and of its figures, with whether these are money.
            pub(super) fn described() -> (Vec<&'static str>, Vec<(&'static str, bool)>) {
                (vec![$(stringify!($dimension)),+], vec![$((stringify!($figure), stringify!($measure) == "Money")),+])
            }
        }
    };
}
pub(super) use described;

#[cfg(test)]
mod tests {
    use projections::reports::{Measure, Report};

    use super::super::{attendance, holds, no_shows, occupancy, refusals, sales};

    #[test]
    fn reports_are_described_as_they_are_written() {
        for (report, (dimensions, figures)) in [
            (&Report::SALES, sales::SalesReport::described()),
            (&Report::ATTENDANCE, attendance::AttendanceReport::described()),
            (&Report::NO_SHOWS, no_shows::NoShowsReport::described()),
            (&Report::OCCUPANCY, occupancy::OccupancyReport::described()),
            (&Report::HOLDS, holds::HoldsReport::described()),
            (&Report::REFUSALS, refusals::RefusalsReport::described()),
        ] {
            assert_eq!(report.dimensions().collect::<Vec<_>>(), dimensions, "{}", report.name);
            let written: Vec<_> =
                report.figures.iter().map(|figure| (figure.name, figure.measure == Measure::Money)).collect();
            assert_eq!(written, figures, "{}", report.name);
        }
    }
}
