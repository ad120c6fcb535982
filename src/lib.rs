//! Callgate lets programs call objects that live in another process, in another language, in both
//! directions, as if they were their own.
//!
//! A [`Host`] listens on endpoints and serves interfaces through delegates; a [`Client`] connects
//! and calls them through a [`Proxy`]. The layers, from the ground up, are described in
//! ARCHITECTURE.md; the bytes between the processes in PROTOCOL.md.

#![deny(missing_docs)]

mod connection;
mod error;
mod limits;
mod sync;
pub mod transport;
pub mod wire;

pub use error::{Error, Execution, Remote, Result, Status};
pub use limits::Limits;
