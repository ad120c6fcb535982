//! The side that connects.

use std::borrow::Cow;
use std::collections::HashMap;
use std::time::Duration;

use crate::alias::Aliases;
use crate::connection::{Connection, Delegate, Owner, Runtime};
use crate::contract::Contract;
use crate::counters::Counters;
use crate::error::{Error, Result};
use crate::limits::Limits;
use crate::link::events::Events;
use crate::link::reconnect;
use crate::link::{Agreement, ClientCore, Endpoints, Link, Verify};
use crate::log::{Log, LogEvent};
use crate::name;
use crate::proxy::{Proxy, Target};
use crate::sync::Arc;
use crate::time;
use crate::trace::{Recorder, Trace};
use crate::transport::{Endpoint, User};

/// Sets up a client. See [`Client::builder`].
pub struct ClientBuilder {
    endpoints: String,
    shuffled: bool,
    limits: Limits,
    host_user: Option<String>,
    owner: ClientServices,
    agreement: Agreement,
    events: Events,
    trace: Option<Trace>,
    /// An error of an earlier setting, which [`ClientBuilder::connect`] returns.
    fault: Option<Error>,
}

impl ClientBuilder {
    /// Serves a callback interface to the host. One delegate serves it on all of the client's connections;
    /// setting an interface again replaces its delegate.
    pub fn callback_handler(mut self, interface: &str, delegate: impl Delegate) -> ClientBuilder {
        let named = name::check_served("an interface's name", interface);
        self.owner.callbacks.insert(interface.into(), Arc::new(delegate));
        self.agreement.callbacks.retain(|contract| contract.interface() != interface);
        self.noting(named)
    }

    /// Adds the description of a callback interface that has a handler.
    pub(crate) fn describe_callback(mut self, contract: Result<Contract>) -> ClientBuilder {
        match contract {
            Ok(contract) => self.agreement.callbacks.push(contract),
            Err(error) => _ = self.fault.get_or_insert(error),
        }
        self
    }

    /// Sets when proxies that have a description compare it with the host's: by default at their first
    /// call on each connection. Typed proxies have one.
    pub fn verify(mut self, verify: Verify) -> ClientBuilder {
        self.agreement.verify = verify;
        self
    }

    /// Adds a delegate factory, which is asked for interfaces without a callback handler: once per
    /// connection and interface, in the order added, until one returns a delegate. An error goes to the
    /// caller, and the next call asks the factories again.
    ///
    /// It runs on any thread, and may block and call Callgate.
    pub fn delegate_factory(
        mut self,
        factory: impl Fn(&str, &Connection) -> Result<Option<Arc<dyn Delegate>>> + Send + Sync + 'static,
    ) -> ClientBuilder {
        self.owner.factories.push(Box::new(factory));
        self
    }

    /// Makes every name of a callback interface that begins with `prefix` an alias of the interface. The
    /// longest matching prefix wins.
    pub fn interface_alias(mut self, prefix: &str, interface: &str) -> ClientBuilder {
        let added = self.owner.aliases.add(prefix, interface);
        self.noting(added)
    }

    /// Adds a handler that runs when the client first connects. It runs on the client's own thread, and may
    /// block and call Callgate. If it panics, the panic is logged, and the other handlers still run.
    pub fn connected(mut self, handler: impl Fn(&Connection) + Send + Sync + 'static) -> Self {
        self.events.connected.push(Box::new(handler));
        self
    }

    /// Adds a handler that runs after each reconnect; [`Connection::generation`] counts the connections.
    pub fn reconnected(mut self, handler: impl Fn(&Connection) + Send + Sync + 'static) -> Self {
        self.events.reconnected.push(Box::new(handler));
        self
    }

    /// Adds a handler that runs once for each connection that has ended, with the reason, after the
    /// handlers for its beginning have returned. It runs on the thread that connects: a call through the
    /// client that needs a connection gets *would deadlock* there. If it panics, the panic is logged, and
    /// the other handlers still run.
    pub fn disconnected(
        mut self,
        handler: impl Fn(&Connection, &Error) + Send + Sync + 'static,
    ) -> Self {
        self.events.disconnected.push(Box::new(handler));
        self
    }

    /// Tries the endpoints in a random order, which is chosen once, in place of the order in which they are
    /// listed: so clients spread over the hosts, and do not all prefer the first.
    pub fn shuffle_endpoints(mut self) -> ClientBuilder {
        self.shuffled = true;
        self
    }

    /// Replaces the default limits.
    pub fn limits(mut self, limits: Limits) -> ClientBuilder {
        self.limits = limits;
        self
    }

