//! What hosts and clients have in common: they are set up, started once, and closed.

use std::collections::HashSet;
use std::time::Duration;

use crate::connection::thread_number;
use crate::ffi::arguments::invalid;
use crate::ffi::callback::Callback;
use crate::ffi::errors::error::callgate_error;
use crate::ffi::errors::status::callgate_status;
use crate::ffi::guard::guard;
use crate::ffi::handles::{self, Object};
use crate::sync::{Condvar, Mutex, MutexGuard};
use crate::time;
use crate::{Error, Result, Status};

/// An object on which callbacks are registered before it is started.
pub(in crate::ffi) trait Setup: Object {
    type Builder;
    type Running: Clone;

    fn startable(&self) -> &Startable<Self::Builder, Self::Running>;
}

/// The body of an export that registers a callback. On any failure its user data is released, with no lock
/// held.
pub(in crate::ffi) fn register<T: Setup, F>(
    owner: *mut T,
    callback: Result<Callback<F>>,
    error: *mut *mut callgate_error,
    add: impl FnOnce(T::Builder, Callback<F>) -> T::Builder,
) -> callgate_status {
    guard(error, || {
        let callback = callback?;
        handles::get(owner)?.startable().build(move |builder| add(builder, callback))
    })
}

/// The same for callbacks of which an interface can have only one.
pub(in crate::ffi) fn register_once<T: Setup, F>(
    owner: *mut T,
    interface: &str,
    what: &str,
    callback: Callback<F>,
    add: impl FnOnce(T::Builder, Callback<F>) -> T::Builder,
) -> Result<()> {
    let owner = handles::get(owner)?;
    owner.startable().build_once(interface, what, move |builder| add(builder, callback))
}

/// How long a callback waits for the start that caused it to return. A start that fails may itself be waiting
/// for the callback.
const START_WAIT: Duration = Duration::from_secs(1);

/// An object that is set up as a `B` and runs as an `R`.
pub(in crate::ffi) struct Startable<B, R> {
    /// The object's name in messages, with its article.
    kind: &'static str,
    state: Mutex<State<B, R>>,
    /// Signalled when a start has returned.
    settled: Condvar,
}

enum State<B, R> {
    Building {
        builder: Box<B>,
        /// Interfaces that [`Startable::build_once`] has seen.
        taken: HashSet<String>,
    },
    /// Being started, by the thread with this number.
    Starting(u64),
    /// Failed to start: it starts only once.
    Failed,
    Running(R),
    /// Closed before it was started.
    Closed,
}

impl<B, R: Clone> Startable<B, R> {
    pub(in crate::ffi) fn new(kind: &'static str, builder: B) -> Startable<B, R> {
        let state = State::Building { builder: Box::new(builder), taken: HashSet::new() };
        Startable { kind, state: Mutex::new(state), settled: Condvar::new() }
    }

    /// Adds to the builder, if the object is not yet started.
    pub(in crate::ffi) fn build(&self, with: impl FnOnce(B) -> B) -> Result<()> {
        self.build_if(|_| Ok(()), with)
    }

    /// Adds something of which an interface can have only one. A second one is refused here rather than
    /// replaced, so that the program's data is never released with the lock held.
    fn build_once(&self, interface: &str, what: &str, with: impl FnOnce(B) -> B) -> Result<()> {
        let is_new = |taken: &mut HashSet<String>| match taken.insert(interface.to_owned()) {
            true => Ok(()),
            false => Err(invalid(format!("'{interface}' already has {what}"))),
        };
        self.build_if(is_new, with)
    }

    fn build_if(
        &self,
        check: impl FnOnce(&mut HashSet<String>) -> Result<()>,
        with: impl FnOnce(B) -> B,
    ) -> Result<()> {
        // Arguments outlive the lock, so whatever `with` holds is released after it.
        let mut state = self.state.lock();
        match std::mem::replace(&mut *state, State::Failed) {
            State::Building { builder, mut taken } => {
                let checked = check(&mut taken);
                let builder = match checked {
                    Ok(()) => Box::new(with(*builder)),
                    Err(_) => builder,
                };
                *state = State::Building { builder, taken };
                checked
            }
            other => {
                *state = other;
                Err(self.started_before())
            }
        }
    }

    /// Starts the object without holding the lock, since callbacks that run meanwhile may use it.
    pub(in crate::ffi) fn start(&self, start: impl FnOnce(B) -> Result<R>) -> Result<()> {
        let builder = {
            let mut state = self.state.lock();
            match std::mem::replace(&mut *state, State::Starting(thread_number())) {
                State::Building { builder, .. } => builder,
                other => {
                    *state = other;
                    return Err(self.started_before());
                }
            }
        };
        let _settle = Settle(self);
        let running = start(*builder)?;
        let mut state = self.state.lock();
        match *state {
            State::Starting(_) => {
                *state = State::Running(running);
                Ok(())
            }
            _ => {
                drop(state);
                Err(self.closed())
            }
        }
    }

    /// The running object, also after it was closed.
    pub(in crate::ffi) fn running(&self) -> Option<R> {
        self.started().ok()
    }

    /// The running object, or an error that says why there is none.
    pub(in crate::ffi) fn started(&self) -> Result<R> {
        match &*self.settled() {
            State::Running(running) => Ok(running.clone()),
            State::Closed => Err(self.closed()),
            State::Building { .. } | State::Starting(_) | State::Failed => {
                Err(invalid(format!("{} was not started", self.kind)))
            }
        }
    }

    /// The state after a start by another thread has returned: callbacks may run before that.
    fn settled(&self) -> MutexGuard<'_, State<B, R>> {
        let mut state = self.state.lock();
        let is_starting =
            |state: &State<B, R>| matches!(state, State::Starting(by) if *by != thread_number());
        if is_starting(&state) {
            let until = time::after(START_WAIT);
            while is_starting(&state) && !self.settled.wait_until(&mut state, until).timed_out() {}
        }
        state
    }

    /// Marks an object that was not started as closed.
    pub(in crate::ffi) fn close_unstarted(&self) {
        let mut state = self.settled();
        if !matches!(*state, State::Running(_)) {
            let builder = std::mem::replace(&mut *state, State::Closed);
            // Release the program's data without the lock.
            drop(state);
            drop(builder);
        }
    }

    fn started_before(&self) -> Error {
        invalid(format!("{} was already started or closed", self.kind))
    }

    fn closed(&self) -> Error {
        Error::new(Status::Closed, format!("{} was closed", self.kind))
    }
}

/// Wakes the callbacks that wait for a start, once it has returned in whatever way.
struct Settle<'a, B, R>(&'a Startable<B, R>);

impl<B, R> Drop for Settle<'_, B, R> {
    fn drop(&mut self) {
        let mut state = self.0.state.lock();
        if matches!(*state, State::Starting(_)) {
            *state = State::Failed;
        }
        drop(state);
        self.0.settled.notify_all();
    }
}
