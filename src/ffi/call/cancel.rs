//! Cancellation
//!
//! A cancel token cancels calls from another thread: put it into the options of calls, then cancel it. The
//! calls end at once with CALLGATE_STATUS_CANCELLED, and their delegates can notice
//! (callgate_call_is_cancelled). The error's execution says whether such a call ran. Any number of calls
//! and threads may share a token. A cancelled token stays cancelled.

use crate::ffi::arguments::Out;
use crate::ffi::errors::error::callgate_error;
use crate::ffi::errors::status::callgate_status;
use crate::ffi::guard::{guard, guard_value};
use crate::ffi::handles::{self, Object};
use crate::CancelToken;

/// Cancels waiting calls.
pub struct callgate_cancel_token {
    token: CancelToken,
}

impl Object for callgate_cancel_token {
    const KIND: &'static str = "a cancel token";
}

impl callgate_cancel_token {
    pub(in crate::ffi) fn token(&self) -> &CancelToken {
        &self.token
    }
}

/// Creates a token that is not cancelled.
#[no_mangle]
pub unsafe extern "C" fn callgate_cancel_token_new(
    token: *mut *mut callgate_cancel_token,
    error: *mut *mut callgate_error,
) -> callgate_status {
    guard(error, || {
        // SAFETY: the header requires a valid pointer for the result.
        let out = unsafe { Out::new(token, "token")? };
        out.give(callgate_cancel_token { token: CancelToken::new() })
    })
}

/// Cancels all calls that use the token, now and later. Never waits; cancelling twice does no harm.
#[no_mangle]
pub unsafe extern "C" fn callgate_cancel_token_cancel(
    token: *mut callgate_cancel_token,
    error: *mut *mut callgate_error,
) -> callgate_status {
    guard(error, || {
        handles::get(token)?.token.cancel();
        Ok(())
    })
}

/// Whether the token was cancelled.
#[no_mangle]
pub unsafe extern "C" fn callgate_cancel_token_is_cancelled(
    token: *const callgate_cancel_token,
) -> bool {
    guard_value(false, || handles::look_up(token).is_some_and(|token| token.token.is_cancelled()))
}

/// Frees a token. Calls that use it continue and can no longer be cancelled through it. Freeing NULL does
/// nothing.
#[no_mangle]
pub unsafe extern "C" fn callgate_cancel_token_free(token: *mut callgate_cancel_token) {
    guard_value((), || handles::discard(token));
}
