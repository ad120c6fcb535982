//! A host's connections, and the handlers that its owner registered.

use std::borrow::Cow;
use std::collections::HashMap;
use std::time::Instant;

use crate::alias::Aliases;
use crate::connection::{Connection, Delegate, Owner, Runtime};
use crate::error::{Error, Result, Status};
use crate::host::about::About;
use crate::host::quota::{Quota, QuotaShare};
use crate::log::{Log, LogEvent, LogLevel, LogTarget};
use crate::name::HOST_INTERFACE;
use crate::proxy::Proxy;
use crate::sync::atomic::{AtomicU64, Ordering};
use crate::sync::{shared_static, Arc, Condvar, Mutex};
use crate::threads::throttle::Frequent;
use crate::transport::{Control, Party, Peer, Stream};

type Factory = dyn Fn(&str, &Connection) -> Result<Option<Arc<dyn Delegate>>> + Send + Sync;
type DuplexFactory = dyn Fn(&Connection, Proxy) -> Result<Option<Arc<dyn Delegate>>> + Send + Sync;
type Connected = dyn Fn(&Connection) + Send + Sync;
type Disconnected = dyn Fn(&Connection, &Error) + Send + Sync;

/// The owner's handlers and factories.
#[derive(Default)]
pub(super) struct Handlers {
    pub aliases: Aliases,
    pub ordered: Vec<String>,
    pub duplex: HashMap<String, (String, Box<DuplexFactory>)>,
    pub factories: Vec<Box<Factory>>,
    pub connected: Vec<Box<Connected>>,
    pub disconnected: Vec<Box<Disconnected>>,
    pub log: Option<Log>,
    /// The delegate of `callgate.Host`, unless it is switched off.
    pub about: Option<Arc<About>>,
}

/// An unfinished handshake.
struct Opening {
    id: u64,
    party: Party,
    control: Arc<dyn Control>,
}

#[derive(Default)]
struct State {
    connections: HashMap<u64, Connection>,
    /// Connections whose connected handlers are running, and why such a connection has meanwhile ended.
    entering: HashMap<u64, Option<Error>>,
    /// Unfinished handshakes, oldest first.
    openings: Vec<Opening>,
    /// Handshakes that end with a welcome, which may already have reached the client.
    welcomed: Vec<Opening>,
    closed: bool,
}

impl State {
    fn connections(&self) -> Vec<Connection> {
        self.connections.values().cloned().collect()
    }

    /// Moves a handshake to those that end with a welcome. False if it was dropped.
    fn welcome(&mut self, id: u64) -> bool {
        let found = self.openings.iter().position(|opening| opening.id == id);
        self.welcomed.extend(found.map(|place| self.openings.remove(place)));
        found.is_some()
    }

    /// Takes a handshake out. False if it had no welcome, or was dropped.
    fn end_handshake(&mut self, id: u64) -> bool {
        self.openings.retain(|opening| opening.id != id);
        let found = self.welcomed.iter().position(|opening| opening.id == id);
        found.map(|place| self.welcomed.remove(place)).is_some()
    }

    /// Takes out the oldest handshake of the party that has the most. There is at least one.
    fn drop_handshake(&mut self) -> Opening {
        let mut counts = HashMap::<&Party, usize>::new();
        for opening in &self.openings {
            *counts.entry(&opening.party).or_default() += 1;
        }
        let most = counts.values().copied().max();
        let of_most = |opening: &Opening| counts.get(&opening.party).copied() == most;
        let oldest = self.openings.iter().position(of_most).unwrap_or_default();
        self.openings.remove(oldest)
    }
}

shared_static! {
    /// Counts the connections of all hosts in the process, so that their numbers differ.
    static CONNECTIONS: AtomicU64 = AtomicU64::new(0);
}

/// A host's connections, established or in the handshake.
pub(super) struct Connections {
    handlers: Handlers,
    quota: Arc<Quota>,
    state: Mutex<State>,
    /// Signalled when a handshake with a welcome has ended.
    settled: Condvar,
}

impl Connections {
    pub fn new(handlers: Handlers, quota: Arc<Quota>) -> Connections {
        Connections {
            handlers,
            quota,
            state: Mutex::new(State::default()),
            settled: Condvar::new(),
        }
    }

    pub fn connections(&self) -> Vec<Connection> {
        self.state.lock().connections()
    }

