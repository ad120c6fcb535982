//! Runs one-way calls of a lane in batches.
//!
//! When the leader is about to serve a one-way call, it also takes the calls behind it in its buffer that
//! differ only in their arguments. One-way calls of a lane run one at a time anyway, so these would have to
//! wait; in a batch they share the first call's slot, its hold on the lane, and its turn of the leader.
//! Batches grow while they run quickly. A long batch is like any long call: another thread takes over
//! reading.

use std::time::{Duration, Instant};

use crate::connection::admit::over_budget;
use crate::connection::delegates::DelegateEntry;
use crate::connection::state::context::{CallContext, Scope};
use crate::connection::state::credit::Amount;
use crate::connection::state::inbound::{CallTemplate, Inbound};
use crate::connection::state::inbox::Inbox;
use crate::connection::{Connection, Core};
use crate::error::{Error, Status};
use crate::sync::Arc;
use crate::time;
use crate::wire::Frame;

/// The most calls in a batch after the first: enough to make the cost of a turn negligible.
const MAX_CALLS: usize = 255;

/// A batch should take no longer than this: half of what counts as a long call.
const MAX_TIME: Duration = Duration::from_micros(200);

/// The calls that run after the first one.
#[derive(Default)]
pub(super) struct OneWayBatch {
    frames: Vec<Frame>,
    bytes: u64,
    /// The present limit of their number.
    most: usize,
}

impl OneWayBatch {
    fn amount(&self) -> Amount {
        Amount { calls: self.frames.len() as u64, bytes: self.bytes }
    }

    pub fn count(&self) -> usize {
        self.frames.len()
    }

    /// Adapts the limit to a batch that began at `since` and ran `count` calls after the first.
    pub fn learn(&mut self, count: usize, since: Instant) {
        if count == 0 && self.most > 0 {
            return;
        }
        if time::since(since) > MAX_TIME {
            self.most /= 2;
        } else if count == self.most {
            self.most = (2 * self.most + 1).min(MAX_CALLS);
        }
    }
}

impl Core {
    /// Takes the calls that follow `first` in the inbox. `first` has been admitted, and this thread will
    /// serve it.
    pub(super) fn collect_batch(&self, inbox: &mut Inbox, first: &Inbound, into: &mut OneWayBatch) {
        if !first.is_one_way() || first.parent.is_some() {
            return;
        }
        // Calls beyond the peer's credit are read one by one, which detects the violation.
        let left = self.credit_left();
        into.bytes = 0;
        while into.frames.len() < into.most && (into.frames.len() as u64) < left.calls {
            let bytes_left = usize::try_from(left.bytes - into.bytes).unwrap_or(usize::MAX);
            let Some(frame) = inbox.buffered_with(first.head(), bytes_left) else { break };
            into.bytes += frame.len() as u64;
            into.frames.push(frame);
        }
        if into.count() == 0 {
            return;
        }
        self.incoming.note_used(into.amount());
        if !self.incoming.account.take(into.bytes) {
            let template = first.template();
            for frame in into.frames.drain(..) {
                self.refused(&template.call(frame), &over_budget());
            }
        }
    }
}

impl Connection {
    /// Runs the calls of a batch in order; returns the credit that they used.
    pub(super) fn run_batch(
        &self,
        batch: &mut OneWayBatch,
        template: &CallTemplate,
        entry: Option<&Arc<DelegateEntry>>,
    ) -> Amount {
        let amount = batch.amount();
        let _scope = Scope::enter(CallContext {
            runtime: self.0.runtime.address(),
            connection: self.0.address(),
            call: None,
            depth: 0,
            scope_id: template.scope_id,
            within: None,
        });
        for frame in batch.frames.drain(..) {
            let call = template.call(frame);
            match (self.stopped(), entry) {
                (Some(reason), _) => self.refuse(&call, &reason),
                (None, Some(entry)) => self.invoke(entry, call),
                // The first call found no delegate.
                (None, None) => drop(self.execute(call, None, None)),
            }
        }
        amount
    }

    /// Why calls of the batch that have not started must not start, if so. If the peer has gone, they still
    /// run.
    fn stopped(&self) -> Option<Error> {
        let core = &self.0;
        if !core.lifecycle.is_draining() {
            return None;
        }
        let gone = self.ended().is_some_and(|reason| reason.status() == Status::ChannelFaulted);
        if gone && !core.runtime.is_closing() {
            return None;
        }
        Some(Error::new(Status::Closed, "the connection is closing"))
    }
}
