//! What makes the raw streams of an endpoint safe.

use super::tls::TlsGuard;
use super::{Endpoint, Stream};
use crate::error::{Error, Result};
use std::time::Instant;

/// Secures the streams of an endpoint before the first frame: those of `tls://` by TLS. Other endpoints need
/// nothing.
pub struct Guard(Option<TlsGuard>);

impl Guard {
    /// For the streams that a host accepts on this endpoint.
    ///
    /// # Errors
    /// Invalid argument if the endpoint lacks an option that a host needs, or has one that only a client has,
    /// or if a file cannot be used; unsupported for `tls://` without the feature `tls`.
    pub fn of_host(endpoint: &Endpoint) -> Result<Guard> {
        match endpoint {
            Endpoint::Tls { .. } => TlsGuard::of_host(endpoint).map(|guard| Guard(Some(guard))),
            _ => Ok(Guard(None)),
        }
    }

    /// For the streams that a client opens to this endpoint.
    ///
    /// # Errors
    /// As [`Guard::of_host`].
    pub fn of_client(endpoint: &Endpoint) -> Result<Guard> {
        match endpoint {
            Endpoint::Tls { .. } => TlsGuard::of_client(endpoint).map(|guard| Guard(Some(guard))),
            _ => Ok(Guard(None)),
        }
    }

    /// Looks whether a host's certificate, key or trusted authorities were replaced, and uses the new ones from
    /// now on. If they cannot be used, the ones before stay, and the reason is returned once.
    pub fn renew(&self) -> Option<Error> {
        self.0.as_ref().and_then(TlsGuard::renew)
    }

    /// Secures a stream, and finds out who the peer is. Another thread can end the wait by shutting the stream
    /// down.
    ///
    /// # Errors
    /// Access denied if one side does not trust the other; unsupported if they have no version of TLS in
    /// common; timed out; channel faulted.
    pub fn secure(&self, stream: Stream, deadline: Instant) -> Result<Stream> {
        match &self.0 {
            Some(guard) => guard.secure(stream, deadline),
            None => Ok(stream),
        }
    }
}
