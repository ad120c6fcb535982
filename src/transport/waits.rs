//! How the waits of all systems go on and end.

use super::{Arrival, Chunk, Wait};
use crate::time;
use std::io;
use std::time::Duration;

/// How a wait ended that can be stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Waited {
    Ready,
    Stopped,
    TimedOut,
}

impl Waited {
    /// An error unless the awaited event happened.
    pub(super) fn or_gave_up(self) -> io::Result<()> {
        match self {
            Waited::Ready => Ok(()),
            Waited::Stopped => Err(io::ErrorKind::Interrupted.into()),
            Waited::TimedOut => Err(io::ErrorKind::TimedOut.into()),
        }
    }
}

/// Tries to receive until something happens, `duration` is over (`None`) or the deadline has passed.
#[inline]
pub(super) fn spin(
    wait: &Wait,
    duration: Duration,
    mut receive: impl FnMut() -> io::Result<Option<Arrival>>,
) -> io::Result<Option<Arrival>> {
    let begun = time::now();
    loop {
        let arrival = receive()?;
        if arrival.is_some() {
            return Ok(arrival);
        }
        let now = time::now();
        if wait.deadline.is_some_and(|deadline| now >= deadline) {
            return Ok(Some(Arrival::TimedOut));
        }
        if now - begun >= duration {
            return Ok(None);
        }
        std::hint::spin_loop();
    }
}

/// Refuses to receive into a buffer without room.
pub(super) fn check_capacity(buffer: &Chunk) -> io::Result<()> {
    if buffer.len() < buffer.capacity() {
        return Ok(());
    }
    let message = "the buffer has no spare capacity to receive into";
    Err(io::Error::new(io::ErrorKind::InvalidInput, message))
}
