//! For the tests of programs.

pub(in crate::ffi) mod relay;
