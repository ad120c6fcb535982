//! Which users a listener lets in: set as permissions of the socket's file, and checked again for each
//! peer.

use super::{groups, io_errors, local_socket, os};
use crate::error::{Error, Result, Status};
use crate::transport::{Access, Endpoint};
use std::io;
use std::os::fd::BorrowedFd;
use std::path::Path;

/// Which users a listener lets in. Connections of others are dropped before any byte is read.
#[derive(Clone, Copy)]
pub(super) enum AccessList {
    /// Its own user and root, who are part of every other list too.
    OwnUser,
    /// The members of a group.
    Members(u32),
    /// All users.
    Everyone,
}

impl AccessList {
    pub(super) fn of(endpoint: &Endpoint, access: &Access) -> Result<AccessList> {
        let group = match access {
            Access::Owner => return Ok(AccessList::OwnUser),
            Access::Everyone => return Ok(AccessList::Everyone),
            Access::Group(group) => group,
        };
        match groups::find(group) {
            Ok(Some(number)) => Ok(AccessList::Members(number)),
            Ok(None) => {
                let message = format!("cannot listen on {endpoint}: there is no group {group:?}");
                Err(Error::new(Status::InvalidArgument, message))
            }
            Err(error) => Err(io_errors::of_listening(endpoint, &error)),
        }
    }

    /// Sets the permissions of the socket file at a path before anybody listens on it, independent of the
    /// umask.
    pub(super) fn invite(self, endpoint: &Endpoint, path: &Path) -> Result<()> {
        let (mode, group) = match self {
            AccessList::OwnUser => (0o600, None),
            AccessList::Members(group) => (0o660, Some(group)),
            AccessList::Everyone => (0o666, None),
        };
        local_socket::set_rights(path, mode, group).map_err(|error| {
            match (group, error.raw_os_error()) {
                (Some(group), Some(libc::EPERM)) => {
                    let what = format!(
                        "cannot listen on {endpoint}: this user is not in its group, {group}"
                    );
                    Error::from_io(Status::AccessDenied, what, &error)
                }
                _ => io_errors::of_listening(endpoint, &error),
            }
        })
    }

    /// Whether the peer of a socket may connect.
    pub(super) fn admit(self, socket: BorrowedFd<'_>, peer: &libc::ucred) -> io::Result<bool> {
        if is_own_or_root(peer.uid) {
            return Ok(true);
        }
        match self {
            AccessList::OwnUser => Ok(false),
            AccessList::Members(group) => {
                Ok(peer.gid == group || groups::of_peer(socket)?.contains(&group))
            }
            AccessList::Everyone => Ok(true),
        }
    }
}

/// Whether a user is the one of this process, or root, who cannot be kept out.
pub(super) fn is_own_or_root(uid: u32) -> bool {
    uid == 0 || uid == os::user()
}
