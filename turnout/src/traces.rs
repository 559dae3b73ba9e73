//! Traces of single commands, sent to a collector by OTLP: whatever crates say through [`event_store::trace`] becomes a span.
//!
//! A command's trace has its correlation as its id, so that every node, and the projector long after the request, finds the
//! same trace without being told; where a caller sent `traceparent` with its sampled flag set, the trace is the caller's
//! ([`callers`]). Which commands are followed is a function of the correlation, too ([`sampling`]). What is done for several
//! commands at once is a trace of its own, linked with each of theirs, and a span in each of theirs that is linked with it.
//!
//! Whoever works on a command never waits: spans go into a bounded queue and are dropped where it is full ([`export`]).

mod callers;
mod export;
mod sampling;

use std::time::{Instant, SystemTime};

use axum::http::Uri;
use event_store::{
    Clock, SystemClock,
    trace::{Request, Step, Tracer},
};
use opentelemetry::{
    InstrumentationScope, KeyValue, Value,
    trace::{Link, SpanContext, SpanId, SpanKind, Status, TraceFlags, TraceId, TraceState},
};
use opentelemetry_sdk::trace::{SpanData, SpanEvents, SpanLinks};
use uuid::Uuid;

use self::{callers::Callers, export::Queue, sampling::Sampling};

pub use export::Exporter;

/// Starts to follow the given part of all commands, from 0 to 1, and to send what is seen to a collector.
pub fn start(collector: &Uri, part: f64) -> anyhow::Result<Exporter> {
    let (queue, exporter) = export::start(collector)?;
    let spans = Spans { sampling: Sampling::new(part), callers: Callers::default(), queue };
    if !event_store::trace::install(Box::new(spans)) {
        anyhow::bail!("traces were started twice");
    }
    Ok(exporter)
}

/// Makes spans.
struct Spans {
    sampling: Sampling,
    callers: Callers,
    queue: Queue,
}

impl Tracer for Spans {
    fn begin(&self, correlation: Uuid, traceparent: Option<&str>) -> bool {
        let taken = traceparent.is_some_and(|value| self.callers.take_over(correlation, value, Instant::now()));
        taken || self.sampling.follows(correlation)
    }

    fn follows(&self, correlation: Uuid) -> bool {
        self.sampling.follows(correlation) || self.callers.know(correlation)
    }

    fn request(&self, request: Request<'_>) {
        let parent = self.callers.of(request.correlation).map_or(SpanId::INVALID, |caller| caller.parent);
        let mut attributes = vec![
            KeyValue::new("http.request.method", request.method.to_owned()),
            KeyValue::new("http.route", request.route.to_owned()),
            KeyValue::new("turnout.correlation", request.correlation.to_string()),
        ];
        attributes.extend(
            request.status.map(|status| KeyValue::new("http.response.status_code", Value::I64(i64::from(status)))),
        );
        // A client's mistakes are no errors of the server (semantic conventions of HTTP spans).
        let failed = request.status.is_none_or(|status| status >= 500);
        self.queue.push(SpanData {
            parent_span_is_remote: parent != SpanId::INVALID,
            span_kind: SpanKind::Server,
            attributes,
            status: if failed { Status::error("") } else { Status::Unset },
            ..span(
                self.root(request.correlation),
                parent,
                format!("{} {}", request.method, request.route),
                request.began,
                request.ended,
            )
        });
    }

    fn step(&self, correlation: Uuid, step: Step<'_>) {
        let root = self.root(correlation);
        self.queue.push(SpanData { attributes: numbers(&step), ..child(&root, &step) });
    }

    fn together(&self, correlations: &[Uuid], step: Step<'_>) {
        let own = context(TraceId::from_bytes(rand::random()), SpanId::from_bytes(rand::random()));
        let roots: Vec<SpanContext> = correlations.iter().map(|correlation| self.root(*correlation)).collect();
        for root in &roots {
            self.queue.push(SpanData { attributes: numbers(&step), links: links([&own]), ..child(root, &step) });
        }
        self.queue.push(SpanData {
            attributes: numbers(&step),
            links: links(&roots),
            ..span(own, SpanId::INVALID, step.name, step.began, step.ended)
        });
    }
}

impl Spans {
    /// The root of a command's trace: of its own trace, or below the span of a caller who traces it.
    fn root(&self, correlation: Uuid) -> SpanContext {
        let (high, low) = correlation.as_u64_pair();
        let own = TraceId::from(u128::from(high) << 64 | u128::from(low));
        let trace = self.callers.of(correlation).map_or(own, |caller| caller.trace);
        context(trace, SpanId::from(low))
    }
}

fn context(trace: TraceId, span: SpanId) -> SpanContext {
    SpanContext::new(trace, span, TraceFlags::SAMPLED, false, TraceState::NONE)
}

fn child(root: &SpanContext, step: &Step<'_>) -> SpanData {
    let own = context(root.trace_id(), SpanId::from_bytes(rand::random()));
    span(own, root.span_id(), step.name, step.began, step.ended)
}

fn span(
    own: SpanContext,
    parent: SpanId,
    name: impl Into<std::borrow::Cow<'static, str>>,
    began: Instant,
    ended: Instant,
) -> SpanData {
    let now = (Instant::now(), SystemTime::from(SystemClock.now()));
    let at = |instant: Instant| now.1 - now.0.saturating_duration_since(instant);
    SpanData {
        span_context: own,
        parent_span_id: parent,
        parent_span_is_remote: false,
        span_kind: SpanKind::Internal,
        name: name.into(),
        start_time: at(began),
        end_time: at(ended),
        attributes: Vec::new(),
        dropped_attributes_count: 0,
        events: SpanEvents::default(),
        links: SpanLinks::default(),
        status: Status::Unset,
        instrumentation_scope: InstrumentationScope::builder("turnout").build(),
    }
}

fn numbers(step: &Step<'_>) -> Vec<KeyValue> {
    step.numbers.iter().map(|(name, number)| KeyValue::new(format!("turnout.{name}"), *number)).collect()
}

fn links<'a>(contexts: impl IntoIterator<Item = &'a SpanContext>) -> SpanLinks {
    let mut links = SpanLinks::default();
    links.links = contexts.into_iter().map(|context| Link::new(context.clone(), Vec::new(), 0)).collect();
    links
}
