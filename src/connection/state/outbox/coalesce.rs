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
use crate::connection::state::outbox::{Order, Outbox, Patience, Rest, Ticked, Yielding};
use crate::error::Result;
use crate::sync::{thread, MutexGuard};

impl Outbox {
    /// Sends a one-way call like [`Outbox::send`], or holds it back if others came just before.
    pub fn post(
        &self,
        parts: [&[u8]; 2],
        order: Order,
        place: impl FnOnce(u64) -> bool,
        patience: Patience,
        reader: &dyn Yielding,
    ) -> Result<Rest> {
        if !self.passes(parts) {
            return self.send_in_turn(
                Outgoing { parts, order, one_way: true },
                place,
                patience,
                reader,
            );
        }
        let Some(mut queue) = self.place(parts, place, patience, reader)? else {
            return Ok(Rest::Nothing);
        };
        let one_way = Some(queue.placed);
        if !queue.holds_back(parts[0].len() + parts[1].len()) {
            return self.send_placed(queue, parts, one_way, patience, reader);
        }
        queue.push(parts, one_way);
        if queue.has_enough() {
            return Ok(self.release_held(queue));
        }
        Ok(queue.ask_ticks())
    }

    /// Sends a call like [`Outbox::send`], together with those of others whose company is expected.
    pub fn call(
        &self,
        parts: [&[u8]; 2],
        order: Order,
        place: impl FnOnce(u64) -> bool,
        patience: Patience,
        reader: &dyn Yielding,
    ) -> Result<Rest> {
        if !self.passes(parts) {
            return self.send_in_turn(
                Outgoing { parts, order, one_way: false },
                place,
                patience,
                reader,
            );
        }
        let Some(mut queue) = self.place(parts, place, patience, reader)? else {
            return Ok(Rest::Nothing);
        };
        let Some(half) = queue.half_for_company(parts[0].len() + parts[1].len()) else {
            return self.send_placed(queue, parts, None, patience, reader);
        };
        queue.push(parts, None);
        queue.urgent = true;
        drop(queue);
        thread::yield_now();
        Ok(self.drain(self.queue.lock(), half, Patience::None))
    }

    /// Callers that were just answered are about to call again: who is first lets the others come.
    pub fn expect_company(&self) {
        self.queue.lock().expect_company();
    }

    /// Sends an answer like [`Outbox::send`], or holds it back for those that come next.
    pub fn answer(
        &self,
        parts: [&[u8]; 2],
        patience: Patience,
        reader: &dyn Yielding,
    ) -> Result<Rest> {
        if !self.passes(parts) {
            let frame = Outgoing { parts, order: Order::Free, one_way: false };
            return self.send_in_turn(frame, |_| true, patience, reader);
        }
        let Some(mut queue) = self.place(parts, |_| true, patience, reader)? else {
            return Ok(Rest::Nothing);
        };
        if !queue.holds_answer(parts[0].len() + parts[1].len()) {
            return self.send_placed(queue, parts, None, patience, reader);
        }
        queue.push(parts, None);
        if queue.has_enough() {
            return Ok(self.release_held(queue));
        }
        Ok(queue.ask_ticks())
    }

    /// The leader has the next call at hand: answers wait for its own.
    pub fn hold_answers(&self) {
        self.queue.lock().set_answers_wait(true);
    }

    /// The leader has no more calls at hand: answers wait no longer, and those that did are written.
    pub fn release_answers(&self) -> Rest {
        let mut queue = self.queue.lock();
        queue.set_answers_wait(false);
        self.release_held(queue)
    }

    /// Has what is held back written: by this thread as far as it need not wait.
    pub fn release(&self) -> Rest {
        self.release_held(self.queue.lock())
    }

    pub(super) fn release_held(&self, mut queue: MutexGuard<'_, Queue>) -> Rest {
        if queue.bytes.is_empty() {
            return Rest::Nothing;
        }
        queue.urgent = true;
        match queue.idle_half() {
            Some(transmit) => self.drain(queue, transmit, Patience::None),
            None => Rest::Nothing,
        }
    }

    /// Has what is held back written, so that nothing lies for longer than a tick.
    pub fn tick(&self) -> Ticked {
        let mut queue = self.queue.lock();
        let again = queue.tick();
        Ticked { rest: self.release_held(queue), again }
    }

    /// Nobody is there to tick. What is held back is written now.
    pub fn has_no_ticks(&self) -> Rest {
        let mut queue = self.queue.lock();
        queue.has_no_ticks();
        self.release_held(queue)
    }
}
