//! How many processors the two ends of a stream may run on.

use super::os;
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// The processors that this process and the peer's may use between them, if the peer's are known;
/// no more than this process' share in a container allows.
pub(in crate::transport) fn processors(peer: Option<u32>) -> usize {
    let Ok(own) = os::affinity(0) else {
        return thread::available_parallelism().map_or(1, NonZeroUsize::get);
    };
    let allowed = share(own.len());
    if allowed < own.len() {
        return allowed;
    }
    let theirs = peer.and_then(|peer| os::affinity(peer).ok()).unwrap_or_default();
    own.len() + theirs.iter().filter(|processor| !own.contains(processor)).count()
}

/// How many of its `own` processors this process may keep busy. The answer is kept, since to find it
/// takes reading some ten files, for longer than all else that connecting does.
fn share(own: usize) -> usize {
    /// Two halves: of how many, and how many.
    static KNOWN: AtomicUsize = AtomicUsize::new(0);
    const HALF: u32 = usize::BITS / 2;

    let known = KNOWN.load(Ordering::Relaxed);
    if known >> HALF == own {
        return known & ((1 << HALF) - 1);
    }
    let allowed = thread::available_parallelism().map_or(1, NonZeroUsize::get);
    KNOWN.store(own << HALF | allowed, Ordering::Relaxed);
    allowed
}
