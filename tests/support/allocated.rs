//! How much a process has allocated, for tests that make [`Counted`] their allocator.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicU64, Ordering};

static BYTES: AtomicU64 = AtomicU64::new(0);

/// The bytes that this process has allocated and not freed.
pub fn bytes() -> u64 {
    BYTES.load(Ordering::Relaxed)
}

/// The system's allocator, which counts bytes.
pub struct Counted;

// SAFETY: the system's allocator keeps the contract; counting does not affect it. `realloc` is made of these.
unsafe impl GlobalAlloc for Counted {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        BYTES.fetch_add(layout.size() as u64, Ordering::Relaxed);
        // SAFETY: promised by the caller.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        BYTES.fetch_sub(layout.size() as u64, Ordering::Relaxed);
        // SAFETY: promised by the caller.
        unsafe { System.dealloc(place, layout) }
    }
}
