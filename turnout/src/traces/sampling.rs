//! Which commands are followed: a part of all, chosen by their correlations alone, so that every node chooses the same ones.

use uuid::Uuid;

/// A part of all correlations.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sampling {
    /// Followed are those whose last 32 bits are below it.
    below: u64,
}

impl Sampling {
    /// The given part, from 0 to 1.
    pub(super) fn new(part: f64) -> Self {
        Self { below: (part.clamp(0.0, 1.0) * 2_f64.powi(32)).round() as u64 }
    }

    /// Whether it is chosen. The last 32 bits of a UUIDv7 are random; those before them count within a millisecond.
    pub(super) fn follows(self, correlation: Uuid) -> bool {
        let (_, low) = correlation.as_u64_pair();
        u64::from(low as u32) < self.below
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ending_in(last: u32) -> Uuid {
        Uuid::from_u64_pair(0x019a_0000_0000_7000, 0x8fff_ffff_0000_0000 | u64::from(last))
    }

    #[test]
    fn all_none_or_a_part_is_followed() {
        for last in [0, 1, u32::MAX / 2, u32::MAX] {
            assert!(Sampling::new(1.0).follows(ending_in(last)));
            assert!(!Sampling::new(0.0).follows(ending_in(last)));
        }
        let quarter = Sampling::new(0.25);
        assert!(quarter.follows(ending_in(u32::MAX / 4)));
        assert!(!quarter.follows(ending_in(u32::MAX / 4 + 1)));
    }
}
