//! What the sealer counts and times. Names, units and buckets are described in `docs/operations.md`.

use std::{sync::LazyLock, time::Duration};

use chrono::{DateTime, Utc};
use metrics::{Counter, Gauge, Histogram, counter, gauge, histogram};

static METRICS: LazyLock<Metrics> = LazyLock::new(Metrics::new);

struct Metrics {
    size: Gauge,
    signed: Counter,
    signed_at: Gauge,
    seal_seconds: Histogram,
    damaged: Gauge,
    errors: Counter,
}

impl Metrics {
    fn new() -> Self {
        Self {
            size: gauge!("turnout_tree_size"),
            signed: counter!("turnout_tree_checkpoints_total"),
            signed_at: gauge!("turnout_tree_checkpoint_timestamp_seconds"),
            seal_seconds: histogram!("turnout_tree_seal_seconds"),
            damaged: gauge!("turnout_tree_damaged"),
            errors: counter!("turnout_tree_errors_total"),
        }
    }
}

/// Has every metric be there from the start, also those of what never happens.
pub(super) fn register() {
    LazyLock::force(&METRICS);
}

/// A checkpoint was signed.
pub(super) fn signed(size: u64, at: DateTime<Utc>, took: Duration) {
    METRICS.size.set(size as f64);
    METRICS.signed.increment(1);
    METRICS.signed_at.set(at.timestamp() as f64);
    METRICS.seal_seconds.record(took);
}

/// The tree, or the log that it is of, is not what it was.
pub(super) fn damaged() {
    METRICS.damaged.set(1);
}

/// The database did not answer.
pub(super) fn failed() {
    METRICS.errors.increment(1);
}
