//! Calls that the peer makes: which run or wait, and what they use.

use crate::connection::state::cancelled::CancelledCalls;
use crate::connection::state::credit::Amount;
use crate::connection::state::schedule::Schedule;
use crate::connection::state::unanswered::Unanswered;
use crate::limits::Limits;
use crate::sync::atomic::{AtomicU64, Ordering};
use crate::sync::{Condvar, Mutex};

/// The incoming calls of one connection.
pub(crate) struct Incoming {
    pub schedule: Mutex<Schedule>,
    /// Signalled when a running call returns.
    pub returned: Condvar,
    pub cancelled: CancelledCalls,
    pub unanswered: Unanswered,
    /// Credit that the peer has used and not yet got back.
    used_calls: AtomicU64,
    used_bytes: AtomicU64,
    /// Credit of finished one-way calls that is yet to be returned.
    pub owed: Mutex<Amount>,
}

impl Incoming {
    pub fn new(limits: &Limits) -> Incoming {
        Incoming {
            schedule: Mutex::new(Schedule::new(limits)),
            returned: Condvar::new(),
            cancelled: CancelledCalls::new(limits.inbound_calls + limits.nested_calls),
            unanswered: Unanswered::default(),
            used_calls: AtomicU64::new(0),
            used_bytes: AtomicU64::new(0),
            owed: Mutex::new(Amount::default()),
        }
    }

    /// Counts credit that the peer has used; returns the new total.
    pub fn note_used(&self, amount: Amount) -> Amount {
        Amount {
            calls: self.used_calls.fetch_add(amount.calls, Ordering::Relaxed) + amount.calls,
            bytes: self.used_bytes.fetch_add(amount.bytes, Ordering::Relaxed) + amount.bytes,
        }
    }

    /// How much of `most` the peer has not used.
    pub fn unused(&self, most: Amount) -> Amount {
        Amount {
            calls: most.calls.saturating_sub(self.used_calls.load(Ordering::Relaxed)),
            bytes: most.bytes.saturating_sub(self.used_bytes.load(Ordering::Relaxed)),
        }
    }

    /// Counts credit as given back to the peer.
    pub fn forget_used(&self, amount: Amount) {
        self.used_calls.fetch_sub(amount.calls, Ordering::Relaxed);
        self.used_bytes.fetch_sub(amount.bytes, Ordering::Relaxed);
    }
}
