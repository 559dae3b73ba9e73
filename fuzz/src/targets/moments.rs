//! Moments in bodies: of the years that can be written, and the same once they are written and read again.

use api::commands::fuzzing::moment;
use chrono::{Datelike, SecondsFormat, Timelike};

pub fn run(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let Ok(time) = moment(text) else { return };
    assert!((1..=9_999).contains(&time.year()), "{text} is {time}");
    assert_eq!(time.nanosecond() % 1_000, 0, "moments have microseconds");
    let written = time.to_rfc3339_opts(SecondsFormat::AutoSi, true);
    assert_eq!(moment(&written), Ok(time), "{written}");
}
