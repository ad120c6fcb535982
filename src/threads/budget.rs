//! What all connections of a host or client may hold together.

use crate::sync::atomic::{AtomicU64, Ordering};

/// The bytes of inbound calls without a reply, on all connections.
pub(crate) struct Budget {
    used: AtomicU64,
    most: u64,
}

impl Budget {
    pub fn new(most: usize) -> Budget {
        Budget { used: AtomicU64::new(0), most: most as u64 }
    }

    /// Adds a call, which [`Budget::give`] later removes; false if it exceeds the limit.
    pub fn take(&self, bytes: u64) -> bool {
        self.used.fetch_add(bytes, Ordering::Relaxed) + bytes <= self.most
    }

    #[cfg(all(test, callgate_shuttle))]
    pub fn used(&self) -> u64 {
        self.used.load(Ordering::SeqCst)
    }

    /// Removes a call.
    pub fn give(&self, bytes: u64) {
        self.used.fetch_sub(bytes, Ordering::Relaxed);
    }
}
