//! The memory of a chunk, on the heap.

use std::alloc::{alloc, dealloc, realloc, Layout};
use std::mem::ManuallyDrop;
use std::ptr::NonNull;

use super::OutOfMemory;

/// Memory that its owner alone uses, freed when it is dropped.
pub(super) struct Memory {
    start: NonNull<u8>,
    /// Zero if there is none.
    capacity: usize,
}

// SAFETY: the memory belongs to its owner alone, and any thread may free it.
unsafe impl Send for Memory {}
// SAFETY: through a shared reference it gives only its place and size.
unsafe impl Sync for Memory {}

impl Memory {
    /// No memory.
    pub const NONE: Memory = Memory { start: NonNull::dangling(), capacity: 0 };

    #[inline]
    pub fn start(&self) -> *mut u8 {
        self.start.as_ptr()
    }

    #[inline]
    pub fn capacity(&self) -> usize {
        self.capacity
    }

    /// Grows to `capacity`, which is more than it has, and keeps its first `used` bytes.
    pub fn grow(&mut self, capacity: usize, used: usize) -> Result<(), OutOfMemory> {
        let _ = used;
        let layout = Layout::array::<u8>(capacity).map_err(|_| OutOfMemory(capacity))?;
        let start = match self.capacity {
            // SAFETY: the size is more than 0.
            0 => unsafe { alloc(layout) },
            // SAFETY: it was allocated with that layout, and the new size is more than 0 and allowed.
            _ => unsafe { realloc(self.start(), on_heap(self.capacity), capacity) },
        };
        self.start = NonNull::new(start).ok_or(OutOfMemory(capacity))?;
        self.capacity = capacity;
        Ok(())
    }
}

/// How a chunk of that size lies on the heap. It was allocated, so the layout is a valid one.
fn on_heap(capacity: usize) -> Layout {
    Layout::array::<u8>(capacity).expect("a size that was allocated")
}

impl Default for Memory {
    fn default() -> Memory {
        Memory::NONE
    }
}

impl From<Vec<u8>> for Memory {
    fn from(bytes: Vec<u8>) -> Memory {
        let mut bytes = ManuallyDrop::new(bytes);
        let start = NonNull::new(bytes.as_mut_ptr()).expect("a vector's memory");
        Memory { start, capacity: bytes.capacity() }
    }
}

impl Drop for Memory {
    fn drop(&mut self) {
        if self.capacity > 0 {
            // SAFETY: it was allocated with that layout, and nobody uses it any more.
            unsafe { dealloc(self.start(), on_heap(self.capacity)) };
        }
    }
}
