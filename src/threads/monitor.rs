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

/// What the monitor's thread does.
///
/// ```text
///          watch               nothing to inspect
///   Idle ────────> Ticking ──────────────────────> Asleep
///    ^               ^ │                             │ │
///    │               │ └─ no thread ─> Idle    watch │ │ still nothing after IDLE_TIMEOUT
///    │               └───────────────────────────────┘ │
///    └─────────────────────────────────────────────────┘
/// ```
///
/// Each of them ends in `Closed`.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// There is no thread.
    Idle,
    /// It inspects once a tick.
    Ticking,
    /// It inspects nothing until it is woken.
    Asleep,
    /// It has ended, or ends as soon as it sees this.
    Closed,
}

struct State {
    watched: Vec<Weak<dyn Watched>>,
    stage: Stage,
}

impl State {
    /// Goes on to `next`, unless it is closed.
    fn go_on(&mut self, next: Stage) {
        if self.stage != Stage::Closed {
            self.stage = next;
        }
    }
}

/// Inspects the objects it is given, once a tick.
pub(crate) struct Monitor {
    state: Mutex<State>,
    changed: Condvar,
}

impl Monitor {
    pub fn new() -> Arc<Monitor> {
        let state = State { watched: Vec::new(), stage: Stage::Idle };
        Arc::new(Monitor { state: Mutex::new(state), changed: Condvar::new() })
    }

    /// Inspects `one` from now on. False if no thread can be started.
    pub fn watch(self: &Arc<Self>, one: Weak<dyn Watched>, workers: &Arc<Workers>) -> bool {
        let mut state = self.state.lock();
        state.watched.push(one.clone());
        let before = state.stage;
        state.go_on(Stage::Ticking);
        drop(state);
        match before {
            Stage::Ticking | Stage::Closed => return true,
            Stage::Asleep => {
                self.changed.notify_one();
                return true;
            }
            Stage::Idle => {}
        }
        let monitor = self.clone();
        let started = workers.execute(move || monitor.run()).is_ok();
        if !started {
            let mut state = self.state.lock();
            state.go_on(Stage::Idle);
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
            if idle_ticks > LINGERING_TICKS && state.stage == Stage::Ticking {
                state.stage = Stage::Asleep;
                self.changed.wait_for(&mut state, IDLE_TIMEOUT);
                state.go_on(Stage::Ticking);
                if state.watched.is_empty() {
                    break;
                }
                idle_ticks = 0;
            }
            // If it is notified early, it still waits a tick, since a call that has just begun is not long.
            let late = self.changed.wait_for(&mut state, pause).timed_out();
            if state.stage == Stage::Closed {
                break;
            }
            if late {
                (state, pause) = self.inspect_all(state);
            }
        }
        state.go_on(Stage::Idle);
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
        self.state.lock().stage = Stage::Closed;
        self.changed.notify_all();
    }
}
