//! Frames that are held back for a moment, to leave with others in one write.
//!
//! - One-way calls in quick succession are held back in the queue, and so are replies while the leader
//!   already has the next call at hand. They leave before the next frame of another kind, when there are
//!   enough of them, when a thread asks for it, or at the next tick.
//! - A caller may let others call first, and then send their calls with its own. It does so if they all
//!   have just received their replies and share one processor with the peer: otherwise each call would wake
//!   the peer, which would keep the next caller from running.

use crate::connection::state::outbox::large::Outgoing;
use crate::connection::state::outbox::queue::Queue;
use crate::connection::state::outbox::{AfterSend, Blocking, Order, Outbox, Sender, Ticked};
use crate::error::Result;
use crate::sync::{thread, MutexGuard};

impl Outbox {
    /// Sends a one-way call like [`Outbox::send`], or holds it back if others came just before.
    pub fn post(
        &self,
        slices: [&[u8]; 2],
        order: Order,
        assign_position: impl FnOnce(u64) -> bool,
        blocking: Blocking,
        sender: &dyn Sender,
    ) -> Result<AfterSend> {
        if !self.passes(slices) {
            return self.send_in_turn(
                Outgoing { slices, order, one_way: true },
                assign_position,
                blocking,
                sender,
            );
        }
        let Some(mut queue) =
            self.assign_position(slices, order, assign_position, blocking, sender)?
        else {
            return Ok(AfterSend::Done);
        };
        queue.posted += 1;
        let one_way = Some(queue.queued_offset);
        if !queue.holds_back(slices[0].len() + slices[1].len()) {
            return self.write_or_queue(queue, slices, one_way, blocking, sender);
        }
        queue.push(slices, one_way);
        if queue.has_enough() {
            return Ok(self.release_held(queue));
        }
        Ok(queue.ask_ticks())
    }

    /// Sends a call like [`Outbox::send`], together with those of callers that are expected to call now.
    pub fn call(
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
        let Some(mut queue) =
            self.assign_position(slices, order, assign_position, blocking, sender)?
        else {
            return Ok(AfterSend::Done);
        };
        let Some(half) = queue.half_for_corked_call(slices[0].len() + slices[1].len()) else {
            return self.write_or_queue(queue, slices, None, blocking, sender);
        };
        queue.push(slices, None);
        queue.urgent = true;
        drop(queue);
        thread::yield_now();
        Ok(self.drain(self.queue.lock(), half, Blocking::Never))
    }

    /// Callers that just got replies will probably call again at once. The first to do so yields, so that
    /// one write can carry them all.
    pub fn cork_next_call(&self) {
        self.queue.lock().cork_next_call();
    }

    /// Sends a reply like [`Outbox::send`], or holds it back for the next ones.
    pub fn reply(
        &self,
        slices: [&[u8]; 2],
        assign_position: impl FnOnce(u64) -> bool,
        blocking: Blocking,
        sender: &dyn Sender,
    ) -> Result<AfterSend> {
        if !self.passes(slices) {
            let frame = Outgoing { slices, order: Order::Free, one_way: false };
            return self.send_in_turn(frame, assign_position, blocking, sender);
        }
        let Some(mut queue) =
            self.assign_position(slices, Order::Free, assign_position, blocking, sender)?
        else {
            return Ok(AfterSend::Done);
        };
        if !queue.corks_reply(slices[0].len() + slices[1].len()) {
            return self.write_or_queue(queue, slices, None, blocking, sender);
        }
        queue.push(slices, None);
        if queue.has_enough() {
            return Ok(self.release_held(queue));
        }
        Ok(queue.ask_ticks())
    }

    /// Holds replies back, since the leader has the next call at hand.
    pub fn cork_replies(&self) {
        self.queue.lock().set_replies_corked(true);
    }

    /// Stops holding replies back, and writes those held.
    pub fn uncork_replies(&self) -> AfterSend {
        let mut queue = self.queue.lock();
        queue.set_replies_corked(false);
        self.release_held(queue)
    }

    /// Writes what is held back, on this thread as far as that needs no waiting.
    pub fn release(&self) -> AfterSend {
        self.release_held(self.queue.lock())
    }

    pub(super) fn release_held(&self, mut queue: MutexGuard<'_, Queue>) -> AfterSend {
        if queue.bytes.is_empty() {
            return AfterSend::Done;
        }
        queue.urgent = true;
        match queue.idle_half() {
            Some(transmit) => self.drain(queue, transmit, Blocking::Never),
            None => AfterSend::Done,
        }
    }

    /// Writes what is held back, so that nothing is held for longer than a tick.
    pub fn tick(&self) -> Ticked {
        let mut queue = self.queue.lock();
        let again = queue.tick();
        Ticked { after: self.release_held(queue), again }
    }

    /// Called if there is nobody to tick: writes what is held back now.
    pub fn has_no_ticks(&self) -> AfterSend {
        let mut queue = self.queue.lock();
        queue.has_no_ticks();
        self.release_held(queue)
    }
}
