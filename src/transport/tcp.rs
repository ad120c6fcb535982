//! What TCP needs on every system: which addresses a host listens on, and how long a client tries each.

use super::{io_errors, Endpoint};
use crate::error::{Error, Result, Status};
use crate::time;
use std::io;
use std::net::{SocketAddr, TcpStream, ToSocketAddrs};
use std::time::Instant;

/// The addresses to listen on: of this machine's loopback, or any if that is declared to be insecure.
pub(super) fn listening_addresses(
    endpoint: &Endpoint,
    host: &str,
    port: u16,
    insecure: bool,
) -> Result<Vec<SocketAddr>> {
    let addresses = (host, port).to_socket_addrs();
    let addresses = addresses.map_err(|error| io_errors::of_listening(endpoint, &error))?;
    let addresses: Vec<_> = addresses.collect();
    check_exposure(endpoint, &addresses, insecure)?;
    Ok(addresses)
}

/// Refuses to listen where other machines could connect, unless that is declared to be insecure.
fn check_exposure(endpoint: &Endpoint, addresses: &[SocketAddr], insecure: bool) -> Result<()> {
    if insecure || addresses.iter().all(is_loopback) {
        return Ok(());
    }
    let message = format!(
        "cannot listen on {endpoint}: other machines could connect, and TCP neither asks who they are nor \
         encrypts; use tls://, listen on 127.0.0.1 or [::1], or accept this by writing {endpoint}?insecure=1"
    );
    Err(Error::new(Status::InvalidArgument, message))
}

fn is_loopback(address: &SocketAddr) -> bool {
    address.ip().to_canonical().is_loopback()
}

/// Tries one address after the other, dividing the remaining time among them.
pub(super) fn connect_to_any(
    addresses: &[SocketAddr],
    deadline: Instant,
    connect: impl Fn(SocketAddr, Instant) -> io::Result<TcpStream>,
) -> io::Result<TcpStream> {
    let mut last = io::Error::new(io::ErrorKind::NotFound, "the host has no address");
    for (index, address) in addresses.iter().enumerate() {
        let now = time::now();
        let share = deadline.saturating_duration_since(now) / (addresses.len() - index) as u32;
        match connect(*address, now + share) {
            Ok(socket) => return Ok(socket),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => return Err(error),
            Err(error) => last = error,
        }
    }
    Err(last)
}
