//! Cancellation
//!
//! A cancel token cancels calls from another thread: put it into the options of calls, and cancel
//! it. They end at once with CALLGATE_STATUS_CANCELLED, and their delegates can learn of it
//! (callgate_call_is_cancelled). Whether such a call ran, its error's execution says. Any number of
//! calls and threads may use one token; it is cancelled for good.

use super::error::callgate_error;
use super::guard::{guard, guard_value};
use super::handles::{self, Object};
use super::input::Out;
use super::status::callgate_status;
use crate::CancelToken;

/// Cancels calls that are waiting.
pub struct callgate_cancel_token {
    token: CancelToken,
}

impl Object for callgate_cancel_token {
    const KIND: &'static str = "a cancel token";
}

impl callgate_cancel_token {
    pub(super) fn token(&self) -> &CancelToken {
        &self.token
    }
}

/// Makes a token that is not cancelled.
#[no_mangle]
pub unsafe extern "C" fn callgate_cancel_token_new(
    token: *mut *mut callgate_cancel_token,
    error: *mut *mut callgate_error,
) -> callgate_status {
    guard(error, || {
        // SAFETY: the header asks for a place for the result.
        let out = unsafe { Out::new(token, "token")? };
        out.give(callgate_cancel_token { token: CancelToken::new() })
    })
}

/// Cancels all calls that have the token, now and later. Never waits; doing it twice is fine.
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

/// Whether it was cancelled.
#[no_mangle]
pub unsafe extern "C" fn callgate_cancel_token_is_cancelled(
    token: *const callgate_cancel_token,
) -> bool {
    guard_value(false, || handles::look_up(token).is_some_and(|token| token.token.is_cancelled()))
}

/// Frees a token. Calls that have it go on, and cannot be cancelled by it any more. NULL is fine.
#[no_mangle]
pub unsafe extern "C" fn callgate_cancel_token_free(token: *mut callgate_cancel_token) {
    guard_value((), || handles::discard(token));
}
