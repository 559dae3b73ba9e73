//! What is seen of every request: it gets a correlation, by which its log line, its trace and its events are known; it is
//! counted and timed by its route; and where its command is followed ([`event_store::trace`]), the request is the trace's root.
//!
//! Personal data reaches no log, metric or trace from here: they know the route, never the path, the query or the body. When
//! nothing is followed and `debug` is not logged, a request costs a look into a map, some atomic additions and no memory.

mod routes;

use std::{
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
    time::Instant,
};

use axum::{
    extract::{MatchedPath, Request},
    http::{Extensions, Method, StatusCode},
    response::Response,
};
use event_store::{Ids, trace};
use pin_project_lite::pin_project;
use tower::{Layer, Service};
use tracing::Level;
use uuid::Uuid;

pub(crate) use routes::{Routes, problem};

/// By what everything that is done for a request is known, as a request's extension.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Correlation(Uuid);

impl Correlation {
    /// Of a request that has one.
    pub(crate) fn of(extensions: &Extensions) -> Option<Uuid> {
        extensions.get::<Self>().map(|correlation| correlation.0)
    }
}

/// Sees every request.
#[derive(Clone)]
pub(crate) struct Observe {
    routes: Arc<Routes>,
    ids: Arc<dyn Ids>,
}

impl Observe {
    pub(crate) fn new(routes: Routes, ids: Arc<dyn Ids>) -> Self {
        Self { routes: Arc::new(routes), ids }
    }
}

impl<S> Layer<S> for Observe {
    type Service = Observed<S>;

    fn layer(&self, inner: S) -> Observed<S> {
        Observed { inner, observe: self.clone() }
    }
}

/// A service whose requests are seen.
#[derive(Clone)]
pub(crate) struct Observed<S> {
    inner: S,
    observe: Observe,
}

impl<S: Service<Request, Response = Response>> Service<Request> for Observed<S> {
    type Response = Response;
    type Error = S::Error;
    type Future = Observing<S::Future>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: Request) -> Self::Future {
        let watch = Watch::begin(&self.observe, &mut request);
        Observing { answering: self.inner.call(request), watch: Some(watch) }
    }
}

pin_project! {
    /// A request that is being answered.
    pub(crate) struct Observing<F> {
        #[pin]
        answering: F,
        // Dropped with the answer, or together with this when the client goes away before it.
        watch: Option<Watch>,
    }
}

impl<E, F: Future<Output = Result<Response, E>>> Future for Observing<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let answered = ready!(this.answering.poll(context));
        if let (Some(mut watch), Ok(response)) = (this.watch.take(), &answered) {
            watch.status = Some(response.status());
        }
        Poll::Ready(answered)
    }
}

/// A request from its coming to the head of its answer, which it notes when it is dropped.
struct Watch {
    routes: Arc<Routes>,
    method: Method,
    route: Option<MatchedPath>,
    began: Instant,
    correlation: Option<Uuid>,
    followed: bool,
    /// None while there is no answer, and for ever where the client went away before it.
    status: Option<StatusCode>,
}

impl Watch {
    fn begin(observe: &Observe, request: &mut Request) -> Self {
        let began = Instant::now();
        let tracing = trace::is_on();
        // A query's events are nobody's, so without a log or a trace there is nothing to know it by.
        let known = !request.method().is_safe() || tracing || tracing::enabled!(Level::DEBUG);
        let correlation = known.then(|| observe.ids.next());
        let followed = tracing && correlation.is_some_and(|correlation| follow(correlation, request));
        if let Some(correlation) = correlation {
            request.extensions_mut().insert(Correlation(correlation));
        }
        observe.routes.began();
        Self {
            routes: Arc::clone(&observe.routes),
            method: request.method().clone(),
            route: request.extensions().get::<MatchedPath>().cloned(),
            began,
            correlation,
            followed,
            status: None,
        }
    }

    fn route(&self) -> &str {
        self.route.as_ref().map_or(routes::OTHER, MatchedPath::as_str)
    }

    /// One line: a defect's always, beside the line that says what it was; others where `debug` is logged.
    fn log(&self, took: std::time::Duration) {
        let (method, route) = (self.method.as_str(), self.route());
        let status = self.status.map(|status| status.as_u16());
        let correlation = self.correlation.as_ref().map(tracing::field::display);
        let milliseconds = took.as_secs_f64() * 1_000.0;
        if self.status == Some(StatusCode::INTERNAL_SERVER_ERROR) {
            tracing::warn!(method, route, status, correlation, milliseconds, "a request failed");
        } else {
            tracing::debug!(method, route, status, correlation, milliseconds, "request");
        }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        let ended = Instant::now();
        let took = ended.duration_since(self.began);
        self.routes.ended(&self.method, self.route(), self.status, took);
        self.log(took);
        if let Some(correlation) = self.correlation.filter(|_| self.followed) {
            trace::request(trace::Request {
                correlation,
                method: self.method.as_str(),
                route: self.route(),
                status: self.status.map(|status| status.as_u16()),
                began: self.began,
                ended,
            });
        }
    }
}

fn follow(correlation: Uuid, request: &Request) -> bool {
    let mut parents = request.headers().get_all("traceparent").iter();
    // Two say nothing (W3C Trace Context, 3.2).
    let parent = parents.next().filter(|_| parents.next().is_none());
    trace::begin(correlation, parent.and_then(|value| value.to_str().ok()))
}
