//! Coordinates: numbers in JSON, integers in events. The only floats of the write side end here.

use domain::{ValueError, seating::Milli};
use serde::Deserialize;

/// The greatest coordinate of a seating plan, either way, in the plan's unit.
const PLAN_MAX: f64 = 1e9;

/// North of the equator, kept in ten-millionths of a degree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "f64")]
pub(super) struct Latitude(pub(super) i32);

/// East of Greenwich, kept in ten-millionths of a degree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "f64")]
pub(super) struct Longitude(pub(super) i32);

/// A coordinate on a seating plan, kept in thousandths of its unit.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(try_from = "f64")]
pub(super) struct PlanCoordinate(f64);

impl TryFrom<f64> for Latitude {
    type Error = ValueError;

    fn try_from(degrees: f64) -> Result<Self, ValueError> {
        e7(degrees, 90.0).map(Self)
    }
}

impl TryFrom<f64> for Longitude {
    type Error = ValueError;

    fn try_from(degrees: f64) -> Result<Self, ValueError> {
        e7(degrees, 180.0).map(Self)
    }
}

impl TryFrom<f64> for PlanCoordinate {
    type Error = ValueError;

    fn try_from(unit: f64) -> Result<Self, ValueError> {
        if (-PLAN_MAX..=PLAN_MAX).contains(&unit) {
            Ok(Self(unit))
        } else {
            Err(ValueError("must be from -1000000000 to 1000000000".to_owned()))
        }
    }
}

impl PlanCoordinate {
    /// In the plan's unit.
    pub(super) fn unit(self) -> f64 {
        self.0
    }

    /// As events have it.
    pub(super) fn milli(self) -> Milli {
        // At most 10^12 and some sums of it: exact in an f64, far inside an i64.
        Milli((self.0 * 1_000.0).round() as i64)
    }
}

impl std::ops::Add for PlanCoordinate {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}

fn e7(degrees: f64, max: f64) -> Result<i32, ValueError> {
    if (-max..=max).contains(&degrees) {
        // 180 * 10^7 fits 31 bits.
        Ok((degrees * 1e7).round() as i32)
    } else {
        Err(ValueError(format!("must be degrees from -{max} to {max}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn degrees_are_rounded_to_ten_millionths_and_bounded() {
        assert_eq!(Latitude::try_from(50.984_767_8).unwrap().0, 509_847_678);
        assert_eq!(Longitude::try_from(-180.0).unwrap().0, -1_800_000_000);
        assert!(Latitude::try_from(90.000_1).is_err());
        assert!(Longitude::try_from(f64::NAN).is_err());
    }

    #[test]
    fn plan_coordinates_are_rounded_to_thousandths() {
        assert_eq!(PlanCoordinate::try_from(1.5).unwrap().milli(), Milli(1_500));
        assert_eq!(PlanCoordinate::try_from(-0.000_4).unwrap().milli(), Milli(0));
        assert!(PlanCoordinate::try_from(1.1e9).is_err());
    }
}
