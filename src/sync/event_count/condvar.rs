//! The event count with a lock and a condition variable: notifying wakes all sleepers, and those not meant
//! sleep again.

use std::time::Instant;

use super::{Ticket, WakeMask};
use crate::sync::{Condvar, Mutex};

/// Counts notifications. See the module above.
#[derive(Default)]
pub(crate) struct EventCount {
    rings: Mutex<u32>,
    rung: Condvar,
}

impl EventCount {
    /// Take a ticket before checking whether there is a reason to sleep: a notification after that is not
    /// missed.
    pub fn ticket(&self) -> Ticket {
        Ticket(*self.rings.lock())
    }

    /// Sleeps until notified; not at all if that has happened since the ticket. True if the deadline has
    /// passed.
    pub fn sleep(&self, ticket: Ticket, _: WakeMask, deadline: Option<Instant>) -> bool {
        let mut rings = self.rings.lock();
        while *rings == ticket.0 {
            match deadline {
                None => self.rung.wait(&mut rings),
                Some(deadline) => {
                    if self.rung.wait_until(&mut rings, deadline).timed_out() {
                        return true;
                    }
                }
            }
        }
        false
    }

    /// Wakes all sleepers.
    pub fn notify(&self, wake_mask: WakeMask) {
        if wake_mask == WakeMask::NONE {
            return;
        }
        let mut rings = self.rings.lock();
        *rings = rings.wrapping_add(1);
        drop(rings);
        self.rung.notify_all();
    }
}
