//! Logging

use std::ffi::{c_char, c_void};

use super::callback::{callgate_free_fn, Callback};
use super::text::Text;
use crate::LogLevel;

/// How much a line of the log matters.
pub type callgate_log_level = i32;

/// Something failed.
pub const CALLGATE_LOG_ERROR: callgate_log_level = 1;
/// Something that should be looked at.
pub const CALLGATE_LOG_WARNING: callgate_log_level = 2;
/// What goes on.
pub const CALLGATE_LOG_INFO: callgate_log_level = 3;
/// What goes on, in detail.
pub const CALLGATE_LOG_DEBUG: callgate_log_level = 4;

/// Takes a line of the log: borrowed text, NUL-terminated, of that length, at most about 8 KiB. It holds
/// no line end and no other control character: where a peer sent one, it is escaped. Runs on any thread and on
/// several at once. It should not wait, since what is logged waits for it; it may call any function of
/// Callgate, and may close anything.
pub type callgate_log_fn = Option<
    unsafe extern "C" fn(
        user_data: *mut c_void,
        level: callgate_log_level,
        message: *const c_char,
        length: usize,
    ),
>;

/// The log that C gave, as Rust's own; `None` when it gave none.
pub(super) fn logger(
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
