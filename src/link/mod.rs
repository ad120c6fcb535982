//! Connects a client's proxies with its present connection, across reconnects.

mod agreement;
mod call_times;
mod endpoints;
pub(crate) mod events;
pub(crate) mod reconnect;
mod verdicts;

use std::time::{Duration, Instant};

use crate::cancel::{Cancellation, GaveUp};
use crate::connection::{current_context, thread_number, Connection, Runtime};
use crate::error::{Error, Result, Status};
use crate::limits::Limits;
use crate::link::call_times::{nanoseconds, patience};
use crate::link::verdicts::Verdicts;
use crate::sync::atomic::{AtomicU64, Ordering};
use crate::sync::{Arc, Condvar, Mutex, Weak};
use crate::time;
use crate::trace::{Recorder, Role};
use crate::transport::{Stream, User};

pub(crate) use agreement::Agreement;
pub use agreement::Verify;
pub(crate) use call_times::CallTimes;
pub(crate) use endpoints::Endpoints;

#[derive(Default)]
struct State {
    connection: Option<Connection>,
    /// Stops the present attempt to connect.
    opening: Option<Box<dyn FnOnce() + Send>>,
    /// Why the last attempt to connect failed.
    failure: Option<Error>,
    /// When the last connection was lost.
    lost: Option<Instant>,
    closed: bool,
}

impl State {
    /// The connection that new calls may use.
    fn for_calls(&self) -> Option<Connection> {
        self.connection.as_ref().filter(|connection| connection.takes_calls()).cloned()
    }
}

/// A proxy that acts on its own when connections begin and end.
pub(crate) trait Eager: Send + Sync {
    /// The client has connected.
    fn connected(self: Arc<Self>, link: &Link, connection: &Connection);

    /// The present connection has ended.
    fn disconnected(&self);
}

/// A client's link to its host.
pub(crate) struct Link {
    pub endpoints: Endpoints,
    /// The user that the host must run as.
    pub host_user: Option<User>,
    pub runtime: Arc<Runtime>,
    pub agreement: Agreement,
    recorder: Option<Recorder>,
    pub verdicts: Verdicts,
    /// How long a call waits for a connection, in nanoseconds; the program may change it at any time.
    connection_timeout_ns: AtomicU64,
    state: Mutex<State>,
    changed: Condvar,
    eager: Mutex<Vec<Weak<dyn Eager>>>,
    /// The number of the thread that connects.
    supervisor: AtomicU64,
}

/// What the clones of a client and its proxies share. Dropping it closes the client without waiting.
pub(crate) struct ClientCore {
    pub link: Arc<Link>,
}

impl Drop for ClientCore {
    fn drop(&mut self) {
        if !self.link.runtime.is_ours() {
            // Nothing of the client may be dropped: its threads are gone, and its locks may be held.
            return std::mem::forget(self.link.clone());
        }
        self.link.close_now();
    }
}

impl Link {
    pub fn new(
        endpoints: Endpoints,
        host_user: Option<User>,
        runtime: Arc<Runtime>,
        agreement: Agreement,
        recorder: Option<Recorder>,
    ) -> Arc<Link> {
        let (state, changed) = (Mutex::new(State::default()), Condvar::new());
        let eager = Mutex::new(Vec::new());
        let connection_timeout_ns = AtomicU64::new(nanoseconds(runtime.limits.connection_timeout));
        Arc::new(Link {
            endpoints,
            host_user,
            runtime,
            agreement,
            recorder,
            verdicts: Verdicts::default(),
            connection_timeout_ns,
            state,
            changed,
            eager,
            supervisor: AtomicU64::new(0),
        })
    }

    /// How long a call waits for a connection.
    pub fn connection_timeout(&self) -> Duration {
        Duration::from_nanos(self.connection_timeout_ns.load(Ordering::Relaxed))
    }

    /// Sets how long later calls wait for a connection.
    pub fn set_connection_timeout(&self, timeout: Duration) {
        self.connection_timeout_ns.store(nanoseconds(timeout), Ordering::Relaxed);
    }

