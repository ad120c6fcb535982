//! Frames that leave in parts, so that others can go between them.
//!
//! A sender that finds the transmitting half free writes its own large frame, part by part, and in between
//! what others have queued meanwhile. Otherwise a copy waits, in order, for the thread that writes. Small
//! frames may pass large ones, except those of the same lane, which wait behind.

use std::ops::Range;

use crate::chunk::Chunk;
use crate::connection::state::outbox::queue::Queue;
use crate::connection::state::outbox::transfers::part_head;
use crate::connection::state::outbox::write::{cut_short, length, lost, not_queued, remaining};
use crate::connection::state::outbox::{AfterSend, Blocking, Order, Outbox, Sender};
use crate::error::Result;
use crate::sync::atomic::Ordering;
use crate::sync::MutexGuard;
use crate::transport::Transmit;

/// The size of a frame's length field, which a frame in parts omits.
const LENGTH: usize = 4;

/// How a frame leaves.
pub(super) enum Passage {
    /// At once, or with what is queued.
    Whole,
    /// In parts that its sender writes.
    InParts,
    /// After others, as a copy.
    Behind(Chunk),
}

/// A frame to be sent.
#[derive(Clone, Copy)]
pub(super) struct Outgoing<'a> {
    pub slices: [&'a [u8]; 2],
    pub order: Order,
    pub one_way: bool,
}

impl Outbox {
    /// Whether a frame leaves without regard to others.
    #[inline]
    pub(super) fn passes(&self, slices: [&[u8]; 2]) -> bool {
        slices[0].len() + slices[1].len() < self.pass_below.load(Ordering::Relaxed)
    }

    /// Called when transfers were added or removed: see [`Outbox::passes`].
    pub(super) fn note_transfers(&self, queue: &Queue) {
        let none = queue.transfers.is_empty();
        let below = if none { queue.cut.above.saturating_add(1) } else { 0 };
        self.pass_below.store(below, Ordering::Relaxed);
    }

    /// Sends a frame that is large, or that finds large ones in progress.
    #[cold]
    pub(super) fn send_in_turn(
        &self,
        frame: Outgoing<'_>,
        assign_position: impl FnOnce(u64) -> bool,
        blocking: Blocking,
        sender: &dyn Sender,
    ) -> Result<AfterSend> {
        let (mut queue, passage) = self.find_way(frame, blocking, sender)?;
        if let Some(reason) = queue.gate.refuses(frame.order) {
            return Err(reason.clone());
        }
        if let Passage::Whole = passage {
            queue.reserve(length(frame.slices))?;
            let position = queue.queued_offset + length(frame.slices) as u64;
            if !assign_position(position) {
                return Ok(AfterSend::Done);
            }
            queue.queued_offset = position;
            queue.posted += u64::from(frame.one_way);
            queue.push(frame.slices, frame.one_way.then_some(position));
            return Ok(self.release_held(queue));
        }
        // Before any thread can know the position.
        self.pass_below.store(0, Ordering::Relaxed);
        if assign_position(queue.transfers.next()) {
            return self.send_large(queue, frame, passage, blocking, sender);
        }
        self.note_transfers(&queue);
        Ok(AfterSend::Done)
    }

    /// Determines how a frame leaves; waits for room unless it passes the others.
    fn find_way(
        &self,
        frame: Outgoing<'_>,
        blocking: Blocking,
        sender: &dyn Sender,
    ) -> Result<(MutexGuard<'_, Queue>, Passage)> {
        let Outgoing { slices, order, .. } = frame;
        let mut queue = self.queue.lock();
        let in_parts = length(slices) > queue.cut.above;
        if let Blocking::Until(deadline) = blocking {
            let measure =
                if queue.holds_up(length(slices), order) { Queue::length } else { Queue::bytes };
            if measure(&queue) > self.limits.queue {
                drop(queue);
                sender.about_to_block();
                queue = self.wait_for_short_queue(deadline, sender, measure)?;
            }
        }
        if let Blocking::Prompted = blocking {
            queue.note_prompted(length(slices), self.limits.prompted)?;
        }
        let mut copy = None;
        loop {
            let is_over = queue.gate.refuses(order).is_some();
            if is_over || !queue.holds_up(length(slices), order) {
                return Ok((queue, Passage::Whole));
            }
            if queue.transfers.is_empty() && queue.has_idle_half() {
                return Ok((queue, Passage::InParts));
            }
            if let Some(copy) = copy {
                return Ok((queue, Passage::Behind(copy)));
            }
            // Not under the lock, since it takes a while.
            drop(queue);
            copy = Some(copy_of(slices, if in_parts { LENGTH } else { 0 })?);
            queue = self.queue.lock();
        }
    }

