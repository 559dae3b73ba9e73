//! Moments and time zones. Moments are UTC with microseconds, as PostgreSQL keeps them; a show adds its IANA zone,
//! in which its visitors read the clock and its days begin. An organization has one for its new shows.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use crate::ValueError;

/// A moment in UTC; written as RFC 3339 with `Z`.
pub type Time = DateTime<Utc>;

/// An IANA time zone, such as `Europe/Berlin`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Zone(chrono_tz::Tz);

impl Zone {
    /// Coordinated universal time.
    pub const UTC: Self = Self(chrono_tz::Tz::UTC);

    /// The calendar day at `moment` in this zone.
    pub fn day(&self, moment: Time) -> NaiveDate {
        moment.with_timezone(&self.0).date_naive()
    }

    /// The wall clock at `moment` in this zone, as hours and minutes.
    pub fn clock(&self, moment: Time) -> String {
        moment.with_timezone(&self.0).format("%H:%M").to_string()
    }

    /// The wall clock with its date, for moments that are not today.
    pub fn date_and_clock(&self, moment: Time) -> String {
        moment.with_timezone(&self.0).format("%Y-%m-%d %H:%M").to_string()
    }

    /// The zone as chrono-tz knows it.
    pub fn tz(&self) -> chrono_tz::Tz {
        self.0
    }
}

impl TryFrom<String> for Zone {
    type Error = ValueError;

    fn try_from(text: String) -> Result<Self, ValueError> {
        text.parse()
            .map(Self)
            .map_err(|_| ValueError("is not an IANA time zone; write it as in Europe/Berlin".to_owned()))
    }
}

impl From<Zone> for String {
    fn from(zone: Zone) -> Self {
        zone.0.name().to_owned()
    }
}