    /// Adds a proxy that is notified of connections while it lives.
    pub fn add_eager(&self, proxy: Weak<dyn Eager>) {
        let mut eager = self.eager.lock();
        eager.retain(|other| other.strong_count() > 0);
        eager.push(proxy);
    }

    fn eager(&self) -> Vec<Arc<dyn Eager>> {
        self.eager.lock().iter().filter_map(Weak::upgrade).collect()
    }

    pub fn limits(&self) -> &Limits {
        &self.runtime.limits
    }

    /// The present connection, if there is one.
    pub fn connection(&self) -> Option<Connection> {
        self.state.lock().connection.clone()
    }

    /// The connection that new calls may use now, if there is one.
    pub fn connection_now(&self) -> Option<Connection> {
        self.state.lock().for_calls()
    }

    /// Waits until the client is connected.
    pub fn wait_connected(self: &Arc<Self>, deadline: Option<Instant>) -> Result<()> {
        self.wait_connection(None, deadline, Cancellation::default()).map(drop)
    }

    /// Runs `act` with the connection, waiting for one up to the connection timeout. If the call does not run
    /// because the connection ends, or because its peer closes, runs `act` again with the next one.
    pub fn with_connection<R>(
        self: &Arc<Self>,
        times: &CallTimes,
        cancellation: Cancellation<'_>,
        act: impl Fn(&Connection) -> Result<R>,
    ) -> Result<R> {
        loop {
            let connection = self.connection_for_call(times, cancellation)?;
            match act(&connection) {
                Err(error)
                    if connection.has_kept_from_running(&error, current_context().as_ref()) =>
                {
                    if connection.ended().is_some() {
                        self.forget(&connection, error);
                    }
                }
                outcome => return outcome,
            }
        }
    }

    fn connection_for_call(
        self: &Arc<Self>,
        times: &CallTimes,
        cancellation: Cancellation<'_>,
    ) -> Result<Connection> {
        if let Some(connection) = self.connection_now() {
            return Ok(connection);
        }
        let timeout = times.connection_timeout.unwrap_or_else(|| self.connection_timeout());
        self.wait_connection(Some((times.made, timeout)), times.deadline, cancellation)
    }

    /// Waits for a connection until the deadline, and at most `timeout` after the call was made.
    fn wait_connection(
        self: &Arc<Self>,
        made: Option<(Instant, Duration)>,
        deadline: Option<Instant>,
        cancellation: Cancellation<'_>,
    ) -> Result<Connection> {
        let mut lost = self.state.lock().lost;
        loop {
            let patience = made.map(|(made, timeout)| patience(made, lost, timeout));
            let first = time::earlier(deadline, patience);
            let link = self.clone();
            let wake = move || {
                drop(link.state.lock());
                link.changed.notify_all();
            };
            let look = |state: &mut State| self.look_for_connection(state);
            match cancellation.wait(&self.state, &self.changed, first, wake, look) {
                Ok((found, _)) => return found,
                Err(GaveUp::Cancelled) => return Err(cancelled()),
                Err(GaveUp::TimedOut) => {}
            }
            let state = self.state.lock();
            if state.lost == lost || first == deadline {
                let status =
                    if first == deadline { Status::TimedOut } else { Status::ChannelFaulted };
                return Err(self.none_came(status, state.failure.clone()));
            }
            // A connection was established and lost meanwhile.
            lost = state.lost;
        }
    }

    /// A connection for a call, or an error if waiting for one is pointless; `None` means wait.
    fn look_for_connection(&self, state: &State) -> Option<Result<Connection>> {
        if state.closed {
            return Some(Err(closed()));
        }
        if let Some(connection) = state.for_calls() {
            return Some(Ok(connection));
        }
        let failure = state.failure.as_ref().filter(|failure| is_final(failure));
        match (failure, self.check_waiting()) {
            (Some(failure), _) => Some(Err(failure.clone())),
            (None, Err(error)) => Some(Err(error)),
            (None, Ok(())) => None,
        }
    }

    /// Notes that this thread is the one that connects.
    pub fn note_supervisor(&self) {
        self.supervisor.store(thread_number(), Ordering::Relaxed);
    }

