//! Fast calls
//!
//! For languages whose foreign calls are slow per call and per argument, such as Python's ctypes. What does
//! not change between calls is set up once: a call state for calling, a buffer per thread for serving.

use std::cell::Cell;
use std::ffi::{c_char, c_void};

use super::answer::{callgate_call_fail_with, callgate_call_reply};
use super::buffer::callgate_buffer;
use super::call::callgate_call;
use super::call_into::{callgate_call_content, callgate_call_read_into, callgate_proxy_call_into};
use super::error::{callgate_error, callgate_error_free};
use super::guard::guard_value;
use super::proxy::{callgate_call_options, callgate_proxy};
use super::status::CALLGATE_STATUS_OK;
use crate::connection::Workers;
use crate::Status;

/// What does not change from one call to the next. A thread makes it once, all zero, and uses it for one call at
/// a time.
#[repr(C)]
pub struct callgate_fast_call_state {
    /// Options of the call, or NULL; borrowed until it returns.
    pub options: *const callgate_call_options,
    /// Memory of the program, into which a result is copied if it fits.
    pub buffer: *mut c_void,
    /// The size of `buffer` in bytes.
    pub capacity: usize,
    /// The result. Free it with callgate_buffer_free() unless it is in `buffer`; freeing it always is fine.
    pub reply: callgate_buffer,
    /// The error of a failed call. Free it and set it to NULL before the next call.
    pub error: *mut callgate_error,
}

/// Calls a method as callgate_proxy_call_into() does, with everything else in `state`. Returns the length of the
/// result, which is at state->reply.data; or, on failure, the status as a negative number.
#[no_mangle]
pub unsafe extern "C" fn callgate_fast_call(
    proxy: *const callgate_proxy,
    method: *const c_char,
    arguments: *const c_void,
    arguments_length: usize,
    state: *mut callgate_fast_call_state,
) -> i64 {
    // SAFETY: the header asks for NULL or a state.
    let Some(state) = (unsafe { state.as_mut() }) else {
        return -i64::from(Status::InvalidArgument.code());
    };
    // SAFETY: as the header asks for, which is the same.
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

/// Serves a call as a callgate_invoke_fn does, and also gets the method's name, NUL-terminated, and the arguments,
/// which are checked as callgate_check_value() does. Arguments that fit are in the thread's buffer
/// (callgate_thread_buffer()); others are borrowed until the call is answered.
///
/// Either leaves the result in the thread's buffer and returns its length, or answers or defers the call itself
/// and returns -1. It may set the thread's buffer first.
pub type callgate_fast_serve_fn = Option<
    unsafe extern "C" fn(
        user_data: *mut c_void,
        call: *mut callgate_call,
        method: *const c_char,
        arguments: *const c_void,
        arguments_length: usize,
    ) -> i64,
>;

/// A delegate that callgate_fast_invoke() serves.
#[repr(C)]
pub struct callgate_fast_delegate {
    /// Serves its calls.
    pub serve: callgate_fast_serve_fn,
    /// What `serve` gets.
    pub user_data: *mut c_void,
}

/// A callgate_invoke_fn, for delegates and callback handlers whose `user_data` is a callgate_fast_delegate: reads
/// the call, has its `serve` serve it, and sends the result. The callgate_fast_delegate must live until
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
    // SAFETY: the thread's buffer is what callgate_thread_buffer() asks for.
    let read = unsafe {
        callgate_call_read_into(call, buffer.first, buffer.capacity, &mut content, &mut failure)
    };
    if read != CALLGATE_STATUS_OK {
        // SAFETY: both are handles; a call that is answered already stays so.
        unsafe {
            callgate_call_fail_with(call, failure, std::ptr::null_mut());
            callgate_error_free(failure);
        }
        return;
    }
    // SAFETY: the header asks for a delegate that lives.
    let Some(delegate) = (unsafe { user_data.cast::<callgate_fast_delegate>().as_ref() }) else {
        return;
    };
    let Some(serve) = delegate.serve else { return };
    let callgate_call_content { method, arguments, arguments_length } = content;
    // SAFETY: as callgate_fast_serve_fn has it.
    let length = unsafe { serve(delegate.user_data, call, method, arguments, arguments_length) };
    // The program may have set the thread's buffer just now.
    let buffer = THREAD_BUFFER.get();
    match usize::try_from(length) {
        Ok(length) if length <= buffer.capacity => {
            // SAFETY: the buffer has that many bytes. A caller that has left needs no answer.
            unsafe { callgate_call_reply(call, buffer.first, length, std::ptr::null_mut()) };
        }
        // Answered or deferred; otherwise the caller gets an error that says so.
        _ => {}
    }
}

/// Memory of the program, for the calls that a thread serves.
#[derive(Clone, Copy)]
struct ThreadBuffer {
    first: *mut c_void,
    capacity: usize,
}

thread_local! {
    static THREAD_BUFFER: Cell<ThreadBuffer> =
        const { Cell::new(ThreadBuffer { first: std::ptr::null_mut(), capacity: 0 }) };
}

/// Sets the memory that callgate_fast_invoke() uses on this thread for arguments and results. It is used until
/// the thread ends or sets another; (NULL, 0) unsets it.
#[no_mangle]
pub unsafe extern "C" fn callgate_thread_buffer(buffer: *mut c_void, capacity: usize) {
    let capacity = if buffer.is_null() { 0 } else { capacity };
    guard_value((), || THREAD_BUFFER.set(ThreadBuffer { first: buffer, capacity }));
}

/// Whether Callgate started this thread, so that what a binding keeps for the thread serves many
/// callbacks. It ends before the close of its host or client does.
#[no_mangle]
pub extern "C" fn callgate_thread_is_own() -> bool {
    guard_value(false, Workers::have_this_thread)
}
