//! Answers of queries: with the position that they have seen, and a tag by which nobody is sent twice what he has.
//!
//! The tag is strong (RFC 9110 §8.8.3): a hash of the body and of whom it is for, so that the public and staff never share
//! one. It changes when anything in the body does: with a sales window, a name that was erased, a level of availability.

use std::fmt::Write;

use axum::{
    body::Body,
    extract::FromRequestParts,
    http::{HeaderMap, HeaderValue, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use projections::{Coding, Kept};
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::{extract::POSITION_HEADER, problem::Problem};

/// Half of a SHA-256: 128 bits meet by chance never.
const TAG_BYTES: usize = 16;

/// Whom an answer is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum For {
    /// The same for everybody without credentials.
    Everybody,
    /// What whoever has these credentials may see, and no cache between keeps.
    Caller,
}

/// What the asker has already, `If-None-Match`, and which forms of an answer they understand.
#[derive(Debug, Clone, Default)]
pub struct Conditions {
    known: Vec<HeaderValue>,
    coding: Coding,
}

impl<S: Send + Sync> FromRequestParts<S> for Conditions {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        let known = parts.headers.get_all(header::IF_NONE_MATCH).iter().cloned().collect();
        let codings = parts.headers.get_all(header::ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
        Ok(Self { known, coding: preferred(codings.flat_map(|list| list.split(','))) })
    }
}

impl Conditions {
    /// An answer as JSON.
    ///
    /// # Errors
    /// 500 where it cannot be written.
    pub fn json<T: Serialize>(
        &self,
        position: impl Into<Option<i64>>,
        audience: For,
        body: &T,
    ) -> Result<Response, Problem> {
        let text = written(body)?;
        Ok(self.answer(position.into(), audience, "application/json", text.into()))
    }

    /// The same where a part of the body, such as its position, is not to count for the tag: `essence` is what counts.
    ///
    /// # Errors
    /// 500 where it cannot be written.
    pub fn json_tagged<T: Serialize, E: Serialize>(
        &self,
        position: i64,
        audience: For,
        body: &T,
        essence: &E,
    ) -> Result<Response, Problem> {
        let tag = tag(audience, written(essence)?.as_bytes());
        Ok(self.respond(Some(position), audience, "application/json", written(body)?.into(), &tag))
    }

    /// An answer of any type.
    #[must_use]
    pub fn answer(&self, position: Option<i64>, audience: For, kind: &'static str, body: Bytes) -> Response {
        let tag = tag(audience, &body);
        self.respond(position, audience, kind, body, &tag)
    }

    /// An answer that is kept, as bytes that are there already, or will be for all who understand this coding.
    pub async fn kept(&self, position: i64, audience: For, kept: &Kept) -> Response {
        let known = |coding: &Coding| std::str::from_utf8(kept.tag(*coding)).is_ok_and(|tag| self.met_by(tag));
        // What would be sent comes first: "any" means that one.
        let own = if kept.is_compressed() { self.coding } else { Coding::Identity };
        let has_it = (!self.known.is_empty()).then(|| [own].into_iter().chain(Coding::ALL).find(known)).flatten();
        let (mut response, tag) = if let Some(coding) = has_it {
            (StatusCode::NOT_MODIFIED.into_response(), kept.tag(coding).clone())
        } else {
            let form = kept.form(self.coding).await;
            let mut response = Response::new(Body::from(form.body));
            response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
            if let Some(coding) = form.coding.name() {
                response.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static(coding));
            }
            (response, form.tag)
        };
        let headers = response.headers_mut();
        if let Ok(tag) = HeaderValue::from_maybe_shared(tag) {
            headers.insert(header::ETAG, tag);
        }
        caching(headers, audience);
        if kept.is_compressed() {
            headers.append(header::VARY, HeaderValue::from_static("accept-encoding"));
        }
        headers.insert(POSITION_HEADER, HeaderValue::from(position));
        response
    }

    fn respond(&self, position: Option<i64>, audience: For, kind: &'static str, body: Bytes, tag: &str) -> Response {
        let mut response = if self.met_by(tag) {
            StatusCode::NOT_MODIFIED.into_response()
        } else {
            let mut response = Response::new(Body::from(body));
            response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
            response
        };
        let headers = response.headers_mut();
        if let Ok(tag) = HeaderValue::from_str(tag) {
            headers.insert(header::ETAG, tag);
        }
        caching(headers, audience);
        if let Some(position) = position {
            headers.insert(POSITION_HEADER, HeaderValue::from(position));
        }
        response
    }

    /// Whether the asker has this tag's body. Compared weakly, as RFC 9110 §13.1.2 asks.
    fn met_by(&self, tag: &str) -> bool {
        let names =
            self.known.iter().filter_map(|value| value.to_str().ok()).flat_map(|list| list.split(',')).map(str::trim);
        names.into_iter().any(|name| name == "*" || name.strip_prefix("W/").unwrap_or(name) == tag)
    }
}

