//! What a window of time showed: how often something was done, and how long each time took.

use std::time::Duration;

/// One row of a table.
#[derive(Clone, Debug)]
pub struct Measured {
    /// What was done.
    pub what: String,
    /// By so many connections at once.
    pub connections: usize,
    elapsed: Duration,
    latencies: Vec<Duration>,
    /// How often it was done, or how many rows it wrote.
    count: u64,
    /// How many events were recorded in all; none where no events are.
    events: Option<u64>,
}

impl Measured {
    /// Of latencies in any order.
    pub fn new(what: &str, connections: usize, elapsed: Duration, mut latencies: Vec<Duration>, count: u64) -> Self {
        latencies.sort_unstable();
        Self { what: what.to_owned(), connections, elapsed, latencies, count, events: None }
    }

    /// With so many events.
    pub fn recording(self, events: u64) -> Self {
        Self { events: Some(events), ..self }
    }

    /// Several windows as one; none of none.
    pub fn together(windows: &[Self]) -> Option<Self> {
        let first = windows.first()?;
        let latencies = windows.iter().flat_map(|window| window.latencies.iter().copied()).collect();
        let elapsed = windows.iter().map(|window| window.elapsed).sum();
        let count = windows.iter().map(|window| window.count).sum();
        let events = windows.iter().map(|window| window.events).sum::<Option<u64>>();
        Some(Self { events, ..Self::new(&first.what, first.connections, elapsed, latencies, count) })
    }

    /// A second.
    pub fn rate(&self) -> f64 {
        self.count as f64 / self.elapsed.as_secs_f64()
    }

    /// Events a second, where events are recorded.
    pub fn events_rate(&self) -> Option<f64> {
        self.events.map(|events| events as f64 / self.elapsed.as_secs_f64())
    }

    /// The latency that so many in a hundred stay below.
    pub fn percentile(&self, percent: usize) -> Duration {
        let last = self.latencies.len().saturating_sub(1);
        self.latencies.get(last * percent / 100).copied().unwrap_or_default()
    }
}
