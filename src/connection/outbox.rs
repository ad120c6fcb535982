//! The way out: whole frames, in one order, from any thread.
//!
//! Whoever finds the transmitting half free writes its own frame straight to the transport, with
//! no lock held, then what others have queued meanwhile. Whoever finds it taken queues a copy and
//! goes on. A frame that has begun to leave is never cut: what the transport does not take is left
//! to a flusher thread, or written by the sender itself where it may wait.

use std::io::{self, IoSlice};
use std::time::{Duration, Instant};

use crate::error::{Error, Result, Status};
use crate::sync::{Condvar, Mutex, MutexGuard};
use crate::transport::{Sent, Transmit};

/// Buffers above that size are not kept for reuse.
const KEPT_BUFFER: usize = 256 * 1024;

/// A sender that was told to give up does so after that long at the most.
const GIVE_UP_WITHIN: Duration = Duration::from_millis(10);

/// A sender waits for room so long before it sees to it that somebody reads: as long as any
/// connection may go unread.
const BRIEFLY: Duration = Duration::from_micros(500);

/// Batches of others' frames that a sender writes after its own, at most.
const MOST_BATCHES: u32 = 8;

struct Queue {
    /// The transmitting half; `None` while a thread writes.
    transmit: Option<Box<dyn Transmit>>,
    /// Whole frames in order; the first may lack what has left already.
    bytes: Vec<u8>,
    /// An empty buffer, for its capacity.
    spare: Vec<u8>,
    /// Bytes of all frames that were given a place in the stream.
    placed: u64,
    /// Bytes handed to the operating system.
    handed: u64,
    /// Threads in [`Outbox::close`] and [`Outbox::end`].
    awaiting: usize,
    /// Whether someone was asked to flush, and has not done so yet.
    flush_asked: bool,
    /// Why no more frames are taken, although the stream has not ended.
    closed: Option<Error>,
    ended: Option<Error>,
}

impl Queue {
    fn ask_flush(&mut self) -> Rest {
        if std::mem::replace(&mut self.flush_asked, true) {
            Rest::Nothing
        } else {
            Rest::Flush
        }
    }
}

/// One connection's way out.
pub(crate) struct Outbox {
    queue: Mutex<Queue>,
    /// Signalled when the queue shrinks, the half comes back, or the end comes.
    changed: Condvar,
    queue_limit: usize,
    write_timeout: Duration,
}

/// What a sender may wait for when there is no room.
#[derive(Clone, Copy)]
pub(crate) enum Patience {
    /// Nothing: a copy is queued, however long the queue.
    None,
    /// For room, until the deadline, if there is one.
    Until(Option<Instant>),
}

/// What is left to do after [`Outbox::send`].
#[derive(Debug)]
#[must_use]
pub(crate) enum Rest {
    /// Nothing.
    Nothing,
    /// Someone has to call [`Outbox::flush`] on a thread that may wait.
    Flush,
    /// The connection has to end: it broke after this frame, while others' were being sent.
    Broken(Error),
}

/// What the outbox asks of the connection that it serves.
pub(crate) trait Yielding {
    /// Makes sure that somebody reads while this thread waits for room: the peer may be waiting for
    /// us to read before it reads.
    fn before_waiting(&self);

    /// Whether the sender waits no longer; `None` if it never gives up before its deadline.
    fn gives_up(&self) -> Option<bool> {
        None
    }
}

impl Outbox {
    pub fn new(transmit: Box<dyn Transmit>, queue_limit: usize, write_timeout: Duration) -> Outbox {
        let queue = Queue {
            transmit: Some(transmit),
            bytes: Vec::new(),
            spare: Vec::new(),
            placed: 0,
            handed: 0,
            awaiting: 0,
            flush_asked: false,
            closed: None,
            ended: None,
        };
        Outbox { queue: Mutex::new(queue), changed: Condvar::new(), queue_limit, write_timeout }
    }

    /// Sends one frame in two parts. `place` learns where the frame's last byte will stand in the
    /// stream, before any of it leaves, and may still withdraw it.
    pub fn send(
        &self,
        parts: [&[u8]; 2],
        place: impl FnOnce(u64) -> bool,
        patience: Patience,
        reader: &dyn Yielding,
    ) -> Result<Rest> {
        let mut queue = self.queue.lock();
        if let Patience::Until(deadline) = patience {
            if queue.bytes.len() > self.queue_limit {
                drop(queue);
                reader.before_waiting();
                queue = self.wait_for_short_queue(deadline, reader)?;
            }
        }
        if let Some(reason) = queue.ended.as_ref().or(queue.closed.as_ref()) {
            return Err(reason.clone());
        }
        let position = queue.placed + (parts[0].len() + parts[1].len()) as u64;
        if !place(position) {
            return Ok(Rest::Nothing);
        }
        queue.placed = position;
        if queue.bytes.is_empty() {
            if let Some(mut transmit) = queue.transmit.take() {
                drop(queue);
                let written = self.write(&mut *transmit, parts, patience, reader);
                return self.give_back(transmit, parts, written);
            }
        }
        queue.bytes.extend_from_slice(parts[0]);
        queue.bytes.extend_from_slice(parts[1]);
        // With the half taken, its holder will look at the queue before it gives the half back.
        Ok(if queue.transmit.is_some() { queue.ask_flush() } else { Rest::Nothing })
    }

