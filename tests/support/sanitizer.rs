//! The sanitizer with which `ci/asan` or `ci/tsan` compiles this program and the library, if any: what cannot be
//! tested under it, or not so strictly.

use std::io::Write;

fn is(name: &str) -> bool {
    option_env!("RUSTFLAGS").is_some_and(|flags| flags.contains(&format!("sanitizer={name}")))
}

/// Whether this program is compiled with AddressSanitizer.
pub fn is_address() -> bool {
    is("address")
}

/// Whether this program is compiled with ThreadSanitizer.
pub fn is_thread() -> bool {
    is("thread")
}

/// Whether this program is compiled with a sanitizer.
pub fn is_on() -> bool {
    is_address() || is_thread()
}

/// Whether a test is skipped because of a sanitizer; prints a clear notice if so.
pub fn leaves_out(what: &str) -> bool {
    if is_on() {
        note(what);
    }
    is_on()
}

/// Whether threads in the child of a program with threads are left out: ThreadSanitizer ends such a child, and in
/// AddressSanitizer's allocator a lock that a thread of the parent held stays locked.
pub fn leaves_out_threads_after_fork() -> bool {
    leaves_out("threads in the child of a program with threads")
}

fn note(what: &str) {
    // Not with `eprintln!`, whose output is hidden for a test that passes.
    writeln!(std::io::stderr(), "SKIPPED under a sanitizer: {what}").ok();
}

/// A bound on memory or on a stack. Sanitizers keep several bytes about each byte used, and keep some freed
/// memory.
pub fn bound(bytes: u64) -> u64 {
    if is_on() {
        8 * bytes
    } else {
        bytes
    }
}

/// How often a flood repeats what it does. Sanitizers make it slow.
pub fn repeats(times: u64) -> u64 {
    if is_on() {
        times / 8
    } else {
        times
    }
}
