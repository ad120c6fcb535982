//! What the operating system's errors mean.

use crate::error::Status;
use std::io;
use windows_sys::Win32::Foundation::{
    ERROR_ACCESS_DENIED, ERROR_COMMITMENT_LIMIT, ERROR_NOT_ENOUGH_MEMORY,
    ERROR_NO_SYSTEM_RESOURCES, ERROR_TOO_MANY_OPEN_FILES,
};
use windows_sys::Win32::Networking::WinSock::{WSAEACCES, WSAEADDRINUSE, WSAEMFILE, WSAENOBUFS};

const DENIED: [i32; 2] = [ERROR_ACCESS_DENIED as i32, WSAEACCES];

const SCARCE: [i32; 6] = [
    ERROR_TOO_MANY_OPEN_FILES as i32,
    ERROR_NOT_ENOUGH_MEMORY as i32,
    ERROR_NO_SYSTEM_RESOURCES as i32,
    ERROR_COMMITMENT_LIMIT as i32,
    WSAEMFILE,
    WSAENOBUFS,
];

/// The status that an error stands for; `otherwise` if it is no usual one.
pub(in crate::transport) fn status(error: &io::Error, otherwise: Status) -> Status {
    match error.raw_os_error() {
        Some(WSAEADDRINUSE) => Status::AddressInUse,
        Some(code) if DENIED.contains(&code) => Status::AccessDenied,
        Some(code) if SCARCE.contains(&code) => Status::LimitExceeded,
        _ => otherwise,
    }
}
