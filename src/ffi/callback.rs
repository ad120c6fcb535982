//! Callbacks
//!
//! A callback is registered with user_data, which is passed to it, and user_data_free (or NULL), which
//! releases user_data. user_data_free runs exactly once, after the last invocation, or when the
//! registration fails. It may run on any thread, the program's own included. It must not wait; it may call
//! functions that do not wait, such as callgate_..._free(). No callback may be left by a C++ exception, by
//! unwinding or by longjmp.
//!
//! A callback of a host or client, and its user_data_free, may close that host or client: closing then
//! begins and returns at once. Waiting there for the end of closing would be waiting for the callback
//! itself, so callgate_host_wait() and callgate_client_wait() return CALLGATE_STATUS_WOULD_DEADLOCK. Two
//! other waits return that status:
//!
//! - waiting for a connection in a client's log or disconnected handler, if it runs on the thread that
//!   connects: the client reconnects only after it returns;
//! - calling, in a delegate factory, the interface that the factory is creating a delegate for, on the same
//!   connection: through a callback of that client, or through a client in the factory's own process. Over
//!   TCP the two processes cannot be recognised as the same, and such a call times out instead.

use std::ffi::c_void;

use crate::ffi::arguments::invalid;
use crate::Result;

/// Releases user_data; may be NULL.
pub type callgate_free_fn = Option<unsafe extern "C" fn(user_data: *mut c_void)>;

/// The program's user data, released on drop.
struct UserData {
    pointer: *mut c_void,
    free: callgate_free_fn,
}

// SAFETY: the header says that callbacks and user_data_free may run on any thread.
unsafe impl Send for UserData {}
// SAFETY: as above; the pointer is only passed back to the program.
unsafe impl Sync for UserData {}

impl UserData {
    /// Takes responsibility for releasing `pointer`.
    fn new(pointer: *mut c_void, free: callgate_free_fn) -> UserData {
        UserData { pointer, free }
    }
}

/// A function of the program with its user data.
pub(super) struct Callback<F> {
    pub(super) function: F,
    user_data: UserData,
}

impl<F> Callback<F> {
    /// Takes over function and user data; `None`, with the user data released, if there is no function.
    pub(super) fn optional(
        function: Option<F>,
        user_data: *mut c_void,
        user_data_free: callgate_free_fn,
    ) -> Option<Callback<F>> {
        let user_data = UserData::new(user_data, user_data_free);
        Some(Callback { function: function?, user_data })
    }

    /// Like [`Callback::optional`], but the function, which the header calls `what`, is required.
    pub(super) fn new(
        what: &str,
        function: Option<F>,
        user_data: *mut c_void,
        user_data_free: callgate_free_fn,
    ) -> Result<Callback<F>> {
        Callback::optional(function, user_data, user_data_free)
            .ok_or_else(|| invalid(format!("{what} is NULL")))
    }

    pub(super) fn user_data(&self) -> *mut c_void {
        self.user_data.pointer
    }
}

impl Drop for UserData {
    fn drop(&mut self) {
        if let Some(free) = self.free {
            // SAFETY: the program passed both together; this is the only call.
            unsafe { free(self.pointer) }
        }
    }
}
