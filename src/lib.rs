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
mod limits;
mod link;
mod proxy;
mod sync;
pub mod transport;
pub mod wire;

pub use cancel::{CancelToken, Check};
pub use client::{Client, ClientBuilder};
pub use connection::{Connection, Delegate, InboundCall, LogLevel, Reply};
pub use error::{Error, Execution, Remote, Result, Status};
pub use host::{Host, HostBuilder};
pub use limits::Limits;
pub use proxy::{CallOptions, PendingCall, Proxy, Timeout};
