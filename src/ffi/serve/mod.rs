//! Delegates and the calls they serve.

pub(in crate::ffi) mod call;
pub(in crate::ffi) mod delegate;
pub(in crate::ffi) mod duplex;
pub(in crate::ffi) mod on_cancelled;
pub(in crate::ffi) mod reply;
