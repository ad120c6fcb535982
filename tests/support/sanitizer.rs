//! ThreadSanitizer, with which `ci/tsan` compiles this program and the library: what cannot be tested under
//! it, or not so strictly.

use std::io::Write;

/// Whether this program is compiled with it.
pub fn is_on() -> bool {
    option_env!("RUSTFLAGS").is_some_and(|flags| flags.contains("sanitizer=thread"))
}

/// Whether a test is skipped because of it; prints a clear notice if so.
pub fn leaves_out(what: &str) -> bool {
    if is_on() {
        // Not with `eprintln!`, whose output is hidden for a test that passes.
        writeln!(std::io::stderr(), "SKIPPED under ThreadSanitizer: {what}").ok();
    }
    is_on()
}

/// A bound on memory or on a stack. The sanitizer keeps several bytes about each byte used, and keeps some
/// freed memory.
pub fn bound(bytes: u64) -> u64 {
    if is_on() {
        8 * bytes
    } else {
        bytes
    }
}
