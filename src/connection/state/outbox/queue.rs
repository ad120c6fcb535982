//! What one connection has yet to send, and how much of its stream has been sent.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use crate::chunk::Chunk;
use crate::connection::state::outbox::states::{Gate, Ticks, Writer};
use crate::connection::state::outbox::transfers::{Cut, Order, Piece, Transfers, Written};
use crate::connection::state::outbox::write::{cut_short, not_queued};
use crate::error::{Error, Result, Status};
use crate::time;
use crate::transport::Transmit;

/// Larger buffers are not kept for reuse.
const KEPT_BUFFER: usize = 256 * 1024;

/// One-way calls are written once this many bytes are held back: larger writes gain nothing.
const ENOUGH: usize = 64 * 1024;

/// One-way calls closer together than this are a burst, worth coalescing.
const SOON: Duration = Duration::from_micros(500);

/// The first calls of a burst are still written at once: coalescing needs the monitor awake, and a handful
/// of calls is not worth waking it.
const FEW: u32 = if cfg!(callgate_shuttle) { 1 } else { 8 };

/// What is left to do after [`Outbox::send`](super::Outbox::send).
#[derive(Debug)]
#[must_use]
pub(crate) enum AfterSend {
    /// Nothing.
    Done,
    /// Call [`Outbox::flush`](super::Outbox::flush) on a thread that may wait.
    NeedsFlush,
    /// Call [`Outbox::tick`](super::Outbox::tick) from now on, since the frame is held back.
    Held,
    /// End the connection: it broke after this frame, while others' frames were being sent.
    Broken(Error),
}

/// The result of a tick.
pub(crate) struct Ticked {
    pub after: AfterSend,
    /// Whether another tick is needed.
    pub again: bool,
}

/// How much had been sent at the end.
pub(crate) struct Ended {
    /// What was handed to the operating system.
    pub written: Written,
    /// How many one-way calls were not sent completely, though their senders have returned.
    pub dropped: usize,
}

pub(super) struct Queue {
    pub writer: Writer,
    /// Complete frames in order; the first may lack what has already been sent.
    pub bytes: Chunk,
    /// An empty buffer, kept for its capacity.
    pub spare: Chunk,
    /// Frames that leave after these bytes, since others may pass them.
    pub transfers: Transfers,
    pub cut: Cut,
    /// Whether the thread that holds the half must write the queued bytes or transfers. If not, they are
    /// one-way calls held back, and may wait for a tick.
    pub urgent: bool,
    /// How many one-way calls were queued since the bytes were last taken.
    queued_calls: usize,
    /// How many one-way calls have been given a position.
    pub posted: u64,
    /// The end offsets of one-way calls that were not handed to the operating system completely and whose
    /// senders have returned.
    one_ways: VecDeque<u64>,
    /// The end offsets of frames that the peer has prompted; the first ones may have left since the last was
    /// added.
    prompted: VecDeque<u64>,
    /// Whether replies are held back for those of the next calls.
    replies_corked: bool,
    /// Whether callers that have just received their replies are about to call again.
    next_call_corked: bool,
    pace: Pace,
    /// How many bytes and calls held back trigger a write.
    enough: (usize, usize),
    ticks: Ticks,
    /// The offset at which the next frame will begin.
    pub queued_offset: u64,
    /// How many bytes were handed to the operating system.
    pub written_offset: u64,
    /// The number of threads that wait for the half or for what is queued.
    pub awaiting: usize,
    /// Whether a flush was requested and has not begun.
    pub flush_asked: bool,
    pub gate: Gate,
}

impl Queue {
    /// An empty queue, which holds back fewer than these numbers of bytes and calls.
    pub fn new(transmit: Box<dyn Transmit>, bytes: usize, calls: usize, cut: Cut) -> Queue {
        Queue {
            writer: Writer::Idle(transmit),
            bytes: Chunk::new(),
            spare: Chunk::new(),
            transfers: Transfers::default(),
            cut,
            urgent: false,
            queued_calls: 0,
            posted: 0,
            one_ways: VecDeque::new(),
            prompted: VecDeque::new(),
            replies_corked: false,
            next_call_corked: false,
            pace: Pace::default(),
            enough: (bytes.min(ENOUGH), calls),
            ticks: Ticks::Off,
            queued_offset: 0,
            written_offset: 0,
            awaiting: 0,
            flush_asked: false,
            gate: Gate::Open,
        }
    }

