//! How a state becomes bytes and is read again: postcard, compressed by LZ4.
//!
//! Fields stand one behind the other without names, so whoever needs the first ones only reads those.

use serde::{Serialize, de::DeserializeOwned};
use thiserror::Error;

/// What cannot be read, or written.
#[derive(Debug, Error)]
pub enum Damaged {
    /// It cannot be unpacked.
    #[error("a snapshot cannot be unpacked")]
    Packed(#[from] lz4_flex::block::DecompressError),
    /// It is no such state.
    #[error("a snapshot does not hold what it should")]
    State(#[from] postcard::Error),
}

/// What a snapshot keeps of a state.
///
/// # Errors
/// When the state cannot be written, which is a defect of its type.
pub fn packed<T: Serialize>(state: &T) -> Result<Vec<u8>, Damaged> {
    Ok(lz4_flex::compress_prepend_size(&postcard::to_stdvec(state)?))
}

/// The state that a snapshot begins with.
///
/// # Errors
/// When there is none, which is a defect but no reason to stop: the log has everything.
pub fn unpacked<T: DeserializeOwned>(state: &[u8]) -> Result<T, Damaged> {
    Ok(postcard::from_bytes(&lz4_flex::decompress_size_prepended(state)?)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_of_what_is_kept_is_read_alone() {
        let bytes = packed(&(String::from("state"), vec![1, 2, 3])).unwrap();
        assert_eq!(unpacked::<String>(&bytes).unwrap(), "state");
        assert_eq!(unpacked::<(String, Vec<i32>)>(&bytes).unwrap().1, [1, 2, 3]);
        assert!(matches!(unpacked::<String>(&bytes[..2]), Err(Damaged::Packed(_))));
        let other = packed(&7_u8).unwrap();
        assert!(matches!(unpacked::<String>(&other), Err(Damaged::State(_))));
    }
}