/// The coding that elements of `Accept-Encoding` weigh most (RFC 9110, section 12.5.3), of two that weigh the same the quicker one.
/// "Any" is taken as gzip, which everybody knows.
fn preferred<'a>(elements: impl Iterator<Item = &'a str>) -> Coding {
    let mut best = (0.0, Coding::Identity);
    for element in elements {
        let mut parts = element.split(';').map(str::trim);
        let coding = match parts.next().unwrap_or_default() {
            "*" => Coding::Gzip,
            name if name.eq_ignore_ascii_case("gzip") => Coding::Gzip,
            name if name.eq_ignore_ascii_case("zstd") => Coding::Zstd,
            _ => continue,
        };
        let weight = parts.find_map(|part| part.strip_prefix("q=")).map_or(1.0, |q| q.parse().unwrap_or(0.0_f32));
        if weight > best.0 || (weight > 0.0 && weight >= best.0 && coding == Coding::Zstd) {
            best = (weight, coding);
        }
    }
    best.1
}

/// Says that an answer is asked for again each time, and by whom it may be kept.
pub fn caching(headers: &mut HeaderMap, audience: For) {
    let value = match audience {
        For::Everybody => "no-cache",
        For::Caller => "private, no-cache",
    };
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(value));
    headers.append(header::VARY, HeaderValue::from_static("authorization, cookie, turnout-organization"));
}

fn written<T: Serialize>(body: &T) -> Result<String, Problem> {
    serde_json::to_string(body).map_err(|error| Problem::internal(&error))
}

fn tag(audience: For, body: &[u8]) -> String {
    let salt: &[u8] = match audience {
        For::Everybody => b"everybody",
        For::Caller => b"caller",
    };
    let hash = Sha256::new().chain_update(salt).chain_update(body).finalize();
    let mut tag = String::with_capacity(2 + 2 * TAG_BYTES);
    tag.push('"');
    for byte in hash.iter().take(TAG_BYTES) {
        // Writing to a string cannot fail.
        let _ = write!(tag, "{byte:02x}");
    }
    tag.push('"');
    tag
}

#[cfg(test)]
mod tests {
    use super::*;

    fn conditions(values: &[&'static str]) -> Conditions {
        Conditions {
            known: values.iter().map(|value| HeaderValue::from_static(value)).collect(),
            coding: Coding::Identity,
        }
    }

    fn asked(values: &[&str]) -> Response {
        let known = values.iter().map(|value| HeaderValue::from_str(value).unwrap()).collect();
        let values = Conditions { known, coding: Coding::Identity };
        values.json(7, For::Everybody, &"body").unwrap()
    }

    #[test]
    fn the_coding_that_weighs_most_is_taken() {
        for (asked, coding) in [
            ("", Coding::Identity),
            ("br, deflate", Coding::Identity),
            ("gzip, deflate, br, zstd", Coding::Zstd),
            ("zstd, gzip", Coding::Zstd),
            ("GZIP", Coding::Gzip),
            ("*", Coding::Gzip),
            ("gzip;q=0", Coding::Identity),
            ("zstd;q=0, *", Coding::Gzip),
            ("zstd; q=0.5, gzip; q=0.8", Coding::Gzip),
            ("gzip;q=broken", Coding::Identity),
        ] {
            assert_eq!(preferred(asked.split(',')), coding, "{asked}");
        }
    }

    #[test]
    fn an_answer_has_its_position_and_a_strong_tag() {
        let response = asked(&[]);
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(response.headers()[POSITION_HEADER], "7");
        assert_eq!(response.headers()[header::CACHE_CONTROL], "no-cache");
        let tag = response.headers()[header::ETAG].to_str().unwrap();
        assert!(tag.starts_with('"') && tag.ends_with('"'), "{tag}");
    }

    #[test]
    fn whoever_has_it_is_not_sent_it_again() {
        let tag = asked(&[]).headers()[header::ETAG].to_str().unwrap().to_owned();
        for condition in [tag.clone(), format!("W/{tag}"), format!("\"a\", {tag}"), "*".to_owned()] {
            let response = asked(&[&condition]);
            assert_eq!(response.status(), StatusCode::NOT_MODIFIED, "{condition}");
            assert_eq!(response.headers()[header::ETAG], tag.as_str());
            assert_eq!(response.headers()[POSITION_HEADER], "7");
        }
        assert_eq!(asked(&["\"a\""]).status(), StatusCode::OK);
    }

    #[test]
    fn staff_and_the_public_share_no_tag_and_the_position_counts_for_none() {
        let tag = |position, audience| {
            let response = conditions(&[]).json(position, audience, &"body").unwrap();
            response.headers()[header::ETAG].clone()
        };
        assert_ne!(tag(7, For::Everybody), tag(7, For::Caller));
        assert_eq!(tag(7, For::Everybody), tag(8, For::Everybody));
        let tagged = |body: &str| {
            let response = conditions(&[]).json_tagged(7, For::Everybody, &body, &"essence").unwrap();
            response.headers()[header::ETAG].clone()
        };
        assert_eq!(tagged("one"), tagged("other"));
    }
}
