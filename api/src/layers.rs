//! What holds for every request: how long it may take, how large it may be, and that a defect takes nothing down.

use std::{any::Any, time::Duration};

use axum::{
    extract::{DefaultBodyLimit, Request, State},
    http::Method,
    middleware::Next,
    response::{IntoResponse, Response},
};
use tower_http::{
    catch_panic::CatchPanicLayer,
    compression::{
        CompressionLayer,
        predicate::{And, DefaultPredicate, NotForContentType, Predicate},
    },
};

use crate::{app::App, problem::Problem};

/// A seating of 32 MiB over a line of 4 Mbit/s.
const SEATING_MAX: Duration = Duration::from_secs(75);

/// The longest `wait` of a long poll; behind it, it may take what other queries may.
const LONG_POLL_WAIT_MAX: Duration = Duration::from_secs(60);

const BODY_BYTES_MAX: usize = 1024 * 1024;
const SEATING_BYTES_MAX: usize = 32 * 1024 * 1024;

/// Bounds a request's time and its body, and shuts the API while the server starts.
pub async fn within_limits(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let path = request.uri().path();
    if path.starts_with("/api/") && !app.is_ready() {
        return Problem::starting().into_response();
    }
    let seating = request.method() == Method::PUT && path.ends_with("/seating");
    let longest = if seating {
        SEATING_MAX
    } else if path.ends_with("/changes") {
        LONG_POLL_WAIT_MAX + app.defences.request_max
    } else {
        app.defences.request_max
    };
    DefaultBodyLimit::max(if seating { SEATING_BYTES_MAX } else { BODY_BYTES_MAX }).apply(&mut request);
    // A stream of events has begun to answer long before, and goes on for as long as it likes.
    match tokio::time::timeout(longest, next.run(request)).await {
        Ok(response) => response,
        Err(_) => {
            tracing::warn!(seconds = longest.as_secs_f32(), "a request took too long");
            Problem::overloaded().into_response()
        }
    }
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
