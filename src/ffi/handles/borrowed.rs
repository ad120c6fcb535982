//! Handles that are lent to the program for a while and taken back.

use super::{self as handles, Object};
use crate::sync::Arc;
use crate::Result;

/// A lent handle; dropping this takes it back.
pub(in crate::ffi) struct BorrowedHandle<T: Object>(*mut T);

// SAFETY: the pointer is a token, never dereferenced; its object may move to any thread.
unsafe impl<T: Object> Send for BorrowedHandle<T> {}
// SAFETY: as above.
unsafe impl<T: Object> Sync for BorrowedHandle<T> {}

impl<T: Object> BorrowedHandle<T> {
    pub(in crate::ffi) fn new(object: T) -> Result<BorrowedHandle<T>> {
        BorrowedHandle::of(Arc::new(object))
    }

    pub(in crate::ffi) fn of(object: Arc<T>) -> Result<BorrowedHandle<T>> {
        handles::insert(object).map(BorrowedHandle)
    }

    pub(in crate::ffi) fn handle(&self) -> *mut T {
        self.0
    }

    /// The handle, which the program keeps.
    pub(in crate::ffi) fn keep(self) -> *mut T {
        let handle = self.0;
        std::mem::forget(self);
        handle
    }
}

impl<T: Object> Drop for BorrowedHandle<T> {
    fn drop(&mut self) {
        handles::discard(self.0);
    }
}
