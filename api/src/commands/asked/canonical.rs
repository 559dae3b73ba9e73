//! A body as it is compared: whatever its white space and the order of its members. Recorded requests are compared with it for
//! ever, so what it comes to never changes.
//!
//! Members stand in the order of their names, of several with one name the last; behind each element and each member stands a
//! comma. It is written while it is read: a body becomes no tree of values first.

use std::{fmt, ops::Range};

use serde::{
    Deserializer, Serialize,
    de::{DeserializeSeed, MapAccess, SeqAccess, Visitor},
};

/// Writes a body behind a text; what is no JSON says as much as an empty object.
pub(super) fn write(body: &[u8], text: &mut Vec<u8>) {
    let start = text.len();
    let mut reader = serde_json::Deserializer::from_slice(body);
    if Canonical(text).deserialize(&mut reader).and_then(|()| reader.end()).is_err() {
        text.truncate(start);
        text.extend_from_slice(b"{}");
    }
}

struct Canonical<'t>(&'t mut Vec<u8>);

impl Canonical<'_> {
    fn plain(self, value: &(impl Serialize + ?Sized)) {
        plain(value, self.0);
    }
}

fn plain(value: &(impl Serialize + ?Sized), text: &mut Vec<u8>) {
    serde_json::to_writer(text, value).expect("strings and numbers always serialize");
}

impl<'de> DeserializeSeed<'de> for Canonical<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<(), D::Error> {
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Canonical<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        self.plain(&());
        Ok(())
    }

    fn visit_bool<E>(self, value: bool) -> Result<(), E> {
        self.plain(&value);
        Ok(())
    }

    fn visit_u64<E>(self, value: u64) -> Result<(), E> {
        self.plain(&value);
        Ok(())
    }

    fn visit_i64<E>(self, value: i64) -> Result<(), E> {
        self.plain(&value);
        Ok(())
    }

    fn visit_f64<E>(self, value: f64) -> Result<(), E> {
        self.plain(&value);
        Ok(())
    }

    fn visit_str<E>(self, value: &str) -> Result<(), E> {
        self.plain(value);
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        let text = self.0;
        text.push(b'[');
        while items.next_element_seed(Canonical(text))?.is_some() {
            text.push(b',');
        }
        text.push(b']');
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let text = self.0;
        text.push(b'{');
        let start = text.len();
        let mut members: Vec<(String, Range<usize>)> = Vec::new();
        while let Some(name) = map.next_key::<String>()? {
            let from = text.len() - start;
            plain(&name, text);
            text.push(b':');
            map.next_value_seed(Canonical(text))?;
            text.push(b',');
            members.push((name, from..text.len() - start));
        }
        if !members.is_sorted_by(|(one, _), (next, _)| one < next) {
            // The last of those with one name stays: it comes first where the order is turned.
            members.reverse();
            members.sort_by(|(one, _), (other, _)| one.cmp(other));
            members.dedup_by(|later, kept| later.0 == kept.0);
            let written = text.split_off(start);
            for (_, member) in members {
                text.extend_from_slice(&written[member]);
            }
        }
        text.push(b'}');
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    fn written(body: &str) -> String {
        let mut text = b"POST /\n".to_vec();
        write(body.as_bytes(), &mut text);
        String::from_utf8(text).unwrap().strip_prefix("POST /\n").unwrap().to_owned()
    }

    /// The same of a tree of values, as it was first recorded.
    fn first_recorded(body: &str) -> String {
        fn canonical(value: &Value, text: &mut Vec<u8>) {
            match value {
                Value::Array(items) => {
                    text.push(b'[');
                    for item in items {
                        canonical(item, text);
                        text.push(b',');
                    }
                    text.push(b']');
                }
                Value::Object(members) => {
                    let mut members: Vec<_> = members.iter().collect();
                    members.sort_unstable_by_key(|(name, _)| *name);
                    text.push(b'{');
                    for (name, member) in members {
                        plain(name, text);
                        text.push(b':');
                        canonical(member, text);
                        text.push(b',');
                    }
                    text.push(b'}');
                }
                other => plain(other, text),
            }
        }
        let mut text = Vec::new();
        match serde_json::from_str(body) {
            Ok(body) => canonical(&body, &mut text),
            Err(_) => text.extend_from_slice(b"{}"),
        }
        String::from_utf8(text).unwrap()
    }

    #[test]
    fn the_order_of_members_and_white_space_make_no_other_request() {
        let one = written(r#"{"b": [1, {"d": null, "c": "x"}], "a": 2.5}"#);
        assert_eq!(one, written(r#"{ "a":2.5,"b":[1,{"c":"x","d":null}] }"#));
        assert_eq!(one, r#"{"a":2.5,"b":[1,{"c":"x","d":null,},],}"#);
    }

    #[test]
    fn another_value_order_or_nesting_is_another_request() {
        let one = written(r#"{"a": ["x", "y"]}"#);
        for other in [r#"{"a": ["y", "x"]}"#, r#"{"a": ["x,y"]}"#, r#"{"a": [["x", "y"]]}"#, "{}"] {
            assert_ne!(one, written(other), "{other}");
        }
    }

    #[test]
    fn what_was_recorded_before_compares_as_it_did() {
        for body in [
            "",
            "{",
            "{} {}",
            "null",
            " [ ] ",
            "[true, false, null, -3, 3, 18446744073709551615, 18446744073709551616, -9223372036854775809, 1e3, 0.1, -0.0]",
            r#""\u00e4\n\"\ud83d\ude00 / \/ \u0007""#,
            r#"{"b": 1, "a": {"z": [], "y": {}}, "c": [{"f": 1, "e": 2}]}"#,
            r#"{"a": 1, "b": 2, "a": {"a": 3, "a": 4}}"#,
            r#"{"b": 1, "a": 2, "b": 3, "a": 4, "\u0061": 5}"#,
            r#"{"ä": 1, "z": 2, "Z": 3, "": 4}"#,
        ] {
            assert_eq!(written(body), first_recorded(body), "{body}");
        }
    }
}
