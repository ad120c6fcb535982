//! What the operating system's errors mean.

use crate::error::Status;
use std::io;

/// The status that an error stands for; `otherwise` if it is no usual one.
pub(in crate::transport) fn status(error: &io::Error, otherwise: Status) -> Status {
    match error.raw_os_error() {
        Some(libc::EADDRINUSE) => Status::AddressInUse,
        Some(libc::EACCES | libc::EPERM | libc::EROFS | libc::ELOOP) => Status::AccessDenied,
        Some(libc::EMFILE | libc::ENFILE | libc::ENOMEM | libc::ENOBUFS | libc::ENOSPC) => {
            Status::LimitExceeded
        }
        _ => otherwise,
    }
}
