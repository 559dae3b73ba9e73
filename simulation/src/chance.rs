//! The one source of randomness of a run. Everything draws from it, in the order in which it happens.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use rand::{Rng, SeedableRng, rngs::StdRng};
use uuid::Uuid;

use crate::lock;

/// Draws. Cheap to clone: all clones draw from the same.
#[derive(Debug, Clone)]
pub struct Chance(Arc<Mutex<StdRng>>);

impl Chance {
    pub fn new(seed: u64) -> Self {
        Self(Arc::new(Mutex::new(StdRng::seed_from_u64(seed))))
    }

    /// True so many times of a thousand.
    pub fn permille(&self, n: u32) -> bool {
        // Nothing is drawn for what never happens.
        n > 0 && lock(&self.0).random_range(0..1_000) < n
    }

    /// From `low` to `high`, both included.
    pub fn between(&self, low: u32, high: u32) -> u32 {
        lock(&self.0).random_range(low..=high)
    }

    /// So many milliseconds, both included.
    pub fn millis(&self, low: u32, high: u32) -> Duration {
        Duration::from_millis(self.between(low, high).into())
    }

    /// One of these; none of nothing.
    pub fn pick<T: Clone>(&self, of: &[T]) -> Option<T> {
        if of.is_empty() {
            return None;
        }
        Some(of[lock(&self.0).random_range(0..of.len())].clone())
    }

    pub fn bytes(&self) -> [u8; 32] {
        lock(&self.0).random()
    }

    pub fn id(&self) -> Uuid {
        let bytes: [u8; 16] = lock(&self.0).random();
        uuid::Builder::from_random_bytes(bytes).into_uuid()
    }
}
