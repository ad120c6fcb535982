//! The sending half: gathers bytes into records.

use super::stream::Shared;
use crate::sync::Arc;
use crate::transport::{Handle, Sent, Transmit};
use rustls::Connection;
use std::io::{self, IoSlice, Write};
use std::time::Instant;

/// What is on its way to the raw stream.
///
/// A record must leave whole or the peer can read none of it, but the raw stream may have room for a part.
/// The rest of the records is kept, and the bytes in them do not count as sent until all of it has left: the
/// caller offers them again, and they are not put into records twice.
pub(super) struct Outgoing {
    /// `None` while the sender waits for room.
    raw: Option<Box<dyn Transmit>>,
    records: Vec<u8>,
    /// How many of the records' bytes have left.
    left: usize,
    /// How many bytes of the caller are in these records, and were not reported as sent.
    unreported: usize,
    finished: bool,
}

impl Outgoing {
    pub fn new(raw: Box<dyn Transmit>) -> Outgoing {
        Outgoing { raw: Some(raw), records: Vec::new(), left: 0, unreported: 0, finished: false }
    }

    /// Hands the records to the raw stream; whether all of them have left.
    fn flush(&mut self) -> io::Result<bool> {
        let raw = self.raw.as_mut().expect("only the sender waits, and it is here");
        while self.left < self.records.len() {
            match raw.send(&[IoSlice::new(&self.records[self.left..])], &[])? {
                Sent::Bytes(count) => self.left += count,
                Sent::Full => return Ok(false),
            }
        }
        self.records.clear();
        self.left = 0;
        Ok(true)
    }

    /// Puts the beginning of the slices into records.
    fn encrypt(&mut self, tls: &mut Connection, slices: &[IoSlice<'_>]) -> io::Result<()> {
        self.unreported = tls.writer().write_vectored(slices)?;
        self.take_records(tls)
    }

    fn take_records(&mut self, tls: &mut Connection) -> io::Result<()> {
        while tls.wants_write() {
            tls.write_tls(&mut self.records)?;
        }
        Ok(())
    }

    /// Says that nothing more will be sent, unless a record is cut or there is no room: then the peer sees
    /// that the stream was cut, as it was.
    pub fn finish(&mut self, tls: &mut Connection) {
        if std::mem::replace(&mut self.finished, true) {
            return;
        }
        if self.raw.is_some() && self.records.is_empty() {
            tls.send_close_notify();
            // If the stream has broken, the peer knows.
            let _ = self.take_records(tls).and_then(|()| self.flush());
        }
    }
}

pub(super) struct Sender(pub Arc<Shared>);

impl Transmit for Sender {
    fn send(&mut self, slices: &[IoSlice<'_>], _: &[Handle]) -> io::Result<Sent> {
        let length: usize = slices.iter().map(|slice| slice.len()).sum();
        if length == 0 {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "there is nothing to send"));
        }
        let mut outgoing = self.0.outgoing.lock();
        if outgoing.finished {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        if !outgoing.flush()? {
            return Ok(Sent::Full);
        }
        if outgoing.unreported == 0 {
            outgoing.encrypt(&mut self.0.tls.lock(), slices)?;
            if !outgoing.flush()? {
                return Ok(Sent::Full);
            }
        }
        let count = outgoing.unreported.min(length);
        outgoing.unreported -= count;
        Ok(Sent::Bytes(count))
    }

    fn wait_writable(&mut self, deadline: Instant) -> io::Result<bool> {
        let raw = self.0.outgoing.lock().raw.take();
        let mut raw = raw.expect("one thread uses this half at a time");
        let waited = raw.wait_writable(deadline);
        self.0.outgoing.lock().raw = Some(raw);
        waited
    }
}
