//! Notices connections that nobody reads, because their leader serves a long call, or because the callers
//! that read in its place have left. Each host and client has one; it sleeps while no connection is active.

use std::time::Duration;

use crate::sync::{Arc, Condvar, Mutex, MutexGuard, Weak};
use crate::threads::pool::Workers;
use crate::transport::measure_wake_cost;

/// How often the monitor inspects active connections. Each tick takes CPU time from callers, which shows in
/// the p99 of quick calls. One per millisecond is the fewest that still keeps a long call from delaying
/// others by more than about that.
pub(crate) const TICK: Duration = Duration::from_millis(1);

/// It sleeps only after this many ticks with nothing to inspect: connections often become active again
/// soon, and waking it costs more than its ticks.
const LINGERING_TICKS: u32 = 10;

/// The monitor's thread ends after this time with nothing to inspect.
const IDLE_TIMEOUT: Duration = Duration::from_secs(5);

/// Something that the monitor inspects.
pub(crate) trait Watched: Send + Sync + 'static {
    /// Called once a tick, or every second tick if everything watched allows it.
    fn inspect(self: Arc<Self>) -> Again;
}

/// When to inspect something again.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Again {
    AfterATick,
    AfterTwo,
    Never,
}

struct State {
    watched: Vec<Weak<dyn Watched>>,
    running: bool,
    /// Its thread sleeps without a timeout, and must be woken.
    asleep: bool,
    closed: bool,
}

/// Inspects the objects it is given, once a tick.
pub(crate) struct Monitor {
    state: Mutex<State>,
    changed: Condvar,
}

impl Monitor {
    pub fn new() -> Arc<Monitor> {
        let state = State { watched: Vec::new(), running: false, asleep: false, closed: false };
        Arc::new(Monitor { state: Mutex::new(state), changed: Condvar::new() })
    }

    /// Inspects `one` from now on. False if no thread can be started.
    pub fn watch(self: &Arc<Self>, one: Weak<dyn Watched>, workers: &Arc<Workers>) -> bool {
        let mut state = self.state.lock();
        state.watched.push(one.clone());
        if state.running || state.closed {
            let wake = std::mem::take(&mut state.asleep);
            drop(state);
            if wake {
                self.changed.notify_one();
            }
            return true;
        }
        state.running = true;
        drop(state);
        let monitor = self.clone();
        let started = workers.execute(move || monitor.run()).is_ok();
        if !started {
            let mut state = self.state.lock();
            state.running = false;
            state.watched.retain(|other| !Weak::ptr_eq(other, &one));
        }
        started
    }

    fn run(&self) {
        // Nobody waits for this thread.
        measure_wake_cost();
        let mut state = self.state.lock();
        let mut idle_ticks = 0;
        let mut pause = TICK;
        loop {
            idle_ticks = if state.watched.is_empty() { idle_ticks + 1 } else { 0 };
            if idle_ticks > LINGERING_TICKS && !state.closed {
                state.asleep = true;
                self.changed.wait_for(&mut state, IDLE_TIMEOUT);
                state.asleep = false;
                if state.watched.is_empty() {
                    break;
                }
                idle_ticks = 0;
            }
            // If it is notified early, it still waits a tick, since a call that has just begun is not long.
            let late = self.changed.wait_for(&mut state, pause).timed_out();
            if state.closed {
                break;
            }
            if late {
                (state, pause) = self.inspect_all(state);
            }
        }
        state.running = false;
    }

    /// Inspects everything; returns how long to pause before the next time.
    fn inspect_all<'a>(
        &'a self,
        mut state: MutexGuard<'a, State>,
    ) -> (MutexGuard<'a, State>, Duration) {
        let mut inspected = std::mem::take(&mut state.watched);
        drop(state);
        let mut pause = 2 * TICK;
        inspected.retain(|one| {
            let again = one.upgrade().map_or(Again::Never, Watched::inspect);
            if again == Again::AfterATick {
                pause = TICK;
            }
            again != Again::Never
        });
        state = self.state.lock();
        inspected.append(&mut state.watched);
        state.watched = inspected;
        (state, pause)
    }

    /// Ends the monitor's thread.
    pub fn close(&self) {
        self.state.lock().closed = true;
        self.changed.notify_all();
    }
}
