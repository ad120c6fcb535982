//! TLS over the streams of TCP. rustls makes and reads the records, without waiting; the raw stream's halves
//! wait. docs/internals/tls.md describes how the two share a connection.

mod config;
mod failures;
mod handshake;
mod receiver;
mod records;
mod sender;
mod stream;
mod trust;

use super::{Endpoint, Security, Stream};
use crate::error::Result;
use config::Config;
use std::time::Instant;

/// The one protocol inside TLS that both sides accept.
const PROTOCOL: &[u8] = b"callgate/1";

/// Secures the streams of one endpoint.
pub(super) struct TlsGuard(Config);

impl TlsGuard {
    pub fn of_host(endpoint: &Endpoint) -> Result<TlsGuard> {
        Config::of_host(endpoint, parts(endpoint).1).map(TlsGuard)
    }

    pub fn of_client(endpoint: &Endpoint) -> Result<TlsGuard> {
        let (host, security) = parts(endpoint);
        Config::of_client(endpoint, host, security).map(TlsGuard)
    }

    pub fn secure(&self, stream: Stream, deadline: Instant) -> Result<Stream> {
        handshake::run(self.0.connection()?, stream, deadline)
    }
}

fn parts(endpoint: &Endpoint) -> (&str, &Security) {
    match endpoint {
        Endpoint::Tls { host, security, .. } => (host, security),
        other => unreachable!("{other} has no TLS"),
    }
}
