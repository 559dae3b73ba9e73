//! Rows as COPY takes them and hands them out in its binary format (PostgreSQL's documentation of COPY, "Binary Format"): a header,
//! then rows, each field behind its length, numbers with their highest byte first. Neither side writes or reads a number, an id or a
//! time as text.
//!
//! A message that comes is a row or several of them, never a part of one (PostgreSQL's documentation of its protocol, "CopyData").

use chrono::{DateTime, Utc};
use thiserror::Error;
use uuid::Uuid;

const SIGNATURE: &[u8] = b"PGCOPY\n\xff\r\n\0";

/// Instead of a length.
const NULL: i32 = -1;
/// Instead of a count of fields.
const END: i16 = -1;

/// The type `uuid` (PostgreSQL's `pg_type.dat`).
const UUID_OID: i32 = 2_950;

/// Microseconds from 1970 until 2000, where PostgreSQL begins to count.
const MICROS_UNTIL_2000: i64 = 946_684_800_000_000;

/// Rows of so many fields, to be sent.
#[derive(Debug)]
pub(crate) struct RowsToCopy {
    bytes: Vec<u8>,
    fields: i16,
}

impl RowsToCopy {
    /// No rows yet, of these columns.
    pub fn of(columns: &[&str]) -> Self {
        let bytes = [SIGNATURE, &[0; 8]].concat();
        #[expect(clippy::expect_used, reason = "our own tables, of some ten columns")]
        let fields = columns.len().try_into().expect("more columns than a table can have");
        Self { bytes, fields }
    }

    /// Begins a row, whose fields follow in the order of the columns.
    pub fn row(&mut self) -> &mut Self {
        self.put(self.fields.to_be_bytes())
    }

    /// Of type `bigint`.
    pub fn number(&mut self, number: i64) -> &mut Self {
        self.field(&number.to_be_bytes())
    }

    /// Of type `integer`.
    pub fn small_number(&mut self, number: i32) -> &mut Self {
        self.field(&number.to_be_bytes())
    }

    /// Of type `uuid`.
    pub fn id(&mut self, id: impl Into<Option<Uuid>>) -> &mut Self {
        match id.into() {
            Some(id) => self.field(id.as_bytes()),
            None => self.put(NULL.to_be_bytes()),
        }
    }

    /// Of type `uuid[]`.
    pub fn ids(&mut self, ids: &[Uuid]) -> &mut Self {
        let dimensions = i32::from(!ids.is_empty());
        // Dimensions, no nulls among them, their type; how many, counted from 1.
        let mut head = vec![dimensions, 0, UUID_OID];
        if !ids.is_empty() {
            head.extend([length_of(ids.len()), 1]);
        }
        self.put(length_of(4 * head.len() + (4 + 16) * ids.len()).to_be_bytes());
        for part in head {
            self.put(part.to_be_bytes());
        }
        for id in ids {
            self.field(id.as_bytes());
        }
        self
    }

    /// Of type `timestamptz`, which knows microseconds.
    pub fn moment(&mut self, moment: DateTime<Utc>) -> &mut Self {
        self.number(moment.timestamp_micros() - MICROS_UNTIL_2000)
    }

    /// Of type `boolean`.
    pub fn truth(&mut self, truth: bool) -> &mut Self {
        self.field(&[u8::from(truth)])
    }

    /// Of type `text`, in UTF-8.
    pub fn text<'t>(&mut self, text: impl Into<Option<&'t str>>) -> &mut Self {
        match text.into() {
            Some(text) => self.field(text.as_bytes()),
            None => self.put(NULL.to_be_bytes()),
        }
    }

    /// Whether it has no rows.
    pub fn is_empty(&self) -> bool {
        self.bytes.len() == SIGNATURE.len() + 8
    }

    /// All of it, with the end of it.
    pub fn into_bytes(mut self) -> Vec<u8> {
        self.put(END.to_be_bytes());
        self.bytes
    }

    fn field(&mut self, bytes: &[u8]) -> &mut Self {
        self.put(length_of(bytes.len()).to_be_bytes());
        self.bytes.extend_from_slice(bytes);
        self
    }

    fn put<const N: usize>(&mut self, bytes: [u8; N]) -> &mut Self {
        self.bytes.extend_from_slice(&bytes);
        self
    }
}

/// PostgreSQL refuses a length that is cut off here: no field has a gigabyte.
fn length_of(bytes: usize) -> i32 {
    bytes.try_into().unwrap_or(i32::MAX)
}

/// Why something is no such row, or not of the columns that were asked for.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("rows cannot be read: {0}")]
pub(crate) struct Malformed(pub &'static str);

/// Takes messages apart, the first of which begins with the header.
#[derive(Debug, Default)]
pub(crate) struct CopiedRows {
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
pub(crate) struct Fields<'m> {
    rest: &'m [u8],
    left: u16,
}

impl<'m> Fields<'m> {
    /// The next one; none: it is null.
    fn next(&mut self) -> Result<Option<&'m [u8]>, Malformed> {
        self.left = self.left.checked_sub(1).ok_or(Malformed("fewer fields than were asked for"))?;
        match i32::from_be_bytes(array(&mut self.rest)?) {
            NULL => Ok(None),
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

    #[test]
    fn what_is_written_is_read() {
        let mut rows = RowsToCopy::of(&["seat", "owner", "position"]);
        rows.row().text("Ä\t1").id(None).number(-3);
        rows.row().text(None).id(ID).number(i64::MAX);
        let found = read(&[rows.into_bytes()]);
        assert_eq!(found, Ok(vec![("Ä\t1".to_owned(), None, -3), (String::new(), Some(ID), i64::MAX)]));
    }

    #[test]
    fn fields_are_as_postgresql_documents_them() {
        let bytes = |write: &dyn for<'r> Fn(&'r mut RowsToCopy) -> &'r mut RowsToCopy| {
            let mut rows = RowsToCopy::of(&["one"]);
            write(rows.row());
            rows.into_bytes()[header().len() + 2..].strip_suffix(&[0xff, 0xff]).unwrap().to_vec()
        };
        assert_eq!(bytes(&|row| row.small_number(258)), [0, 0, 0, 4, 0, 0, 1, 2]);
        assert_eq!(bytes(&|row| row.truth(true)), [0, 0, 0, 1, 1]);
        let second = "2000-01-01T00:00:01.000000999Z".parse().unwrap();
        assert_eq!(bytes(&|row| row.moment(second)), [0, 0, 0, 8, 0, 0, 0, 0, 0, 15, 66, 64]);
        assert_eq!(bytes(&|row| row.ids(&[])), [0, 0, 0, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 11, 134]);
        let of_one = [0, 0, 0, 40, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 11, 134, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 16];
        assert_eq!(bytes(&|row| row.ids(&[ID])), [of_one.as_slice(), ID.as_bytes()].concat());
    }

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
