//! Wakes a thread that polls.

use super::os;
use crate::process::CloseOnFork;
use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::{AsFd, BorrowedFd};

/// Any thread can raise it; it polls as readable until it is cleared.
pub(super) struct Event(CloseOnFork<File>);

impl Event {
    pub(super) fn new() -> io::Result<Event> {
        Ok(Event(CloseOnFork::new(os::eventfd()?.into())))
    }

    /// Raises the event; raising it again has no effect.
    pub(super) fn raise(&self) {
        if !self.0.is_ours() {
            return;
        }
        // Fails only after 2^64 - 2 raises.
        let _ = (&*self.0).write(&1u64.to_ne_bytes());
    }

    pub(super) fn clear(&self) {
        // Fails only if it is not raised.
        let _ = (&*self.0).read(&mut [0; 8]);
    }
}

impl AsFd for Event {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}
