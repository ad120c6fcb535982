//! Stops, from another thread, a wait for peers.

use super::event::Event;
use super::{io_errors, os};
use crate::time;
use crate::transport::waits::Waited;
use crate::transport::{Endpoint, Stop};
use std::io;
use std::os::fd::AsFd;
use std::time::Instant;

/// Its event is never cleared, so every later wait ends at once.
pub(crate) struct Stopper(Event);

impl Stopper {
    pub(super) fn new() -> io::Result<Stopper> {
        Event::new().map(Stopper)
    }

    pub(crate) fn for_dialling(endpoint: &Endpoint) -> crate::error::Result<Stopper> {
        Stopper::new().map_err(|error| io_errors::of_dialling(endpoint, &error))
    }

    /// Waits for events of a descriptor, until stopped or until the deadline.
    pub(super) fn wait(
        &self,
        awaited: libc::pollfd,
        deadline: Option<Instant>,
    ) -> io::Result<Waited> {
        let mut both = [awaited, os::interest(self.0.as_fd(), libc::POLLIN)];
        let in_time = os::poll(&mut both, deadline)?;
        Ok(match in_time {
            _ if both[1].revents != 0 => Waited::Stopped,
            true => Waited::Ready,
            false => Waited::TimedOut,
        })
    }

    pub(super) fn is_stopped(&self) -> io::Result<bool> {
        os::poll(&mut [os::interest(self.0.as_fd(), libc::POLLIN)], Some(time::now()))
    }
}

impl Stop for Stopper {
    fn stop(&self) {
        self.0.raise();
    }
}
