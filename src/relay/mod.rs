//! A relay between clients and a host that spoils the connections on purpose, so that a program's tests see
//! how the program takes it.

mod forward;
mod plan;

use std::fmt;
use std::ops::RangeInclusive;
use std::time::Duration;

use crate::error::{Error, Result, Status};
use crate::log::LogLevel;
use crate::relay::forward::Connection;
use crate::relay::plan::Plan;
use crate::sync::thread::{self, JoinHandle};
use crate::sync::{Arc, Condvar, Mutex, Weak};
use crate::time;
use crate::trace::{Recorder, Role, Trace};
use crate::transport::{self, Endpoint, Listen, Stop, Stream};

/// The pause after a failed accept, e.g. when descriptors run out.
const PAUSE: Duration = Duration::from_millis(50);

/// A direction of the bytes of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// From the client to the host.
    ToHost,
    /// From the host to the client.
    ToClient,
}

/// The faults of a relay's connections; by default there are none. Every choice follows from the seed, the
/// number of the connection, the direction and the position of a byte, so the same bytes meet the same
/// faults again.
///
/// A position is the number of bytes before it in its direction of the connection, the handshake's included.
/// Where a fault has a range of positions, each connection gets one of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Faults {
    /// The choices: another seed makes others.
    pub seed: u64,
    /// The direction that has the faults; `None` means both, each with choices of its own.
    pub direction: Option<Direction>,
    /// How many connections have the faults, the next ones; later ones have none. `None` means all.
    pub connections: Option<u64>,
    /// Each byte is forwarded alone.
    pub byte_wise: bool,
    /// The longest pause before a piece of 1 to 4096 bytes is forwarded. Zero means none.
    pub delay: Duration,
    /// The connection is cut, both ways, before the byte at this position.
    pub cut: Option<RangeInclusive<u64>>,
    /// The byte at this position and all after it vanish, and the end of the stream too: the other side sees
    /// a peer that says nothing more, as when a machine or a network dies.
    pub silence: Option<RangeInclusive<u64>>,
    /// The byte at this position is changed.
    pub corrupt: Option<RangeInclusive<u64>>,
    /// The byte at this position is lost.
    pub lose: Option<RangeInclusive<u64>>,
}

impl Faults {
    fn check(&self) -> Result<()> {
        let ranges = [
            ("cut", &self.cut),
            ("silence", &self.silence),
            ("corrupt", &self.corrupt),
            ("lose", &self.lose),
        ];
        for (name, range) in ranges {
            if range.as_ref().is_some_and(RangeInclusive::is_empty) {
                let message = format!("the first position of '{name}' must not be above the last");
                return Err(Error::new(Status::InvalidArgument, message));
            }
        }
        Ok(())
    }
}

/// Listens on an endpoint, and forwards each connection to a host, with faults: a tool for the tests of
/// programs. Clients connect to [`FaultyRelay::endpoint`] in place of the host's.
///
/// The host sees the relay's process as its peer, so a relay hides who a client is. It belongs to the
/// process that started it. Dropping it ends its connections.
pub struct FaultyRelay {
    shared: Arc<Shared>,
    endpoint: String,
    stopper: Arc<dyn Stop>,
    accepting: Option<JoinHandle<()>>,
}

struct Shared {
    host: Endpoint,
    state: Mutex<State>,
    /// Signalled when the relay is closed.
    closing: Condvar,
}

struct State {
    faults: Faults,
    recorder: Option<Recorder>,
    /// The connections accepted so far, and those since the faults were set.
    accepted: u64,
    since: u64,
    open: Vec<Weak<Connection>>,
    closed: bool,
}

impl FaultyRelay {
    /// Starts a relay that listens on one endpoint and connects to the host at another, e.g.
    /// `pipe://name`, `unix:///path` or `tcp://127.0.0.1:0`. The host may start later: until then the
    /// connections end at once, and clients try again.
    ///
    /// # Errors
    /// [`Status::InvalidArgument`] for an endpoint or faults that are malformed, [`Status::AddressInUse`] if
    /// another program listens there, [`Status::Unsupported`] for `tls://`, and whatever else prevents
    /// listening.
    pub fn start(listen: &str, host: &str, faults: Faults) -> Result<FaultyRelay> {
        faults.check()?;
        let (listen, host) = (forwardable(listen)?, forwardable(host)?);
        let listener = transport::listen(&listen)?;
        let endpoint = listener.endpoint().to_string();
        let stopper = listener.stopper();
        let state = State {
            faults,
            recorder: None,
            accepted: 0,
            since: 0,
            open: Vec::new(),
            closed: false,
        };
        let shared = Arc::new(Shared { host, state: Mutex::new(state), closing: Condvar::new() });
        let theirs = shared.clone();
        let accepting = start_thread(move || theirs.accept(listener))?;
        Ok(FaultyRelay { shared, endpoint, stopper, accepting: Some(accepting) })
    }

