//! Admits inbound calls, within the peer's credit and the host's memory, and returns that credit and
//! memory.

use crate::connection::dispatch::Handled;
use crate::connection::state::context::new_scope_id;
use crate::connection::state::credit::Amount;
use crate::connection::state::inbound::Inbound;
use crate::connection::state::inbox::protocol_error;
use crate::connection::state::outbox::{Blocking, Order};
use crate::connection::state::schedule::Admission;
use crate::connection::Core;
use crate::error::{Error, Result, Status};
use crate::threads::scratch::with_scratch;
use crate::wire::{encode_credit, Misfit};

impl Core {
    /// Admits a call that has arrived. Returns it if it may start now; otherwise it waits, or was refused.
    pub(super) fn admit(&self, mut call: Inbound, misfit: Option<Misfit<'_>>) -> Result<Handled> {
        self.note_use();
        if let Some(parent) = call.parent {
            self.nest(&mut call, parent)?;
        }
        let cost = call.cost();
        let used = self.incoming.note_used(Amount::call(cost));
        let most = self.most_used();
        if used.calls > most.calls || used.bytes > most.bytes {
            return Err(protocol_error(&"the peer sent more calls than it had credit for"));
        }
        if let Some(id) = call.id {
            if !self.incoming.unanswered.add(id) {
                let offence = format!("a call has the id {id}, which a call without a reply has");
                return Err(protocol_error(&offence));
            }
        }
        if !self.incoming.account.take(cost) {
            return Ok(self.refused(&call, &over_budget()));
        }
        if let Some(misfit) = misfit {
            return Ok(self.refused(&call, &Error::new(misfit.status(), misfit.to_string())));
        }
        call.ordered = self.runtime.owner.ordered(call.interface_bytes());
        if call.holds_lane() {
            call.scope_id = new_scope_id();
        }
        let mut schedule = self.incoming.schedule.lock();
        match schedule.arrive(&mut call) {
            Admission::Start => Ok(Handled::Start(call)),
            Admission::Wait => {
                schedule.enqueue(call);
                Ok(Handled::Done)
            }
            Admission::Refused(error) => {
                drop(schedule);
                Ok(self.refused(&call, &error))
            }
        }
    }

    /// Notes what a call that was made within a call of ours is nested in.
    fn nest(&self, call: &mut Inbound, parent: u64) -> Result<()> {
        let pending = &self.outgoing.pending;
        match pending.within(parent) {
            Some(within) => (call.depth, call.within) = within,
            // No call of ours waits for this one, which therefore counts as a root. A reply may overtake
            // calls that were made within its call.
            None if pending.was_issued(parent) => {}
            None => {
                let what = format!("a call nested in call {parent}, which was never made");
                return Err(protocol_error(&what));
            }
        }
        Ok(())
    }

    /// How much credit the peer may have used at most.
    fn most_used(&self) -> Amount {
        let limits = &self.runtime.limits;
        Amount {
            calls: (limits.inbound_calls + limits.nested_calls) as u64,
            bytes: (limits.inbound_bytes + limits.frame) as u64,
        }
    }

    /// How much credit the peer has left.
    pub(super) fn credit_left(&self) -> Amount {
        self.incoming.unused(self.most_used())
    }

    /// Replies to a call that will not start.
    #[cold]
    pub(super) fn refused(&self, call: &Inbound, error: &Error) -> Handled {
        // The reader must not wait for room.
        self.connection().refuse_at_once(call, error);
        if call.is_one_way() {
            self.owe(Amount::call(call.cost()));
        }
        Handled::Done
    }

    /// Returns what finished one-way calls used: memory at once, and credit in batches.
    pub(super) fn owe(&self, amount: Amount) {
        self.incoming.account.give(amount.bytes);
        self.owe_credit(amount);
    }

    /// Returns credit of one-way calls in batches. A batch is large enough to be rare, and small enough that
    /// the peer always has credit for its largest frame.
    pub(super) fn owe_credit(&self, amount: Amount) {
        let limits = &self.runtime.limits;
        let batch_calls = (limits.inbound_calls as u64 / 4).max(1);
        let batch_bytes = (limits.inbound_bytes as u64 / 4)
            .min(limits.inbound_bytes.saturating_sub(limits.frame) as u64);
        let mut finished = self.incoming.finished.lock();
        finished.count += amount.calls;
        finished.owed.add(amount);
        if finished.owed.calls < batch_calls && finished.owed.bytes < batch_bytes {
            return;
        }
        let due = std::mem::take(&mut finished.owed);
        drop(finished);
        self.incoming.forget_used(due);
        with_scratch(|frame| {
            encode_credit(frame, due.calls, due.bytes);
            self.send_control_in(Order::Free, frame, Blocking::Prompted);
        });
    }
}

pub(super) fn over_budget() -> Error {
    Error::new(
        Status::LimitExceeded,
        "calls without a reply take more memory than the receiver allows this connection; try again later, or raise host_inbound_bytes",
    )
}
