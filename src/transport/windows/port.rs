//! Completion ports. Operations that complete through one outlive the thread that started them.

use super::event::millis;
use crate::time;
use std::io;
use std::os::windows::io::{AsRawHandle, FromRawHandle, OwnedHandle};
use std::ptr;
use std::time::Instant;
use windows_sys::Win32::Foundation::{HANDLE, WAIT_TIMEOUT};
use windows_sys::Win32::Storage::FileSystem::SetFileCompletionNotificationModes;
use windows_sys::Win32::System::Threading::INFINITE;
use windows_sys::Win32::System::WindowsProgramming::FILE_SKIP_COMPLETION_PORT_ON_SUCCESS;
use windows_sys::Win32::System::IO::{
    CreateIoCompletionPort, GetQueuedCompletionStatus, PostQueuedCompletionStatus,
};

pub(super) struct Port(OwnedHandle);

/// What came out of a port.
pub(super) enum Packet {
    /// An operation is complete.
    Completed,
    /// [`Port::wake`] was called.
    Woken,
}

impl Port {
    /// A new port, for the operations of one device that complete later and have no event.
    pub(super) fn of(device: HANDLE) -> io::Result<Port> {
        // SAFETY: the device is open; there is no port yet.
        let port = unsafe { CreateIoCompletionPort(device, ptr::null_mut(), 0, 1) };
        if port.is_null() {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: it was just created, and nothing else owns it.
        let port = Port(unsafe { OwnedHandle::from_raw_handle(port) });
        let mode = FILE_SKIP_COMPLETION_PORT_ON_SUCCESS as u8;
        // SAFETY: the device is open.
        match unsafe { SetFileCompletionNotificationModes(device, mode) } {
            0 => Err(io::Error::last_os_error()),
            _ => Ok(port),
        }
    }

    /// Makes the waiting [`Port::next`], or otherwise the next one, return.
    pub(super) fn wake(&self) {
        // SAFETY: the port is open. If memory is short, the waiting thread goes on at its deadline.
        unsafe { PostQueuedCompletionStatus(self.0.as_raw_handle(), 0, 0, ptr::null()) };
    }

    /// Waits for a packet; `None` if the deadline has passed.
    pub(super) fn next(&self, deadline: Option<Instant>) -> io::Result<Option<Packet>> {
        let (mut count, mut key, mut overlapped) = (0, 0, ptr::null_mut());
        loop {
            let left = deadline.map_or(INFINITE, |deadline| millis(time::left(deadline)));
            // SAFETY: the port is open, and the results are writable.
            let done = unsafe {
                GetQueuedCompletionStatus(
                    self.0.as_raw_handle(),
                    &mut count,
                    &mut key,
                    &mut overlapped,
                    left,
                )
            };
            let error = io::Error::last_os_error();
            if !overlapped.is_null() {
                // Its structure says how it ended.
                return Ok(Some(Packet::Completed));
            }
            if done != 0 {
                return Ok(Some(Packet::Woken));
            }
            if error.raw_os_error() != Some(WAIT_TIMEOUT as i32) {
                return Err(error);
            }
            if time::has_passed(deadline) {
                return Ok(None);
            }
        }
    }
}
