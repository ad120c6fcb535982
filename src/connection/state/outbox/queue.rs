//! What waits to be sent by one connection, and how far its stream has got.

use std::collections::VecDeque;
#[cfg(not(callgate_shuttle))]
use std::time::{Duration, Instant};

use crate::connection::state::outbox::transfers::{Cut, Order, Piece, Transfers, Written};
use crate::error::Error;
#[cfg(not(callgate_shuttle))]
use crate::time;
use crate::transport::Transmit;

/// Buffers above that size are not kept for reuse.
const KEPT_BUFFER: usize = 256 * 1024;

/// One-way calls are written when so much of them is held back: beyond, larger writes gain nothing.
const ENOUGH: usize = 64 * 1024;

/// One-way calls follow each other quickly when less than that lies between them: then they are many
/// more than the writes that holding them back saves.
#[cfg(not(callgate_shuttle))]
const SOON: Duration = Duration::from_micros(500);

/// So many that follow each other quickly are written at once all the same: holding back takes a
/// monitor that is awake, and to wake it should serve more than a few calls.
#[cfg(not(callgate_shuttle))]
const FEW: u32 = 8;

/// Ticks without anything held back after which no more are wanted.
const QUIET_TICKS: u32 = 10;

/// What is left to do after [`Outbox::send`](super::outbox::Outbox::send).
#[derive(Debug)]
#[must_use]
pub(crate) enum AfterSend {
    /// Nothing.
    Done,
    /// Someone has to call [`Outbox::flush`](super::outbox::Outbox::flush) on a thread that may wait.
    NeedsFlush,
    /// Someone has to call [`Outbox::tick`](super::outbox::Outbox::tick) from now on, as the frame is held back.
    Held,
    /// The connection has to end: it broke after this frame, while others' were being sent.
    Broken(Error),
}

/// What a tick came to.
pub(crate) struct Ticked {
    pub after: AfterSend,
    /// Whether another is to come.
    pub again: bool,
}

/// How far sending had got at the end.
pub(crate) struct Ended {
    /// What was handed to the operating system.
    pub written: Written,
    /// How many one-way calls were not, or not whole, though their senders have returned.
    pub dropped: usize,
}

pub(super) struct Queue {
    /// The transmitting half; `None` while a thread writes.
    pub transmit: Option<Box<dyn Transmit>>,
    /// Whole frames in order; the first may lack what has left already.
    pub bytes: Vec<u8>,
    /// An empty buffer, for its capacity.
    pub spare: Vec<u8>,
    /// What leaves after these bytes, as far as there are others to let pass.
    pub transfers: Transfers,
    pub cut: Cut,
    /// Whether the queued bytes, or transfers, have to be written by the thread that holds the half. If not, they
    /// are one-way calls held back, and may wait for a tick.
    pub urgent: bool,
    /// One-way calls among the queued bytes that came since those were last taken.
    queued_calls: usize,
    /// Where the one-way calls end in the stream that were not handed to the operating system whole,
    /// and whose senders have returned.
    one_ways: VecDeque<u64>,
    /// Answers wait for those of the calls that this side serves next.
    replies_corked: bool,
    /// Callers that have just been answered are about to call again.
    next_call_corked: bool,
    pace: Pace,
    /// Bytes and calls held back that are enough for a write.
    enough: (usize, usize),
    /// Whether ticks come, and how many have found nothing.
    ticking: bool,
    quiet_ticks: u32,
    /// Bytes of all frames that were given a place in the stream.
    pub queued_offset: u64,
    /// Bytes handed to the operating system.
    pub written_offset: u64,
    /// Whether the thread that writes has waited for room for a while.
    pub stalled: bool,
    /// Threads that wait for the half or for what is queued.
    pub awaiting: usize,
    /// Whether someone was asked to flush, and has not done so yet.
    pub flush_asked: bool,
    /// Why no more frames are taken, although the stream has not ended.
    pub closed: Option<Error>,
    pub ended: Option<Error>,
}

