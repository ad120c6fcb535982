//! Learning that a call is cancelled
//!
//! Instead of asking callgate_call_is_cancelled() again and again, a delegate can have a function run. It is
//! meant for work that goes on elsewhere: to wake a thread, stop a child process, cancel a task.

use std::ffi::c_void;

use crate::ffi::arguments::Out;
use crate::ffi::callback::{callgate_free_fn, Callback};
use crate::ffi::errors::error::callgate_error;
use crate::ffi::errors::status::callgate_status;
use crate::ffi::guard::{guard, guard_value};
use crate::ffi::handles;
use crate::ffi::serving::call::callgate_call;
use crate::sync::Arc;
use crate::CancelNotice;

/// Runs once nobody waits for a call's reply any more: callgate_call_is_cancelled() has become true, for another
/// reason than the reply. Runs on a Callgate thread, for several calls at once. If no such thread is available it
/// runs on the thread that finds out. It may wait, may call any function of Callgate, and may close anything. Calls
/// that it makes are not nested in the call.
pub type callgate_cancelled_fn = Option<unsafe extern "C" fn(user_data: *mut c_void)>;

/// Runs a function once nobody waits for the reply any more; soon, if that is the case already. Works for calls that
/// are being served and for deferred ones; a one-way call is cancelled only by the end of its connection. A call may
/// have several functions.
///
/// The function runs at most once, and does not begin after the reply has been sent or the last handle of the call has
/// ended. A reply does not wait for a function that is running. Once a function has begun, the caller gets no result any more,
/// whatever the delegate replies. user_data is released when the function has returned, or will not run.
///
/// Unless it is NULL, *notice receives a number for callgate_call_remove_notice(). Fails with
/// CALLGATE_STATUS_INVALID_ARGUMENT after the reply, and with CALLGATE_STATUS_LIMIT_EXCEEDED if no thread can be
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

/// Removes the function that callgate_call_on_cancelled() gave that number. Returns true if it has not begun and never
/// will, in which case user_data is released. Returns false if it has begun, or the call has its reply; it may
/// then be running on another thread, which this does not wait for.
#[no_mangle]
pub unsafe extern "C" fn callgate_call_remove_notice(
    call: *mut callgate_call,
    notice: u64,
) -> bool {
    guard_value(false, || {
        let found = handles::look_up(call).and_then(|call| call.take_notice(notice));
        found.is_some_and(CancelNotice::remove)
    })
}
