//! Reads MessagePack values from the beginning of a slice, one value's head at a time, without recursion
//! and without allocating.

use rmp::Marker;

use super::Malformed;

/// The head of a value: a complete scalar, or the size of what follows.
#[derive(Clone, Copy, Debug)]
pub(super) enum Head {
    Nil,
    Bool,
    Float,
    Uint(u64),
    Negative(i64),
    /// This many bytes of text follow.
    Text(usize),
    /// This many bytes follow.
    Bytes(usize),
    /// This many bytes follow, including the extension type.
    Ext(usize),
    /// This many values follow.
    Array(usize),
    /// This many pairs of values follow.
    Map(usize),
}

impl Head {
    fn integer(value: i64) -> Head {
        u64::try_from(value).map_or(Head::Negative(value), Head::Uint)
    }

    fn name(self) -> &'static str {
        match self {
            Head::Nil => "nil",
            Head::Bool => "a boolean",
            Head::Float => "a float",
            Head::Uint(_) => "an unsigned integer",
            Head::Negative(_) => "a negative integer",
            Head::Text(_) => "a string",
            Head::Bytes(_) => "binary data",
            Head::Ext(_) => "an extension",
            Head::Array(_) => "an array",
            Head::Map(_) => "a map",
        }
    }
}

/// The bytes that have not been read yet. Every method takes the name of the field, for the error message.
#[derive(Clone, Debug)]
pub(super) struct Reader<'a> {
    pub rest: &'a [u8],
}

impl<'a> Reader<'a> {
    pub fn new(rest: &'a [u8]) -> Reader<'a> {
        Reader { rest }
    }

    /// The next `count` bytes.
    #[inline]
    pub fn take(&mut self, count: usize, field: &str) -> Result<&'a [u8], Malformed> {
        match self.rest.split_at_checked(count) {
            Some((taken, rest)) => {
                self.rest = rest;
                Ok(taken)
            }
            None => Err(ends_within(field, count, self.rest.len())),
        }
    }

    #[inline]
    fn number<const N: usize>(&mut self, field: &str) -> Result<[u8; N], Malformed> {
        match self.rest.split_first_chunk() {
            Some((bytes, rest)) => {
                self.rest = rest;
                Ok(*bytes)
            }
            None => Err(ends_within(field, N, self.rest.len())),
        }
    }

    fn byte(&mut self, field: &str) -> Result<u64, Malformed> {
        Ok(self.number::<1>(field)?[0].into())
    }

    fn short(&mut self, field: &str) -> Result<u64, Malformed> {
        Ok(u16::from_be_bytes(self.number(field)?).into())
    }

    fn long(&mut self, field: &str) -> Result<u64, Malformed> {
        Ok(u32::from_be_bytes(self.number(field)?).into())
    }

    /// The head of the next value. Its length or count has not yet been compared with the bytes that
    /// follow.
    #[inline]
    pub fn head(&mut self, field: &str) -> Result<Head, Malformed> {
        let [first] = self.number(field)?;
        Ok(match Marker::from_u8(first) {
            Marker::FixPos(value) => Head::Uint(value.into()),
            Marker::FixNeg(value) => Head::Negative(value.into()),
            Marker::Null => Head::Nil,
            Marker::True | Marker::False => Head::Bool,
            Marker::U8 => Head::Uint(self.byte(field)?),
            Marker::U16 => Head::Uint(self.short(field)?),
            Marker::U32 => Head::Uint(self.long(field)?),
            Marker::U64 => Head::Uint(u64::from_be_bytes(self.number(field)?)),
            Marker::I8 => Head::integer(i8::from_be_bytes(self.number(field)?).into()),
            Marker::I16 => Head::integer(i16::from_be_bytes(self.number(field)?).into()),
            Marker::I32 => Head::integer(i32::from_be_bytes(self.number(field)?).into()),
            Marker::I64 => Head::integer(i64::from_be_bytes(self.number(field)?)),
            Marker::F32 => self.number::<4>(field).map(|_| Head::Float)?,
            Marker::F64 => self.number::<8>(field).map(|_| Head::Float)?,
            Marker::FixStr(length) => Head::Text(length.into()),
            Marker::Str8 => Head::Text(self.byte(field)? as usize),
            Marker::Str16 => Head::Text(self.short(field)? as usize),
            Marker::Str32 => Head::Text(self.long(field)? as usize),
            Marker::Bin8 => Head::Bytes(self.byte(field)? as usize),
            Marker::Bin16 => Head::Bytes(self.short(field)? as usize),
            Marker::Bin32 => Head::Bytes(self.long(field)? as usize),
            Marker::FixArray(count) => Head::Array(count.into()),
            Marker::Array16 => Head::Array(self.short(field)? as usize),
            Marker::Array32 => Head::Array(self.long(field)? as usize),
            Marker::FixMap(count) => Head::Map(count.into()),
            Marker::Map16 => Head::Map(self.short(field)? as usize),
            Marker::Map32 => Head::Map(self.long(field)? as usize),
            Marker::FixExt1 => Head::Ext(2),
            Marker::FixExt2 => Head::Ext(3),
            Marker::FixExt4 => Head::Ext(5),
            Marker::FixExt8 => Head::Ext(9),
            Marker::FixExt16 => Head::Ext(17),
            Marker::Ext8 => Head::Ext(self.byte(field)? as usize + 1),
            Marker::Ext16 => Head::Ext(self.short(field)? as usize + 1),
            Marker::Ext32 => Head::Ext((self.long(field)? as usize).saturating_add(1)),
            Marker::Reserved => {
                return Err(Malformed::new(format!("{field}: 0xc1 begins no value")));
            }
        })
    }

