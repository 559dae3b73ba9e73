//! Moments in requests: RFC 3339 with any offset, of the years 1 to 9999 in UTC, kept as UTC with microseconds.

use chrono::{DateTime, Datelike, SubsecRound, Utc};
use commands::{Change, nested_change::WindowChange};
use domain::{
    ValueError,
    ticket_type::{SalesWindow, Validity},
    time::Time,
};
use serde::Deserialize;
use utoipa::ToSchema;

use super::merge_patch;

/// A moment as somebody wrote it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(super) struct Moment(Time);

impl TryFrom<String> for Moment {
    type Error = ValueError;

    fn try_from(text: String) -> Result<Self, ValueError> {
        DateTime::parse_from_rfc3339(&text)
            .map(|moment| moment.with_timezone(&Utc).trunc_subsecs(6))
            .ok()
            // An offset can carry a moment out of the years that RFC 3339 can write.
            .filter(|moment| (1..=9_999).contains(&moment.year()))
            .map(Self)
            .ok_or_else(|| ValueError("is not a time; write it as in 2041-05-04T18:00:00Z (RFC 3339)".to_owned()))
    }
}

impl From<Moment> for Time {
    fn from(moment: Moment) -> Self {
        moment.0
    }
}

/// When something is sold.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SalesBody {
    /// The first moment; by default from publication on.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    opens_at: Option<Moment>,
    /// The first moment after it; by default the show's `ends_at`, else its `starts_at`.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    closes_at: Option<Moment>,
}

impl From<SalesBody> for SalesWindow {
    fn from(body: SalesBody) -> Self {
        Self { opens_at: body.opens_at.map(Time::from), closes_at: body.closes_at.map(Time::from) }
    }
}

/// What changes of when something is sold.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SalesPatch {
    /// The first moment; null: from publication on.
    #[serde(default, deserialize_with = "merge_patch::change")]
    #[schema(value_type = Option<String>, format = DateTime)]
    opens_at: Change<Moment>,
    /// The first moment after it; null: the show's `ends_at`, else its `starts_at`.
    #[serde(default, deserialize_with = "merge_patch::change")]
    #[schema(value_type = Option<String>, format = DateTime)]
    closes_at: Change<Moment>,
}

impl From<SalesPatch> for WindowChange {
    fn from(patch: SalesPatch) -> Self {
        Self {
            from: merge_patch::map(patch.opens_at, Into::into),
            until: merge_patch::map(patch.closes_at, Into::into),
        }
    }
}

/// What changes of when a ticket admits.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ValidityPatch {
    /// The first moment; null: always.
    #[serde(default, deserialize_with = "merge_patch::change")]
    #[schema(value_type = Option<String>, format = DateTime)]
    from: Change<Moment>,
    /// The first moment after it; null: never.
    #[serde(default, deserialize_with = "merge_patch::change")]
    #[schema(value_type = Option<String>, format = DateTime)]
    until: Change<Moment>,
}

impl From<ValidityPatch> for WindowChange {
    fn from(patch: ValidityPatch) -> Self {
        Self { from: merge_patch::map(patch.from, Into::into), until: merge_patch::map(patch.until, Into::into) }
    }
}

/// When a ticket admits.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ValidityBody {
    /// The first moment.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    from: Option<Moment>,
    /// The first moment after it.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    until: Option<Moment>,
}

impl From<ValidityBody> for Validity {
    fn from(body: ValidityBody) -> Self {
        Self { from: body.from.map(Time::from), until: body.until.map(Time::from) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moment(text: &str) -> Result<Time, ValueError> {
        Moment::try_from(text.to_owned()).map(Time::from)
    }

    #[test]
    fn an_offset_becomes_utc_and_nanoseconds_are_dropped() {
        let time = moment("2041-05-04T20:00:00.123456789+02:00").unwrap();
        assert_eq!(time.to_rfc3339(), "2041-05-04T18:00:00.123456+00:00");
    }

    #[test]
    fn an_offset_carries_no_moment_into_a_year_that_cannot_be_written() {
        assert!(moment("9999-12-31T23:59:59Z").is_ok());
        for text in ["9999-12-31T23:59:59-01:00", "0001-01-01T00:00:00+01:00", "0000-06-01T00:00:00Z"] {
            assert!(moment(text).is_err(), "{text}");
        }
    }

    #[test]
    fn what_is_no_moment_is_refused() {
        for text in ["tomorrow", "2041-05-04", "2041-05-04T18:00:00", "+12041-05-04T18:00:00Z", ""] {
            assert!(moment(text).is_err(), "{text}");
        }
    }
}
