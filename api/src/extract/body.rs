//! JSON bodies: what is no JSON is 400, what is JSON but not what was asked for is 422 with a pointer to where.
//!
//! JSON here is RFC 8259 in UTF-8, at most 128 levels deep, without a member twice in one object: two programs would read
//! such a body differently. The whole text is looked at before anything of it is understood, so that a body is never 422
//! for its first half and 400 for its second.

use std::{borrow::Cow, collections::HashSet, fmt};

use axum::{
    extract::{FromRequest, Request, rejection::BytesRejection},
    http::{HeaderValue, StatusCode, header},
};
use bytes::Bytes;
use serde::{
    Deserialize, Deserializer,
    de::{DeserializeOwned, MapAccess, SeqAccess, Visitor},
};
use serde_path_to_error::{Path, Segment};

use super::objects::ObjectsOnly;
use crate::problem::Problem;

/// A request's body as it came, with what it says it is. The last parameter of a handler.
#[derive(Debug, Clone)]
pub struct JsonBody {
    /// Its `Content-Type`, if it names one.
    pub kind: Option<HeaderValue>,
    /// The body's bytes, within the limit of its path.
    pub bytes: Bytes,
}

impl JsonBody {
    /// See [`parse`].
    ///
    /// # Errors
    /// 400, 415 or 422.
    pub fn parse<T: DeserializeOwned>(&self) -> Result<T, Problem> {
        parse(self.kind.as_ref(), &self.bytes)
    }

    /// See [`parse_or_default`].
    ///
    /// # Errors
    /// 400, 415 or 422.
    pub fn parse_or_default<T: DeserializeOwned + Default>(&self) -> Result<T, Problem> {
        parse_or_default(self.kind.as_ref(), &self.bytes)
    }
}

impl<S: Send + Sync> FromRequest<S> for JsonBody {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let kind = request.headers().get(header::CONTENT_TYPE).cloned();
        let bytes = Bytes::from_request(request, state).await.map_err(|rejection| unread(&rejection))?;
        Ok(Self { kind, bytes })
    }
}

fn unread(rejection: &BytesRejection) -> Problem {
    if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
        Problem::too_large()
    } else {
        Problem::not_json("The body ended before it was complete; send it again.")
    }
}

/// What a body says, as a `T`. Types should refuse unknown fields (`deny_unknown_fields`), and avoid `flatten` and
/// `untagged`, which lose the place of an error.
///
/// # Errors
/// 415 unless it is `application/json` (or `application/merge-patch+json`), 400 `not_json`, 422 with the pointer to the
/// first part that cannot be.
pub fn parse<T: DeserializeOwned>(kind: Option<&HeaderValue>, bytes: &[u8]) -> Result<T, Problem> {
    if !is_json(kind) {
        return Err(Problem::unsupported_media_type("application/json"));
    }
    let object = well_formed(bytes)?;
    if !object {
        return Err(Problem::invalid_at("", "must be a JSON object"));
    }
    let json = || serde_json::Deserializer::from_slice(bytes);
    // Where it is wrong is asked only of what is wrong.
    T::deserialize(ObjectsOnly(&mut json())).or_else(|_| {
        serde_path_to_error::deserialize(ObjectsOnly(&mut json())).map_err(|error| {
            let (pointer, detail) = place(error.path(), &error.inner().to_string());
            Problem::invalid_at(pointer, detail)
        })
    })
}

/// The same where there may be no body at all, neither bytes nor a type.
///
/// # Errors
/// As [`parse`].
pub fn parse_or_default<T: DeserializeOwned + Default>(kind: Option<&HeaderValue>, bytes: &[u8]) -> Result<T, Problem> {
    // Some clients name a type always, also where there is nothing of it.
    if bytes.is_empty() {
        return Ok(T::default());
    }
    parse(kind, bytes)
}

fn is_json(kind: Option<&HeaderValue>) -> bool {
    let Some(kind) = kind.and_then(|value| value.to_str().ok()) else { return false };
    let essence = kind.split(';').next().unwrap_or_default().trim();
    essence.eq_ignore_ascii_case("application/json") || essence.eq_ignore_ascii_case("application/merge-patch+json")
}

/// Refuses what is no JSON; says whether it is an object.
fn well_formed(bytes: &[u8]) -> Result<bool, Problem> {
    let text = std::str::from_utf8(bytes)
        .map_err(|error| Problem::not_json(format!("The body is not UTF-8 at byte {}.", error.valid_up_to())))?;
    serde_json::from_str::<Strict>(text)
        .map_err(|error| Problem::not_json(format!("The body is not JSON: {error}.")))?;
    Ok(text.trim_start().starts_with('{'))
}

/// The JSON pointer to where an error is, and the error without the line and column that the pointer replaces.
///
/// Serde tells of a missing field at the object that misses it, and names it in the message only.
pub(super) fn place(path: &Path, message: &str) -> (String, String) {
    let mut pointer = String::new();
    for segment in path {
        match segment {
            Segment::Seq { index } => pointer.push_str(&format!("/{index}")),
            Segment::Map { key } => push(&mut pointer, key),
            Segment::Enum { variant } => push(&mut pointer, variant),
            Segment::Unknown => {}
        }
    }
    let message = message.rfind(" at line ").map_or(message, |end| &message[..end]);
    if let Some(field) = message.strip_prefix("missing field `").and_then(|rest| rest.strip_suffix('`')) {
        push(&mut pointer, field);
        return (pointer, "is missing".to_owned());
    }
    if message.starts_with("unknown field `") {
        let known = message.split_once("`, ").map_or("no fields are taken", |(_, known)| known);
        return (pointer, format!("is not known; {known}"));
    }
    (pointer, message.to_owned())
}

