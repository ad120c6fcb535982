//! Logging

use std::ffi::{c_char, c_void};

use crate::ffi::callback::{callgate_free_fn, Callback};
use crate::ffi::values::text::Text;
use crate::LogLevel;

/// The severity of a log line. Of events that a peer can cause at any rate, a few of each kind are logged in
/// a second; another line says how many more there were.
pub type callgate_log_level = i32;

/// An operation failed.
pub const CALLGATE_LOG_ERROR: callgate_log_level = 1;
/// A peer misbehaved, or something failed and will be tried again.
pub const CALLGATE_LOG_WARNING: callgate_log_level = 2;
/// Normal events.
pub const CALLGATE_LOG_INFO: callgate_log_level = 3;
/// Normal events, in detail.
pub const CALLGATE_LOG_DEBUG: callgate_log_level = 4;

/// Receives one log line: `length` bytes, at most about 8 KiB, NUL-terminated, borrowed. It contains no
/// control characters and no line ends: those sent by a peer are escaped. Runs on any thread, and on
/// several at once. It should not wait, since the operation that logs waits for it. It may call any
/// Callgate function, and may close anything.
pub type callgate_log_fn = Option<
    unsafe extern "C" fn(
        user_data: *mut c_void,
        level: callgate_log_level,
        message: *const c_char,
        length: usize,
    ),
>;

/// Converts a log callback from C; `None` if there is none.
pub(in crate::ffi) fn logger(
    log: callgate_log_fn,
    user_data: *mut c_void,
    user_data_free: callgate_free_fn,
) -> Option<impl Fn(LogLevel, &str) + Send + Sync + 'static> {
    let log = Callback::optional(log, user_data, user_data_free)?;
    Some(move |level: LogLevel, message: &str| {
        let message = Text::new(message);
        // SAFETY: as the header describes it.
        unsafe { (log.function)(log.user_data(), level_of(level), message.as_ptr(), message.len()) }
    })
}

fn level_of(level: LogLevel) -> callgate_log_level {
    match level {
        LogLevel::Error => CALLGATE_LOG_ERROR,
        LogLevel::Warning => CALLGATE_LOG_WARNING,
        LogLevel::Info => CALLGATE_LOG_INFO,
        LogLevel::Debug => CALLGATE_LOG_DEBUG,
    }
}
