//! What a window of time showed: how often something was done, how long each time took, and what it cost in processor time.

use std::time::Duration;

use crate::cpu::Cpu;
use crate::latencies::Latencies;

/// A window, or several as one.
#[derive(Clone, Debug, Default)]
pub struct Measured {
    /// How long the window was.
    pub elapsed: Duration,
    /// How long each time took.
    pub latencies: Latencies,
    /// How often it was done, or how many rows it wrote.
    pub count: u64,
    /// Processor time of everybody who took part, where it was looked at.
    pub cpu: Option<Cpu>,
}

impl Measured {
    /// Each latency is of one thing that was done.
    pub fn new(elapsed: Duration, latencies: Latencies) -> Self {
        Self { elapsed, count: latencies.count(), latencies, cpu: None }
    }

    /// With what it cost.
    pub fn costing(self, cpu: Cpu) -> Self {
        Self { cpu: Some(cpu), ..self }
    }

    /// Several windows as one.
    pub fn together<'a>(windows: impl IntoIterator<Item = &'a Self>) -> Self {
        let mut all = Self::default();
        for window in windows {
            all.elapsed += window.elapsed;
            all.latencies.add(&window.latencies);
            all.count += window.count;
            all.cpu = match (all.cpu, window.cpu) {
                (Some(sum), Some(more)) => Some(sum + more),
                (sum, more) => sum.or(more),
            };
        }
        all
    }

    /// A second.
    pub fn rate(&self) -> f64 {
        self.count as f64 / self.elapsed.as_secs_f64()
    }

    /// Seconds of processor time that each took of everybody, where it was looked at.
    pub fn cost(&self) -> Option<f64> {
        let cpu = self.cpu?;
        Some((cpu.server + cpu.postgres + cpu.client).as_secs_f64() / self.count.max(1) as f64)
    }

    /// The latency that so many in a hundred stay below.
    pub fn percentile(&self, percent: u64) -> Duration {
        self.latencies.percentile(percent)
    }
}
