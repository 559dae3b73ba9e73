//! What holds for every request: how long it may take, how large it may be, what a browser may do with the answer, and that
//! a defect takes nothing down. Personal data reaches no log from here: spans know the route, never the query or the body.

use std::{any::Any, time::Duration};

use axum::{
    extract::{DefaultBodyLimit, MatchedPath, Request, State},
    http::{HeaderValue, Method, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use tower_http::{
    catch_panic::CatchPanicLayer,
    classify::{ServerErrorsAsFailures, SharedClassifier},
    compression::{
        CompressionLayer,
        predicate::{And, DefaultPredicate, NotForContentType, Predicate},
    },
    trace::{DefaultOnFailure, DefaultOnRequest, DefaultOnResponse, MakeSpan, TraceLayer},
};
use tracing::{Level, Span};

use crate::{app::App, problem::Problem};

/// Longer than a desk's deadline (5 s) and a query's wait (5 s) with the rest of its work, shorter than proxies wait.
const REQUEST_SECONDS_MAX: u64 = 15;

/// A seating of 32 MiB over a line of 4 Mbit/s.
const SEATING_SECONDS_MAX: u64 = 75;

/// The longest `wait` of a long poll, and what a query may take behind it.
const LONG_POLL_SECONDS_MAX: u64 = 60 + REQUEST_SECONDS_MAX;

const BODY_BYTES_MAX: usize = 1024 * 1024;
const SEATING_BYTES_MAX: usize = 32 * 1024 * 1024;

/// The app's own files only. WebAssembly reads QR codes; `blob:` shows what the camera sees and runs the map's worker.
const APP_POLICY: &str = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; img-src 'self' data: blob:; \
    media-src 'self' blob:; worker-src 'self' blob:; object-src 'none'; base-uri 'none'; form-action 'self'; \
    frame-ancestors 'none'";

/// The API's description is shown by a page that sets styles within its elements.
const DOCS_POLICY: &str = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; object-src 'none'; \
    base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/// Bounds a request's time and its body, and shuts the API while the server starts.
pub async fn within_limits(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let path = request.uri().path();
    if path.starts_with("/api/") && !app.is_ready() {
        return Problem::starting().into_response();
    }
    let seating = request.method() == Method::PUT && path.ends_with("/seating");
    let seconds = if seating {
        SEATING_SECONDS_MAX
    } else if path.ends_with("/changes") {
        LONG_POLL_SECONDS_MAX
    } else {
        REQUEST_SECONDS_MAX
    };
    DefaultBodyLimit::max(if seating { SEATING_BYTES_MAX } else { BODY_BYTES_MAX }).apply(&mut request);
    // A stream of events has begun to answer long before, and goes on for as long as it likes.
    match tokio::time::timeout(Duration::from_secs(seconds), next.run(request)).await {
        Ok(response) => response,
        Err(_) => {
            tracing::warn!(seconds, "a request took too long");
            Problem::overloaded().into_response()
        }
    }
}

/// Says what a browser may do with an answer.
pub async fn with_security_headers(request: Request, next: Next) -> Response {
    let docs = request.uri().path().starts_with("/docs");
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    let policy = if docs { DOCS_POLICY } else { APP_POLICY };
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    response
}

/// Compresses answers that are worth it, but no streams: a listener would wait for the compressor's buffer.
pub fn compressed() -> CompressionLayer<And<DefaultPredicate, NotForContentType>> {
    let worth_it = DefaultPredicate::new().and(NotForContentType::const_new("application/pdf"));
    CompressionLayer::new().compress_when(worth_it)
}

/// A panic is answered as 500; where it happened stands in the log by the panic hook.
pub fn panics_caught() -> CatchPanicLayer<fn(Box<dyn Any + Send + 'static>) -> Response> {
    CatchPanicLayer::custom(panicked as fn(_) -> _)
}

fn panicked(_: Box<dyn Any + Send + 'static>) -> Response {
    tracing::error!("a handler panicked");
    Problem::internal_logged().into_response()
}

/// A span for each request, with its route and without anything that a person typed.
pub fn traced() -> TraceLayer<
    SharedClassifier<ServerErrorsAsFailures>,
    RouteSpan,
    DefaultOnRequest,
    DefaultOnResponse,
    tower_http::trace::DefaultOnBodyChunk,
    tower_http::trace::DefaultOnEos,
    DefaultOnFailure,
> {
    TraceLayer::new_for_http()
        .make_span_with(RouteSpan)
        .on_response(DefaultOnResponse::new().level(Level::DEBUG))
        .on_failure(DefaultOnFailure::new().level(Level::DEBUG))
}

/// Makes the span of a request.
#[derive(Debug, Clone, Copy)]
pub struct RouteSpan;

impl<B> MakeSpan<B> for RouteSpan {
    fn make_span(&mut self, request: &axum::http::Request<B>) -> Span {
        let route = request.extensions().get::<MatchedPath>().map_or("none", MatchedPath::as_str);
        tracing::info_span!("request", method = %request.method(), route)
    }
}
