//! What a stream reads and writes: one end of a pipe, or a socket.

use super::port::Port;
use std::io;
use std::net::{Shutdown, TcpStream};
use std::os::windows::io::{AsRawHandle, AsRawSocket, OwnedHandle};
use windows_sys::Win32::Foundation::{
    ERROR_BROKEN_PIPE, ERROR_CONNECTION_ABORTED, ERROR_HANDLE_EOF, ERROR_NETNAME_DELETED,
    ERROR_NO_DATA, ERROR_PIPE_NOT_CONNECTED, HANDLE,
};
use windows_sys::Win32::Networking::WinSock::{WSAECONNABORTED, WSAECONNRESET};

/// It is closed on drop.
pub(super) enum Device {
    Pipe(OwnedHandle),
    Socket(TcpStream),
}

impl Device {
    pub(super) fn raw(&self) -> HANDLE {
        match self {
            Device::Pipe(pipe) => pipe.as_raw_handle(),
            Device::Socket(socket) => socket.as_raw_socket() as HANDLE,
        }
    }

    /// Makes operations without an event complete through a new port.
    pub(super) fn port(&self) -> io::Result<Port> {
        Port::of(self.raw())
    }

    /// Ends sending, if the system has a way to do it.
    pub(super) fn finish(&self) {
        if let Device::Socket(socket) = self {
            // Fails only if the peer has already ended the stream.
            let _ = socket.shutdown(Shutdown::Write);
        }
    }

    /// Whether its bytes come in pieces: see the end of sending in docs/internals/windows.md.
    pub(super) fn has_pieces(&self) -> bool {
        matches!(self, Device::Pipe(_))
    }
}

/// Whether an operation failed because the peer has closed its end of the pipe.
pub(super) fn is_end(error: &io::Error) -> bool {
    let ends =
        [ERROR_BROKEN_PIPE, ERROR_NO_DATA, ERROR_PIPE_NOT_CONNECTED, ERROR_HANDLE_EOF].map(Some);
    ends.contains(&error.raw_os_error().map(|code| code as u32))
}

/// The error of a socket, which the functions for files report with codes of their own.
pub(super) fn of_socket(error: io::Error) -> io::Error {
    match error.raw_os_error().map(|code| code as u32) {
        Some(ERROR_NETNAME_DELETED) => io::Error::from_raw_os_error(WSAECONNRESET),
        Some(ERROR_CONNECTION_ABORTED) => io::Error::from_raw_os_error(WSAECONNABORTED),
        _ => error,
    }
}