    /// Sends a frame that has its position, in parts or behind others.
    fn send_large(
        &self,
        mut queue: MutexGuard<'_, Queue>,
        frame: Outgoing<'_>,
        passage: Passage,
        blocking: Blocking,
        sender: &dyn Sender,
    ) -> Result<AfterSend> {
        let Outgoing { slices, order, one_way } = frame;
        let in_parts = length(slices) > queue.cut.above;
        let copy = match passage {
            Passage::Behind(copy) => Some(copy),
            Passage::InParts | Passage::Whole => None,
        };
        let own = if copy.is_none() { queue.writer.take_half() } else { None };
        queue.posted += u64::from(one_way);
        queue.push_transfer(order, one_way, copy, in_parts);
        match own {
            Some(transmit) => {
                drop(queue);
                self.write_in_parts(transmit, slices, blocking, sender)
            }
            // If the half is taken, its holder checks the queue before giving it back.
            None => Ok(if queue.writer.is_idle() { queue.ask_flush() } else { AfterSend::Done }),
        }
    }

    /// Writes the first transfer straight from its sender's memory, and in between what others queue.
    fn write_in_parts(
        &self,
        mut transmit: Box<dyn Transmit>,
        frame: [&[u8]; 2],
        blocking: Blocking,
        sender: &dyn Sender,
    ) -> Result<AfterSend> {
        let whole = length(frame);
        let mut queue = self.queue.lock();
        let mut begin = LENGTH;
        while begin < whole {
            let end = whole.min(begin + queue.cut.part);
            let head = part_head(end == whole, end - begin);
            queue.assign_piece_offset(head.len() + end - begin, end == whole);
            self.note_transfers(&queue);
            let batch = queue.take_bytes();
            drop(queue);
            if !batch.is_empty() {
                self.changed.notify_all();
            }
            let [first, second] = within(frame, begin..end);
            let slices = [&batch[..], &head, first, second];
            let (sent, outcome) = self.write(&mut *transmit, slices, blocking, sender);
            begin = end;
            // What is left is copied before the lock is taken.
            let left = match outcome {
                Ok(()) => copies_of(&remaining(slices, sent), &within(frame, begin..whole)),
                Err(error) => Err(lost(&error)),
            };
            queue = self.queue.lock();
            queue.note_written(sent);
            match left.and_then(|left| queue.leave(left)) {
                Ok(false) => queue.keep(batch),
                Ok(true) => break,
                Err(error) => {
                    queue.transfers.forget_one_way();
                    return Err(self.give_up(queue, transmit, error));
                }
            }
            if self.is_ending() {
                // The rest of a large frame would take too long.
                break;
            }
        }
        Ok(self.drain(queue, transmit, Blocking::Never))
    }
}

/// Copies of what is left of a write, and of the frame behind it; `None` if everything was written.
fn copies_of(left: &[&[u8]], behind: &[&[u8]]) -> Result<Option<(Chunk, Chunk)>> {
    if left.iter().all(|slice| slice.is_empty()) {
        return Ok(None);
    }
    let copies = Chunk::copy_of(left).and_then(|left| Ok((left, Chunk::copy_of(behind)?)));
    copies.map(Some).map_err(cut_short)
}

/// The bytes of a frame in this range.
fn within(slices: [&[u8]; 2], range: Range<usize>) -> [&[u8]; 2] {
    let [first, second] = remaining(slices, range.start);
    let of_first = first.len().min(range.len());
    [&first[..of_first], &second[..range.len() - of_first]]
}

fn copy_of(slices: [&[u8]; 2], from: usize) -> Result<Chunk> {
    Chunk::copy_of(&remaining(slices, from)).map_err(|reason| not_queued(length(slices), reason))
}
