//! A small HTTP client: one call, one answer, and the whole of both in the message when a test expected otherwise.
//!
//! It reads its own writes as the web app does: a query carries the highest position that a command of it was answered with.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use reqwest::Method;
use serde_json::Value;

/// Speaks to one server as one caller.
#[derive(Clone, Debug)]
pub struct Client {
    http: reqwest::Client,
    address: String,
    bearer: Option<String>,
    headers: Vec<(&'static str, String)>,
    written: Arc<AtomicU64>,
}

impl Client {
    /// A caller without credentials of the server at `address` (`host:port`).
    ///
    /// # Panics
    /// When no HTTP client can be made.
    #[must_use]
    pub fn anonymous(address: &str) -> Self {
        let http = reqwest::Client::builder()
            .timeout(Duration::from_secs(90))
            .pool_max_idle_per_host(1_000)
            .build()
            .expect("an HTTP client");
        Self { http, address: address.to_owned(), bearer: None, headers: Vec::new(), written: Arc::default() }
    }

    /// The same connections, and the same position, with other credentials.
    #[must_use]
    pub fn with_bearer(&self, token: &str) -> Self {
        Self { bearer: Some(token.to_owned()), ..self.clone() }
    }

    /// Its bearer token.
    #[must_use]
    pub fn token(&self) -> Option<&str> {
        self.bearer.as_deref()
    }

    /// The same connections without credentials.
    #[must_use]
    pub fn without_bearer(&self) -> Self {
        Self { bearer: None, headers: Vec::new(), ..self.clone() }
    }

    /// The same caller, who sends a header with every request.
    #[must_use]
    pub fn with_header(&self, name: &'static str, value: &str) -> Self {
        let mut headers = self.headers.clone();
        headers.retain(|(known, _)| *known != name);
        headers.push((name, value.to_owned()));
        Self { headers, ..self.clone() }
    }

    /// `host:port` of the server.
    #[must_use]
    pub fn address(&self) -> &str {
        &self.address
    }

    /// What this caller sends as a header with every request.
    #[must_use]
    pub fn sends(&self, name: &str) -> Option<&str> {
        self.headers.iter().find_map(|(known, value)| (*known == name).then_some(value.as_str()))
    }

    /// The same caller, acting in an organization.
    #[must_use]
    pub fn in_organization(&self, organization: &str) -> Self {
        self.with_header("turnout-organization", organization)
    }

    /// The same connections as whoever signed in by this answer: with the session's cookie and its CSRF token.
    ///
    /// # Panics
    /// When the answer has neither.
    #[must_use]
    pub fn signed_in(&self, answer: &Answer) -> Self {
        self.without_bearer().with_header("cookie", &answer.session()).with_header("x-csrf-token", &answer.text("csrf"))
    }

    /// Sees what was recorded of its organization up to now from then on, by others, too: a command that changes nothing answers with the
    /// position of the last event.
    ///
    /// # Panics
    /// When it is not answered with 200.
    pub async fn sees_its_organization(&self) {
        self.patch("/settings", &serde_json::json!({})).expect(200).await;
    }

    /// A call of a path below `/api/v1`; a path that begins with `//` is taken from the server's root.
    #[must_use]
    pub fn call(&self, method: Method, path: &str) -> Call {
        let url = match path.strip_prefix("//") {
            Some(from_root) => format!("http://{}/{from_root}", self.address),
            None => format!("http://{}/api/v1{path}", self.address),
        };
        let asked = format!("{method} {path}");
        let is_query = method == Method::GET;
        let written = self.written.load(Ordering::SeqCst);
        let position = (is_query && written > 0).then_some(written);
        let mut request = self.http.request(method, &url);
        if let Some(token) = &self.bearer {
            request = request.bearer_auth(token);
        }
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        Call { asked, request, position, written: (!is_query).then(|| Arc::clone(&self.written)) }
    }

    /// `GET` of a path.
    #[must_use]
    pub fn get(&self, path: &str) -> Call {
        self.call(Method::GET, path)
    }

