//! How a connection is closed in order.
//!
//! The closing side says goodbye, replies to running calls, ends only its own sending, and goes on reading
//! until the peer ends the stream too. Ending both directions at once would lose what the peer has not yet
//! read: TCP discards it when more data arrives after the end. The peer ends the stream as soon as it has
//! read everything.
//!
//! Calls of the peer may cross the goodbye. Each must be refused before this side ends its sending, so that
//! its caller knows that it did not run. A ping follows the goodbye: when its pong has arrived, all of them
//! have.

use std::time::{Duration, Instant};

use crate::connection::call::Dependant;
use crate::connection::state::outbox::{Order, Sender};
use crate::connection::{Blocking, Connection, Core};
use crate::error::{Error, Result, Status};
use crate::limits::LINGER;
use crate::sync::Weak;
use crate::threads::timers::Timed;
use crate::time;
use crate::wire::{encode_goodbye, encode_ping};

/// The token of the ping behind a goodbye. Other pings have 0.
pub(super) const GOODBYE_PING: u64 = 1;

impl Connection {
    /// Sends goodbye, and starts no more of the peer's calls.
    pub(crate) fn send_goodbye(&self, why: &Error) {
        let core = &self.0;
        let mut frame = Vec::new();
        encode_goodbye(&mut frame, why.status().code().into(), why.message());
        encode_ping(&mut frame, GOODBYE_PING);
        let (sent, left) = {
            // Calls start under this lock, so none starts behind the goodbye.
            let mut schedule = core.incoming.schedule.lock();
            // First, so that the peer knows why its calls are refused, and makes them elsewhere.
            let sent =
                core.outbox.send([&frame, &[]], Order::Free, |_| true, Blocking::Never, &**core);
            (sent, schedule.end())
        };
        core.after_sending(sent).ok();
        core.lifecycle.drain();
        for call in left {
            self.refuse_at_once(&call, &Error::new(Status::Closed, why.message()));
            if call.is_one_way() {
                core.incoming.account.give(call.cost());
            }
        }
    }

    /// Waits until everything sent so far has been handed to the operating system. Calls that wait for the
    /// peer to catch up are not included.
    ///
    /// # Errors
    /// Timed out, or the reason why the connection ended first.
    pub fn flush(&self, timeout: Duration) -> Result<()> {
        self.0.runtime.check()?;
        let deadline = time::after(timeout);
        self.0.release_held();
        if self.0.outbox.wait_sent(deadline).is_some() {
            return Ok(());
        }
        Err(self.ended().unwrap_or_else(|| {
            Error::new(
                Status::TimedOut,
                "not everything was sent in time; the rest is still being sent",
            )
        }))
    }

    /// Waits, after [`Connection::send_goodbye`], until the running calls have their replies.
    pub(crate) fn drain(&self, deadline: Instant) {
        let core = &self.0;
        let mut schedule = core.incoming.schedule.lock();
        while self.is_open() && !(schedule.is_idle() && core.incoming.unanswered.is_empty()) {
            if core.incoming.returned.wait_until(&mut schedule, deadline).timed_out() {
                break;
            }
        }
    }

    /// By when peers must have answered the goodbyes that were just sent, in a close that ends by `deadline`:
    /// one that does not answer must leave time for the rest.
    pub(crate) fn crossing_ends(deadline: Instant) -> Instant {
        time::after((time::left(deadline) / 2).min(LINGER))
    }

    /// Waits until the calls that crossed the goodbye have been refused.
    pub(crate) fn await_crossing_calls(&self, deadline: Instant) {
        let _reads = Dependant::new(&self.0);
        self.0.about_to_block();
        self.0.lifecycle.wait_goodbye_read(deadline);
    }

    /// Ends sending, after [`Connection::drain`], once everything is sent. Waiting calls of this side end
    /// with `reason`.
    pub(crate) fn half_close(&self, reason: &Error, deadline: Instant) {
        let core = &self.0;
        core.outbox.close(reason);
        core.release_held();
        let Some(written) = core.outbox.wait_sent(deadline) else {
            return core.end(reason.clone());
        };
        core.lifecycle.half_close(reason);
        core.outgoing.end(reason, &written);
        core.control.finish();
        core.read_to_the_end();
    }

    /// Waits, after [`Connection::half_close`], until the peer has ended the stream, and ends it. Leaves
    /// time before the deadline to close the rest.
    pub(crate) fn await_peer_close(&self, reason: &Error, deadline: Instant) {
        let deadline = time::after((time::left(deadline) / 2).min(LINGER));
        self.await_end(reason, deadline);
    }

    /// Waits until the peer has ended the stream. If it has not by the deadline, ends the connection with
    /// `reason`.
    pub(super) fn await_end(&self, reason: &Error, deadline: Instant) {
        let core = &self.0;
        core.lifecycle.wait_ended(deadline);
        core.end(reason.clone());
    }
}

impl Core {
    /// Makes no more calls, since the peer has said goodbye, which its calls end with.
    pub(super) fn heed_goodbye(&self, reason: Error) {
        // First, so that whichever call is refused now knows why.
        let is_first = self.lifecycle.note_goodbye(reason.clone());
        self.outbox.refuse_calls(&reason);
        self.outgoing.end_credit(&reason);
        if is_first {
            self.watch_departure();
        }
    }

    /// Gives the peer, which has said goodbye, the drain timeout to end the stream.
    fn watch_departure(&self) {
        let patience = self.runtime.limits.drain_timeout.max(LINGER);
        let me: Weak<dyn Timed> = self.me.clone();
        match self.runtime.timers.add(time::after(patience), me, &self.runtime.workers) {
            Ok(timer) => *self.departure.lock() = Some(timer),
            Err(error) => self.end(error),
        }
    }

    /// Ends the connection unless calls of this side still wait for replies: then the peer may go on.
    fn end_departure(&self) {
        if self.outgoing.pending.has_waiting() {
            return self.watch_departure();
        }
        let message = "the connection was ended: the peer has kept it after its goodbye";
        self.end(Error::new(Status::ChannelFaulted, message));
    }

    /// Makes sure that some thread reads until the stream ends.
    pub(super) fn read_to_the_end(&self) {
        // The monitor may be gone.
        self.reader.stay();
        self.about_to_block();
    }
}

impl Timed for Core {
    fn expire(&self) {
        let connection = self.connection();
        // The end may wait for a writer.
        self.runtime.workers.execute_or_run_here(move || connection.0.end_departure());
    }
}
