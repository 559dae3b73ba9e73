//! Traces of single commands: how one went its way from the request to the page of the projector that made it visible.
//!
//! A command is known by its correlation, which stands in its events, so whatever works on it (also on another node) can say
//! what it did without anything being handed along. Whether a command is followed is a function of its correlation alone.
//! This is a facade, like that of metrics: [`install`] says where traces go, once, from the composition root; until then
//! [`is_on`] is false and nothing here costs more than reading that.
//!
//! Nothing personal goes into a trace: ids, numbers and the words of this program.

use std::sync::OnceLock;
use std::time::Instant;

use uuid::Uuid;

/// Commands that one batch or page is linked with at most, as many as the specification of OpenTelemetry's SDK has links.
pub const TOGETHER_MAX: usize = 128;

static TRACER: OnceLock<Box<dyn Tracer>> = OnceLock::new();

/// Takes what was traced, and never waits.
pub trait Tracer: Send + Sync + 'static {
    /// A request begins. The value of its header `traceparent` (W3C Trace Context), where it has one, may say that the
    /// request belongs to a trace of the caller's. Answers whether it is followed.
    fn begin(&self, correlation: Uuid, traceparent: Option<&str>) -> bool;

    /// Whether a command is followed.
    fn follows(&self, correlation: Uuid) -> bool;

    /// A request was answered.
    fn request(&self, request: Request<'_>);

    /// Something was done for one command.
    fn step(&self, correlation: Uuid, step: Step<'_>);

    /// Something was done for several commands at once.
    fn together(&self, correlations: &[Uuid], step: Step<'_>);
}

/// A request that was answered.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// By what everything that was done for it is known.
    pub correlation: Uuid,
    /// Such as `POST`.
    pub method: &'a str,
    /// The template of its path, such as `/api/v1/shows/{show}/tickets`.
    pub route: &'a str,
    /// The HTTP status of the answer; none where the client went away before it.
    pub status: Option<u16>,
    /// When it came.
    pub began: Instant,
    /// When its answer began.
    pub ended: Instant,
}

/// Something that was done.
#[derive(Debug, Clone, Copy)]
pub struct Step<'a> {
    /// What, such as `desk.decide`; one of a closed list.
    pub name: &'static str,
    /// When it began.
    pub began: Instant,
    /// When it ended.
    pub ended: Instant,
    /// How many of what.
    pub numbers: &'a [(&'static str, i64)],
}

/// Says where traces go. False where that was said before; then nothing changes.
pub fn install(tracer: Box<dyn Tracer>) -> bool {
    TRACER.set(tracer).is_ok()
}

/// Whether anything is followed at all.
#[must_use]
pub fn is_on() -> bool {
    TRACER.get().is_some()
}

/// See [`Tracer::begin`].
pub fn begin(correlation: Uuid, traceparent: Option<&str>) -> bool {
    TRACER.get().is_some_and(|tracer| tracer.begin(correlation, traceparent))
}

/// See [`Tracer::follows`].
#[must_use]
pub fn follows(correlation: Uuid) -> bool {
    TRACER.get().is_some_and(|tracer| tracer.follows(correlation))
}

/// See [`Tracer::request`].
pub fn request(request: Request<'_>) {
    if let Some(tracer) = TRACER.get() {
        tracer.request(request);
    }
}

/// See [`Tracer::step`]. For commands that are followed.
pub fn step(correlation: Uuid, step: Step<'_>) {
    if let Some(tracer) = TRACER.get() {
        tracer.step(correlation, step);
    }
}

/// See [`Tracer::together`]. Of `correlations` those count that are followed, each once, and [`TOGETHER_MAX`] of them.
pub fn together(correlations: impl Iterator<Item = Uuid>, step: Step<'_>) {
    let Some(tracer) = TRACER.get() else { return };
    let mut followed: Vec<Uuid> = Vec::new();
    for correlation in correlations {
        if followed.len() < TOGETHER_MAX && tracer.follows(correlation) && !followed.contains(&correlation) {
            followed.push(correlation);
        }
    }
    if !followed.is_empty() {
        tracer.together(&followed, step);
    }
}
