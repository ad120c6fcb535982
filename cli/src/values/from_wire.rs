//! MessagePack as JSON, without a copy of the value in between: what a peer sends costs its own length.

use std::cell::Cell;
use std::io;

use base64::prelude::{Engine, BASE64_STANDARD};
use serde::ser::{Error, SerializeMap, SerializeSeq};
use serde::{Serialize, Serializer};

use crate::output::spaced;
use crate::values::timestamp::{Timestamp, EXTENSION};

/// The deepest nesting, as PROTOCOL.md allows it.
const NESTING: usize = 64;

/// One MessagePack value, to be serialised as JSON once.
///
/// Bytes become base64, timestamps become text (RFC 3339), and numbers that JSON does not have become text.
pub struct WireValue<'a> {
    rest: Cell<&'a [u8]>,
    depth: Cell<usize>,
}

/// How much of a value is read.
#[derive(Clone, Copy)]
pub(super) struct Position<'a> {
    pub rest: &'a [u8],
    depth: usize,
}

/// The next part of a value.
pub(super) enum Token<'a> {
    Nil,
    Boolean(bool),
    Signed(i64),
    Unsigned(u64),
    Float32(f32),
    Float64(f64),
    Text(&'a str),
    Binary(&'a [u8]),
    Array(usize),
    Map(usize),
    Extension(i8, &'a [u8]),
}

pub(super) type Read<T> = Result<T, &'static str>;

impl<'a> WireValue<'a> {
    pub fn new(bytes: &'a [u8]) -> WireValue<'a> {
        WireValue { rest: Cell::new(bytes), depth: Cell::new(0) }
    }

    pub(super) fn position(&self) -> Position<'a> {
        Position { rest: self.rest.get(), depth: self.depth.get() }
    }

    /// Reads from this position again.
    pub(super) fn go_back(&self, to: Position<'a>) {
        self.rest.set(to.rest);
        self.depth.set(to.depth);
    }

    fn take(&self, count: usize) -> Read<&'a [u8]> {
        let rest = self.rest.get();
        let (taken, rest) = rest.split_at_checked(count).ok_or("the value is cut off")?;
        self.rest.set(rest);
        Ok(taken)
    }

    fn bytes<const N: usize>(&self) -> Read<[u8; N]> {
        self.take(N).map(|bytes| bytes.try_into().expect("it took N"))
    }

    /// An unsigned number of 1, 2 or 4 bytes.
    fn length(&self, bytes: usize) -> Read<usize> {
        let all = self.take(bytes)?.iter();
        Ok(all.fold(0, |length, byte| length << 8 | usize::from(*byte)))
    }

    fn text(&self, length: usize) -> Read<Token<'a>> {
        let text = std::str::from_utf8(self.take(length)?).map_err(|_| "a text is not UTF-8")?;
        Ok(Token::Text(text))
    }

    fn extension(&self, length: usize) -> Read<Token<'a>> {
        let [kind] = self.bytes::<1>()?;
        Ok(Token::Extension(kind as i8, self.take(length)?))
    }

    pub(super) fn next(&self) -> Read<Token<'a>> {
        let [marker] = self.bytes::<1>()?;
        Ok(match marker {
            0x00..=0x7f => Token::Unsigned(marker.into()),
            0x80..=0x8f => Token::Map((marker & 0x0f).into()),
            0x90..=0x9f => Token::Array((marker & 0x0f).into()),
            0xa0..=0xbf => self.text((marker & 0x1f).into())?,
            0xc0 => Token::Nil,
            0xc1 => return Err("a byte is 0xc1"),
            0xc2 | 0xc3 => Token::Boolean(marker == 0xc3),
            0xc4..=0xc6 => Token::Binary(self.take(self.length(1 << (marker - 0xc4))?)?),
            0xc7..=0xc9 => self.extension(self.length(1 << (marker - 0xc7))?)?,
            0xca => Token::Float32(f32::from_be_bytes(self.bytes()?)),
            0xcb => Token::Float64(f64::from_be_bytes(self.bytes()?)),
            0xcc => Token::Unsigned(u8::from_be_bytes(self.bytes()?).into()),
            0xcd => Token::Unsigned(u16::from_be_bytes(self.bytes()?).into()),
            0xce => Token::Unsigned(u32::from_be_bytes(self.bytes()?).into()),
            0xcf => Token::Unsigned(u64::from_be_bytes(self.bytes()?)),
            0xd0 => Token::Signed(i8::from_be_bytes(self.bytes()?).into()),
            0xd1 => Token::Signed(i16::from_be_bytes(self.bytes()?).into()),
            0xd2 => Token::Signed(i32::from_be_bytes(self.bytes()?).into()),
            0xd3 => Token::Signed(i64::from_be_bytes(self.bytes()?)),
            0xd4..=0xd8 => self.extension(1 << (marker - 0xd4))?,
            0xd9..=0xdb => self.text(self.length(1 << (marker - 0xd9))?)?,
            0xdc | 0xdd => Token::Array(self.length(2 << (marker - 0xdc))?),
            0xde | 0xdf => Token::Map(self.length(2 << (marker - 0xde))?),
            0xe0..=0xff => Token::Signed((marker as i8).into()),
        })
    }

    /// Begins to read what an array or a map contains.
    pub(super) fn deeper(&self) -> Read<()> {
        self.depth.set(self.depth.get() + 1);
        match self.depth.get() > NESTING {
            true => Err("the value nests too deep"),
            false => Ok(()),
        }
    }

    /// The array or map is read.
    pub(super) fn shallower(&self) {
        self.depth.set(self.depth.get() - 1);
    }

    fn array<S: Serializer>(&self, count: usize, serializer: S) -> Result<S::Ok, S::Error> {
        self.deeper().map_err(S::Error::custom)?;
        // Not the count, which nobody has checked: a serializer may reserve memory for it.
        let mut array = serializer.serialize_seq(None)?;
        for _ in 0..count {
            array.serialize_element(self)?;
        }
        self.shallower();
        array.end()
    }

    fn map<S: Serializer>(&self, count: usize, serializer: S) -> Result<S::Ok, S::Error> {
        self.deeper().map_err(S::Error::custom)?;
        let mut map = serializer.serialize_map(None)?;
        for _ in 0..count {
            let before = self.rest.get();
            match self.next().map_err(S::Error::custom)? {
                Token::Text(key) => map.serialize_key(key)?,
                _ => {
                    // JSON has text keys alone.
                    self.rest.set(before);
                    map.serialize_key(&serde_json::to_string(self).map_err(S::Error::custom)?)?;
                }
            }
            map.serialize_value(self)?;
        }
        self.shallower();
        map.end()
    }
}

