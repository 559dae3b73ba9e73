//! How a state becomes bytes and is read again: in parts, each by itself in postcard, compressed by LZ4.
//!
//! Whoever needs some of the parts reads those, and several threads can read one each: a state of a hundred thousand tickets
//! takes some tenths of a second. The parts stand one behind the other; before them stands how many there are (a byte) and how
//! long each is (eight bytes, little-endian).

use serde::{Serialize, de::DeserializeOwned};
use thiserror::Error;

/// What cannot be read, or written.
#[derive(Debug, Error)]
pub enum Damaged {
    /// There are no such parts.
    #[error("a snapshot does not have the parts it should")]
    Parts,
    /// It cannot be unpacked.
    #[error("a snapshot cannot be unpacked")]
    Packed(#[from] lz4_flex::block::DecompressError),
    /// It is no such state.
    #[error("a snapshot does not hold what it should")]
    State(#[from] postcard::Error),
}

/// Parts to be kept.
#[derive(Debug, Default)]
pub struct Packing {
    parts: Vec<Vec<u8>>,
}

/// Parts that were kept.
#[derive(Debug)]
pub struct Packed<'a> {
    parts: Vec<&'a [u8]>,
}

impl Packing {
    /// With one more part.
    ///
    /// # Errors
    /// When it cannot be written, which is a defect of its type.
    pub fn with<T: Serialize>(mut self, part: &T) -> Result<Self, Damaged> {
        if self.parts.len() >= usize::from(u8::MAX) {
            return Err(Damaged::Parts);
        }
        self.parts.push(lz4_flex::compress_prepend_size(&postcard::to_stdvec(part)?));
        Ok(self)
    }

    /// All of them as bytes.
    #[must_use]
    pub fn bytes(self) -> Vec<u8> {
        let mut bytes =
            Vec::with_capacity(1 + self.parts.iter().map(|part| size_of::<u64>() + part.len()).sum::<usize>());
        bytes.extend(u8::try_from(self.parts.len()));
        for part in &self.parts {
            bytes.extend((part.len() as u64).to_le_bytes());
        }
        bytes.extend(self.parts.into_iter().flatten());
        bytes
    }
}

impl<'a> Packed<'a> {
    /// The parts of a snapshot.
    ///
    /// # Errors
    /// When these bytes are none, which is a defect but no reason to stop: the log has everything.
    pub fn of(bytes: &'a [u8]) -> Result<Self, Damaged> {
        let (&count, rest) = bytes.split_first().ok_or(Damaged::Parts)?;
        let (lengths, mut rest) = rest.split_at_checked(usize::from(count) * size_of::<u64>()).ok_or(Damaged::Parts)?;
        let mut parts = Vec::with_capacity(usize::from(count));
        for length in lengths.as_chunks().0 {
            let length = usize::try_from(u64::from_le_bytes(*length)).map_err(|_| Damaged::Parts)?;
            let (part, behind) = rest.split_at_checked(length).ok_or(Damaged::Parts)?;
            parts.push(part);
            rest = behind;
        }
        Ok(Self { parts })
    }

    /// What the part of this number holds, from 0.
    ///
    /// # Errors
    /// When there is none, or it holds something else.
    pub fn part<T: DeserializeOwned>(&self, number: usize) -> Result<T, Damaged> {
        let part = self.parts.get(number).ok_or(Damaged::Parts)?;
        Ok(postcard::from_bytes(&lz4_flex::decompress_size_prepended(part)?)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_part_is_read_by_itself() {
        let bytes = Packing::default().with(&"state").unwrap().with(&vec![1, 2, 3]).unwrap().bytes();
        let packed = Packed::of(&bytes).unwrap();
        assert_eq!(packed.part::<Vec<i32>>(1).unwrap(), [1, 2, 3]);
        assert_eq!(packed.part::<String>(0).unwrap(), "state");
        assert!(matches!(packed.part::<String>(2), Err(Damaged::Parts)));
        assert!(matches!(packed.part::<(String, String)>(0), Err(Damaged::State(_))));
    }

    #[test]
    fn bytes_that_end_too_soon_have_no_parts() {
        let bytes = Packing::default().with(&"state").unwrap().bytes();
        for end in 0..bytes.len() {
            assert!(matches!(Packed::of(&bytes[..end]), Err(Damaged::Parts)), "{end}");
        }
        let unreadable = [&[1][..], &3_u64.to_le_bytes(), &[9, 9, 9]].concat();
        assert!(matches!(Packed::of(&unreadable).unwrap().part::<String>(0), Err(Damaged::Packed(_))));
    }
}
