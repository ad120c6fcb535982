//! 128-bit integers anywhere in a value: those that fit 64 bits travel like any integer, others are errors.
//! rmp-serde alone would send 16 bytes, which other languages take for binary data, and would turn negative
//! numbers into large positive ones.

mod read;
mod write;

/// Wraps one of serde's objects, and handles 128-bit integers.
pub(super) struct Exact<T>(pub T);
