//! Answering calls
//!
//! Each call is answered once, from any thread. A second answer gives
//! CALLGATE_STATUS_INVALID_ARGUMENT, and nothing is sent. A call that its delegate returns from
//! without answering or deferring it fails for the caller, with a remote error that says so. An
//! answer that cannot be sent (a lost connection) is an error; the caller has its own by then.

use std::ffi::{c_char, c_void};

use super::call::callgate_call;
use super::error::callgate_error;
use super::guard::{guard, guard_value};
use super::handles;
use super::input::{bytes, invalid, name, optional_name, Out};
use super::status::callgate_status;
use crate::Error;

/// Answers with a result: one MessagePack value, copied. (NULL, 0) stands for nil, the result of a
/// method that has none.
#[no_mangle]
pub unsafe extern "C" fn callgate_call_reply(
    call: *mut callgate_call,
    data: *const c_void,
    length: usize,
    error: *mut *mut callgate_error,
) -> callgate_status {
    const NIL: &[u8] = &[0xc0];
    guard(error, || {
        // SAFETY: the header asks for readable bytes.
        let result = match unsafe { bytes(data, length, "data")? } {
            [] => NIL,
            result => result,
        };
        handles::get(call)?.take()?.reply_bytes(result)
    })
}

/// Answers with a remote error: the name of its type (or NULL) and a message, both NUL-terminated.
#[no_mangle]
pub unsafe extern "C" fn callgate_call_fail(
    call: *mut callgate_call,
    type_name: *const c_char,
    message: *const c_char,
    error: *mut *mut callgate_error,
) -> callgate_status {
    guard(error, || {
        // SAFETY: the header asks for NUL-terminated text.
        let (type_name, message) = unsafe {
            (optional_name(type_name, "type_name")?.unwrap_or_default(), name(message, "message")?)
        };
        let failure = Error::remote_error(type_name, message);
        handles::get(call)?.take()?.fail(failure)
    })
}

/// Answers with any error, which is copied: one of callgate_error_new(), of a reader, or of another
/// call.
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

/// Answers with CALLGATE_STATUS_CONTRACT_MISMATCH: the interface has no such method.
#[no_mangle]
pub unsafe extern "C" fn callgate_call_fail_no_such_method(
    call: *mut callgate_call,
    error: *mut *mut callgate_error,
) -> callgate_status {
    guard(error, || handles::get(call)?.take()?.fail_no_method())
}

/// Puts off the answer: the delegate may return, and the call is answered later through `deferred`,
/// which the program owns and frees with callgate_call_free(). A call is deferred once.
#[no_mangle]
pub unsafe extern "C" fn callgate_call_defer(
    call: *mut callgate_call,
    deferred: *mut *mut callgate_call,
    error: *mut *mut callgate_error,
) -> callgate_status {
    guard(error, || {
        // SAFETY: the header asks for a place for the result.
        let out = unsafe { Out::new(deferred, "deferred")? };
        let call = handles::get(call)?;
        call.look(|_| ())?;
        let handle = handles::insert(call.share())?;
        if call.defer() {
            handles::discard(handle);
            return Err(invalid("the call is deferred already"));
        }
        out.set(handle);
        Ok(())
    })
}

/// Frees what callgate_call_defer() made, answered or not: a caller without an answer gets a remote
/// error. Never waits. NULL is fine.
#[no_mangle]
pub unsafe extern "C" fn callgate_call_free(deferred: *mut callgate_call) {
    guard_value((), || handles::discard(deferred));
}
