//! The progress of closing a host or client.

use std::time::Instant;

use crate::error::{Error, Result, Status};
use crate::sync::{thread, Arc, Condvar, Mutex};

/// Whether a host or client is closed, and which threads outside the pool are still closing it. It holds no
/// user data: a thread has dropped all of that before it is no longer counted.
#[derive(Default)]
pub(crate) struct Shutdown {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    /// Whether nothing of the pool runs any more.
    closed: bool,
    /// The number of threads that close in the background.
    closers: usize,
    /// Whether one of them waits for the pool to end.
    finishing: bool,
}

impl State {
    fn is_complete(&self) -> bool {
        self.closed && self.closers == 0
    }
}

impl Shutdown {
    /// Called when nothing of the pool runs any more.
    pub fn note_closed(&self) {
        self.state.lock().closed = true;
        self.changed.notify_all();
    }

    /// Whether the caller must wait, in the background, for the pool to end.
    pub fn begin_finishing(&self) -> bool {
        !std::mem::replace(&mut self.state.lock().finishing, true)
    }

    /// Runs a part of closing on a thread of its own, which counts until it ends.
    pub fn in_background(self: &Arc<Self>, part: impl FnOnce() + Send + 'static) -> Result<()> {
        self.state.lock().closers += 1;
        let counted = Counted(self.clone());
        let started = thread::Builder::new().name("callgate-close".into()).spawn(move || {
            // Dropped last, after everything that `part` held.
            let _counted = counted;
            part();
        });
        started.map(drop).map_err(|error| {
            Error::from_io(Status::LimitExceeded, "no thread could be started to close", &error)
        })
    }

    /// Waits until everything is closed and no thread is closing; false if the deadline passes first.
    pub fn wait(&self, deadline: Option<Instant>) -> bool {
        let mut state = self.state.lock();
        while !state.is_complete() {
            match deadline {
                None => self.changed.wait(&mut state),
                Some(deadline) => {
                    if self.changed.wait_until(&mut state, deadline).timed_out() {
                        return state.is_complete();
                    }
                }
            }
        }
        true
    }
}

/// Counts a thread that closes in the background, until it is dropped.
struct Counted(Arc<Shutdown>);

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.state.lock().closers -= 1;
        self.0.changed.notify_all();
    }
}
