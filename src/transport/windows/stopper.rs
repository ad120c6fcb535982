//! Stops, from another thread, a wait for peers.

use super::event::{self, Event};
use super::io_errors;
use crate::time;
use crate::transport::waits::Waited;
use crate::transport::{Endpoint, Stop};
use std::io;
use std::os::windows::io::{AsHandle, BorrowedHandle};
use std::time::Instant;

/// Its event is never reset, so every later wait ends at once.
pub(crate) struct Stopper(Event);

impl Stopper {
    pub(super) fn new() -> io::Result<Stopper> {
        Event::lasting().map(Stopper)
    }

    pub(crate) fn for_dialling(endpoint: &Endpoint) -> crate::error::Result<Stopper> {
        Stopper::new().map_err(|error| io_errors::of_dialling(endpoint, &error))
    }

    /// Waits for an event, until stopped or until the deadline.
    pub(super) fn wait(
        &self,
        awaited: BorrowedHandle<'_>,
        deadline: Option<Instant>,
    ) -> io::Result<Waited> {
        Ok(match event::wait(&[self.0.as_handle(), awaited], deadline)? {
            Some(0) => Waited::Stopped,
            Some(_) => Waited::Ready,
            None => Waited::TimedOut,
        })
    }

    /// Waits for the stop alone. True if stopped.
    pub(super) fn pause(&self, until: Instant) -> io::Result<bool> {
        Ok(event::wait(&[self.0.as_handle()], Some(until))?.is_some())
    }

    pub(super) fn is_stopped(&self) -> io::Result<bool> {
        self.pause(time::now())
    }
}

impl Stop for Stopper {
    fn stop(&self) {
        self.0.raise();
    }
}
