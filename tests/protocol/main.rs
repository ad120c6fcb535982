//! The protocol, as seen by peers other than Callgate: one in Python that follows PROTOCOL.md, in both
//! roles, and raw sockets that do not.

mod bad_input;
mod bad_payloads;
mod client_role;
mod host_role;
mod log_lines;
mod script;
mod service;
#[path = "../support/mod.rs"]
mod support;
