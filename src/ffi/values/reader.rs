//! Reading values
//!
//! A reader steps through a MessagePack value in place: arguments, a reply, an error's data. It is a plain
//! struct, needs no freeing, and must not outlive the bytes. Each function reads the next value. If there
//! is none, or it has another type or does not fit, the function returns CALLGATE_STATUS_CONTRACT_MISMATCH
//! and does not advance; so reads can be chained:
//!
//! ```c
//! callgate_reader reader;
//! int32_t amount;
//! const char *name;
//! size_t length;
//! if (callgate_call_read_arguments(call, 2, &reader, &error)
//!     || callgate_reader_int32(&reader, &amount, &error)
//!     || callgate_reader_string(&reader, &name, &length, &error)) {
//!     callgate_call_fail_with(call, error, NULL);
//!     callgate_error_free(error);
//!     return;
//! }
//! ```
//!
//! Pointers for results may be NULL if the result is not wanted. Only one thread at a time may use a
//! reader.

use std::ffi::c_void;

use crate::ffi::arguments::{bytes, check_value, Out};
use crate::ffi::errors::error::callgate_error;
use crate::ffi::errors::status::callgate_status;
use crate::ffi::guard::{guard, guard_value};
use crate::ffi::handles;
use crate::ffi::serve::call::callgate_call;
use crate::ffi::values::decoder::{Decoder, Head, Kind, Misread, Reading};
use crate::ffi::values::reader_state::{over_arguments, over_value, read, remaining};

/// The position of a reader. Its fields are internal.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct callgate_reader {
    /// The first byte.
    pub data: *const c_void,
    /// The number of bytes.
    pub length: usize,
    /// The number of bytes read.
    pub position: usize,
    /// The number of values still to come in the arrays and maps begun so far.
    pub pending: u64,
    /// The number of arguments begun so far.
    pub argument: u32,
    /// Whether the reader is inside an argument list.
    pub is_arguments: u32,
}

/// The type of a value.
pub type callgate_type = i32;

/// No value: the end was reached.
pub const CALLGATE_TYPE_NONE: callgate_type = 0;
/// Nil, which other languages call null or None.
pub const CALLGATE_TYPE_NIL: callgate_type = 1;
/// A boolean.
pub const CALLGATE_TYPE_BOOL: callgate_type = 2;
/// An integer of any size and sign.
pub const CALLGATE_TYPE_INTEGER: callgate_type = 3;
/// A floating point number of either precision.
pub const CALLGATE_TYPE_DOUBLE: callgate_type = 4;
/// A string.
pub const CALLGATE_TYPE_STRING: callgate_type = 5;
/// Bytes.
pub const CALLGATE_TYPE_BINARY: callgate_type = 6;
/// An array.
pub const CALLGATE_TYPE_ARRAY: callgate_type = 7;
/// A map.
pub const CALLGATE_TYPE_MAP: callgate_type = 8;
/// A timestamp.
pub const CALLGATE_TYPE_TIMESTAMP: callgate_type = 9;
/// A MessagePack extension type other than the timestamp.
pub const CALLGATE_TYPE_EXTENSION: callgate_type = 10;

fn type_of(kind: Kind) -> callgate_type {
    match kind {
        Kind::Nil => CALLGATE_TYPE_NIL,
        Kind::Bool => CALLGATE_TYPE_BOOL,
        Kind::Integer => CALLGATE_TYPE_INTEGER,
        Kind::Double => CALLGATE_TYPE_DOUBLE,
        Kind::String => CALLGATE_TYPE_STRING,
        Kind::Binary => CALLGATE_TYPE_BINARY,
        Kind::Array => CALLGATE_TYPE_ARRAY,
        Kind::Map => CALLGATE_TYPE_MAP,
        Kind::Timestamp => CALLGATE_TYPE_TIMESTAMP,
        Kind::Extension => CALLGATE_TYPE_EXTENSION,
    }
}

