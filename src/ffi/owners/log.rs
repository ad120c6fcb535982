//! Logging

use std::ffi::{c_char, c_void};
use std::mem::size_of;

use crate::ffi::callback::{callgate_free_fn, Callback};
use crate::ffi::errors::status::{callgate_status, CALLGATE_STATUS_OK};
use crate::ffi::values::text::Text;
use crate::{LogEvent, LogLevel};

/// The severity of a log event. Of events that a peer can cause at any rate, a few of each kind are logged in
/// a second; another event says how many more there were.
pub type callgate_log_level = i32;

/// An operation failed.
pub const CALLGATE_LOG_ERROR: callgate_log_level = 1;
/// A peer misbehaved, or something failed and will be tried again.
pub const CALLGATE_LOG_WARNING: callgate_log_level = 2;
/// Normal events.
pub const CALLGATE_LOG_INFO: callgate_log_level = 3;
/// Normal events, in detail.
pub const CALLGATE_LOG_DEBUG: callgate_log_level = 4;

/// An event of a log: a whole sentence for people, and what it is about as fields for programs. All text is
/// NUL-terminated, and contains no control characters and no line ends: those sent by a peer are escaped. Text
/// that does not apply is empty. All is borrowed until the callback returns.
#[repr(C)]
pub struct callgate_log_event {
    /// sizeof(callgate_log_event) in the library's version; later versions may add fields at the end.
    pub struct_size: usize,
    /// The severity.
    pub level: callgate_log_level,
    /// The status of the error that the message describes, or CALLGATE_STATUS_OK.
    pub status: callgate_status,
    /// What the event comes from: "callgate::host", "callgate::client", "callgate::connection" or
    /// "callgate::transport".
    pub target: *const c_char,
    /// What happened, on one line of at most about 8 KiB.
    pub message: *const c_char,
    /// The length of the message in bytes.
    pub message_length: usize,
    /// The connection's number, or 0: see callgate_connection_id().
    pub connection: u64,
    /// The peer's user, vouched for by the operating system: its uid on Unix, its SID on Windows.
    pub peer_user: *const c_char,
    /// The peer's process id, or -1. For information, never as proof: process ids are reused.
    pub peer_pid: i64,
    /// The endpoint that the host listens on or the client connects to.
    pub endpoint: *const c_char,
    /// The interface of the call.
    pub interface_name: *const c_char,
    /// The method of the call.
    pub method: *const c_char,
    /// How many events this one stands for, or 0: those left out of the log, or the one-way calls lost.
    pub count: u64,
}

/// Receives one log event. Runs on any thread, and on several at once. It should not wait, since the operation
/// that logs waits for it. It may call any Callgate function, and may close anything.
pub type callgate_log_fn =
    Option<unsafe extern "C" fn(user_data: *mut c_void, event: *const callgate_log_event)>;

/// Converts a log callback from C; `None` if there is none.
pub(in crate::ffi) fn logger(
    log: callgate_log_fn,
    user_data: *mut c_void,
    user_data_free: callgate_free_fn,
) -> Option<impl Fn(&LogEvent<'_>) + Send + Sync + 'static> {
    let log = Callback::optional(log, user_data, user_data_free)?;
    Some(move |event: &LogEvent<'_>| {
        let texts = Texts::of(event);
        // SAFETY: as the header describes it; the texts live until the function returns.
        unsafe { (log.function)(log.user_data(), &texts.event(event)) }
    })
}

/// The texts of an event, with their terminators.
struct Texts {
    target: Text,
    message: Text,
    peer_user: Text,
    endpoint: Text,
    interface: Text,
    method: Text,
}

impl Texts {
    fn of(event: &LogEvent<'_>) -> Texts {
        let text = |field: Option<&str>| Text::new(field.unwrap_or_default());
        Texts {
            target: Text::new(event.target),
            message: Text::new(&event.message),
            peer_user: text(event.peer_user.as_deref()),
            endpoint: text(event.endpoint.as_deref()),
            interface: text(event.interface.as_deref()),
            method: text(event.method.as_deref()),
        }
    }

    fn event(&self, event: &LogEvent<'_>) -> callgate_log_event {
        callgate_log_event {
            struct_size: size_of::<callgate_log_event>(),
            level: level_of(event.level),
            status: event.status.map_or(CALLGATE_STATUS_OK, |status| status.code()),
            target: self.target.as_ptr(),
            message: self.message.as_ptr(),
            message_length: self.message.len(),
            connection: event.connection.unwrap_or_default(),
            peer_user: self.peer_user.as_ptr(),
            peer_pid: event.peer_pid.map_or(-1, i64::from),
            endpoint: self.endpoint.as_ptr(),
            interface_name: self.interface.as_ptr(),
            method: self.method.as_ptr(),
            count: event.count.unwrap_or_default(),
        }
    }
}

fn level_of(level: LogLevel) -> callgate_log_level {
    match level {
        LogLevel::Error => CALLGATE_LOG_ERROR,
        LogLevel::Warning => CALLGATE_LOG_WARNING,
        LogLevel::Info => CALLGATE_LOG_INFO,
        LogLevel::Debug => CALLGATE_LOG_DEBUG,
    }
}
