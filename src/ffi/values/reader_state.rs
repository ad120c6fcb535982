//! What a reader does behind its exports: steps from value to value, and describes where it failed.

use std::ffi::c_void;

use crate::ffi::arguments::{bytes, invalid, Out};
use crate::ffi::errors::error::callgate_error;
use crate::ffi::errors::status::callgate_status;
use crate::ffi::guard::guard;
use crate::ffi::values::decoder::{Decoder, Head, Misread, Reading};
use crate::ffi::values::reader::callgate_reader;
use crate::{wire, Error, Execution, Result, Status};

/// Refuses bytes that are not one well-formed value nested at most 64 deep.
fn check(data: &[u8], what: impl Fn() -> String) -> Result<()> {
    wire::check_value(data).map_err(|reason| mismatch(format!("{}: {reason}", what())))
}

/// A mismatch of arguments, found before the delegate did anything.
fn mismatch(message: String) -> Error {
    Error::new(Status::ContractMismatch, message).with_execution(Execution::NotRun)
}

/// A reader of one value, such as a call's result.
pub(in crate::ffi) fn over_value(data: &[u8]) -> Result<callgate_reader> {
    check(data, || "the value".into()).map_err(|error| error.with_execution(Execution::Ran))?;
    Ok(over(data))
}

fn over(data: &[u8]) -> callgate_reader {
    callgate_reader {
        data: data.as_ptr().cast::<c_void>(),
        length: data.len(),
        position: 0,
        pending: 0,
        argument: 0,
        is_arguments: 0,
    }
}

/// A reader inside an argument list, which must have the expected length.
pub(in crate::ffi) fn over_arguments(
    data: &[u8],
    expected: usize,
    callee: impl Fn() -> String,
) -> Result<callgate_reader> {
    check(data, || format!("the arguments of {}", callee()))?;
    let mut decoder = Decoder { rest: data };
    let found = match decoder.head() {
        Ok(Head::Array(count)) => count as usize,
        _ => return Err(mismatch(format!("the arguments of {} are not an array", callee()))),
    };
    if found != expected {
        let message = format!("{} takes {expected} arguments, not {found}", callee());
        return Err(mismatch(message));
    }
    Ok(callgate_reader { position: data.len() - decoder.rest.len(), is_arguments: 1, ..over(data) })
}

/// Reads one value: `take` gets its head and what follows, and `give` passes its result to C. Nothing
/// changes if it fails.
///
/// # Safety
/// `reader` is NULL or a reader whose bytes are still valid.
pub(in crate::ffi) unsafe fn read<T>(
    reader: *mut callgate_reader,
    error: *mut *mut callgate_error,
    expected: &str,
    take: impl FnOnce(Head, &mut Decoder<'_>) -> Reading<T>,
    give: impl FnOnce(T) -> Result<()>,
) -> callgate_status {
    guard(error, || {
        // SAFETY: promised by the caller.
        let (state, rest) = unsafe { remaining(reader)? };
        let mut decoder = Decoder { rest };
        let mut values = 0;
        let taken = decoder.head().and_then(|head| {
            values = head.values();
            take(head, &mut decoder)
        });
        give(taken.map_err(|reason| complaint(&state, expected, &reason))?)?;
        let after = advanced(&state, decoder.rest.len(), values);
        // SAFETY: promised by the caller.
        unsafe { reader.write(after) };
        Ok(())
    })
}

/// Reads one complete value of any type.
///
/// # Safety
/// As [`read`].
pub(in crate::ffi) unsafe fn read_whole(
    reader: *mut callgate_reader,
    error: *mut *mut callgate_error,
    give: impl FnOnce(&[u8]) -> Result<()>,
) -> callgate_status {
    guard(error, || {
        // SAFETY: promised by the caller.
        let (state, rest) = unsafe { remaining(reader)? };
        let mut decoder = Decoder { rest };
        let value = decoder.whole();
        give(value.map_err(|reason| complaint(&state, "a value", &reason))?)?;
        let after = advanced(&state, decoder.rest.len(), 0);
        // SAFETY: promised by the caller.
        unsafe { reader.write(after) };
        Ok(())
    })
}

/// The reader's state and its unread bytes.
///
/// # Safety
/// As [`read`].
pub(in crate::ffi) unsafe fn remaining<'a>(
    reader: *const callgate_reader,
) -> Result<(callgate_reader, &'a [u8])> {
    if reader.is_null() {
        return Err(invalid("reader is NULL"));
    }
    // SAFETY: promised by the caller.
    let (state, data) = unsafe {
        let state = reader.read();
        (state, bytes(state.data, state.length, "the reader's data")?)
    };
    let rest = data.get(state.position..);
    let rest = rest.ok_or_else(|| invalid("the reader was not initialised"))?;
    Ok((state, rest))
}

fn advanced(state: &callgate_reader, bytes_left: usize, values: u64) -> callgate_reader {
    let (pending, argument) = match state.pending {
        0 => (0, state.argument.saturating_add(1)),
        pending => (pending - 1, state.argument),
    };
    callgate_reader {
        position: state.length - bytes_left,
        pending: pending.saturating_add(values),
        argument,
        ..*state
    }
}

fn complaint(state: &callgate_reader, expected: &str, reason: &Misread) -> Error {
    let place = match (state.is_arguments, state.pending) {
        (0, _) => format!("at byte {}", state.position),
        (_, 0) => format!("argument {}", state.argument.saturating_add(1)),
        _ => format!("argument {}, at byte {}", state.argument, state.position),
    };
    let complaint = match reason {
        Misread::Other(kind) => format!("expected {expected}, found {}", kind.name()),
        Misread::OutOfRange(value) => format!("expected {expected}, and {value} does not fit"),
        Misread::NotUtf8 => "the string is not UTF-8".to_owned(),
        Misread::Truncated => format!("expected {expected}, found the end"),
        Misread::Malformed => format!("expected {expected}, found bytes that are not MessagePack"),
    };
    let error = mismatch(format!("{place}: {complaint}"));
    match state.is_arguments {
        0 => error.with_execution(Execution::Ran),
        _ => error,
    }
}

/// Passes borrowed bytes to C, as pointer and length.
pub(in crate::ffi) fn give_bytes<T>(
    data: Out<*const T>,
    length: Out<usize>,
) -> impl FnOnce((*const u8, usize)) -> Result<()> {
    move |(start, count)| {
        data.set(start.cast());
        length.set(count);
        Ok(())
    }
}
