//! The receiving half: waits for records on the raw stream, and decrypts them.

use super::failures;
use super::records::Records;
use super::stream::Shared;
use crate::chunk::Chunk;
use crate::sync::Arc;
use crate::transport::waits::check_capacity;
use crate::transport::{Arrival, Receive, Wait};
use std::io::{self, BufRead};
use std::time::Duration;

pub(super) struct Receiver {
    raw: Box<dyn Receive>,
    shared: Arc<Shared>,
    records: Records,
}

impl Receiver {
    pub fn new(raw: Box<dyn Receive>, shared: Arc<Shared>, records: Records) -> Receiver {
        Receiver { raw, shared, records }
    }

    /// What has already arrived; `None` if that is no whole record.
    fn take(&mut self, buffer: &mut Chunk, wait: &Wait) -> io::Result<Option<Arrival>> {
        check_capacity(buffer)?;
        if self.shared.has_ended() {
            return Ok(Some(Arrival::End));
        }
        let most = wait.most.unwrap_or(usize::MAX).min(buffer.capacity() - buffer.len());
        let mut tls = self.shared.tls.lock();
        loop {
            let mut plain = tls.reader();
            match plain.fill_buf() {
                Ok([]) => return Ok(Some(Arrival::End)),
                Ok(bytes) => {
                    let count = bytes.len().min(most);
                    buffer.append(&bytes[..count])?;
                    plain.consume(count);
                    return Ok(Some(Arrival::Bytes(count)));
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => return Err(error),
            }
            if self.records.is_empty() {
                return Ok(None);
            }
            self.records.decrypt_some(&mut tls).map_err(|error| failures::of_stream(&error))?;
        }
    }

    /// What the end of the raw stream means. Without the end of TLS before it, anybody on the way may have
    /// cut it.
    fn end(&self) -> io::Result<Arrival> {
        if self.shared.has_ended() {
            return Ok(Arrival::End);
        }
        let message = "the stream was cut: its end was not announced";
        Err(io::Error::new(io::ErrorKind::UnexpectedEof, message))
    }
}

impl Receive for Receiver {
    fn recv(&mut self, buffer: &mut Chunk, wait: &Wait) -> io::Result<Arrival> {
        loop {
            if let Some(arrival) = self.take(buffer, wait)? {
                return Ok(arrival);
            }
            let any = Wait { most: None, ..*wait };
            match self.raw.recv(self.records.room()?, &any)? {
                Arrival::Bytes(_) => {}
                Arrival::End => return self.end(),
                other => return Ok(other),
            }
        }
    }

    fn spin(
        &mut self,
        buffer: &mut Chunk,
        wait: &Wait,
        duration: Duration,
    ) -> io::Result<Option<Arrival>> {
        if let Some(arrival) = self.take(buffer, wait)? {
            return Ok(Some(arrival));
        }
        let any = Wait { most: None, ..*wait };
        match self.raw.spin(self.records.room()?, &any, duration)? {
            // If a part of a record came, the rest is about to.
            Some(Arrival::Bytes(_)) => self.take(buffer, wait),
            Some(Arrival::End) => self.end().map(Some),
            other => Ok(other),
        }
    }
}
