//! The bell of a lock and a condition: a ring wakes all who sleep, and those who were not meant sleep again.

use std::time::Instant;

use super::{Heard, Tones};
use crate::sync::{Condvar, Mutex};

/// Counts how often it was rung. See the module above.
#[derive(Default)]
pub(crate) struct Bell {
    rings: Mutex<u32>,
    rung: Condvar,
}

impl Bell {
    /// To be asked before looking whether there is anything to sleep for: a ring after that is not slept
    /// through.
    pub fn heard(&self) -> Heard {
        Heard(*self.rings.lock())
    }

    /// Sleeps until it is rung; not at all if it was since. True when the deadline has passed.
    pub fn sleep(&self, heard: Heard, _: Tones, deadline: Option<Instant>) -> bool {
        let mut rings = self.rings.lock();
        while *rings == heard.0 {
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
    pub fn ring(&self, tones: Tones) {
        if tones == Tones::NONE {
            return;
        }
        let mut rings = self.rings.lock();
        *rings = rings.wrapping_add(1);
        drop(rings);
        self.rung.notify_all();
    }
}
