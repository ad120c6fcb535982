//! Frames that cannot leave at once: large ones, which leave in parts, one after the other, and small
//! ones that must not pass them.

use std::collections::VecDeque;
use std::ops::Range;

use crate::wire::encode_part;

/// How large frames leave.
#[derive(Clone, Copy)]
pub(crate) struct Cut {
    /// Frames of more bytes than this leave in parts.
    pub above: usize,
    /// The bytes of a frame in one part.
    pub part: usize,
}

impl Cut {
    /// A part delays a small frame by about as much as the bytes that wait in a socket do. A frame of a
    /// MiB is gone before a second frame is likely to come, so only larger ones are cut.
    pub const USUAL: Cut = Cut { above: (1 << 20) + (64 << 10), part: 512 << 10 };
    /// All frames leave whole.
    pub const NONE: Cut = Cut { above: usize::MAX, part: usize::MAX };
}

/// What a frame must not pass while that leaves in parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    /// Nothing.
    Free,
    /// Calls and one-way calls of that lane.
    Lane(u64),
    /// The frame with that position.
    Behind(u64),
}

/// The number under which parts travel. One transfer is under way at a time, so one is enough.
const TRANSFER: u64 = 0;

/// Marks the position of a transfer, whose last byte has no place in the stream when it begins: the
/// rest of the number counts transfers.
const UNKNOWN_END: u64 = 1 << 63;

/// How much of the outgoing stream was handed to the operating system.
#[derive(Clone, Debug, Default)]
pub(crate) struct Written {
    /// Bytes of frames that have a place in the stream.
    pub bytes: u64,
    /// The position that the next transfer would have got.
    pub next: u64,
    /// Transfers that were not handed over to their end.
    pub unfinished: Vec<u64>,
}

impl Written {
    /// Whether a frame's last byte was handed over, by its position.
    pub fn covers(&self, position: u64) -> bool {
        if position < UNKNOWN_END {
            return position <= self.bytes;
        }
        position < self.next && !self.unfinished.contains(&position)
    }
}

struct Transfer {
    position: u64,
    order: Order,
    /// Whether it is a one-way call whose sender has returned, or will without an error.
    one_way: bool,
    /// What has no place in the stream yet; `None` while the thread that writes has it.
    rest: Option<Vec<u8>>,
    /// How many bytes of the rest have a place already.
    queued: usize,
    in_parts: bool,
}

/// A transfer whose last byte has a place in the stream, and was not handed over yet.
struct Ending {
    position: u64,
    end: u64,
    one_way: bool,
}

/// What is to be written next of a transfer, taken out of the queue meanwhile.
#[derive(Default)]
pub(super) struct Piece {
    head: Vec<u8>,
    rest: Vec<u8>,
    body: Range<usize>,
    last: bool,
}

impl Piece {
    pub fn slices(&self) -> [&[u8]; 2] {
        [&self.head, &self.rest[self.body.clone()]]
    }

    pub fn length(&self) -> usize {
        self.head.len() + self.body.len()
    }

    pub fn is_last(&self) -> bool {
        self.last
    }
}

/// The transfers of one connection's way out, in the order in which they leave.
#[derive(Default)]
pub(super) struct Transfers {
    waiting: VecDeque<Transfer>,
    ending: VecDeque<Ending>,
    /// How many have begun to wait.
    begun: u64,
    /// Bytes that they keep.
    bytes: usize,
    /// Some were dropped.
    lost: bool,
}

impl Transfers {
    /// Whether none waits or is under way.
    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// The bytes that those which wait take.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// Whether one of them is to arrive before a frame of that order.
    pub fn hold_up(&self, order: Order) -> bool {
        match order {
            Order::Free => false,
            Order::Lane(_) => self.waiting.iter().any(|other| other.order == order),
            Order::Behind(position) => self.waiting.iter().any(|other| other.position == position),
        }
    }

    /// The position of the next one.
    pub fn next(&self) -> u64 {
        UNKNOWN_END + self.begun
    }

