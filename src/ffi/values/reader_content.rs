//! Reading strings, bytes, timestamps and whole values

use std::ffi::{c_char, c_void};

use crate::ffi::arguments::Out;
use crate::ffi::errors::error::callgate_error;
use crate::ffi::errors::status::callgate_status;
use crate::ffi::values::decoder::{timestamp, Decoder, Head, Kind, Misread, Reading};
use crate::ffi::values::reader::callgate_reader;
use crate::ffi::values::reader_state::{give_bytes, read, read_whole};

fn string(head: Head, decoder: &mut Decoder<'_>) -> Reading<(*const u8, usize)> {
    let Head::String(_) = head else {
        return Err(Misread::Other(head.kind()));
    };
    let content = decoder.content(head)?;
    std::str::from_utf8(content).map_err(|_| Misread::NotUtf8)?;
    Ok((content.as_ptr(), content.len()))
}

fn binary(head: Head, decoder: &mut Decoder<'_>) -> Reading<(*const u8, usize)> {
    let Head::Binary(_) = head else {
        return Err(Misread::Other(head.kind()));
    };
    let content = decoder.content(head)?;
    Ok((content.as_ptr(), content.len()))
}

/// Reads a string: a pointer to its text inside the value, which is not NUL-terminated, and its length in
/// bytes.
#[no_mangle]
pub unsafe extern "C" fn callgate_reader_string(
    reader: *mut callgate_reader,
    text: *mut *const c_char,
    length: *mut usize,
    error: *mut *mut callgate_error,
) -> callgate_status {
    // SAFETY: the header requires these.
    unsafe {
        let give = give_bytes(Out::optional(text), Out::optional(length));
        read(reader, error, "a string", string, give)
    }
}

/// Reads bytes: a pointer to them inside the value, and their number.
#[no_mangle]
pub unsafe extern "C" fn callgate_reader_binary(
    reader: *mut callgate_reader,
    data: *mut *const c_void,
    length: *mut usize,
    error: *mut *mut callgate_error,
) -> callgate_status {
    // SAFETY: the header requires these.
    unsafe {
        let give = give_bytes(Out::optional(data), Out::optional(length));
        read(reader, error, "binary data", binary, give)
    }
}

/// Reads a timestamp: seconds since 1970-01-01 UTC, which may be negative, plus nanoseconds.
#[no_mangle]
pub unsafe extern "C" fn callgate_reader_timestamp(
    reader: *mut callgate_reader,
    seconds: *mut i64,
    nanoseconds: *mut u32,
    error: *mut *mut callgate_error,
) -> callgate_status {
    let take = |head: Head, decoder: &mut Decoder<'_>| match head.kind() {
        Kind::Timestamp => timestamp(decoder.content(head)?),
        other => Err(Misread::Other(other)),
    };
    // SAFETY: the header requires these.
    unsafe {
        let (seconds, nanoseconds) = (Out::optional(seconds), Out::optional(nanoseconds));
        let give = |(whole, rest)| {
            seconds.set(whole);
            nanoseconds.set(rest);
            Ok(())
        };
        read(reader, error, "a timestamp", take, give)
    }
}

/// Reads the next value of any type as raw MessagePack: a pointer to it inside the value, and its length.
#[no_mangle]
pub unsafe extern "C" fn callgate_reader_raw(
    reader: *mut callgate_reader,
    data: *mut *const c_void,
    length: *mut usize,
    error: *mut *mut callgate_error,
) -> callgate_status {
    // SAFETY: the header requires these.
    unsafe {
        let (data, length) = (Out::optional(data), Out::optional(length));
        let give = give_bytes(data, length);
        read_whole(reader, error, |value| give((value.as_ptr(), value.len())))
    }
}

/// Skips the next value and everything inside it.
#[no_mangle]
pub unsafe extern "C" fn callgate_reader_skip(
    reader: *mut callgate_reader,
    error: *mut *mut callgate_error,
) -> callgate_status {
    // SAFETY: the header requires these.
    unsafe { read_whole(reader, error, |_| Ok(())) }
}
