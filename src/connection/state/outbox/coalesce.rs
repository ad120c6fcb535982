//! Frames that wait a little, to leave in one write with others.
//!
//! - One-way calls that follow each other quickly are held back in the queue, and so are answers while the
//!   leader has the next call at hand already. They leave before the next frame of another kind, when
//!   they are enough, when someone asks for it, or at the next tick.
//! - A caller that is not alone lets the others call first, and takes their calls along. It does so when they
//!   have just been answered with it and all run on one processor: each of them would else wake the
//!   peer, which would keep the next from running.

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
        let Some(mut queue) = self.assign_position(slices, assign_position, blocking, sender)?
        else {
            return Ok(AfterSend::Done);
        };
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

    /// Sends a call like [`Outbox::send`], together with those of others whose company is expected.
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
        let Some(mut queue) = self.assign_position(slices, assign_position, blocking, sender)?
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

    /// Callers that were just answered are about to call again: who is first lets the others come.
    pub fn cork_next_call(&self) {
        self.queue.lock().cork_next_call();
    }

    /// Sends an answer like [`Outbox::send`], or holds it back for those that come next.
    pub fn reply(
        &self,
        slices: [&[u8]; 2],
        blocking: Blocking,
        sender: &dyn Sender,
    ) -> Result<AfterSend> {
        if !self.passes(slices) {
            let frame = Outgoing { slices, order: Order::Free, one_way: false };
            return self.send_in_turn(frame, |_| true, blocking, sender);
        }
        let Some(mut queue) = self.assign_position(slices, |_| true, blocking, sender)? else {
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

    /// The leader has the next call at hand: answers wait for its own.
    pub fn cork_replies(&self) {
        self.queue.lock().set_replies_corked(true);
    }

    /// The leader has no more calls at hand: answers wait no longer, and those that did are written.
    pub fn uncork_replies(&self) -> AfterSend {
        let mut queue = self.queue.lock();
        queue.set_replies_corked(false);
        self.release_held(queue)
    }

    /// Has what is held back written: by this thread as far as it need not wait.
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

    /// Has what is held back written, so that nothing lies for longer than a tick.
    pub fn tick(&self) -> Ticked {
        let mut queue = self.queue.lock();
        let again = queue.tick();
        Ticked { after: self.release_held(queue), again }
    }

    /// Nobody is there to tick. What is held back is written now.
    pub fn has_no_ticks(&self) -> AfterSend {
        let mut queue = self.queue.lock();
        queue.has_no_ticks();
        self.release_held(queue)
    }
}