    pub fn ask_flush(&mut self) -> AfterSend {
        if std::mem::replace(&mut self.flush_asked, true) {
            AfterSend::Done
        } else {
            AfterSend::NeedsFlush
        }
    }

    /// Whether what is queued waits for more.
    pub fn is_held(&self) -> bool {
        !self.bytes.is_empty() && !self.urgent
    }

    /// Whether to hold back a one-way call of this size: because others are held back, or came just before.
    /// If so, there is room for it.
    pub fn holds_back(&mut self, bytes: usize) -> bool {
        let holds = bytes < self.enough.0 && (self.is_held() || self.pace.is_quick());
        holds && self.reserve(bytes).is_ok()
    }

    /// Whether to hold back a reply of this size. If so, there is room for it.
    pub fn corks_reply(&mut self, bytes: usize) -> bool {
        self.replies_corked && bytes < self.enough.0 && self.reserve(bytes).is_ok()
    }

    pub fn set_replies_corked(&mut self, wait: bool) {
        self.replies_corked = wait;
    }

    pub fn cork_next_call(&mut self) {
        self.next_call_corked = true;
    }

    /// The half for a call of this size that should leave with those of other callers about to call. There is
    /// room for the call.
    pub fn half_for_corked_call(&mut self, bytes: usize) -> Option<Box<dyn Transmit>> {
        if !self.next_call_corked || bytes >= self.enough.0 || self.reserve(bytes).is_err() {
            return None;
        }
        let half = self.idle_half();
        self.next_call_corked = half.is_none();
        half
    }

    /// Whether enough is held back for a write.
    pub fn has_enough(&self) -> bool {
        self.bytes.len() >= self.enough.0 || self.queued_calls >= self.enough.1
    }

    /// Makes room for a frame of this size. To be called before the frame gets its position.
    pub fn reserve(&mut self, bytes: usize) -> Result<()> {
        self.bytes.reserve(bytes).map_err(|reason| not_queued(bytes, reason))
    }

    /// Queues a frame for which there is [room](Queue::reserve); for a one-way call, `one_way` is its end
    /// offset.
    pub fn push(&mut self, slices: [&[u8]; 2], one_way: Option<u64>) {
        for slice in slices {
            self.bytes.append(slice).expect("there is room");
        }
        if let Some(end) = one_way {
            self.queued_calls += 1;
            self.one_ways.push_back(end);
        }
    }

    /// Adds a transfer; see [`Transfers::push`].
    pub fn push_transfer(
        &mut self,
        order: Order,
        one_way: bool,
        frame: Option<Chunk>,
        slices: bool,
    ) {
        self.transfers.push(order, one_way, frame, slices);
        self.urgent = true;
    }

    /// Whether a frame of this length leaves as a transfer, or waits behind one.
    pub fn holds_up(&self, length: usize, order: Order) -> bool {
        length > self.cut.above || self.transfers.hold_up(order)
    }

    /// How many bytes are queued, without transfers.
    pub fn bytes(&self) -> usize {
        self.bytes.len()
    }

    /// How many bytes are yet to be written.
    pub fn length(&self) -> usize {
        self.bytes.len() + self.transfers.bytes()
    }

    /// Takes a piece of the first transfer; its offset is behind everything queued.
    pub fn take_piece(&mut self) -> Piece {
        let piece = self.transfers.take_piece(self.cut.part);
        if piece.length() > 0 {
            self.assign_piece_offset(piece.length(), piece.is_last());
        }
        piece
    }

    /// Assigns a piece of the first transfer the offset behind everything queued.
    pub fn assign_piece_offset(&mut self, length: usize, last: bool) {
        self.queued_offset += length as u64;
        if last {
            self.transfers.ends_at(self.queued_offset);
        }
    }

    /// Takes everything queued except transfers, to write it.
    pub fn take_bytes(&mut self) -> Chunk {
        self.urgent = !self.transfers.is_empty();
        self.queued_calls = 0;
        let spare = std::mem::take(&mut self.spare);
        std::mem::replace(&mut self.bytes, spare)
    }

