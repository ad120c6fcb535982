//! Acts when deadlines pass.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use crate::error::Result;
use crate::sync::{Arc, Condvar, Mutex, MutexGuard, Weak};
use crate::threads::pool::Workers;
use crate::time;

/// The thread that watches deadlines ends after this time without any.
const IDLE_TIMEOUT: Duration = Duration::from_secs(5);

/// Something with a deadline.
pub(crate) trait Timed: Send + Sync + 'static {
    /// Called when the deadline has passed. Must not block.
    fn expire(&self);
}

/// A deadline and a number, since several may have the same deadline.
type Key = (Instant, u64);

/// Deadlines, watched by one thread while there are any.
pub(crate) struct Timers {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    timed: BTreeMap<Key, Weak<dyn Timed>>,
    count: u64,
    running: bool,
    /// When the thread will wake up, if it sleeps.
    wakes_at: Option<Instant>,
    closed: bool,
}

impl Timers {
    pub fn new() -> Arc<Timers> {
        Arc::new(Timers { state: Mutex::new(State::default()), changed: Condvar::new() })
    }

    /// Calls [`Timed::expire`] when the deadline passes, on a thread of the pool, unless the timer is
    /// dropped first.
    ///
    /// # Errors
    /// Limit exceeded if no thread can be started; closed.
    pub fn add(
        self: &Arc<Self>,
        deadline: Instant,
        timed: Weak<dyn Timed>,
        workers: &Arc<Workers>,
    ) -> Result<Timer> {
        let mut state = self.state.lock();
        state.count += 1;
        let key = (deadline, state.count);
        state.timed.insert(key, timed);
        let start = !std::mem::replace(&mut state.running, true);
        let wake = state.wakes_at.is_some_and(|wakes_at| deadline < wakes_at);
        drop(state);
        let timer = Timer { timers: Arc::downgrade(self), key };
        if start {
            let timers = self.clone();
            if let Err(error) = workers.execute(move || timers.run()) {
                self.state.lock().running = false;
                return Err(error);
            }
        }
        if wake {
            self.changed.notify_one();
        }
        Ok(timer)
    }

    fn run(&self) {
        let mut state = self.state.lock();
        while !state.closed {
            let now = time::now();
            let next = state.timed.first_key_value().map(|(key, _)| *key);
            match next {
                Some(key) if key.0 <= now => {
                    let timed = state.timed.remove(&key);
                    drop(state);
                    if let Some(timed) = timed.and_then(|timed| timed.upgrade()) {
                        timed.expire();
                    }
                    state = self.state.lock();
                }
                Some(key) => {
                    self.sleep(&mut state, key.0);
                }
                None => {
                    let idle = self.sleep(&mut state, now + IDLE_TIMEOUT);
                    if idle && state.timed.is_empty() {
                        break;
                    }
                }
            }
        }
        state.running = false;
    }

    /// Sleeps until then, or until there is an earlier deadline; true if the time has come.
    fn sleep(&self, state: &mut MutexGuard<'_, State>, until: Instant) -> bool {
        state.wakes_at = Some(until);
        let late = self.changed.wait_until(state, until).timed_out();
        state.wakes_at = None;
        late
    }

    /// Ends the thread.
    pub fn close(&self) {
        self.state.lock().closed = true;
        self.changed.notify_all();
    }
}

/// One registered deadline. Dropping it removes the deadline.
pub(crate) struct Timer {
    timers: Weak<Timers>,
    key: Key,
}

impl Drop for Timer {
    fn drop(&mut self) {
        if let Some(timers) = self.timers.upgrade() {
            timers.state.lock().timed.remove(&self.key);
        }
    }
}
