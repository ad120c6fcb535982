//! Calls that go out and are not waited for.

use std::time::Instant;

use crate::connection::call::{Reply, Request};
use crate::connection::state::outbox::{Order, Patience};
use crate::connection::state::pending::{Answered, Slot};
use crate::connection::Core;
use crate::error::{Error, Execution, Result, Status};
use crate::sync::{Arc, Weak};
use crate::threads::scratch::with_scratch;

/// Where a started call was sent.
#[derive(Clone)]
pub(crate) struct Sent {
    core: Weak<Core>,
    id: u64,
    slot: Arc<Slot>,
}

impl Sent {
    /// Ends it because its caller waits no longer, if it has no outcome yet.
    pub fn withdraw(&self, status: Status) {
        if self.slot.withdraw(status) {
            if let Some(core) = self.core.upgrade() {
                core.tell_withdrawn(self.id, &self.slot);
            }
        }
    }
}

/// Whether [`Core::start`] may wait for credit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Waiting {
    No,
    Yes,
}

impl Core {
    /// Starts a call. False when there is no credit for it now, and waiting was not allowed.
    ///
    /// `attach` learns where it is sent, before it is, and may still withdraw it. From then on its
    /// outcome goes to `done` alone, on whichever thread brings it; `done` must not wait.
    pub(crate) fn start(
        &self,
        request: &Request<'_>,
        deadline: Option<Instant>,
        waiting: Waiting,
        attach: impl FnOnce(Sent) -> bool,
        done: impl FnOnce(Result<Reply>) + Send + 'static,
    ) -> Result<bool> {
        with_scratch(|head| {
            let (id, cost) = self.encode(head, request, deadline)?;
            if waiting == Waiting::Yes {
                self.take_credit(&cost, deadline, request.withdrawal)?;
            } else if !self.try_take_credit(&cost)? {
                return Ok(false);
            }
            let slot = self.pending.open(id, cost)?;
            self.role.need();
            let core = self.me.clone();
            slot.on_done(Box::new(move |outcome| {
                if let Some(core) = core.upgrade() {
                    core.role.need_no_more();
                }
                done(outcome.map(Reply::new));
            }));
            if !attach(Sent { core: self.me.clone(), id, slot: slot.clone() }) {
                slot.withdraw(Status::Cancelled);
                self.tell_withdrawn(id, &slot);
                return Ok(true);
            }
            let place = |position| slot.place(position);
            let parts = [head.as_slice(), request.arguments];
            let sent =
                self.outbox.send(parts, Order::Lane(request.lane), place, Patience::None, self);
            if let Err(error) = self.after_sending(sent) {
                // One that has a place in the stream gets its outcome from the connection's end.
                if !slot.is_placed() {
                    self.not_started(id, error);
                }
            }
            Ok(true)
        })
    }

    fn not_started(&self, id: u64, error: Error) {
        let answered = self.pending.answer(id, || Err(error.with_execution(Execution::NotRun)));
        if let Answered::Call { cost, .. } = answered {
            self.give_credit(&cost);
        }
    }
}
