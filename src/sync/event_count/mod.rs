//! An event count: wakes several sleeping threads at once, with one system call on Linux. On a shared CPU,
//! waking threads one at a time often lets each of them pre-empt the waker.

#[cfg(any(callgate_shuttle, not(all(target_os = "linux", target_pointer_width = "64"))))]
mod condvar;
#[cfg(all(not(callgate_shuttle), target_os = "linux", target_pointer_width = "64"))]
mod futex;

use std::ops::BitOrAssign;

#[cfg(any(callgate_shuttle, not(all(target_os = "linux", target_pointer_width = "64"))))]
pub(crate) use condvar::EventCount;
#[cfg(all(not(callgate_shuttle), target_os = "linux", target_pointer_width = "64"))]
pub(crate) use futex::EventCount;

/// Selects sleepers of an event count. Each sleeps on one bit. Several may share a bit, so a thread may be
/// woken for another; it checks its condition and sleeps again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct WakeMask(u32);

impl WakeMask {
    /// No sleepers.
    pub const NONE: WakeMask = WakeMask(0);

    /// The bit of the nth sleeper.
    pub fn of(nth: usize) -> WakeMask {
        WakeMask(1 << (nth % u32::BITS as usize))
    }
}

impl BitOrAssign for WakeMask {
    fn bitor_assign(&mut self, others: WakeMask) {
        self.0 |= others.0;
    }
}

/// The number of notifications that a thread saw before it decided to sleep.
#[derive(Clone, Copy)]
pub(crate) struct Ticket(u32);

#[cfg(test)]
#[cfg(not(callgate_shuttle))]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::sync::Arc;
    use std::time::Duration;

    use super::*;
    use crate::time;

    #[test]
    fn a_ring_between_looking_and_sleeping_is_heard() {
        let events = EventCount::default();
        let ticket = events.ticket();
        events.notify(WakeMask::of(0));
        assert!(!events.sleep(ticket, WakeMask::of(0), None));
    }

    #[test]
    fn a_sleep_ends_at_its_deadline_and_not_before() {
        let events = EventCount::default();
        let deadline = time::now() + Duration::from_millis(20);
        while !events.sleep(events.ticket(), WakeMask::of(3), Some(deadline)) {}
        assert!(time::has_passed(Some(deadline)));
        assert!(events.sleep(events.ticket(), WakeMask::of(3), Some(deadline)), "it has passed");
    }

    #[test]
    fn one_ring_wakes_all_whose_tones_it_has() {
        let (events, meant) = (Arc::new(EventCount::default()), Arc::new(AtomicBool::new(false)));
        let sleepers: Vec<_> = (0..40)
            .map(|nth| {
                let (events, meant) = (events.clone(), meant.clone());
                std::thread::spawn(move || loop {
                    let ticket = events.ticket();
                    if meant.load(Ordering::SeqCst) {
                        return;
                    }
                    events.sleep(ticket, WakeMask::of(nth), None);
                })
            })
            .collect();
        let mut all = WakeMask::NONE;
        (0..32).for_each(|nth| all |= WakeMask::of(nth));
        meant.store(true, Ordering::SeqCst);
        events.notify(all);
        for sleeper in sleepers {
            sleeper.join().expect("it was woken");
        }
    }
}
