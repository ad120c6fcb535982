//! What ties a client to its present connection, whichever that is.

pub(crate) mod events;
pub(crate) mod reconnect;

use std::time::{Duration, Instant};

use crate::cancel::Withdrawal;
use crate::connection::{thread_number, Connection, Runtime};
use crate::error::{Error, Execution, Result, Status};
use crate::limits::Limits;
use crate::sync::atomic::{AtomicU64, Ordering};
use crate::sync::{Arc, Condvar, Mutex, Weak};
use crate::transport::Endpoint;

#[derive(Default)]
struct State {
    connection: Option<Connection>,
    /// Ends an attempt to connect that is under way.
    opening: Option<Box<dyn FnOnce() + Send>>,
    /// Why there is no connection, as the last attempt learnt.
    failure: Option<Error>,
    /// When the last connection was lost.
    lost: Option<Instant>,
    closed: bool,
}

/// When a call was made, and when it gives up.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CallTimes {
    pub made: Instant,
    pub deadline: Option<Instant>,
    /// How long it waits for a connection, if that is not what the client says now.
    pub connection_timeout: Option<Duration>,
}

impl State {
    /// The connection that new calls may go by.
    fn for_calls(&self) -> Option<Connection> {
        self.connection.as_ref().filter(|connection| connection.takes_calls()).cloned()
    }
}

/// A proxy that does something by itself when connections come and go.
pub(crate) trait Eager: Send + Sync {
    /// The client has a connection again.
    fn connected(self: Arc<Self>, link: &Link, connection: &Connection);

    /// The present connection has ended.
    fn disconnected(&self);
}

/// One client's tie to its host.
pub(crate) struct Link {
    pub endpoint: Endpoint,
    /// As whom the host must run.
    pub host_user: Option<u32>,
    pub runtime: Arc<Runtime>,
    /// How long a call waits for a connection; the program may change it at any time.
    connection_timeout_ns: AtomicU64,
    state: Mutex<State>,
    changed: Condvar,
    eager: Mutex<Vec<Weak<dyn Eager>>>,
    /// The thread that connects.
    supervisor: AtomicU64,
}

/// What the clones of a client and its proxies share. Closes without waiting when they are gone.
pub(crate) struct ClientCore {
    pub link: Arc<Link>,
}

impl Drop for ClientCore {
    fn drop(&mut self) {
        if !self.link.runtime.is_ours() {
            // Nor is anything that it owns.
            return std::mem::forget(self.link.clone());
        }
        self.link.abandon();
    }
}

