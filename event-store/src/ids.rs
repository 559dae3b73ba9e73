//! Where ids come from: a parameter, handed over by the composition root.
//!
//! Every id is a UUIDv7 (RFC 9562): it grows with time, so that indexes stay dense. [`SystemIds`] is the only place that asks
//! the machine for one; [`SequentialIds`] gives tests the same ids every time.

use std::sync::atomic::{AtomicU64, Ordering};

use uuid::Uuid;

/// Makes ids, each another.
pub trait Ids: Send + Sync + 'static {
    /// A fresh UUIDv7.
    fn next(&self) -> Uuid;
}

/// Ids from the machine's clock and randomness.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemIds;

impl Ids for SystemIds {
    #[expect(clippy::disallowed_methods, reason = "the one place where the machine is asked for an id")]
    fn next(&self) -> Uuid {
        Uuid::now_v7()
    }
}

/// UUIDv7 that count up from one, all of one millisecond: for tests.
#[derive(Debug)]
pub struct SequentialIds {
    unix_millis: u64,
    given: AtomicU64,
}

impl SequentialIds {
    /// Ids of the given millisecond since 1970. Two sequences of different milliseconds share no id.
    #[must_use]
    pub fn new(unix_millis: u64) -> Self {
        Self { unix_millis, given: AtomicU64::new(0) }
    }
}

impl Ids for SequentialIds {
    fn next(&self) -> Uuid {
        let number = self.given.fetch_add(1, Ordering::Relaxed) + 1;
        let mut low = [0_u8; 10];
        low[2..].copy_from_slice(&number.to_be_bytes());
        uuid::Builder::from_unix_timestamp_millis(self.unix_millis, &low).into_uuid()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_version_seven_and_grow() {
        let (first, second) = (SystemIds.next(), SystemIds.next());
        assert_eq!(first.get_version_num(), 7);
        assert!(first < second);
    }

    #[test]
    fn sequential_ids_are_the_same_every_time() {
        let (one, two) = (SequentialIds::new(1), SequentialIds::new(1));
        assert_eq!(one.next(), two.next());
        let (second, third) = (one.next(), one.next());
        assert!(second < third);
        assert_eq!(second.get_version_num(), 7);
    }
}
