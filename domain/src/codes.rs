//! Short codes: what somebody types on the keypad. Fixed in length for a show, never given twice.
//!
//! The k-th code of a show is a function of its key and k, so drawing costs the same however full the space is. Codes
//! of n digits are drawn in ten classes of 10^(n-1): in a class the digits sum to one constant modulo 10, so two codes
//! of a class differ in at least two digits (a checksum's distance). The first class is a tenth of the space: while no
//! more than that is used, a slip of one finger is nobody's code. Within a class, order is a keyed permutation (a
//! Feistel network over digits in the manner of NIST SP 800-38G FF1, with SHA-256 as round function), so that codes
//! cannot be counted through.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::ValueError;

/// The shortest code, in digits.
pub const CODE_LENGTH_MIN: u8 = 3;
/// The longest code, in digits.
pub const CODE_LENGTH_MAX: u8 = 8;

/// How many digits a show's codes have: 3 to 8.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub struct CodeLength(u8);

impl CodeLength {
    /// The shortest length that leaves nine codes in ten unused when `capacity` tickets are out.
    pub fn for_capacity(capacity: u32) -> Self {
        let fitting = (CODE_LENGTH_MIN..CODE_LENGTH_MAX).find(|n| u64::from(capacity) <= 10_u64.pow(u32::from(n - 1)));
        Self(fitting.unwrap_or(CODE_LENGTH_MAX))
    }

    /// How many codes there are.
    pub fn space(self) -> u32 {
        10_u32.pow(u32::from(self.0))
    }

    /// In digits.
    pub fn digits(self) -> u8 {
        self.0
    }
}

impl TryFrom<u8> for CodeLength {
    type Error = ValueError;

    fn try_from(digits: u8) -> Result<Self, ValueError> {
        if (CODE_LENGTH_MIN..=CODE_LENGTH_MAX).contains(&digits) {
            Ok(Self(digits))
        } else {
            Err(ValueError(format!("must be from {CODE_LENGTH_MIN} to {CODE_LENGTH_MAX} digits")))
        }
    }
}

impl From<CodeLength> for u8 {
    fn from(length: CodeLength) -> Self {
        length.0
    }
}

/// A code: digits, leading zeros included.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ShortCode {
    value: u32,
    digits: u8,
}

impl ShortCode {
    /// Its digits as a number.
    pub fn value(self) -> u32 {
        self.value
    }
}

impl std::fmt::Display for ShortCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:0width$}", self.value, width = usize::from(self.digits))
    }
}

impl std::fmt::Debug for ShortCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Display::fmt(self, f)
    }
}

impl TryFrom<String> for ShortCode {
    type Error = ValueError;

    fn try_from(text: String) -> Result<Self, ValueError> {
        Self::try_from(text.as_str())
    }
}

impl TryFrom<&str> for ShortCode {
    type Error = ValueError;

    fn try_from(text: &str) -> Result<Self, ValueError> {
        let digits = u8::try_from(text.len()).unwrap_or(u8::MAX);
        let plain = text.bytes().all(|b| b.is_ascii_digit());
        match text.parse() {
            Ok(value) if plain && (CODE_LENGTH_MIN..=CODE_LENGTH_MAX).contains(&digits) => Ok(Self { value, digits }),
            _ => Err(ValueError("is not a short code of 3 to 8 digits".to_owned())),
        }
    }
}

impl From<ShortCode> for String {
    fn from(code: ShortCode) -> Self {
        code.to_string()
    }
}

impl Serialize for ShortCode {
    /// Its digits as text; in a format that is not for people, its value and how many digits it has.
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            serializer.collect_str(self)
        } else {
            (self.value, self.digits).serialize(serializer)
        }
    }
}

impl<'de> Deserialize<'de> for ShortCode {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if deserializer.is_human_readable() {
            return Self::try_from(String::deserialize(deserializer)?).map_err(serde::de::Error::custom);
        }
        let (value, digits) = <(u32, CodeLength)>::deserialize(deserializer)?;
        if value < digits.space() {
            Ok(Self { value, digits: digits.digits() })
        } else {
            Err(serde::de::Error::custom("is not a short code of so many digits"))
        }
    }
}

/// The codes of one show, in the order in which they are drawn.
#[derive(Clone, Copy)]
pub struct CodeSequence {
    key: [u8; 32],
    length: CodeLength,
}