    #[inline]
    pub fn uint(&mut self, field: &str) -> Result<u64, Malformed> {
        if let Some((&first @ ..=LARGEST_FIXINT, rest)) = self.rest.split_first() {
            self.rest = rest;
            return Ok(first.into());
        }
        match self.head(field)? {
            Head::Uint(value) => Ok(value),
            other => Err(expected(field, "an unsigned integer", other)),
        }
    }

    #[inline]
    pub fn uint32(&mut self, field: &str) -> Result<u32, Malformed> {
        let value = self.uint(field)?;
        u32::try_from(value)
            .map_err(|_| Malformed::new(format!("{field}: {value} is above {}", u32::MAX)))
    }

    pub fn int(&mut self, field: &str) -> Result<i64, Malformed> {
        match self.head(field)? {
            Head::Negative(value) => Ok(value),
            Head::Uint(value) => i64::try_from(value)
                .map_err(|_| Malformed::new(format!("{field}: {value} is above {}", i64::MAX))),
            other => Err(expected(field, "an integer", other)),
        }
    }

    #[inline]
    pub fn str(&mut self, field: &str) -> Result<&'a str, Malformed> {
        match self.head(field)? {
            Head::Text(length) => self.text(length, field),
            other => Err(expected(field, "a string", other)),
        }
    }

    /// The bytes of a string, which may not be UTF-8.
    #[inline]
    pub fn str_bytes(&mut self, field: &str) -> Result<&'a [u8], Malformed> {
        if let Some((&first @ 0xa0..=0xbf, rest)) = self.rest.split_first() {
            self.rest = rest;
            return self.take((first & 0x1f).into(), field);
        }
        match self.head(field)? {
            Head::Text(length) => self.take(length, field),
            other => Err(expected(field, "a string", other)),
        }
    }

    /// The `length` bytes of a string whose head has been read.
    #[inline]
    pub fn text(&mut self, length: usize, field: &str) -> Result<&'a str, Malformed> {
        std::str::from_utf8(self.take(length, field)?).map_err(|_| not_utf8(field))
    }

    /// The length of binary data; the bytes follow.
    pub fn bin(&mut self, field: &str) -> Result<usize, Malformed> {
        match self.head(field)? {
            Head::Bytes(length) => Ok(length),
            other => Err(expected(field, "binary data", other)),
        }
    }

    /// The number of values in an array; the values follow.
    #[inline]
    pub fn array(&mut self, field: &str) -> Result<usize, Malformed> {
        if let Some((&first @ 0x90..=0x9f, rest)) = self.rest.split_first() {
            self.rest = rest;
            return Ok((first & 0x0f).into());
        }
        match self.head(field)? {
            Head::Array(count) => Ok(count),
            other => Err(expected(field, "an array", other)),
        }
    }

    /// The number of pairs in a map; the pairs follow.
    pub fn map(&mut self, field: &str) -> Result<usize, Malformed> {
        match self.head(field)? {
            Head::Map(count) => Ok(count),
            other => Err(expected(field, "a map", other)),
        }
    }

    /// `None` for nil, otherwise the result of `read`.
    #[inline]
    pub fn optional<T>(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<T, Malformed>,
    ) -> Result<Option<T>, Malformed> {
        match self.rest.split_first() {
            Some((&NIL, rest)) => {
                self.rest = rest;
                Ok(None)
            }
            _ => read(self).map(Some),
        }
    }

    /// Refuses any bytes after those that were read.
    #[inline]
    pub fn end(&self, field: &str) -> Result<(), Malformed> {
        match self.rest.len() {
            0 => Ok(()),
            extra => Err(Malformed::new(format!("{field}: {extra} bytes too many follow"))),
        }
    }
}

/// The largest integer that is encoded as itself.
const LARGEST_FIXINT: u8 = 0x7f;
/// The encoding of nil.
const NIL: u8 = 0xc0;

#[cold]
fn expected(field: &str, wanted: &str, found: Head) -> Malformed {
    Malformed::new(format!("{field}: expected {wanted}, found {}", found.name()))
}

#[cold]
pub(super) fn not_utf8(field: &str) -> Malformed {
    Malformed::new(format!("{field}: the string is not UTF-8"))
}

#[cold]
fn ends_within(field: &str, needed: usize, left: usize) -> Malformed {
    Malformed::new(format!("{field}: {needed} bytes expected, only {left} are left"))
}