    /// Adds one; without a frame if the thread that adds it writes it.
    pub fn push(&mut self, order: Order, one_way: bool, frame: Option<Vec<u8>>, in_parts: bool) {
        let position = self.next();
        self.begun += 1;
        self.bytes += frame.as_ref().map_or(0, Vec::len);
        let transfer = Transfer { position, order, one_way, rest: frame, queued: 0, in_parts };
        self.waiting.push_back(transfer);
    }

    /// The thread that wrote the first one leaves the rest to others.
    pub fn leave_rest(&mut self, rest: Vec<u8>) {
        self.bytes += rest.len();
        if let Some(first) = self.waiting.front_mut() {
            first.rest = Some(rest);
        }
    }

    /// The sender of the first one gets an error: it need not be counted.
    pub fn forget_one_way(&mut self) {
        if let Some(first) = self.waiting.front_mut().filter(|first| first.rest.is_none()) {
            first.one_way = false;
        } else if let Some(last) = self.ending.back_mut() {
            last.one_way = false;
        }
    }

    /// Takes the next piece of the first one; an empty one if none waits.
    pub fn take_piece(&mut self, part: usize) -> Piece {
        let Some(first) = self.waiting.front_mut() else { return Piece::default() };
        let Some(rest) = first.rest.take() else { return Piece::default() };
        let begin = first.queued;
        let end =
            if first.in_parts { rest.len().min(begin.saturating_add(part)) } else { rest.len() };
        let last = end == rest.len();
        let mut head = Vec::new();
        if first.in_parts {
            encode_part(&mut head, TRANSFER, last, end - begin);
        }
        first.queued = end;
        Piece { head, rest, body: begin..end, last }
    }

    /// Gives back what is left of the first one after a piece, if it is one.
    pub fn give_back(&mut self, piece: &mut Piece) {
        if piece.length() == 0 {
            return;
        }
        let rest = std::mem::take(&mut piece.rest);
        if piece.last {
            self.bytes -= rest.len();
        } else if let Some(first) = self.waiting.front_mut() {
            first.rest = Some(rest);
        }
    }

    /// The first one's last byte stands there in the stream.
    pub fn ends_at(&mut self, end: u64) {
        if let Some(Transfer { position, one_way, .. }) = self.waiting.pop_front() {
            self.ending.push_back(Ending { position, end, one_way });
        }
    }

    /// So much of the stream was handed over.
    pub fn note_written(&mut self, written: u64) {
        while self.ending.front().is_some_and(|ending| ending.end <= written) {
            self.ending.pop_front();
        }
    }

    /// Whether all that come before that position were handed over.
    pub fn are_written(&self, next: u64) -> bool {
        let first = self.ending.front().map(|ending| ending.position);
        let first = first.or_else(|| self.waiting.front().map(|transfer| transfer.position));
        !self.lost && first.is_none_or(|first| first >= next)
    }

    /// What was handed over when `bytes` bytes of the stream were.
    pub fn written(&self, bytes: u64) -> Written {
        let ending = self.ending.iter().map(|ending| ending.position);
        let waiting = self.waiting.iter().map(|transfer| transfer.position);
        Written { bytes, next: self.next(), unfinished: ending.chain(waiting).collect() }
    }

    /// Drops all; returns how many one-way calls were among them.
    pub fn drop_all(&mut self) -> usize {
        self.lost |= !self.ending.is_empty() || !self.waiting.is_empty();
        let ending = self.ending.drain(..).filter(|ending| ending.one_way).count();
        let waiting = self.waiting.drain(..).filter(|transfer| transfer.one_way).count();
        self.bytes = 0;
        ending + waiting
    }
}

/// The head of a part of a frame that its own sender writes.
pub(super) fn part_head(last: bool, length: usize) -> Vec<u8> {
    let mut head = Vec::new();
    encode_part(&mut head, TRANSFER, last, length);
    head
}
