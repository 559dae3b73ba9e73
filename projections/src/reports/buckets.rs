//! Hours, days and minutes by the clock of a show, as stretches of time between two instants.
//!
//! What always holds: buckets of one zone never overlap and leave no gap. Where clocks are set back, the hour that comes twice is two
//! buckets; where they are set forward, a day has 23 hours; and where they are set in the middle of an hour (Lord Howe, by half an
//! hour), what is left of it ends or begins with the change.

use chrono::{DateTime, Days, FixedOffset, NaiveDate, NaiveDateTime, Offset, TimeDelta, TimeZone, Timelike, Utc};
use chrono_tz::Tz;

/// How long a bucket is by the clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// From a full minute to the next.
    Minute,
    /// From a full hour to the next.
    Hour,
    /// From midnight, or the first moment of the day, to the next.
    Day,
}

/// A stretch of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bucket {
    /// Its first moment.
    pub from: DateTime<Utc>,
    /// The first moment after it.
    pub to: DateTime<Utc>,
    /// Its first moment as clocks showed it.
    pub local: DateTime<FixedOffset>,
}

impl Unit {
    /// Its name, which is also PostgreSQL's.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Minute => "minute",
            Self::Hour => "hour",
            Self::Day => "day",
        }
    }

    /// The unit of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        [Self::Minute, Self::Hour, Self::Day].into_iter().find(|unit| unit.as_str() == name)
    }

    /// The bucket whose clock begins at `local`, this far ahead of UTC.
    #[must_use]
    pub fn bucket(self, zone: Tz, local: NaiveDateTime, ahead: TimeDelta) -> Bucket {
        let length = match self {
            Self::Minute => TimeDelta::minutes(1),
            Self::Hour => TimeDelta::hours(1),
            Self::Day => return day(zone, local.date()),
        };
        let begins = (local - ahead).and_utc();
        let ends = begins + length;
        let belongs = |moment: DateTime<Utc>| self::ahead(zone, moment) == ahead;
        // Clocks change at full minutes.
        let minutes = |n: i32| begins + TimeDelta::minutes(i64::from(n));
        let whole = i32::try_from(length.num_minutes()).unwrap_or(60);
        let from = (0..whole).map(minutes).find(|moment| belongs(*moment)).unwrap_or(begins);
        let to = (0..whole).map(minutes).find(|moment| *moment > from && !belongs(*moment)).unwrap_or(ends);
        Bucket { from, to, local: shown(zone, from) }
    }

    /// The bucket that a moment is in.
    #[must_use]
    pub fn around(self, zone: Tz, moment: DateTime<Utc>) -> Bucket {
        let local = moment.with_timezone(&zone).naive_local();
        let local = match self {
            Self::Minute => local.with_second(0),
            Self::Hour => local.with_minute(0).and_then(|local| local.with_second(0)),
            Self::Day => Some(local.date().and_time(chrono::NaiveTime::MIN)),
        };
        let local = local.and_then(|local| local.with_nanosecond(0)).unwrap_or_default();
        self.bucket(zone, local, ahead(zone, moment))
    }
}

fn ahead(zone: Tz, moment: DateTime<Utc>) -> TimeDelta {
    TimeDelta::seconds(i64::from(moment.with_timezone(&zone).offset().fix().local_minus_utc()))
}

fn shown(zone: Tz, moment: DateTime<Utc>) -> DateTime<FixedOffset> {
    moment.with_timezone(&zone).fixed_offset()
}

fn day(zone: Tz, date: NaiveDate) -> Bucket {
    let from = first_moment(zone, date);
    let to = date.checked_add_days(Days::new(1)).map_or(from, |next| first_moment(zone, next));
    Bucket { from, to, local: shown(zone, from) }
}

