//! Calls that the peer has withdrawn: what their delegates can ask and wait for.

use std::collections::VecDeque;
use std::time::Instant;

use crate::sync::atomic::{AtomicBool, Ordering};
use crate::sync::{Condvar, Mutex};

struct State {
    /// Withdrawn calls that are not answered, the latest last.
    ids: VecDeque<u64>,
    ended: bool,
}

/// The calls of one connection that its peer has withdrawn.
pub(crate) struct CancelledCalls {
    any: AtomicBool,
    state: Mutex<State>,
    changed: Condvar,
    most: usize,
}

impl CancelledCalls {
    /// Remembers so many at the most: as many as can be unanswered.
    pub fn new(most: usize) -> CancelledCalls {
        let state = State { ids: VecDeque::new(), ended: false };
        CancelledCalls {
            any: AtomicBool::new(false),
            state: Mutex::new(state),
            changed: Condvar::new(),
            most,
        }
    }

    /// The peer has withdrawn that call. One that was answered already is forgotten in time.
    pub fn add(&self, id: u64) {
        let mut state = self.state.lock();
        if state.ids.len() >= self.most {
            state.ids.pop_front();
        }
        state.ids.push_back(id);
        self.any.store(true, Ordering::Release);
        drop(state);
        self.changed.notify_all();
    }

    /// That call is answered. Returns whether nobody waited for it, as [`CancelledCalls::contains`] does.
    #[inline]
    pub fn replied(&self, id: u64) -> bool {
        self.any.load(Ordering::Acquire) && self.forget(id)
    }

    #[cold]
    fn forget(&self, id: u64) -> bool {
        let mut state = self.state.lock();
        let cancelled = is_cancelled(&state, Some(id));
        state.ids.retain(|other| *other != id);
        self.any.store(!state.ids.is_empty() || state.ended, Ordering::Release);
        cancelled
    }

    /// The connection has ended, and all its calls with it.
    pub fn end(&self) {
        let mut state = self.state.lock();
        state.ended = true;
        self.any.store(true, Ordering::Release);
        drop(state);
        self.changed.notify_all();
    }

    /// Whether nobody waits for that call's answer any more.
    pub fn contains(&self, id: Option<u64>) -> bool {
        self.any.load(Ordering::Acquire) && is_cancelled(&self.state.lock(), id)
    }

    /// Waits until nobody waits for that call's answer any more; false when the deadline passes.
    pub fn wait(&self, id: Option<u64>, deadline: Option<Instant>) -> bool {
        let mut state = self.state.lock();
        while !is_cancelled(&state, id) {
            match deadline {
                None => self.changed.wait(&mut state),
                Some(deadline) => {
                    if self.changed.wait_until(&mut state, deadline).timed_out() {
                        return is_cancelled(&state, id);
                    }
                }
            }
        }
        true
    }
}

fn is_cancelled(state: &State, id: Option<u64>) -> bool {
    state.ended || id.is_some_and(|id| state.ids.contains(&id))
}
