//! Calls that this side makes: what waits for replies, and what the peer's limits leave room for.

use crate::connection::state::credit::{Amount, Credits};
use crate::connection::state::outbox::Written;
use crate::connection::state::pending::{Cost, Pending};
use crate::error::Error;
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
}

impl Outgoing {
    pub fn new(takes: &PeerLimits) -> Outgoing {
        let nested = Amount { calls: takes.nested_calls, bytes: takes.nested_bytes };
        Outgoing {
            pending: Pending::new(),
            credits: Credits::new(Amount { calls: takes.calls, bytes: takes.bytes }),
            nested_credits: Credits::new(nested),
            largest_frame: takes.frame,
        }
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