/// When a day begins: at midnight, at the first of two, or where clocks jump over it, with the jump.
fn first_moment(zone: Tz, date: NaiveDate) -> DateTime<Utc> {
    let midnight = date.and_time(chrono::NaiveTime::MIN);
    // Some days are jumped over as a whole: then it begins with the next.
    (0..=24 * 60)
        .find_map(|minute| zone.from_local_datetime(&(midnight + TimeDelta::minutes(minute))).earliest())
        .map_or_else(|| midnight.and_utc(), |moment| moment.with_timezone(&Utc))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moment(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn around(unit: Unit, zone: Tz, at: &str) -> (String, String, String) {
        let bucket = unit.around(zone, moment(at));
        let utc = |moment: DateTime<Utc>| moment.to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
        (utc(bucket.from), utc(bucket.to), bucket.local.to_rfc3339())
    }

    fn told(from: &str, to: &str, local: &str) -> (String, String, String) {
        (from.to_owned(), to.to_owned(), local.to_owned())
    }

    #[test]
    fn the_hour_that_comes_twice_is_two_and_its_day_has_25() {
        let zone = chrono_tz::Europe::Berlin;
        let first = around(Unit::Hour, zone, "2027-10-31T00:30:00Z");
        assert_eq!(first, told("2027-10-31T00:00:00Z", "2027-10-31T01:00:00Z", "2027-10-31T02:00:00+02:00"));
        let second = around(Unit::Hour, zone, "2027-10-31T01:30:00Z");
        assert_eq!(second, told("2027-10-31T01:00:00Z", "2027-10-31T02:00:00Z", "2027-10-31T02:00:00+01:00"));
        let day = around(Unit::Day, zone, "2027-10-31T12:00:00Z");
        assert_eq!(day, told("2027-10-30T22:00:00Z", "2027-10-31T23:00:00Z", "2027-10-31T00:00:00+02:00"));
    }

    #[test]
    fn a_day_in_spring_has_23_hours() {
        let day = around(Unit::Day, chrono_tz::Europe::Berlin, "2027-03-28T12:00:00Z");
        assert_eq!(day, told("2027-03-27T23:00:00Z", "2027-03-28T22:00:00Z", "2027-03-28T00:00:00+01:00"));
    }

    #[test]
    fn half_hours_of_lord_howe_end_and_begin_with_the_change() {
        let zone = chrono_tz::Australia::Lord_Howe;
        // 02:00+10:30 becomes 02:30+11:00.
        let spring = around(Unit::Hour, zone, "2027-10-02T15:45:00Z");
        assert_eq!(spring, told("2027-10-02T15:30:00Z", "2027-10-02T16:00:00Z", "2027-10-03T02:30:00+11:00"));
        let before = around(Unit::Hour, zone, "2027-10-02T15:15:00Z");
        assert_eq!(before, told("2027-10-02T14:30:00Z", "2027-10-02T15:30:00Z", "2027-10-03T01:00:00+10:30"));
        // 02:00+11:00 becomes 01:30+10:30.
        let autumn = around(Unit::Hour, zone, "2027-04-03T15:15:00Z");
        assert_eq!(autumn, told("2027-04-03T15:00:00Z", "2027-04-03T15:30:00Z", "2027-04-04T01:30:00+10:30"));
        let before = around(Unit::Hour, zone, "2027-04-03T14:45:00Z");
        assert_eq!(before, told("2027-04-03T14:00:00Z", "2027-04-03T15:00:00Z", "2027-04-04T01:00:00+11:00"));
    }

    #[test]
    fn days_begin_where_midnight_comes_twice_or_never() {
        // Havana sets 01:00 back to 00:00; Beirut jumps from 00:00 to 01:00.
        let day = around(Unit::Day, chrono_tz::America::Havana, "2027-11-07T05:30:00Z");
        assert_eq!(day.0, "2027-11-07T04:00:00Z");
        let day = around(Unit::Day, chrono_tz::Asia::Beirut, "2027-03-28T12:00:00Z");
        assert_eq!((day.0.as_str(), day.2.as_str()), ("2027-03-27T22:00:00Z", "2027-03-28T01:00:00+03:00"));
    }

    #[test]
    fn buckets_of_two_years_leave_no_gap() {
        for zone in [chrono_tz::Europe::Berlin, chrono_tz::Australia::Lord_Howe, chrono_tz::America::Havana] {
            for unit in [Unit::Hour, Unit::Day] {
                let mut bucket = unit.around(zone, moment("2026-12-31T12:00:00Z"));
                while bucket.to < moment("2029-01-01T00:00:00Z") {
                    let next = unit.around(zone, bucket.to);
                    assert_eq!(next.from, bucket.to, "{unit:?} in {zone}");
                    assert!(next.to > next.from);
                    bucket = next;
                }
            }
        }
    }
}
