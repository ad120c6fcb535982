//! ThreadSanitizer, which `ci/tsan` has this program and the library compiled with: what cannot be
//! tested under it, or not so strictly.

use std::io::Write;

/// Whether this program is compiled with it.
pub fn is_on() -> bool {
    option_env!("RUSTFLAGS").is_some_and(|flags| flags.contains("sanitizer=thread"))
}

/// Whether something is left out for its sake; says so loudly if it is.
pub fn leaves_out(what: &str) -> bool {
    if is_on() {
        // Not by the macro, whose words a test that passes keeps to itself.
        writeln!(std::io::stderr(), "SKIPPED under ThreadSanitizer: {what}").ok();
    }
    is_on()
}

/// A bound on memory or on a stack. The sanitizer notes who used each byte, in several more, and
/// keeps some of what is freed.
pub fn bound(bytes: u64) -> u64 {
    if is_on() {
        8 * bytes
    } else {
        bytes
    }
}