    /// Registers a handshake that begins, and returns the connection's number. If there are too many, drops
    /// the oldest one of the user or address that has the most. `None` if the host is closed.
    pub fn handshake_began(&self, stream: &Stream, runtime: &Runtime) -> Option<u64> {
        let mut state = self.state.lock();
        if state.closed {
            return None;
        }
        let id = CONNECTIONS.fetch_add(1, Ordering::Relaxed) + 1;
        let party = Party::of(&stream.peer);
        state.openings.push(Opening { id, party, control: stream.control.clone() });
        let dropped =
            (state.openings.len() > runtime.limits.handshakes).then(|| state.drop_handshake());
        drop(state);
        if let Some(dropped) = dropped {
            runtime.log_frequent(Frequent::RefusedConnection, || {
                let message = format!(
                    "connection {} was dropped: the host has too many unfinished handshakes; raise the limit `handshakes` if these are clients",
                    dropped.id
                );
                LogEvent::new(LogLevel::Warning, LogTarget::Host, message).connection(dropped.id)
            });
            dropped.control.shutdown();
        }
        Some(id)
    }

    /// Removes a handshake that has failed.
    pub fn handshake_failed(&self, id: u64) {
        self.state.lock().end_handshake(id);
        self.settled.notify_all();
    }

    /// Takes a place for one more connection from this peer, which will be welcomed.
    ///
    /// # Errors
    /// Limit exceeded; closed, also if this handshake was dropped.
    pub fn admit(&self, id: u64, peer: &Peer) -> Result<QuotaShare> {
        let place = self.quota.take(Party::of(peer))?;
        match self.state.lock().welcome(id) {
            true => Ok(place),
            false => {
                let message = "the host is closing, or has too many unfinished handshakes";
                Err(Error::new(Status::Closed, message))
            }
        }
    }

    /// Registers an established connection, and runs the connected handlers. False if the host is closed and
    /// no longer waits for it.
    pub fn register(&self, connection: &Connection) -> bool {
        let mut state = self.state.lock();
        if !state.end_handshake(connection.id()) {
            return false;
        }
        self.settled.notify_all();
        state.connections.insert(connection.id(), connection.clone());
        state.entering.insert(connection.id(), None);
        drop(state);
        for handler in &self.handlers.connected {
            let runtime = connection.runtime();
            runtime.run_handler("a client-connected handler", || handler(connection));
        }
        let ended = self.state.lock().entering.remove(&connection.id()).flatten();
        if let Some(reason) = ended {
            self.leave(connection, &reason);
        }
        true
    }

    /// Removes a connection that has ended, and runs the disconnected handlers if the connected handlers
    /// ran.
    fn leave(&self, connection: &Connection, reason: &Error) {
        connection.release_place();
        if self.state.lock().connections.remove(&connection.id()).is_none() {
            return;
        }
        for handler in &self.handlers.disconnected {
            let runtime = connection.runtime();
            runtime.run_handler("a client-disconnected handler", || handler(connection, reason));
        }
    }

    /// Refuses further connections, drops unfinished handshakes, and returns the established connections.
    /// Clients that were just welcomed may have called: waits until the deadline for their connections.
    pub fn close(&self, deadline: Instant) -> Vec<Connection> {
        let mut state = self.state.lock();
        state.closed = true;
        let mut openings = std::mem::take(&mut state.openings);
        while !state.welcomed.is_empty() {
            if self.settled.wait_until(&mut state, deadline).timed_out() {
                break;
            }
        }
        openings.append(&mut state.welcomed);
        let connections = state.connections();
        drop(state);
        for opening in openings {
            opening.control.shutdown();
        }
        connections
    }
}

impl Owner for Connections {
    fn resolve<'a>(&self, name: &'a str) -> Cow<'a, str> {
        self.handlers.aliases.resolve(name)
    }

    fn ordered(&self, name: &[u8]) -> Option<usize> {
        let ordered = &self.handlers.ordered;
        if ordered.is_empty() {
            return None;
        }
        let interface = self.resolve(std::str::from_utf8(name).ok()?);
        ordered.iter().position(|other| **other == *interface)
    }

    fn make_delegate(&self, interface: &str, by: &Connection) -> Result<Option<Arc<dyn Delegate>>> {
        if let Some((callback, factory)) = self.handlers.duplex.get(interface) {
            if let Some(delegate) = factory(by, by.proxy(callback)?)? {
                return Ok(Some(delegate));
            }
        }
        for factory in &self.handlers.factories {
            if let Some(delegate) = factory(interface, by)? {
                return Ok(Some(delegate));
            }
        }
        Ok(None)
    }

    fn own_delegate(&self, interface: &str) -> Option<Arc<dyn Delegate>> {
        let about = self.handlers.about.clone().filter(|_| interface == HOST_INTERFACE);
        about.map(|about| about as Arc<dyn Delegate>)
    }

    fn declared(&self) -> Vec<&str> {
        self.handlers.about.as_ref().map_or_else(Vec::new, |about| about.interfaces())
    }

    fn disconnected(&self, connection: &Connection, reason: &Error) {
        let mut state = self.state.lock();
        if let Some(ended) = state.entering.get_mut(&connection.id()) {
            *ended = Some(reason.clone());
            return;
        }
        drop(state);
        self.leave(connection, reason);
    }

    fn log(&self) -> Option<&Log> {
        self.handlers.log.as_ref()
    }
}
