//! The bell of a lock and a condition: a ring wakes all who sleep, and those who were not meant sleep again.

use std::time::Instant;

use super::{Ticket, WakeMask};
use crate::sync::{Condvar, Mutex};

/// Counts how often it was rung. See the module above.
#[derive(Default)]
pub(crate) struct EventCount {
    rings: Mutex<u32>,
    rung: Condvar,
}

impl EventCount {
    /// To be asked before looking whether there is anything to sleep for: a ring after that is not slept
    /// through.
    pub fn ticket(&self) -> Ticket {
        Ticket(*self.rings.lock())
    }

    /// Sleeps until it is rung; not at all if it was since. True when the deadline has passed.
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

    /// Wakes all who sleep.
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
