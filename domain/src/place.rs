//! Places: where somebody sits or stands. A place is a seat, or room for some people in a standing section, or, in a
//! show without a seating, just admission. Events carry places as a list of these.

use serde::{Deserialize, Serialize};

use crate::{
    ValueError,
    text::{Category, bends_a_line},
};

macro_rules! label {
    ($($(#[$doc:meta])* $name:ident(max: $max:literal, hyphen: $hyphen:literal);)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// The text itself.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = ValueError;

            fn try_from(text: String) -> Result<Self, ValueError> {
                if text.trim().is_empty() || text.chars().any(|c| c.is_control() || bends_a_line(c)) {
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
                Ok(Self(text))
            }
        }

        impl From<$name> for String {
            fn from(label: $name) -> Self {
                label.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }
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
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct SeatAddress(String);

impl SeatAddress {
    /// The address of a seat.
    pub fn new(section: &SectionName, row: &RowLabel, seat: &SeatLabel) -> Self {
        Self(format!("{section}-{row}-{seat}"))
    }

    /// The text itself.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Section, row and seat.
    pub fn parts(&self) -> (&str, &str, &str) {
        let mut parts = self.0.rsplitn(3, '-');
        let seat = parts.next().unwrap_or_default();
        let row = parts.next().unwrap_or_default();
        (parts.next().unwrap_or_default(), row, seat)
    }
}

impl TryFrom<String> for SeatAddress {
    type Error = ValueError;

    fn try_from(text: String) -> Result<Self, ValueError> {
        let bad = text.chars().count() > 102 || text.chars().any(|c| c.is_control() || bends_a_line(c));
        let address = Self(text);
        let (section, row, seat) = address.parts();
        if bad || section.is_empty() || row.is_empty() || seat.is_empty() {
            return Err(ValueError("is not a seat; write it as Section-Row-Seat".to_owned()));
        }
        Ok(address)
    }
}

impl From<SeatAddress> for String {
    fn from(address: SeatAddress) -> Self {
        address.0
    }
}

impl std::fmt::Display for SeatAddress {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
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
