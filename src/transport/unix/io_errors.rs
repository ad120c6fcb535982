//! What the operating system's errors mean to those who listen and dial.

use crate::error::{Error, Status};
use crate::transport::Endpoint;
use std::io::{self, ErrorKind};

fn status(error: &io::Error, otherwise: Status) -> Status {
    match error.raw_os_error() {
        Some(libc::EADDRINUSE) => Status::AddressInUse,
        Some(libc::EACCES | libc::EPERM | libc::EROFS | libc::ELOOP) => Status::AccessDenied,
        Some(libc::EMFILE | libc::ENFILE | libc::ENOMEM | libc::ENOBUFS | libc::ENOSPC) => {
            Status::LimitExceeded
        }
        _ => otherwise,
    }
}

/// Why nobody can listen there. What is left besides rights and limits is an address that is none
/// of this machine, or a folder that does not exist.
pub(super) fn of_listening(endpoint: &Endpoint, error: &io::Error) -> Error {
    let status = status(error, Status::InvalidArgument);
    let what = match status {
        Status::AddressInUse => format!("another program already listens on {endpoint}"),
        Status::AccessDenied => format!("this user may not listen on {endpoint}"),
        _ => format!("cannot listen on {endpoint}"),
    };
    Error::from_io(status, what, error)
}

/// Why there is no connection.
pub(super) fn of_dialling(endpoint: &Endpoint, error: &io::Error) -> Error {
    // The operating system's own timeouts have a code, and are not the caller's deadline.
    if error.kind() == ErrorKind::TimedOut && error.raw_os_error().is_none() {
        let message = format!("no host answered on {endpoint} before the deadline");
        return Error::new(Status::TimedOut, message);
    }
    if error.kind() == ErrorKind::Interrupted {
        return Error::new(Status::Closed, format!("connecting to {endpoint} was stopped"));
    }
    let status = status(error, Status::ChannelFaulted);
    let what = match (status, error.kind()) {
        (Status::AccessDenied, _) => format!("this user may not connect to {endpoint}"),
        (_, ErrorKind::NotFound | ErrorKind::ConnectionRefused) => {
            format!("no host listens on {endpoint}")
        }
        _ => format!("cannot connect to {endpoint}"),
    };
    Error::from_io(status, what, error)
}
