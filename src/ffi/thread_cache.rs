//! Objects needed for every call: a thread keeps one of each kind for its next call, so a warm call
//! allocates nothing.

use std::cell::Cell;
use std::thread::LocalKey;

use crate::ffi::handles::Object;
use crate::sync::Arc;

/// The place where a thread keeps one.
pub(super) type Cache<T> = LocalKey<Cell<Option<Arc<T>>>>;

pub(super) trait ThreadCached: Object + Default {
    fn kept() -> &'static Cache<Self>;

    /// Makes the object as good as new, and keeps some of its memory.
    fn renew(&mut self);
}

/// A new object, or the one that this thread kept.
pub(super) fn take<T: ThreadCached>() -> Arc<T> {
    // A thread that is ending keeps no objects any more.
    T::kept().try_with(Cell::take).ok().flatten().unwrap_or_default()
}

/// Keeps an object for later, if it has no other owner.
pub(super) fn keep<T: ThreadCached>(mut object: Arc<T>) {
    if let Some(alone) = Arc::get_mut(&mut object) {
        alone.renew();
        let _ = T::kept().try_with(|kept| kept.set(Some(object)));
    }
}
