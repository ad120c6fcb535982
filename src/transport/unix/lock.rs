//! The lock for a socket's path.

use super::os;
use crate::error::{Error, Result, Status};
use crate::process::CloseOnFork;
use std::fs::{self, File, OpenOptions, Permissions};
use std::io;
use std::os::fd::AsFd;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// A locked file, removed on drop; the system releases the lock of a process that dies.
///
/// A process holds the lock if it has locked *the file that the path names*. Only the holder removes the
/// file, so while it holds the lock the path keeps naming its file, and nobody can lock another one there.
/// A process that opened the file before it was removed locks a file that the path no longer names; it
/// notices, and tries again.
pub(super) struct Lock {
    path: PathBuf,
    file: CloseOnFork<File>,
}

impl Lock {
    /// Takes the lock; `None` if somebody else holds it, in this process or another.
    pub(super) fn take(path: &Path) -> Result<Option<Lock>> {
        let failed = |error: io::Error| {
            let status = match error.raw_os_error() {
                Some(libc::ENOENT | libc::ENOTDIR | libc::ENAMETOOLONG) => Status::InvalidArgument,
                Some(libc::EMFILE | libc::ENFILE | libc::ENOSPC) => Status::LimitExceeded,
                _ => Status::AccessDenied,
            };
            Error::from_io(status, format!("cannot open the lock file {}", path.display()), &error)
        };
        loop {
            let file = open(path).map_err(failed)?;
            let opened = file.metadata().map_err(failed)?;
            if !opened.is_file() || opened.uid() != os::user() {
                return Err(not_ours(path));
            }
            match os::try_lock(file.as_fd()) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(None),
                locked => locked.map_err(failed)?,
            }
            if named_by(path).map_err(failed)? != Some((opened.dev(), opened.ino())) {
                continue;
            }
            // The umask may have removed permissions that the next process needs to open it.
            if opened.mode() & 0o777 != 0o600 {
                file.set_permissions(Permissions::from_mode(0o600)).map_err(failed)?;
            }
            return Ok(Some(Lock { path: path.to_path_buf(), file: CloseOnFork::new(file) }));
        }
    }

    /// Whether this process took the lock, rather than the parent that forked it.
    pub(super) fn is_ours(&self) -> bool {
        self.file.is_ours()
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // In a forked child, the copy must not remove the parent's file.
        if self.is_ours() {
            // A file that remains does no harm: the next holder locks it.
            let _ = fs::remove_file(&self.path);
        }
    }
}

fn open(path: &Path) -> io::Result<File> {
    OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .custom_flags(libc::O_NOFOLLOW | libc::O_NOCTTY | libc::O_NONBLOCK)
        .open(path)
}

/// The device and inode of the file at a path, without following links.
pub(super) fn named_by(path: &Path) -> io::Result<Option<(u64, u64)>> {
    match fs::symlink_metadata(path) {
        Ok(found) => Ok(Some((found.dev(), found.ino()))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

fn not_ours(path: &Path) -> Error {
    let path = path.display();
    let message =
        format!("the lock file {path} is not a regular file owned by this user; have it removed");
    Error::new(Status::AccessDenied, message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sync::atomic::{AtomicUsize, Ordering};
    use crate::sync::thread;
    use std::process;

    #[test]
    fn holders_that_come_and_go_are_never_two() {
        const TURNS: usize = 200;
        let path = std::env::temp_dir().join(format!("callgate-lock-{}", process::id()));
        let (holders, turns) = (AtomicUsize::new(0), AtomicUsize::new(0));
        thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    while turns.load(Ordering::SeqCst) < TURNS {
                        if let Some(lock) = Lock::take(&path).unwrap() {
                            assert_eq!(holders.fetch_add(1, Ordering::SeqCst), 0);
                            turns.fetch_add(1, Ordering::SeqCst);
                            thread::yield_now();
                            holders.fetch_sub(1, Ordering::SeqCst);
                            drop(lock);
                        }
                    }
                });
            }
        });
        assert!(!path.exists());
    }
}
