//! TCP sockets, where the standard library lacks what is needed.

use super::event::Event;
use crate::limits;
use std::io;
use std::mem;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::windows::io::{AsHandle, AsRawHandle, AsRawSocket, FromRawSocket, RawSocket};
use std::ptr;
use windows_sys::Win32::Networking::WinSock;
use windows_sys::Win32::Networking::WinSock::{
    setsockopt, tcp_keepalive, WSAEventSelect, WSAIoctl, WSASocketW, WSAStartup, ADDRESS_FAMILY,
    AF_INET, AF_INET6, FD_ACCEPT, INVALID_SOCKET, IPPROTO_TCP, SIO_KEEPALIVE_VALS, SOCKADDR_IN,
    SOCKADDR_IN6, SOCKET, SOCKET_ERROR, SOCK_STREAM, SOL_SOCKET, SO_EXCLUSIVEADDRUSE, TCP_MAXRT,
    WSADATA, WSAEVENT, WSA_FLAG_NO_HANDLE_INHERIT, WSA_FLAG_OVERLAPPED,
};

/// Windows sends this many probes before it gives a silent peer up.
const PROBES: u32 = 10;

/// A listener at the first of these addresses that is free. No other socket can share its port or take it over:
/// by default Windows lets any process do that whose socket sets `SO_REUSEADDR`.
pub(super) fn listen(addresses: &[SocketAddr]) -> io::Result<TcpListener> {
    let mut last = io::Error::new(io::ErrorKind::InvalidInput, "the host has no address");
    for address in addresses {
        match listen_at(address) {
            Ok(listener) => return Ok(listener),
            Err(error) => last = error,
        }
    }
    Err(last)
}

fn listen_at(address: &SocketAddr) -> io::Result<TcpListener> {
    let listener = create(if address.is_ipv4() { AF_INET } else { AF_INET6 })?;
    let socket = listener.as_raw_socket() as SOCKET;
    let (alone, size) = (1_i32, size_of::<i32>() as i32);
    // SAFETY: the option is readable for its size.
    check(unsafe {
        setsockopt(socket, SOL_SOCKET, SO_EXCLUSIVEADDRUSE, (&raw const alone).cast(), size)
    })?;
    bind_to(socket, address)?;
    // SAFETY: takes no pointers.
    check(unsafe { WinSock::listen(socket, limits::BACKLOG) })?;
    Ok(listener)
}

fn bind_to(socket: SOCKET, address: &SocketAddr) -> io::Result<()> {
    match address {
        SocketAddr::V4(address) => {
            // SAFETY: an address of zeroes is a valid one.
            let mut raw: SOCKADDR_IN = unsafe { mem::zeroed() };
            raw.sin_family = AF_INET;
            raw.sin_port = address.port().to_be();
            raw.sin_addr.S_un.S_addr = u32::from_ne_bytes(address.ip().octets());
            bind(socket, &raw)
        }
        SocketAddr::V6(address) => {
            // SAFETY: an address of zeroes is a valid one.
            let mut raw: SOCKADDR_IN6 = unsafe { mem::zeroed() };
            raw.sin6_family = AF_INET6;
            raw.sin6_port = address.port().to_be();
            raw.sin6_addr.u.Byte = address.ip().octets();
            raw.sin6_flowinfo = address.flowinfo();
            raw.Anonymous.sin6_scope_id = address.scope_id();
            bind(socket, &raw)
        }
    }
}

/// A socket that is not bound yet, and that child processes do not inherit.
fn create(family: ADDRESS_FAMILY) -> io::Result<TcpListener> {
    const VERSION: u16 = 0x0202;
    // SAFETY: numbers and text, which may be zero.
    let mut found: WSADATA = unsafe { mem::zeroed() };
    // Each start is counted, and none is undone: sockets are used until the process ends.
    // SAFETY: the result is writable.
    match unsafe { WSAStartup(VERSION, &mut found) } {
        0 => {}
        code => return Err(io::Error::from_raw_os_error(code)),
    }
    let (family, flags) = (family.into(), WSA_FLAG_OVERLAPPED | WSA_FLAG_NO_HANDLE_INHERIT);
    // SAFETY: the description of the protocol may be null.
    let socket = unsafe { WSASocketW(family, SOCK_STREAM, IPPROTO_TCP, ptr::null(), 0, flags) };
    match socket {
        INVALID_SOCKET => Err(io::Error::last_os_error()),
        // SAFETY: it was just opened, and nothing else owns it.
        socket => Ok(unsafe { TcpListener::from_raw_socket(socket as RawSocket) }),
    }
}

