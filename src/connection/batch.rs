//! One-way calls that follow another of their lane run in its turn.
//!
//! When the leader has a one-way call to serve, it takes along those behind it in its buffer that differ
//! from it in their arguments alone. They would have to wait for it in any case, since one-way calls of
//! a lane run one at a time, and so they share its slot, its hold on the lane and its turn of the role.
//! How many the leader takes along grows while that goes quickly; others are read for meanwhile as
//! with any call that runs long.

use std::time::{Duration, Instant};

use crate::connection::admit::over_budget;
use crate::connection::delegates::DelegateEntry;
use crate::connection::state::context::{CallContext, Scope};
use crate::connection::state::credit::Amount;
use crate::connection::state::inbound::{CallTemplate, Inbound};
use crate::connection::state::inbox::Inbox;
use crate::connection::{Connection, Core};
use crate::error::{Error, Status};
use crate::sync::atomic::Ordering;
use crate::sync::Arc;
use crate::time;
use crate::wire::Frame;

/// Followers of one call, at most: what a turn costs beside them is then next to nothing.
const MAX_CALLS: usize = 255;

/// A turn should take no longer: half of what makes a call long.
const MAX_TIME: Duration = Duration::from_micros(200);

/// What a leader takes along.
#[derive(Default)]
pub(super) struct OneWayBatch {
    frames: Vec<Frame>,
    bytes: u64,
    /// How many it may be now.
    most: usize,
}

impl OneWayBatch {
    fn amount(&self) -> Amount {
        Amount { calls: self.frames.len() as u64, bytes: self.bytes }
    }

    pub fn count(&self) -> usize {
        self.frames.len()
    }

    /// Learns from a turn that began then, in which a one-way call and so many followers ran.
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
    /// Takes the calls along that follow `first` in the inbox, which has been admitted and will be served
    /// by this thread.
    pub(super) fn collect_batch(&self, inbox: &mut Inbox, first: &Inbound, into: &mut OneWayBatch) {
        if !first.is_one_way() || first.is_nested() {
            return;
        }
        // Beyond what the peer has credit for they are read one by one, which tells it.
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
        self.note_used(into.amount());
        if !self.runtime.budget.take(into.bytes) {
            let template = first.template();
            for frame in into.frames.drain(..) {
                self.refused(template.call(frame), over_budget());
            }
        }
    }
}

impl Connection {
    /// Runs calls in their order after the one that they follow; returns what they took.
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
                // Nobody could be had to serve the first one.
                (None, None) => drop(self.execute(call, None)),
            }
        }
        amount
    }

    /// Why calls that have not started do not, if they do not. Those of a peer that has gone do.
    fn stopped(&self) -> Option<Error> {
        let core = &self.0;
        if !core.draining.load(Ordering::Acquire) {
            return None;
        }
        let gone = self.ended().is_some_and(|reason| reason.status() == Status::ChannelFaulted);
        if gone && !core.runtime.is_closing() {
            return None;
        }
        Some(Error::new(Status::Closed, "the connection is closing"))
    }
}
