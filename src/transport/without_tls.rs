//! What takes the place of TLS where Callgate is built without it.

use super::{Endpoint, Stream};
use crate::error::{Error, Result, Status};
use std::time::Instant;

/// There are none.
pub(super) enum TlsGuard {}

impl TlsGuard {
    pub fn of_host(endpoint: &Endpoint) -> Result<TlsGuard> {
        let message = format!(
            "{endpoint}: this Callgate was built without TLS; build it with the feature `tls`"
        );
        Err(Error::new(Status::Unsupported, message))
    }

    pub fn of_client(endpoint: &Endpoint) -> Result<TlsGuard> {
        TlsGuard::of_host(endpoint)
    }

    pub fn renew(&self) -> Option<Error> {
        match *self {}
    }

    pub fn secure(&self, _: Stream, _: Instant) -> Result<Stream> {
        match *self {}
    }
}
