//! Problems: every answer that is not the one asked for, as RFC 9457 `application/problem+json`.
//!
//! A [`Problem`] is made by the constructor of its code, or of the error of another crate; what a handler returns as its
//! error is always one. Whatever is a defect of ours is logged once, here, with its source, and told as `internal` without
//! any of it. The codes are those of the HTTP contract; [`title`] is the closed list.

mod errors;
mod title;

use std::error::Error as StdError;

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use domain::FieldError;
use serde::Serialize;
use utoipa::ToSchema;

pub use title::title;

/// A busy server is asked again after a second: batches take milliseconds, so it is free long before.
const RETRY_BUSY_SECONDS: u32 = 1;

/// A database that was restarted is back within a few seconds.
const RETRY_STARTING_SECONDS: u32 = 2;

/// Why there is no other answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    status: StatusCode,
    code: &'static str,
    detail: String,
    errors: Vec<FieldError>,
    because: Option<Vec<Because>>,
    retry_after_seconds: Option<u32>,
}

/// A problem as it is sent (RFC 9457).
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Problem)]
pub struct ProblemBody<'a> {
    /// `/problems/<code>`, which explains the code.
    #[serde(rename = "type")]
    #[schema(example = "/problems/invalid")]
    kind: String,
    /// The kind of problem, the same for all of one code.
    title: &'a str,
    /// The HTTP status.
    #[schema(example = 422)]
    status: u16,
    /// What to do about this one.
    detail: &'a str,
    /// The code that programs go by.
    #[schema(example = "invalid")]
    code: &'a str,
    /// What in the request it was about; may be empty.
    #[schema(value_type = Vec<FieldProblem>)]
    errors: &'a [FieldError],
    /// Of a rejection, for staff: the events that hold what was asked for, as far as single ones do; ascending by position.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Vec<Because>)]
    because: Option<&'a [Because]>,
}

/// An event that holds what was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = RejectedBecause)]
pub struct Because {
    /// Its position in the log, as for `GET /history/{position}`.
    pub position: i64,
    /// What happened.
    #[serde(rename = "type")]
    #[schema(example = "TicketIssued")]
    pub event_type: String,
}

/// What is wrong with one part of a request.
#[derive(Debug, ToSchema)]
pub struct FieldProblem {
    /// RFC 6901 JSON pointer into the body, or the name of a query parameter or header behind a slash; empty for the whole.
    #[schema(example = "/items/0/quantity")]
    pub pointer: String,
    /// What is wrong, and what would be right.
    pub detail: String,
}

impl Problem {
    fn new(status: StatusCode, code: &'static str, detail: impl Into<String>) -> Self {
        Self { status, code, detail: detail.into(), errors: Vec::new(), because: None, retry_after_seconds: None }
    }

    fn retry_after(mut self, seconds: u32) -> Self {
        self.retry_after_seconds = Some(seconds);
        self
    }

    /// The same, saying which events hold what was asked for.
    #[must_use]
    pub fn because(mut self, because: Vec<Because>) -> Self {
        self.because = Some(because);
        self
    }

