//! How a state becomes bytes and is read again: in parts, each by itself in postcard, compressed by LZ4.
//!
//! Whoever needs some of the parts reads those, and several threads can read one each: a state of a hundred thousand tickets
//! takes some tenths of a second. The parts stand one behind the other; before them stands how many there are (a byte) and how
//! long each is (eight bytes, little-endian). A part may come in pages, each compressed by itself with its length before it (four bytes):
//! they are unpacked one after the other into the same memory. New memory costs more than unpacking what goes into it.

use serde::{Serialize, de::DeserializeOwned};
use thiserror::Error;

/// A byte of LZ4 stands for at most so many (a length is a sum of bytes, 255 each).
const UNPACKED_BYTES_MAX: usize = 255;

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

    /// With one more part, which comes in pages.
    ///
    /// # Errors
    /// As [`with`](Self::with).
    pub fn with_pages<T: Serialize>(mut self, pages: impl Iterator<Item = T>) -> Result<Self, Damaged> {
        if self.parts.len() >= usize::from(u8::MAX) {
            return Err(Damaged::Parts);
        }
        let mut part = Vec::new();
        for page in pages {
            let page = lz4_flex::compress_prepend_size(&postcard::to_stdvec(&page)?);
            part.extend(u32::try_from(page.len()).map_err(|_| Damaged::Parts)?.to_le_bytes());
            part.extend(page);
        }
        self.parts.push(part);
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
        let (size, part) = size_and_rest(self.parts.get(number).ok_or(Damaged::Parts)?)?;
        Ok(postcard::from_bytes(&lz4_flex::block::decompress(part, size)?)?)
    }

    /// Gives what the pages of the part of this number hold, from 0, one after the other.
    ///
    /// # Errors
    /// When there is no such part, or it holds something else; some pages may have been given then.
    pub fn pages<T: DeserializeOwned>(&self, number: usize, mut take: impl FnMut(T)) -> Result<(), Damaged> {
        let mut rest = *self.parts.get(number).ok_or(Damaged::Parts)?;
        let mut unpacked = Vec::new();
        while !rest.is_empty() {
            let (length, behind) = rest.split_first_chunk().ok_or(Damaged::Parts)?;
            let length = usize::try_from(u32::from_le_bytes(*length)).map_err(|_| Damaged::Parts)?;
            let (page, behind) = behind.split_at_checked(length).ok_or(Damaged::Parts)?;
            let (size, page) = size_and_rest(page)?;
            if unpacked.len() < size {
                unpacked.resize(size, 0);
            }
            let unpacked = unpacked.get_mut(..size).ok_or(Damaged::Parts)?;
            if lz4_flex::block::decompress_into(page, unpacked)? != size {
                return Err(Damaged::Parts);
            }
            take(postcard::from_bytes(unpacked)?);
            rest = behind;
        }
        Ok(())
    }
}

/// How long it is unpacked, and what is to be unpacked. Bytes that say more than these can hold say something wrong.
fn size_and_rest(packed: &[u8]) -> Result<(usize, &[u8]), Damaged> {
    let (size, rest) = lz4_flex::block::uncompressed_size(packed)?;
    if size > rest.len().saturating_mul(UNPACKED_BYTES_MAX) {
        return Err(Damaged::Parts);
    }
    Ok((size, rest))
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
    fn pages_come_one_after_the_other_in_their_order() {
        let pages = [vec![7; 1_000], vec![], (0..300).collect(), vec![1, 2]];
        let packing = Packing::default().with(&"state").unwrap().with_pages(pages.iter()).unwrap();
        let bytes = packing.with_pages(std::iter::empty::<u8>()).unwrap().with(&"behind").unwrap().bytes();
        let packed = Packed::of(&bytes).unwrap();
        let mut read: Vec<Vec<i32>> = Vec::new();
        packed.pages(1, |page| read.push(page)).unwrap();
        assert_eq!(read, pages);
        packed.pages(2, |_: u8| panic!("there is none")).unwrap();
        assert_eq!(
            (packed.part::<String>(0).unwrap(), packed.part::<String>(3).unwrap()),
            ("state".into(), "behind".into())
        );
        assert!(matches!(packed.pages(4, |_: u8| ()), Err(Damaged::Parts)));
        assert!(matches!(packed.pages(1, |_: (String, String)| ()), Err(Damaged::State(_))));
    }

    #[test]
    fn pages_that_are_damaged_are_not_read() {
        let part = |part: &[u8]| [&[1][..], &(part.len() as u64).to_le_bytes(), part].concat();
        let whole = Packing::default().with_pages([vec![1_u8; 100]].iter()).unwrap().bytes();
        let page = &whole[9..];
        let read = |bytes: &[u8]| Packed::of(&part(bytes)).unwrap().pages(0, |_: Vec<u8>| ());
        assert!(read(page).is_ok());
        for end in 1..page.len() {
            assert!(read(&page[..end]).is_err(), "{end}");
        }
        let size_at = size_of::<u32>();
        for size in [0_u32, 99, 102, 2_000, u32::MAX] {
            let other = [&page[..size_at], &size.to_le_bytes(), &page[2 * size_at..]].concat();
            assert!(read(&other).is_err(), "{size}");
        }
    }

    #[test]
    fn a_part_that_claims_more_than_its_bytes_can_hold_is_not_unpacked() {
        let mut bytes = Packing::default().with(&vec![1_u8; 100]).unwrap().bytes();
        bytes[9..13].copy_from_slice(&u32::MAX.to_le_bytes());
        assert!(matches!(Packed::of(&bytes).unwrap().part::<Vec<u8>>(0), Err(Damaged::Parts)));
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
