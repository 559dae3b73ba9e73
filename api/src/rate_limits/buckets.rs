//! Token buckets by key: each holds `burst` tokens, and gets one more each `every` (GCRA, the generic cell rate algorithm:
//! one number a key, the moment at which its bucket is full again).
//!
//! Right under concurrency: taking is one step under a lock. Bounded: a bucket that is full again is forgotten, and past
//! [`KEYS_MAX`] those nearest to full go first, which forgives somebody but never locks anybody out. The crate `governor`
//! was looked at: it can neither give back what a request turned out not to have used, nor owe, nor bound its keys.

use std::{
    collections::HashMap,
    hash::{BuildHasher, Hash, RandomState},
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

/// Keys that are remembered at once, of one kind of request: about 6 MB.
const KEYS_MAX: usize = 1 << 17;

/// Locks that the keys are spread over, so that requests of many clients seldom meet.
const SHARDS: usize = 16;

/// A bucket that is overdrawn is let off in the end: nobody waits longer than this.
const OWED_MAX: Duration = Duration::from_secs(600);

/// How many at once, and how fast they come back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// How many may come at once.
    pub burst: u32,
    /// After how long there may be one more.
    pub every: Duration,
}

/// When to come again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetryAfter(pub Duration);

/// The buckets of one kind of request.
#[derive(Debug)]
pub struct Buckets<K> {
    rate: Rate,
    begun_at: Instant,
    hashing: RandomState,
    shards: Vec<Mutex<Shard<K>>>,
}

/// Some of the keys, each with the moment at which its bucket is full again, since the beginning.
#[derive(Debug)]
struct Shard<K> {
    full_at: HashMap<K, Duration>,
    /// Looked through for full buckets when it has grown to this.
    swept_at: usize,
}

impl Rate {
    /// So many a second, and so many at once.
    #[must_use]
    pub const fn per_second(per_second: u32, burst: u32) -> Self {
        Self { burst, every: Duration::from_nanos(1_000_000_000 / per_second as u64) }
    }

    /// One each so many seconds, and so many at once.
    #[must_use]
    pub const fn one_in_seconds(seconds: u64, burst: u32) -> Self {
        Self { burst, every: Duration::from_secs(seconds) }
    }

    /// How long an empty bucket takes to be full.
    fn whole(self) -> Duration {
        self.every * self.burst
    }
}

impl RetryAfter {
    /// For the header: whole seconds, at least one.
    #[must_use]
    pub fn seconds(self) -> u32 {
        let seconds = self.0.as_secs() + u64::from(self.0.subsec_nanos() > 0);
        u32::try_from(seconds.max(1)).unwrap_or(u32::MAX)
    }
}

impl<K: Hash + Eq + Clone> Buckets<K> {
    /// Full buckets for everybody.
    #[must_use]
    pub fn new(rate: Rate, now: Instant) -> Self {
        let shards = (0..SHARDS).map(|_| Mutex::new(Shard { full_at: HashMap::new(), swept_at: 64 })).collect();
        Self { rate, begun_at: now, hashing: RandomState::new(), shards }
    }

    /// Takes one token.
    ///
    /// # Errors
    /// [`RetryAfter`] where there is none.
    pub fn take(&self, key: &K, now: Instant) -> Result<(), RetryAfter> {
        self.with(key, now, |full_at, now| {
            let next = (*full_at).max(now) + self.rate.every;
            self.within(next, now)?;
            *full_at = next;
            Ok(())
        })
    }

    /// Whether there is a token, which stays there.
    ///
    /// # Errors
    /// [`RetryAfter`] where there is none.
    pub fn look(&self, key: &K, now: Instant) -> Result<(), RetryAfter> {
        let now = now.duration_since(self.begun_at);
        let shard = self.shard(key).lock().unwrap_or_else(PoisonError::into_inner);
        let full_at = shard.full_at.get(key).copied().unwrap_or_default();
        self.within(full_at.max(now) + self.rate.every, now)
    }

    /// Takes tokens that were used already, also where there are none: whoever asked often at the same time owes, and
    /// waits longer.
    pub fn charge(&self, key: &K, tokens: u32, now: Instant) {
        self.with(key, now, |full_at, now| {
            let next = (*full_at).max(now) + self.rate.every * tokens;
            *full_at = next.min(now + self.rate.whole() + OWED_MAX);
        });
    }

    /// Gives back a token that was taken and not used.
    pub fn give_back(&self, key: &K, now: Instant) {
        self.with(key, now, |full_at, _| *full_at = full_at.saturating_sub(self.rate.every));
    }

    /// Keys that are remembered.
    #[must_use]
    pub fn remembered(&self) -> usize {
        self.shards.iter().map(|shard| shard.lock().unwrap_or_else(PoisonError::into_inner).full_at.len()).sum()
    }

