//! The event count as one word on which threads sleep in the system, each with a bit by which it can be
//! woken.

use std::ptr;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Instant;

use super::{Ticket, WakeMask};
use crate::time;

/// Counts notifications. See the module above.
#[derive(Default)]
pub(crate) struct EventCount(AtomicU32);

impl EventCount {
    /// Take a ticket before checking whether there is a reason to sleep: a notification after that is not
    /// missed.
    pub fn ticket(&self) -> Ticket {
        Ticket(self.0.load(Ordering::SeqCst))
    }

    /// Sleeps until this bit is notified, or less; not at all if there was a notification since the ticket.
    /// True if the deadline has passed.
    pub fn sleep(&self, ticket: Ticket, wake_bit: WakeMask, deadline: Option<Instant>) -> bool {
        let until = match deadline {
            None => None,
            Some(deadline) => match on_the_clock(deadline) {
                Some(until) => Some(until),
                None => return true,
            },
        };
        let until = until.as_ref().map_or(ptr::null(), ptr::from_ref);
        let operation = libc::FUTEX_WAIT_BITSET | libc::FUTEX_PRIVATE_FLAG;
        let word = self.0.as_ptr();
        // SAFETY: the word and the time outlive the call, which writes to neither.
        let woken = unsafe {
            libc::syscall(libc::SYS_futex, word, operation, ticket.0, until, 0usize, wake_bit.0)
        };
        // Only this error means that the time is up; all others are notifications or signals.
        woken != 0 && std::io::Error::last_os_error().raw_os_error() == Some(libc::ETIMEDOUT)
    }

    /// Wakes the sleepers of any of these bits.
    pub fn notify(&self, wake_mask: WakeMask) {
        if wake_mask == WakeMask::NONE {
            return;
        }
        self.0.fetch_add(1, Ordering::SeqCst);
        let operation = libc::FUTEX_WAKE_BITSET | libc::FUTEX_PRIVATE_FLAG;
        let (word, all) = (self.0.as_ptr(), i32::MAX);
        // SAFETY: the system only looks for threads that sleep on the word's address.
        unsafe {
            libc::syscall(libc::SYS_futex, word, operation, all, 0usize, 0usize, wake_mask.0)
        };
    }
}

/// The deadline on the clock that the system sleeps by; `None` if it has passed.
fn on_the_clock(deadline: Instant) -> Option<libc::timespec> {
    let left = Some(time::left(deadline)).filter(|left| !left.is_zero())?;
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: it writes one time. Every Linux has this clock.
    unsafe { libc::clock_gettime(libc::CLOCK_MONOTONIC, &mut time) };
    let nanoseconds = time.tv_nsec as u64 + u64::from(left.subsec_nanos());
    let seconds = left.as_secs() + nanoseconds / 1_000_000_000;
    time.tv_sec = time.tv_sec.saturating_add(i64::try_from(seconds).unwrap_or(i64::MAX));
    time.tv_nsec = (nanoseconds % 1_000_000_000) as i64;
    Some(time)
}
