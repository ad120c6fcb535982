//! Handles that are lent to the program for a while and taken back.

use super::handles::{self, Object};
use crate::sync::Arc;
use crate::Result;

/// A lent handle; dropping this takes it back.
pub(super) struct Lent<T: Object>(*mut T);

// SAFETY: the pointer is a token, never dereferenced; its object may move to any thread.
unsafe impl<T: Object> Send for Lent<T> {}
// SAFETY: as above.
unsafe impl<T: Object> Sync for Lent<T> {}

impl<T: Object> Lent<T> {
    pub(super) fn new(object: T) -> Result<Lent<T>> {
        Lent::of(Arc::new(object))
    }

    pub(super) fn of(object: Arc<T>) -> Result<Lent<T>> {
        handles::insert(object).map(Lent)
    }

    pub(super) fn handle(&self) -> *mut T {
        self.0
    }

    /// The handle, which the program keeps.
    pub(super) fn keep(self) -> *mut T {
        let handle = self.0;
        std::mem::forget(self);
        handle
    }
}

impl<T: Object> Drop for Lent<T> {
    fn drop(&mut self) {
        handles::discard(self.0);
    }
}
