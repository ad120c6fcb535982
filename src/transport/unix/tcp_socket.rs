//! TCP sockets, where the standard library lacks what is needed: a way to stop connecting.

use super::os;
use std::io;
use std::mem;
use std::net::{SocketAddr, TcpStream};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::ptr;

/// A non-blocking socket that has started to connect. It becomes writable when it is connected or has
/// failed; then `take_error` says which.
pub(super) fn begin_to_connect(address: &SocketAddr) -> io::Result<TcpStream> {
    let family = if address.is_ipv4() { libc::AF_INET } else { libc::AF_INET6 };
    let kind = libc::SOCK_STREAM | libc::SOCK_CLOEXEC | libc::SOCK_NONBLOCK;
    // SAFETY: takes no pointers.
    let fd = os::check(unsafe { libc::socket(family, kind, 0) })?;
    // SAFETY: it was just opened, and nothing else owns it.
    let socket = unsafe { OwnedFd::from_raw_fd(fd) };
    let begun = match address {
        SocketAddr::V4(address) => {
            let ip = libc::in_addr { s_addr: u32::from_ne_bytes(address.ip().octets()) };
            // SAFETY: an address of zeroes is a valid one.
            let mut raw: libc::sockaddr_in = unsafe { mem::zeroed() };
            raw.sin_family = libc::AF_INET as libc::sa_family_t;
            raw.sin_port = address.port().to_be();
            raw.sin_addr = ip;
            connect(&socket, &raw)
        }
        SocketAddr::V6(address) => {
            // SAFETY: an address of zeroes is a valid one.
            let mut raw: libc::sockaddr_in6 = unsafe { mem::zeroed() };
            raw.sin6_family = libc::AF_INET6 as libc::sa_family_t;
            raw.sin6_port = address.port().to_be();
            raw.sin6_addr.s6_addr = address.ip().octets();
            raw.sin6_flowinfo = address.flowinfo();
            raw.sin6_scope_id = address.scope_id();
            connect(&socket, &raw)
        }
    };
    match begun {
        Err(error) if !is_under_way(&error) => Err(error),
        _ => Ok(socket.into()),
    }
}

fn connect<A>(socket: &OwnedFd, address: &A) -> io::Result<()> {
    let size = mem::size_of::<A>() as libc::socklen_t;
    // SAFETY: the address is readable for its size.
    os::check(unsafe { libc::connect(socket.as_raw_fd(), ptr::from_ref(address).cast(), size) })
        .map(drop)
}

fn is_under_way(error: &io::Error) -> bool {
    matches!(error.raw_os_error(), Some(libc::EINPROGRESS | libc::EINTR))
}
