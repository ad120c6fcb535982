//! Asynchronous calls
//!
//! A call can be started without waiting for it: a completion then receives its outcome. Calls started
//! through one proxy are sent in the order they were started, except those that had not left when their
//! connection was lost.

use std::ffi::{c_char, c_void};

use crate::ffi::call::proxy::{callgate_call_options, callgate_proxy, outgoing};
use crate::ffi::callback::{callgate_free_fn, Callback};
use crate::ffi::errors::error::callgate_error;
use crate::ffi::errors::status::{callgate_status, CALLGATE_STATUS_OK};
use crate::ffi::guard::guard;
use crate::ffi::handles;
use crate::ffi::handles::borrowed::BorrowedHandle;
use crate::ffi::values::buffer::callgate_buffer;
use crate::{Reply, Result};

/// Receives the outcome of a call: CALLGATE_STATUS_OK with the result, one MessagePack value, and no error;
/// or an error and no reply. Both are NULL or borrowed until it returns; do not free the reply. Runs once
/// per call, for several calls at once, on a Callgate thread. If no such thread is available (the client is
/// closed, say) it runs on whichever thread finds out, possibly inside callgate_proxy_start(). It may
/// block. It may call any Callgate function, and may close anything.
pub type callgate_completion_fn = Option<
    unsafe extern "C" fn(
        user_data: *mut c_void,
        status: callgate_status,
        reply: *const callgate_buffer,
        error: *const callgate_error,
    ),
>;

/// A completion implemented in C.
struct Completion(Callback<CompletionFunction>);

type CompletionFunction = unsafe extern "C" fn(
    *mut c_void,
    callgate_status,
    *const callgate_buffer,
    *const callgate_error,
);

impl Completion {
    fn complete(self, outcome: Result<Reply>) {
        match outcome {
            Ok(reply) => {
                let (data, length) = (reply.as_ptr().cast(), reply.len());
                let reply = callgate_buffer { data, length, owner: std::ptr::null_mut() };
                self.tell(CALLGATE_STATUS_OK, &reply, std::ptr::null());
            }
            Err(error) => {
                let status = error.status().code();
                // If no handle is available, the completion gets only the status.
                let error = BorrowedHandle::new(callgate_error::new(error)).ok();
                let handle = error.as_ref().map_or(std::ptr::null_mut(), BorrowedHandle::handle);
                self.tell(status, std::ptr::null(), handle);
            }
        }
    }

    fn tell(
        &self,
        status: callgate_status,
        reply: *const callgate_buffer,
        error: *const callgate_error,
    ) {
        // SAFETY: as the header describes it.
        unsafe { (self.0.function)(self.0.user_data(), status, reply, error) }
    }
}

/// Starts a call and returns at once. It waits neither for a connection nor for the peer to catch up; the
/// call does, and that time counts towards the timeout of its options.
///
/// Method, arguments and options are those of callgate_proxy_call(). The cancel token cancels the call; the
/// check is not used. If the call cannot be started, this function returns the error and the completion
/// does not run; every other failure is an outcome. user_data is released after the completion has
/// returned, or once it is certain that it will not run.
#[no_mangle]
pub unsafe extern "C" fn callgate_proxy_start(
    proxy: *const callgate_proxy,
    method: *const c_char,
    arguments: *const c_void,
    arguments_length: usize,
    options: *const callgate_call_options,
    completion: callgate_completion_fn,
    user_data: *mut c_void,
    user_data_free: callgate_free_fn,
    error: *mut *mut callgate_error,
) -> callgate_status {
    guard(error, || {
        let completion = Callback::new("completion", completion, user_data, user_data_free)?;
        // SAFETY: the header requires these.
        let call = unsafe { outgoing(method, arguments, arguments_length, options)? };
        let proxy = handles::get(proxy)?;
        let done = move |outcome| Completion(completion).complete(outcome);
        proxy.proxy().start_copy(call.method, call.arguments, &call.options, done)
    })
}
