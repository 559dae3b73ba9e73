//! Values as PostgreSQL reads them from text: arrays, for columns whose rows have arrays of different lengths (`unnest` takes none),
//! and the lines of COPY.

use std::fmt::Write as _;

use chrono::{DateTime, Datelike as _, Timelike as _, Utc};
use uuid::Uuid;

/// An array under construction. One in which nothing is said (every element is null) is null itself.
#[derive(Debug, Clone, Default)]
pub(super) struct Array {
    elements: usize,
    /// Without its end; empty as long as every element is null.
    text: String,
}

impl Array {
    pub fn number(&mut self, number: Option<i64>) {
        if let Some(text) = self.element(number.is_some()) {
            write_number(text, number.unwrap_or_default());
        }
    }

    pub fn id(&mut self, id: Option<Uuid>) {
        if let Some(text) = self.element(id.is_some()) {
            write_id(text, id.unwrap_or_default());
        }
    }

    pub fn moment(&mut self, moment: DateTime<Utc>) {
        if let Some(text) = self.element(true) {
            text.push('"');
            write_moment(text, moment);
            text.push('"');
        }
    }

    pub fn word(&mut self, word: Option<&str>) {
        if let Some(text) = self.element(word.is_some()) {
            text.push('"');
            for character in word.unwrap_or_default().chars() {
                if matches!(character, '"' | '\\') {
                    text.push('\\');
                }
                text.push(character);
            }
            text.push('"');
        }
    }

    /// What it is so far.
    pub fn so_far(&self) -> Option<String> {
        (!self.text.is_empty()).then(|| [&self.text, "}"].concat())
    }

    /// Where the next element goes; none where it is null.
    fn element(&mut self, says: bool) -> Option<&mut String> {
        let before = self.elements;
        self.elements += 1;
        match (self.text.is_empty(), says) {
            (true, false) => None,
            (false, false) => {
                self.text.push_str(",NULL");
                None
            }
            (true, true) => {
                self.text.push('{');
                (0..before).for_each(|_| self.text.push_str("NULL,"));
                Some(&mut self.text)
            }
            (false, true) => {
                self.text.push(',');
                Some(&mut self.text)
            }
        }
    }
}

/// Ids as an array; one without elements is `{}`.
pub(super) fn ids(ids: &[Uuid]) -> String {
    let mut text = String::with_capacity(2 + 37 * ids.len());
    text.push('{');
    for (index, id) in ids.iter().enumerate() {
        if index > 0 {
            text.push(',');
        }
        write_id(&mut text, *id);
    }
    text.push('}');
    text
}

/// Lines of COPY in its text format: fields between tabs, `\N` where there is none.
#[derive(Debug, Default)]
pub(super) struct Lines {
    text: String,
    begun: bool,
}

impl Lines {
    pub fn number(&mut self, number: impl Into<i64>) -> &mut Self {
        write_number(self.field(), number.into());
        self
    }

    pub fn id(&mut self, id: Uuid) -> &mut Self {
        write_id(self.field(), id);
        self
    }

    pub fn text<'t>(&mut self, text: impl Into<Option<&'t str>>) -> &mut Self {
        let field = self.field();
        let Some(mut rest) = text.into() else {
            field.push_str("\\N");
            return self;
        };
        // All of them are single bytes, also where they stand in UTF-8.
        while let Some(at) = rest.bytes().position(|byte| matches!(byte, b'\\' | b'\n' | b'\r' | b'\t')) {
            field.push_str(&rest[..at]);
            field.push_str(match rest.as_bytes()[at] {
                b'\n' => "\\n",
                b'\r' => "\\r",
                b'\t' => "\\t",
                _ => "\\\\",
            });
            rest = &rest[at + 1..];
        }
        field.push_str(rest);
        self
    }

    pub fn end(&mut self) {
        self.text.push('\n');
        self.begun = false;
    }

    pub fn as_bytes(&self) -> &[u8] {
        self.text.as_bytes()
    }

    fn field(&mut self) -> &mut String {
        if std::mem::replace(&mut self.begun, true) {
            self.text.push('\t');
        }
        &mut self.text
    }
}

fn write_id(text: &mut String, id: Uuid) {
    text.push_str(id.as_hyphenated().encode_lower(&mut Uuid::encode_buffer()));
}

fn write_number(text: &mut String, number: i64) {
    // Writing to a string does not fail.
    let _ = write!(text, "{number}");
}

/// To the microsecond, which is what PostgreSQL knows.
fn write_moment(text: &mut String, moment: DateTime<Utc>) {
    let moment = DateTime::from_timestamp_micros(moment.timestamp_micros()).unwrap_or(moment);
    let (date, time) = (moment.date_naive(), moment.time());
    let (year, month, day) = (date.year(), date.month(), date.day());
    let (hour, minute, second) = (time.hour(), time.minute(), time.second());
    let micros = time.nanosecond() / 1_000;
    let _ = write!(text, "{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}.{micros:06}+00");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_array_says_what_is_null_and_is_null_where_nothing_is_said() {
        let mut array = Array::default();
        array.number(None);
        array.number(None);
        assert_eq!(array.so_far(), None);
        array.number(Some(-3));
        array.number(None);
        assert_eq!(array.so_far().as_deref(), Some("{NULL,NULL,-3,NULL}"));
    }

    #[test]
    fn words_of_an_array_are_quoted() {
        let mut array = Array::default();
        array.word(Some("NULL"));
        array.word(Some(r#"a "b" \c, {d}"#));
        array.word(Some(""));
        assert_eq!(array.so_far().as_deref(), Some(r#"{"NULL","a \"b\" \\c, {d}",""}"#));
    }

    #[test]
    fn lines_of_copy_keep_what_would_end_a_field() {
        let mut lines = Lines::default();
        lines.text("a\tb\nc\\d\re").text(None).number(7).end();
        lines.id(Uuid::nil()).end();
        let expected = "a\\tb\\nc\\\\d\\re\t\\N\t7\n00000000-0000-0000-0000-000000000000\n";
        assert_eq!(lines.as_bytes(), expected.as_bytes());
    }

    #[test]
    fn a_moment_is_told_to_the_microsecond() {
        let mut text = String::new();
        write_moment(&mut text, "2027-03-28T01:02:03.000004999Z".parse().unwrap());
        assert_eq!(text, "2027-03-28 01:02:03.000004+00");
    }
}
