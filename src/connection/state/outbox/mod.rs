//! The sending side: complete frames, in one order, from any thread.
//!
//! A thread that finds the transmitting half free writes its own frame straight to the transport, without
//! holding a lock, then what others have queued meanwhile. A thread that finds it taken queues a copy and
//! goes on. A frame that has begun to leave is never cut: what the transport does not accept is left to a
//! flusher thread, or written by the sender itself if it may wait.
//!
//! `coalesce` describes frames that are held back, `large` how large frames leave.

mod block;
mod coalesce;
mod large;
mod queue;
mod states;
mod transfers;
mod write;

use std::io;
use std::time::{Duration, Instant};

use crate::chunk::Chunk;
use crate::connection::state::outbox::block::Unattended;
use crate::connection::state::outbox::large::Outgoing;
use crate::connection::state::outbox::queue::Queue;
use crate::connection::state::outbox::states::Writer;
use crate::connection::state::outbox::transfers::Piece;
use crate::connection::state::outbox::write::{cut_short, length, lost, remaining};
use crate::counters::Counters;
use crate::error::{Error, Result};
use crate::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use crate::sync::{Condvar, Mutex, MutexGuard};
use crate::transport::Transmit;

pub(crate) use block::{Blocking, Sender};
pub(crate) use queue::{AfterSend, Ended, Ticked};
pub(crate) use transfers::{Cut, Order, Written};

/// How many batches of others' frames a sender writes after its own.
const MOST_BATCHES: u32 = 8;

/// What may wait to be sent on one connection, and for how long.
pub(crate) struct OutboxLimits {
    /// Senders wait while more bytes than this are queued.
    pub queue: usize,
    /// Fewer one-way calls than this are held back.
    pub held: usize,
    /// How many frames that the peer has [prompted](Blocking::Prompted) may wait.
    pub prompted: usize,
    /// How long the peer may take to read [`LEAST_READ`](crate::limits::LEAST_READ) of what waits.
    pub write_timeout: Duration,
}

/// The sending side of one connection.
pub(crate) struct Outbox {
    queue: Mutex<Queue>,
    /// Signalled when the queue shrinks, the half is returned, or the connection ends.
    changed: Condvar,
    limits: OutboxLimits,
    /// Frames smaller than this leave without regard to others. Changed under the queue's lock. A sender
    /// whose frame must not pass another one knows that the other was sent, and therefore sees the change.
    pass_below: AtomicUsize,
    /// Whether the stream is about to end: writers no longer wait for room. Changed under the queue's lock.
    ending: AtomicBool,
}

impl Outbox {
    /// An outbox with nothing to send yet.
    pub fn new(transmit: Box<dyn Transmit>, limits: OutboxLimits, cut: Cut) -> Outbox {
        let queue = Mutex::new(Queue::new(transmit, limits.queue, limits.held, cut));
        let pass_below = AtomicUsize::new(cut.above.saturating_add(1));
        Outbox {
            queue,
            changed: Condvar::new(),
            limits,
            pass_below,
            ending: AtomicBool::new(false),
        }
    }

    /// Sends one frame, given as two slices. `assign_position` receives the frame's position, which
    /// determines the offset of its last byte in the stream, before any byte is sent; by returning false it
    /// cancels the frame.
    pub fn send(
        &self,
        slices: [&[u8]; 2],
        order: Order,
        assign_position: impl FnOnce(u64) -> bool,
        blocking: Blocking,
        sender: &dyn Sender,
    ) -> Result<AfterSend> {
        if !self.passes(slices) {
            return self.send_in_turn(
                Outgoing { slices, order, one_way: false },
                assign_position,
                blocking,
                sender,
            );
        }
        match self.assign_position(slices, order, assign_position, blocking, sender)? {
            Some(queue) => self.write_or_queue(queue, slices, None, blocking, sender),
            None => Ok(AfterSend::Done),
        }
    }