    /// Requires the host to run as this user: a uid or a name on Unix, a SID or a name on Windows. A host that
    /// runs as root is refused too. If the host runs as another user, or its user is unknown, the client does
    /// not connect: waiting calls get *access denied*. The user of a TCP peer is never known, so
    /// [`ClientBuilder::connect`] rejects the setting for TCP; it also looks the name up, and may wait for a
    /// server that knows it.
    pub fn host_user(mut self, user: impl ToString) -> ClientBuilder {
        self.host_user = Some(user.to_string());
        self
    }

    /// Sets a function that receives the client's log, on any thread, in place of the subscriber of `tracing`
    /// (feature `tracing`). The function should not wait, since the operation that logs waits for it. It may
    /// call Callgate, and may close the client. Its panics are ignored.
    pub fn log(mut self, log: impl Fn(&LogEvent<'_>) + Send + Sync + 'static) -> ClientBuilder {
        self.owner.log = Some(Log::new(log));
        self
    }

    /// Records what passes on the client's connections in a file, as
    /// [`HostBuilder::trace`](crate::HostBuilder::trace) does for a host.
    pub fn trace(mut self, trace: Trace) -> ClientBuilder {
        self.trace = Some(trace);
        self
    }

    /// Keeps the first error of a setting for [`ClientBuilder::connect`].
    fn noting(mut self, setting: Result<()>) -> ClientBuilder {
        self.fault = self.fault.or(setting.err());
        self
    }

    /// Creates the client, which starts to connect in the background. Never waits for a host.
    ///
    /// # Errors
    /// Invalid argument for a malformed endpoint, for an earlier setting whose name is empty, too long or
    /// contains control characters, and for a [`ClientBuilder::host_user`] that does not exist; access denied
    /// for one over TCP; limit exceeded if no thread can be started; and those of the file of
    /// [`ClientBuilder::trace`].
    pub fn connect(self) -> Result<Client> {
        if let Some(fault) = self.fault {
            return Err(fault);
        }
        let mut endpoints = Endpoints::parse(&self.endpoints)?;
        for endpoint in endpoints.iter() {
            reconnect::check(endpoint, self.host_user.is_some())?;
        }
        if self.shuffled {
            endpoints.shuffle();
        }
        let host_user = self.host_user.as_deref().map(User::find).transpose()?;
        let runtime = Runtime::new(Arc::new(self.owner), self.limits, 1);
        let trace = self.trace.as_ref().map(Trace::create).transpose()?;
        let recorder = Recorder::begin(trace, runtime.logger());
        let link = Link::new(endpoints, host_user, runtime, self.agreement, recorder);
        let (supervised, events) = (link.clone(), self.events);
        link.runtime.workers.execute(move || reconnect::supervise(&supervised, &events))?;
        Ok(Client(Arc::new(ClientCore { link })))
    }
}

type DelegateFactory =
    dyn Fn(&str, &Connection) -> Result<Option<Arc<dyn Delegate>>> + Send + Sync + 'static;

/// What the client's connections need from it.
#[derive(Default)]
struct ClientServices {
    callbacks: HashMap<String, Arc<dyn Delegate>>,
    factories: Vec<Box<DelegateFactory>>,
    aliases: Aliases,
    log: Option<Log>,
}

impl Owner for ClientServices {
    fn resolve<'a>(&self, name: &'a str) -> Cow<'a, str> {
        self.aliases.resolve(name)
    }

    fn ordered(&self, _: &[u8]) -> Option<usize> {
        None
    }

    fn make_delegate(&self, interface: &str, by: &Connection) -> Result<Option<Arc<dyn Delegate>>> {
        if let Some(handler) = self.callbacks.get(interface) {
            return Ok(Some(handler.clone()));
        }
        for factory in &self.factories {
            if let Some(delegate) = factory(interface, by)? {
                return Ok(Some(delegate));
            }
        }
        Ok(None)
    }

    fn disconnected(&self, _: &Connection, _: &Error) {}

    fn log(&self) -> Option<&Log> {
        self.log.as_ref()
    }
}

/// The side that connects, and silently reconnects, to one endpoint at a time. Clones are the same client.
///
/// Dropping the last clone, with all its proxies, closes it without waiting.
#[derive(Clone)]
pub struct Client(Arc<ClientCore>);

impl Client {
    /// Creates a client of an endpoint, e.g. `pipe://my-service`, or of several; see [`Client::builder`]. It has
    /// default settings. Never waits for a host.
    ///
    /// # Errors
    /// As [`ClientBuilder::connect`].
    pub fn connect(endpoints: &str) -> Result<Client> {
        Client::builder(endpoints).connect()
    }

