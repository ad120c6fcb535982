//! Integers of 128 bits, wherever in a value: those that 64 bits hold travel as every integer does, others
//! are errors. rmp-serde alone would send 16 bytes, which other languages take for binary, and make a large
//! number of a negative one.

mod read;
mod write;

/// Passes on to one of serde's objects, and sees to integers of 128 bits.
pub(super) struct Exact<T>(pub T);
