//! Objects that come and go with every call: a thread keeps one of each kind for its next use, so that a
//! warm call allocates none.

use std::cell::Cell;
use std::thread::LocalKey;

use super::handles::Object;
use crate::sync::Arc;

/// Where a thread keeps one.
pub(super) type Kept<T> = LocalKey<Cell<Option<Arc<T>>>>;

pub(super) trait Spare: Object + Default {
    fn kept() -> &'static Kept<Self>;

    /// Makes it as good as new, with some of its memory kept.
    fn renew(&mut self);
}

/// A new object, or the one that this thread kept.
pub(super) fn take<T: Spare>() -> Arc<T> {
    // A thread that is ending keeps none.
    T::kept().try_with(Cell::take).ok().flatten().unwrap_or_default()
}

/// Keeps an object that is not needed any more, if nobody else has it.
pub(super) fn keep<T: Spare>(mut object: Arc<T>) {
    if let Some(alone) = Arc::get_mut(&mut object) {
        alone.renew();
        let _ = T::kept().try_with(|kept| kept.set(Some(object)));
    }
}
