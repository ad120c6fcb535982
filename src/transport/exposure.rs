//! Keeps a host from being open to other machines by accident.

use super::Endpoint;
use crate::error::{Error, Result, Status};
use std::net::SocketAddr;

/// Refuses to listen where other machines could connect, unless that is declared to be insecure.
pub(super) fn check(endpoint: &Endpoint, addresses: &[SocketAddr], insecure: bool) -> Result<()> {
    if insecure || addresses.iter().all(is_loopback) {
        return Ok(());
    }
    let message = format!(
        "cannot listen on {endpoint}: other machines could connect, and TCP neither asks who they are nor \
         encrypts; listen on 127.0.0.1 or [::1], or accept this by writing {endpoint}?insecure=1"
    );
    Err(Error::new(Status::InvalidArgument, message))
}

fn is_loopback(address: &SocketAddr) -> bool {
    address.ip().to_canonical().is_loopback()
}
