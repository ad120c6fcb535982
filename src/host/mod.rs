//! The side that listens.

mod accept;
mod builder;
mod connections;
mod quota;

use std::time::{Duration, Instant};

use crate::connection::{Connection, Runtime};
use crate::error::{Error, Result, Status};
use crate::host::connections::Roster;
use crate::log::LogLevel;
use crate::sync::{Arc, Condvar, Mutex};
use crate::transport::{Endpoint, Stop};

pub use builder::HostBuilder;

/// The side that listens, and serves interfaces through delegates. Clones are the same host.
///
/// It listens from [`HostBuilder::start`] until it is closed. Dropping the last clone closes it
/// without waiting.
#[derive(Clone)]
pub struct Host(Arc<HostCore>);

/// What the clones of a host share. Closes without waiting when they are gone.
struct HostCore(Arc<Shared>);

/// What a host's threads share.
struct Shared {
    runtime: Arc<Runtime>,
    roster: Arc<Roster>,
    endpoints: Vec<Endpoint>,
    stoppers: Vec<Arc<dyn Stop>>,
    life: Mutex<Life>,
    changed: Condvar,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Life {
    Open,
    Closing,
}

impl Host {
    /// Starts setting up a host.
    pub fn builder() -> HostBuilder {
        HostBuilder::new()
    }

    /// Where it listens, in the order added; TCP endpoints with the port that was chosen.
    pub fn endpoints(&self) -> &[Endpoint] {
        &self.0 .0.endpoints
    }

    /// The connections that are open now.
    pub fn connections(&self) -> Vec<Connection> {
        if !self.0 .0.runtime.is_ours() {
            return Vec::new();
        }
        self.0 .0.roster.connections()
    }

    /// Closes it: stops listening, waits for calls that run as long as
    /// [`Limits::drain_timeout`](crate::Limits::drain_timeout), and closes every connection. Calls that
    /// have not started by then are refused as closed. Calls that the host itself has made, and that then
    /// still wait for their answers, end as closed. Inside a delegate or handler of this host it
    /// returns at once, and the closing is done in the background.
    ///
    /// # Errors
    /// Timed out if a delegate or handler has not returned by then; the rest is done in the
    /// background.
    pub fn close(&self) -> Result<()> {
        self.close_within(self.0 .0.runtime.limits.drain_timeout)
    }

    /// Closes it, waiting that long at most.
    ///
    /// # Errors
    /// As [`Host::close`].
    pub fn close_within(&self, timeout: Duration) -> Result<()> {
        self.0 .0.runtime.check()?;
        let shared = self.0 .0.clone();
        let runtime = shared.runtime.clone();
        runtime.close_by(timeout, move |deadline| shared.close(deadline))
    }

    /// Waits until it has been closed; without a timeout, for as long as it takes.
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
        let connections = self.roster.close();
        for connection in &connections {
            connection.take_leave(&reason);
        }
        for connection in &connections {
            connection.drain(deadline);
            connection.part(&reason, deadline);
        }
        for connection in &connections {
            connection.wait_parted(&reason, deadline);
        }
        self.runtime.close(deadline)
    }

    fn stop_listening(&self) {
        *self.life.lock() = Life::Closing;
        self.changed.notify_all();
        for stopper in &self.stoppers {
            stopper.stop();
        }
    }

    fn is_open(&self) -> bool {
        *self.life.lock() == Life::Open
    }

    /// Waits, unless the host is closed meanwhile.
    fn pause(&self, pause: Duration) {
        let until = Instant::now() + pause;
        let mut life = self.life.lock();
        while *life == Life::Open && !self.changed.wait_until(&mut life, until).timed_out() {}
    }

    fn log(&self, level: LogLevel, message: &str) {
        self.runtime.log(level, message);
    }
}

impl Drop for HostCore {
    fn drop(&mut self) {
        let shared = &self.0;
        if !shared.runtime.is_ours() {
            // Nor is anything that it owns.
            return std::mem::forget(shared.clone());
        }
        shared.stop_listening();
        for connection in shared.roster.close() {
            connection.end(closed());
        }
        // What still runs ends by itself.
        shared.runtime.abandon(Instant::now());
    }
}

fn closed() -> Error {
    Error::new(Status::Closed, "the host was closed")
}
