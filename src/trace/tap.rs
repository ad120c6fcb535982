//! Wraps a stream so that what passes is recorded.

use std::io::{self, IoSlice};
use std::time::{Duration, Instant};

use crate::sync::atomic::{AtomicU64, Ordering};
use crate::sync::{Arc, Mutex};
use crate::trace::blocks::{Block, Way};
use crate::trace::frames::{Capture, Frames, MOST};
use crate::trace::Recorder;
use crate::transport::{Arrival, Chunk, Handle, Receive, Sent, Stream, Transmit, Wait};

/// Which side records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// A client.
    Client,
    /// A host, or what clients take for one.
    Host,
}

impl Role {
    fn name(self) -> &'static str {
        match self {
            Role::Client => "client",
            Role::Host => "host",
        }
    }
}

impl Recorder {
    /// Records what passes on this stream from now on.
    pub fn tap(&self, stream: Stream, role: Role, endpoint: &str) -> Stream {
        let shared = self.shared();
        let peer = &stream.peer;
        let mut description = endpoint.to_owned();
        if let Some(pid) = peer.pid {
            description += &format!(", peer's process {pid}");
        }
        if let Some(user) = &peer.user {
            description += &format!(", peer's user {user}");
        }
        if let Some(address) = peer.address {
            description += &format!(", peer's address {address}");
        }
        let (name, most) = (role.name(), MOST as u32);
        let block = Block::Interface { name, description: &description, most };
        let Some(interface) = shared.add_interface(&block) else { return stream };
        let (order, dropped) = (Mutex::new(()), AtomicU64::new(0));
        let tap = Arc::new(Tap { recorder: self.clone(), interface, order, dropped });
        let Stream { receive, transmit, control, peer } = stream;
        Stream {
            receive: Box::new(Receiver { half: receive, frames: tap.frames(), tap: tap.clone() }),
            transmit: Box::new(Sender { half: transmit, frames: tap.frames(), tap }),
            control,
            peer,
        }
    }
}

/// What the halves of a stream share.
struct Tap {
    recorder: Recorder,
    interface: u32,
    /// Held while something is sent and recorded, so that its reply is recorded later.
    order: Mutex<()>,
    /// The number of frames that were left out.
    dropped: AtomicU64,
}

impl Tap {
    fn frames(&self) -> Frames {
        let shared = self.recorder.shared();
        Frames::new(shared.payloads, shared.kept.clone())
    }

    fn note(&self, frames: &mut Frames, bytes: &[u8], way: Way) {
        if !self.recorder.shared().has_stopped() {
            frames.pass(bytes, |frame| self.add(frame, way));
        }
    }

    fn add(&self, frame: &Capture, way: Way) {
        let (shared, interface) = (self.recorder.shared(), self.interface);
        let (time, bytes, length) = (shared.time(), &frame.bytes[..], frame.length);
        if !shared.add(&Block::Packet { interface, time, way, bytes, length }) {
            self.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }
}

impl Drop for Tap {
    fn drop(&mut self) {
        let (shared, interface) = (self.recorder.shared(), self.interface);
        let (time, dropped) = (shared.time(), self.dropped.load(Ordering::Relaxed));
        shared.add(&Block::End { interface, time, dropped });
    }
}

struct Receiver {
    half: Box<dyn Receive>,
    frames: Frames,
    tap: Arc<Tap>,
}

impl Receiver {
    fn note(&mut self, arrival: Option<Arrival>, buffer: &Chunk) {
        if let Some(Arrival::Bytes(count)) = arrival {
            let _order = self.tap.order.lock();
            self.tap.note(&mut self.frames, &buffer[buffer.len() - count..], Way::In);
        }
    }
}

impl Receive for Receiver {
    fn recv(&mut self, buffer: &mut Chunk, wait: &Wait) -> io::Result<Arrival> {
        let arrival = self.half.recv(buffer, wait)?;
        self.note(Some(arrival), buffer);
        Ok(arrival)
    }

    fn spin(
        &mut self,
        buffer: &mut Chunk,
        wait: &Wait,
        duration: Duration,
    ) -> io::Result<Option<Arrival>> {
        let arrival = self.half.spin(buffer, wait, duration)?;
        self.note(arrival, buffer);
        Ok(arrival)
    }
}

struct Sender {
    half: Box<dyn Transmit>,
    frames: Frames,
    tap: Arc<Tap>,
}

impl Transmit for Sender {
    fn send(&mut self, slices: &[IoSlice<'_>], handles: &[Handle]) -> io::Result<Sent> {
        let _order = self.tap.order.lock();
        let sent = self.half.send(slices, handles)?;
        if let Sent::Bytes(mut left) = sent {
            for slice in slices {
                let count = slice.len().min(left);
                self.tap.note(&mut self.frames, &slice[..count], Way::Out);
                left -= count;
            }
        }
        Ok(sent)
    }

    fn wait_writable(&mut self, deadline: Instant) -> io::Result<bool> {
        self.half.wait_writable(deadline)
    }
}
