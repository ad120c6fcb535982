//! Names that nothing else uses.

use std::hash::{BuildHasher, RandomState};
use std::process;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::OnceLock;

/// A name that no other test and no other run uses.
///
/// It contains a random number, since a killed host leaves its socket, and a later process may have the id of this one.
pub fn unique(name: &str) -> String {
    static RUN: OnceLock<u32> = OnceLock::new();
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let run = RUN.get_or_init(|| RandomState::new().hash_one(0) as u32);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    format!("test-{name}-{}-{run:x}-{count}", process::id())
}
