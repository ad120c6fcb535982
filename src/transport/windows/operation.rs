//! Overlapped operations: the memory that the system uses while one is in progress.

use super::device::{of_socket, Device};
use super::event::Event;
use crate::sync::Arc;
use std::io;
use std::os::windows::io::{AsHandle, AsRawHandle, AsRawSocket};
use std::ptr;
use windows_sys::Win32::Foundation::{
    ERROR_IO_INCOMPLETE, ERROR_IO_PENDING, ERROR_PIPE_CONNECTED, HANDLE, STATUS_PENDING,
};
use windows_sys::Win32::Networking::WinSock::{WSARecv, WSASend, SOCKET, WSABUF};
use windows_sys::Win32::Storage::FileSystem::{ReadFile, WriteFile};
use windows_sys::Win32::System::Pipes::ConnectNamedPipe;
use windows_sys::Win32::System::Threading::{ResetEvent, WaitForSingleObject, INFINITE};
use windows_sys::Win32::System::IO::{CancelIoEx, GetOverlappedResult, OVERLAPPED};

/// One operation at a time on a device, with its buffer. The owner awaits its completion before it drops it;
/// otherwise its memory is never freed.
pub(super) struct Operation {
    device: Arc<Device>,
    /// Owned. Raw, since the system writes to it at any time.
    overlapped: *mut OVERLAPPED,
    /// Owned, of `size` bytes. The system uses it while the operation is pending.
    buffer: *mut u8,
    size: usize,
    is_pending: bool,
}

// SAFETY: it owns its memory, and the system does not care which thread asks about an operation.
unsafe impl Send for Operation {}

impl Operation {
    /// With an event, the operation raises it and puts nothing into the device's port; without one, it
    /// completes through the port.
    pub(super) fn new(device: Arc<Device>, size: usize, event: Option<&Event>) -> Operation {
        // The lowest bit keeps the completion out of the port.
        let event = event.map_or(ptr::null_mut(), |event| {
            (event.as_handle().as_raw_handle() as usize | 1) as HANDLE
        });
        let overlapped = Box::new(OVERLAPPED { hEvent: event, ..OVERLAPPED::default() });
        let buffer = vec![0_u8; size].into_boxed_slice();
        Operation {
            device,
            overlapped: Box::into_raw(overlapped),
            buffer: Box::into_raw(buffer).cast(),
            size,
            is_pending: false,
        }
    }

    pub(super) fn device(&self) -> &Arc<Device> {
        &self.device
    }

    pub(super) fn is_pending(&self) -> bool {
        self.is_pending
    }

    /// The buffer, empty while the system uses it.
    pub(super) fn buffer(&self) -> &[u8] {
        let size = if self.is_pending { 0 } else { self.size };
        // SAFETY: it is readable for its size, and the system is not using it.
        unsafe { std::slice::from_raw_parts(self.buffer, size) }
    }

    /// The buffer, empty while the system uses it.
    pub(super) fn buffer_mut(&mut self) -> &mut [u8] {
        let size = if self.is_pending { 0 } else { self.size };
        // SAFETY: it is writable for its size, and the system is not using it.
        unsafe { std::slice::from_raw_parts_mut(self.buffer, size) }
    }

    /// Starts to read into the buffer. Returns how many bytes were read if that is known at once.
    pub(super) fn read(&mut self) -> io::Result<Option<usize>> {
        assert!(!self.is_pending, "one operation at a time");
        let (size, structure, mut flags) = (self.size as u32, self.overlapped, 0);
        let done = match &*self.device {
            // SAFETY: the buffer and the structure stay until the operation is complete.
            Device::Pipe(pipe) => unsafe {
                ReadFile(pipe.as_raw_handle(), self.buffer, size, ptr::null_mut(), structure) != 0
            },
            Device::Socket(socket) => {
                let socket = socket.as_raw_socket() as SOCKET;
                let room = WSABUF { len: size, buf: self.buffer };
                // SAFETY: as above; the others are used within the call alone.
                let failed = unsafe {
                    WSARecv(socket, &room, 1, ptr::null_mut(), &mut flags, structure, None)
                };
                failed == 0
            }
        };
        self.started(done)
    }

    /// Starts to write the first `count` bytes of the buffer. Returns `count` if that is done at once.
    pub(super) fn write(&mut self, count: usize) -> io::Result<Option<usize>> {
        assert!(!self.is_pending && count <= self.size, "one operation at a time");
        let (size, structure) = (count as u32, self.overlapped);
        let done = match &*self.device {
            // SAFETY: the buffer and the structure stay until the operation is complete.
            Device::Pipe(pipe) => unsafe {
                WriteFile(pipe.as_raw_handle(), self.buffer, size, ptr::null_mut(), structure) != 0
            },
            Device::Socket(socket) => {
                let socket = socket.as_raw_socket() as SOCKET;
                let bytes = WSABUF { len: size, buf: self.buffer };
                // SAFETY: as above; the list of buffers is used within the call alone.
                let failed =
                    unsafe { WSASend(socket, &bytes, 1, ptr::null_mut(), 0, structure, None) };
                failed == 0
            }
        };
        self.started(done)
    }

    /// Starts to wait for a client of this pipe. Returns a number if one is already there.
    pub(super) fn connect(&mut self) -> io::Result<Option<usize>> {
        assert!(!self.is_pending, "one operation at a time");
        // SAFETY: the structure stays until the operation is complete.
        let done = unsafe { ConnectNamedPipe(self.device.raw(), self.overlapped) != 0 };
        match self.started(done) {
            Err(error) if error.raw_os_error() == Some(ERROR_PIPE_CONNECTED as i32) => Ok(Some(0)),
            started => started,
        }
    }

