//! A channel without room: a value is handed over only to a thread that waits for one.

pub(crate) use crossbeam_channel::{Receiver, Sender, TrySendError};

/// The two ends of such a channel.
pub(crate) fn rendezvous<T>() -> (Sender<T>, Receiver<T>) {
    crossbeam_channel::bounded(0)
}
