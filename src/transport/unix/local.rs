//! Listening and connecting at paths: named pipes and `unix:///path`.

use super::access::{self, AccessList};
use super::listener::{Listener, Source};
use super::lock::{self, Lock};
use super::runtime_dir::{self, RuntimeDir};
use super::{io_errors, local_socket, os, stream};
use crate::error::{Error, Result, Status};
use crate::limits;
use crate::process::CloseOnFork;
use crate::transport::{Access, Dialler, Endpoint, Listen, Peer, Scope, Stream, User};
use std::fs;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::fs::FileTypeExt;
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};

/// How many bytes the system buffers on their way to the peer, at most; the system doubles the number for
/// its own needs, and may have a lower cap. The default, a third of this, blocks the sender of a large
/// frame more often.
const SEND_BUFFER: libc::c_int = 512 * 1024;

pub(super) fn listen_pipe(
    endpoint: &Endpoint,
    name: &str,
    scope: Scope,
    access: &Access,
) -> Result<Box<dyn Listen>> {
    let folders = runtime_dir::of(scope);
    let (home, others) = folders.split_first().expect("every scope has a folder");
    home.prepare()?;
    // A host that started before the user's session listens in the folder for users without one.
    let taken = |dir: &RuntimeDir| {
        matches!(dir.check(), Ok(true)) && local_socket::is_live(&dir.socket(name)).unwrap_or(false)
    };
    if others.iter().any(taken) {
        return Err(in_use(endpoint));
    }
    listen(endpoint, &home.socket(name), access)
}

pub(super) fn listen(endpoint: &Endpoint, path: &Path, access: &Access) -> Result<Box<dyn Listen>> {
    let failed = |error: io::Error| io_errors::of_listening(endpoint, &error);
    let access_list = AccessList::of(endpoint, access)?;
    let mut lock_path = path.as_os_str().to_owned();
    lock_path.push(".lock");
    let lock = Lock::take(Path::new(&lock_path))?.ok_or_else(|| in_use(endpoint))?;
    clear(endpoint, path)?;
    let socket = local_socket::bind(path).map_err(failed)?;
    let file = lock::named_by(path).map_err(failed)?;
    let bound = BoundPath { path: path.to_path_buf(), file, lock };
    // Nobody can connect before the file has its final permissions.
    access_list.invite(endpoint, path)?;
    os::listen(socket.as_fd(), limits::BACKLOG).map_err(failed)?;
    let source =
        LocalSource { _bound: bound, socket: CloseOnFork::new(socket.into()), access_list };
    let listener = Listener::new(source, endpoint.clone()).map_err(failed)?;
    Ok(Box::new(listener))
}

/// Removes the socket of a dead host; the lock must be held.
fn clear(endpoint: &Endpoint, path: &Path) -> Result<()> {
    let failed = |error: io::Error| io_errors::of_listening(endpoint, &error);
    let found = match fs::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        found => found.map_err(failed)?,
    };
    if !found.file_type().is_socket() {
        let path = path.display();
        let message = format!(
            "cannot listen on {endpoint}: {path} exists and is not a socket; \
             remove it or choose another endpoint"
        );
        return Err(Error::new(Status::AddressInUse, message));
    }
    // Software that does not take the lock, or another user's, may listen there.
    if local_socket::is_live(path).map_err(failed)? {
        return Err(in_use(endpoint));
    }
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(failed(error)),
        _ => Ok(()),
    }
}

fn in_use(endpoint: &Endpoint) -> Error {
    let message = format!("another host already listens on {endpoint}");
    Error::new(Status::AddressInUse, message)
}

/// A socket's file, which is removed on drop, and the lock for its path, which is released afterwards.
struct BoundPath {
    path: PathBuf,
    file: Option<(u64, u64)>,
    lock: Lock,
}

impl Drop for BoundPath {
    fn drop(&mut self) {
        let is_ours = self.lock.is_ours() && self.file.is_some();
        if is_ours && lock::named_by(&self.path).is_ok_and(|found| found == self.file) {
            // If this fails, the next host finds a stale file and removes it.
            let _ = fs::remove_file(&self.path);
        }
    }
}

struct LocalSource {
    /// Dropped before the socket: while the socket is open, no other file can get the inode of its file.
    _bound: BoundPath,
    socket: CloseOnFork<UnixListener>,
    access_list: AccessList,
}

impl Source for LocalSource {
    fn accept(&self) -> io::Result<Stream> {
        let (socket, _) = self.socket.accept()?;
        let socket = OwnedFd::from(socket);
        let peer = os::credentials(socket.as_fd())?;
        if self.access_list.admit(socket.as_fd(), &peer)? {
            return Ok(open(socket, &peer));
        }
        let message = format!("user {} may not connect", peer.uid);
        Err(io::Error::new(io::ErrorKind::PermissionDenied, message))
    }

    fn fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}

fn open(socket: OwnedFd, peer: &libc::ucred) -> Stream {
    // This only makes large frames faster, so failure does no harm.
    let _ = os::set_number(socket.as_fd(), libc::SOL_SOCKET, libc::SO_SNDBUF, SEND_BUFFER);
    let peer = Peer {
        user: Some(User::Unix(peer.uid)),
        gid: Some(peer.gid),
        // Zero means that the process is not visible from this one.
        pid: u32::try_from(peer.pid).ok().filter(|pid| *pid != 0),
        ..Peer::default()
    };
    stream::open(socket, peer)
}

pub(super) fn dial_pipe(dialler: &Dialler<'_>, name: &str, scope: Scope) -> Result<Stream> {
    let endpoint = dialler.endpoint;
    let mut nobody = io::Error::from_raw_os_error(libc::ENOENT);
    for (index, dir) in runtime_dir::of(scope).iter().enumerate() {
        match dir.check() {
            Ok(true) => {}
            Ok(false) => continue,
            Err(error) if index == 0 => return Err(error),
            // Any user may have created this folder, to keep us from finding the host.
            Err(_) => continue,
        }
        match local_socket::connect(&dir.socket(name), dialler) {
            Ok(socket) => return trust(endpoint, socket, scope),
            Err(error) => match error.kind() {
                io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused => nobody = error,
                _ => return Err(io_errors::of_dialling(endpoint, &error)),
            },
        }
    }
    Err(io_errors::of_dialling(endpoint, &nobody))
}

pub(super) fn dial(dialler: &Dialler<'_>, path: &Path) -> Result<Stream> {
    match local_socket::connect(path, dialler) {
        Ok(socket) => trust(dialler.endpoint, socket, Scope::System),
        Err(error) => Err(io_errors::of_dialling(dialler.endpoint, &error)),
    }
}

/// Makes a stream to the host if this client may trust it. In a user's folder that means that the host runs
/// as the same user; elsewhere every host is trusted, since only users trusted with the folder can put a
/// socket there.
fn trust(endpoint: &Endpoint, socket: OwnedFd, scope: Scope) -> Result<Stream> {
    let host = os::credentials(socket.as_fd())
        .map_err(|error| io_errors::of_dialling(endpoint, &error))?;
    if scope == Scope::User && !access::is_own_or_root(host.uid) {
        let message = format!(
            "the host of {endpoint} runs as user {}, not as this one; connecting to it was refused",
            host.uid
        );
        return Err(Error::new(Status::AccessDenied, message));
    }
    Ok(open(socket, &host))
}