/// Serialises the value that comes next.
impl Serialize for WireValue<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.next().map_err(S::Error::custom)? {
            Token::Nil => serializer.serialize_unit(),
            Token::Boolean(value) => serializer.serialize_bool(value),
            Token::Signed(value) => serializer.serialize_i64(value),
            Token::Unsigned(value) => serializer.serialize_u64(value),
            Token::Float32(value) if value.is_finite() => serializer.serialize_f32(value),
            Token::Float64(value) if value.is_finite() => serializer.serialize_f64(value),
            Token::Float32(value) => serializer.serialize_str(not_finite(value.into())),
            Token::Float64(value) => serializer.serialize_str(not_finite(value)),
            Token::Text(text) => serializer.serialize_str(text),
            Token::Binary(bytes) => serializer.serialize_str(&BASE64_STANDARD.encode(bytes)),
            Token::Array(count) => self.array(count, serializer),
            Token::Map(count) => self.map(count, serializer),
            Token::Extension(EXTENSION, bytes) => {
                let timestamp = Timestamp::from_bytes(bytes).ok_or("a timestamp is malformed");
                let timestamp = timestamp.map_err(S::Error::custom)?;
                match timestamp.to_text() {
                    Some(text) => serializer.serialize_str(&text),
                    None => serializer.serialize_str(&format!("{} s", timestamp.seconds)),
                }
            }
            Token::Extension(kind, bytes) => {
                let mut map = serializer.serialize_map(Some(2))?;
                map.serialize_entry("extension", &kind)?;
                map.serialize_entry("data", &BASE64_STANDARD.encode(bytes))?;
                map.end()
            }
        }
    }
}