    fn within(&self, full_at: Duration, now: Duration) -> Result<(), RetryAfter> {
        match full_at.checked_sub(now + self.rate.whole()) {
            None | Some(Duration::ZERO) => Ok(()),
            Some(too_early) => Err(RetryAfter(too_early)),
        }
    }

    fn with<R>(&self, key: &K, now: Instant, change: impl FnOnce(&mut Duration, Duration) -> R) -> R {
        let now = now.duration_since(self.begun_at);
        let mut shard = self.shard(key).lock().unwrap_or_else(PoisonError::into_inner);
        if shard.full_at.len() >= shard.swept_at {
            shard.sweep(now);
        }
        change(shard.full_at.entry(key.clone()).or_default(), now)
    }

    fn shard(&self, key: &K) -> &Mutex<Shard<K>> {
        let hash = self.hashing.hash_one(key);
        &self.shards[usize::try_from(hash % SHARDS as u64).unwrap_or_default()]
    }
}

impl<K: Hash + Eq + Clone> Shard<K> {
    /// Forgets full buckets, and, where that is not enough, the half that is full soonest.
    fn sweep(&mut self, now: Duration) {
        const SHARD_KEYS_MAX: usize = KEYS_MAX / SHARDS;
        self.full_at.retain(|_, full_at| *full_at > now);
        if self.full_at.len() >= SHARD_KEYS_MAX {
            let mut ends: Vec<Duration> = self.full_at.values().copied().collect();
            let (_, median, _) = ends.select_nth_unstable(SHARD_KEYS_MAX / 2);
            let median = *median;
            self.full_at.retain(|_, full_at| *full_at > median);
        }
        self.swept_at = (self.full_at.len() * 2).clamp(64, SHARD_KEYS_MAX);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn buckets(rate: Rate) -> (Buckets<u32>, Instant) {
        let now = Instant::now();
        (Buckets::new(rate, now), now)
    }

    #[test]
    fn a_burst_passes_and_then_one_in_its_time() {
        let (buckets, now) = buckets(Rate::one_in_seconds(30, 10));
        for _ in 0..10 {
            buckets.take(&1, now).unwrap();
        }
        let again = buckets.take(&1, now).unwrap_err();
        assert_eq!(again, RetryAfter(30 * SECOND));
        assert_eq!(buckets.look(&1, now).unwrap_err(), again, "looking takes nothing");
        assert_eq!(buckets.take(&1, now + 29 * SECOND).unwrap_err().seconds(), 1);
        buckets.take(&1, now + 30 * SECOND).unwrap();
        buckets.take(&1, now + 30 * SECOND).unwrap_err();
        buckets.take(&2, now).unwrap();
    }

    #[test]
    fn what_was_not_used_comes_back() {
        let (buckets, now) = buckets(Rate::per_second(1, 1));
        for _ in 0..5 {
            buckets.take(&1, now).unwrap();
            buckets.give_back(&1, now);
        }
        for _ in 0..5 {
            buckets.give_back(&1, now);
        }
        buckets.take(&1, now).unwrap();
        assert!(buckets.take(&1, now).is_err(), "nobody saves up");
    }

    #[test]
    fn whoever_owes_waits_but_not_for_ever() {
        let (buckets, now) = buckets(Rate::per_second(1, 60));
        buckets.charge(&1, 60, now);
        buckets.charge(&1, 100, now);
        assert_eq!(buckets.look(&1, now).unwrap_err().seconds(), 101);
        buckets.charge(&1, 1_000_000, now);
        assert_eq!(buckets.look(&1, now).unwrap_err().seconds(), 601);
    }

    #[test]
    fn no_token_is_taken_twice() {
        let (buckets, now) = buckets(Rate::one_in_seconds(60, 500));
        let taken = AtomicU32::new(0);
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    for _ in 0..1_000 {
                        taken.fetch_add(u32::from(buckets.take(&1, now).is_ok()), Ordering::Relaxed);
                    }
                });
            }
        });
        assert_eq!(taken.into_inner(), 500);
    }

    #[test]
    fn idle_keys_are_forgotten_and_others_are_bounded() {
        let (buckets, now) = buckets(Rate::per_second(1, 10));
        for key in 0..100_000 {
            buckets.take(&key, now + Duration::from_millis(u64::from(key))).unwrap();
        }
        assert!(buckets.remembered() < 5_000, "{}", buckets.remembered());
        for key in 0..2 * u32::try_from(KEYS_MAX).unwrap() {
            buckets.take(&key, now + 200 * SECOND).unwrap();
        }
        assert!(buckets.remembered() <= KEYS_MAX, "{}", buckets.remembered());
    }
}
