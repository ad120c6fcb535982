//! TCP sockets, where the standard library lacks what is needed.

use super::event::Event;
use crate::limits;
use std::io;
use std::net::{TcpListener, TcpStream};
use std::os::windows::io::{AsHandle, AsRawHandle, AsRawSocket};
use std::ptr;
use windows_sys::Win32::Networking::WinSock::{
    setsockopt, tcp_keepalive, WSAEventSelect, WSAIoctl, FD_ACCEPT, IPPROTO_TCP,
    SIO_KEEPALIVE_VALS, SOCKET, SOCKET_ERROR, TCP_MAXRT, WSAEVENT,
};

/// Windows sends this many probes before it gives a silent peer up.
const PROBES: u32 = 10;

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
