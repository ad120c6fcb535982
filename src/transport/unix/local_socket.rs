//! Unix sockets at paths, where the standard library does not offer enough: the mode of the file
//! before it appears, and a deadline for connecting.

use super::os;
use std::fs::{File, Permissions};
use std::io;
use std::mem;
use std::os::fd::{AsFd, AsRawFd, FromRawFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::ptr;
use std::time::Instant;

/// The mode of a socket's file: its user's alone.
const MODE: u32 = 0o600;

fn unbound(flags: libc::c_int) -> io::Result<OwnedFd> {
    let kind = libc::SOCK_STREAM | libc::SOCK_CLOEXEC | flags;
    // SAFETY: takes no pointers.
    let fd = os::check(unsafe { libc::socket(libc::AF_UNIX, kind, 0) })?;
    // SAFETY: it was just opened, and nobody else knows of it.
    Ok(unsafe { OwnedFd::from_raw_fd(fd) })
}

fn address(path: &Path) -> io::Result<libc::sockaddr_un> {
    // SAFETY: an address of zeroes is a valid one.
    let mut address: libc::sockaddr_un = unsafe { mem::zeroed() };
    let path = path.as_os_str().as_bytes();
    if path.len() >= address.sun_path.len() {
        return Err(io::Error::from_raw_os_error(libc::ENAMETOOLONG));
    }
    address.sun_family = libc::AF_UNIX as libc::sa_family_t;
    for (to, from) in address.sun_path.iter_mut().zip(path) {
        *to = *from as libc::c_char;
    }
    Ok(address)
}

/// Calls `bind` or `connect` with the path's address.
fn with_address(
    call: unsafe extern "C" fn(libc::c_int, *const libc::sockaddr, libc::socklen_t) -> libc::c_int,
    fd: &OwnedFd,
    path: &Path,
) -> io::Result<()> {
    let address = address(path)?;
    let size = mem::size_of_val(&address) as libc::socklen_t;
    // SAFETY: the address is readable for its size.
    os::check(unsafe { call(fd.as_raw_fd(), ptr::from_ref(&address).cast(), size) }).map(drop)
}

/// Binds a new socket to a path, with a file of mode 0600, and listens without blocking.
pub(super) fn listen(path: &Path, backlog: i32) -> io::Result<OwnedFd> {
    let socket = File::from(unbound(libc::SOCK_NONBLOCK)?);
    // The file gets the socket's own mode less the umask, so it is never open to others ...
    socket.set_permissions(Permissions::from_mode(MODE))?;
    let socket = OwnedFd::from(socket);
    with_address(libc::bind, &socket, path)?;
    // ... and what the umask took from the user is given back before anyone can connect.
    restore_mode(path)?;
    os::listen(socket.as_fd(), backlog)?;
    Ok(socket)
}

fn restore_mode(path: &Path) -> io::Result<()> {
    let found = std::fs::symlink_metadata(path)?;
    if found.permissions().mode() & 0o777 != MODE {
        std::fs::set_permissions(path, Permissions::from_mode(MODE))?;
    }
    Ok(())
}

/// Connects to the socket at a path before the deadline; blocking afterwards.
pub(super) fn connect(path: &Path, deadline: Instant) -> io::Result<OwnedFd> {
    let socket = unbound(0)?;
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(io::ErrorKind::TimedOut.into());
        }
        // Polling would not tell when a full queue of connections has room; this does. Nothing
        // else heeds it, as all sending is done without waiting.
        os::set_timeout(socket.as_fd(), libc::SO_SNDTIMEO, Some(left))?;
        match with_address(libc::connect, &socket, path) {
            Ok(()) => return Ok(socket),
            Err(error) => match error.kind() {
                io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted => {}
                _ => return Err(error),
            },
        }
    }
}

/// Whether something listens at a path. An error means that one cannot tell.
pub(super) fn is_live(path: &Path) -> io::Result<bool> {
    let socket = unbound(libc::SOCK_NONBLOCK)?;
    match with_address(libc::connect, &socket, path) {
        Ok(()) => Ok(true),
        Err(error) => match error.raw_os_error() {
            // Its queue is full, or it is a socket of another kind.
            Some(libc::EAGAIN | libc::EPROTOTYPE) => Ok(true),
            Some(libc::ECONNREFUSED | libc::ENOENT) => Ok(false),
            _ => Err(error),
        },
    }
}
