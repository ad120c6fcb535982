//! The side that connects.

use std::borrow::Cow;
use std::collections::HashMap;
use std::time::{Duration, Instant};

use crate::alias::Aliases;
use crate::connection::{Connection, Delegate, Runtime, Services};
use crate::error::{Error, Result};
use crate::limits::Limits;
use crate::link::events::Events;
use crate::link::reconnect;
use crate::link::{ClientCore, Link};
use crate::log::{Log, LogLevel};
use crate::name;
use crate::proxy::{Proxy, Target};
use crate::sync::Arc;
use crate::transport::Endpoint;

/// Sets up a client. See [`Client::builder`].
pub struct ClientBuilder {
    endpoint: String,
    limits: Limits,
    host_user: Option<u32>,
    services: ClientServices,
    events: Events,
    /// What is wrong with an earlier setting; told when the client connects.
    fault: Option<Error>,
}

impl ClientBuilder {
    /// Serves an interface to the host, by calls that it makes to this client. The delegate is the
    /// same for all connections that the client comes to have; for an interface given twice the last
    /// one counts.
    pub fn callback_handler(mut self, interface: &str, delegate: impl Delegate) -> ClientBuilder {
        let named = name::check_served("an interface's name", interface);
        self.services.callbacks.insert(interface.into(), Arc::new(delegate));
        self.noting(named)
    }

    /// Adds a delegate factory, which is asked for the interfaces that no callback handler serves: once
    /// for each connection and interface, in the order added, until one returns a delegate. An error
    /// goes to the caller, and the factories are asked again at the next call.
    ///
    /// It runs on any thread, and may block and call Callgate.
    pub fn delegate_factory(
        mut self,
        factory: impl Fn(&str, &Connection) -> Result<Option<Arc<dyn Delegate>>> + Send + Sync + 'static,
    ) -> ClientBuilder {
        self.services.factories.push(Box::new(factory));
        self
    }

    /// Makes every name of a callback interface that begins with `prefix` an alias of the interface. The
    /// longest matching prefix wins.
    pub fn interface_alias(mut self, prefix: &str, interface: &str) -> ClientBuilder {
        let added = self.services.aliases.add(prefix, interface);
        self.noting(added)
    }

    /// A handler called when the client is connected for the first time. It runs on the client's own
    /// thread, and may block and call Callgate. Its panics are logged, and keep no other handler from
    /// running.
    pub fn connected(mut self, handler: impl Fn(&Connection) + Send + Sync + 'static) -> Self {
        self.events.connected.push(Box::new(handler));
        self
    }

    /// A handler called when the client is connected again; [`Connection::generation`] tells how often
    /// it was.
    pub fn reconnected(mut self, handler: impl Fn(&Connection) + Send + Sync + 'static) -> Self {
        self.events.reconnected.push(Box::new(handler));
        self
    }

    /// A handler called once for each connection that has ended, with the reason, after the handlers
    /// that were told of its beginning have returned. It runs on the thread that connects: a call through
    /// the client that needs a connection gets *would deadlock* there. Its panics are logged, and keep no
    /// other handler from running.
    pub fn disconnected(
        mut self,
        handler: impl Fn(&Connection, &Error) + Send + Sync + 'static,
    ) -> Self {
        self.events.disconnected.push(Box::new(handler));
        self
    }

    /// Other limits than the default ones.
    pub fn limits(mut self, limits: Limits) -> ClientBuilder {
        self.limits = limits;
        self
    }

    /// Demands that the host runs as the user of that uid, root not excepted. To another host, or one
    /// whose user the system cannot tell, the client does not connect: calls that wait get access
    /// denied. Over TCP, where nobody can tell, [`ClientBuilder::connect`] says so.
    pub fn host_user(mut self, uid: u32) -> ClientBuilder {
        self.host_user = Some(uid);
        self
    }

    /// A function that receives log messages, on any thread. A message is one line without control
    /// characters, of about 8 KiB at most, whatever the host has sent. The function should not wait, since
    /// what is logged waits for it; it may call Callgate, and may close the client. Its own panics are
    /// dropped.
    pub fn log(mut self, log: impl Fn(LogLevel, &str) + Send + Sync + 'static) -> ClientBuilder {
        self.services.log = Some(Log::new(log));
        self
    }

    /// Keeps the first fault of a setting for [`ClientBuilder::connect`].
    fn noting(mut self, setting: Result<()>) -> ClientBuilder {
        self.fault = self.fault.or(setting.err());
        self
    }

    /// Makes the client, which starts to connect in the background. Never waits.
    ///
    /// # Errors
    /// Invalid argument for a malformed endpoint, and for a name that was given before and is empty, too long
    /// or has control characters; access denied for a demand that the endpoint
    /// cannot meet; limit exceeded if no thread can be started.
    pub fn connect(self) -> Result<Client> {
        if let Some(fault) = self.fault {
            return Err(fault);
        }
        let endpoint: Endpoint = self.endpoint.parse()?;
        reconnect::check(&endpoint, self.host_user)?;
        let runtime = Runtime::new(Arc::new(self.services), self.limits);
        let link = Link::new(endpoint, self.host_user, runtime);
        let (supervised, events) = (link.clone(), self.events);
        link.runtime.workers.execute(move || reconnect::supervise(&supervised, &events))?;
        Ok(Client(Arc::new(ClientCore { link })))
    }
}

