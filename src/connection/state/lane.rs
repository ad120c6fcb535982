//! Lanes: one for each pair of a sending thread and a proxy. Calls of a lane start in order.

use crate::connection::state::context::thread_number;
use crate::sync::atomic::{AtomicU64, Ordering};
use crate::sync::shared_static;

/// The low bits of a lane, which distinguish threads. Beyond that many threads two may share a lane:
/// slower, but still in order.
const THREAD_BITS: u32 = 20;

shared_static! { static PROXIES: AtomicU64 = AtomicU64::new(0); }

/// The number of a new proxy.
pub(crate) fn next_proxy() -> u64 {
    PROXIES.fetch_add(1, Ordering::Relaxed)
}

/// The lane of this thread on the proxy with this number.
pub(crate) fn of(proxy: u64) -> u64 {
    let thread = thread_number() & ((1 << THREAD_BITS) - 1);
    (proxy << THREAD_BITS) | thread
}
