//! Writing values
//!
//! Arguments and results travel as MessagePack. A writer builds one value: a result, or the argument list
//! of a call:
//!
//! ```c
//! callgate_writer *writer = callgate_writer_new();
//! callgate_writer_arguments(writer);
//! callgate_writer_int(writer, 20);
//! callgate_writer_string(writer, "apples");
//! status = callgate_writer_finish(writer, &data, &length, &error);
//! ```
//!
//! The writer remembers the first mistake (too many or too few elements, text that is not UTF-8), or
//! CALLGATE_STATUS_LIMIT_EXCEEDED if memory runs out, and callgate_writer_finish() returns it. Only one
//! thread at a time may use a writer.

use std::cell::{Cell, UnsafeCell};
use std::ffi::{c_char, c_void};

use rmp::encode as mp;

use crate::ffi::arguments::{bytes, check_value, invalid, name, text, Out};
use crate::ffi::errors::error::callgate_error;
use crate::ffi::errors::status::callgate_status;
use crate::ffi::guard::{guard, guard_value};
use crate::ffi::handles::{self, Object};
use crate::ffi::thread_cache::{self, Cache, ThreadCached};
use crate::ffi::values::encoder::{write_timestamp, Encoder};
use crate::sync::Arc;
use crate::Result;

/// The longest header of a value, before its content.
const HEADER: usize = 9;

/// Builds one MessagePack value.
#[derive(Default)]
pub struct callgate_writer(UnsafeCell<Encoder>);

// SAFETY: only `with` accesses it, when it has no other user.
unsafe impl Sync for callgate_writer {}

impl Object for callgate_writer {
    const KIND: &'static str = "a writer";
}

impl ThreadCached for callgate_writer {
    fn kept() -> &'static Cache<callgate_writer> {
        thread_local!(static KEPT: Cell<Option<Arc<callgate_writer>>> = const { Cell::new(None) });
        &KEPT
    }

    fn renew(&mut self) {
        self.0.get_mut().renew();
    }
}

fn with<R>(writer: *mut callgate_writer, work: impl FnOnce(&mut Encoder) -> R) -> Result<R> {
    let writer = handles::get_alone(writer)?;
    // SAFETY: there is no other user until `writer` is dropped.
    Ok(work(unsafe { &mut *writer.0.get() }))
}

/// Ignores an invalid handle, which `callgate_writer_finish` reports.
fn write(writer: *mut callgate_writer, add: impl FnOnce(&mut Encoder)) {
    guard_value((), || drop(with(writer, add)));
}

fn write_str(encoder: &mut Encoder, text: &str) {
    encoder.scalar(HEADER + text.len(), |bytes| mp::write_str(bytes, text));
}

/// Creates a writer; NULL if there are too many handles.
#[no_mangle]
pub extern "C" fn callgate_writer_new() -> *mut callgate_writer {
    guard_value(std::ptr::null_mut(), || {
        handles::insert(thread_cache::take::<callgate_writer>()).unwrap_or(std::ptr::null_mut())
    })
}

/// Adds nil, which other languages call null or None.
#[no_mangle]
pub unsafe extern "C" fn callgate_writer_nil(writer: *mut callgate_writer) {
    write(writer, |encoder| encoder.scalar(HEADER, mp::write_nil));
}

/// Adds a boolean.
#[no_mangle]
pub unsafe extern "C" fn callgate_writer_bool(writer: *mut callgate_writer, value: bool) {
    write(writer, |encoder| {
        encoder.scalar(HEADER, |bytes| mp::write_bool(bytes, value));
    });
}

/// Adds an integer.
#[no_mangle]
pub unsafe extern "C" fn callgate_writer_int(writer: *mut callgate_writer, value: i64) {
    write(writer, |encoder| {
        encoder.scalar(HEADER, |bytes| mp::write_sint(bytes, value).map(drop));
    });
}

/// Adds an integer that may exceed INT64_MAX.
#[no_mangle]
pub unsafe extern "C" fn callgate_writer_uint(writer: *mut callgate_writer, value: u64) {
    write(writer, |encoder| {
        encoder.scalar(HEADER, |bytes| mp::write_uint(bytes, value).map(drop));
    });
}

/// Adds a single-precision number.
#[no_mangle]
pub unsafe extern "C" fn callgate_writer_float(writer: *mut callgate_writer, value: f32) {
    write(writer, |encoder| {
        encoder.scalar(HEADER, |bytes| mp::write_f32(bytes, value));
    });
}

/// Adds a double-precision number.
#[no_mangle]
pub unsafe extern "C" fn callgate_writer_double(writer: *mut callgate_writer, value: f64) {
    write(writer, |encoder| {
        encoder.scalar(HEADER, |bytes| mp::write_f64(bytes, value));
    });
}

