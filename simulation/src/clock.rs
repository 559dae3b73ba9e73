//! Clocks that go with the run's time and are set, forward and back, when somebody says so.

use std::sync::Mutex;

use chrono::{DateTime, TimeDelta, Utc};
use event_store::Clock;
use tokio::time::Instant;

use crate::lock;

/// Seconds since 1970 at the beginning of every run.
const BEGINNING: i64 = 1_800_000_000;

/// One machine's clock.
#[derive(Debug)]
pub struct JumpingClock {
    since: Instant,
    offset: Mutex<TimeDelta>,
}

impl JumpingClock {
    pub fn new(since: Instant) -> Self {
        Self { since, offset: Mutex::new(TimeDelta::zero()) }
    }

    pub fn jump(&self, seconds: i64) {
        *lock(&self.offset) = TimeDelta::seconds(seconds);
    }
}

impl Clock for JumpingClock {
    fn now(&self) -> DateTime<Utc> {
        let elapsed = TimeDelta::from_std(self.since.elapsed()).unwrap_or_default();
        DateTime::UNIX_EPOCH + TimeDelta::seconds(BEGINNING) + elapsed + *lock(&self.offset)
    }
}
