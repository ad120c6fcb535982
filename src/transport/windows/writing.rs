//! The sending side of a stream: at most one write in progress, and at last the end of sending.

use super::device::{is_end, Device};
use super::operation::Operation;
use super::pieces::{self, END, HEADER};
use super::port::{Packet, Port};
use crate::sync::Arc;
use crate::time;
use crate::transport::Sent;
use std::io::{self, IoSlice, Write};
use std::time::Instant;
use windows_sys::Win32::Foundation::ERROR_BROKEN_PIPE;

/// The most bytes that one write takes.
const WRITE: usize = 64 * 1024;

pub(super) struct Writing {
    write: Operation,
    /// Writes the end of sending, behind a pending write.
    end: Operation,
    port: Arc<Port>,
    /// Why a write failed after it had been accepted.
    failure: Option<io::Error>,
}

impl Writing {
    pub(super) fn new(device: &Arc<Device>, port: Arc<Port>) -> Writing {
        let mut end = Operation::new(device.clone(), END.len(), None);
        end.buffer_mut().copy_from_slice(&END);
        let write = Operation::new(device.clone(), HEADER + WRITE, None);
        Writing { write, end, port, failure: None }
    }

    /// Sends the beginning of the slices, unless an earlier write is in progress.
    pub(super) fn send(&mut self, slices: &[IoSlice<'_>]) -> io::Result<Sent> {
        while self.write.is_pending() {
            if self.next_packet(Some(time::now()))?.is_none() {
                return Ok(Sent::Full);
            }
        }
        if let Some(failure) = self.failure.take() {
            return Err(failure);
        }
        let has_pieces = self.write.device().has_pieces();
        let start = if has_pieces { HEADER } else { 0 };
        let (header, content) = self.write.buffer_mut().split_at_mut(start);
        let most = content.len();
        let mut room = content;
        for slice in slices {
            let count = slice.len().min(room.len());
            room.write_all(&slice[..count])?;
        }
        let count = most - room.len();
        if has_pieces {
            header.copy_from_slice(&pieces::header(count));
        }
        match self.write.write(start + count) {
            Ok(_) => Ok(Sent::Bytes(count)),
            Err(error) => Err(closed_by_peer(error)),
        }
    }

    /// Waits until there is room for a write, it is certain that none will come, or a packet asks the caller to
    /// look around (`true`); `false` once the deadline has passed.
    pub(super) fn wait(&mut self, deadline: Instant) -> io::Result<bool> {
        if !self.write.is_pending() {
            return Ok(true);
        }
        Ok(self.next_packet(Some(deadline))?.is_some())
    }

    pub(super) fn has_room(&self) -> bool {
        !self.write.is_pending()
    }

    /// Ends sending.
    pub(super) fn finish(&mut self) {
        self.write.device().finish();
        if self.write.device().has_pieces() && !self.end.is_pending() {
            // Fails only if the peer has already ended the stream.
            let _ = self.end.write(END.len());
        }
    }

    /// Handles one packet of the port; `None` if there was none before the deadline.
    fn next_packet(&mut self, deadline: Option<Instant>) -> io::Result<Option<()>> {
        let packet = self.port.next(deadline)?;
        if matches!(packet, Some(Packet::Completed)) {
            if self.write.is_pending() {
                self.failure = self.write.result().err().map(closed_by_peer);
            }
            if self.end.is_pending() {
                let _ = self.end.result();
            }
        }
        Ok(packet.map(drop))
    }
}

/// Pipes have several errors for it; the standard library knows this one.
fn closed_by_peer(error: io::Error) -> io::Error {
    match is_end(&error) {
        true => io::Error::from_raw_os_error(ERROR_BROKEN_PIPE as i32),
        false => error,
    }
}

impl Drop for Writing {
    fn drop(&mut self) {
        self.write.cancel();
        self.end.cancel();
        while self.write.is_pending() || self.end.is_pending() {
            if self.next_packet(None).is_err() {
                // The memory is then left to the system.
                return;
            }
        }
    }
}
