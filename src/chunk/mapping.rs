//! Memory that the system maps for one chunk, and takes back as a whole.

use std::ptr::{self, NonNull};

/// Chunks of that many bytes and more are mapped. The C library maps as large blocks at first, but whenever
/// one is freed it raises its own limit to that one's size; later ones then come from its arenas, and stay.
pub(super) const SMALLEST: usize = 128 << 10;

/// Maps that many bytes, more than 0, all zero. `None` if the system has no memory for them.
pub(super) fn map(size: usize) -> Option<NonNull<u8>> {
    let access = libc::PROT_READ | libc::PROT_WRITE;
    let kind = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS;
    // SAFETY: the system chooses a place where nothing is.
    mapped(unsafe { libc::mmap(ptr::null_mut(), size, access, kind, -1, 0) })
}

/// Gives a mapping another size, and maybe another place, with its bytes kept. `None` if the system has no
/// memory for it; then it stays as it was.
///
/// # Safety
/// It must be a mapping of `size` bytes that nobody else uses. On success the old place is gone.
#[cfg(not(callgate_tsan))]
pub(super) unsafe fn remap(
    start: NonNull<u8>,
    size: usize,
    new_size: usize,
) -> Option<NonNull<u8>> {
    // SAFETY: as the caller promises.
    mapped(unsafe { libc::mremap(start.as_ptr().cast(), size, new_size, libc::MREMAP_MAYMOVE) })
}

/// The same by a copy: ThreadSanitizer does not see that `mremap` maps memory anew, and would report its next
/// use as a race with what used that place before.
///
/// # Safety
/// As above.
#[cfg(callgate_tsan)]
pub(super) unsafe fn remap(
    start: NonNull<u8>,
    size: usize,
    new_size: usize,
) -> Option<NonNull<u8>> {
    let new = map(new_size)?;
    // SAFETY: both places have room for the smaller size, and the new one is this function's alone. Nobody
    // else uses the old one, as the caller promises.
    unsafe {
        new.copy_from_nonoverlapping(start, size.min(new_size));
        unmap(start, size);
    }
    Some(new)
}

/// Gives a mapping back to the system.
///
/// # Safety
/// It must be a mapping of `size` bytes that nobody uses any more.
pub(super) unsafe fn unmap(start: NonNull<u8>, size: usize) {
    // SAFETY: as the caller promises. If it fails, the process has too many mappings, and keeps this one too.
    unsafe { libc::munmap(start.as_ptr().cast(), size) };
}

fn mapped(start: *mut libc::c_void) -> Option<NonNull<u8>> {
    NonNull::new(start.cast()).filter(|_| start != libc::MAP_FAILED)
}
