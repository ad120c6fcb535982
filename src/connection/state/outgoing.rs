//! Calls that this side makes: what waits for replies, and what the peer's limits leave room for.

use std::time::{Duration, Instant};

use crate::connection::state::credit::{Amount, Credits};
use crate::connection::state::outbox::Written;
use crate::connection::state::pending::{Cost, Pending};
use crate::counters::{is_measured, CallCounters, LazyHistogram};
use crate::error::Error;
use crate::time;
use crate::wire::PeerLimits;

/// The outgoing calls of one connection.
pub(crate) struct Outgoing {
    pub pending: Pending,
    /// What root calls and one-way calls may use.
    pub credits: Credits,
    /// What nested calls may use.
    pub nested_credits: Credits,
    /// The largest frame that the peer accepts.
    pub largest_frame: u64,
    /// How long some of the calls took, from the call to its outcome.
    latencies: LazyHistogram,
}

impl Outgoing {
    pub fn new(takes: &PeerLimits) -> Outgoing {
        let nested = Amount { calls: takes.nested_calls, bytes: takes.nested_bytes };
        Outgoing {
            pending: Pending::new(),
            credits: Credits::new(Amount { calls: takes.calls, bytes: takes.bytes }),
            nested_credits: Credits::new(nested),
            largest_frame: takes.frame,
            latencies: LazyHistogram::default(),
        }
    }

    /// When a call with this id begins, if its time is measured.
    #[inline]
    pub fn began(id: u64) -> Option<Instant> {
        is_measured(id).then(time::now)
    }

    /// Counts how long a call took, if that is measured.
    #[inline]
    pub fn note_latency(&self, began: Option<Instant>) {
        if let Some(began) = began {
            self.note_time(time::since(began));
        }
    }

    #[cold]
    fn note_time(&self, taken: Duration) {
        self.latencies.note(taken);
    }

    /// Adds what was called and what has no reply yet.
    pub fn add_counts(&self, sum: &mut CallCounters) {
        let (calls, in_flight) = self.pending.counts();
        sum.calls += calls;
        sum.in_flight += in_flight;
        self.latencies.add_to(&mut sum.latencies);
    }

    /// Gives back what a call took.
    pub fn give_credit(&self, cost: &Cost) {
        let amount = Amount::call(cost.bytes);
        if cost.nested {
            self.nested_credits.give(amount);
        } else {
            self.credits.give(amount);
        }
    }

    /// Lets no more calls begin: those that wait for credit fail with the reason.
    pub fn end_credit(&self, reason: &Error) {
        self.credits.end(reason);
        self.nested_credits.end(reason);
    }

    /// Ends all calls with the reason. Calls whose last byte was written may have run.
    pub fn end(&self, reason: &Error, written: &Written) {
        self.end_credit(reason);
        self.pending.end(reason, written);
    }
}
