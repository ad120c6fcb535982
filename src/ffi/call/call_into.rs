//! Calls into the program's memory
//!
//! For languages whose foreign calls are slow: each function here replaces several others. Small results
//! and arguments are copied into memory of the program, which it can reuse.

use std::ffi::{c_char, c_void};

use crate::ffi::arguments::{check_value, invalid, Out};
use crate::ffi::call::proxy::{callgate_call_options, callgate_proxy, outgoing};
use crate::ffi::errors::error::callgate_error;
use crate::ffi::errors::status::callgate_status;
use crate::ffi::guard::guard;
use crate::ffi::handles;
use crate::ffi::serve::call::callgate_call;
use crate::ffi::values::buffer::{self, callgate_buffer};
use crate::{Error, Execution, Result, Status};

/// What a delegate needs first of a call.
#[repr(C)]
pub struct callgate_call_content {
    /// The method's name, NUL-terminated; borrowed until the call's handle ends.
    pub method: *const c_char,
    /// The arguments: one MessagePack array, in `buffer` if they fit, otherwise borrowed until the reply.
    pub arguments: *const c_void,
    /// The length of the arguments in bytes.
    pub arguments_length: usize,
}

/// Calls a method like callgate_proxy_call(), and checks the result like callgate_check_value(): a
/// malformed one returns CALLGATE_STATUS_CONTRACT_MISMATCH. A result of up to `capacity` bytes is copied
/// into `buffer`; then reply->data is `buffer`, and nothing needs freeing. Otherwise free `reply` with
/// callgate_buffer_free(). Always freeing it does no harm.
#[no_mangle]
pub unsafe extern "C" fn callgate_proxy_call_into(
    proxy: *const callgate_proxy,
    method: *const c_char,
    arguments: *const c_void,
    arguments_length: usize,
    options: *const callgate_call_options,
    buffer: *mut c_void,
    capacity: usize,
    reply: *mut callgate_buffer,
    error: *mut *mut callgate_error,
) -> callgate_status {
    guard(error, || {
        // SAFETY: the header requires these.
        let (call, out, target) = unsafe {
            (
                outgoing(method, arguments, arguments_length, options)?,
                Out::new(reply, "reply")?,
                Target::new(buffer, capacity)?,
            )
        };
        let result =
            handles::get(proxy)?.proxy().call_bytes(call.method, call.arguments, &call.options)?;
        check_value(&result).map_err(|error| {
            refused(format_args!("the result of {}", call.method), error)
                .with_execution(Execution::Ran)
        })?;
        let Some(data) = target.copy(&result) else { return buffer::give(out, result) };
        let (length, owner) = (result.len(), std::ptr::null_mut());
        out.set(callgate_buffer { data, length, owner });
        Ok(())
    })
}

/// Reads a call's method and arguments, and checks the arguments like callgate_check_value(): malformed
/// ones return CALLGATE_STATUS_CONTRACT_MISMATCH. Arguments of up to `capacity` bytes are copied into
/// `buffer`. Returns CALLGATE_STATUS_INVALID_ARGUMENT if the call already has its reply.
#[no_mangle]
pub unsafe extern "C" fn callgate_call_read_into(
    call: *const callgate_call,
    buffer: *mut c_void,
    capacity: usize,
    content: *mut callgate_call_content,
    error: *mut *mut callgate_error,
) -> callgate_status {
    guard(error, || {
        // SAFETY: the header requires these.
        let (out, target) =
            unsafe { (Out::new(content, "content")?, Target::new(buffer, capacity)?) };
        let call = handles::get(call)?;
        let method = call.method()?.as_ptr();
        let (arguments, arguments_length) = call.look(|inbound| {
            let arguments = inbound.arguments();
            check_value(arguments).map_err(|error| {
                let (interface, method) = (inbound.interface(), inbound.method());
                let what = format_args!("what {interface}.{method} was given");
                refused(what, error).with_execution(Execution::NotRun)
            })?;
            let data = target.copy(arguments).unwrap_or(arguments.as_ptr().cast());
            Ok::<_, Error>((data, arguments.len()))
        })??;
        out.set(callgate_call_content { method, arguments, arguments_length });
        Ok(())
    })
}

fn refused(what: std::fmt::Arguments<'_>, error: Error) -> Error {
    let message = format!("{what} cannot be decoded: {}", error.message());
    Error::new(Status::ContractMismatch, message)
}

/// The program's memory for small results and arguments.
struct Target {
    first: *mut u8,
    capacity: usize,
}

impl Target {
    /// # Safety
    /// The memory is writable, and used by nobody else, until the export returns.
    unsafe fn new(first: *mut c_void, capacity: usize) -> Result<Target> {
        if first.is_null() && capacity > 0 {
            return Err(invalid("buffer is NULL, though capacity is not 0"));
        }
        Ok(Target { first: first.cast(), capacity })
    }

    /// Copies the bytes and returns the address of the copy; `None` if they do not fit.
    fn copy(&self, bytes: &[u8]) -> Option<*const c_void> {
        if bytes.len() > self.capacity {
            return None;
        }
        // SAFETY: they fit, as promised to `new`, and Callgate's bytes never overlap the program's.
        unsafe { self.first.copy_from_nonoverlapping(bytes.as_ptr(), bytes.len()) };
        Some(self.first.cast_const().cast())
    }
}
