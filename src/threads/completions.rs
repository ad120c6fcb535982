//! Passes the outcomes of started calls to the program's completions.
//!
//! One thread does so, one outcome after the other. If it has not reached the next one within a tick,
//! because a completion takes long or waits for another, a further thread joins in.

use std::collections::VecDeque;

use crate::sync::{Arc, Mutex, Weak};
use crate::threads::monitor::{Again, Monitor, Watched};
use crate::threads::pool::Workers;

/// Passes an outcome to a completion. Runs user code, and does not panic.
pub(crate) type Completing = Box<dyn FnOnce() + Send>;

#[derive(Default)]
struct State {
    waiting: VecDeque<Completing>,
    /// The number of threads that take from the queue.
    threads: usize,
    /// How many were taken, by now and by the last tick.
    taken: u64,
    taken_before: u64,
    watched: bool,
    closed: bool,
}

/// The outcomes of the calls that one host or client has started.
pub(crate) struct Completions {
    state: Mutex<State>,
    workers: Arc<Workers>,
    monitor: Arc<Monitor>,
}

impl Completions {
    pub fn new(workers: &Arc<Workers>, monitor: &Arc<Monitor>) -> Arc<Completions> {
        let state = Mutex::new(State::default());
        Arc::new(Completions { state, workers: workers.clone(), monitor: monitor.clone() })
    }

    /// Runs a completion soon, on a thread of the pool; on this one if no other can be started.
    pub fn add(self: &Arc<Self>, completing: Completing) {
        let mut state = self.state.lock();
        if state.closed {
            drop(state);
            return self.workers.execute_or_run_here(completing);
        }
        state.waiting.push_back(completing);
        if state.threads == 0 {
            state.threads = 1;
            drop(state);
            return self.start_thread();
        }
        if std::mem::replace(&mut state.watched, true) {
            return;
        }
        state.taken_before = state.taken;
        drop(state);
        let me: Weak<dyn Watched> = Arc::downgrade(&(self.clone() as Arc<dyn Watched>));
        if !self.monitor.watch(me, &self.workers) {
            self.state.lock().watched = false;
            self.join_in();
        }
    }

    /// Lets a further thread take from the queue, if one is available: functions of the program may block,
    /// and a peer may cause many of them.
    fn join_in(self: &Arc<Self>) {
        self.state.lock().threads += 1;
        let completions = self.clone();
        if self.workers.execute_call(move || completions.run()).is_err() {
            self.state.lock().threads -= 1;
        }
    }

    /// Starts a thread that is already counted.
    fn start_thread(self: &Arc<Self>) {
        let completions = self.clone();
        self.workers.execute_or_run_here(move || completions.run());
    }

    fn run(&self) {
        while let Some(completing) = self.next() {
            completing();
        }
    }

    /// The oldest completion; if there is none, the thread is no longer counted.
    fn next(&self) -> Option<Completing> {
        let mut state = self.state.lock();
        let next = state.waiting.pop_front();
        match next {
            Some(_) => state.taken += 1,
            None => state.threads -= 1,
        }
        next
    }

    /// From now on each completion gets a thread of its own while the pool has any, since the monitor is
    /// gone.
    pub fn close(&self) {
        let mut state = self.state.lock();
        state.closed = true;
        let waiting = std::mem::take(&mut state.waiting);
        drop(state);
        for completing in waiting {
            self.workers.execute_or_run_here(completing);
        }
    }
}

impl Watched for Completions {
    fn inspect(self: Arc<Self>) -> Again {
        let mut state = self.state.lock();
        if state.waiting.is_empty() {
            state.watched = false;
            return Again::Never;
        }
        let stuck = state.taken == state.taken_before;
        state.taken_before = state.taken;
        drop(state);
        if stuck {
            self.join_in();
        }
        Again::AfterATick
    }
}
