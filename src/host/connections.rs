//! A host's connections, and the handlers that its owner registered.

use std::borrow::Cow;
use std::collections::{HashMap, VecDeque};

use crate::alias::Aliases;
use crate::connection::{Connection, Delegate, Owner, Runtime};
use crate::error::{Error, Result};
use crate::host::quota::{Quota, QuotaShare};
use crate::limits::Limits;
use crate::log::{Log, LogLevel};
use crate::proxy::Proxy;
use crate::sync::atomic::{AtomicU64, Ordering};
use crate::sync::{shared_static, Arc, Mutex};
use crate::threads::throttle::Frequent;
use crate::transport::{Control, Peer};

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
}

#[derive(Default)]
struct State {
    connections: HashMap<u64, Connection>,
    /// Connections whose connected handlers are running, and why such a connection has meanwhile ended.
    entering: HashMap<u64, Option<Error>>,
    /// Unfinished handshakes, oldest first.
    openings: VecDeque<(u64, Arc<dyn Control>)>,
    closed: bool,
}

impl State {
    fn connections(&self) -> Vec<Connection> {
        self.connections.values().cloned().collect()
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
}

impl Connections {
    pub fn new(handlers: Handlers) -> Connections {
        Connections { handlers, quota: Arc::default(), state: Mutex::new(State::default()) }
    }

    pub fn connections(&self) -> Vec<Connection> {
        self.state.lock().connections()
    }

    /// Registers a handshake that begins: returns the connection's number, and drops the oldest handshake
    /// if there are too many. `None` if the host is closed.
    pub fn handshake_began(&self, control: &Arc<dyn Control>, runtime: &Runtime) -> Option<u64> {
        let mut state = self.state.lock();
        if state.closed {
            return None;
        }
        let id = CONNECTIONS.fetch_add(1, Ordering::Relaxed) + 1;
        state.openings.push_back((id, control.clone()));
        let dropped =
            (state.openings.len() > runtime.limits.handshakes).then(|| state.openings.pop_front());
        drop(state);
        if let Some((_, oldest)) = dropped.flatten() {
            runtime.log_frequent(Frequent::RefusedConnection, LogLevel::Warning, || {
                "too many unfinished handshakes; the oldest was dropped".into()
            });
            oldest.shutdown();
        }
        Some(id)
    }

    /// Removes a handshake that has ended, successfully or not.
    pub fn handshake_ended(&self, id: u64) {
        self.state.lock().openings.retain(|(other, _)| *other != id);
    }

    /// Takes a place for one more connection from this peer.
    ///
    /// # Errors
    /// Limit exceeded.
    pub fn admit(&self, peer: &Peer, limits: &Limits) -> Result<QuotaShare> {
        self.quota.take(peer.uid, limits)
    }

    /// Registers an established connection, and runs the connected handlers. False if the host is closed.
    pub fn register(&self, connection: &Connection) -> bool {
        let mut state = self.state.lock();
        if state.closed {
            return false;
        }
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
    pub fn close(&self) -> Vec<Connection> {
        let mut state = self.state.lock();
        state.closed = true;
        let openings = std::mem::take(&mut state.openings);
        let connections = state.connections();
        drop(state);
        for (_, control) in openings {
            control.shutdown();
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

    fn disconnected(&self, connection: &Connection, reason: &Error) {
        let mut state = self.state.lock();
        if let Some(ended) = state.entering.get_mut(&connection.id()) {
            *ended = Some(reason.clone());
            return;
        }
        drop(state);
        self.leave(connection, reason);
    }

    fn log(&self, level: LogLevel, message: &str) {
        if let Some(log) = &self.handlers.log {
            log.write(level, message);
        }
    }
}
