//! Calls that the peer has withdrawn: what their delegates can ask and wait for, and what runs then.

use std::collections::{BTreeMap, VecDeque};
use std::time::Instant;

use crate::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use crate::sync::{Condvar, Mutex};

/// Which function: the call's id, none for a one-way call, and a number of its own.
pub(crate) type NoticeKey = (Option<u64>, u64);

/// A function that runs once nobody waits for a call.
pub(crate) type Function = Box<dyn FnOnce() + Send>;

struct State {
    /// Withdrawn calls that are not answered, the latest last.
    ids: VecDeque<u64>,
    ended: bool,
    /// Of calls that are not answered.
    notices: BTreeMap<NoticeKey, Function>,
}

impl State {
    fn is_cancelled(&self, id: Option<u64>) -> bool {
        self.ended || id.is_some_and(|id| self.ids.contains(&id))
    }

    /// Whether calls have to look at anything here.
    fn has_any(&self) -> bool {
        self.ended || !self.ids.is_empty() || !self.notices.is_empty()
    }

    fn keys_of(&self, id: Option<u64>) -> Vec<NoticeKey> {
        self.notices.range((id, 0)..=(id, u64::MAX)).map(|(key, _)| *key).collect()
    }
}

/// The calls of one connection that its peer has withdrawn.
pub(crate) struct CancelledCalls {
    any: AtomicBool,
    keys: AtomicU64,
    state: Mutex<State>,
    changed: Condvar,
    most: usize,
}

impl CancelledCalls {
    /// Remembers so many at the most: as many as can be unanswered.
    pub fn new(most: usize) -> CancelledCalls {
        let state = State { ids: VecDeque::new(), ended: false, notices: BTreeMap::new() };
        CancelledCalls {
            any: AtomicBool::new(false),
            keys: AtomicU64::new(0),
            state: Mutex::new(state),
            changed: Condvar::new(),
            most,
        }
    }

    /// The peer has withdrawn that call. One that was answered already is forgotten in time. Returns
    /// whose functions are to run: see [`CancelledCalls::take`].
    pub fn add(&self, id: u64) -> Vec<NoticeKey> {
        let mut state = self.state.lock();
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

    /// That call is answered. Returns whether nobody waited for it, as [`CancelledCalls::contains`] does.
    /// Functions of it that have not begun never run.
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
        // Functions may run user code when they are dropped.
        drop(state);
        drop(functions);
        cancelled
    }

    /// The connection has ended, and all its calls with it. Returns whose functions are to run.
    pub fn end(&self) -> Vec<NoticeKey> {
        let mut state = self.state.lock();
        state.ended = true;
        self.any.store(true, Ordering::Release);
        let keys = state.notices.keys().copied().collect();
        drop(state);
        self.changed.notify_all();
        keys
    }

    /// The key of a function of that call, none before.
    pub fn new_key(&self, id: Option<u64>) -> NoticeKey {
        (id, self.keys.fetch_add(1, Ordering::Relaxed))
    }

    /// Keeps a function of a call that is not answered. Returns whether nobody waits for it already.
    pub fn note(&self, key: NoticeKey, function: Function) -> bool {
        let mut state = self.state.lock();
        state.notices.insert(key, function);
        self.any.store(true, Ordering::Release);
        state.is_cancelled(key.0)
    }

    /// Takes a function to run it, or to drop it; none if it was taken or its call is answered.
    pub fn take(&self, key: NoticeKey) -> Option<Function> {
        let mut state = self.state.lock();
        let function = state.notices.remove(&key);
        self.any.store(state.has_any(), Ordering::Release);
        function
    }

    /// Whether nobody waits for that call's answer any more.
    pub fn contains(&self, id: Option<u64>) -> bool {
        self.any.load(Ordering::Acquire) && self.state.lock().is_cancelled(id)
    }

    /// Waits until nobody waits for that call's answer any more; false when the deadline passes.
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
