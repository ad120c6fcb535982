//! The checker's threads, which a model may make scarce.

use std::cell::Cell;
use std::io;
use std::time::Duration;

pub(crate) use shuttle::thread::{current, yield_now, ThreadId};
pub use shuttle::thread::{spawn, JoinHandle};

use super::{Condvar, Mutex};
use crate::time;

std::thread_local! {
    static SCARCE: Cell<bool> = const { Cell::new(false) };
}

/// From now on threads may fail to start, or no longer. It holds for the present run of the model.
pub(crate) fn make_scarce(scarce: bool) {
    SCARCE.set(scarce);
}

/// Sleeps by the clock of the model.
pub fn sleep(time: Duration) {
    let (lock, never, deadline) = (Mutex::new(()), Condvar::new(), time::after(time));
    let mut guard = lock.lock();
    while !never.wait_until(&mut guard, deadline).timed_out() {}
}

/// Starts a thread, which may fail.
#[derive(Default)]
pub(crate) struct Builder(shuttle::thread::Builder);

impl Builder {
    pub fn new() -> Builder {
        Builder::default()
    }

    pub fn name(self, name: String) -> Builder {
        Builder(self.0.name(name))
    }

    pub fn spawn<F, T>(self, run: F) -> io::Result<JoinHandle<T>>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        use shuttle::rand::Rng;
        if SCARCE.get() && shuttle::rand::thread_rng().gen_range(0..3) == 0 {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        self.0.spawn(run)
    }
}
