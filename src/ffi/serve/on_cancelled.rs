//! Notices of cancellation
//!
//! Instead of polling callgate_call_is_cancelled(), a delegate can register a function. It is meant for
//! work that goes on elsewhere: to wake a thread, stop a child process or cancel a task.

use std::ffi::c_void;

use crate::ffi::arguments::Out;
use crate::ffi::callback::{callgate_free_fn, Callback};
use crate::ffi::errors::error::callgate_error;
use crate::ffi::errors::status::callgate_status;
use crate::ffi::guard::{guard, guard_value};
use crate::ffi::handles;
use crate::ffi::serve::call::callgate_call;
use crate::sync::Arc;
use crate::CancelNotice;

/// Runs when the caller has stopped waiting: callgate_call_is_cancelled() has become true, but not because
/// of the reply. Runs on a Callgate thread, for several calls at once. If no such thread is available it
/// runs on the thread that finds out. It may block. It may call any Callgate function, and may close
/// anything. Calls that it makes are not nested in the call.
pub type callgate_cancelled_fn = Option<unsafe extern "C" fn(user_data: *mut c_void)>;

/// Runs a function when the caller stops waiting; soon, if it has stopped already. Works for calls that are
/// being served and for deferred ones; a one-way call is cancelled only by the end of its connection. A
/// call may have several functions.
///
/// The function runs at most once. It does not start after the reply, or after the last handle of the call
/// has ended. Replying does not wait for a running function. Once a function has started, no result reaches
/// the caller, whatever the delegate replies. user_data is released after the function has returned, or
/// once it is certain that it will not run.
///
/// Unless it is NULL, *notice receives a number for callgate_call_remove_on_cancelled(). Returns
/// CALLGATE_STATUS_INVALID_ARGUMENT after the reply, and CALLGATE_STATUS_LIMIT_EXCEEDED if no thread can be
/// started to watch the call's deadline.
#[no_mangle]
pub unsafe extern "C" fn callgate_call_on_cancelled(
    call: *mut callgate_call,
    function: callgate_cancelled_fn,
    user_data: *mut c_void,
    user_data_free: callgate_free_fn,
    notice: *mut u64,
    error: *mut *mut callgate_error,
) -> callgate_status {
    guard(error, || {
        // Shared, so that a failure does not release the user data under the call's lock.
        let callback = Arc::new(Callback::new("function", function, user_data, user_data_free)?);
        // SAFETY: the header requires NULL or a valid pointer for the number.
        let out = unsafe { Out::optional(notice) };
        let call = handles::get(call)?;
        let registered = callback.clone();
        let (made, is_lost) = call.look(|inbound| {
            inbound.note_function(move || {
                // SAFETY: as the header describes it.
                unsafe { (registered.function)(registered.user_data()) }
            })
        })??;
        out.set(made.number());
        if is_lost {
            made.run_soon();
        }
        call.keep_notice(made);
        Ok(())
    })
}

/// Removes the function with this number from callgate_call_on_cancelled(). Returns true if it has not
/// started and never will; then user_data is released. Returns false if it has started, or if the call has
/// its reply: it may be running on another thread, and this function does not wait for it.
#[no_mangle]
pub unsafe extern "C" fn callgate_call_remove_on_cancelled(
    call: *mut callgate_call,
    notice: u64,
) -> bool {
    guard_value(false, || {
        let found = handles::look_up(call).and_then(|call| call.take_notice(notice));
        found.is_some_and(CancelNotice::remove)
    })
}
