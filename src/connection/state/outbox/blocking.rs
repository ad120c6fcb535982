//! What a sender waits for when there is no room, and what it does for others meanwhile.

use crate::time;
use std::time::{Duration, Instant};

/// A sender that was told to give up does so after that long at the most.
const GIVE_UP_WITHIN: Duration = Duration::from_millis(10);

/// What a sender may wait for when there is no room.
#[derive(Clone, Copy)]
pub(crate) enum Blocking {
    /// Nothing: a copy is queued, however long the queue.
    Never,
    /// For room, until the deadline, if there is one.
    Until(Option<Instant>),
}

/// What the outbox asks of the connection that it serves.
pub(crate) trait Sender {
    /// Makes sure that somebody reads while this thread waits for room: the peer may be waiting for
    /// us to read before it reads.
    fn about_to_block(&self);

    /// Whether the sender waits no longer; `None` if it never gives up before its deadline.
    fn cancelled(&self) -> Option<bool> {
        None
    }
}

/// For writers that keep no one from reading.
pub(super) struct Unattended;

impl Sender for Unattended {
    fn about_to_block(&self) {}
}

/// Until when to wait before looking whether the sender gives up.
pub(super) fn next_look(sender: &dyn Sender, deadline: Option<Instant>) -> Option<Instant> {
    if sender.cancelled().is_none() {
        return deadline;
    }
    time::earlier(deadline, Some(time::after(GIVE_UP_WITHIN)))
}
