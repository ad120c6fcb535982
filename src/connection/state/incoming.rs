//! Calls that the peer makes: which run or wait, and what they use.

use std::time::{Duration, Instant};

use crate::connection::state::cancelled::CancelledCalls;
use crate::connection::state::credit::Amount;
use crate::connection::state::place::Place;
use crate::connection::state::schedule::Schedule;
use crate::connection::state::unanswered::Unanswered;
use crate::counters::{is_measured, CallCounters, LazyHistogram};
use crate::limits::Limits;
use crate::sync::atomic::{AtomicU64, Ordering};
use crate::sync::plain::AtomicU64 as PlainU64;
use crate::sync::{Arc, Condvar, Mutex};
use crate::threads::budget::Account;

/// The incoming calls of one connection.
pub(crate) struct Incoming {
    pub schedule: Mutex<Schedule>,
    /// Signalled when a running call returns.
    pub returned: Condvar,
    pub cancelled: CancelledCalls,
    pub unanswered: Unanswered,
    /// The memory that the calls use.
    pub account: Arc<Account>,
    /// Kept until the last of them has returned.
    pub place: Place,
    /// Credit that the peer has used and not yet got back.
    used_calls: AtomicU64,
    used_bytes: AtomicU64,
    pub finished: Mutex<FinishedOneWays>,
    /// How many calls delegates have replied to.
    served: PlainU64,
    /// How long some of them took, from their arrival to the reply.
    latencies: LazyHistogram,
}

/// One-way calls that have finished.
#[derive(Default)]
pub(crate) struct FinishedOneWays {
    /// Their credit that is yet to be returned.
    pub owed: Amount,
    /// How many there were.
    pub count: u64,
}

impl Incoming {
    pub fn new(limits: &Limits, account: Arc<Account>, place: Box<dyn Send>) -> Incoming {
        Incoming {
            schedule: Mutex::new(Schedule::new(limits)),
            returned: Condvar::new(),
            cancelled: CancelledCalls::new(limits.inbound_calls + limits.nested_calls),
            unanswered: Unanswered::default(),
            account,
            place: Place::new(place),
            used_calls: AtomicU64::new(0),
            used_bytes: AtomicU64::new(0),
            finished: Mutex::default(),
            served: PlainU64::new(0),
            latencies: LazyHistogram::default(),
        }
    }

    /// Counts a call that a delegate replies to now.
    #[inline]
    pub fn note_served(&self, id: u64, arrived: Option<Instant>, now: Instant) {
        self.served.fetch_add(1, Ordering::Relaxed);
        if is_measured(id) {
            self.note_latency(arrived, now);
        }
    }

    #[cold]
    fn note_latency(&self, arrived: Option<Instant>, now: Instant) {
        self.latencies.note(arrived.map_or(Duration::ZERO, |it| now.saturating_duration_since(it)));
    }

    /// Adds what was served and what has no reply yet.
    pub fn add_counts(&self, sum: &mut CallCounters) {
        sum.calls += self.served.load(Ordering::Relaxed);
        sum.one_way += self.finished.lock().count;
        sum.in_flight += self.unanswered.count() as u64;
        self.latencies.add_to(&mut sum.latencies);
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
