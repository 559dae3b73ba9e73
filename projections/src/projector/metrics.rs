//! What a projector counts and times, and its step in a command's trace. Names, units and buckets are described in
//! `docs/operations.md`. Counted by the page.

use std::{sync::LazyLock, time::Duration};

use chrono::{DateTime, Utc};
use event_store::{
    RecordedEvent,
    trace::{self, Step},
};
use metrics::{Counter, Gauge, Histogram, counter, gauge, histogram};
use tokio::time::Instant;

use super::rows::{Rows, TABLES};

static METRICS: LazyLock<Metrics> = LazyLock::new(Metrics::new);

struct Metrics {
    page_events: Histogram,
    read_seconds: Histogram,
    fold_seconds: Histogram,
    write_seconds: Histogram,
    visible_after_seconds: Histogram,
    rows: [Counter; TABLES.len()],
    position: Gauge,
    leads: Gauge,
    stopped_streams: Gauge,
    errors: Counter,
}

impl Metrics {
    fn new() -> Self {
        let stage = |stage: &'static str| histogram!("turnout_projector_page_seconds", "stage" => stage);
        Self {
            page_events: histogram!("turnout_projector_page_events"),
            read_seconds: stage("read"),
            fold_seconds: stage("fold"),
            write_seconds: stage("write"),
            visible_after_seconds: histogram!("turnout_projector_visible_after_seconds"),
            rows: TABLES.map(|table| counter!("turnout_projector_rows_total", "table" => table)),
            position: gauge!("turnout_projector_position"),
            leads: gauge!("turnout_projector_leads"),
            stopped_streams: gauge!("turnout_projector_stopped_streams"),
            errors: counter!("turnout_projector_errors_total"),
        }
    }
}

/// Has every metric be there from the start, also those of what never happens.
pub(super) fn register() {
    LazyLock::force(&METRICS);
}

/// A page under way.
pub(super) struct PageWatch {
    began: Instant,
    read: Instant,
    folded: Instant,
    writing: Instant,
}

impl PageWatch {
    /// Begins to be read.
    pub(super) fn begin() -> Self {
        let now = Instant::now();
        Self { began: now, read: now, folded: now, writing: now }
    }

    /// Is read.
    pub(super) fn read(&mut self) {
        self.read = Instant::now();
    }

    /// Is folded.
    pub(super) fn folded(&mut self) {
        self.folded = Instant::now();
    }

    /// Begins to be written; it may have waited for the page before it.
    pub(super) fn writes(&mut self) {
        self.writing = Instant::now();
    }

    /// Is written, at a time: whoever asks now sees it.
    pub(super) fn written(&self, events: &[RecordedEvent], rows: &Rows, now: DateTime<Utc>) {
        let metrics = &*METRICS;
        let written = Instant::now();
        metrics.page_events.record(events.len() as f64);
        metrics.read_seconds.record(self.read - self.began);
        metrics.fold_seconds.record(self.folded - self.read);
        metrics.write_seconds.record(written - self.writing);
        if let Some(oldest) = events.first() {
            // The database's clock and this one's may differ.
            metrics.visible_after_seconds.record((now - oldest.recorded_at).to_std().unwrap_or(Duration::ZERO));
        }
        for (counter, rows) in metrics.rows.iter().zip(rows.counts()) {
            counter.increment(rows as u64);
        }
        if trace::is_on() {
            let numbers =
                [("events", events.len() as i64), ("position", events.last().map_or(0, |last| last.position))];
            let (began, ended) = (self.began.into_std(), written.into_std());
            let step = Step { name: "projector.page", began, ended, numbers: &numbers };
            trace::together(events.iter().map(|event| event.metadata.correlation), step);
        }
    }
}

/// How far the read models are, as it is known here.
pub(super) fn reached(position: i64) {
    METRICS.position.set(position as f64);
}

/// Whether this one leads, and how many streams it had to stop.
pub(super) fn leads(leads: bool, stopped_streams: usize) {
    METRICS.leads.set(if leads { 1.0 } else { 0.0 });
    METRICS.stopped_streams.set(stopped_streams as f64);
}

/// A step failed, and is tried again.
pub(super) fn failed() {
    METRICS.errors.increment(1);
}
