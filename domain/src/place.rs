//! Places: where somebody sits or stands. A place is a seat, or room for some people in a standing section, or, in a
//! show without a seating, just admission. Events carry places as a list of these.

use compact_str::CompactString;
use serde::{Deserialize, Serialize};

use crate::{
    ValueError,
    text::{Category, bends_a_line, checked_text, is_plain},
};

fn holds_control(text: &str) -> bool {
    !is_plain(text) && text.chars().any(|c| c.is_control() || bends_a_line(c))
}

macro_rules! label {
    ($($(#[$doc:meta])* $name:ident(max: $max:literal, hyphen: $hyphen:literal);)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(CompactString);

        impl $name {
            fn check(text: &str) -> Result<(), ValueError> {
                if text.trim().is_empty() || holds_control(text) {
                    return Err(ValueError("must be a text without control characters".to_owned()));
                }
                if text.chars().count() > $max {
                    return Err(ValueError(format!("has more than {} characters", $max)));
                }
                if !$hyphen && text.contains('-') {
                    return Err(ValueError(
                        "must hold no hyphen, since seats are addressed as Section-Row-Seat".to_owned(),
                    ));
                }
                Ok(())
            }
        }

        checked_text!($name);
    )*};
}

label! {
    /// The name of a section, unique in its show.
    SectionName(max: 60, hyphen: true);
    /// The label of a row, unique in its section.
    RowLabel(max: 20, hyphen: false);
    /// The label of a seat, unique in its row.
    SeatLabel(max: 20, hyphen: false);
}

/// A seat's address in its show: `Section-Row-Seat`, as in `Block A-3-12`. Row and seat hold no hyphen, so that the
/// last two hyphens part it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SeatAddress(CompactString);

impl SeatAddress {
    /// The address of a seat.
    pub fn new(section: &SectionName, row: &RowLabel, seat: &SeatLabel) -> Self {
        Self(compact_str::format_compact!("{section}-{row}-{seat}"))
    }

    /// Section, row and seat.
    pub fn parts(&self) -> (&str, &str, &str) {
        parts(&self.0)
    }

    fn check(text: &str) -> Result<(), ValueError> {
        let bad = text.chars().count() > 102 || holds_control(text);
        let (section, row, seat) = parts(text);
        if bad || section.is_empty() || row.is_empty() || seat.is_empty() {
            return Err(ValueError("is not a seat; write it as Section-Row-Seat".to_owned()));
        }
        Ok(())
    }
}

checked_text!(SeatAddress);

fn parts(address: &str) -> (&str, &str, &str) {
    let mut parts = address.rsplitn(3, '-');
    let seat = parts.next().unwrap_or_default();
    let row = parts.next().unwrap_or_default();
    (parts.next().unwrap_or_default(), row, seat)
}

/// Where somebody sits or stands.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Place {
    /// The section; none in a show without a seating.
    pub section: Option<SectionName>,
    /// The seat; none where people stand.
    pub seat: Option<SeatAddress>,
    /// How many people the place is for: 1 for a seat.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub persons: u32,
}

fn one() -> u32 {
    1
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
fn is_one(n: &u32) -> bool {
    *n == 1
}

impl Place {
    /// A seat.
    pub fn seat(section: SectionName, seat: SeatAddress) -> Self {
        Self { section: Some(section), seat: Some(seat), persons: 1 }
    }

    /// Room for `persons` people in a standing section.
    pub fn standing(section: SectionName, persons: u32) -> Self {
        Self { section: Some(section), seat: None, persons }
    }

    /// Admission to a show without a seating.
    pub fn anywhere(persons: u32) -> Self {
        Self { section: None, seat: None, persons }
    }
}

/// A seat's category, or none where seats have none and where people stand.
pub type MaybeCategory = Option<Category>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_two_hyphens_part_an_address() {
        let address = SeatAddress::try_from("North-East Stand-3-12".to_owned()).unwrap();
        assert_eq!(address.parts(), ("North-East Stand", "3", "12"));
        for bad in ["", "A", "A-1", "-1-2", "A--2", "A-1-"] {
            assert!(SeatAddress::try_from(bad.to_owned()).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_row_label_holds_no_hyphen() {
        assert!(RowLabel::try_from("3-4".to_owned()).is_err());
        assert!(SectionName::try_from("North-East".to_owned()).is_ok());
    }
}