    /// The endpoint for clients; for TCP with the port that the system chose.
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// Sets the faults of the connections that are accepted from now on.
    ///
    /// # Errors
    /// [`Status::InvalidArgument`] for malformed faults.
    pub fn set_faults(&self, faults: Faults) -> Result<()> {
        faults.check()?;
        let mut state = self.shared.state.lock();
        state.faults = faults;
        state.since = 0;
        Ok(())
    }

    /// Records what passes between clients and this relay, on the connections that are accepted from now
    /// on, in a file: see [`HostBuilder::trace`](crate::HostBuilder::trace). `log` gets the reason if
    /// recording ends early. Dropping the relay waits until the file is complete, for at most a second.
    ///
    /// # Errors
    /// [`Status::InvalidArgument`] or [`Status::AccessDenied`] if the file cannot be created.
    pub fn record(
        &self,
        trace: &Trace,
        log: impl Fn(LogLevel, &str) + Send + Sync + 'static,
    ) -> Result<()> {
        let recorder = Recorder::begin(Some(trace.create()?), log);
        self.shared.state.lock().recorder = recorder;
        Ok(())
    }

    /// How many connections were accepted so far.
    pub fn connections(&self) -> u64 {
        self.shared.state.lock().accepted
    }

    /// Cuts the connections that are open.
    pub fn cut(&self) {
        let open = std::mem::take(&mut self.shared.state.lock().open);
        open.iter().filter_map(Weak::upgrade).for_each(|connection| connection.cut());
    }
}

/// An endpoint whose bytes are forwarded as they are.
fn forwardable(endpoint: &str) -> Result<Endpoint> {
    let endpoint = endpoint.parse()?;
    if let Endpoint::Tls { .. } = endpoint {
        let message =
            "a relay has no certificates; from tcp:// to tcp://, with the host's port, it \
                       passes on what TLS encrypts";
        return Err(Error::new(Status::Unsupported, message));
    }
    Ok(endpoint)
}

impl fmt::Debug for FaultyRelay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FaultyRelay").field("endpoint", &self.endpoint).finish_non_exhaustive()
    }
}

impl Drop for FaultyRelay {
    fn drop(&mut self) {
        self.shared.state.lock().closed = true;
        self.shared.closing.notify_all();
        self.stopper.stop();
        self.cut();
        if let Some(accepting) = self.accepting.take() {
            // It only returns; a panic in it was reported when it happened.
            accepting.join().ok();
        }
        if let Some(recorder) = self.shared.state.lock().recorder.take() {
            recorder.flush_soon();
        }
    }
}

impl Shared {
    /// Accepts connections until the relay is dropped.
    fn accept(self: &Arc<Self>, mut listener: Box<dyn Listen>) {
        loop {
            match listener.accept() {
                Ok(Some(client)) => {
                    let Some((connection, plans)) = self.begin(&client) else { return };
                    let client = self.tapped(client);
                    let theirs = self.clone();
                    // Without a thread the client sees a lost connection, as without a host.
                    start_thread(move || {
                        forward::connect(client, &theirs.host, &connection, plans)
                    })
                    .ok();
                }
                Ok(None) => return,
                Err(_) => self.pause(PAUSE),
            }
        }
    }

    /// The stream, recorded if the relay has a trace.
    fn tapped(&self, client: Stream) -> Stream {
        match self.state.lock().recorder.clone() {
            Some(recorder) => recorder.tap(client, Role::Host, &self.host.to_string()),
            None => client,
        }
    }

    /// Waits, unless the relay is closed.
    fn pause(&self, pause: Duration) {
        let until = time::after(pause);
        let mut state = self.state.lock();
        while !state.closed && !self.closing.wait_until(&mut state, until).timed_out() {}
    }

    /// Notes a new connection, and plans its faults in both directions. `None` once the relay is closed.
    fn begin(&self, client: &transport::Stream) -> Option<(Arc<Connection>, [Plan; 2])> {
        let mut state = self.state.lock();
        if state.closed {
            return None;
        }
        let spoiled = state.faults.connections.is_none_or(|most| state.since < most);
        let none = Faults::default();
        let faults = if spoiled { &state.faults } else { &none };
        let number = state.accepted;
        let plans =
            [Direction::ToHost, Direction::ToClient].map(|way| Plan::new(faults, number, way));
        let connection = Arc::new(Connection::new(client.control.clone()));
        state.open.retain(|open| open.strong_count() > 0);
        state.open.push(Arc::downgrade(&connection));
        state.accepted += 1;
        state.since += 1;
        Some((connection, plans))
    }
}

fn start_thread<T: Send + 'static>(
    run: impl FnOnce() -> T + Send + 'static,
) -> Result<JoinHandle<T>> {
    let started = thread::Builder::new().name("callgate-relay".into()).spawn(run);
    started.map_err(|error| {
        Error::new(Status::LimitExceeded, format!("the relay cannot start a thread: {error}"))
    })
}