fn bind<A>(socket: SOCKET, address: &A) -> io::Result<()> {
    let size = size_of::<A>() as i32;
    // SAFETY: the address is readable for its size.
    check(unsafe { WinSock::bind(socket, ptr::from_ref(address).cast(), size) })
}

/// Raises the event when a client comes, and makes accepting not wait. Accepted sockets inherit both.
pub(super) fn announce_clients(listener: &TcpListener, event: &Event) -> io::Result<()> {
    let socket = listener.as_raw_socket() as SOCKET;
    let event = event.as_handle().as_raw_handle() as WSAEVENT;
    // SAFETY: both are open, and the event stays with the listener.
    check(unsafe { WSAEventSelect(socket, event, FD_ACCEPT as i32) })
}

/// Undoes what an accepted socket has inherited.
pub(super) fn make_blocking(socket: &TcpStream) -> io::Result<()> {
    // SAFETY: the socket is open; no event ends the association.
    check(unsafe { WSAEventSelect(socket.as_raw_socket() as SOCKET, 0, 0) })?;
    socket.set_nonblocking(false)
}

/// Makes small frames leave at once, and dead peers noticed.
pub(super) fn set_options(socket: &TcpStream) -> io::Result<()> {
    socket.set_nodelay(true)?;
    let raw = socket.as_raw_socket() as SOCKET;
    let silence = limits::TCP_KEEPALIVE_INTERVAL * limits::TCP_KEEPALIVE_PROBES;
    let keepalive = tcp_keepalive {
        onoff: 1,
        keepalivetime: limits::TCP_KEEPALIVE_IDLE.as_millis() as u32,
        keepaliveinterval: silence.as_millis() as u32 / PROBES,
    };
    let mut returned = 0;
    // SAFETY: the options are readable for their size, and the number is writable.
    check(unsafe {
        WSAIoctl(
            raw,
            SIO_KEEPALIVE_VALS,
            (&raw const keepalive).cast(),
            size_of::<tcp_keepalive>() as u32,
            ptr::null_mut(),
            0,
            &mut returned,
            ptr::null_mut(),
            None,
        )
    })?;
    let seconds = limits::TCP_USER_TIMEOUT.as_secs() as i32;
    let size = size_of::<i32>() as i32;
    // Old systems do not have this option, and give a peer up after their own time.
    // SAFETY: the option is readable for its size.
    unsafe { setsockopt(raw, IPPROTO_TCP, TCP_MAXRT, (&raw const seconds).cast(), size) };
    Ok(())
}

fn check(result: i32) -> io::Result<()> {
    match result {
        SOCKET_ERROR => Err(io::Error::last_os_error()),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use windows_sys::Win32::Networking::WinSock::{getsockopt, SO_REUSEADDR};

    fn is_set(listener: &TcpListener, option: i32) -> bool {
        let (mut value, mut size) = (0_i32, size_of::<i32>() as i32);
        let socket = listener.as_raw_socket() as SOCKET;
        // SAFETY: the value is writable for its size.
        let got =
            unsafe { getsockopt(socket, SOL_SOCKET, option, (&raw mut value).cast(), &mut size) };
        assert_eq!(got, 0);
        value != 0
    }

    #[test]
    fn no_other_socket_can_take_the_port() {
        for local in ["127.0.0.1:0", "[::1]:0"] {
            let listener = listen(&[local.parse().unwrap()]).unwrap();
            assert!(is_set(&listener, SO_EXCLUSIVEADDRUSE) && !is_set(&listener, SO_REUSEADDR));
            let address = listener.local_addr().unwrap();
            let other = create(if address.is_ipv4() { AF_INET } else { AF_INET6 }).unwrap();
            let (shared, size) = (1_i32, size_of::<i32>() as i32);
            let socket = other.as_raw_socket() as SOCKET;
            // SAFETY: the option is readable for its size.
            let set = unsafe {
                setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, (&raw const shared).cast(), size)
            };
            assert_eq!(set, 0);
            bind_to(socket, &address).unwrap_err();
            TcpStream::connect(address).unwrap();
        }
    }

    #[test]
    fn the_first_free_address_is_taken() {
        let foreign = "192.0.2.1:0".parse().unwrap();
        let listener = listen(&[foreign, "127.0.0.1:0".parse().unwrap()]).unwrap();
        assert!(listener.local_addr().unwrap().ip().is_loopback());
        assert!(listen(&[foreign]).is_err() && listen(&[]).is_err());
    }
}
