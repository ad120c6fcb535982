//! What all connections of a host or client may hold together.

use crate::sync::atomic::{AtomicU64, Ordering};

/// Bytes of calls that have come in by all connections and are not answered.
pub(crate) struct Budget {
    used: AtomicU64,
    most: u64,
}

impl Budget {
    pub fn new(most: usize) -> Budget {
        Budget { used: AtomicU64::new(0), most: most as u64 }
    }

    /// Counts a call in, to be counted out by [`Budget::give`]; false if it is too much.
    pub fn take(&self, bytes: u64) -> bool {
        self.used.fetch_add(bytes, Ordering::Relaxed) + bytes <= self.most
    }

    /// Counts a call out.
    pub fn give(&self, bytes: u64) {
        self.used.fetch_sub(bytes, Ordering::Relaxed);
    }
}
