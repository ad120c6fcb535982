//! A rendezvous of modelled locks.

use std::collections::VecDeque;
use std::time::Duration;

use super::{Condvar, Mutex};
use crate::sync::Arc;
use crate::time;

/// Why a value was not handed over; it is given back.
pub(crate) enum TrySendError<T> {
    /// No thread waits for one.
    Full(T),
    /// Nobody can receive any more.
    #[allow(dead_code)] // As in the product's.
    Disconnected(T),
}

struct State<T> {
    waiting: usize,
    /// Values on their way to threads that wait.
    handed: VecDeque<T>,
    closed: bool,
}

struct Shared<T> {
    state: Mutex<State<T>>,
    changed: Condvar,
}

/// The end that hands values over. Dropping it ends all waiting.
pub(crate) struct Sender<T>(Arc<Shared<T>>);

/// The end at which threads wait.
pub(crate) struct Receiver<T>(Arc<Shared<T>>);

/// A channel without room: a value is handed over only to a thread that waits for one.
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
    /// The next value; an error when none comes in time or none can come.
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