impl CodeSequence {
    /// The sequence of a show: `key` is secret and the show's own.
    pub fn new(key: [u8; 32], length: CodeLength) -> Self {
        Self { key, length }
    }

    /// The code number `index`, from 0; none when the space is used up.
    pub fn nth(&self, index: u32) -> Option<ShortCode> {
        if index >= self.length.space() {
            return None;
        }
        let class_size = self.length.space() / 10;
        let class = index / class_size;
        let body = self.permute(class, index % class_size);
        let checksum = (self.first_checksum() + class) % 10;
        let last = (checksum + 10 * 10 - digit_sum(body)) % 10;
        Some(ShortCode { value: body * 10 + last, digits: self.length.0 })
    }

    /// Which checksum the first class has: the show's own, so that a digit cannot be guessed from another show.
    fn first_checksum(&self) -> u32 {
        self.round(u32::MAX, 0, 0) % 10
    }

    /// A keyed permutation of the numbers of `length - 1` digits.
    fn permute(&self, class: u32, number: u32) -> u32 {
        let digits = u32::from(self.length.0) - 1;
        let left_size = 10_u32.pow(digits / 2);
        let right_size = 10_u32.pow(digits - digits / 2);
        let (mut left, mut right) = (number / right_size, number % right_size);
        for round in 0..5 {
            left = (left + self.round(class, round * 2, right) % left_size) % left_size;
            right = (right + self.round(class, round * 2 + 1, left) % right_size) % right_size;
        }
        left * right_size + right
    }

    fn round(&self, class: u32, round: u32, half: u32) -> u32 {
        let mut hash = Sha256::new();
        hash.update(self.key);
        hash.update(class.to_be_bytes());
        hash.update(round.to_be_bytes());
        hash.update(half.to_be_bytes());
        let digest = hash.finalize();
        u32::from_be_bytes([digest[0], digest[1], digest[2], digest[3]])
    }
}

fn digit_sum(mut number: u32) -> u32 {
    let mut sum = 0;
    while number > 0 {
        sum += number % 10;
        number /= 10;
    }
    sum
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    fn sequence(digits: u8, key: u8) -> CodeSequence {
        CodeSequence::new([key; 32], CodeLength::try_from(digits).unwrap())
    }

    #[test]
    fn every_code_of_the_space_is_drawn_once() {
        for digits in [3, 4, 5] {
            let codes = sequence(digits, 7);
            let space = codes.length.space();
            let drawn: HashSet<_> = (0..space).map(|k| codes.nth(k).unwrap()).collect();
            assert_eq!(drawn.len(), space as usize);
            assert_eq!(codes.nth(space), None);
        }
    }

    #[test]
    fn in_the_first_tenth_no_code_is_one_digit_from_another() {
        for key in 0..5 {
            let codes = sequence(4, key);
            let live: HashSet<u32> = (0..1_000).map(|k| codes.nth(k).unwrap().value()).collect();
            for &code in &live {
                for place in [1, 10, 100, 1_000] {
                    let digit = code / place % 10;
                    for other in (0..10).filter(|d| *d != digit) {
                        assert!(!live.contains(&(code - digit * place + other * place)));
                    }
                }
            }
        }
    }

    #[test]
    fn codes_do_not_follow_each_other() {
        let codes = sequence(6, 3);
        let steps: HashSet<i64> = (0..1_000)
            .map(|k| {
                let step = |k| i64::from(codes.nth(k).unwrap().value());
                step(k + 1) - step(k)
            })
            .collect();
        assert!(steps.len() > 950, "only {} different steps", steps.len());
    }

    #[test]
    fn length_leaves_nine_codes_in_ten_unused() {
        for (capacity, digits) in [(1, 3), (100, 3), (101, 4), (1_231, 5), (10_000, 5), (10_001, 6), (10_000_000, 8)] {
            assert_eq!(CodeLength::for_capacity(capacity).digits(), digits, "{capacity}");
        }
    }

    #[test]
    fn leading_zeros_count() {
        assert_eq!(ShortCode::try_from("007").unwrap().to_string(), "007");
        assert_ne!(ShortCode::try_from("007").unwrap(), ShortCode::try_from("0007").unwrap());
        for bad in ["", "12", "123456789", "12a", "+12", "１２３"] {
            assert!(ShortCode::try_from(bad).is_err(), "{bad}");
        }
    }
}
