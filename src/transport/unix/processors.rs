//! How many processors the two ends of a stream may run on.

use super::os;
use std::num::NonZeroUsize;
use std::thread;

/// The processors that this process and the peer's may use between them, if the peer's are known;
/// no more than this process' share in a container allows.
pub(in crate::transport) fn processors(peer: Option<u32>) -> usize {
    let allowed = thread::available_parallelism().map_or(1, NonZeroUsize::get);
    let (Ok(own), Some(peer)) = (os::affinity(0), peer) else {
        return allowed;
    };
    if allowed < own.len() {
        return allowed;
    }
    let theirs = os::affinity(peer).unwrap_or_default();
    own.len() + theirs.iter().filter(|processor| !own.contains(processor)).count()
}