/// Checks that the bytes are exactly one well-formed MessagePack value, nested at most 64 deep. Otherwise
/// returns CALLGATE_STATUS_INVALID_ARGUMENT, with a message that says where the fault is.
#[no_mangle]
pub unsafe extern "C" fn callgate_check_value(
    data: *const c_void,
    length: usize,
    error: *mut *mut callgate_error,
) -> callgate_status {
    guard(error, || {
        // SAFETY: the header requires readable bytes.
        check_value(unsafe { bytes(data, length, "data")? })
    })
}

/// Initialises a reader of one value, after checking it like callgate_check_value().
#[no_mangle]
pub unsafe extern "C" fn callgate_reader_init(
    reader: *mut callgate_reader,
    data: *const c_void,
    length: usize,
    error: *mut *mut callgate_error,
) -> callgate_status {
    guard(error, || {
        // SAFETY: the header requires readable bytes and a valid pointer for the reader.
        let (out, data) = unsafe { (Out::new(reader, "reader")?, bytes(data, length, "data")?) };
        out.set(over_value(data)?);
        Ok(())
    })
}

/// Initialises a reader of a call's arguments, of which there must be exactly `expected_count`. Errors name
/// arguments by their number. The reader is valid until the reply.
#[no_mangle]
pub unsafe extern "C" fn callgate_call_read_arguments(
    call: *const callgate_call,
    expected_count: usize,
    reader: *mut callgate_reader,
    error: *mut *mut callgate_error,
) -> callgate_status {
    guard(error, || {
        // SAFETY: the header requires a valid pointer for the reader.
        let out = unsafe { Out::new(reader, "reader")? };
        let reader = handles::get(call)?.look(|inbound| {
            let callee = || format!("{}.{}", inbound.interface(), inbound.method());
            over_arguments(inbound.arguments(), expected_count, callee)
        })?;
        out.set(reader?);
        Ok(())
    })
}

/// The type of the next value, without reading it.
#[no_mangle]
pub unsafe extern "C" fn callgate_reader_type(reader: *const callgate_reader) -> callgate_type {
    guard_value(CALLGATE_TYPE_NONE, || {
        // SAFETY: the header requires a reader whose bytes are still valid.
        let head =
            unsafe { remaining(reader) }.ok().and_then(|(_, rest)| Decoder { rest }.head().ok());
        head.map_or(CALLGATE_TYPE_NONE, |head| type_of(head.kind()))
    })
}

/// Whether everything has been read.
#[no_mangle]
pub unsafe extern "C" fn callgate_reader_at_end(reader: *const callgate_reader) -> bool {
    guard_value(true, || {
        // SAFETY: the header requires a reader whose bytes are still valid.
        unsafe { remaining(reader) }.map_or(true, |(_, rest)| rest.is_empty())
    })
}

/// Reads a value of one type and stores it.
///
/// # Safety
/// As the header says of readers and of pointers for results.
unsafe fn read_into<T>(
    reader: *mut callgate_reader,
    value: *mut T,
    error: *mut *mut callgate_error,
    expected: &str,
    convert: impl FnOnce(Head) -> Reading<T>,
) -> callgate_status {
    // SAFETY: promised by the caller.
    unsafe {
        let out = Out::optional(value);
        let give = |value| {
            out.set(value);
            Ok(())
        };
        read(reader, error, expected, |head, _| convert(head), give)
    }
}

fn integer<T: TryFrom<i128>>(head: Head) -> Reading<T> {
    match head {
        Head::Integer(value) => T::try_from(value).map_err(|_| Misread::OutOfRange(value)),
        other => Err(Misread::Other(other.kind())),
    }
}

/// Accepts integers that a double represents exactly: other languages send 1 for 1.0.
fn double(head: Head) -> Reading<f64> {
    const EXACT: i128 = 1 << 53;
    match head {
        Head::Double(value) => Ok(value),
        Head::Integer(value) if (-EXACT..=EXACT).contains(&value) => Ok(value as f64),
        Head::Integer(value) => Err(Misread::OutOfRange(value)),
        other => Err(Misread::Other(other.kind())),
    }
}

