//! TLS over the streams of TCP. rustls makes and reads the records, without waiting; the raw stream's halves
//! wait. docs/internals/tls.md describes how the two share a connection.

mod config;
mod failures;
mod files;
mod handshake;
mod identity;
mod receiver;
mod records;
mod renewal;
mod sender;
mod stream;
mod trust;

use super::{Endpoint, Security, Stream};
use crate::error::{Error, Result};
use config::{invalid, Config};
use files::Files;
use renewal::Renewal;
use std::time::Instant;

/// The one protocol inside TLS that both sides accept.
const PROTOCOL: &[u8] = b"callgate/1";

/// Secures the streams of one endpoint.
pub(super) struct TlsGuard(Side);

enum Side {
    Host(Box<Renewal>),
    Client(Config),
}

impl TlsGuard {
    pub fn of_host(endpoint: &Endpoint) -> Result<TlsGuard> {
        Renewal::new(endpoint, parts(endpoint).1).map(|host| TlsGuard(Side::Host(Box::new(host))))
    }

    pub fn of_client(endpoint: &Endpoint) -> Result<TlsGuard> {
        let (host, security) = parts(endpoint);
        let made = Files::read(security)
            .and_then(|files| Config::of_client(host, security, &files))
            .map_err(|why| invalid(endpoint, &why));
        made.map(|client| TlsGuard(Side::Client(client)))
    }

    pub fn renew(&self) -> Option<Error> {
        match &self.0 {
            Side::Host(renewal) => renewal.look(),
            Side::Client(_) => None,
        }
    }

    pub fn secure(&self, stream: Stream, deadline: Instant) -> Result<Stream> {
        let connection = match &self.0 {
            Side::Host(renewal) => renewal.config().connection()?,
            Side::Client(config) => config.connection()?,
        };
        handshake::run(connection, stream, deadline)
    }
}

fn parts(endpoint: &Endpoint) -> (&str, &Security) {
    match endpoint {
        Endpoint::Tls { host, security, .. } => (host, security),
        other => unreachable!("{other} has no TLS"),
    }
}