impl Link {
    pub fn new(endpoint: Endpoint, host_user: Option<u32>, runtime: Arc<Runtime>) -> Arc<Link> {
        let (state, changed) = (Mutex::new(State::default()), Condvar::new());
        let eager = Mutex::new(Vec::new());
        let connection_timeout_ns = AtomicU64::new(nanoseconds(runtime.limits.connection_timeout));
        Arc::new(Link {
            endpoint,
            host_user,
            runtime,
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

    /// Calls made from now on wait that long for a connection.
    pub fn set_connection_timeout(&self, timeout: Duration) {
        self.connection_timeout_ns.store(nanoseconds(timeout), Ordering::Relaxed);
    }

    /// One more proxy to be told of connections, for as long as it lives.
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

    /// The connection that new calls may go by now, if there is one.
    pub fn connection_now(&self) -> Option<Connection> {
        self.state.lock().for_calls()
    }

    /// Waits until there is a connection.
    pub fn wait_connected(&self, deadline: Option<Instant>) -> Result<()> {
        self.wait_connection(None, deadline, Withdrawal::default()).map(drop)
    }

    /// Does something with the connection, waiting for one up to the connection timeout. It is done
    /// again with the next connection if the first ended before it had left.
    pub fn with_connection<R>(
        self: &Arc<Self>,
        times: &CallTimes,
        withdrawal: Withdrawal<'_>,
        act: impl Fn(&Connection) -> Result<R>,
    ) -> Result<R> {
        loop {
            let connection = self.connection_for_call(times, withdrawal)?;
            match act(&connection) {
                Err(error)
                    if error.execution() == Execution::NotRun
                        && connection.ended().is_some_and(|end| end.status() == error.status()) =>
                {
                    self.forget(&connection, error);
                }
                outcome => return outcome,
            }
        }
    }

    fn connection_for_call(
        self: &Arc<Self>,
        times: &CallTimes,
        withdrawal: Withdrawal<'_>,
    ) -> Result<Connection> {
        if let Some(connection) = self.state.lock().for_calls() {
            return Ok(connection);
        }
        let link = self.clone();
        let _registration = withdrawal.on_cancel(move || {
            // Under the lock, so that it is not between looking and waiting.
            let _state = link.state.lock();
            link.changed.notify_all();
        });
        let timeout = times.connection_timeout.unwrap_or_else(|| self.connection_timeout());
        self.wait_connection(Some((times.made, timeout)), times.deadline, withdrawal)
    }

    /// Waits for a connection until the deadline, and for a call that was made then, no longer than
    /// that timeout.
    fn wait_connection(
        &self,
        made: Option<(Instant, Duration)>,
        deadline: Option<Instant>,
        withdrawal: Withdrawal<'_>,
    ) -> Result<Connection> {
        let mut state = self.state.lock();
        loop {
            if withdrawal.is_cancelled() {
                return Err(cancelled());
            }
            if state.closed {
                return Err(closed());
            }
            if let Some(connection) = state.for_calls() {
                return Ok(connection);
            }
            if let Some(failure) = state.failure.as_ref().filter(|failure| is_final(failure)) {
                return Err(failure.clone());
            }
            self.check_waiting()?;
            let patience = made.and_then(|(made, timeout)| patience(made, state.lost, timeout));
            let first = [deadline, patience].into_iter().flatten().min();
            let until = withdrawal.until(first);
            let late = match until {
                None => {
                    self.changed.wait(&mut state);
                    false
                }
                Some(until) => self.changed.wait_until(&mut state, until).timed_out(),
            };
            if late && until != first {
                drop(state);
                if withdrawal.check() {
                    return Err(cancelled());
                }
                state = self.state.lock();
            } else if late && state.for_calls().is_none() && !state.closed {
                let status =
                    if first == deadline { Status::TimedOut } else { Status::ChannelFaulted };
                return Err(self.none_came(status, state.failure.clone()));
            }
        }
    }

    /// This thread is the one that connects.
    pub fn note_supervisor(&self) {
        self.supervisor.store(thread_number(), Ordering::Relaxed);
    }

    /// Refuses to wait for a connection in a handler on the thread that is to make one.
    fn check_waiting(&self) -> Result<()> {
        let connects = self.supervisor.load(Ordering::Relaxed) == thread_number();
        if !(connects && self.runtime.is_in_handler()) {
            return Ok(());
        }
        let message = "the client connects again only when this handler has returned";
        Err(Error::new(Status::WouldDeadlock, message))
    }

    fn none_came(&self, status: Status, cause: Option<Error>) -> Error {
        let error = Error::new(status, format!("no connection to {} came in time", self.endpoint));
        match cause {
            Some(cause) => error.with_cause(cause),
            None => error,
        }
    }

    /// An attempt to connect begins, or goes on by other means: `end` would end it.
    ///
    /// # Errors
    /// Closed when the client is.
    pub fn opens(&self, end: impl FnOnce() + Send + 'static) -> Result<()> {
        let mut state = self.state.lock();
        if state.closed {
            return Err(closed());
        }
        state.opening = Some(Box::new(end));
        Ok(())
    }

    /// There is a connection. False when the client is closed.
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
        // The first connection is initialised by the first call.
        if connection.generation() > 1 {
            for proxy in self.eager() {
                proxy.connected(self, connection);
            }
        }
        true
    }

    /// That connection is no more.
    pub fn forget(&self, connection: &Connection, reason: Error) {
        let mut state = self.state.lock();
        if state.connection.as_ref() == Some(connection) {
            state.connection = None;
            state.failure = Some(reason);
            state.lost = Some(Instant::now());
        }
        drop(state);
        for proxy in self.eager() {
            proxy.disconnected();
        }
    }

    /// An attempt to connect has failed. Waits that long before the next; false when the client is
    /// closed.
    pub fn pause(&self, failure: Error, pause: Duration) -> bool {
        let mut state = self.state.lock();
        state.opening = None;
        state.failure = Some(failure);
        self.changed.notify_all();
        let until = Instant::now() + pause;
        while !state.closed && !self.changed.wait_until(&mut state, until).timed_out() {}
        !state.closed
    }

    /// Closes the client, waiting until the deadline at most.
    pub fn close(&self, deadline: Instant) -> Result<()> {
        if let Some(connection) = self.shut() {
            let reason = closed();
            connection.take_leave(&reason);
            connection.drain(deadline);
            connection.part(&reason, deadline);
            connection.wait_parted(&reason, deadline);
        }
        self.runtime.close(deadline)
    }

    /// Closes the client without waiting.
    pub fn abandon(&self) {
        if let Some(connection) = self.shut() {
            connection.end(closed());
        }
        // What still runs ends by itself.
        self.runtime.abandon(Instant::now());
    }

    /// Connects no more; returns the connection that is left to close.
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

/// When a call that was made then waits no longer for a connection: the client has had none for that
/// long since.
fn patience(made: Instant, lost: Option<Instant>, timeout: Duration) -> Option<Instant> {
    lost.map_or(made, |lost| lost.max(made)).checked_add(timeout)
}

fn cancelled() -> Error {
    Error::new(Status::Cancelled, "the call was cancelled before there was a connection")
}

fn closed() -> Error {
    Error::new(Status::Closed, "the client was closed")
}

/// Whether trying to connect again cannot be expected to help.
fn is_final(failure: &Error) -> bool {
    matches!(failure.status(), Status::Unsupported | Status::AccessDenied | Status::InvalidArgument)
}

/// The longest time that fits, 584 years, stands for all that are longer.
fn nanoseconds(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}
