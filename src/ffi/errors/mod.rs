//! Statuses and errors.

pub(in crate::ffi) mod error;
pub(in crate::ffi) mod parts;
pub(in crate::ffi) mod status;
