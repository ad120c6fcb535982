//! The memory of a chunk: on the heap when it is small, a mapping of its own when it is large.

use std::alloc::{alloc, dealloc, realloc, Layout};
use std::mem::ManuallyDrop;
use std::ptr::NonNull;

#[cfg(target_os = "linux")]
use super::mapping;
use super::OutOfMemory;

/// Memory that its owner alone uses, freed when it is dropped.
pub(super) struct Memory {
    start: NonNull<u8>,
    /// Zero if there is none.
    capacity: usize,
    /// Whether it is a mapping.
    mapped: bool,
}

// SAFETY: the memory belongs to its owner alone, and any thread may free it.
unsafe impl Send for Memory {}
// SAFETY: through a shared reference it gives only its place and size.
unsafe impl Sync for Memory {}

impl Memory {
    /// No memory.
    pub const NONE: Memory = Memory { start: NonNull::dangling(), capacity: 0, mapped: false };

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
        debug_assert!(capacity > self.capacity && used <= self.capacity);
        if capacity < mapping::SMALLEST {
            self.start = self.reallocated(capacity).ok_or(OutOfMemory(capacity))?;
            self.capacity = capacity;
            return Ok(());
        }
        if self.mapped {
            // SAFETY: it is a mapping of that size, and its owner's alone.
            let start = unsafe { mapping::remap(self.start, self.capacity, capacity) };
            self.start = start.ok_or(OutOfMemory(capacity))?;
            self.capacity = capacity;
            return Ok(());
        }
        let start = mapping::map(capacity).ok_or(OutOfMemory(capacity))?;
        let larger = Memory { start, capacity, mapped: true };
        // SAFETY: both have at least that many bytes, and the mapping is new.
        unsafe { larger.start().copy_from_nonoverlapping(self.start(), used) };
        *self = larger;
        Ok(())
    }

    /// Grows memory on the heap, or allocates it if there is none. What was there is gone on success.
    fn reallocated(&mut self, capacity: usize) -> Option<NonNull<u8>> {
        let layout = Layout::array::<u8>(capacity).ok()?;
        NonNull::new(match self.capacity {
            // SAFETY: the size is more than 0.
            0 => unsafe { alloc(layout) },
            // SAFETY: it was allocated with that layout, and the new size is a valid one, more than 0.
            _ => unsafe { realloc(self.start(), on_heap(self.capacity), capacity) },
        })
    }

    /// Gives the memory back, of which there is some.
    ///
    /// # Safety
    /// It must not be used any more.
    #[inline(never)]
    unsafe fn free(&mut self) {
        if self.mapped {
            // SAFETY: it is a mapping of that size, and nobody uses it any more.
            unsafe { mapping::unmap(self.start, self.capacity) };
        } else {
            // SAFETY: it was allocated with that layout, and nobody uses it any more.
            unsafe { dealloc(self.start(), on_heap(self.capacity)) };
        }
    }
}

/// How memory of that size lies on the heap. It was allocated, so its size is a valid one.
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
        Memory { start, capacity: bytes.capacity(), mapped: false }
    }
}

impl Drop for Memory {
    #[inline]
    fn drop(&mut self) {
        if self.capacity > 0 {
            // SAFETY: nobody uses it any more.
            unsafe { self.free() };
        }
    }
}

/// Elsewhere all memory is on the heap.
#[cfg(not(target_os = "linux"))]
mod mapping {
    use std::ptr::NonNull;

    pub const SMALLEST: usize = usize::MAX;

    pub fn map(_size: usize) -> Option<NonNull<u8>> {
        None
    }

    pub unsafe fn remap(
        _start: NonNull<u8>,
        _size: usize,
        _new_size: usize,
    ) -> Option<NonNull<u8>> {
        None
    }

    pub unsafe fn unmap(_start: NonNull<u8>, _size: usize) {}
}
