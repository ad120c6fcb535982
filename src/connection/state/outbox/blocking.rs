//! What a sender waits for when there is no room, and what it does for others meanwhile.

use crate::cancel::Cancellation;
use crate::time;
use std::time::{Duration, Instant};

/// How often a sender that waits in the system for room looks whether its call was cancelled: nothing
/// wakes it there.
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

    /// What may end the wait before its deadline.
    fn cancellation(&self) -> Cancellation<'_> {
        Cancellation::default()
    }

    /// What wakes the waiting senders of this outbox, by [`Outbox::wake_senders`](super::Outbox::wake_senders).
    fn waker(&self) -> Box<dyn Fn() + Send + Sync> {
        Box::new(|| {})
    }
}

/// For writers that keep no one from reading.
pub(super) struct Unattended;

impl Sender for Unattended {
    fn about_to_block(&self) {}
}

/// Until when to wait for room in the system before looking whether the call was cancelled.
pub(super) fn next_look(sender: &dyn Sender, deadline: Instant) -> Instant {
    match sender.cancellation().token {
        Some(_) => deadline.min(time::after(GIVE_UP_WITHIN)),
        None => deadline,
    }
}