    /// Refuses to wait for a connection in a handler that runs on the connecting thread.
    fn check_waiting(&self) -> Result<()> {
        let connects = self.supervisor.load(Ordering::Relaxed) == thread_number();
        if !(connects && self.runtime.is_in_handler()) {
            return Ok(());
        }
        let message = "the client reconnects only after this handler has returned";
        Err(Error::new(Status::WouldDeadlock, message))
    }

    fn none_came(&self, status: Status, cause: Option<Error>) -> Error {
        let error = Error::new(status, format!("no connection to {} in time", self.endpoints));
        match cause {
            Some(cause) => error.with_cause(cause),
            None => error,
        }
    }

    /// Registers an attempt to connect, or its next phase; `end` would stop it.
    ///
    /// # Errors
    /// Closed if the client is.
    pub fn opens(&self, end: impl FnOnce() + Send + 'static) -> Result<()> {
        let mut state = self.state.lock();
        if state.closed {
            return Err(closed());
        }
        state.opening = Some(Box::new(end));
        Ok(())
    }

    /// Makes `connection` the present one. False if the client is closed.
    pub fn established(&self, connection: &Connection) -> bool {
        let mut state = self.state.lock();
        state.opening = None;
        if state.closed {
            return false;
        }
        state.failure = None;
        state.connection = Some(connection.clone());
        self.changed.notify_all();
        drop(state);
        for proxy in self.eager() {
            proxy.connected(self, connection);
        }
        true
    }

    /// Removes a connection that has ended.
    pub fn forget(&self, connection: &Connection, reason: Error) {
        let mut state = self.state.lock();
        if state.connection.as_ref() == Some(connection) {
            state.connection = None;
            state.failure = Some(reason);
            state.lost = Some(time::now());
        }
        drop(state);
        for proxy in self.eager() {
            proxy.disconnected();
        }
    }

    /// Records a failed attempt to connect, and waits before the next; false if the client is closed.
    pub fn pause(&self, failure: Error, pause: Duration) -> bool {
        let mut state = self.state.lock();
        state.opening = None;
        state.failure = Some(failure);
        self.changed.notify_all();
        let until = time::after(pause);
        while !state.closed && !self.changed.wait_until(&mut state, until).timed_out() {}
        !state.closed
    }

    /// Closes the client, waiting at most until the deadline.
    pub fn close(&self, deadline: Instant) -> Result<()> {
        if let Some(connection) = self.shut() {
            let reason = closed();
            connection.send_goodbye(&reason);
            let crossing_ends = Connection::crossing_ends(deadline);
            connection.drain(deadline);
            connection.await_crossing_calls(crossing_ends);
            connection.half_close(&reason, deadline);
            connection.await_peer_close(&reason, deadline);
        }
        let closed = self.runtime.close(deadline);
        self.finish_trace();
        closed
    }

    /// The stream, recorded if the client has a trace.
    pub fn tapped(&self, stream: Stream) -> Stream {
        match &self.recorder {
            Some(recorder) => {
                recorder.tap(stream, Role::Client, &self.endpoints.present().to_string())
            }
            None => stream,
        }
    }

    /// Waits a little until the trace is complete, if there is one.
    fn finish_trace(&self) {
        if let Some(recorder) = &self.recorder {
            recorder.flush_soon();
        }
    }

    /// Closes the client without waiting.
    pub fn close_now(&self) {
        if let Some(connection) = self.shut() {
            connection.end(closed());
        }
        // Whatever is still running ends by itself.
        self.runtime.close_now(time::now());
        self.finish_trace();
    }

    /// Stops connecting; returns the connection that is left to close.
    fn shut(&self) -> Option<Connection> {
        let mut state = self.state.lock();
        state.closed = true;
        self.changed.notify_all();
        let (opening, connection) = (state.opening.take(), state.connection.take());
        drop(state);
        if let Some(end) = opening {
            end();
        }
        connection
    }
}

fn cancelled() -> Error {
    Error::new(Status::Cancelled, "the call was cancelled before there was a connection")
}

fn closed() -> Error {
    Error::new(Status::Closed, "the client was closed")
}

/// Whether a failure will not go away by trying again.
pub(crate) fn is_final(failure: &Error) -> bool {
    matches!(failure.status(), Status::Unsupported | Status::AccessDenied | Status::InvalidArgument)
}