    /// 400: the body is no JSON.
    pub fn not_json(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "not_json", detail)
    }

    /// 401: no credentials where some are needed, or bad ones.
    pub fn unauthenticated(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "unauthenticated", detail)
    }

    /// 403: the role may not, whatever the path names.
    pub fn forbidden(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, "forbidden", detail)
    }

    /// 404: unknown, or another organization's.
    pub fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", "There is nothing at this address, or nothing for you to see.")
    }

    /// 405: the path does not take this method.
    pub fn method_not_allowed() -> Self {
        let detail = "This address does not take this method; the header Allow names those that it takes.";
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", detail)
    }

    /// 421: another server answers this.
    pub fn misdirected() -> Self {
        let detail = "Commands (POST, PUT, PATCH, DELETE) and queries (GET) are answered by different servers here, and this \
            is the wrong one. Whoever passes requests on has to send this one elsewhere.";
        Self::new(StatusCode::MISDIRECTED_REQUEST, "misdirected", detail)
    }

    /// 413: the body is over its limit.
    pub fn too_large() -> Self {
        let detail = "The body is too large; at most 1 MiB is taken, of a seating 32 MiB.";
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", detail)
    }

    /// 415: the body is of another type than `expected`.
    pub fn unsupported_media_type(expected: &str) -> Self {
        let detail = format!("Send the body with the header Content-Type: {expected}.");
        Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", detail)
    }

    /// 422: fields, parameters or headers that cannot be.
    pub fn invalid(errors: Vec<FieldError>) -> Self {
        let detail = match errors.as_slice() {
            [only] if only.pointer.is_empty() => format!("The request {}.", only.detail.trim_end_matches('.')),
            [only] => format!("{}: {}.", only.pointer, only.detail.trim_end_matches('.')),
            several => format!("{} parts of the request cannot be taken; each is named in errors.", several.len()),
        };
        Self { errors, ..Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid", detail) }
    }

    /// 422 for one field.
    pub fn invalid_at(pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        Self::invalid(vec![FieldError::at(pointer, detail)])
    }

    /// 422: the key was used for another request.
    pub fn idempotency_key_reused() -> Self {
        let detail = "This Idempotency-Key was used for another request; make a new key for a new request.";
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "idempotency_key_reused", detail)
    }

    /// 429: too often.
    pub fn too_many_requests(retry_after_seconds: u32) -> Self {
        let detail = format!("Too many requests; try again in {retry_after_seconds} s.");
        Self::new(StatusCode::TOO_MANY_REQUESTS, "too_many_requests", detail).retry_after(retry_after_seconds)
    }

    /// 503: the server has too much to do, or a part of it did not answer in time.
    pub fn overloaded() -> Self {
        let detail = "The server has too much to do now. Try again in a moment, with the same Idempotency-Key.";
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "overloaded", detail).retry_after(RETRY_BUSY_SECONDS)
    }

    /// 503: the server, or its database, is not up yet.
    pub fn starting() -> Self {
        let detail = "The server is starting. Try again in a moment, with the same Idempotency-Key.";
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "starting", detail).retry_after(RETRY_STARTING_SECONDS)
    }

    /// 503: the read model has not reached the position asked for.
    pub fn read_model_behind() -> Self {
        let detail = "The read side has not reached this Turnout-Position yet. Try again in a moment.";
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "read_model_behind", detail).retry_after(RETRY_BUSY_SECONDS)
    }

    /// 503: no checkpoint goes so far yet.
    pub fn not_sealed_yet() -> Self {
        let detail = "No checkpoint that goes so far is signed yet; one is every second while events come. Try again in a moment.";
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "not_sealed_yet", detail).retry_after(RETRY_BUSY_SECONDS)
    }

    /// 409: a rule says no. `code` is one of the contract's list.
    pub fn rejected(code: &'static str, detail: impl Into<String>, errors: Vec<FieldError>) -> Self {
        Self { errors, ..Self::new(StatusCode::CONFLICT, code, detail) }
    }

    /// A rule says no about one field: 409.
    #[must_use]
    pub fn rejected_at(code: &'static str, pointer: &str, detail: &str) -> Self {
        Self::rejected(code, detail, vec![FieldError::at(pointer, detail)])
    }

    /// 500: a defect of ours. Logs `source` and tells nothing of it.
    pub fn internal(source: &(dyn StdError + 'static)) -> Self {
        let mut causes = Vec::new();
        let mut next = source.source();
        while let Some(cause) = next {
            causes.push(cause.to_string());
            next = cause.source();
        }
        tracing::error!(error = %source, ?causes, "a request failed by a defect");
        Self::internal_logged()
    }

    /// 500 for what is in the log already.
    pub(crate) fn internal_logged() -> Self {
        let detail = "Something is wrong with the server. It is logged; try again, or tell whoever runs it.";
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", detail)
    }

    /// 503 where the database cannot be reached or has too much to do, 500 where it refuses what we asked.
    pub fn database(source: &sqlx::Error) -> Self {
        if errors::passes_by_itself(source) {
            tracing::warn!(error = %source, "a request met no database");
            Self::overloaded()
        } else {
            Self::internal(source)
        }
    }

    /// The code that programs go by.
    pub fn code(&self) -> &'static str {
        self.code
    }

    /// The HTTP status.
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// What to do.
    pub fn detail(&self) -> &str {
        &self.detail
    }

    /// What in the request it was about.
    pub fn errors(&self) -> &[FieldError] {
        &self.errors
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        crate::observed::problem(self.code);
        let body = ProblemBody {
            kind: format!("/problems/{}", self.code),
            title: title(self.code),
            status: self.status.as_u16(),
            detail: &self.detail,
            code: self.code,
            errors: &self.errors,
            because: self.because.as_deref(),
        };
        // Cannot fail: strings and numbers only.
        let text = serde_json::to_string(&body).unwrap_or_default();
        let kind = HeaderValue::from_static("application/problem+json");
        let mut response = (
            self.status,
            [(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, HeaderValue::from_static("no-store"))],
            text,
        )
            .into_response();
        let headers = response.headers_mut();
        if let Some(seconds) = self.retry_after_seconds {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if self.status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"turnout\""));
        }
        response
    }
}

#[cfg(test)]
mod tests;
