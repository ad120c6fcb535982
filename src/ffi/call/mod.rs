//! Proxies, calls and cancel tokens.

pub(in crate::ffi) mod call_into;
pub(in crate::ffi) mod cancel;
pub(in crate::ffi) mod fast_calls;
pub(in crate::ffi) mod initialisation;
pub(in crate::ffi) mod proxy;
pub(in crate::ffi) mod start;
