//! What is asked, how it is answered, and what is counted of it.

use std::sync::atomic::AtomicU64;

use reqwest::Method;
use serde_json::Value;
use uuid::Uuid;

/// What was counted.
#[derive(Debug, Default)]
pub struct Tally {
    /// Requests with an answer.
    pub requests: AtomicU64,
    pub accepted: AtomicU64,
    pub rejected: AtomicU64,
    /// Sent once more.
    pub retries: AtomicU64,
    /// Of these, because there was no answer at all.
    pub unanswered: AtomicU64,
    /// Of these, because the answer was 503.
    pub turned_away: AtomicU64,
    /// Sent twice at once.
    pub twice: AtomicU64,
}

/// What is asked.
#[derive(Debug, Clone)]
pub struct Request {
    pub what: &'static str,
    pub method: Method,
    /// Below `/api/v1`.
    pub path: String,
    /// `None`: without credentials.
    pub bearer: Option<String>,
    pub body: Option<Value>,
}

/// An answer with success, or a rejection by the rules.
#[derive(Debug, Clone)]
pub struct Answer {
    pub accepted: bool,
    pub position: Option<i64>,
    pub body: Value,
}

/// The code of a problem.
pub fn code(problem: &Value) -> &str {
    problem["code"].as_str().unwrap_or_default()
}

/// An id in an answer.
pub fn id(body: &Value, pointer: &str) -> Option<Uuid> {
    body.pointer(pointer)?.as_str()?.parse().ok()
}
