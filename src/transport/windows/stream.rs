//! An established stream over a pipe or a socket.

use super::device::Device;
use super::event::{self, Event};
use super::port::Port;
use super::reading::Reading;
use super::writing::Writing;
use crate::chunk::Chunk;
use crate::sync::atomic::{AtomicBool, Ordering};
use crate::sync::{Arc, Mutex, Weak};
use crate::transport::waits::{self, check_capacity};
use crate::transport::{Arrival, Control, Handle, Peer, Receive, Sent, Stream, Transmit, Wait};
use std::io::{self, IoSlice};
use std::os::windows::io::AsHandle;
use std::time::{Duration, Instant};

/// Shared by both halves. A thread keeps the lock of its half while it waits; `wake` and `port` make it look
/// at the flags and give the lock back.
struct Shared {
    /// `None` once the stream is shut down.
    reading: Mutex<Option<Reading>>,
    /// `None` once the stream is shut down.
    writing: Mutex<Option<Writing>>,
    wake: Event,
    port: Arc<Port>,
    interrupted: AtomicBool,
    /// Nothing more is sent.
    finished: AtomicBool,
    /// The stream is shut down.
    ended: AtomicBool,
}

/// Makes a stream from a connected device, of which the caller keeps nothing.
pub(super) fn open(device: &Arc<Device>, peer: Peer) -> io::Result<Stream> {
    let port = Arc::new(device.port()?);
    let shared = Arc::new(Shared {
        reading: Mutex::new(Some(Reading::new(device)?)),
        writing: Mutex::new(Some(Writing::new(device, port.clone()))),
        wake: Event::passing()?,
        port,
        interrupted: AtomicBool::new(false),
        finished: AtomicBool::new(false),
        ended: AtomicBool::new(false),
    });
    Ok(Stream {
        receive: Box::new(Receiver(shared.clone())),
        control: Arc::new(StreamControl(Arc::downgrade(&shared))),
        transmit: Box::new(Sender(shared)),
        peer,
    })
}

/// Does not keep the device open: a program may keep a connection that has ended.
struct StreamControl(Weak<Shared>);

impl Control for StreamControl {
    fn interrupt(&self) {
        if let Some(shared) = self.0.upgrade() {
            shared.interrupted.store(true, Ordering::SeqCst);
            shared.wake.raise();
        }
    }

    fn finish(&self) {
        if let Some(shared) = self.0.upgrade() {
            shared.finish();
        }
    }

    fn shutdown(&self) {
        if let Some(shared) = self.0.upgrade() {
            shared.shutdown();
        }
    }
}

impl Shared {
    fn finish(&self) {
        if self.finished.swap(true, Ordering::SeqCst) {
            return;
        }
        self.port.wake();
        if let Some(writing) = &mut *self.writing.lock() {
            writing.finish();
        }
    }

    fn shutdown(&self) {
        self.finished.store(true, Ordering::SeqCst);
        self.ended.store(true, Ordering::SeqCst);
        self.wake.raise();
        self.port.wake();
        let reading = self.reading.lock().take();
        let writing = self.writing.lock().take();
        // Closes the device.
        drop((reading, writing));
    }

    /// Whether this wait must end because of an interrupt; consumes the interrupt.
    fn take_interrupt(&self, wait: &Wait) -> bool {
        wait.interruptible
            && self.interrupted.load(Ordering::Relaxed)
            && self.interrupted.swap(false, Ordering::SeqCst)
    }

    /// Whether a receiver must return before it looks for bytes.
    fn ends_wait(&self, wait: &Wait) -> Option<Arrival> {
        if self.ended.load(Ordering::SeqCst) {
            return Some(Arrival::End);
        }
        self.take_interrupt(wait).then_some(Arrival::Interrupted)
    }
}

struct Receiver(Arc<Shared>);

impl Receive for Receiver {
    fn recv(&mut self, buffer: &mut Chunk, wait: &Wait) -> io::Result<Arrival> {
        check_capacity(buffer)?;
        let mut reading = self.0.reading.lock();
        let Some(reading) = &mut *reading else { return Ok(Arrival::End) };
        loop {
            if let Some(arrival) = self.0.ends_wait(wait) {
                return Ok(arrival);
            }
            if let Some(arrival) = reading.take(buffer, wait.most)? {
                return Ok(arrival);
            }
            let both = [reading.event(), self.0.wake.as_handle()];
            match event::wait(&both, wait.deadline)? {
                Some(0) => reading.lower_event(),
                Some(_) => {}
                None => return Ok(Arrival::TimedOut),
            }
        }
    }

    fn spin(
        &mut self,
        buffer: &mut Chunk,
        wait: &Wait,
        duration: Duration,
    ) -> io::Result<Option<Arrival>> {
        check_capacity(buffer)?;
        let mut reading = self.0.reading.lock();
        let Some(reading) = &mut *reading else { return Ok(Some(Arrival::End)) };
        waits::spin(wait, duration, || match self.0.ends_wait(wait) {
            None => reading.take(buffer, wait.most),
            arrival => Ok(arrival),
        })
    }
}

struct Sender(Arc<Shared>);

impl Transmit for Sender {
    fn send(&mut self, slices: &[IoSlice<'_>], _: &[Handle]) -> io::Result<Sent> {
        if slices.iter().all(|slice| slice.is_empty()) {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "there is nothing to send"));
        }
        match &mut *self.0.writing.lock() {
            Some(writing) if !self.0.finished.load(Ordering::SeqCst) => writing.send(slices),
            _ => Err(io::ErrorKind::BrokenPipe.into()),
        }
    }

    fn wait_writable(&mut self, deadline: Instant) -> io::Result<bool> {
        let mut writing = self.0.writing.lock();
        let Some(writing) = &mut *writing else { return Ok(true) };
        while !writing.has_room() && !self.0.finished.load(Ordering::SeqCst) {
            if !writing.wait(deadline)? {
                return Ok(false);
            }
        }
        Ok(true)
    }
}
