//! Calls in one step
//!
//! For bindings of languages from which every function of C, and every argument of one, takes long. What stays
//! the same from call to call is told once: to call, a place; to serve, a space for each thread.

use std::cell::Cell;
use std::ffi::{c_char, c_void};

use super::answer::{callgate_call_fail_with, callgate_call_reply};
use super::buffer::callgate_buffer;
use super::call::callgate_call;
use super::error::{callgate_error, callgate_error_free};
use super::few_steps::{callgate_call_content, callgate_call_read_into, callgate_proxy_call_into};
use super::guard::guard_value;
use super::proxy::{callgate_call_options, callgate_proxy};
use super::status::CALLGATE_STATUS_OK;
use crate::Status;

/// What stays the same from one call of a program's to the next: made once for a thread, and used for one call
/// at a time.
#[repr(C)]
pub struct callgate_call_place {
    /// Options of the call, or NULL; borrowed until it returns.
    pub options: *const callgate_call_options,
    /// Where a result goes that fits.
    pub space: *mut c_void,
    /// How many bytes fit there.
    pub capacity: usize,
    /// Where a result is that does not fit; to be freed with callgate_buffer_free().
    pub reply: callgate_buffer,
    /// What a call has failed with; to be freed with callgate_error_free(), and emptied, by the program.
    pub error: *mut callgate_error,
}

/// Calls a method as callgate_proxy_call_into() does, with everything else in `place`. Gives the length of the
/// result, which is in `space` if it fits, and else in `reply`; or a status as a negative number.
#[no_mangle]
pub unsafe extern "C" fn callgate_proxy_call_in(
    proxy: *const callgate_proxy,
    method: *const c_char,
    arguments: *const c_void,
    arguments_length: usize,
    place: *mut callgate_call_place,
) -> i64 {
    // SAFETY: the header asks for NULL or a place.
    let Some(place) = (unsafe { place.as_mut() }) else {
        return -i64::from(Status::InvalidArgument.code());
    };
    // SAFETY: as the header asks for, which is the same.
    let status = unsafe {
        callgate_proxy_call_into(
            proxy,
            method,
            arguments,
            arguments_length,
            place.options,
            place.space,
            place.capacity,
            &mut place.reply,
            &mut place.error,
        )
    };
    match status {
        CALLGATE_STATUS_OK => i64::try_from(place.reply.length).unwrap_or(i64::MAX),
        status => -i64::from(status),
    }
}

/// Serves a call, as callgate_invoke_fn does, but is given what it looks at first: the method's name,
/// NUL-terminated, and the arguments, which are checked as callgate_check_value() does. Arguments that fit
/// are in the thread's space (callgate_thread_space()); others are borrowed until the call is answered.
///
/// Returns the length of the result that it has left in the thread's space, which is then the answer; or
/// -1 when it has answered or deferred the call by the functions for that. It may give the thread a space
/// first.
pub type callgate_serve_fn = Option<
    unsafe extern "C" fn(
        user_data: *mut c_void,
        call: *mut callgate_call,
        method: *const c_char,
        arguments: *const c_void,
        arguments_length: usize,
    ) -> i64,
>;

/// What callgate_invoke_server() needs to know of a delegate.
#[repr(C)]
pub struct callgate_server {
    /// Serves its calls.
    pub serve: callgate_serve_fn,
    /// What `serve` gets.
    pub user_data: *mut c_void,
}

/// Is the `invoke` of a delegate, or of a callback handler, whose `user_data` is a callgate_server, which
/// lives until `user_data_free` is called: has that serve the call in one step.
#[no_mangle]
pub unsafe extern "C" fn callgate_invoke_server(user_data: *mut c_void, call: *mut callgate_call) {
    let space = THREAD_SPACE.get();
    let mut content = callgate_call_content {
        method: std::ptr::null(),
        arguments: std::ptr::null(),
        arguments_length: 0,
    };
    let mut failure = std::ptr::null_mut();
    // SAFETY: the thread's space is what callgate_thread_space() asks for.
    let read = unsafe {
        callgate_call_read_into(call, space.first, space.capacity, &mut content, &mut failure)
    };
    if read != CALLGATE_STATUS_OK {
        // SAFETY: both are handles; a call that is answered already stays so.
        unsafe {
            callgate_call_fail_with(call, failure, std::ptr::null_mut());
            callgate_error_free(failure);
        }
        return;
    }
    // SAFETY: the header asks for a server that lives.
    let Some(server) = (unsafe { user_data.cast::<callgate_server>().as_ref() }) else { return };
    let Some(serve) = server.serve else { return };
    let callgate_call_content { method, arguments, arguments_length } = content;
    // SAFETY: as callgate_serve_fn has it.
    let length = unsafe { serve(server.user_data, call, method, arguments, arguments_length) };
    // The program may have given the thread a space just now.
    let space = THREAD_SPACE.get();
    match usize::try_from(length) {
        Ok(length) if length <= space.capacity => {
            // SAFETY: so many bytes are the program's answer. A caller that has left needs none.
            unsafe { callgate_call_reply(call, space.first, length, std::ptr::null_mut()) };
        }
        // Answered or deferred; else the caller is told that it was neither.
        _ => {}
    }
}

/// Memory of the program's for what a thread serves.
#[derive(Clone, Copy)]
struct ThreadSpace {
    first: *mut c_void,
    capacity: usize,
}

thread_local! {
    static THREAD_SPACE: Cell<ThreadSpace> =
        const { Cell::new(ThreadSpace { first: std::ptr::null_mut(), capacity: 0 }) };
}

/// Lets callgate_invoke_server() use memory of the program's on this thread, for arguments and for results,
/// until the thread ends or is given other memory; (NULL, 0) for none.
#[no_mangle]
pub unsafe extern "C" fn callgate_thread_space(space: *mut c_void, capacity: usize) {
    let capacity = if space.is_null() { 0 } else { capacity };
    guard_value((), || THREAD_SPACE.set(ThreadSpace { first: space, capacity }));
}
