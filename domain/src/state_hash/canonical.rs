//! The canonical encoding of a value: one and the same bytes for equal values, other bytes for others.
//!
//! Every value begins with a byte that says of which kind it is, and texts with their length, so that no two values run into the
//! same bytes. Integers are written alike whatever their width. Fields and variants go by their names; a map's entries stand in
//! the order of their keys' bytes, whichever order the map has. Floats are refused: none is in a state.
//!
//! | what | bytes |
//! | --- | --- |
//! | nothing, something | `-`, `+` and the value |
//! | unit, false, true | `_`, `f`, `t` |
//! | an integer: from 0, below 0 | `p` and 8 bytes, `n` and 8 bytes (two's complement); beyond 64 bits `P`, `N` and 16 bytes; big-endian |
//! | text, bytes | `s`, `b`, the length as 8 bytes big-endian, the bytes (UTF-8) |
//! | a list or tuple | `[`, its values, `]` |
//! | a struct | `(`, for each field its name as a text and its value, `)` |
//! | a variant | `v`, its name as a text, what it holds |
//! | a map | `{`, for each entry key and value, `}` |

use std::{fmt, ops::Range};

use serde::{Serialize, Serializer, ser};
use sha2::{Digest as _, Sha256};

/// Writes a value.
pub(super) fn write<W: Sink>(value: &(impl Serialize + ?Sized), to: &mut W) -> Result<(), Refused> {
    value.serialize(Canonical(to))
}

/// Where bytes go.
pub(super) trait Sink {
    fn put(&mut self, bytes: &[u8]);
}

impl Sink for Sha256 {
    fn put(&mut self, bytes: &[u8]) {
        self.update(bytes);
    }
}

impl Sink for Vec<u8> {
    fn put(&mut self, bytes: &[u8]) {
        self.extend_from_slice(bytes);
    }
}

/// Why a value was not written.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct Refused(String);

impl ser::Error for Refused {
    fn custom<T: fmt::Display>(why: T) -> Self {
        Self(why.to_string())
    }
}

struct Canonical<'a, W>(&'a mut W);

impl<'a, W: Sink> Canonical<'a, W> {
    fn bytes(self, kind: u8, bytes: &[u8]) {
        self.0.put(&[kind]);
        self.0.put(&(bytes.len() as u64).to_be_bytes());
        self.0.put(bytes);
    }

    fn named(self, name: &str) -> &'a mut W {
        self.0.put(b"v");
        Canonical(&mut *self.0).bytes(b's', name.as_bytes());
        self.0
    }

    fn many(to: &'a mut W, open: &[u8], close: &'static [u8]) -> Many<'a, W> {
        to.put(open);
        Many { to, close }
    }
}

impl<'a, W: Sink> Serializer for Canonical<'a, W> {
    type Ok = ();
    type Error = Refused;
    type SerializeSeq = Many<'a, W>;
    type SerializeTuple = Many<'a, W>;
    type SerializeTupleStruct = Many<'a, W>;
    type SerializeTupleVariant = Many<'a, W>;
    type SerializeMap = Entries<'a, W>;
    type SerializeStruct = Many<'a, W>;
    type SerializeStructVariant = Many<'a, W>;

    fn is_human_readable(&self) -> bool {
        false
    }

    fn serialize_bool(self, yes: bool) -> Result<(), Refused> {
        self.0.put(if yes { b"t" } else { b"f" });
        Ok(())
    }

    fn serialize_i8(self, n: i8) -> Result<(), Refused> {
        self.serialize_i64(n.into())
    }

    fn serialize_i16(self, n: i16) -> Result<(), Refused> {
        self.serialize_i64(n.into())
    }

    fn serialize_i32(self, n: i32) -> Result<(), Refused> {
        self.serialize_i64(n.into())
    }

    fn serialize_i64(self, n: i64) -> Result<(), Refused> {
        self.0.put(if n < 0 { b"n" } else { b"p" });
        self.0.put(&n.to_be_bytes());
        Ok(())
    }