    /// `POST` of a JSON body to a path.
    #[must_use]
    pub fn post(&self, path: &str, body: &Value) -> Call {
        self.call(Method::POST, path).json(body)
    }

    /// `PUT` of a JSON body to a path.
    #[must_use]
    pub fn put(&self, path: &str, body: &Value) -> Call {
        self.call(Method::PUT, path).json(body)
    }

    /// `PATCH` of a path with a JSON body.
    #[must_use]
    pub fn patch(&self, path: &str, body: &Value) -> Call {
        self.call(Method::PATCH, path).json(body)
    }

    /// `DELETE` of a path.
    #[must_use]
    pub fn delete(&self, path: &str) -> Call {
        self.call(Method::DELETE, path)
    }
}

/// A call that has not been sent yet.
#[derive(Debug)]
pub struct Call {
    asked: String,
    request: reqwest::RequestBuilder,
    position: Option<u64>,
    /// Where a command notes its position; none for a query.
    written: Option<Arc<AtomicU64>>,
}

impl Call {
    /// With a JSON body.
    #[must_use]
    pub fn json(self, body: &Value) -> Self {
        self.body("application/json", body.to_string())
    }

    /// With a body of any type.
    #[must_use]
    pub fn body(mut self, content_type: &str, body: impl Into<reqwest::Body>) -> Self {
        self.request = self.request.header("content-type", content_type).body(body);
        self
    }

    /// With a header.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.request = self.request.header(name, value);
        self
    }

    /// With an `Idempotency-Key`.
    #[must_use]
    pub fn key(self, key: &str) -> Self {
        self.header("idempotency-key", key)
    }

    /// A query that waits until its read model has reached this position.
    #[must_use]
    pub fn at_position(self, position: u64) -> Self {
        Self { position: Some(position), ..self }
    }

    /// A query that waits for nothing.
    #[must_use]
    pub fn at_once(self) -> Self {
        Self { position: None, ..self }
    }

    fn into_request(self) -> reqwest::RequestBuilder {
        match self.position {
            Some(position) => self.request.header("turnout-position", position),
            None => self.request,
        }
    }

    /// Sends it, and tells when there was no whole answer.
    ///
    /// # Errors
    /// When the connection broke before the answer was complete.
    pub async fn try_send(self) -> Result<Answer, reqwest::Error> {
        let (asked, written) = (self.asked.clone(), self.written.clone());
        let response = self.into_request().send().await?;
        let status = response.status().as_u16();
        let headers = response.headers().clone();
        let text = response.text().await?;
        let json = serde_json::from_str(&text).unwrap_or(Value::Null);
        let answer = Answer { asked, status, headers, text, json };
        if let (Some(written), Some(position)) = (written, answer.position_if_any()) {
            written.fetch_max(position, Ordering::SeqCst);
        }
        Ok(answer)
    }

    /// Sends it.
    ///
    /// # Panics
    /// When there is no whole answer.
    #[track_caller]
    pub fn send(self) -> impl Future<Output = Answer> {
        let caller = std::panic::Location::caller();
        async move {
            let asked = self.asked.clone();
            self.try_send().await.unwrap_or_else(|error| panic!("{caller}: {asked}: no answer: {error:?}"))
        }
    }

    /// Sends it and demands this status.
    ///
    /// # Panics
    /// When there is no answer, or one of another status.
    #[track_caller]
    pub fn expect(self, status: u16) -> impl Future<Output = Answer> {
        let caller = std::panic::Location::caller();
        async move {
            let asked = self.asked.clone();
            let answer =
                self.try_send().await.unwrap_or_else(|error| panic!("{caller}: {asked}: no answer: {error:?}"));
            assert!(answer.status == status, "{caller}: expected {status} of {answer}");
            answer
        }
    }