    fn started(&mut self, done: bool) -> io::Result<Option<usize>> {
        if done {
            return self.ask();
        }
        let error = io::Error::last_os_error();
        if error.raw_os_error() != Some(ERROR_IO_PENDING as i32) {
            return Err(of_socket(error));
        }
        self.is_pending = true;
        Ok(None)
    }

    /// The number of bytes if the operation is complete.
    #[inline]
    pub(super) fn result(&mut self) -> io::Result<Option<usize>> {
        match self.is_in_progress() {
            true => Ok(None),
            false => self.ask(),
        }
    }

    #[inline]
    fn is_in_progress(&self) -> bool {
        // SAFETY: the structure is readable; the system writes the status last.
        let status = unsafe { ptr::read_volatile(&raw const (*self.overlapped).Internal) };
        status == STATUS_PENDING as usize
    }

    /// Cancels the operation, which must have an event, and waits until the system is done with it.
    pub(super) fn cancel_and_wait(&mut self) {
        if !self.is_pending {
            return;
        }
        self.cancel();
        // SAFETY: the structure is readable.
        let event = (unsafe { (*self.overlapped).hEvent } as usize & !1) as HANDLE;
        loop {
            // It may be raised for the operation before this one: the system does so after it has written the status.
            // SAFETY: the owner of the operation keeps the event open.
            unsafe { ResetEvent(event) };
            if !self.is_in_progress() {
                break;
            }
            // SAFETY: as above.
            unsafe { WaitForSingleObject(event, INFINITE) };
        }
        self.is_pending = false;
    }

    /// Asks the system to complete the operation soon.
    pub(super) fn cancel(&self) {
        // SAFETY: the handle is open. It fails if the operation has just been completed.
        unsafe { CancelIoEx(self.device.raw(), self.overlapped) };
    }

    fn ask(&mut self) -> io::Result<Option<usize>> {
        let mut count = 0;
        // SAFETY: the structure is that of the last operation, and the count is writable.
        let done =
            unsafe { GetOverlappedResult(self.device.raw(), self.overlapped, &mut count, 0) };
        if done != 0 {
            self.is_pending = false;
            return Ok(Some(count as usize));
        }
        let error = io::Error::last_os_error();
        if error.raw_os_error() == Some(ERROR_IO_INCOMPLETE as i32) {
            return Ok(None);
        }
        self.is_pending = false;
        Err(of_socket(error))
    }
}

impl Drop for Operation {
    fn drop(&mut self) {
        if self.is_pending {
            return;
        }
        let buffer = ptr::slice_from_raw_parts_mut(self.buffer, self.size);
        // SAFETY: both came from boxes, and the system is done with them.
        unsafe { drop((Box::from_raw(self.overlapped), Box::from_raw(buffer))) };
    }
}

#[cfg(test)]
mod tests {
    use super::super::descriptor::Descriptor;
    use super::super::watched::watched;
    use super::super::{name, pipe, token};
    use super::*;
    use std::fs::File;
    use std::io::Write;
    use std::sync::mpsc;
    use std::thread;

    /// The host's end of a pipe, and the client's.
    fn pair(what: &str) -> (Arc<Device>, File) {
        let path = name::raw(&format!("callgate-{what}-{}", std::process::id()));
        let user = token::own_user().unwrap();
        let security = Descriptor::parse(&format!("O:{user}D:P(A;;FA;;;{user})")).unwrap();
        let host = pipe::create(&path, true, &security).unwrap();
        let client = File::options().read(true).write(true).open(&path).unwrap();
        (Arc::new(Device::Pipe(host)), client)
    }

    #[test]
    fn a_cancelled_operation_is_over_whether_it_was_in_time_or_not() {
        for arrives in [false, true] {
            let (device, mut client) = pair(&format!("cancelled-{arrives}"));
            let event = Event::lasting().unwrap();
            let mut operation = Operation::new(device, 16, Some(&event));
            assert!(operation.read().unwrap().is_none());
            assert!(operation.is_pending() && operation.buffer().is_empty());
            if arrives {
                client.write_all(b"late").unwrap();
            }
            operation.cancel_and_wait();
            assert!(!operation.is_pending());
            assert_eq!(operation.buffer().len(), 16, "the system is done with it");
            let expected: &[u8] = if arrives { b"late" } else { &[0; 4] };
            assert_eq!(&operation.buffer()[..4], expected);
        }
    }

    /// The system raises the event of an operation after it has written the status, so that of the operation before
    /// may come when the next one has begun.
    #[test]
    fn a_late_event_does_not_end_the_wait_for_a_cancelled_operation() {
        watched(|| {
            let (device, _client) = pair("late-event");
            let event = Event::lasting().unwrap();
            for _ in 0..100 {
                let (begun, begins) = mpsc::channel();
                let (end, ends) = mpsc::channel::<()>();
                thread::scope(|scope| {
                    let mut operation = Operation::new(device.clone(), 16, Some(&event));
                    // wine completes it on the thread that has begun it, after the cancel has returned.
                    scope.spawn(move || {
                        assert!(operation.read().unwrap().is_none());
                        begun.send(operation).unwrap();
                        ends.recv().ok();
                    });
                    let mut operation = begins.recv().unwrap();
                    event.raise();
                    operation.cancel_and_wait();
                    assert!(!operation.is_in_progress(), "the system is done with it");
                    drop(end);
                });
            }
        });
    }
}