    /// Starts setting up a client of an endpoint, or of hosts that can stand in for one another: up to 64
    /// endpoints, separated by commas, e.g. `tcp://one:4000, tcp://two:4000`.
    ///
    /// A client of several endpoints has one connection at a time. It stays with a host until the connection
    /// ends, then connects to the same endpoint again, and if that fails, at once to the next one. It pauses
    /// when all have failed. What becomes of a call does not depend on the number of endpoints: a call that may
    /// have run is not made again.
    pub fn builder(endpoints: &str) -> ClientBuilder {
        ClientBuilder {
            endpoints: endpoints.into(),
            shuffled: false,
            limits: Limits::default(),
            host_user: None,
            owner: ClientServices { log: Log::by_default(), ..ClientServices::default() },
            agreement: Agreement::default(),
            trace: None,
            fault: None,
            events: Events::default(),
        }
    }

    /// Waits until the client is connected; `None` waits without limit.
    ///
    /// # Errors
    /// Timed out, with the last failure to connect as the cause; or a failure that waiting cannot fix.
    pub fn wait_connected(&self, timeout: Option<Duration>) -> Result<()> {
        self.0.link.runtime.check()?;
        let deadline = timeout.map(time::after);
        self.0.link.wait_connected(deadline)
    }

    /// How long calls wait for a connection.
    pub fn connection_timeout(&self) -> Duration {
        self.0.link.connection_timeout()
    }

    /// Sets how long later calls wait for a connection, in place of [`Limits::connection_timeout`]. A
    /// call's own deadline still applies.
    pub fn set_connection_timeout(&self, timeout: Duration) {
        self.0.link.set_connection_timeout(timeout);
    }

    /// Creates a proxy of an interface of the host. It survives reconnects, and keeps the client alive.
    ///
    /// # Errors
    /// Invalid argument for a name that is empty, too long or contains control characters.
    pub fn proxy(&self, interface: &str) -> Result<Proxy> {
        Proxy::new(Target::Client(self.0.clone()), interface)
    }

    /// Creates a proxy with an initialisation routine. The routine runs on each new connection, before the
    /// proxy's first call or as soon as the client has reconnected, on a thread of its own, with the proxy
    /// as its argument. Calls of the proxy wait for it, except those that the routine makes itself and
    /// those that the host's callbacks make because of it. If the routine fails, waiting calls end as
    /// *initialisation failed* with its error as the cause, and it runs again after growing pauses.
    ///
    /// # Errors
    /// As [`Client::proxy`].
    pub fn proxy_with_initialisation(
        &self,
        interface: &str,
        routine: impl Fn(&Proxy) -> Result<()> + Send + Sync + 'static,
    ) -> Result<Proxy> {
        Proxy::with_initialisation(&self.0, interface, Box::new(routine))
    }

    /// Waits until the one-way calls made so far have been handed to the operating system. Those dropped
    /// with an earlier connection are not included.
    ///
    /// # Errors
    /// Timed out; channel faulted if the connection is lost meanwhile.
    pub fn flush(&self, timeout: Duration) -> Result<()> {
        self.0.link.runtime.check()?;
        match self.connection() {
            Some(connection) => connection.flush(timeout),
            None => Ok(()),
        }
    }

    /// What the client has counted since it was created.
    pub fn counters(&self) -> Counters {
        let runtime = &self.0.link.runtime;
        match runtime.is_ours() {
            true => runtime.counts.read(),
            false => Counters::default(),
        }
    }

    /// The endpoint to which the client is connected, or which it tries.
    pub fn endpoint(&self) -> &Endpoint {
        self.0.link.endpoints.present()
    }

    /// The present connection, if there is one.
    pub fn connection(&self) -> Option<Connection> {
        let link = &self.0.link;
        link.runtime.is_ours().then(|| link.connection()).flatten()
    }

    /// Closes the client: sends what is queued, lets running callbacks finish and reply, ends this side's
    /// waiting calls as *closed*, stops connecting, and ends all threads. Waits up to
    /// [`Limits::drain_timeout`]. Only a thread that looks up a host name may remain, since nothing can
    /// stop the system's look-up; it ends with it.
    ///
    /// # Errors
    /// Timed out if a delegate has not returned by then; closing continues in the background.
    pub fn close(&self) -> Result<()> {
        self.close_within(self.0.link.limits().drain_timeout)
    }

    /// Waits until the client is closed, also by a close that continues in the background; `None` waits
    /// without limit.
    ///
    /// # Errors
    /// Timed out; would deadlock inside a handler of this client.
    pub fn wait_closed(&self, timeout: Option<Duration>) -> Result<()> {
        self.0.link.runtime.wait_closed(timeout)
    }

    /// Closes the client, waiting at most `timeout`.
    ///
    /// # Errors
    /// As [`Client::close`].
    pub fn close_within(&self, timeout: Duration) -> Result<()> {
        let link = self.0.link.clone();
        link.runtime.check()?;
        link.runtime.clone().close_by(timeout, move |deadline| link.close(deadline))
    }
}