type DelegateFactory =
    dyn Fn(&str, &Connection) -> Result<Option<Arc<dyn Delegate>>> + Send + Sync + 'static;

/// What a client's connections need of it.
#[derive(Default)]
struct ClientServices {
    callbacks: HashMap<String, Arc<dyn Delegate>>,
    factories: Vec<Box<DelegateFactory>>,
    aliases: Aliases,
    log: Option<Log>,
}

impl Services for ClientServices {
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

    fn disconnected(&self, connection: &Connection, reason: &Error) {
        let message = format!("connection {} ended: {reason}", connection.id());
        connection.runtime().log(LogLevel::Info, &message);
    }

    fn log(&self, level: LogLevel, message: &str) {
        if let Some(log) = &self.log {
            log.write(level, message);
        }
    }
}

/// The side that connects, and silently reconnects, to one endpoint. Clones are the same client.
///
/// Dropping the last clone, with all its proxies, closes it without waiting.
#[derive(Clone)]
pub struct Client(Arc<ClientCore>);

impl Client {
    /// A client of that endpoint, e.g. `pipe://my-service`, with the default settings. Never waits
    /// for a host.
    ///
    /// # Errors
    /// As [`ClientBuilder::connect`].
    pub fn connect(endpoint: &str) -> Result<Client> {
        Client::builder(endpoint).connect()
    }

    /// Starts setting up a client of that endpoint.
    pub fn builder(endpoint: &str) -> ClientBuilder {
        ClientBuilder {
            endpoint: endpoint.into(),
            limits: Limits::default(),
            host_user: None,
            services: ClientServices::default(),
            fault: None,
            events: Events::default(),
        }
    }

    /// Waits until there is a connection; without a timeout, for as long as it takes.
    ///
    /// # Errors
    /// Timed out, with what keeps it from connecting as the cause; or what waiting will not mend.
    pub fn wait_connected(&self, timeout: Option<Duration>) -> Result<()> {
        self.0.link.runtime.check()?;
        let deadline = timeout.and_then(|timeout| Instant::now().checked_add(timeout));
        self.0.link.wait_connected(deadline)
    }

    /// How long a call waits for a connection now.
    pub fn connection_timeout(&self) -> Duration {
        self.0.link.connection_timeout()
    }

    /// Calls made from now on wait that long for a connection, whatever
    /// [`Limits::connection_timeout`] says. The deadline of a call still ends it.
    pub fn set_connection_timeout(&self, timeout: Duration) {
        self.0.link.set_connection_timeout(timeout);
    }

    /// A stand-in for an interface of the host. It survives reconnects, and keeps the client alive.
    ///
    /// # Errors
    /// Invalid argument for a name that is empty, too long or has control characters.
    pub fn proxy(&self, interface: &str) -> Result<Proxy> {
        Proxy::new(Target::Client(self.0.clone()), interface)
    }

    /// A proxy with an initialisation routine: before its first call on each new connection, and as
    /// soon as the client is connected again, the routine runs, on a thread of its own, with the proxy
    /// as its argument. Calls of the proxy wait for it; those that it makes itself, and that the host's
    /// callbacks within them make, do not. Calls that wait while it fails end as *initialisation
    /// failed*, with its error as the cause, and it is tried again with growing pauses.
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

    /// Waits until the one-way calls made by now have been handed to the operating system. Those whose
    /// connection was lost before are gone.
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

    /// The present connection, if there is one.
    pub fn connection(&self) -> Option<Connection> {
        let link = &self.0.link;
        link.runtime.is_ours().then(|| link.connection()).flatten()
    }

    /// Closes it: what is queued is sent, calls of the host that run are answered, calls of this side in
    /// flight end as closed, connecting is stopped, threads end. Waits for that as long as
    /// [`Limits::drain_timeout`]. Only a thread in which the system
    /// looks a host's name up can be left: nothing stops that, and it ends with the look-up.
    ///
    /// # Errors
    /// Timed out if a delegate has not returned by then; the rest is done in the background.
    pub fn close(&self) -> Result<()> {
        self.close_within(self.0.link.limits().drain_timeout)
    }

    /// Waits until it has been closed, also by a close that went on in the background; without a
    /// timeout, for as long as it takes.
    ///
    /// # Errors
    /// Timed out; would deadlock inside a handler of this client.
    pub fn wait_closed(&self, timeout: Option<Duration>) -> Result<()> {
        self.0.link.runtime.wait_closed(timeout)
    }

    /// Closes it, waiting that long at most.
    ///
    /// # Errors
    /// As [`Client::close`].
    pub fn close_within(&self, timeout: Duration) -> Result<()> {
        let link = self.0.link.clone();
        link.runtime.check()?;
        link.runtime.clone().close_by(timeout, move |deadline| link.close(deadline))
    }
}