fn not_finite(value: f64) -> &'static str {
    match value {
        value if value.is_nan() => "NaN",
        value if value > 0.0 => "Infinity",
        _ => "-Infinity",
    }
}

/// Takes this number of bytes, and then no more.
struct Bounded {
    bytes: Vec<u8>,
    most: usize,
}

impl io::Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let room = self.most - self.bytes.len();
        self.bytes.extend_from_slice(&bytes[..bytes.len().min(room)]);
        match bytes.len() <= room {
            true => Ok(bytes.len()),
            false => Err(io::ErrorKind::WriteZero.into()),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A value as JSON on one line, to be looked at: cut after `most` bytes, and with the reason where it is no
/// MessagePack.
pub fn shown(bytes: &[u8], most: usize) -> String {
    let mut out = Bounded { bytes: Vec::new(), most };
    let written = spaced(&mut out, &WireValue::new(bytes));
    let text = String::from_utf8_lossy(&out.bytes);
    match written {
        Ok(()) => text.into_owned(),
        Err(error) if error.is_io() => format!("{text}... ({} bytes)", bytes.len()),
        Err(error) => format!("{text}... ({error})"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(bytes: &[u8]) -> String {
        shown(bytes, 1000)
    }

    #[test]
    fn each_kind_of_value_has_its_json() {
        for (bytes, expected) in [
            (&b"\xc0"[..], "null"),
            (b"\xc3", "true"),
            (b"\x7f", "127"),
            (b"\xff", "-1"),
            (b"\xd3\x80\0\0\0\0\0\0\0", "-9223372036854775808"),
            (b"\xcf\xff\xff\xff\xff\xff\xff\xff\xff", "18446744073709551615"),
            (b"\xca\x3d\xcc\xcc\xcd", "0.1"),
            (b"\xcb\x7f\xf8\0\0\0\0\0\0", "\"NaN\""),
            (b"\xca\xff\x80\0\0", "\"-Infinity\""),
            (b"\xd9\x02\"\n", r#""\"\n""#),
            (b"\xc4\x03abc", "\"YWJj\""),
            (b"\x93\x01\xa1x\x90", r#"[1, "x", []]"#),
            (b"\x82\xa1k\x01\x05\x80", r#"{"k": 1, "5": {}}"#),
            (b"\xd6\xff\0\0\0\0", "\"1970-01-01T00:00:00Z\""),
            (b"\xd4\x05\x01", r#"{"extension": 5, "data": "AQ=="}"#),
        ] {
            assert_eq!(json(bytes), expected);
        }
    }

    #[test]
    fn what_is_malformed_or_large_is_shown_as_far_as_it_goes() {
        assert!(json(b"\x92\x01").contains("cut off"), "{}", json(b"\x92\x01"));
        assert!(json(b"\xdd\xff\xff\xff\xff").contains("cut off"));
        assert!(serde_json::to_value(WireValue::new(b"\xdd\xff\xff\xff\xff")).is_err());
        assert!(serde_json::to_value(WireValue::new(b"\xdf\xff\xff\xff\xff")).is_err());
        assert!(json(&[0x91; 1_000_000]).contains("too deep"));
        let long = [&[0xdb, 0, 0, 0x10, 0][..], &[b'x'; 4096]].concat();
        assert!(json(&long).ends_with("x... (4101 bytes)"));
        assert!(json(&long).len() < 1100);
    }
}
