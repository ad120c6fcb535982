//! A stream that accepts as much at a time as the checker chooses, for models of what is sent.

use std::io::{self, IoSlice};
use std::time::Instant;

use shuttle::thread;

use super::perhaps;
use crate::connection::state::outbox::Sender;
use crate::sync::atomic::{AtomicBool, Ordering};
use crate::sync::{Arc, Condvar, Mutex};
use crate::transport::{Handle, Sent, Transmit};

/// Every frame has two bytes, both of which are the id of its call.
pub(super) const FRAME: usize = 2;

#[derive(Default)]
struct Stream {
    arrived: Vec<u8>,
    read: usize,
    ended: bool,
}

/// The bytes that have reached the peer.
#[derive(Default)]
pub(super) struct Wire {
    stream: Mutex<Stream>,
    changed: Condvar,
    /// Whether there is always room.
    pub wide: AtomicBool,
}

impl Wire {
    pub fn shut_down(&self) {
        self.stream.lock().ended = true;
        self.changed.notify_all();
    }

    /// The id of the next call that has arrived completely; `None` at the end.
    pub fn next(&self) -> Option<u64> {
        let mut stream = self.stream.lock();
        while stream.arrived.len() < stream.read + FRAME {
            if stream.ended {
                return None;
            }
            self.changed.wait(&mut stream);
        }
        let [first, last] = [0, 1].map(|place| stream.arrived[stream.read + place]);
        assert_eq!(first, last, "frames are mixed up");
        stream.read += FRAME;
        Some(first.into())
    }

    /// Everything that has arrived.
    pub fn bytes(&self) -> Vec<u8> {
        self.stream.lock().arrived.clone()
    }
}

/// Accepts as much at a time as the checker chooses.
pub(super) struct Half(pub Arc<Wire>);

impl Transmit for Half {
    fn send(&mut self, slices: &[IoSlice<'_>], _: &[Handle]) -> io::Result<Sent> {
        let full = perhaps() && !self.0.wide.load(Ordering::Relaxed);
        let mut stream = self.0.stream.lock();
        if stream.ended {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        if full {
            return Ok(Sent::Full);
        }
        stream.arrived.extend(slices.iter().find_map(|slice| slice.first()));
        drop(stream);
        self.0.changed.notify_all();
        Ok(Sent::Bytes(1))
    }

    fn wait_writable(&mut self, _: Instant) -> io::Result<bool> {
        thread::yield_now();
        Ok(true)
    }
}

pub(super) struct Unattended;

impl Sender for Unattended {
    fn about_to_block(&self) {}
}
