//! How far the closing of a host or client is.

use std::time::Instant;

use crate::error::{Error, Result, Status};
use crate::sync::{thread, Arc, Condvar, Mutex};

/// Whether a host or client is closed, and which threads of no pool are still closing it. It holds
/// nothing of the user's: such a thread has let go of all that when it is counted out.
#[derive(Default)]
pub(crate) struct Shutdown {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    /// Whether nothing of the pool runs any more.
    closed: bool,
    /// How many threads close it in the background.
    closers: usize,
    /// Whether one of them waits for the pool's end.
    finishing: bool,
}

impl State {
    fn is_complete(&self) -> bool {
        self.closed && self.closers == 0
    }
}

impl Shutdown {
    /// Nothing of the pool runs any more.
    pub fn note_closed(&self) {
        self.state.lock().closed = true;
        self.changed.notify_all();
    }

    /// Whether the caller is the one that has to wait for the pool's end in the background.
    pub fn begin_finishing(&self) -> bool {
        !std::mem::replace(&mut self.state.lock().finishing, true)
    }

    /// Runs a part of closing on a thread of its own, which counts as being the user's until it ends.
    pub fn in_background(self: &Arc<Self>, part: impl FnOnce() + Send + 'static) -> Result<()> {
        self.state.lock().closers += 1;
        let counted = Counted(self.clone());
        let started = thread::Builder::new().name("callgate-close".into()).spawn(move || {
            // Dropped last, after what `part` held.
            let _counted = counted;
            part();
        });
        started.map(drop).map_err(|error| {
            Error::from_io(Status::LimitExceeded, "no thread could be started to close", &error)
        })
    }

    /// Waits until it is closed, and no thread is at it any more; false when that takes too long.
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

/// A thread that closes in the background, counted out when it is done.
struct Counted(Arc<Shutdown>);

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.state.lock().closers -= 1;
        self.0.changed.notify_all();
    }
}
