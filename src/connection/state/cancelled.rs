//! Calls that the peer has cancelled: lets their delegates ask and wait, and keeps functions to run then.

use std::collections::{BTreeMap, VecDeque};
use std::time::Instant;

use crate::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use crate::sync::{Condvar, Mutex};

/// Identifies a function: the id of its call, `None` for a one-way call, and a number.
pub(crate) type NoticeKey = (Option<u64>, u64);

/// A function that runs when a caller stops waiting.
pub(crate) type Function = Box<dyn FnOnce() + Send>;

struct State {
    /// Cancelled calls without a reply, the latest last.
    ids: VecDeque<u64>,
    ended: bool,
    /// Functions of calls without a reply.
    notices: BTreeMap<NoticeKey, Function>,
}

impl State {
    fn is_cancelled(&self, id: Option<u64>) -> bool {
        self.ended || id.is_some_and(|id| self.ids.contains(&id))
    }

    /// Whether calls need to check anything here.
    fn has_any(&self) -> bool {
        self.ended || !self.ids.is_empty() || !self.notices.is_empty()
    }

    fn keys_of(&self, id: Option<u64>) -> Vec<NoticeKey> {
        self.notices.range((id, 0)..=(id, u64::MAX)).map(|(key, _)| *key).collect()
    }
}

/// The calls of one connection that its peer has cancelled.
pub(crate) struct CancelledCalls {
    any: AtomicBool,
    /// The number of the next function.
    keys: AtomicU64,
    state: Mutex<State>,
    changed: Condvar,
    most: usize,
}

impl CancelledCalls {
    /// Remembers at most `most` calls: as many as can be without a reply.
    pub fn new(most: usize) -> CancelledCalls {
        let state = State { ids: VecDeque::new(), ended: false, notices: BTreeMap::new() };
        CancelledCalls {
            any: AtomicBool::new(false),
            keys: AtomicU64::new(1),
            state: Mutex::new(state),
            changed: Condvar::new(),
            most,
        }
    }

    /// Notes that the peer has cancelled a call without a reply. If its delegate is just replying, the entry
    /// is forgotten in time. Returns the functions to run: see [`CancelledCalls::take`].
    pub fn add(&self, id: u64) -> Vec<NoticeKey> {
        let mut state = self.state.lock();
        if state.ids.contains(&id) {
            return Vec::new();
        }
        if state.ids.len() >= self.most {
            state.ids.pop_front();
        }
        state.ids.push_back(id);
        self.any.store(true, Ordering::Release);
        let keys = state.keys_of(Some(id));
        drop(state);
        self.changed.notify_all();
        keys
    }

    /// Notes that a call has its reply. Returns whether the caller had stopped waiting, like
    /// [`CancelledCalls::contains`]. Functions of the call that have not started never run.
    #[inline]
    pub fn replied(&self, id: u64) -> bool {
        self.any.load(Ordering::Acquire) && self.forget(id)
    }

    #[cold]
    fn forget(&self, id: u64) -> bool {
        let mut state = self.state.lock();
        let cancelled = state.is_cancelled(Some(id));
        state.ids.retain(|other| *other != id);
        let keys = state.keys_of(Some(id));
        let functions: Vec<_> = keys.iter().map(|key| state.notices.remove(key)).collect();
        self.any.store(state.has_any(), Ordering::Release);
        // Dropping functions may run user code.
        drop(state);
        drop(functions);
        cancelled
    }

    /// Cancels all calls, because the connection has ended. Returns the functions to run.
    pub fn end(&self) -> Vec<NoticeKey> {
        let mut state = self.state.lock();
        state.ended = true;
        self.any.store(true, Ordering::Release);
        let keys = state.notices.keys().copied().collect();
        drop(state);
        self.changed.notify_all();
        keys
    }

    /// A new key for a function of this call.
    pub fn new_key(&self, id: Option<u64>) -> NoticeKey {
        (id, self.keys.fetch_add(1, Ordering::Relaxed))
    }

    /// Keeps a function of a call without a reply. Returns whether the caller has already stopped waiting.
    pub fn note(&self, key: NoticeKey, function: Function) -> bool {
        let mut state = self.state.lock();
        state.notices.insert(key, function);
        self.any.store(true, Ordering::Release);
        state.is_cancelled(key.0)
    }

    /// Takes a function, to run or to drop it; `None` if it was taken, or its call has its reply.
    pub fn take(&self, key: NoticeKey) -> Option<Function> {
        let mut state = self.state.lock();
        let function = state.notices.remove(&key);
        self.any.store(state.has_any(), Ordering::Release);
        function
    }

    /// Whether the caller no longer waits for a reply.
    pub fn contains(&self, id: Option<u64>) -> bool {
        self.any.load(Ordering::Acquire) && self.state.lock().is_cancelled(id)
    }

    /// Waits until the caller no longer waits for a reply; false if the deadline passes first.
    pub fn wait(&self, id: Option<u64>, deadline: Option<Instant>) -> bool {
        let mut state = self.state.lock();
        while !state.is_cancelled(id) {
            match deadline {
                None => self.changed.wait(&mut state),
                Some(deadline) => {
                    if self.changed.wait_until(&mut state, deadline).timed_out() {
                        return state.is_cancelled(id);
                    }
                }
            }
        }
        true
    }
}