    /// Gives a frame its position in the stream, after waiting for room. `None` if it was cancelled.
    #[inline]
    fn assign_position(
        &self,
        slices: [&[u8]; 2],
        order: Order,
        assign_position: impl FnOnce(u64) -> bool,
        blocking: Blocking,
        sender: &dyn Sender,
    ) -> Result<Option<MutexGuard<'_, Queue>>> {
        let mut queue = self.queue.lock();
        let length = slices[0].len() + slices[1].len();
        match blocking {
            Blocking::Until(deadline) => {
                if queue.bytes.len() > self.limits.queue {
                    drop(queue);
                    sender.about_to_block();
                    queue = self.wait_for_short_queue(deadline, sender, Queue::bytes)?;
                }
            }
            Blocking::Prompted => queue.note_prompted(length, self.limits.prompted)?,
            Blocking::Never => {}
        }
        if let Some(reason) = queue.gate.refuses(order) {
            return Err(reason.clone());
        }
        if !queue.has_idle_half() {
            // It may have to be queued.
            queue.reserve(length)?;
        }
        let position = queue.queued_offset + length as u64;
        if !assign_position(position) {
            return Ok(None);
        }
        queue.queued_offset = position;
        Ok(Some(queue))
    }

    /// Sends a frame that has its position, after what is held back.
    #[inline]
    fn write_or_queue(
        &self,
        mut queue: MutexGuard<'_, Queue>,
        slices: [&[u8]; 2],
        one_way: Option<u64>,
        blocking: Blocking,
        sender: &dyn Sender,
    ) -> Result<AfterSend> {
        if queue.bytes.is_empty() {
            if let Some(mut transmit) = queue.writer.take_half() {
                drop(queue);
                let written = self.write(&mut *transmit, slices, blocking, sender);
                return self.give_back(transmit, slices, one_way, written);
            }
        } else if let Some(mut transmit) = queue.idle_half() {
            let held = queue.take_bytes();
            drop(queue);
            let all = [&held, slices[0], slices[1]];
            let written = self.write(&mut *transmit, all, blocking, sender);
            let rest = self.give_back(transmit, all, one_way, written);
            self.queue.lock().keep(held);
            return rest;
        }
        queue.push(slices, one_way);
        queue.urgent = true;
        // If the half is taken, its holder checks the queue before giving it back.
        Ok(if queue.writer.is_idle() { queue.ask_flush() } else { AfterSend::Done })
    }

    /// Waits until the queue, as `measure` counts it, is short.
    fn wait_for_short_queue(
        &self,
        deadline: Option<Instant>,
        sender: &dyn Sender,
        measure: fn(&Queue) -> usize,
    ) -> Result<MutexGuard<'_, Queue>> {
        let look = |queue: &mut Queue| {
            let short = measure(queue) <= self.limits.queue || queue.gate.has_ended();
            short.then_some(())
        };
        let wake = sender.waker();
        match sender.cancellation().wait(&self.queue, &self.changed, deadline, wake, look) {
            Ok((_, queue)) => Ok(queue),
            Err(gave_up) => Err(gave_up.error("earlier frames were being sent")),
        }
    }

    /// Wakes senders that wait for a short queue, to check whether they were cancelled.
    pub fn wake_senders(&self) {
        drop(self.queue.lock());
        self.changed.notify_all();
    }

    /// Adds what was sent and what waits to be sent.
    pub fn add_counts(&self, sum: &mut Counters) {
        let queue = self.queue.lock();
        sum.bytes_sent += queue.written_offset;
        sum.bytes_queued += queue.length() as u64;
        sum.made.one_way += queue.posted;
    }

    /// Whether so much is queued that senders wait.
    pub fn is_full(&self) -> bool {
        self.queue.lock().bytes.len() > self.limits.queue
    }

    /// Gives the half back after a frame. What could not be written goes before what others have queued;
    /// first writes as much of all that as needs no waiting.
    fn give_back<const N: usize>(
        &self,
        transmit: Box<dyn Transmit>,
        slices: [&[u8]; N],
        one_way: Option<u64>,
        (sent, outcome): (usize, io::Result<()>),
    ) -> Result<AfterSend> {
        let mut queue = self.queue.lock();
        queue.note_written(sent);
        let whole = length(slices);
        if let Err(error) = outcome {
            return Err(self.give_up(queue, transmit, lost(&error)));
        }
        if sent < whole {
            let rest = Chunk::copy_of(&remaining(slices, sent)).map_err(cut_short);
            if let Err(error) = rest.and_then(|rest| queue.put_back(rest, one_way)) {
                return Err(self.give_up(queue, transmit, error));
            }
        }
        if !queue.urgent {
            queue.writer = Writer::Idle(transmit);
            if queue.awaiting > 0 {
                drop(queue);
                self.changed.notify_all();
            }
            return Ok(AfterSend::Done);
        }
        Ok(self.drain(queue, transmit, Blocking::Never))
    }

    /// Gives the half back for good, since the stream has ended or must end within a frame; returns why.
    #[cold]
    fn give_up(
        &self,
        mut queue: MutexGuard<'_, Queue>,
        transmit: Box<dyn Transmit>,
        reason: Error,
    ) -> Error {
        queue.gate.end(&reason);
        queue.writer = Writer::Idle(transmit);
        drop(queue);
        self.changed.notify_all();
        reason
    }

    /// Writes what is queued, waiting for room while the peer makes progress.
    pub fn flush(&self) -> Result<()> {
        let mut queue = self.queue.lock();
        queue.flush_asked = false;
        match queue.writer.take_half() {
            Some(transmit) => match self.drain(queue, transmit, Blocking::Until(None)) {
                AfterSend::Broken(error) => Err(error),
                AfterSend::Done | AfterSend::NeedsFlush | AfterSend::Held => Ok(()),
            },
            None => Ok(()),
        }
    }

    /// Writes what is queued. If it must not block, it neither waits for room nor goes on for ever: senders
    /// that follow each other must not keep one of them writing for the rest.
    fn drain<'a>(
        &'a self,
        mut queue: MutexGuard<'a, Queue>,
        mut transmit: Box<dyn Transmit>,
        blocking: Blocking,
    ) -> AfterSend {
        let mut batches = 0;
        let rest = loop {
            if !queue.urgent || queue.gate.has_ended() {
                break AfterSend::Done;
            }
            if matches!(blocking, Blocking::Until(_)) && self.is_ending() {
                // The thread that ends the stream writes what needs no waiting.
                break AfterSend::Done;
            }
            if matches!(blocking, Blocking::Never) && batches == MOST_BATCHES {
                break queue.ask_flush();
            }
            batches += 1;
            let mut piece = Piece::default();
            if let Blocking::Until(_) = blocking {
                piece = queue.take_piece();
                self.note_transfers(&queue);
            } else if queue.bytes.is_empty() {
                // Large frames are left to a thread that may wait.
                break queue.ask_flush();
            }
            let batch = queue.take_bytes();
            if batch.is_empty() && piece.length() == 0 {
                // The stream broke under the sender of a large frame, which ends the connection.
                break AfterSend::Done;
            }
            drop(queue);
            self.changed.notify_all();
            let [head, body] = piece.slices();
            let slices = [&batch, head, body];
            let (sent, outcome) = self.write(&mut *transmit, slices, blocking, &Unattended);
            let rest = match outcome {
                Ok(()) => Chunk::copy_of(&remaining(slices, sent)).map_err(cut_short),
                Err(error) => Err(lost(&error)),
            };
            queue = self.queue.lock();
            queue.note_written(sent);
            queue.transfers.give_back(&mut piece);
            match rest {
                Ok(rest) if rest.is_empty() => queue.keep(batch),
                rest => match rest.and_then(|rest| queue.put_back(rest, None)) {
                    Ok(()) => break queue.ask_flush(),
                    Err(error) => return AfterSend::Broken(self.give_up(queue, transmit, error)),
                },
            }
        };
        queue.writer = Writer::Idle(transmit);
        drop(queue);
        self.changed.notify_all();
        rest
    }

    /// Accepts no more calls and one-way calls.
    pub fn refuse_calls(&self, reason: &Error) {
        self.queue.lock().gate.refuse_calls(reason);
    }

    /// Accepts no more frames.
    pub fn close(&self, reason: &Error) {
        self.queue.lock().gate.close(reason);
    }

    /// Waits until everything sent so far has been handed to the operating system; returns how much had
    /// been by then. `None` if the deadline passed or the connection ended first. What is held back must
    /// have been [released](Outbox::release).
    pub fn wait_sent(&self, deadline: Instant) -> Option<Written> {
        let mut queue = self.queue.lock();
        let (goal, next) = (queue.queued_offset, queue.transfers.next());
        let all = |queue: &Queue| queue.written_offset >= goal && queue.transfers.are_written(next);
        queue.awaiting += 1;
        while !all(&queue) && !queue.gate.has_ended() {
            if self.changed.wait_until(&mut queue, deadline).timed_out() {
                break;
            }
        }
        queue.awaiting -= 1;
        all(&queue).then(|| queue.transfers.written(queue.written_offset))
    }

    /// Accepts no more frames, and writes what is queued as far as that needs no waiting for room. First
    /// waits for the thread that is writing, unless that waits for room.
    pub fn send_last(&self, reason: &Error) {
        let mut queue = self.queue.lock();
        queue.gate.close(reason);
        self.ending.store(true, Ordering::Relaxed);
        queue.awaiting += 1;
        while matches!(queue.writer, Writer::Writing) {
            self.changed.wait(&mut queue);
        }
        queue.awaiting -= 1;
        if let Some(transmit) = queue.writer.take_half() {
            queue.urgent = !queue.bytes.is_empty();
            // The end drops whatever is not sent now.
            let _ = self.drain(queue, transmit, Blocking::Never);
        }
    }

    /// Whether the stream is about to end, so that writers must not wait for room.
    fn is_ending(&self) -> bool {
        self.ending.load(Ordering::Relaxed)
    }

    /// Accepts no more frames, drops what is queued and the transmitting half, and returns how much had been
    /// sent. The stream must already be shut down, so that no writer waits.
    pub fn end(&self, reason: &Error) -> Ended {
        let mut queue = self.queue.lock();
        queue.gate.end(reason);
        self.changed.notify_all();
        queue.awaiting += 1;
        while queue.writer.is_busy() {
            self.changed.wait(&mut queue);
        }
        queue.awaiting -= 1;
        queue.writer = Writer::Ended;
        let written = queue.transfers.written(queue.written_offset);
        Ended { written, dropped: queue.drop_all() }
    }
}
