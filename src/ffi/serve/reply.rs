//! Replying to calls
//!
//! Each call gets one reply, from any thread. A second one returns CALLGATE_STATUS_INVALID_ARGUMENT and
//! sends nothing. If the delegate returns without replying or deferring, the caller gets a remote error
//! that says so. A reply that cannot be sent (the connection was lost) returns an error; the caller already
//! has its own.

use std::ffi::{c_char, c_void};

use crate::ffi::arguments::{bytes, invalid, name, optional_name, Out};
use crate::ffi::errors::error::callgate_error;
use crate::ffi::errors::status::callgate_status;
use crate::ffi::guard::{guard, guard_value};
use crate::ffi::handles;
use crate::ffi::serve::call::callgate_call;
use crate::Error;

/// Replies with a result: one MessagePack value, copied. (NULL, 0) means nil, the result of a method that
/// returns nothing.
#[no_mangle]
pub unsafe extern "C" fn callgate_call_reply(
    call: *mut callgate_call,
    data: *const c_void,
    length: usize,
    error: *mut *mut callgate_error,
) -> callgate_status {
    guard(error, || {
        // SAFETY: the header requires readable bytes.
        let result = unsafe { bytes(data, length, "data")? };
        handles::get(call)?.take()?.reply_bytes(result)
    })
}

/// Replies with a remote error: its type name (or NULL) and a message, both NUL-terminated.
#[no_mangle]
pub unsafe extern "C" fn callgate_call_fail(
    call: *mut callgate_call,
    type_name: *const c_char,
    message: *const c_char,
    error: *mut *mut callgate_error,
) -> callgate_status {
    guard(error, || {
        // SAFETY: the header requires NUL-terminated text.
        let (type_name, message) = unsafe {
            (optional_name(type_name, "type_name")?.unwrap_or_default(), name(message, "message")?)
        };
        let failure = Error::remote_error(type_name, message);
        handles::get(call)?.take()?.fail(failure)
    })
}

/// Replies with any error, which is copied: one from callgate_error_new(), from a reader, or from another
/// call. An error from another call reaches the caller with CALLGATE_EXECUTION_RAN, even if that other call
/// did not run. Errors from callgate_error_new(), and from a reader of the arguments, keep their execution.
#[no_mangle]
pub unsafe extern "C" fn callgate_call_fail_with(
    call: *mut callgate_call,
    failure: *const callgate_error,
    error: *mut *mut callgate_error,
) -> callgate_status {
    guard(error, || {
        let failure = handles::get(failure)?.error().clone();
        handles::get(call)?.take()?.fail(failure)
    })
}

/// Replies with CALLGATE_STATUS_CONTRACT_MISMATCH: the interface has no such method.
#[no_mangle]
pub unsafe extern "C" fn callgate_call_fail_no_such_method(
    call: *mut callgate_call,
    error: *mut *mut callgate_error,
) -> callgate_status {
    guard(error, || handles::get(call)?.take()?.fail_no_method())
}

/// Defers the reply: the delegate may return, and the program replies later through `deferred`, which it
/// owns and frees with callgate_call_free(). A call can be deferred once.
#[no_mangle]
pub unsafe extern "C" fn callgate_call_defer(
    call: *mut callgate_call,
    deferred: *mut *mut callgate_call,
    error: *mut *mut callgate_error,
) -> callgate_status {
    guard(error, || {
        // SAFETY: the header requires a valid pointer for the result.
        let out = unsafe { Out::new(deferred, "deferred")? };
        let call = handles::get(call)?;
        call.look(|_| ())?;
        let handle = handles::insert(call.share())?;
        if call.defer() {
            handles::discard(handle);
            return Err(invalid("the call is already deferred"));
        }
        out.set(handle);
        Ok(())
    })
}

/// Frees a handle from callgate_call_defer(). If the call has no reply yet, the caller gets a remote error.
/// Never waits. Freeing NULL does nothing.
#[no_mangle]
pub unsafe extern "C" fn callgate_call_free(deferred: *mut callgate_call) {
    guard_value((), || handles::discard(deferred));
}