/// Adds a NUL-terminated string.
#[no_mangle]
pub unsafe extern "C" fn callgate_writer_string(
    writer: *mut callgate_writer,
    value: *const c_char,
) {
    write(writer, |encoder| {
        encoder.piece(|encoder| {
            // SAFETY: the header requires NUL-terminated text.
            write_str(encoder, unsafe { name(value, "the text")? });
            Ok(())
        });
    });
}

/// Adds a string of `length` bytes.
#[no_mangle]
pub unsafe extern "C" fn callgate_writer_string_n(
    writer: *mut callgate_writer,
    data: *const c_char,
    length: usize,
) {
    write(writer, |encoder| {
        encoder.piece(|encoder| {
            // SAFETY: the header requires readable bytes.
            write_str(encoder, unsafe { text(data, length, "the string")? });
            Ok(())
        });
    });
}

/// Adds bytes.
#[no_mangle]
pub unsafe extern "C" fn callgate_writer_binary(
    writer: *mut callgate_writer,
    data: *const c_void,
    length: usize,
) {
    write(writer, |encoder| {
        encoder.piece(|encoder| {
            // SAFETY: the header requires readable bytes.
            let data = unsafe { bytes(data, length, "the binary")? };
            encoder.scalar(HEADER + length, |bytes| mp::write_bin(bytes, data));
            Ok(())
        });
    });
}

/// Begins the argument list of a call: an array of all following values, which the writer counts. It must
/// come first.
#[no_mangle]
pub unsafe extern "C" fn callgate_writer_arguments(writer: *mut callgate_writer) {
    write(writer, Encoder::arguments);
}

/// Begins an array: `count` values follow.
#[no_mangle]
pub unsafe extern "C" fn callgate_writer_array(writer: *mut callgate_writer, count: usize) {
    write(writer, |encoder| encoder.array(count));
}

/// Begins a map: `count` keys follow, each with its value after it.
#[no_mangle]
pub unsafe extern "C" fn callgate_writer_map(writer: *mut callgate_writer, count: usize) {
    write(writer, |encoder| encoder.map(count));
}

/// Adds a timestamp: seconds since 1970-01-01 UTC, which may be negative, plus 0 to 999,999,999
/// nanoseconds.
#[no_mangle]
pub unsafe extern "C" fn callgate_writer_timestamp(
    writer: *mut callgate_writer,
    seconds: i64,
    nanoseconds: u32,
) {
    write(writer, |encoder| {
        encoder.piece(|encoder| {
            if nanoseconds >= 1_000_000_000 {
                return Err(invalid("a timestamp's nanoseconds are less than 1,000,000,000"));
            }
            encoder.scalar(15, |bytes| write_timestamp(bytes, seconds, nanoseconds));
            Ok(())
        });
    });
}

/// Adds one complete MessagePack value that was encoded elsewhere.
#[no_mangle]
pub unsafe extern "C" fn callgate_writer_raw(
    writer: *mut callgate_writer,
    data: *const c_void,
    length: usize,
) {
    write(writer, |encoder| {
        encoder.piece(|encoder| {
            // SAFETY: the header requires readable bytes.
            let value = unsafe { bytes(data, length, "the value")? };
            check_value(value)?;
            encoder.scalar(length, |bytes| bytes.append(value));
            Ok(())
        });
    });
}

/// Returns the finished value, borrowed until the writer is reset or freed.
#[no_mangle]
pub unsafe extern "C" fn callgate_writer_finish(
    writer: *mut callgate_writer,
    data: *mut *const c_void,
    length: *mut usize,
    error: *mut *mut callgate_error,
) -> callgate_status {
    guard(error, || {
        // SAFETY: the header requires valid pointers for the results.
        let (data, length) = unsafe { (Out::new(data, "data")?, Out::new(length, "length")?) };
        with(writer, |encoder| {
            let value = encoder.finish()?;
            data.set(value.as_ptr().cast());
            length.set(value.len());
            Ok(())
        })?
    })
}

/// Starts a new value and keeps the memory for it.
#[no_mangle]
pub unsafe extern "C" fn callgate_writer_reset(writer: *mut callgate_writer) {
    write(writer, Encoder::reset);
}

/// Frees a writer and its value. Freeing NULL does nothing.
#[no_mangle]
pub unsafe extern "C" fn callgate_writer_free(writer: *mut callgate_writer) {
    guard_value((), || {
        if let Ok(Some(writer)) = handles::remove(writer) {
            thread_cache::keep(writer);
        }
    });
}
