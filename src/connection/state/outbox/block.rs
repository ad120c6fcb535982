//! What a sender does when there is no room, and what it does for others while it waits.

use crate::cancel::Cancellation;
use crate::time;
use std::time::{Duration, Instant};

/// How often a sender that waits for room in the system checks whether its call was cancelled: nothing
/// wakes it there.
const GIVE_UP_WITHIN: Duration = Duration::from_millis(10);

/// How a sender may wait when there is no room.
#[derive(Clone, Copy)]
pub(crate) enum Blocking {
    /// Not at all: a copy is queued, however long the queue.
    Never,
    /// Not at all, for a frame that the peer has prompted, such as a refusal. A copy is queued, unless the
    /// peer has left too many of them unread: then the connection must end.
    Prompted,
    /// Until the deadline, if there is one.
    Until(Option<Instant>),
}

/// What the outbox needs from the connection that it serves.
pub(crate) trait Sender {
    /// Makes sure that some thread reads while this one waits for room: the peer may not read until we do.
    fn about_to_block(&self);

    /// What may end the wait before its deadline.
    fn cancellation(&self) -> Cancellation<'_> {
        Cancellation::default()
    }

    /// Wakes the waiting senders of this outbox, by [`Outbox::wake_senders`](super::Outbox::wake_senders).
    fn waker(&self) -> Box<dyn Fn() + Send + Sync> {
        Box::new(|| {})
    }
}

/// For writers that keep no one from reading.
pub(super) struct Unattended;

impl Sender for Unattended {
    fn about_to_block(&self) {}
}

/// How long to wait for room in the system before checking whether the call was cancelled.
pub(super) fn next_look(sender: &dyn Sender, deadline: Instant) -> Instant {
    match sender.cancellation().token {
        Some(_) => deadline.min(time::after(GIVE_UP_WITHIN)),
        None => deadline,
    }
}
