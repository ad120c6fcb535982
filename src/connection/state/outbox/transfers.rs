//! Frames that cannot leave at once: large ones, which leave in parts, one after the other, and small ones
//! that must not pass them.

use std::collections::VecDeque;
use std::ops::Range;

use crate::chunk::Chunk;
use crate::wire::encode_part;

/// How large frames are cut.
#[derive(Clone, Copy)]
pub(crate) struct Cut {
    /// Frames with more bytes than this leave in parts.
    pub above: usize,
    /// How many bytes of a frame one part carries.
    pub part: usize,
}

impl Cut {
    /// A part delays a small frame by about as much as the bytes buffered in a socket. A frame of 1 MiB is
    /// gone before a second frame is likely to come, so only larger ones are cut.
    pub const USUAL: Cut = if cfg!(callgate_shuttle) {
        // The larger frames of models.
        Cut { above: 50, part: 20 }
    } else {
        Cut { above: (1 << 20) + (64 << 10), part: 512 << 10 }
    };
    /// All frames leave whole.
    pub const NONE: Cut = Cut { above: usize::MAX, part: usize::MAX };
}

/// What a frame must not pass while that leaves in parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    /// Nothing.
    Free,
    /// Calls and one-way calls of this lane, being one itself.
    Lane(u64),
    /// The frame with this position.
    Behind(u64),
    /// Any frame before it.
    BehindAll,
}

/// The transfer number of all parts. One transfer is in progress at a time, so one number is enough.
const TRANSFER: u64 = 0;

/// Marks the position of a transfer, whose end offset is unknown when it begins; the other bits count
/// transfers.
const UNKNOWN_END: u64 = 1 << 63;

/// How much of the outgoing stream was handed to the operating system.
#[derive(Clone, Debug, Default)]
pub(crate) struct Written {
    /// The bytes of frames that have an offset in the stream.
    pub bytes: u64,
    /// The position that the next transfer would have got.
    pub next: u64,
    /// Transfers that were not sent completely.
    pub unfinished: Vec<u64>,
}

impl Written {
    /// Whether the last byte of the frame at this position was sent.
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
    /// The bytes that have no offset in the stream yet; `None` while the writing thread has them.
    rest: Option<Chunk>,
    /// How many bytes of the rest already have an offset.
    queued: usize,
    in_parts: bool,
}

/// A transfer whose end offset is known, and which was not sent completely.
struct Ending {
    position: u64,
    end: u64,
    one_way: bool,
}

/// What to write next of a transfer, taken out of the queue meanwhile.
#[derive(Default)]
pub(super) struct Piece {
    head: Vec<u8>,
    rest: Chunk,
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

/// The transfers of one connection's sending side, in the order in which they leave.
#[derive(Default)]
pub(super) struct Transfers {
    waiting: VecDeque<Transfer>,
    ending: VecDeque<Ending>,
    /// How many transfers there have been.
    begun: u64,
    /// How many bytes they hold.
    bytes: usize,
    /// Whether some were dropped.
    lost: bool,
}

impl Transfers {
    /// Whether none waits or is in progress.
    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// How many bytes the waiting ones hold.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// Whether one of them must arrive before a frame of this order.
    pub fn hold_up(&self, order: Order) -> bool {
        match order {
            Order::Free => false,
            Order::BehindAll => !self.is_empty(),
            Order::Lane(_) => self.waiting.iter().any(|other| other.order == order),
            Order::Behind(position) => self.waiting.iter().any(|other| other.position == position),
        }
    }

    /// The position of the next one.
    pub fn next(&self) -> u64 {
        UNKNOWN_END + self.begun
    }

    /// Adds a transfer; without a frame if the adding thread writes it.
    pub fn push(&mut self, order: Order, one_way: bool, frame: Option<Chunk>, in_parts: bool) {
        let position = self.next();
        self.begun += 1;
        self.bytes += frame.as_ref().map_or(0, |frame| frame.len());
        let transfer = Transfer { position, order, one_way, rest: frame, queued: 0, in_parts };
        self.waiting.push_back(transfer);
    }

    /// The thread that wrote the first one leaves the rest to others.
    pub fn leave_rest(&mut self, rest: Chunk) {
        self.bytes += rest.len();
        if let Some(first) = self.waiting.front_mut() {
            first.rest = Some(rest);
        }
    }

    /// The sender of the first one gets an error, so it need not be counted.
    pub fn forget_one_way(&mut self) {
        if let Some(first) = self.waiting.front_mut().filter(|first| first.rest.is_none()) {
            first.one_way = false;
        } else if let Some(last) = self.ending.back_mut() {
            last.one_way = false;
        }
    }

    /// Takes the next piece of the first one; an empty piece if none waits.
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

    /// Returns what is left of the first one after a piece.
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

    /// The end offset of the first one is now known.
    pub fn ends_at(&mut self, end: u64) {
        if let Some(Transfer { position, one_way, .. }) = self.waiting.pop_front() {
            self.ending.push_back(Ending { position, end, one_way });
        }
    }

    /// Notes how much of the stream was sent.
    pub fn note_written(&mut self, written: u64) {
        while self.ending.front().is_some_and(|ending| ending.end <= written) {
            self.ending.pop_front();
        }
    }

    /// Whether all transfers before this position were sent.
    pub fn are_written(&self, next: u64) -> bool {
        let first = self.ending.front().map(|ending| ending.position);
        let first = first.or_else(|| self.waiting.front().map(|transfer| transfer.position));
        !self.lost && first.is_none_or(|first| first >= next)
    }

    /// What was sent, given that `bytes` bytes of the stream were.
    pub fn written(&self, bytes: u64) -> Written {
        let ending = self.ending.iter().map(|ending| ending.position);
        let waiting = self.waiting.iter().map(|transfer| transfer.position);
        Written { bytes, next: self.next(), unfinished: ending.chain(waiting).collect() }
    }

    /// Drops all transfers; returns how many were one-way calls.
    pub fn drop_all(&mut self) -> usize {
        self.lost |= !self.ending.is_empty() || !self.waiting.is_empty();
        let ending = self.ending.drain(..).filter(|ending| ending.one_way).count();
        let waiting = self.waiting.drain(..).filter(|transfer| transfer.one_way).count();
        self.bytes = 0;
        ending + waiting
    }
}

/// The head of a part whose bytes its own sender writes.
pub(super) fn part_head(last: bool, length: usize) -> Vec<u8> {
    let mut head = Vec::new();
    encode_part(&mut head, TRANSFER, last, length);
    head
}