    /// Keeps a written buffer for its capacity.
    pub fn keep(&mut self, mut written: Chunk) {
        if written.capacity() <= KEPT_BUFFER {
            written.clear();
            self.spare = written;
        }
    }

    /// Puts what could not be written before what has been queued meanwhile. The first frame may be a
    /// one-way call that was never queued.
    pub fn put_back(&mut self, mut rest: Chunk, one_way: Option<u64>) -> Result<()> {
        rest.append(&self.bytes).map_err(cut_short)?;
        self.bytes = rest;
        self.urgent = true;
        if let Some(end) = one_way {
            let index = self.one_ways.partition_point(|&other| other < end);
            self.one_ways.insert(index, end);
        }
        Ok(())
    }

    /// Puts back what is left of a write, and the rest of the first transfer, whose part was written, for
    /// others to send. False if nothing is left.
    pub fn leave(&mut self, left: Option<(Chunk, Chunk)>) -> Result<bool> {
        let Some((left, behind)) = left else { return Ok(false) };
        self.put_back(left, None)?;
        if !behind.is_empty() {
            self.transfers.leave_rest(behind);
        }
        Ok(true)
    }

    /// Notes that a write has ended, which handed `bytes` more bytes to the operating system.
    pub fn note_written(&mut self, bytes: usize) {
        self.writer.note_written();
        self.written_offset += bytes as u64;
        self.transfers.note_written(self.written_offset);
        while self.one_ways.front().is_some_and(|&end| end <= self.written_offset) {
            self.one_ways.pop_front();
        }
    }

    /// Counts a frame of this size that the peer has prompted, before it gets its position.
    ///
    /// # Errors
    /// Channel faulted if the peer has left `most` of them unread.
    pub fn note_prompted(&mut self, bytes: usize, most: usize) -> Result<()> {
        while self.prompted.front().is_some_and(|&end| end <= self.written_offset) {
            self.prompted.pop_front();
        }
        if self.prompted.len() >= most {
            let message = format!(
                "the peer does not read: {most} short replies that it has caused wait to be sent"
            );
            return Err(Error::new(Status::ChannelFaulted, message));
        }
        self.prompted.push_back(self.queued_offset + bytes as u64);
        Ok(())
    }

    /// The half for writing what is queued, if it is free and no flush is on its way.
    pub fn idle_half(&mut self) -> Option<Box<dyn Transmit>> {
        if self.flush_asked {
            return None;
        }
        self.writer.take_half()
    }

    /// Whether [`Queue::idle_half`] returns the half, or nothing is queued before it.
    pub fn has_idle_half(&self) -> bool {
        self.writer.is_idle() && (self.bytes.is_empty() || !self.flush_asked)
    }

    /// Requests ticks, because something is held back.
    pub fn ask_ticks(&mut self) -> AfterSend {
        self.ticks.ask()
    }

    /// Notes that the requested ticks will not come.
    pub fn has_no_ticks(&mut self) {
        self.ticks = Ticks::Off;
    }

    /// Handles a tick. False if no more are needed.
    pub fn tick(&mut self) -> bool {
        let held = self.is_held();
        if held {
            self.pace.go_on();
        }
        if self.gate.has_ended() {
            self.ticks = Ticks::Off;
            return false;
        }
        self.ticks.tick(held)
    }

    /// Drops what is queued; returns how many one-way calls were not sent completely.
    pub fn drop_all(&mut self) -> usize {
        self.bytes = Chunk::new();
        self.spare = Chunk::new();
        std::mem::take(&mut self.one_ways).len() + self.transfers.drop_all()
    }
}

/// How quickly one-way calls follow each other.
#[derive(Default)]
struct Pace {
    last: Option<Instant>,
    in_a_row: u32,
}

impl Pace {
    /// Counts a call; returns whether it belongs to a burst.
    fn is_quick(&mut self) -> bool {
        let now = time::now();
        let soon = self.last.is_some_and(|last| now.saturating_duration_since(last) < SOON);
        self.last = Some(now);
        self.in_a_row = if soon { self.in_a_row.saturating_add(1) } else { 0 };
        self.in_a_row >= FEW
    }

    /// The burst has lasted until now.
    fn go_on(&mut self) {
        self.last = Some(time::now());
    }
}
