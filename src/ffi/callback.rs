//! Callbacks
//!
//! A callback comes with user_data, which it gets back, and user_data_free (or NULL), which releases
//! user_data: exactly once, after the last invocation, and also when the registration fails. It may
//! run on any thread, one of the program's own included; it must not wait, and may call functions
//! that do not wait, such as callgate_..._free(). Nothing may be thrown or unwound, and no longjmp
//! may leave, out of a callback.

use std::ffi::c_void;

/// Releases user_data; may be NULL.
pub type callgate_free_fn = Option<unsafe extern "C" fn(user_data: *mut c_void)>;

/// User data, released when this is dropped.
pub(super) struct UserData {
    pointer: *mut c_void,
    free: callgate_free_fn,
}

// SAFETY: the header says that callbacks and the release may run on any thread.
unsafe impl Send for UserData {}
// SAFETY: as above; the pointer is only handed back to the program.
unsafe impl Sync for UserData {}

impl UserData {
    /// From here on it is Callgate's to release.
    pub(super) fn new(pointer: *mut c_void, free: callgate_free_fn) -> UserData {
        UserData { pointer, free }
    }

    pub(super) fn pointer(&self) -> *mut c_void {
        self.pointer
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
