//! The listening side.

mod about;
mod accept;
mod builder;
mod connections;
mod quota;

use std::time::{Duration, Instant};

use crate::connection::{Connection, Runtime};
use crate::counters::Counters;
use crate::error::{Error, Result, Status};
use crate::host::connections::Connections;
use crate::log::LogEvent;
use crate::sync::{Arc, Condvar, Mutex};
use crate::threads::throttle::Frequent;
use crate::time;
use crate::trace::{Recorder, Role};
use crate::transport::{Endpoint, Stop, Stream};

pub use builder::HostBuilder;

/// The listening side, which serves interfaces through delegates. Clones are the same host.
///
/// It listens from [`HostBuilder::start`] until it is closed. Dropping the last clone closes it without
/// waiting.
#[derive(Clone)]
pub struct Host(Arc<HostCore>);

/// What the clones of a host share. Dropping it closes the host without waiting.
struct HostCore(Arc<Shared>);

/// What a host's threads share.
struct Shared {
    runtime: Arc<Runtime>,
    connections: Arc<Connections>,
    recorder: Option<Recorder>,
    endpoints: Vec<Endpoint>,
    stoppers: Vec<Arc<dyn Stop>>,
    phase: Mutex<Phase>,
    changed: Condvar,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Open,
    Closing,
}

impl Host {
    /// Starts setting up a host.
    pub fn builder() -> HostBuilder {
        HostBuilder::new()
    }

    /// The endpoints that the host listens on, in the order added; TCP endpoints with the port that the
    /// system chose.
    pub fn endpoints(&self) -> &[Endpoint] {
        &self.0 .0.endpoints
    }

    /// The connections that are open now.
    pub fn connections(&self) -> Vec<Connection> {
        if !self.0 .0.runtime.is_ours() {
            return Vec::new();
        }
        self.0 .0.connections.connections()
    }

    /// What the host has counted since it was started. Clients get the same from `callgate.Host`.
    pub fn counters(&self) -> Counters {
        match self.0 .0.runtime.is_ours() {
            true => self.0 .0.runtime.counts.read(),
            false => Counters::default(),
        }
    }

    /// Closes the host: stops listening, waits for running calls up to
    /// [`Limits::drain_timeout`](crate::Limits::drain_timeout), and closes every connection. Calls that
    /// have not started are refused as *closed*. Calls that the host itself made, and that still wait for
    /// replies, end as *closed*. Inside a delegate or handler of this host it returns at once, and closing
    /// continues in the background.
    ///
    /// # Errors
    /// Timed out if a delegate or handler has not returned by then; closing continues in the background.
    pub fn close(&self) -> Result<()> {
        self.close_within(self.0 .0.runtime.limits.drain_timeout)
    }

    /// Closes the host, waiting at most `timeout`.
    ///
    /// # Errors
    /// As [`Host::close`].
    pub fn close_within(&self, timeout: Duration) -> Result<()> {
        self.0 .0.runtime.check()?;
        let shared = self.0 .0.clone();
        let runtime = shared.runtime.clone();
        runtime.close_by(timeout, move |deadline| shared.close(deadline))
    }

    /// Waits until the host is closed; `None` waits without limit.
    ///
    /// # Errors
    /// Timed out; would deadlock inside a delegate or handler of this host.
    pub fn wait(&self, timeout: Option<Duration>) -> Result<()> {
        self.0 .0.runtime.wait_closed(timeout)
    }
}

impl Shared {
    fn close(&self, deadline: Instant) -> Result<()> {
        let reason = closed();
        self.stop_listening();
        let connections = self.connections.close(Connection::crossing_ends(deadline));
        for connection in &connections {
            connection.send_goodbye(&reason);
        }
        let crossing_ends = Connection::crossing_ends(deadline);
        for connection in &connections {
            connection.drain(deadline);
            connection.await_crossing_calls(crossing_ends);
            connection.half_close(&reason, deadline);
        }
        for connection in &connections {
            connection.await_peer_close(&reason, deadline);
        }
        let closed = self.runtime.close(deadline);
        self.finish_trace();
        closed
    }

    /// Waits a little until the trace is complete, if there is one.
    fn finish_trace(&self) {
        if let Some(recorder) = &self.recorder {
            recorder.flush_soon();
        }
    }

    /// The stream, recorded if the host has a trace.
    fn tapped(&self, stream: Stream, endpoint: &Endpoint) -> Stream {
        match &self.recorder {
            Some(recorder) => recorder.tap(stream, Role::Host, &endpoint.to_string()),
            None => stream,
        }
    }

    fn stop_listening(&self) {
        *self.phase.lock() = Phase::Closing;
        self.changed.notify_all();
        for stopper in &self.stoppers {
            stopper.stop();
        }
    }

    fn is_open(&self) -> bool {
        *self.phase.lock() == Phase::Open
    }

    /// Sleeps, but wakes when the host is closed.
    fn pause(&self, pause: Duration) {
        let until = time::after(pause);
        let mut phase = self.phase.lock();
        while *phase == Phase::Open && !self.changed.wait_until(&mut phase, until).timed_out() {}
    }

    /// Counts a stream that did not become a connection, and logs why.
    fn log_refusal(&self, event: impl FnOnce() -> LogEvent<'static>) {
        self.runtime.counts.note_failed_connection();
        self.runtime.log_frequent(Frequent::RefusedConnection, event);
    }
}

impl Drop for HostCore {
    fn drop(&mut self) {
        let shared = &self.0;
        if !shared.runtime.is_ours() {
            // Nothing of the host may be dropped: its threads are gone, and its locks may be held.
            return std::mem::forget(shared.clone());
        }
        shared.stop_listening();
        for connection in shared.connections.close(time::now()) {
            connection.end(closed());
        }
        // Whatever is still running ends by itself.
        shared.runtime.close_now(time::now());
        shared.finish_trace();
    }
}

fn closed() -> Error {
    Error::new(Status::Closed, "the host was closed")
}
