//! A gate at which delegates wait until a test lets them go.

use std::sync::{Condvar, Mutex};
use std::time::{Duration, Instant};

/// Counts arrivals, and holds them until it is opened.
#[derive(Default)]
pub struct Gate {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    arrived: usize,
    open: bool,
}

impl Gate {
    /// Waits here until the gate is open.
    pub fn pass(&self) {
        let mut state = self.state.lock().unwrap();
        state.arrived += 1;
        self.changed.notify_all();
        while !state.open {
            state = self.changed.wait(state).unwrap();
        }
    }

    /// Waits until `count` threads have arrived.
    pub fn wait_for(&self, count: usize) {
        let mut state = self.state.lock().unwrap();
        while state.arrived < count {
            state = self.changed.wait(state).unwrap();
        }
    }

    /// The number of arrivals.
    pub fn arrived(&self) -> usize {
        self.state.lock().unwrap().arrived
    }

    /// Lets everyone through, now and later.
    pub fn open(&self) {
        self.state.lock().unwrap().open = true;
        self.changed.notify_all();
    }
}

/// Opens a gate when it is dropped, so that a failing test does not leave delegates behind.
pub struct Opened<'a>(pub &'a Gate);

impl Drop for Opened<'_> {
    fn drop(&mut self) {
        self.0.open();
    }
}

/// Waits until a condition is true that nobody signals. The watchdog, or a generous limit, ends the wait.
pub fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    let give_up = Instant::now() + Duration::from_secs(30);
    while !holds() {
        assert!(Instant::now() < give_up, "it never came true that {what}");
        std::thread::sleep(Duration::from_millis(1));
    }
}
