//! Callgate lets programs call objects that live in another process, in another language, in both
//! directions, as if they were their own.
//!
//! A [`Host`] listens on endpoints and serves interfaces through delegates; a [`Client`] connects
//! and calls them through a [`Proxy`]. The layers, from the ground up, are described in
//! ARCHITECTURE.md; the bytes between the processes in PROTOCOL.md.

#![deny(missing_docs)]

mod alias;
mod cancel;
mod client;
mod connection;
mod error;
mod ffi;
mod host;
mod interface;
mod limits;
mod link;
mod proxy;
mod sync;
pub mod transport;
pub mod wire;

#[doc = include_str!("interface/interface.md")]
pub use callgate_macros::interface;
#[doc = include_str!("interface/call_error.md")]
pub use callgate_macros::CallError;
pub use cancel::{CancelToken, Check};
pub use client::{Client, ClientBuilder};
pub use connection::{Connection, Delegate, InboundCall, LogLevel, Reply};
pub use error::{Error, Execution, Remote, Result, Status};
pub use host::{Host, HostBuilder};
#[doc(hidden)]
pub use interface::support as interface_support;
pub use interface::{CallError, InterfaceDelegate, InterfaceProxy, ProxySource};
pub use limits::Limits;
pub use proxy::{CallOptions, PendingCall, Proxy, Timeout};
