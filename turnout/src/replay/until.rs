//! How far a replay goes: to a position, to a moment, or to the end.

use std::str::FromStr;

use chrono::{DateTime, NaiveDateTime, TimeZone as _, Utc};
use chrono_tz::Tz;

/// The last event that is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Until {
    /// What stands at this position or before.
    Position(i64),
    /// What was recorded at this moment or before.
    Moment(DateTime<Utc>),
    /// The same by the show's clock, as the story prints it.
    Local(NaiveDateTime),
}

impl Until {
    /// Whether an event is behind it.
    pub(super) fn is_before(self, position: i64, recorded_at: DateTime<Utc>, zone: Tz) -> bool {
        match self {
            Self::Position(last) => position > last,
            Self::Moment(last) => recorded_at > last,
            // Of an hour that there is twice, the later; of one that there is not, what UTC would make of it.
            Self::Local(last) => {
                recorded_at > zone.from_local_datetime(&last).latest().map_or(last.and_utc(), |last| last.to_utc())
            }
        }
    }
}

impl FromStr for Until {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Ok(position) = text.parse() {
            return Ok(Self::Position(position));
        }
        if let Ok(moment) = DateTime::parse_from_rfc3339(text) {
            return Ok(Self::Moment(moment.to_utc()));
        }
        let plain = text.replace('T', " ");
        // A minute means all of it, as a clock shows it.
        let whole = [format!("{plain}:59.999999"), format!("{plain}.999999")];
        let forms = ["%Y-%m-%d %H:%M:%S%.f", "%d.%m.%Y %H:%M:%S%.f"];
        let local =
            whole.iter().find_map(|text| forms.iter().find_map(|form| NaiveDateTime::parse_from_str(text, form).ok()));
        local.map(Self::Local).ok_or_else(|| {
            "is neither a position nor a moment; write it as 4711, as 2027-03-01T18:00:00Z, or by the show's clock as 2027-03-01T19:00".to_owned()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_position_a_moment_and_the_shows_clock_are_told_apart() {
        let parse = |text: &str| text.parse::<Until>();
        assert_eq!(parse("4711"), Ok(Until::Position(4711)));
        let moment = Utc.with_ymd_and_hms(2027, 3, 1, 18, 0, 0).unwrap();
        assert_eq!(parse("2027-03-01T19:00:00+01:00"), Ok(Until::Moment(moment)));
        let berlin = chrono_tz::Europe::Berlin;
        for text in
            ["2027-03-01T19:00", "2027-03-01 19:00", "2027-03-01 19:00:59", "01.03.2027 19:00", "01.03.2027 19:00:59"]
        {
            let until = parse(text).unwrap();
            assert!(!until.is_before(1, moment + chrono::TimeDelta::seconds(59), berlin), "{text}");
            assert!(until.is_before(1, moment + chrono::TimeDelta::seconds(60), berlin), "{text}");
        }
        assert!(parse("yesterday").is_err());
    }
}
