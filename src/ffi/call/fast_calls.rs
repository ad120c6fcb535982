//! Fast calls
//!
//! For languages whose foreign calls are slow per call and per argument, such as Python's ctypes. What does
//! not change between calls is set up once: a call state for calling, a buffer per thread for serving.

use std::cell::Cell;
use std::ffi::{c_char, c_void};

use crate::ffi::call::call_into::{
    callgate_call_content, callgate_call_read_into, callgate_proxy_call_into,
};
use crate::ffi::call::proxy::{callgate_call_options, callgate_proxy};
use crate::ffi::errors::error::{callgate_error, callgate_error_free};
use crate::ffi::errors::status::CALLGATE_STATUS_OK;
use crate::ffi::guard::guard_value;
use crate::ffi::serve::call::callgate_call;
use crate::ffi::serve::reply::{callgate_call_fail_with, callgate_call_reply};
use crate::ffi::values::buffer::callgate_buffer;
use crate::threads::pool::Workers;
use crate::Status;

/// What does not change from one call to the next. Create one per thread, all zero, and use it for one call
/// at a time.
#[repr(C)]
pub struct callgate_fast_call_state {
    /// Options of the call, or NULL; borrowed until the call returns.
    pub options: *const callgate_call_options,
    /// The program's memory, into which a result is copied if it fits.
    pub buffer: *mut c_void,
    /// The size of `buffer` in bytes.
    pub capacity: usize,
    /// The result. Free it with callgate_buffer_free() unless it is in `buffer`; freeing it in any case does no harm.
    pub reply: callgate_buffer,
    /// The error of a failed call. Free it and set it to NULL before the next call.
    pub error: *mut callgate_error,
}

/// Calls a method like callgate_proxy_call_into(), with everything else in `state`. Returns the length of
/// the result, which is at state->reply.data; or, on failure, the negated status.
#[no_mangle]
pub unsafe extern "C" fn callgate_fast_call(
    proxy: *const callgate_proxy,
    method: *const c_char,
    arguments: *const c_void,
    arguments_length: usize,
    state: *mut callgate_fast_call_state,
) -> i64 {
    // SAFETY: the header requires NULL or a valid state.
    let Some(state) = (unsafe { state.as_mut() }) else {
        return -i64::from(Status::InvalidArgument.code());
    };
    // SAFETY: the header of callgate_proxy_call_into() requires the same.
    let status = unsafe {
        callgate_proxy_call_into(
            proxy,
            method,
            arguments,
            arguments_length,
            state.options,
            state.buffer,
            state.capacity,
            &mut state.reply,
            &mut state.error,
        )
    };
    match status {
        CALLGATE_STATUS_OK => i64::try_from(state.reply.length).unwrap_or(i64::MAX),
        status => -i64::from(status),
    }
}

/// Serves a call like a callgate_invoke_fn, and also gets the method's name, NUL-terminated, and the
/// arguments, which are checked like callgate_check_value(). Arguments that fit are in the thread's buffer
/// (callgate_thread_buffer()); others are borrowed until the reply.
///
/// Returns the length of the result, which it leaves in the thread's buffer; or -1 if it replied or
/// deferred itself. It may set the thread's buffer first.
pub type callgate_fast_serve_fn = Option<
    unsafe extern "C" fn(
        user_data: *mut c_void,
        call: *mut callgate_call,
        method: *const c_char,
        arguments: *const c_void,
        arguments_length: usize,
    ) -> i64,
>;

/// A delegate for callgate_fast_invoke().
#[repr(C)]
pub struct callgate_fast_delegate {
    /// Serves its calls.
    pub serve: callgate_fast_serve_fn,
    /// Passed to `serve`.
    pub user_data: *mut c_void,
}

/// A callgate_invoke_fn for delegates and callback handlers whose `user_data` is a callgate_fast_delegate:
/// reads the call, runs `serve`, and sends the result. The callgate_fast_delegate must live until
/// `user_data_free` runs.
#[no_mangle]
pub unsafe extern "C" fn callgate_fast_invoke(user_data: *mut c_void, call: *mut callgate_call) {
    let buffer = THREAD_BUFFER.get();
    let mut content = callgate_call_content {
        method: std::ptr::null(),
        arguments: std::ptr::null(),
        arguments_length: 0,
    };
    let mut failure = std::ptr::null_mut();
    // SAFETY: the thread's buffer is as callgate_thread_buffer() requires.
    let read = unsafe {
        callgate_call_read_into(call, buffer.first, buffer.capacity, &mut content, &mut failure)
    };
    if read != CALLGATE_STATUS_OK {
        // SAFETY: both are handles; a call that already has its reply is left alone.
        unsafe {
            callgate_call_fail_with(call, failure, std::ptr::null_mut());
            callgate_error_free(failure);
        }
        return;
    }
    // SAFETY: the header requires a live delegate.
    let Some(delegate) = (unsafe { user_data.cast::<callgate_fast_delegate>().as_ref() }) else {
        return;
    };
    let Some(serve) = delegate.serve else { return };
    let callgate_call_content { method, arguments, arguments_length } = content;
    // SAFETY: as callgate_fast_serve_fn requires.
    let length = unsafe { serve(delegate.user_data, call, method, arguments, arguments_length) };
    // `serve` may have set another buffer.
    let buffer = THREAD_BUFFER.get();
    match usize::try_from(length) {
        Ok(length) if length <= buffer.capacity => {
            // SAFETY: the buffer has `length` bytes. A caller that is gone needs no reply.
            unsafe { callgate_call_reply(call, buffer.first, length, std::ptr::null_mut()) };
        }
        // Replied or deferred; otherwise the caller gets an error that says so.
        _ => {}
    }
}

/// The program's memory for the calls that a thread serves.
#[derive(Clone, Copy)]
struct ThreadBuffer {
    first: *mut c_void,
    capacity: usize,
}

thread_local! {
    static THREAD_BUFFER: Cell<ThreadBuffer> =
        const { Cell::new(ThreadBuffer { first: std::ptr::null_mut(), capacity: 0 }) };
}

/// Sets the memory in which callgate_fast_invoke() keeps arguments and results on this thread. It is used
/// until the thread ends or sets another; (NULL, 0) unsets it.
#[no_mangle]
pub unsafe extern "C" fn callgate_thread_buffer(buffer: *mut c_void, capacity: usize) {
    let capacity = if buffer.is_null() { 0 } else { capacity };
    guard_value((), || THREAD_BUFFER.set(ThreadBuffer { first: buffer, capacity }));
}

/// Whether Callgate started this thread, so that what a binding caches for the thread serves many
/// callbacks. The thread ends before closing its host or client returns.
#[no_mangle]
pub extern "C" fn callgate_thread_is_own() -> bool {
    guard_value(false, Workers::have_this_thread)
}
