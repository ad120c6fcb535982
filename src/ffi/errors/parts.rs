//! Creating errors

use std::ffi::{c_char, c_void};

use crate::ffi::arguments::{bytes, check_value, invalid, optional_name, text, Out};
use crate::ffi::errors::error::callgate_error;
use crate::ffi::errors::status::{callgate_execution, callgate_status};
use crate::ffi::guard::guard;
use crate::ffi::options::{read, Options};
use crate::{Error, Execution, Remote, Result, Status};

/// The parts of an error for callgate_error_new(), which copies them. Leave a part 0 or NULL to omit it.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct callgate_error_parts {
    /// sizeof(callgate_error_parts).
    pub struct_size: usize,
    /// The status; 0 means CALLGATE_STATUS_REMOTE_ERROR.
    pub status: callgate_status,
    /// Whether the call ran. Ignored for a remote error, whose call did run.
    pub execution: callgate_execution,
    /// The error's type name, NUL-terminated. For remote errors.
    pub type_name: *const c_char,
    /// What went wrong, in words.
    pub message: *const c_char,
    /// The message's length in bytes.
    pub message_length: usize,
    /// A stack trace as text. For remote errors.
    pub trace: *const c_char,
    /// The trace's length in bytes.
    pub trace_length: usize,
    /// One MessagePack value for the caller. For remote errors.
    pub data: *const c_void,
    /// The data's length in bytes.
    pub data_length: usize,
}

// SAFETY: numbers and pointers, of which all-zero is a valid value; the first is `struct_size`.
unsafe impl Options for callgate_error_parts {
    const NAME: &'static str = "callgate_error_parts";
}

/// # Safety
/// `parts` is NULL or as the header describes it.
unsafe fn read_parts(parts: *const callgate_error_parts) -> Result<Error> {
    if parts.is_null() {
        return Err(invalid("parts is NULL"));
    }
    // SAFETY: promised by the caller, here and below.
    let parts = unsafe { read(parts) }.complete()?;
    // SAFETY: as above.
    let (message, remote) =
        unsafe { (text(parts.message, parts.message_length, "message")?, read_remote(&parts)?) };
    let status = match parts.status {
        0 => Status::RemoteError,
        code => Status::from_code(code)
            .ok_or_else(|| invalid(format!("{code} is not the status of an error")))?,
    };
    if status == Status::RemoteError {
        return Ok(Error::remote_error("", message).with_remote(remote));
    }
    let execution = Execution::from_code(parts.execution)
        .ok_or_else(|| invalid(format!("{} is not an execution", parts.execution)))?;
    Ok(Error::new(status, message).with_execution(execution))
}

/// # Safety
/// The pointers are as the header describes them.
unsafe fn read_remote(parts: &callgate_error_parts) -> Result<Remote> {
    // SAFETY: promised by the caller.
    let (type_name, trace, data) = unsafe {
        (
            optional_name(parts.type_name, "type_name")?,
            text(parts.trace, parts.trace_length, "trace")?,
            bytes(parts.data, parts.data_length, "data")?,
        )
    };
    if !data.is_empty() {
        check_value(data)?;
    }
    Ok(Remote {
        type_name: type_name.unwrap_or_default().to_owned(),
        trace: trace.to_owned(),
        data: data.to_vec(),
    })
}

/// Creates an error, to pass to callgate_call_fail_with() or to return from a delegate factory.
#[no_mangle]
pub unsafe extern "C" fn callgate_error_new(
    parts: *const callgate_error_parts,
    made: *mut *mut callgate_error,
    error: *mut *mut callgate_error,
) -> callgate_status {
    guard(error, || {
        // SAFETY: the header requires valid parts and a valid pointer for the result.
        let (made, parts) = unsafe { (Out::new(made, "made")?, read_parts(parts)?) };
        made.give(callgate_error::new(parts))
    })
}
