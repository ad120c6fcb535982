//! Converts Rust values to MessagePack and back, within the nesting limit.

use std::fmt::Display;
use std::io;

use rmp::encode::ValueWriteError;
use rmp::Marker;
use rmp_serde::decode::{Error as DecodeError, ReadRefReader};
use rmp_serde::Deserializer;
use serde::{Deserialize, Serialize};

use crate::chunk::Chunk;
use crate::error::{Error, Status};
use crate::limits::NESTING;
use crate::value::int128::Exact;
use crate::wire::check_value;

const EMPTY_ARRAY: &[u8] = &[0x90];
const NIL: u8 = 0xc0;

/// Why a value could not be encoded.
pub(crate) enum EncodeError {
    /// It does not fit MessagePack, or what is expected.
    Value(String),
    /// There is no memory for it.
    Memory(io::Error),
}

impl EncodeError {
    /// The error of a value that could not be encoded, with this status unless memory ran out.
    pub fn into_error(self, status: Status, what: impl Display) -> Error {
        match self {
            EncodeError::Value(reason) => Error::new(status, format!("{what}: {reason}")),
            EncodeError::Memory(reason) => {
                Error::new(Status::LimitExceeded, format!("{what}: {reason}"))
            }
        }
    }
}

impl From<rmp_serde::encode::Error> for EncodeError {
    fn from(error: rmp_serde::encode::Error) -> EncodeError {
        match error {
            // Writing to a chunk fails only if memory runs out.
            rmp_serde::encode::Error::InvalidValueWrite(
                ValueWriteError::InvalidMarkerWrite(reason)
                | ValueWriteError::InvalidDataWrite(reason),
            ) => EncodeError::Memory(reason),
            error => EncodeError::Value(error.to_string()),
        }
    }
}

/// Appends one value. Structures are encoded with field names, so that other languages see what they
/// expect.
pub(crate) fn encode<T: Serialize + ?Sized>(
    bytes: &mut Chunk,
    value: &T,
) -> Result<(), EncodeError> {
    let mut serializer = rmp_serde::Serializer::new(bytes).with_struct_map();
    Ok(value.serialize(Exact(&mut serializer))?)
}

/// Encodes arguments, a tuple or `()` for none, into an empty buffer.
pub(crate) fn encode_arguments<T: Serialize + ?Sized>(
    bytes: &mut Chunk,
    arguments: &T,
) -> Result<(), EncodeError> {
    encode(bytes, arguments)?;
    match bytes.first() {
        Some(&NIL) => {
            bytes[0] = EMPTY_ARRAY[0];
            Ok(())
        }
        Some(0x90..=0x9f | 0xdc | 0xdd) => Ok(()),
        _ => Err(EncodeError::Value("arguments must be a tuple, e.g. &(1,) for one".into())),
    }
}

/// Decodes arguments into a tuple, or into `()`.
pub(crate) fn decode_arguments<'a, T: Deserialize<'a>>(bytes: &'a [u8]) -> Result<T, String> {
    match decode(bytes) {
        // serde encodes `()` as nil, not as an empty array.
        Err(reason) if bytes == EMPTY_ARRAY => decode(&[NIL]).map_err(|_| reason),
        outcome => outcome,
    }
}

/// Decodes exactly one value.
pub(crate) fn decode<'a, T: Deserialize<'a>>(bytes: &'a [u8]) -> Result<T, String> {
    check(bytes)?;
    Values::new(bytes, NESTING).next()
}

/// Why a value does not fit, in terms that do not mention MessagePack.
fn describe(error: &DecodeError) -> String {
    let DecodeError::TypeMismatch(marker) = error else { return error.to_string() };
    let found = match marker {
        Marker::Null => "nil",
        Marker::True | Marker::False => "a boolean",
        Marker::F32 | Marker::F64 => "a float",
        Marker::FixStr(_) | Marker::Str8 | Marker::Str16 | Marker::Str32 => "a string",
        Marker::Bin8 | Marker::Bin16 | Marker::Bin32 => "bytes",
        Marker::FixArray(_) | Marker::Array16 | Marker::Array32 => "an array",
        Marker::FixMap(_) | Marker::Map16 | Marker::Map32 => "a map",
        _ => return error.to_string(),
    };
    format!("found {found}")
}

/// The deserialiser recurses and does not count the levels of enums: deep nesting would overflow the stack.
fn check(bytes: &[u8]) -> Result<(), String> {
    check_value(bytes).map_err(|malformed| malformed.to_string())
}

/// A sequence of values, decoded one at a time.
pub(crate) struct Values<'a>(Deserializer<ReadRefReader<'a, [u8]>>);

impl<'a> Values<'a> {
    fn new(bytes: &'a [u8], nesting: usize) -> Values<'a> {
        let mut values = Deserializer::from_read_ref(bytes);
        // The deserialiser refuses the level with this number.
        values.set_max_depth(nesting + 1);
        Values(values)
    }

    /// The values of an array, and their number.
    pub fn of_array(mut bytes: &'a [u8]) -> Result<(Values<'a>, u32), String> {
        check(bytes)?;
        let count = rmp::decode::read_array_len(&mut bytes).map_err(|error| error.to_string())?;
        Ok((Values::new(bytes, NESTING - 1), count))
    }

    /// The next value.
    pub fn next<T: Deserialize<'a>>(&mut self) -> Result<T, String> {
        T::deserialize(Exact(&mut self.0)).map_err(|error| describe(&error))
    }
}
