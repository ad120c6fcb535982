//! What wakes a thread that polls.

use super::os;
use crate::process::CloseOnFork;
use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::{AsFd, BorrowedFd};

/// Can be raised by any thread; polls as readable until it is cleared.
pub(super) struct Event(CloseOnFork<File>);

impl Event {
    pub(super) fn new() -> io::Result<Event> {
        Ok(Event(CloseOnFork::new(os::eventfd()?.into())))
    }

    /// Raises it; once more makes no difference.
    pub(super) fn raise(&self) {
        if !self.0.is_ours() {
            return;
        }
        // It fails only when it has been raised 2^64 - 2 times already.
        let _ = (&*self.0).write(&1u64.to_ne_bytes());
    }

    pub(super) fn clear(&self) {
        // It fails only when it has not been raised.
        let _ = (&*self.0).read(&mut [0; 8]);
    }
}

impl AsFd for Event {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}