    fn wait_for_short_queue(
        &self,
        deadline: Option<Instant>,
        reader: &dyn Yielding,
    ) -> Result<MutexGuard<'_, Queue>> {
        let mut queue = self.queue.lock();
        while queue.bytes.len() > self.queue_limit && queue.ended.is_none() {
            let until = look_again(reader, deadline);
            let late = match until {
                None => {
                    self.changed.wait(&mut queue);
                    false
                }
                Some(until) => self.changed.wait_until(&mut queue, until).timed_out(),
            };
            if reader.gives_up() == Some(true) {
                // The call has its outcome already.
                break;
            }
            let short = queue.bytes.len() <= self.queue_limit || queue.ended.is_some();
            if late && until == deadline && !short {
                return Err(Error::new(
                    Status::TimedOut,
                    "the deadline passed while earlier frames were being sent",
                ));
            }
        }
        Ok(queue)
    }

    /// Whether so much is queued that senders wait.
    pub fn is_full(&self) -> bool {
        self.queue.lock().bytes.len() > self.queue_limit
    }

    /// Writes both parts as far as patience allows; returns how many bytes have left.
    fn write(
        &self,
        transmit: &mut dyn Transmit,
        parts: [&[u8]; 2],
        patience: Patience,
        reader: &dyn Yielding,
    ) -> (usize, io::Result<()>) {
        let whole = parts[0].len() + parts[1].len();
        let mut sent = 0;
        let mut told = false;
        let mut progress = None;
        while sent < whole {
            let (first, second) = remaining(parts, sent);
            let outcome = transmit.send(&[IoSlice::new(first), IoSlice::new(second)], &[]);
            match (outcome, patience) {
                (Ok(Sent::Bytes(count)), _) => {
                    sent += count;
                    progress = None;
                }
                (Ok(Sent::Full), Patience::None) => break,
                (Ok(Sent::Full), Patience::Until(deadline)) => {
                    let stalled =
                        *progress.get_or_insert_with(|| Instant::now() + self.write_timeout);
                    let end = deadline.map_or(stalled, |deadline| deadline.min(stalled));
                    let until = match told {
                        true => look_again(reader, Some(end)).unwrap_or(end),
                        // A peer that reads makes room by then; to wake a reader takes longer.
                        false => end.min(Instant::now() + BRIEFLY),
                    };
                    match transmit.wait_for_room(until) {
                        Ok(true) => {}
                        Ok(false) if !told => {
                            told = true;
                            reader.before_waiting();
                        }
                        Ok(false) if until == stalled => return (sent, Err(stalled_error())),
                        Ok(false) if until < end && reader.gives_up() == Some(false) => {}
                        Ok(false) => break,
                        Err(error) => return (sent, Err(error)),
                    }
                }
                (Err(error), _) => return (sent, Err(error)),
            }
        }
        (sent, Ok(()))
    }

    /// Gives the half back after a frame, with what could not be written put before what others
    /// have queued, after writing as much of all that as goes without waiting.
    fn give_back(
        &self,
        transmit: Box<dyn Transmit>,
        parts: [&[u8]; 2],
        (sent, outcome): (usize, io::Result<()>),
    ) -> Result<Rest> {
        let mut queue = self.queue.lock();
        queue.handed += sent as u64;
        let whole = parts[0].len() + parts[1].len();
        if sent < whole && outcome.is_ok() {
            let (first, second) = remaining(parts, sent);
            let mut bytes = Vec::with_capacity(whole - sent + queue.bytes.len());
            bytes.extend_from_slice(first);
            bytes.extend_from_slice(second);
            bytes.extend_from_slice(&queue.bytes);
            queue.bytes = bytes;
        }
        if let Err(error) = outcome {
            queue.transmit = Some(transmit);
            drop(queue);
            self.changed.notify_all();
            return Err(lost(&error));
        }
        if queue.bytes.is_empty() {
            queue.transmit = Some(transmit);
            if queue.awaiting > 0 {
                drop(queue);
                self.changed.notify_all();
            }
            return Ok(Rest::Nothing);
        }
        Ok(self.drain(queue, transmit, Patience::None))
    }

    /// Writes what is queued, waiting for room as long as the peer makes progress.
    pub fn flush(&self) -> Result<()> {
        let mut queue = self.queue.lock();
        queue.flush_asked = false;
        match queue.transmit.take() {
            Some(transmit) => match self.drain(queue, transmit, Patience::Until(None)) {
                Rest::Broken(error) => Err(error),
                Rest::Nothing | Rest::Flush => Ok(()),
            },
            None => Ok(()),
        }
    }

    /// Writes what is queued. Without patience, neither for room nor for ever: senders that come after
    /// each other must not keep one of them writing for the rest.
    fn drain<'a>(
        &'a self,
        mut queue: MutexGuard<'a, Queue>,
        mut transmit: Box<dyn Transmit>,
        patience: Patience,
    ) -> Rest {
        let mut batches = 0;
        let rest = loop {
            if queue.bytes.is_empty() || queue.ended.is_some() {
                break Rest::Nothing;
            }
            if matches!(patience, Patience::None) && batches == MOST_BATCHES {
                break queue.ask_flush();
            }
            batches += 1;
            let spare = std::mem::take(&mut queue.spare);
            let mut batch = std::mem::replace(&mut queue.bytes, spare);
            drop(queue);
            self.changed.notify_all();
            let (sent, outcome) = self.write(&mut *transmit, [&batch, &[]], patience, &NoReader);
            queue = self.queue.lock();
            queue.handed += sent as u64;
            if let Err(error) = outcome {
                break Rest::Broken(lost(&error));
            }
            if sent < batch.len() {
                batch.drain(..sent);
                batch.extend_from_slice(&queue.bytes);
                queue.bytes = batch;
                break queue.ask_flush();
            }
            if batch.capacity() <= KEPT_BUFFER {
                batch.clear();
                queue.spare = batch;
            }
        };
        queue.transmit = Some(transmit);
        drop(queue);
        self.changed.notify_all();
        rest
    }

    /// Takes nothing more, waits until all that it has taken was handed to the operating system, and
    /// returns how many bytes that were. None when the deadline passed or the end came before.
    pub fn close(&self, reason: &Error, deadline: Instant) -> Option<u64> {
        let mut queue = self.queue.lock();
        queue.closed.get_or_insert_with(|| reason.clone());
        self.wait_until_sent(queue, deadline)
    }

    /// Waits until all that has a place in the stream now was handed to the operating system; false
    /// when the deadline passed or the end came before.
    pub fn wait_sent(&self, deadline: Instant) -> bool {
        self.wait_until_sent(self.queue.lock(), deadline).is_some()
    }

    fn wait_until_sent(&self, mut queue: MutexGuard<'_, Queue>, deadline: Instant) -> Option<u64> {
        let goal = queue.placed;
        queue.awaiting += 1;
        while queue.handed < goal && queue.ended.is_none() {
            if self.changed.wait_until(&mut queue, deadline).timed_out() {
                break;
            }
        }
        queue.awaiting -= 1;
        (queue.handed >= goal).then_some(goal)
    }

    /// Takes nothing more, drops what is queued, and returns how many bytes were handed to the
    /// operating system in all. The stream must be shut down already, so that no writer waits.
    pub fn end(&self, reason: &Error) -> u64 {
        let mut queue = self.queue.lock();
        queue.ended.get_or_insert_with(|| reason.clone());
        self.changed.notify_all();
        queue.awaiting += 1;
        while queue.transmit.is_none() {
            self.changed.wait(&mut queue);
        }
        queue.awaiting -= 1;
        queue.bytes = Vec::new();
        queue.handed
    }
}

/// For writers that keep no one from reading.
struct NoReader;

impl Yielding for NoReader {
    fn before_waiting(&self) {}
}

/// Until when to wait before looking whether the sender gives up.
fn look_again(reader: &dyn Yielding, deadline: Option<Instant>) -> Option<Instant> {
    if reader.gives_up().is_none() {
        return deadline;
    }
    let soon = Instant::now() + GIVE_UP_WITHIN;
    Some(deadline.map_or(soon, |deadline| deadline.min(soon)))
}

/// What is left of two parts after so many bytes.
fn remaining(parts: [&[u8]; 2], sent: usize) -> (&[u8], &[u8]) {
    let first = sent.min(parts[0].len());
    (&parts[0][first..], &parts[1][sent - first..])
}

fn stalled_error() -> io::Error {
    io::Error::new(io::ErrorKind::TimedOut, "the peer has read nothing for the write timeout")
}

fn lost(error: &io::Error) -> Error {
    Error::from_io(Status::ChannelFaulted, "the connection was lost while sending", error)
}
