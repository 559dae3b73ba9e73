//! Requests counted and timed by their routes, as the API's description has them. Names, units and buckets are described in
//! `docs/operations.md`.
//!
//! There are only so many routes: whatever else is asked for, the web app's files and what is not there, is one of them.

use std::{
    collections::HashMap,
    sync::{LazyLock, OnceLock, PoisonError, RwLock},
    time::Duration,
};

use axum::http::{Method, StatusCode};
use metrics::{Counter, Gauge, Histogram, counter, gauge, histogram};
use utoipa::openapi::OpenApi;

/// What is no route of the API's.
pub(super) const OTHER: &str = "other";

const METHODS: [Method; 7] =
    [Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::PATCH, Method::DELETE, Method::OPTIONS];

/// What became of a request: the first digit of its answer's status, or no answer because the client went away.
const OUTCOMES: [&str; 6] = ["1xx", "2xx", "3xx", "4xx", "5xx", "closed"];

/// What is known of every route.
pub(crate) struct Routes {
    known: HashMap<String, ByMethod>,
    other: ByMethod,
    in_flight: Gauge,
}

/// One for each of [`METHODS`], and one for all others; made when the first such request comes.
#[derive(Default)]
struct ByMethod([OnceLock<Route>; METHODS.len() + 1]);

struct Route {
    seconds: Histogram,
    outcomes: [Counter; OUTCOMES.len()],
}

impl Routes {
    /// Those of a description.
    pub(crate) fn new(description: &OpenApi) -> Self {
        let known = description.paths.paths.keys().map(|path| (path.clone(), ByMethod::default())).collect();
        Self { known, other: ByMethod::default(), in_flight: gauge!("turnout_http_requests_in_flight") }
    }

    /// A request came.
    pub(super) fn began(&self) {
        self.in_flight.increment(1);
    }

    /// The head of its answer went out, or, without a status, its client went away.
    pub(super) fn ended(&self, method: &Method, route: &str, status: Option<StatusCode>, took: Duration) {
        self.in_flight.decrement(1);
        let (name, by_method) = match self.known.get_key_value(route) {
            Some((name, by_method)) => (name.as_str(), by_method),
            None => (OTHER, &self.other),
        };
        let index = METHODS.iter().position(|known| known == method).unwrap_or(METHODS.len());
        let route = by_method.0[index].get_or_init(|| Route::new(METHODS.get(index), name));
        route.seconds.record(took);
        // A status has three digits, the first of them 1 to 9; hyper sends none beyond 5.
        let outcome = status.map_or(OUTCOMES.len() - 1, |status| usize::from(status.as_u16() / 100 - 1).min(4));
        route.outcomes[outcome].increment(1);
    }
}

impl Route {
    fn new(method: Option<&Method>, route: &str) -> Self {
        let method = method.map_or(OTHER, Method::as_str).to_owned();
        Self {
            seconds: histogram!(
                "turnout_http_request_duration_seconds", "method" => method.clone(), "route" => route.to_owned()
            ),
            outcomes: OUTCOMES.map(|outcome| {
                counter!(
                    "turnout_http_requests_total",
                    "method" => method.clone(), "route" => route.to_owned(), "status" => outcome
                )
            }),
        }
    }
}

/// An answer is a problem of this code. Codes are a closed list.
pub(crate) fn problem(code: &'static str) {
    static PROBLEMS: LazyLock<RwLock<HashMap<&'static str, Counter>>> = LazyLock::new(RwLock::default);
    if let Some(counter) = PROBLEMS.read().unwrap_or_else(PoisonError::into_inner).get(code) {
        return counter.increment(1);
    }
    let counter = counter!("turnout_http_problems_total", "code" => code);
    counter.increment(1);
    PROBLEMS.write().unwrap_or_else(PoisonError::into_inner).insert(code, counter);
}
