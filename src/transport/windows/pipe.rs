//! Creating and opening pipes.

use super::descriptor::Descriptor;
use super::security::CLIENT_RIGHTS;
use super::wide;
use std::io;
use std::os::windows::io::{AsRawHandle, BorrowedHandle, FromRawHandle, OwnedHandle};
use std::ptr;
use windows_sys::Win32::Foundation::{ERROR_FILE_NOT_FOUND, HANDLE, INVALID_HANDLE_VALUE};
use windows_sys::Win32::Storage::FileSystem::{
    CreateFileW, FILE_FLAG_FIRST_PIPE_INSTANCE, FILE_FLAG_OVERLAPPED, OPEN_EXISTING,
    PIPE_ACCESS_DUPLEX, SECURITY_IDENTIFICATION, SECURITY_SQOS_PRESENT,
};
use windows_sys::Win32::System::Pipes::{
    CreateNamedPipeW, GetNamedPipeClientProcessId, GetNamedPipeServerProcessId, WaitNamedPipeW,
    PIPE_READMODE_BYTE, PIPE_REJECT_REMOTE_CLIENTS, PIPE_TYPE_BYTE, PIPE_UNLIMITED_INSTANCES,
    PIPE_WAIT,
};

/// How many bytes the system keeps on their way to the reader. Small buffers make large frames slow.
const BUFFER: u32 = 512 * 1024;

const MODE: u32 = PIPE_TYPE_BYTE | PIPE_READMODE_BYTE | PIPE_WAIT | PIPE_REJECT_REMOTE_CLIENTS;

/// The host can learn who this client is, but not act as this client.
const OPEN_FLAGS: u32 = FILE_FLAG_OVERLAPPED | SECURITY_SQOS_PRESENT | SECURITY_IDENTIFICATION;

fn access(is_first: bool) -> u32 {
    let first = if is_first { FILE_FLAG_FIRST_PIPE_INSTANCE } else { 0 };
    PIPE_ACCESS_DUPLEX | FILE_FLAG_OVERLAPPED | first
}

/// Creates an instance of a pipe. The first one fails if the pipe exists.
pub(super) fn create(path: &str, is_first: bool, security: &Descriptor) -> io::Result<OwnedHandle> {
    let (path, attributes) = (wide(path), security.attributes());
    // SAFETY: the path ends in zero, and the attributes are readable.
    own(unsafe {
        CreateNamedPipeW(
            path.as_ptr(),
            access(is_first),
            MODE,
            PIPE_UNLIMITED_INSTANCES,
            BUFFER,
            BUFFER,
            0,
            &attributes,
        )
    })
}

/// Opens the client's end of a pipe, if an instance is free.
pub(super) fn open(path: &str) -> io::Result<OwnedHandle> {
    let path = wide(path);
    // SAFETY: the path ends in zero; the others may be null.
    own(unsafe {
        CreateFileW(
            path.as_ptr(),
            CLIENT_RIGHTS,
            0,
            ptr::null(),
            OPEN_EXISTING,
            OPEN_FLAGS,
            ptr::null_mut(),
        )
    })
}

fn own(handle: HANDLE) -> io::Result<OwnedHandle> {
    match handle {
        INVALID_HANDLE_VALUE => Err(io::Error::last_os_error()),
        // SAFETY: it was just opened, and nothing else owns it.
        handle => Ok(unsafe { OwnedHandle::from_raw_handle(handle) }),
    }
}

/// Whether a pipe exists.
pub(super) fn exists(path: &str) -> bool {
    const BRIEFLY: u32 = 1;
    let path = wide(path);
    // SAFETY: the path ends in zero.
    if unsafe { WaitNamedPipeW(path.as_ptr(), BRIEFLY) } != 0 {
        return true;
    }
    io::Error::last_os_error().raw_os_error() != Some(ERROR_FILE_NOT_FOUND as i32)
}

/// The process at the client's end.
pub(super) fn client_process(pipe: BorrowedHandle<'_>) -> Option<u32> {
    let mut process = 0;
    // SAFETY: the handle is open, and the result is writable.
    let found = unsafe { GetNamedPipeClientProcessId(pipe.as_raw_handle(), &mut process) };
    (found != 0 && process != 0).then_some(process)
}

/// The process at the host's end.
pub(super) fn host_process(pipe: BorrowedHandle<'_>) -> Option<u32> {
    let mut process = 0;
    // SAFETY: the handle is open, and the result is writable.
    let found = unsafe { GetNamedPipeServerProcessId(pipe.as_raw_handle(), &mut process) };
    (found != 0 && process != 0).then_some(process)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The numbers are those of Microsoft's headers.
    #[test]
    fn pipes_are_created_and_opened_with_these_arguments() {
        assert_eq!(MODE, 0x8, "bytes, and no remote clients");
        assert_eq!(access(true), 0x4008_0003, "duplex, overlapped, first instance");
        assert_eq!(access(false), 0x4000_0003);
        assert_eq!(OPEN_FLAGS, 0x4011_0000, "overlapped; identification only");
        assert_eq!(CLIENT_RIGHTS, 0x12_019b);
    }
}
