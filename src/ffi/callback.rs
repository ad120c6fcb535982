//! Callbacks
//!
//! A callback comes with user_data, which it gets back, and user_data_free (or NULL), which releases
//! user_data: exactly once, after the last invocation, and also when the registration fails. It may
//! run on any thread, a thread of the program included; it must not wait, and may call functions
//! that do not wait, such as callgate_..._free(). Nothing may be thrown or unwound, and no longjmp
//! may leave, out of a callback.
//!
//! A callback of a host or client may close it, and so may its user_data_free: closing then begins, and
//! returns at once. To wait there until it is closed would wait for the callback itself:
//! callgate_host_wait() and callgate_client_wait() give CALLGATE_STATUS_WOULD_DEADLOCK. Two other waits
//! give that status:
//!
//! - for a connection, in a client's log and its disconnected handlers, when they run on the thread that
//!   connects: the client connects again when they have returned;
//! - for a call of the interface that a delegate factory is making a delegate for, on the same connection:
//!   through a callback of that client, or through a client in the factory's own process. Over TCP the
//!   factory's process is not known to be the client's, and the call ends with its timeout.

use std::ffi::c_void;

use super::input::invalid;
use crate::Result;

/// Releases user_data; may be NULL.
pub type callgate_free_fn = Option<unsafe extern "C" fn(user_data: *mut c_void)>;

/// User data, released when this is dropped.
struct UserData {
    pointer: *mut c_void,
    free: callgate_free_fn,
}

// SAFETY: the header says that callbacks and the release may run on any thread.
unsafe impl Send for UserData {}
// SAFETY: as above; the pointer is only handed back to the program.
unsafe impl Sync for UserData {}

impl UserData {
    /// From here on it is Callgate's to release.
    fn new(pointer: *mut c_void, free: callgate_free_fn) -> UserData {
        UserData { pointer, free }
    }
}

/// A function of the program, with its user data.
pub(super) struct Callback<F> {
    pub(super) function: F,
    user_data: UserData,
}

impl<F> Callback<F> {
    /// Takes both over; `None`, with the user data released, when there is no function.
    pub(super) fn optional(
        function: Option<F>,
        user_data: *mut c_void,
        user_data_free: callgate_free_fn,
    ) -> Option<Callback<F>> {
        let user_data = UserData::new(user_data, user_data_free);
        Some(Callback { function: function?, user_data })
    }

    /// As [`Callback::optional`], but the function, which the header calls `what`, must be there.
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
            // SAFETY: the program gave both together, to be called once.
            unsafe { free(self.pointer) }
        }
    }
}
