//! A rendezvous made of modelled locks.

use std::collections::VecDeque;
use std::time::Duration;

use super::{Condvar, Mutex};
use crate::sync::Arc;
use crate::time;

/// Why a value was not sent; returns the value.
pub(crate) enum TrySendError<T> {
    /// No thread is waiting.
    Full(T),
    /// The receiver is gone.
    #[allow(dead_code)] // As in the product's.
    Disconnected(T),
}

struct State<T> {
    waiting: usize,
    /// Values on their way to waiting threads.
    handed: VecDeque<T>,
    closed: bool,
}

struct Shared<T> {
    state: Mutex<State<T>>,
    changed: Condvar,
}

/// The sending end. Dropping it ends all waits.
pub(crate) struct Sender<T>(Arc<Shared<T>>);

/// The receiving end.
pub(crate) struct Receiver<T>(Arc<Shared<T>>);

/// A channel without a buffer: sending succeeds only if a thread is waiting for a value.
pub(crate) fn rendezvous<T>() -> (Sender<T>, Receiver<T>) {
    let state = State { waiting: 0, handed: VecDeque::new(), closed: false };
    let shared = Arc::new(Shared { state: Mutex::new(state), changed: Condvar::new() });
    (Sender(shared.clone()), Receiver(shared))
}

impl<T> Sender<T> {
    pub fn try_send(&self, value: T) -> Result<(), TrySendError<T>> {
        let mut state = self.0.state.lock();
        if state.waiting <= state.handed.len() {
            return Err(TrySendError::Full(value));
        }
        state.handed.push_back(value);
        drop(state);
        self.0.changed.notify_one();
        Ok(())
    }
}

impl<T> Drop for Sender<T> {
    fn drop(&mut self) {
        self.0.state.lock().closed = true;
        self.0.changed.notify_all();
    }
}

impl<T> Receiver<T> {
    /// The next value; an error if none comes in time or none can come any more.
    pub fn recv_timeout(&self, timeout: Duration) -> Result<T, ()> {
        let deadline = time::after(timeout);
        let mut state = self.0.state.lock();
        state.waiting += 1;
        let mut late = false;
        loop {
            let value = state.handed.pop_front();
            if value.is_some() || late || state.closed {
                state.waiting -= 1;
                return value.ok_or(());
            }
            late = self.0.changed.wait_until(&mut state, deadline).timed_out();
        }
    }
}
