//! Turns the operating system's errors into Callgate's, for listening and for connecting.

use super::{system, Endpoint};
use crate::error::{Error, Status};
use std::io::{self, ErrorKind};

/// Why listening failed. Apart from permissions and limits, the usual causes are an address that is not of
/// this machine, and a missing folder.
pub(super) fn of_listening(endpoint: &Endpoint, error: &io::Error) -> Error {
    let status = system::status(error, Status::InvalidArgument);
    let what = match status {
        Status::AddressInUse => format!("another program already listens on {endpoint}"),
        Status::AccessDenied => format!("this user may not listen on {endpoint}"),
        _ => format!("cannot listen on {endpoint}"),
    };
    Error::from_io(status, what, error)
}

/// Why connecting failed.
pub(super) fn of_dialling(endpoint: &Endpoint, error: &io::Error) -> Error {
    // A timeout without an error code is the caller's deadline; the operating system's own timeouts have a
    // code.
    if error.kind() == ErrorKind::TimedOut && error.raw_os_error().is_none() {
        let message = format!("no host answered on {endpoint} before the deadline");
        return Error::new(Status::TimedOut, message);
    }
    if error.kind() == ErrorKind::Interrupted {
        return Error::new(Status::Closed, format!("connecting to {endpoint} was stopped"));
    }
    let status = system::status(error, Status::ChannelFaulted);
    let what = match (status, error.kind()) {
        (Status::AccessDenied, _) => format!("this user may not connect to {endpoint}"),
        (_, ErrorKind::NotFound | ErrorKind::ConnectionRefused) => {
            format!("no host listens on {endpoint}")
        }
        _ => format!("cannot connect to {endpoint}"),
    };
    Error::from_io(status, what, error)
}

/// Why this system cannot listen on an endpoint or connect to it.
pub(super) fn unsupported(endpoint: &Endpoint, why: &str) -> Error {
    Error::new(Status::Unsupported, format!("{endpoint}: {why}"))
}
