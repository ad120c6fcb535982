//! Reads MessagePack values from bytes, never past their end and never recursively. Pure: the exports of
//! the reader wrap it.

use rmp::Marker;

/// Why a value could not be read.
#[derive(Debug, PartialEq)]
pub(in crate::ffi) enum Misread {
    /// The value has this type instead.
    Other(Kind),
    /// The integer does not fit.
    OutOfRange(i128),
    /// A string that is not UTF-8.
    NotUtf8,
    /// The bytes end before the value does.
    Truncated,
    /// The bytes are not MessagePack.
    Malformed,
}

pub(in crate::ffi) type Reading<T> = std::result::Result<T, Misread>;

/// The type of a value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::ffi) enum Kind {
    Nil,
    Bool,
    Integer,
    Double,
    String,
    Binary,
    Array,
    Map,
    Timestamp,
    Extension,
}

impl Kind {
    /// The type's name in messages.
    pub(in crate::ffi) fn name(self) -> &'static str {
        match self {
            Kind::Nil => "nil",
            Kind::Bool => "a boolean",
            Kind::Integer => "an integer",
            Kind::Double => "a floating point number",
            Kind::String => "a string",
            Kind::Binary => "binary data",
            Kind::Array => "an array",
            Kind::Map => "a map",
            Kind::Timestamp => "a timestamp",
            Kind::Extension => "an extension type",
        }
    }
}

/// The head of a value: all of it except the content of strings, binaries, extensions, arrays and maps.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::ffi) enum Head {
    Nil,
    Bool(bool),
    Integer(i128),
    Double(f64),
    String(u32),
    Binary(u32),
    Array(u32),
    Map(u32),
    /// The extension type and its length.
    Extension(i8, u32),
}

impl Head {
    pub(in crate::ffi) fn kind(self) -> Kind {
        match self {
            Head::Nil => Kind::Nil,
            Head::Bool(_) => Kind::Bool,
            Head::Integer(_) => Kind::Integer,
            Head::Double(_) => Kind::Double,
            Head::String(_) => Kind::String,
            Head::Binary(_) => Kind::Binary,
            Head::Array(_) => Kind::Array,
            Head::Map(_) => Kind::Map,
            Head::Extension(-1, 4 | 8 | 12) => Kind::Timestamp,
            Head::Extension(..) => Kind::Extension,
        }
    }

    /// The number of content bytes that follow the head.
    fn content(self) -> u32 {
        match self {
            Head::String(length) | Head::Binary(length) | Head::Extension(_, length) => length,
            _ => 0,
        }
    }

    /// The number of values that follow and belong to this one.
    pub(in crate::ffi) fn values(self) -> u64 {
        match self {
            Head::Array(count) => u64::from(count),
            Head::Map(count) => 2 * u64::from(count),
            _ => 0,
        }
    }
}

/// Bytes from which values are read one by one.
#[derive(Clone, Copy)]
pub(in crate::ffi) struct Decoder<'a> {
    pub(in crate::ffi) rest: &'a [u8],
}

