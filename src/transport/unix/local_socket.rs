//! Unix sockets at paths, where the standard library lacks what is needed: a file mode that is set before
//! the file appears, and a deadline for connecting.

use super::os;
use crate::time;
use crate::transport::Dialler;
use std::fs::{self, File, OpenOptions, Permissions};
use std::io;
use std::mem;
use std::os::fd::{AsFd, AsRawFd, FromRawFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{chown, FileTypeExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;
use std::ptr;
use std::time::Duration;

/// How often a thread that waits for a full accept queue checks whether it was stopped: nothing else would
/// wake it.
const LOOK_UP: Duration = Duration::from_millis(50);

fn unbound(flags: libc::c_int) -> io::Result<OwnedFd> {
    let kind = libc::SOCK_STREAM | libc::SOCK_CLOEXEC | flags;
    // SAFETY: takes no pointers.
    let fd = os::check(unsafe { libc::socket(libc::AF_UNIX, kind, 0) })?;
    // SAFETY: it was just opened, and nothing else owns it.
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

/// Calls `bind` or `connect` with the path as the address.
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

/// Binds a new, non-blocking socket to a path. Its file is accessible to its user only, further restricted
/// by the umask.
pub(super) fn bind(path: &Path) -> io::Result<OwnedFd> {
    let socket = File::from(unbound(libc::SOCK_NONBLOCK)?);
    // The file gets the mode of the socket.
    socket.set_permissions(Permissions::from_mode(0o600))?;
    let socket = OwnedFd::from(socket);
    with_address(libc::bind, &socket, path)?;
    Ok(socket)
}

/// Sets the mode of a socket's file, and its group if `group` is given.
pub(super) fn set_rights(path: &Path, mode: u32, group: Option<u32>) -> io::Result<()> {
    // Opened only as a reference to the file: if another file replaces it, no link is followed, and the
    // permissions of no other file change.
    let flags = libc::O_PATH | libc::O_NOFOLLOW;
    let file = OpenOptions::new().read(true).custom_flags(flags).open(path)?;
    let found = file.metadata()?;
    if !found.file_type().is_socket() {
        return Err(io::Error::other("another file has replaced the socket"));
    }
    let file_itself = format!("/proc/self/fd/{}", file.as_raw_fd());
    if group.is_some() {
        chown(&file_itself, None, group)?;
    }
    if found.permissions().mode() & 0o7777 != mode {
        fs::set_permissions(&file_itself, Permissions::from_mode(mode))?;
    }
    Ok(())
}

/// Connects to the socket at a path; the result blocks.
pub(super) fn connect(path: &Path, dialler: &Dialler<'_>) -> io::Result<OwnedFd> {
    let socket = unbound(0)?;
    loop {
        let left = time::left(dialler.deadline);
        if left.is_zero() {
            return Err(io::ErrorKind::TimedOut.into());
        }
        if dialler.stopper.is_stopped()? {
            return Err(io::ErrorKind::Interrupted.into());
        }
        // Polling does not report when a full accept queue has room, but a send timeout does. Nothing else
        // uses the timeout, since sending never waits.
        os::set_timeout(socket.as_fd(), libc::SO_SNDTIMEO, Some(left.min(LOOK_UP)))?;
        match with_address(libc::connect, &socket, path) {
            Ok(()) => return Ok(socket),
            Err(error) => match error.kind() {
                io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted => {}
                _ => return Err(error),
            },
        }
    }
}

/// Whether something listens at a path. An error means that this cannot be determined.
pub(super) fn is_live(path: &Path) -> io::Result<bool> {
    let socket = unbound(libc::SOCK_NONBLOCK)?;
    match with_address(libc::connect, &socket, path) {
        Ok(()) => Ok(true),
        Err(error) => match error.raw_os_error() {
            // Its queue is full, or it is a socket of another type.
            Some(libc::EAGAIN | libc::EPROTOTYPE) => Ok(true),
            Some(libc::ECONNREFUSED | libc::ENOENT) => Ok(false),
            _ => Err(error),
        },
    }
}
