//! In-process streams for tests, which behave like the most difficult transport: sends are partial, and
//! bytes arrive in pieces that begin and end anywhere.

use super::{Arrival, Chunk, Control, Handle, Peer, Receive, Sent, Stream, Transmit, Wait};
use crate::sync::{Arc, Condvar, Mutex, MutexGuard, Weak};
use crate::time;
use std::collections::VecDeque;
use std::io::{self, IoSlice};
use std::time::Instant;

/// How many bytes one call moves at most, in rotation.
const PIECES: [usize; 7] = [3, 1, 4096, 13, usize::MAX, 64, 700];

/// A connected pair of streams; each direction buffers at most `capacity` bytes.
///
/// # Panics
/// If the capacity is zero.
pub fn pair(capacity: usize) -> (Stream, Stream) {
    assert!(capacity > 0, "a stream without room could never send");
    let there = Arc::new(Pipe::new(capacity));
    let back = Arc::new(Pipe::new(capacity));
    (stream(back.clone(), there.clone()), stream(there, back))
}

fn stream(incoming: Arc<Pipe>, outgoing: Arc<Pipe>) -> Stream {
    let side = Arc::new(PairEnd { incoming, outgoing });
    Stream {
        receive: Box::new(Receiver(side.clone())),
        control: Arc::new(PairControl(Arc::downgrade(&side))),
        transmit: Box::new(Sender(side)),
        peer: Peer::default(),
    }
}

/// One direction.
struct Pipe {
    capacity: usize,
    state: Mutex<State>,
    /// Signalled on every change of state; at most one thread waits at each end.
    changed: Condvar,
}

#[derive(Default)]
struct State {
    bytes: VecDeque<u8>,
    receiver_ended: bool,
    sender_ended: bool,
    interrupted: bool,
    sends: usize,
    receives: usize,
}

impl Pipe {
    fn new(capacity: usize) -> Pipe {
        Pipe { capacity, state: Mutex::default(), changed: Condvar::new() }
    }

    /// Changes the state and wakes both ends.
    fn change(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.state.lock());
        self.changed.notify_all();
    }

    /// Waits for a change; `false` once the deadline has passed.
    fn wait(&self, state: &mut MutexGuard<'_, State>, deadline: Option<Instant>) -> bool {
        match deadline {
            Some(_) if time::has_passed(deadline) => return false,
            Some(deadline) => drop(self.changed.wait_until(state, deadline)),
            None => self.changed.wait(state),
        }
        true
    }
}

/// One end of both directions; dropping it ends the stream.
struct PairEnd {
    incoming: Arc<Pipe>,
    outgoing: Arc<Pipe>,
}

struct PairControl(Weak<PairEnd>);

impl Control for PairControl {
    fn interrupt(&self) {
        if let Some(end) = self.0.upgrade() {
            end.incoming.change(|state| state.interrupted = true);
        }
    }

    fn finish(&self) {
        if let Some(end) = self.0.upgrade() {
            end.outgoing.change(|state| state.sender_ended = true);
        }
    }

    fn shutdown(&self) {
        if let Some(end) = self.0.upgrade() {
            end.shutdown();
        }
    }
}

impl PairEnd {
    fn shutdown(&self) {
        self.incoming.change(|state| state.receiver_ended = true);
        self.outgoing.change(|state| state.sender_ended = true);
    }
}

impl Drop for PairEnd {
    fn drop(&mut self) {
        self.shutdown();
    }
}

struct Receiver(Arc<PairEnd>);

impl Receive for Receiver {
    fn recv(&mut self, buffer: &mut Chunk, wait: &Wait) -> io::Result<Arrival> {
        let spare = buffer.capacity() - buffer.len();
        if spare == 0 {
            let message = "the buffer has no spare capacity to receive into";
            return Err(io::Error::new(io::ErrorKind::InvalidInput, message));
        }
        let pipe = &self.0.incoming;
        let mut state = pipe.state.lock();
        loop {
            if state.receiver_ended {
                return Ok(Arrival::End);
            }
            if wait.interruptible && std::mem::take(&mut state.interrupted) {
                return Ok(Arrival::Interrupted);
            }
            if !state.bytes.is_empty() {
                break;
            }
            if state.sender_ended {
                return Ok(Arrival::End);
            }
            if !pipe.wait(&mut state, wait.deadline) {
                return Ok(Arrival::TimedOut);
            }
        }
        let piece = PIECES[state.receives % PIECES.len()];
        let most = wait.most.unwrap_or(usize::MAX);
        let count = piece.min(spare).min(most).min(state.bytes.len());
        state.receives += 1;
        let bytes: Vec<u8> = state.bytes.drain(..count).collect();
        buffer.append(&bytes)?;
        pipe.changed.notify_all();
        Ok(Arrival::Bytes(count))
    }
}

struct Sender(Arc<PairEnd>);

impl Transmit for Sender {
    fn send(&mut self, slices: &[IoSlice<'_>], _: &[Handle]) -> io::Result<Sent> {
        if slices.iter().all(|slice| slice.is_empty()) {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "there is nothing to send"));
        }
        let pipe = &self.0.outgoing;
        let mut state = pipe.state.lock();
        if state.sender_ended || state.receiver_ended {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        let room = pipe.capacity - state.bytes.len();
        if room == 0 {
            return Ok(Sent::Full);
        }
        let most = room.min(PIECES[state.sends % PIECES.len()]);
        state.sends += 1;
        let before = state.bytes.len();
        for slice in slices {
            let left = most - (state.bytes.len() - before);
            state.bytes.extend(&slice[..slice.len().min(left)]);
        }
        let count = state.bytes.len() - before;
        pipe.changed.notify_all();
        Ok(Sent::Bytes(count))
    }

    fn wait_writable(&mut self, deadline: Instant) -> io::Result<bool> {
        let pipe = &self.0.outgoing;
        let mut state = pipe.state.lock();
        while state.bytes.len() == pipe.capacity && !state.sender_ended && !state.receiver_ended {
            if !pipe.wait(&mut state, Some(deadline)) {
                return Ok(false);
            }
        }
        Ok(true)
    }
}
