//! Query strings, as strict as bodies: an unknown or repeated parameter is 422, so that a typo is never silently ignored.
//!
//! What is wrong is told only when a handler asks ([`Params::get`]), which it does once it knows that what the path names
//! is there: 404 goes before 422.

use axum::{extract::FromRequestParts, http::request::Parts};
use chrono::{DateTime, Datelike, Utc};
use domain::ValueError;
use serde::{Deserialize, de::DeserializeOwned};

use super::body::place;
use crate::problem::Problem;

const LIMIT_MAX: u16 = 200;
const LIMIT_DEFAULT: u16 = 50;
const SEARCH_CHARACTERS_MAX: usize = 200;
const CURSOR_CHARACTERS_MAX: usize = 200;

/// The parameters of a query, or what is wrong with them.
#[derive(Debug, Clone)]
pub struct Params<T>(Result<T, Problem>);

impl<T> Params<T> {
    /// The parameters.
    ///
    /// # Errors
    /// 422 with the parameter's name behind a slash.
    pub fn get(self) -> Result<T, Problem> {
        self.0
    }
}

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Params<T> {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        Ok(Self(read(parts.uri.query().unwrap_or_default())))
    }
}

/// That there are none, where none are taken and nothing stands in the path.
#[derive(Debug, Clone, Copy)]
pub struct NoParameters;

impl<S: Send + Sync> FromRequestParts<S> for NoParameters {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct None {}

        let None {} = read(parts.uri.query().unwrap_or_default())?;
        Ok(Self)
    }
}

fn read<T: DeserializeOwned>(query: &str) -> Result<T, Problem> {
    let deserializer = serde_urlencoded::Deserializer::new(form_urlencoded::parse(query.as_bytes()));
    serde_path_to_error::deserialize(deserializer).map_err(|error| {
        let message = error.inner().to_string();
        let (pointer, detail) = place(error.path(), &message);
        match message.strip_prefix("duplicate field `").and_then(|rest| rest.strip_suffix('`')) {
            Some(name) => Problem::invalid_at(format!("/{name}"), "stands there more than once"),
            None => Problem::invalid_at(pointer, detail),
        }
    })
}

/// How many items a page has at most: 1 to 200, 50 where nobody says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "u16")]
pub struct Limit(u16);

impl Limit {
    /// The number.
    #[must_use]
    pub fn get(self) -> u16 {
        self.0
    }
}

impl Default for Limit {
    fn default() -> Self {
        Self(LIMIT_DEFAULT)
    }
}

impl TryFrom<u16> for Limit {
    type Error = ValueError;

    fn try_from(limit: u16) -> Result<Self, ValueError> {
        if (1..=LIMIT_MAX).contains(&limit) {
            Ok(Self(limit))
        } else {
            Err(ValueError(format!("must be from 1 to {LIMIT_MAX}")))
        }
    }
}

/// What somebody looks for: at most 200 characters, none of them a control character.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct SearchText(pub String);

impl TryFrom<String> for SearchText {
    type Error = ValueError;

    fn try_from(text: String) -> Result<Self, ValueError> {
        if text.chars().any(char::is_control) {
            return Err(ValueError("holds a control character; remove it".to_owned()));
        }
        if text.chars().count() > SEARCH_CHARACTERS_MAX {
            return Err(ValueError(format!("is too long; at most {SEARCH_CHARACTERS_MAX} characters are taken")));
        }
        Ok(Self(text))
    }
}

/// Where a list goes on: the `next` of the page before, and nothing that anybody makes.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Cursor(pub String);

impl TryFrom<String> for Cursor {
    type Error = ValueError;

    fn try_from(text: String) -> Result<Self, ValueError> {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~');
        if (1..=CURSOR_CHARACTERS_MAX).contains(&text.len()) && text.bytes().all(plain) {
            Ok(Self(text))
        } else {
            Err(ValueError("is no `next` of a list".to_owned()))
        }
    }
}

/// A moment between the years 1 and 9999, in RFC 3339.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Moment(pub DateTime<Utc>);

impl TryFrom<String> for Moment {
    type Error = ValueError;

    fn try_from(text: String) -> Result<Self, ValueError> {
        DateTime::parse_from_rfc3339(&text)
            .map(|moment| moment.with_timezone(&Utc))
            .ok()
            .filter(|moment| (1..=9_999).contains(&moment.year()))
            .map(Self)
            .ok_or_else(|| ValueError("must be a time as in 2027-05-04T18:00:00Z".to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Listing {
        #[serde(default)]
        limit: Limit,
        q: Option<SearchText>,
        from: Option<Moment>,
        after: Option<i64>,
        cursor: Option<Cursor>,
    }

    fn refused(query: &str) -> String {
        let problem = read::<Listing>(query).unwrap_err();
        assert_eq!(problem.code(), "invalid");
        problem.errors()[0].pointer.clone()
    }

    #[test]
    fn parameters_are_read() {
        let listing: Listing =
            read("limit=200&q=M%C3%BCller+%26&from=2027-05-04T18:00:00Z&after=7&cursor=a_1").unwrap();
        assert_eq!(listing.limit.get(), 200);
        assert_eq!(listing.q.unwrap().0, "Müller &");
        assert_eq!(listing.after, Some(7));
        assert_eq!(read::<Listing>("").unwrap().limit.get(), 50);
    }

    #[test]
    fn what_is_unknown_repeated_or_wrong_is_named() {
        for (query, pointer) in [
            ("limits=3", "/limits"),
            ("limit=3&limit=4", "/limit"),
            ("limit=0", "/limit"),
            ("limit=201", "/limit"),
            ("limit=many", "/limit"),
            ("q=%00", "/q"),
            ("from=tomorrow", "/from"),
            ("from=%2B12027-05-04T18:00:00Z", "/from"),
            ("cursor=garbage%21", "/cursor"),
            ("cursor=", "/cursor"),
        ] {
            assert_eq!(refused(query), pointer, "{query}");
        }
    }
}
