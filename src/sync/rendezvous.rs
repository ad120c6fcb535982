//! A channel without a buffer: sending succeeds only if a thread is waiting for a value.

pub(crate) use crossbeam_channel::{Receiver, Sender, TrySendError};

/// The two ends of a new channel.
pub(crate) fn rendezvous<T>() -> (Sender<T>, Receiver<T>) {
    crossbeam_channel::bounded(0)
}
