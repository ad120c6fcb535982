//! Hosts, clients and their connections.

pub(in crate::ffi) mod client;
pub(in crate::ffi) mod client_events;
pub(in crate::ffi) mod connection;
pub(in crate::ffi) mod host;
pub(in crate::ffi) mod host_events;
pub(in crate::ffi) mod limits;
pub(in crate::ffi) mod log;
pub(in crate::ffi) mod setup;
pub(in crate::ffi) mod trace;