    /// Sends it and demands a problem (RFC 9457) of this status and code.
    ///
    /// # Panics
    /// When the answer is none, or does not have every member that the contract promises.
    #[track_caller]
    pub fn problem(self, status: u16, code: &str) -> impl Future<Output = Answer> {
        let caller = std::panic::Location::caller();
        async move {
            let asked = self.asked.clone();
            let answer =
                self.try_send().await.unwrap_or_else(|error| panic!("{caller}: {asked}: no answer: {error:?}"));
            assert!(
                answer.status == status && answer["code"] == code,
                "{caller}: expected {status} {code} of {answer}"
            );
            assert!(
                answer.header("content-type").is_some_and(|kind| kind.starts_with("application/problem+json")),
                "{caller}: content type of {answer}"
            );
            assert_eq!(answer["status"], status, "{caller}: {answer}");
            assert_eq!(answer["type"], format!("/problems/{code}"), "{caller}: {answer}");
            for text in ["title", "detail"] {
                assert!(
                    answer[text].as_str().is_some_and(|text| !text.is_empty()),
                    "{caller}: `{text}` is missing: {answer}"
                );
            }
            assert!(answer["errors"].is_array(), "{caller}: `errors` is missing: {answer}");
            answer
        }
    }

    /// Sends it and hands back the response with its body still to be read, for streams.
    ///
    /// # Panics
    /// When there is no answer.
    pub async fn stream(self) -> reqwest::Response {
        self.into_request().send().await.expect("an answer to stream")
    }
}

/// A whole answer. Indexing it reads its JSON body.
pub struct Answer {
    asked: String,
    /// The HTTP status code.
    pub status: u16,
    headers: reqwest::header::HeaderMap,
    /// The body as it came.
    pub text: String,
    /// The body as JSON; null where it is none.
    pub json: Value,
}

impl Answer {
    /// A header's value.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// All headers that may not differ between two answers alike, in alphabetical order.
    #[must_use]
    pub fn lasting_headers(&self) -> Vec<(String, String)> {
        let mut lasting: Vec<_> = self
            .headers
            .iter()
            .filter(|(name, _)| !["date", "x-request-id"].contains(&name.as_str()))
            .map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
            .collect();
        lasting.sort();
        lasting
    }

    /// `name=value` of the session's cookie that this answer sets.
    ///
    /// # Panics
    /// When it sets none.
    #[must_use]
    #[track_caller]
    pub fn session(&self) -> String {
        let cookie = self.header("set-cookie").unwrap_or_else(|| panic!("no cookie in {self}"));
        cookie.split(';').next().unwrap_or_default().to_owned()
    }

    /// The position in header `Turnout-Position`.
    ///
    /// # Panics
    /// When there is none.
    #[must_use]
    #[track_caller]
    pub fn position(&self) -> u64 {
        self.position_if_any().unwrap_or_else(|| panic!("no Turnout-Position in {self}"))
    }

    fn position_if_any(&self) -> Option<u64> {
        self.header("turnout-position")?.parse().ok()
    }

    /// The strong entity tag.
    ///
    /// # Panics
    /// When there is none.
    #[must_use]
    #[track_caller]
    pub fn etag(&self) -> String {
        let tag = self.header("etag").unwrap_or_else(|| panic!("no ETag in {self}"));
        assert!(tag.starts_with('"') && tag.ends_with('"') && tag.len() > 2, "not a strong ETag: {tag}");
        tag.to_owned()
    }

    /// A text in the body, by JSON pointer or by name.
    ///
    /// # Panics
    /// When there is none.
    #[must_use]
    #[track_caller]
    pub fn text(&self, field: &str) -> String {
        let value = if field.starts_with('/') { self.json.pointer(field) } else { self.json.get(field) };
        value.and_then(Value::as_str).unwrap_or_else(|| panic!("no text `{field}` in {self}")).to_owned()
    }

    /// The pointers of a problem's `errors`.
    #[must_use]
    pub fn pointers(&self) -> Vec<&str> {
        self.json["errors"].as_array().into_iter().flatten().filter_map(|error| error["pointer"].as_str()).collect()
    }
}

impl<I: serde_json::value::Index> std::ops::Index<I> for Answer {
    type Output = Value;

    fn index(&self, index: I) -> &Value {
        &self.json[index]
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = self.text.as_str();
        if let Some((end, _)) = text.char_indices().nth(2_000) {
            text = &text[..end];
        }
        write!(out, "{}: {} {text}", self.asked, self.status)
    }
}