impl<'a> Decoder<'a> {
    /// The head of the next value.
    pub(in crate::ffi) fn head(&mut self) -> Reading<Head> {
        Ok(match Marker::from_u8(self.byte()?) {
            Marker::Null => Head::Nil,
            Marker::True => Head::Bool(true),
            Marker::False => Head::Bool(false),
            Marker::FixPos(value) => Head::Integer(value.into()),
            Marker::FixNeg(value) => Head::Integer(value.into()),
            Marker::U8 => Head::Integer(self.byte()?.into()),
            Marker::U16 => Head::Integer(u16::from_be_bytes(self.number()?).into()),
            Marker::U32 => Head::Integer(u32::from_be_bytes(self.number()?).into()),
            Marker::U64 => Head::Integer(u64::from_be_bytes(self.number()?).into()),
            Marker::I8 => Head::Integer(i8::from_be_bytes(self.number()?).into()),
            Marker::I16 => Head::Integer(i16::from_be_bytes(self.number()?).into()),
            Marker::I32 => Head::Integer(i32::from_be_bytes(self.number()?).into()),
            Marker::I64 => Head::Integer(i64::from_be_bytes(self.number()?).into()),
            Marker::F32 => Head::Double(f32::from_be_bytes(self.number()?).into()),
            Marker::F64 => Head::Double(f64::from_be_bytes(self.number()?)),
            Marker::FixStr(length) => Head::String(length.into()),
            Marker::Str8 => Head::String(self.byte()?.into()),
            Marker::Str16 => Head::String(self.short()?),
            Marker::Str32 => Head::String(self.long()?),
            Marker::Bin8 => Head::Binary(self.byte()?.into()),
            Marker::Bin16 => Head::Binary(self.short()?),
            Marker::Bin32 => Head::Binary(self.long()?),
            Marker::FixArray(count) => Head::Array(count.into()),
            Marker::Array16 => Head::Array(self.short()?),
            Marker::Array32 => Head::Array(self.long()?),
            Marker::FixMap(count) => Head::Map(count.into()),
            Marker::Map16 => Head::Map(self.short()?),
            Marker::Map32 => Head::Map(self.long()?),
            Marker::FixExt1 => self.extension(1)?,
            Marker::FixExt2 => self.extension(2)?,
            Marker::FixExt4 => self.extension(4)?,
            Marker::FixExt8 => self.extension(8)?,
            Marker::FixExt16 => self.extension(16)?,
            Marker::Ext8 => {
                let length = self.byte()?.into();
                self.extension(length)?
            }
            Marker::Ext16 => {
                let length = self.short()?;
                self.extension(length)?
            }
            Marker::Ext32 => {
                let length = self.long()?;
                self.extension(length)?
            }
            Marker::Reserved => return Err(Misread::Malformed),
        })
    }

    /// The content that follows this head.
    pub(in crate::ffi) fn content(&mut self, head: Head) -> Reading<&'a [u8]> {
        let length = head.content() as usize;
        let (content, rest) = self.rest.split_at_checked(length).ok_or(Misread::Truncated)?;
        self.rest = rest;
        Ok(content)
    }

    /// One complete value, with everything inside it.
    pub(in crate::ffi) fn whole(&mut self) -> Reading<&'a [u8]> {
        let start = self.rest;
        // Each round takes at least one byte, so false counts end with the bytes.
        let mut missing: u64 = 1;
        while missing > 0 {
            let head = self.head()?;
            self.content(head)?;
            missing = (missing - 1).saturating_add(head.values());
        }
        Ok(&start[..start.len() - self.rest.len()])
    }

    fn byte(&mut self) -> Reading<u8> {
        self.number::<1>().map(|[byte]| byte)
    }

    fn short(&mut self) -> Reading<u32> {
        self.number().map(|bytes| u16::from_be_bytes(bytes).into())
    }

    fn long(&mut self) -> Reading<u32> {
        self.number().map(u32::from_be_bytes)
    }

    fn extension(&mut self, length: u32) -> Reading<Head> {
        let kind = i8::from_be_bytes(self.number()?);
        Ok(Head::Extension(kind, length))
    }

    fn number<const N: usize>(&mut self) -> Reading<[u8; N]> {
        let (number, rest) = self.rest.split_first_chunk().ok_or(Misread::Truncated)?;
        self.rest = rest;
        Ok(*number)
    }
}

/// The seconds and nanoseconds in a timestamp's content.
pub(in crate::ffi) fn timestamp(content: &[u8]) -> Reading<(i64, u32)> {
    let mut content = Decoder { rest: content };
    let (seconds, nanoseconds) = match content.rest.len() {
        4 => (content.long()?.into(), 0),
        8 => {
            let packed = u64::from_be_bytes(content.number()?);
            let seconds = packed & ((1 << 34) - 1);
            (seconds as i64, (packed >> 34) as u32)
        }
        _ => {
            let nanoseconds = content.long()?;
            (i64::from_be_bytes(content.number()?), nanoseconds)
        }
    };
    if nanoseconds >= 1_000_000_000 {
        return Err(Misread::Malformed);
    }
    Ok((seconds, nanoseconds))
}
