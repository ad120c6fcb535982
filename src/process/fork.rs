//! What a forked child gets from its parent and must not touch: objects whose locks other threads held and
//! whose threads are gone, and descriptors that share the parent's connections.
//!
//! A fork handler runs in the child before `fork` returns there. It counts the processes and closes the
//! descriptors. Closing sends nothing to the peer, since the parent keeps its own.

use crate::error::Status;
use crate::process::{Process, SPINNING};
use std::mem::ManuallyDrop;
use std::ops::Deref;
use std::os::fd::{AsFd, AsRawFd, RawFd};
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, AtomicUsize, Ordering};

/// The error for objects that were made before a fork.
pub(super) const GONE: (Status, &str) =
    (Status::Forked, "created before a fork; create a new one in the child");

/// The number of forks between the process that loaded this library and the present one. It is global
/// because no object could be asked without trusting its memory first.
static GENERATION: AtomicU32 = AtomicU32::new(0);

/// Whether the handler is registered.
static WATCHING: AtomicBool = AtomicBool::new(false);

const WORD: usize = u64::BITS as usize;

/// One bit for each descriptor to close, up to the largest number that systems allow by default. A list
/// would need a lock or memory, which the handler must not use.
static KEPT: [AtomicU64; (1 << 20) / WORD] = [const { AtomicU64::new(0) }; (1 << 20) / WORD];

/// How many of these words have been used.
static USED: AtomicUsize = AtomicUsize::new(0);

/// See [`GENERATION`].
pub(super) fn generation() -> u32 {
    GENERATION.load(Ordering::Relaxed)
}

/// Ensures that forks are noticed from now on.
pub(super) fn watch() {
    if WATCHING.load(Ordering::Acquire) {
        return;
    }
    // SAFETY: the handler uses only atomics and `close`, which are allowed in a new child.
    let registered = unsafe { libc::pthread_atfork(None, None, Some(in_child)) };
    // If it failed for lack of memory, the next object tries again. Two threads that get here at once
    // register two handlers: then a fork counts twice, and the second handler finds nothing to close.
    WATCHING.store(registered == 0, Ordering::Release);
}

unsafe extern "C" fn in_child() {
    GENERATION.fetch_add(1, Ordering::Relaxed);
    SPINNING.store(0, Ordering::Relaxed);
    for (index, word) in KEPT[..USED.load(Ordering::Relaxed)].iter().enumerate() {
        let mut bits = word.swap(0, Ordering::Relaxed);
        while bits != 0 {
            let fd = index * WORD + bits.trailing_zeros() as usize;
            // SAFETY: the parent's owner of the descriptor neither uses nor closes it in the child.
            unsafe { libc::close(fd as RawFd) };
            bits &= bits - 1;
        }
    }
}

/// The word and the bit of a descriptor; `None` if its number is too large. It then stays open in children.
fn word_and_bit(fd: RawFd) -> Option<(usize, u64)> {
    let fd = fd as usize;
    (fd / WORD < KEPT.len()).then_some((fd / WORD, 1 << (fd % WORD)))
}

/// An owner of a descriptor that is closed in forked children.
pub(crate) struct CloseOnFork<T: AsFd> {
    inner: ManuallyDrop<T>,
    process: Process,
}

impl<T: AsFd> CloseOnFork<T> {
    pub fn new(inner: T) -> CloseOnFork<T> {
        let process = Process::current();
        if let Some((word, bit)) = word_and_bit(inner.as_fd().as_raw_fd()) {
            USED.fetch_max(word + 1, Ordering::Relaxed);
            KEPT[word].fetch_or(bit, Ordering::Relaxed);
        }
        CloseOnFork { inner: ManuallyDrop::new(inner), process }
    }

    /// Whether this process created it. Otherwise the descriptor is closed, and its number may have been
    /// reused.
    pub fn is_ours(&self) -> bool {
        self.process.is_current()
    }
}

impl<T: AsFd> Deref for CloseOnFork<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.inner
    }
}

impl<T: AsFd> Drop for CloseOnFork<T> {
    fn drop(&mut self) {
        if !self.is_ours() {
            return;
        }
        // First: a child forked in between keeps a copy, rather than closing what another thread has just
        // opened under the same number.
        if let Some((word, bit)) = word_and_bit(self.inner.as_fd().as_raw_fd()) {
            KEPT[word].fetch_and(!bit, Ordering::Relaxed);
        }
        // SAFETY: dropped exactly once, here, and not used afterwards.
        unsafe { ManuallyDrop::drop(&mut self.inner) };
    }
}
