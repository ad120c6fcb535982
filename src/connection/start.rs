//! Outbound calls that are not waited for.

use std::time::Instant;

use crate::connection::call::{Reply, Request};
use crate::connection::state::outbox::{Blocking, Order};
use crate::connection::state::outgoing::Outgoing;
use crate::connection::state::pending::{Replied, ReplySlot};
use crate::connection::Core;
use crate::error::{Error, Execution, Result, Status};
use crate::sync::{Arc, Weak};
use crate::threads::scratch::with_scratch;

/// The connection on which a started call was sent.
#[derive(Clone)]
pub(crate) struct InFlight {
    core: Weak<Core>,
    id: u64,
    slot: Arc<ReplySlot>,
}

impl InFlight {
    /// Ends the call because its caller no longer waits, if it has no outcome yet.
    pub fn cancel(&self, status: Status) {
        if self.slot.cancel(status) {
            if let Some(core) = self.core.upgrade() {
                core.send_cancel(self.id, &self.slot);
            }
        }
    }
}

impl Core {
    /// Starts a call. False if there is no credit now and waiting was not allowed.
    ///
    /// `attach` learns where the call is sent, before it is sent, and may still cancel it. From then on
    /// only `done` gets the outcome, on whichever thread it arrives; `done` must not wait.
    pub(crate) fn start(
        &self,
        request: &Request<'_>,
        deadline: Option<Instant>,
        blocking: Blocking,
        attach: impl FnOnce(InFlight) -> bool,
        done: impl FnOnce(Result<Reply>) + Send + 'static,
    ) -> Result<bool> {
        with_scratch(|head| {
            let (id, cost) = self.encode(head, request, deadline)?;
            let began = Outgoing::began(id);
            if let Blocking::Until(until) = blocking {
                self.take_credit(&cost, until, request.cancellation)?;
            } else if !self.try_take_credit(&cost)? {
                return Ok(false);
            }
            let slot = self.outgoing.pending.open(id, cost)?;
            self.reader.add_dependant();
            let core = self.me.clone();
            slot.on_done(Box::new(move |outcome| {
                if let Some(core) = core.upgrade() {
                    core.reader.remove_dependant();
                    core.outgoing.note_latency(began);
                }
                done(outcome.map(Reply::new));
            }));
            if !attach(InFlight { core: self.me.clone(), id, slot: slot.clone() }) {
                slot.cancel(Status::Cancelled);
                self.send_cancel(id, &slot);
                return Ok(true);
            }
            let assign_position = |position| slot.assign_position(position);
            let slices = [head.as_slice(), request.arguments];
            let sent = self.outbox.send(
                slices,
                Order::Lane(request.lane),
                assign_position,
                Blocking::Never,
                self,
            );
            if let Err(error) = self.after_sending(sent) {
                // A call that has a position in the stream gets its outcome from the connection's end.
                if !slot.has_position() {
                    self.not_started(id, error);
                }
            }
            Ok(true)
        })
    }

    fn not_started(&self, id: u64, error: Error) {
        let answered = self.outgoing.pending.reply(id, || Err(error.of_call(Execution::NotRun)));
        if let Replied::Call { cost, .. } = answered {
            self.outgoing.give_credit(&cost);
        }
    }
}
