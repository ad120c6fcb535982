//! The number of processors that the two ends of a stream may run on.

use super::os;
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// The number of processors that this process and the peer may use between them, if the peer's are known;
/// at most this process's share in a container.
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

/// How many of its `own` processors this process may keep busy. The result is cached, since finding it
/// reads about ten files, which takes longer than everything else in connecting.
fn share(own: usize) -> usize {
    /// Two halves: the value of `own`, and the result.
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