    fn serialize_i128(self, n: i128) -> Result<(), Refused> {
        match (i64::try_from(n), u128::try_from(n)) {
            (Ok(short), _) => return self.serialize_i64(short),
            (Err(_), Ok(positive)) => return self.serialize_u128(positive),
            (Err(_), Err(_)) => {
                self.0.put(b"N");
                self.0.put(&n.to_be_bytes());
            }
        }
        Ok(())
    }

    fn serialize_u8(self, n: u8) -> Result<(), Refused> {
        self.serialize_u64(n.into())
    }

    fn serialize_u16(self, n: u16) -> Result<(), Refused> {
        self.serialize_u64(n.into())
    }

    fn serialize_u32(self, n: u32) -> Result<(), Refused> {
        self.serialize_u64(n.into())
    }

    fn serialize_u64(self, n: u64) -> Result<(), Refused> {
        self.0.put(b"p");
        self.0.put(&n.to_be_bytes());
        Ok(())
    }

    fn serialize_u128(self, n: u128) -> Result<(), Refused> {
        match u64::try_from(n) {
            Ok(short) => return self.serialize_u64(short),
            Err(_) => {
                self.0.put(b"P");
                self.0.put(&n.to_be_bytes());
            }
        }
        Ok(())
    }

    fn serialize_f32(self, _: f32) -> Result<(), Refused> {
        Err(Refused("a float has no canonical form here".to_owned()))
    }

    fn serialize_f64(self, _: f64) -> Result<(), Refused> {
        Err(Refused("a float has no canonical form here".to_owned()))
    }

    fn serialize_char(self, c: char) -> Result<(), Refused> {
        self.serialize_str(c.encode_utf8(&mut [0; 4]))
    }

    fn serialize_str(self, text: &str) -> Result<(), Refused> {
        self.bytes(b's', text.as_bytes());
        Ok(())
    }

    fn serialize_bytes(self, bytes: &[u8]) -> Result<(), Refused> {
        self.bytes(b'b', bytes);
        Ok(())
    }

    fn serialize_none(self) -> Result<(), Refused> {
        self.0.put(b"-");
        Ok(())
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Refused> {
        self.0.put(b"+");
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<(), Refused> {
        self.0.put(b"_");
        Ok(())
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<(), Refused> {
        self.serialize_unit()
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, name: &'static str) -> Result<(), Refused> {
        Canonical(self.named(name)).serialize_unit()
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Result<(), Refused> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        name: &'static str,
        value: &T,
    ) -> Result<(), Refused> {
        value.serialize(Canonical(self.named(name)))
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Many<'a, W>, Refused> {
        Ok(Self::many(self.0, b"[", b"]"))
    }

    fn serialize_tuple(self, _: usize) -> Result<Many<'a, W>, Refused> {
        Ok(Self::many(self.0, b"[", b"]"))
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Many<'a, W>, Refused> {
        Ok(Self::many(self.0, b"[", b"]"))
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        name: &'static str,
        _: usize,
    ) -> Result<Many<'a, W>, Refused> {
        Ok(Self::many(self.named(name), b"[", b"]"))
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Entries<'a, W>, Refused> {
        Ok(Entries { to: self.0, bytes: Vec::new(), entries: Vec::new() })
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Many<'a, W>, Refused> {
        Ok(Self::many(self.0, b"(", b")"))
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        name: &'static str,
        _: usize,
    ) -> Result<Many<'a, W>, Refused> {
        Ok(Self::many(self.named(name), b"(", b")"))
    }
}

/// Values one after the other, and what closes them.
struct Many<'a, W> {
    to: &'a mut W,
    close: &'static [u8],
}

impl<W: Sink> Many<'_, W> {
    fn value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Refused> {
        value.serialize(Canonical(&mut *self.to))
    }

    fn field<T: Serialize + ?Sized>(&mut self, name: &str, value: &T) -> Result<(), Refused> {
        self.value(name)?;
        self.value(value)
    }

    fn close(self) {
        self.to.put(self.close);
    }
}

