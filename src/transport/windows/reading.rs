//! The receiving side of a stream: one read that stays pending, and the bytes that were not yet taken.

use super::device::{is_end, Device};
use super::event::Event;
use super::operation::Operation;
use super::pieces::{Next, Pieces};
use crate::chunk::Chunk;
use crate::sync::Arc;
use crate::transport::Arrival;
use std::io;
use std::ops::Range;
use std::os::windows::io::{AsHandle, BorrowedHandle};
use windows_sys::Win32::Foundation::ERROR_OPERATION_ABORTED;

/// The most bytes that one read brings.
const READ: usize = 64 * 1024;

pub(super) struct Reading {
    operation: Operation,
    /// Raised when the operation is complete.
    event: Event,
    pieces: Pieces,
    /// The bytes in the operation's buffer that were not yet taken.
    fresh: Range<usize>,
    has_ended: bool,
}

impl Reading {
    pub(super) fn new(device: &Arc<Device>) -> io::Result<Reading> {
        let event = Event::lasting()?;
        Ok(Reading {
            operation: Operation::new(device.clone(), READ, Some(&event)),
            event,
            pieces: Pieces::new(device.has_pieces()),
            fresh: 0..0,
            has_ended: false,
        })
    }

    /// Takes what has arrived, at most `most` bytes. If nothing has, `None`: then a read is pending.
    pub(super) fn take(
        &mut self,
        buffer: &mut Chunk,
        most: Option<usize>,
    ) -> io::Result<Option<Arrival>> {
        loop {
            if let Some(count) = self.take_fresh(buffer, most)? {
                return Ok(Some(Arrival::Bytes(count)));
            }
            if self.has_ended || self.pieces.has_ended() {
                return Ok(Some(Arrival::End));
            }
            let result = match self.operation.is_pending() {
                true => self.operation.result(),
                false => self.operation.read(),
            };
            match result {
                Ok(None) => return Ok(None),
                Ok(Some(0)) => self.has_ended = !self.operation.device().has_pieces(),
                Ok(Some(count)) => self.fresh = 0..count,
                // The thread that started it has exited. It has taken no bytes.
                Err(error) if error.raw_os_error() == Some(ERROR_OPERATION_ABORTED as i32) => {}
                Err(error) if is_end(&error) => self.has_ended = true,
                Err(error) => return Err(error),
            }
        }
    }

    /// Takes bytes of the last read, without the headers of pieces; `None` if no content is left.
    fn take_fresh(&mut self, buffer: &mut Chunk, most: Option<usize>) -> io::Result<Option<usize>> {
        let room = (buffer.capacity() - buffer.len()).min(most.unwrap_or(usize::MAX));
        while !self.fresh.is_empty() {
            let bytes = &self.operation.buffer()[self.fresh.clone()];
            match self.pieces.next(bytes) {
                Next::Header(count) => self.fresh.start += count,
                Next::Content(count) => {
                    let count = count.min(room);
                    buffer.append(&bytes[..count])?;
                    self.pieces.took(count);
                    self.fresh.start += count;
                    return Ok(Some(count));
                }
                Next::End => self.fresh = 0..0,
            }
        }
        Ok(None)
    }

    /// Raised when the pending read is complete.
    pub(super) fn event(&self) -> BorrowedHandle<'_> {
        self.event.as_handle()
    }

    /// Lowers the event, before what it announced is taken. The system writes that a read is complete before it
    /// raises the event, so the event of a read that was already taken may wake the wait for the next one.
    pub(super) fn lower_event(&self) {
        self.event.lower();
    }
}

impl Drop for Reading {
    fn drop(&mut self) {
        self.operation.cancel_and_wait();
    }
}
