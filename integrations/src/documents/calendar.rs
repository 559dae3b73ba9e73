//! A ticket's calendar entry: iCalendar (RFC 5545), in UTC.
//!
//! Times are in UTC, which every calendar shows in its own zone; a show is one moment, so no zone's rules are needed.
//! The uid is the ticket's, so that adding the file again after a show was moved changes the entry instead of
//! doubling it; `sequence` has to rise for that (the show's version does).

use chrono::{DateTime, TimeDelta, Utc};
use icalendar::{Calendar, Component, Event, EventLike, EventStatus};
use uuid::Uuid;

/// How long a show is taken to last when it names no end.
const DEFAULT_HOURS: i64 = 2;

/// What a calendar entry says.
#[derive(Clone, Copy, Debug)]
pub struct CalendarEntry<'text> {
    /// The ticket: the entry's identity.
    pub ticket: Uuid,
    /// The show's name.
    pub show_name: &'text str,
    /// The venue's name.
    pub venue_name: &'text str,
    /// The venue's address; may be empty.
    pub venue_address: &'text str,
    /// Seat or section, where there is one.
    pub place: Option<&'text str>,
    /// When it starts.
    pub starts_at: DateTime<Utc>,
    /// When it ends; two hours after the start where nobody said.
    pub ends_at: Option<DateTime<Utc>>,
    /// Whether the show was cancelled.
    pub cancelled: bool,
    /// When this state of the show was recorded (`DTSTAMP`).
    pub changed_at: DateTime<Utc>,
    /// Rises with every change of the show.
    pub sequence: u32,
}

/// The entry as a file, `text/calendar; charset=utf-8`.
#[must_use]
pub fn show_calendar(entry: &CalendarEntry<'_>) -> String {
    let mut event = Event::new();
    event
        .uid(&format!("{}@turnout", entry.ticket))
        .timestamp(entry.changed_at)
        .sequence(entry.sequence)
        .summary(entry.show_name)
        .location(&location(entry))
        .starts(entry.starts_at)
        .ends(entry.ends_at.unwrap_or(entry.starts_at + TimeDelta::hours(DEFAULT_HOURS)))
        .status(if entry.cancelled { EventStatus::Cancelled } else { EventStatus::Confirmed });
    if let Some(place) = entry.place {
        event.description(place);
    }
    let mut calendar = Calendar::empty();
    calendar
        .append_property(("VERSION", "2.0"))
        .append_property(("PRODID", "-//Turnout//Turnout//EN"))
        .append_property(("CALSCALE", "GREGORIAN"))
        .append_property(("METHOD", "PUBLISH"))
        .push(event.done());
    calendar.to_string()
}

fn location(entry: &CalendarEntry<'_>) -> String {
    // Addresses are written in lines; a location is one line.
    let lines = entry.venue_address.lines().map(str::trim).filter(|line| !line.is_empty());
    std::iter::once(entry.venue_name).chain(lines).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry() -> CalendarEntry<'static> {
        CalendarEntry {
            ticket: Uuid::from_u128(7),
            show_name: "Ein Abend, zwei Chöre; drei Zugaben",
            venue_name: "Riethsporthalle",
            venue_address: "Essener Straße 20\n99089 Erfurt",
            place: Some("Block A, row 3, seat 12"),
            starts_at: DateTime::from_timestamp(1_763_748_000, 0).unwrap(),
            ends_at: None,
            cancelled: false,
            changed_at: DateTime::from_timestamp(1_763_700_000, 0).unwrap(),
            sequence: 4,
        }
    }

    fn unfolded(text: &str) -> String {
        text.replace("\r\n ", "")
    }

    #[test]
    fn an_entry_says_what_where_and_when() {
        let text = unfolded(&show_calendar(&entry()));
        for line in [
            "BEGIN:VCALENDAR",
            "UID:00000000-0000-0000-0000-000000000007@turnout",
            "DTSTAMP:20251121T044000Z",
            "DTSTART:20251121T180000Z",
            "DTEND:20251121T200000Z",
            "SEQUENCE:4",
            r"SUMMARY:Ein Abend\, zwei Chöre\; drei Zugaben",
            r"LOCATION:Riethsporthalle\, Essener Straße 20\, 99089 Erfurt",
            r"DESCRIPTION:Block A\, row 3\, seat 12",
            "STATUS:CONFIRMED",
            "END:VCALENDAR",
        ] {
            assert!(text.contains(&format!("{line}\r\n")), "{line} in\n{text}");
        }
    }

    #[test]
    fn the_same_entry_is_the_same_file_and_lines_stay_short() {
        let mut long = entry();
        let name = "Ä".repeat(200);
        long.show_name = &name;
        let text = show_calendar(&long);
        assert_eq!(text, show_calendar(&long));
        assert!(text.split("\r\n").all(|line| line.len() <= 75), "{text}");
        assert!(unfolded(&text).contains(&name));
    }

    #[test]
    fn a_cancelled_show_says_so_and_an_end_is_kept() {
        let ends_at = DateTime::from_timestamp(1_763_751_600, 0);
        let text = show_calendar(&CalendarEntry { cancelled: true, ends_at, ..entry() });
        assert!(text.contains("STATUS:CANCELLED") && text.contains("DTEND:20251121T190000Z"), "{text}");
    }
}