impl Queue {
    /// An empty one, which holds back less than so many bytes and calls.
    pub fn new(transmit: Box<dyn Transmit>, bytes: usize, calls: usize, cut: Cut) -> Queue {
        Queue {
            transmit: Some(transmit),
            bytes: Vec::new(),
            spare: Vec::new(),
            transfers: Transfers::default(),
            cut,
            urgent: false,
            queued_calls: 0,
            one_ways: VecDeque::new(),
            replies_corked: false,
            next_call_corked: false,
            pace: Pace::default(),
            enough: (bytes.min(ENOUGH), calls),
            ticking: false,
            quiet_ticks: 0,
            queued_offset: 0,
            written_offset: 0,
            stalled: false,
            awaiting: 0,
            flush_asked: false,
            closed: None,
            ended: None,
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

    /// Whether a one-way call of so many bytes is to be held back: behind others, or since others came
    /// just before.
    pub fn holds_back(&mut self, bytes: usize) -> bool {
        bytes < self.enough.0 && (self.is_held() || self.pace.is_quick())
    }

    /// Whether an answer of so many bytes is to be held back.
    pub fn corks_reply(&self, bytes: usize) -> bool {
        self.replies_corked && bytes < self.enough.0
    }

    pub fn set_replies_corked(&mut self, wait: bool) {
        self.replies_corked = wait;
    }

    pub fn cork_next_call(&mut self) {
        self.next_call_corked = true;
    }

    /// The half for a call of so many bytes that is to leave with those of others who are about to call.
    pub fn half_for_corked_call(&mut self, bytes: usize) -> Option<Box<dyn Transmit>> {
        if !self.next_call_corked || bytes >= self.enough.0 {
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

    /// Queues a frame; a one-way call with the end of its place in the stream.
    pub fn push(&mut self, slices: [&[u8]; 2], one_way: Option<u64>) {
        self.bytes.extend_from_slice(slices[0]);
        self.bytes.extend_from_slice(slices[1]);
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
        frame: Option<Vec<u8>>,
        slices: bool,
    ) {
        self.transfers.push(order, one_way, frame, slices);
        self.urgent = true;
    }

    /// Whether a frame of that length leaves as a transfer, or waits behind one.
    pub fn holds_up(&self, length: usize, order: Order) -> bool {
        length > self.cut.above || self.transfers.hold_up(order)
    }

    /// The bytes that are queued, without transfers.
    pub fn bytes(&self) -> usize {
        self.bytes.len()
    }

    /// The bytes of all that waits to be written.
    pub fn length(&self) -> usize {
        self.bytes.len() + self.transfers.bytes()
    }

    /// Takes a piece of the first transfer, which has its place behind all that is queued.
    pub fn take_piece(&mut self) -> Piece {
        let piece = self.transfers.take_piece(self.cut.part);
        if piece.length() > 0 {
            self.assign_piece_offset(piece.length(), piece.is_last());
        }
        piece
    }

    /// Gives a piece of the first transfer its place behind all that is queued.
    pub fn assign_piece_offset(&mut self, length: usize, last: bool) {
        self.queued_offset += length as u64;
        if last {
            self.transfers.ends_at(self.queued_offset);
        }
    }

    /// Takes all that is queued but transfers, to be written.
    pub fn take_bytes(&mut self) -> Vec<u8> {
        self.urgent = !self.transfers.is_empty();
        self.queued_calls = 0;
        let spare = std::mem::take(&mut self.spare);
        std::mem::replace(&mut self.bytes, spare)
    }

    /// Keeps a buffer that was written for its capacity.
    pub fn keep(&mut self, mut written: Vec<u8>) {
        if written.capacity() <= KEPT_BUFFER {
            written.clear();
            self.spare = written;
        }
    }

    /// Puts what could not be written before what has been queued meanwhile. The first frame may be a
    /// one-way call that was never queued.
    pub fn put_back(&mut self, mut rest: Vec<u8>, one_way: Option<u64>) {
        rest.extend_from_slice(&self.bytes);
        self.bytes = rest;
        self.urgent = true;
        if let Some(end) = one_way {
            let assign_position = self.one_ways.partition_point(|&other| other < end);
            self.one_ways.insert(assign_position, end);
        }
    }

    /// Notes that a write has ended, which handed so many more bytes to the operating system.
    pub fn note_written(&mut self, bytes: usize) {
        self.stalled = false;
        self.written_offset += bytes as u64;
        self.transfers.note_written(self.written_offset);
        while self.one_ways.front().is_some_and(|&end| end <= self.written_offset) {
            self.one_ways.pop_front();
        }
    }

    /// The half for writing what is queued, if it is free and nobody is on the way to flush.
    pub fn idle_half(&mut self) -> Option<Box<dyn Transmit>> {
        if self.flush_asked {
            return None;
        }
        self.transmit.take()
    }

    /// Whether [`Queue::idle_half`] gives the half, or nothing is queued before it.
    pub fn has_idle_half(&self) -> bool {
        self.transmit.is_some() && (self.bytes.is_empty() || !self.flush_asked)
    }

    /// Something is held back: ticks have to come.
    pub fn ask_ticks(&mut self) -> AfterSend {
        if std::mem::replace(&mut self.ticking, true) {
            AfterSend::Done
        } else {
            AfterSend::Held
        }
    }

    /// No ticks come, although they were asked for.
    pub fn has_no_ticks(&mut self) {
        self.ticking = false;
    }

    /// A tick has come. False if no more are wanted.
    pub fn tick(&mut self) -> bool {
        if self.is_held() {
            self.pace.go_on();
            self.quiet_ticks = 0;
        } else {
            self.quiet_ticks += 1;
        }
        self.ticking = self.quiet_ticks < QUIET_TICKS && self.ended.is_none();
        if !self.ticking {
            self.quiet_ticks = 0;
        }
        self.ticking
    }

    /// Drops what is queued, and returns how many one-way calls were not handed over whole.
    pub fn drop_all(&mut self) -> usize {
        self.bytes = Vec::new();
        self.spare = Vec::new();
        std::mem::take(&mut self.one_ways).len() + self.transfers.drop_all()
    }
}

/// How quickly one-way calls follow each other.
#[cfg(not(callgate_shuttle))]
#[derive(Default)]
struct Pace {
    last: Option<Instant>,
    in_a_row: u32,
}

#[cfg(not(callgate_shuttle))]
impl Pace {
    /// Counts a call; whether it comes soon after many others.
    fn is_quick(&mut self) -> bool {
        let now = time::now();
        let soon = self.last.is_some_and(|last| now.saturating_duration_since(last) < SOON);
        self.last = Some(now);
        self.in_a_row = if soon { self.in_a_row.saturating_add(1) } else { 0 };
        self.in_a_row >= FEW
    }

    /// Calls have come until now.
    fn go_on(&mut self) {
        self.last = Some(time::now());
    }
}

/// The same in a model, which has no clock: the checker decides.
#[cfg(callgate_shuttle)]
#[derive(Default)]
struct Pace;

#[cfg(callgate_shuttle)]
impl Pace {
    fn is_quick(&mut self) -> bool {
        use shuttle::rand::Rng;
        shuttle::rand::thread_rng().gen()
    }

    fn go_on(&mut self) {}
}
