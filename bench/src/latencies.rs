//! How long each of many things took, in the memory of a few kilobytes: a histogram whose buckets are 1.6 % wide.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use anyhow::{Context as _, Error, Result};

/// Each doubling has so many buckets, as a power of two.
const BITS: u32 = 6;
const PER_OCTAVE: u64 = 1 << BITS;

/// Up to 2^37 ns, two minutes; what takes longer counts as that.
const BUCKETS: usize = (37 - BITS as usize + 1) << BITS;

/// Counts by duration. Printed and read again as `bucket:count` with spaces between.
#[derive(Clone, Debug)]
pub struct Latencies {
    counts: Vec<u32>,
    count: u64,
}

impl Default for Latencies {
    fn default() -> Self {
        Self { counts: vec![0; BUCKETS], count: 0 }
    }
}

impl Latencies {
    /// One more.
    pub fn note(&mut self, took: Duration) {
        self.counts[bucket(u64::try_from(took.as_nanos()).unwrap_or(u64::MAX))] += 1;
        self.count += 1;
    }

    /// Those of another as well.
    pub fn add(&mut self, other: &Self) {
        for (own, more) in self.counts.iter_mut().zip(&other.counts) {
            *own += more;
        }
        self.count += other.count;
    }

    /// How many there are.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// What so many in a hundred stay below; zero of none.
    pub fn percentile(&self, percent: u64) -> Duration {
        let rank = (self.count.saturating_sub(1) * percent).div_ceil(100);
        let mut below = 0;
        for (index, count) in self.counts.iter().enumerate() {
            below += u64::from(*count);
            if below > rank {
                return Duration::from_nanos(middle(index as u64));
            }
        }
        Duration::ZERO
    }
}

fn bucket(nanoseconds: u64) -> usize {
    let value = nanoseconds.max(PER_OCTAVE);
    let octave = value.ilog2() - BITS;
    let within = (value >> octave) - PER_OCTAVE;
    let index = (u64::from(octave) << BITS) + within;
    usize::try_from(index).map_or(BUCKETS - 1, |index| index.min(BUCKETS - 1))
}

fn middle(index: u64) -> u64 {
    let (octave, within) = (index >> BITS, index % PER_OCTAVE);
    ((PER_OCTAVE + within) << octave) + (1 << octave) / 2
}

impl fmt::Display for Latencies {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, count) in self.counts.iter().enumerate().filter(|(_, count)| **count > 0) {
            write!(formatter, "{index}:{count} ")?;
        }
        Ok(())
    }
}

impl FromStr for Latencies {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let mut all = Self::default();
        for pair in text.split_whitespace() {
            let (index, count) = pair.split_once(':').context("no `bucket:count`")?;
            let count: u32 = count.parse()?;
            *all.counts.get_mut(index.parse::<usize>()?).context("no such bucket")? = count;
            all.count += u64::from(count);
        }
        Ok(all)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentile_is_right_within_two_in_a_hundred() {
        let mut latencies = Latencies::default();
        for microseconds in 1..=10_000 {
            latencies.note(Duration::from_micros(microseconds));
        }
        for (percent, exact) in [(50, 5_000.0), (99, 9_900.0)] {
            let found = latencies.percentile(percent).as_secs_f64() * 1e6;
            assert!((found / exact - 1.0).abs() < 0.02, "{found} instead of {exact}");
        }
    }

    #[test]
    fn what_is_printed_is_read_again() {
        let mut latencies = Latencies::default();
        for nanoseconds in [0, 1, 70, 4_711, 1_000_000_007, u64::MAX] {
            latencies.note(Duration::from_nanos(nanoseconds));
        }
        let again: Latencies = latencies.to_string().parse().unwrap();
        assert_eq!(again.count(), 6);
        assert_eq!(again.to_string(), latencies.to_string());
    }
}
