//! What holds for every request: how long it may take, how large it may be, and that a defect takes nothing down.

use std::{
    any::Any,
    future::Future,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use axum::{
    extract::{DefaultBodyLimit, Request},
    http::Method,
    response::{IntoResponse, Response},
};
use pin_project_lite::pin_project;
use tokio::time::{Timeout, timeout};
use tower::{Layer, Service};
use tower_http::{
    catch_panic::CatchPanicLayer,
    compression::{
        CompressionLayer,
        predicate::{And, DefaultPredicate, NotForContentType, Predicate, SizeAbove},
    },
};

use crate::{app::Node, problem::Problem};

/// A seating of 32 MiB over a line of 4 Mbit/s.
const SEATING_MAX: Duration = Duration::from_secs(75);

/// The longest `wait` of a long poll; behind it, it may take what other queries may.
const LONG_POLL_WAIT_MAX: Duration = Duration::from_secs(60);

/// Less than this goes in one packet, compressed or not.
const COMPRESSED_BYTES_MIN: u64 = 1_024;

const BODY_BYTES_MAX: usize = 1024 * 1024;
const SEATING_BYTES_MAX: usize = 32 * 1024 * 1024;

/// Bounds a request's time and its body, and shuts the API while the server starts.
#[derive(Clone)]
pub(crate) struct WithinLimits(pub(crate) Node);

/// A service whose requests are bounded.
#[derive(Clone)]
pub(crate) struct Bounded<S> {
    node: Node,
    inner: S,
}

impl<S> Layer<S> for WithinLimits {
    type Service = Bounded<S>;

    fn layer(&self, inner: S) -> Bounded<S> {
        Bounded { node: self.0.clone(), inner }
    }
}

impl<S: Service<Request, Response = Response>> Service<Request> for Bounded<S> {
    type Response = Response;
    type Error = S::Error;
    type Future = InTime<S::Future>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: Request) -> Self::Future {
        let path = request.uri().path();
        if path.starts_with("/api/") && !self.node.is_ready() {
            return InTime { answering: None, longest: Duration::ZERO };
        }
        let seating = request.method() == Method::PUT && path.ends_with("/seating");
        let longest = if seating {
            SEATING_MAX
        } else if path.ends_with("/changes") {
            LONG_POLL_WAIT_MAX + self.node.defences.request_max
        } else {
            self.node.defences.request_max
        };
        DefaultBodyLimit::max(if seating { SEATING_BYTES_MAX } else { BODY_BYTES_MAX }).apply(&mut request);
        InTime { answering: Some(timeout(longest, self.inner.call(request))), longest }
    }
}

pin_project! {
    /// An answer that comes in time or not at all. (A stream of events has begun to answer long before, and goes on for as
    /// long as it likes.)
    pub(crate) struct InTime<F> {
        // Nothing while the server starts.
        #[pin]
        answering: Option<Timeout<F>>,
        longest: Duration,
    }
}

impl<E, F: Future<Output = Result<Response, E>>> Future for InTime<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        match this.answering.as_pin_mut().map(|answering| answering.poll(context)) {
            None => Poll::Ready(Ok(Problem::starting().into_response())),
            Some(Poll::Pending) => Poll::Pending,
            Some(Poll::Ready(Ok(answer))) => Poll::Ready(answer),
            Some(Poll::Ready(Err(_))) => {
                tracing::warn!(seconds = this.longest.as_secs_f32(), "a request took too long");
                Poll::Ready(Ok(Problem::overloaded().into_response()))
            }
        }
    }
}

/// What answers are worth compressing.
type WorthIt = And<And<DefaultPredicate, NotForContentType>, SizeAbove>;

/// Compresses answers that are worth it, but no streams: a listener would wait for the compressor's buffer.
pub fn compressed() -> CompressionLayer<WorthIt> {
    let worth_it = DefaultPredicate::new().and(NotForContentType::const_new("application/pdf"));
    CompressionLayer::new().compress_when(worth_it.and(SizeAbove::new(COMPRESSED_BYTES_MIN)))
}

/// A panic is answered as 500; where it happened stands in the log by the panic hook.
pub fn panics_caught() -> CatchPanicLayer<fn(Box<dyn Any + Send + 'static>) -> Response> {
    CatchPanicLayer::custom(panicked as fn(_) -> _)
}

fn panicked(_: Box<dyn Any + Send + 'static>) -> Response {
    tracing::error!("a handler panicked");
    Problem::internal_logged().into_response()
}