/// Reads nil.
#[no_mangle]
pub unsafe extern "C" fn callgate_reader_nil(
    reader: *mut callgate_reader,
    error: *mut *mut callgate_error,
) -> callgate_status {
    let nothing = std::ptr::null_mut::<()>();
    // SAFETY: the header requires these.
    unsafe {
        read_into(reader, nothing, error, "nil", |head| match head {
            Head::Nil => Ok(()),
            other => Err(Misread::Other(other.kind())),
        })
    }
}

/// Reads a boolean.
#[no_mangle]
pub unsafe extern "C" fn callgate_reader_bool(
    reader: *mut callgate_reader,
    value: *mut bool,
    error: *mut *mut callgate_error,
) -> callgate_status {
    // SAFETY: the header requires these.
    unsafe {
        read_into(reader, value, error, "a boolean", |head| match head {
            Head::Bool(value) => Ok(value),
            other => Err(Misread::Other(other.kind())),
        })
    }
}

/// Reads an integer that fits 32 bits.
#[no_mangle]
pub unsafe extern "C" fn callgate_reader_int32(
    reader: *mut callgate_reader,
    value: *mut i32,
    error: *mut *mut callgate_error,
) -> callgate_status {
    // SAFETY: the header requires these.
    unsafe { read_into(reader, value, error, "an int32", integer) }
}

/// Reads an integer that fits 64 bits.
#[no_mangle]
pub unsafe extern "C" fn callgate_reader_int64(
    reader: *mut callgate_reader,
    value: *mut i64,
    error: *mut *mut callgate_error,
) -> callgate_status {
    // SAFETY: the header requires these.
    unsafe { read_into(reader, value, error, "an int64", integer) }
}

/// Reads an unsigned integer that fits 32 bits.
#[no_mangle]
pub unsafe extern "C" fn callgate_reader_uint32(
    reader: *mut callgate_reader,
    value: *mut u32,
    error: *mut *mut callgate_error,
) -> callgate_status {
    // SAFETY: the header requires these.
    unsafe { read_into(reader, value, error, "a uint32", integer) }
}

/// Reads an unsigned integer that fits 64 bits.
#[no_mangle]
pub unsafe extern "C" fn callgate_reader_uint64(
    reader: *mut callgate_reader,
    value: *mut u64,
    error: *mut *mut callgate_error,
) -> callgate_status {
    // SAFETY: the header requires these.
    unsafe { read_into(reader, value, error, "a uint64", integer) }
}

/// Reads a number of either precision, or an integer that a double represents exactly.
#[no_mangle]
pub unsafe extern "C" fn callgate_reader_double(
    reader: *mut callgate_reader,
    value: *mut f64,
    error: *mut *mut callgate_error,
) -> callgate_status {
    // SAFETY: the header requires these.
    unsafe { read_into(reader, value, error, "a number", double) }
}

/// Reads the beginning of an array, and stores the number of values that follow.
#[no_mangle]
pub unsafe extern "C" fn callgate_reader_array(
    reader: *mut callgate_reader,
    count: *mut usize,
    error: *mut *mut callgate_error,
) -> callgate_status {
    // SAFETY: the header requires these.
    unsafe {
        read_into(reader, count, error, "an array", |head| match head {
            Head::Array(count) => Ok(count as usize),
            other => Err(Misread::Other(other.kind())),
        })
    }
}

/// Reads the beginning of a map, and stores the number of keys that follow, each with its value after it.
#[no_mangle]
pub unsafe extern "C" fn callgate_reader_map(
    reader: *mut callgate_reader,
    count: *mut usize,
    error: *mut *mut callgate_error,
) -> callgate_status {
    // SAFETY: the header requires these.
    unsafe {
        read_into(reader, count, error, "a map", |head| match head {
            Head::Map(count) => Ok(count as usize),
            other => Err(Misread::Other(other.kind())),
        })
    }
}