fn push(pointer: &mut String, key: &str) {
    pointer.push('/');
    pointer.push_str(&key.replace('~', "~0").replace('/', "~1"));
}

/// Any JSON without a member twice in one object. Keeps nothing but the names of the objects that are open.
struct Strict;

impl<'de> Deserialize<'de> for Strict {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(StrictVisitor)
    }
}

struct StrictVisitor;

impl<'de> Visitor<'de> for StrictVisitor {
    type Value = Strict;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("any JSON")
    }

    fn visit_bool<E>(self, _: bool) -> Result<Strict, E> {
        Ok(Strict)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Strict, E> {
        Ok(Strict)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Strict, E> {
        Ok(Strict)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Strict, E> {
        Ok(Strict)
    }

    fn visit_str<E>(self, _: &str) -> Result<Strict, E> {
        Ok(Strict)
    }

    fn visit_unit<E>(self) -> Result<Strict, E> {
        Ok(Strict)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Strict, A::Error> {
        while items.next_element::<Strict>()?.is_some() {}
        Ok(Strict)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Strict, A::Error> {
        let mut names = Names::default();
        while let Some(name) = members.next_key::<Name<'de>>()? {
            if !names.insert(name) {
                return Err(serde::de::Error::custom("a member stands twice in one object"));
            }
            members.next_value::<Strict>()?;
        }
        Ok(Strict)
    }
}

/// The name of a member; of one without escapes, where it stands in the body.
#[derive(PartialEq, Eq, Hash, Deserialize)]
struct Name<'text>(#[serde(borrow)] Cow<'text, str>);

/// The names of an object's members. Of few, comparing is quicker than hashing.
#[derive(Default)]
struct Names<'text> {
    few: Vec<Name<'text>>,
    more: HashSet<Name<'text>>,
}

impl<'text> Names<'text> {
    const FEW: usize = 16;

    /// Whether it was not there yet.
    fn insert(&mut self, name: Name<'text>) -> bool {
        if self.few.contains(&name) {
            return false;
        }
        if self.few.len() < Self::FEW {
            self.few.push(name);
            return true;
        }
        self.more.insert(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq, Default, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Holding {
        items: Vec<Item>,
    }

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Item {
        quantity: u32,
        name: Option<domain::text::Name>,
    }

    const JSON: HeaderValue = HeaderValue::from_static("application/json");

    fn refused(body: &str) -> (&'static str, Vec<String>) {
        let problem =
            parse::<Holding>(Some(&HeaderValue::from_static("application/json; charset=utf-8")), body.as_bytes())
                .unwrap_err();
        (problem.code(), problem.errors().iter().map(|error| error.pointer.clone()).collect())
    }

    #[test]
    fn what_is_no_json_is_400() {
        for body in [
            "",
            "{",
            r#"{"items": []} x"#,
            r#"{"items": [], "items": []}"#,
            r#"{"items": [{"quantity": 0.5}]"#,
            r#"{"items": "\ud800"}"#,
        ] {
            assert_eq!(refused(body), ("not_json", vec![]), "{body}");
        }
        let deep = "[".repeat(100_000);
        assert_eq!(refused(&deep).0, "not_json");
        let members = |last: &str| {
            let many: Vec<String> = (0..40).map(|n| format!("\"m{n}\": 1")).collect();
            format!("{{{}, {last}}}", many.join(", "))
        };
        for again in ["\"m3\": 2", "\"m39\": 2", "\"\\u006d3\": 2"] {
            assert_eq!(refused(&members(again)).0, "not_json", "{again}");
        }
        assert_eq!(refused(&members("\"m40\": 2")).0, "invalid");
        let problem = parse::<Holding>(Some(&JSON), b"{\"items\": \"\xff\"}").unwrap_err();
        assert_eq!(problem.code(), "not_json");
    }

    #[test]
    fn what_cannot_be_is_422_with_a_pointer_to_where() {
        for (body, pointer) in [
            ("[]", ""),
            ("7", ""),
            ("{}", "/items"),
            (r#"{"items": 7}"#, "/items"),
            (r#"{"items": [{}]}"#, "/items/0/quantity"),
            (r#"{"items": [[1, null]]}"#, "/items/0"),
            (r#"{"items": [{"quantity": 1}, {"quantity": -1}]}"#, "/items/1/quantity"),
            (r#"{"items": [{"quantity": 1, "a/b~c": 1}]}"#, "/items/0/a~1b~0c"),
            (r#"{"items": [{"quantity": 1, "name": ""}]}"#, "/items/0/name"),
            (r#"{"items": [], "colour": "red"}"#, "/colour"),
        ] {
            assert_eq!(refused(body), ("invalid", vec![pointer.to_owned()]), "{body}");
        }
    }

    #[test]
    fn another_type_is_415_and_no_body_may_be_nothing() {
        assert_eq!(
            parse::<Holding>(Some(&HeaderValue::from_static("text/plain")), b"{}").unwrap_err().code(),
            "unsupported_media_type"
        );
        assert_eq!(parse::<Holding>(None, b"{}").unwrap_err().code(), "unsupported_media_type");
        assert_eq!(parse_or_default::<Holding>(None, b"").unwrap(), Holding::default());
        assert_eq!(parse_or_default::<Holding>(Some(&JSON), b"").unwrap(), Holding::default());
    }
}