/// How serde calls the same thing for each kind of list and struct.
macro_rules! many {
    ([$($list:ident $method:ident),*], [$($fields:ident),*]) => {
        $(impl<W: Sink> ser::$list for Many<'_, W> {
            type Ok = ();
            type Error = Refused;

            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Refused> {
                self.value(value)
            }

            fn end(self) -> Result<(), Refused> {
                self.close();
                Ok(())
            }
        })*
        $(impl<W: Sink> ser::$fields for Many<'_, W> {
            type Ok = ();
            type Error = Refused;

            fn serialize_field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Result<(), Refused> {
                self.field(name, value)
            }

            fn end(self) -> Result<(), Refused> {
                self.close();
                Ok(())
            }
        })*
    };
}

many! {
    [
        SerializeSeq serialize_element,
        SerializeTuple serialize_element,
        SerializeTupleStruct serialize_field,
        SerializeTupleVariant serialize_field
    ],
    [SerializeStruct, SerializeStructVariant]
}

/// A map's entries, written beside until all are there and can be put in order.
struct Entries<'a, W> {
    to: &'a mut W,
    bytes: Vec<u8>,
    /// Where each entry's key and value are.
    entries: Vec<(Range<usize>, Range<usize>)>,
}

impl<W: Sink> ser::SerializeMap for Entries<'_, W> {
    type Ok = ();
    type Error = Refused;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Refused> {
        let from = self.bytes.len();
        write(key, &mut self.bytes)?;
        let to = self.bytes.len();
        self.entries.push((from..to, to..to));
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Refused> {
        write(value, &mut self.bytes)?;
        if let Some((_, value)) = self.entries.last_mut() {
            value.end = self.bytes.len();
        }
        Ok(())
    }

    fn end(self) -> Result<(), Refused> {
        let Self { to, bytes, mut entries } = self;
        entries.sort_unstable_by(|(one, _), (other, _)| bytes[one.clone()].cmp(&bytes[other.clone()]));
        to.put(b"{");
        for (key, value) in entries {
            to.put(&bytes[key.start..value.end]);
        }
        to.put(b"}");
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, HashMap};

    use super::*;

    fn bytes(value: impl Serialize) -> Vec<u8> {
        let mut bytes = Vec::new();
        write(&value, &mut bytes).unwrap();
        bytes
    }

    #[test]
    fn a_map_is_written_in_the_order_of_its_keys() {
        let pairs = || (0..1_000_u32).map(|n| (n.wrapping_mul(0x9E37_79B9), n));
        let forwards: HashMap<u32, u32> = pairs().collect();
        let backwards: HashMap<u32, u32> = pairs().rev().collect();
        let in_order: BTreeMap<u32, u32> = pairs().collect();
        assert_eq!(bytes(&forwards), bytes(&backwards));
        assert_eq!(bytes(&forwards), bytes(&in_order));
        assert_eq!(bytes(HashMap::from([("b", 2), ("a", 1)])), bytes(BTreeMap::from([("a", 1_i64), ("b", 2)])));
    }

    #[test]
    fn values_that_look_alike_are_written_apart() {
        let alike = [
            bytes(["ab", "c"]),
            bytes(["a", "bc"]),
            bytes("abc"),
            bytes([["a"], ["b"]]),
            bytes([["a", "b"]]),
            bytes(None::<u8>),
            bytes(Some(None::<u8>)),
            bytes(()),
            bytes(0),
            bytes(-1),
            bytes(u64::MAX),
            bytes(false),
            bytes(""),
            bytes(u128::MAX),
            bytes(-1_i128 << 100),
            bytes(Vec::<u8>::new()),
            bytes(HashMap::<u8, u8>::new()),
        ];
        for (i, one) in alike.iter().enumerate() {
            assert!(alike[i + 1..].iter().all(|other| one != other), "{i}");
        }
    }

    #[test]
    fn an_integer_is_the_same_in_any_width() {
        assert_eq!(bytes(7_u8), bytes(7_i64));
        assert_eq!(bytes(7_usize), bytes(7_i128));
        assert_eq!(bytes(-7_i8), bytes(-7_i128));
    }

    #[test]
    fn floats_are_refused() {
        assert!(write(&1.5, &mut Vec::new()).is_err());
    }
}
