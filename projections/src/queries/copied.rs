//! Rows as COPY hands them out in its binary format (PostgreSQL's documentation of COPY, "Binary Format"): a header, then rows, each
//! field behind its length, numbers with their highest byte first.
//!
//! A message is a row or several of them, never a part of one (PostgreSQL's documentation of its protocol, "CopyData").

use thiserror::Error;
use uuid::Uuid;

const SIGNATURE: &[u8] = b"PGCOPY\n\xff\r\n\0";

/// Why something is no such row, or not of the columns that were asked for.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("rows cannot be read: {0}")]
pub(super) struct Malformed(pub &'static str);

/// Takes messages apart, the first of which begins with the header.
#[derive(Debug, Default)]
pub(super) struct CopiedRows {
    begun: bool,
}

impl CopiedRows {
    /// Hands each row of the next message to `row`, which reads all its fields.
    pub fn each(
        &mut self,
        message: &[u8],
        mut row: impl FnMut(&mut Fields<'_>) -> Result<(), Malformed>,
    ) -> Result<(), Malformed> {
        let mut rest = message;
        if !std::mem::replace(&mut self.begun, true) {
            if take(&mut rest, SIGNATURE.len())? != SIGNATURE {
                return Err(Malformed("another format"));
            }
            let _flags: [u8; 4] = array(&mut rest)?;
            let extension = length(array(&mut rest)?)?;
            take(&mut rest, extension)?;
        }
        while !rest.is_empty() {
            let Ok(left) = u16::try_from(i16::from_be_bytes(array(&mut rest)?)) else {
                // -1: the end.
                return Ok(());
            };
            let mut fields = Fields { rest, left };
            row(&mut fields)?;
            if fields.left > 0 {
                return Err(Malformed("more fields than were asked for"));
            }
            rest = fields.rest;
        }
        Ok(())
    }
}

/// The fields of a row that are not read yet.
#[derive(Debug)]
pub(super) struct Fields<'m> {
    rest: &'m [u8],
    left: u16,
}

impl<'m> Fields<'m> {
    /// The next one; none: it is null.
    fn next(&mut self) -> Result<Option<&'m [u8]>, Malformed> {
        self.left = self.left.checked_sub(1).ok_or(Malformed("fewer fields than were asked for"))?;
        match i32::from_be_bytes(array(&mut self.rest)?) {
            -1 => Ok(None),
            bytes => take(&mut self.rest, length(bytes.to_be_bytes())?).map(Some),
        }
    }

    /// A text; none: it is null.
    pub fn text(&mut self) -> Result<Option<&'m str>, Malformed> {
        let text = self.next()?.map(std::str::from_utf8).transpose();
        text.map_err(|_| Malformed("a text that is no UTF-8"))
    }

    /// A `uuid`; none: it is null.
    pub fn id(&mut self) -> Result<Option<Uuid>, Malformed> {
        let id = self.next()?.map(Uuid::from_slice).transpose();
        id.map_err(|_| Malformed("an id of other than 16 bytes"))
    }

    /// A `bigint` that is not null.
    pub fn number(&mut self) -> Result<i64, Malformed> {
        let bytes = self.next()?.ok_or(Malformed("null for a number"))?;
        bytes.try_into().map(i64::from_be_bytes).map_err(|_| Malformed("a number of other than 8 bytes"))
    }
}

fn take<'m>(rest: &mut &'m [u8], bytes: usize) -> Result<&'m [u8], Malformed> {
    let (taken, left) = rest.split_at_checked(bytes).ok_or(Malformed("a part of a row"))?;
    *rest = left;
    Ok(taken)
}

fn array<const N: usize>(rest: &mut &[u8]) -> Result<[u8; N], Malformed> {
    let (taken, left) = rest.split_first_chunk().ok_or(Malformed("a part of a row"))?;
    *rest = left;
    Ok(*taken)
}

fn length(bytes: [u8; 4]) -> Result<usize, Malformed> {
    usize::try_from(i32::from_be_bytes(bytes)).map_err(|_| Malformed("a length below nothing"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: Uuid = Uuid::from_u128(7);

    fn header() -> Vec<u8> {
        [SIGNATURE, &[0; 8]].concat()
    }

    /// A seat, nobody's or somebody's, at position 258.
    fn row(owner: Option<Uuid>) -> Vec<u8> {
        let mut row = vec![0, 3, 0, 0, 0, 2, b'A', b'1'];
        match owner {
            Some(owner) => row.extend([&[0, 0, 0, 16], owner.as_bytes().as_slice()].concat()),
            None => row.extend([0xff; 4]),
        }
        row.extend([0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 1, 2]);
        row
    }

    fn read(messages: &[Vec<u8>]) -> Result<Vec<(String, Option<Uuid>, i64)>, Malformed> {
        let (mut rows, mut found) = (CopiedRows::default(), Vec::new());
        for message in messages {
            rows.each(message, |fields| {
                found.push((fields.text()?.unwrap_or_default().to_owned(), fields.id()?, fields.number()?));
                Ok(())
            })?;
        }
        Ok(found)
    }

    #[test]
    fn rows_are_read_wherever_messages_end() {
        let (nobody, somebody) = (("A1".to_owned(), None, 258), ("A1".to_owned(), Some(ID), 258));
        let end = vec![0xff, 0xff];
        let each = [header(), row(None), row(Some(ID)), end.clone()];
        assert_eq!(read(&each), Ok(vec![nobody.clone(), somebody.clone()]));
        assert_eq!(read(&[each.concat()]), Ok(vec![nobody.clone(), somebody]));
        assert_eq!(read(&[[header(), row(None)].concat(), end]), Ok(vec![nobody]));
        assert_eq!(read(&[[header(), vec![0xff, 0xff]].concat()]), Ok(vec![]));
    }

    #[test]
    fn what_is_no_row_is_an_error() {
        let cut = row(Some(ID));
        for bytes in 1..cut.len() {
            assert!(read(&[header(), cut[..bytes].to_vec()]).is_err(), "{bytes} bytes of a row");
        }
        let mut more = row(None);
        more[1] = 4;
        assert_eq!(read(&[header(), more]), Err(Malformed("more fields than were asked for")));
        let mut fewer = row(None);
        fewer[1] = 2;
        assert_eq!(read(&[header(), fewer]), Err(Malformed("fewer fields than were asked for")));
        let mut long = row(None);
        long[2] = 0x80;
        assert_eq!(read(&[header(), long]), Err(Malformed("a length below nothing")));
        assert_eq!(read(&[row(None)]), Err(Malformed("another format")));
    }
}
