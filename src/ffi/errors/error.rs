//! Errors
//!
//! Every function that can fail returns a callgate_status. Its last parameter receives the error: pass NULL
//! if the status is enough, or the address of a pointer, which is written on failure only. The program then
//! owns the error:
//!
//! ```c
//! callgate_error *error = NULL;
//! if (callgate_host_start(host, &error) != CALLGATE_STATUS_OK) {
//!     fprintf(stderr, "%s\n", callgate_error_message(error, NULL));
//!     callgate_error_free(error);
//! }
//! ```
//!
//! Errors are immutable; any number of threads may read one. What the functions below return is borrowed
//! until the error is freed. Given NULL or an invalid handle, they return CALLGATE_STATUS_OK
//! (callgate_error_status), CALLGATE_EXECUTION_NOT_RUN, empty text, 0 and NULL.

use std::ffi::{c_char, c_void};

use once_cell::sync::OnceCell;

use crate::ffi::arguments::Out;
use crate::ffi::errors::status::{callgate_execution, callgate_status, CALLGATE_STATUS_OK};
use crate::ffi::guard::guard_value;
use crate::ffi::handles::borrowed::BorrowedHandle;
use crate::ffi::handles::{self, Object};
use crate::ffi::values::text::{hand_out, Text};
use crate::sync::Arc;
use crate::{Error, Remote, Result};

/// Why an operation failed.
pub struct callgate_error {
    error: Error,
    message: OnceCell<Text>,
    type_name: OnceCell<Text>,
    trace: OnceCell<Text>,
    description: OnceCell<Text>,
    /// Lent to the program; freed with this error.
    cause: OnceCell<BorrowedHandle<callgate_error>>,
}

impl Object for callgate_error {
    const KIND: &'static str = "an error";
}

impl callgate_error {
    pub(in crate::ffi) fn new(error: Error) -> callgate_error {
        callgate_error {
            error,
            message: OnceCell::new(),
            type_name: OnceCell::new(),
            trace: OnceCell::new(),
            description: OnceCell::new(),
            cause: OnceCell::new(),
        }
    }

    pub(in crate::ffi) fn error(&self) -> &Error {
        &self.error
    }

    fn remote_text(&self, of: impl FnOnce(&Remote) -> &str) -> Text {
        Text::new(self.error.remote().map_or("", of))
    }

    fn cause(&self) -> Result<*mut callgate_error> {
        let Some(cause) = self.error.cause() else {
            return Ok(std::ptr::null_mut());
        };
        let borrowed = || BorrowedHandle::new(callgate_error::new(cause.clone()));
        Ok(self.cause.get_or_try_init(borrowed)?.handle())
    }
}

/// Takes over an error from the program and frees its handle; `None` if the handle is invalid.
pub(in crate::ffi) fn take(handle: *mut callgate_error) -> Option<Error> {
    let error = handles::look_up(handle)?.error().clone();
    handles::discard(handle);
    Some(error)
}

/// Passes an error to C, if C wants it and a handle is available.
pub(in crate::ffi) fn give(out: *mut *mut callgate_error, error: Error) {
    // SAFETY: the header requires NULL or a valid pointer for the error.
    let out = unsafe { Out::optional(out) };
    if out.is_wanted() {
        let handle = handles::insert(Arc::new(callgate_error::new(error)));
        out.set(handle.unwrap_or(std::ptr::null_mut()));
    }
}

fn look<T: Copy>(error: *const callgate_error, fallback: T, at: impl FnOnce(&Error) -> T) -> T {
    guard_value(fallback, || handles::look_up(error).map_or(fallback, |object| at(&object.error)))
}

fn hand_out_text(
    error: *const callgate_error,
    length: *mut usize,
    of: impl FnOnce(&callgate_error) -> &Text,
) -> *const c_char {
    guard_value(c"".as_ptr(), || {
        // SAFETY: the header requires NULL or a valid pointer for the length.
        let length = unsafe { Out::optional(length) };
        let object = handles::look_up(error);
        hand_out(object.as_deref().map(of), length)
    })
}

/// The error's status.
#[no_mangle]
pub unsafe extern "C" fn callgate_error_status(error: *const callgate_error) -> callgate_status {
    look(error, CALLGATE_STATUS_OK, |error| error.status().code())
}

/// Whether the call ran.
#[no_mangle]
pub unsafe extern "C" fn callgate_error_execution(
    error: *const callgate_error,
) -> callgate_execution {
    look(error, 0, |error| error.execution().code())
}

/// What went wrong and how to fix it, in words. A remote error's message comes from the peer unchanged: for
/// logs and terminals use callgate_error_description().
#[no_mangle]
pub unsafe extern "C" fn callgate_error_message(
    error: *const callgate_error,
    length: *mut usize,
) -> *const c_char {
    hand_out_text(error, length, |object| {
        object.message.get_or_init(|| Text::new(object.error.message()))
    })
}

/// The whole error on one line, for logs: status, remote type, message and causes. Control characters, line
/// ends included, are escaped, as in \n and \u{1b}. Long texts are cut: a type name at 1 KiB, a message at
/// 4 KiB.
#[no_mangle]
pub unsafe extern "C" fn callgate_error_description(
    error: *const callgate_error,
    length: *mut usize,
) -> *const c_char {
    hand_out_text(error, length, |object| {
        object.description.get_or_init(|| Text::new(&object.error.to_string()))
    })
}

/// The remote error's type name in the delegate's language, e.g. "System.IO.IOException". What comes from a
/// peer has no control characters: they are escaped, and a name above 1 KiB is cut.
#[no_mangle]
pub unsafe extern "C" fn callgate_error_type_name(
    error: *const callgate_error,
    length: *mut usize,
) -> *const c_char {
    hand_out_text(error, length, |object| {
        object.type_name.get_or_init(|| object.remote_text(|remote| &remote.type_name))
    })
}

/// The remote error's stack trace as text, or empty.
#[no_mangle]
pub unsafe extern "C" fn callgate_error_trace(
    error: *const callgate_error,
    length: *mut usize,
) -> *const c_char {
    hand_out_text(error, length, |object| {
        object.trace.get_or_init(|| object.remote_text(|remote| &remote.trace))
    })
}

/// The MessagePack value that the delegate attached to its remote error; NULL and 0 if there is none.
#[no_mangle]
pub unsafe extern "C" fn callgate_error_data(
    error: *const callgate_error,
    length: *mut usize,
) -> *const c_void {
    look(error, std::ptr::null(), |error| {
        let data = error.remote().map_or(&[][..], |remote| &remote.data);
        // SAFETY: the header requires NULL or a valid pointer for the length.
        unsafe { Out::optional(length) }.set(data.len());
        match data {
            [] => std::ptr::null(),
            _ => data.as_ptr().cast(),
        }
    })
}

/// The operating system's error code (errno, GetLastError), or 0.
#[no_mangle]
pub unsafe extern "C" fn callgate_error_os_code(error: *const callgate_error) -> i32 {
    look(error, 0, |error| error.os_code().unwrap_or(0))
}

/// The error that caused this one, or NULL. It is freed with this one; do not free it.
#[no_mangle]
pub unsafe extern "C" fn callgate_error_cause(
    error: *const callgate_error,
) -> *const callgate_error {
    guard_value(std::ptr::null(), || {
        let cause = handles::get(error).and_then(|object| object.cause());
        cause.map_or(std::ptr::null(), |cause| cause.cast_const())
    })
}

/// Frees an error. Freeing NULL does nothing.
#[no_mangle]
pub unsafe extern "C" fn callgate_error_free(error: *mut callgate_error) {
    guard_value((), || handles::discard(error));
}
