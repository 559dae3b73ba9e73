//! What an event that an earlier version recorded says in the words of the next schema: pure, from JSON of schema n to JSON of
//! schema n + 1. Which event has which is said where it is declared; reading an old event runs those that are left for it, one
//! after the other. The log itself stays as it was written.

use serde_json::Value;

use crate::text::bends_a_line;

/// From a payload of one schema to that of the next.
pub(super) type Upcaster = fn(Value) -> Value;

/// Long texts, which may hold such characters still.
const LONG: [&str; 2] = ["description", "address"];

/// Schema 2 of all that names or places stand in: a text of one line holds nothing that breaks the line or makes what stands
/// beside it run the other way ([`bends_a_line`]). Version 1 took such characters; in its place each has U+FFFD, by which
/// Unicode says that a character could not be shown.
///
/// They are not just left out: `A` and `A` with a mark behind it are two sections of a hall, and would become one, whose seats
/// would be sold twice. Character for character, a text keeps its length (no limit is passed, and something is always left),
/// and the address of a seat stays made of the names of its section, row and seat. (Only texts that differ in nothing but which of
/// these characters they hold become the same.)
pub(super) fn straight_lines(mut payload: Value) -> Value {
    straighten(&mut payload);
    payload
}

fn straighten(value: &mut Value) {
    match value {
        Value::String(text) => {
            if text.contains(bends_a_line) {
                *text = text.replace(bends_a_line, "\u{FFFD}");
            }
        }
        Value::Array(values) => values.iter_mut().for_each(straighten),
        Value::Object(fields) => {
            fields
                .iter_mut()
                .filter(|(name, _)| !LONG.contains(&name.as_str()))
                .for_each(|(_, field)| straighten(field));
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::{
        place::{RowLabel, SeatAddress, SeatLabel, SectionName},
        text::{Category, DoorName, Name},
    };

    /// A text that the first version took: of `max` characters at most, none of them a control character, not only white space.
    fn first(max: usize) -> impl Strategy<Value = String> {
        let any_char = prop_oneof![
            4 => any::<char>(),
            2 => prop::sample::select(vec!['\u{2028}', '\u{2029}', '\u{202A}', '\u{202E}', '\u{2066}', '\u{2069}']),
            2 => prop::sample::select(vec!['A', '3', ' ', 'ä', '\u{FFFD}']),
        ];
        prop::collection::vec(any_char.prop_filter("not taken", |c| !c.is_control()), 1..=max)
            .prop_map(|chars| chars.into_iter().collect())
            .prop_filter("empty", |text: &String| !text.trim().is_empty())
    }

    fn upcast(text: &str) -> String {
        match straight_lines(json!(text)) {
            Value::String(text) => text,
            other => panic!("a text became {other}"),
        }
    }

    proptest! {
        #[test]
        fn whatever_the_first_version_took_is_a_text_of_today(text in first(200)) {
            let upcast = upcast(&text);
            prop_assert!(Name::try_from(upcast.as_str()).is_ok(), "{upcast:?}");
            prop_assert_eq!(upcast.chars().count(), text.chars().count());
            let straight = !text.contains(bends_a_line);
            prop_assert_eq!(upcast == text, straight);
        }

        #[test]
        fn short_ones_too(text in first(60)) {
            let upcast = upcast(&text);
            prop_assert!(DoorName::try_from(upcast.as_str()).is_ok());
            prop_assert!(Category::try_from(upcast).is_ok());
        }

        #[test]
        fn a_seat_is_where_its_section_row_and_seat_say(section in first(60), row in first(20), seat in first(20)) {
            let (row, seat) = (row.replace('-', "_"), seat.replace('-', "_"));
            let address = upcast(&format!("{section}-{row}-{seat}"));
            let made = SeatAddress::new(
                &SectionName::try_from(upcast(&section)).unwrap(),
                &RowLabel::try_from(upcast(&row)).unwrap(),
                &SeatLabel::try_from(upcast(&seat)).unwrap(),
            );
            prop_assert_eq!(SeatAddress::try_from(address).unwrap(), made);
        }
    }

    #[test]
    fn long_texts_are_left_as_they_are() {
        let venue = json!({ "venue": { "name": "a\u{202E}b", "address": "a\u{202E}b" }, "description": "a\u{2028}b" });
        let expected =
            json!({ "venue": { "name": "a\u{FFFD}b", "address": "a\u{202E}b" }, "description": "a\u{2028}b" });
        assert_eq!(straight_lines(venue), expected);
    }
}
