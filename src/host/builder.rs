//! Setting a host up.

use crate::connection::{Connection, Delegate, Runtime};
use crate::error::{Error, Result, Status};
use crate::host::connections::{Handlers, Roster};
use crate::host::{accept, Host, HostCore, Life, Shared};
use crate::limits::Limits;
use crate::log::{Log, LogLevel};
use crate::name;
use crate::proxy::Proxy;
use crate::sync::{Arc, Condvar, Mutex};
use crate::transport::{self, Endpoint};

/// Sets up a host. See [`Host::builder`].
pub struct HostBuilder {
    endpoints: Vec<String>,
    limits: Limits,
    handlers: Handlers,
    /// What is wrong with an earlier setting; told when the host starts.
    fault: Option<Error>,
}

impl HostBuilder {
    pub(super) fn new() -> HostBuilder {
        HostBuilder {
            endpoints: Vec::new(),
            limits: Limits::default(),
            handlers: Handlers::default(),
            fault: None,
        }
    }

    /// One more place to listen at, e.g. `pipe://my-service` or `tcp://127.0.0.1:0`. At least one
    /// is needed.
    pub fn endpoint(mut self, endpoint: &str) -> HostBuilder {
        self.endpoints.push(endpoint.into());
        self
    }

    /// Other limits than the default ones.
    pub fn limits(mut self, limits: Limits) -> HostBuilder {
        self.limits = limits;
        self
    }

    /// One more delegate factory. For each interface that a connection calls, factories are asked
    /// once, in the order added, until one gives a delegate; `None` leaves it to the next. An
    /// error goes to the caller, and the factories are asked again at the next call.
    ///
    /// It runs on any thread, and may block and call Callgate. A call of the interface that it is making a
    /// delegate for, on the same connection, gets *would deadlock*.
    pub fn delegate_factory(
        mut self,
        factory: impl Fn(&str, &Connection) -> Result<Option<Arc<dyn Delegate>>> + Send + Sync + 'static,
    ) -> HostBuilder {
        self.handlers.factories.push(Box::new(factory));
        self
    }

    /// A factory that serves one interface with delegates of its own for each connection.
    pub fn delegate<D: Delegate>(
        self,
        interface: &str,
        make: impl Fn(&Connection) -> D + Send + Sync + 'static,
    ) -> HostBuilder {
        let interface = interface.to_owned();
        let named = self.with_name("an interface's name", &interface);
        named.delegate_factory(move |asked, connection| {
            Ok((*asked == *interface).then(|| Arc::new(make(connection)) as Arc<dyn Delegate>))
        })
    }

    /// The duplex delegate factory of an interface: it also gets a proxy of the caller's callback
    /// interface, on that connection. The proxy may be used in the factory, in a call, or kept and used
    /// by any thread until the connection ends. It is asked before plain factories.
    ///
    /// An interface has one at most; a second makes [`HostBuilder::start`] fail.
    pub fn duplex_delegate_factory(
        self,
        interface: &str,
        callback: &str,
        factory: impl Fn(&Connection, Proxy) -> Result<Option<Arc<dyn Delegate>>>
            + Send
            + Sync
            + 'static,
    ) -> HostBuilder {
        let mut named = self
            .with_name("an interface's name", interface)
            .with_name("a callback interface's name", callback);
        let duplex = &mut named.handlers.duplex;
        let before = duplex.insert(interface.into(), (callback.into(), Box::new(factory)));
        if before.is_some() {
            let message = format!("'{interface}' has a duplex delegate factory already");
            named.fault.get_or_insert(Error::new(Status::InvalidArgument, message));
        }
        named
    }

    /// Has the calls of each connection to that interface run one at a time, in the order in which they
    /// arrive. Those made within one that runs do not wait for it. The one whose turn it is runs at once, also
    /// where [`Limits::running_calls`](crate::Limits::running_calls) others run.
    pub fn ordered(self, interface: &str) -> HostBuilder {
        let mut named = self.with_name("an interface's name", interface);
        named.handlers.ordered.push(interface.into());
        named
    }

    /// Makes every interface name that begins with `prefix` an alias of the interface. The longest matching
    /// prefix wins.
    pub fn interface_alias(mut self, prefix: &str, interface: &str) -> HostBuilder {
        if let Err(error) = self.handlers.aliases.add(prefix, interface) {
            self.fault.get_or_insert(error);
        }
        self
    }

    /// A handler called for each connection, before any of its calls is served. Its panics are logged,
    /// and keep no other handler from running.
    pub fn client_connected(
        mut self,
        handler: impl Fn(&Connection) + Send + Sync + 'static,
    ) -> HostBuilder {
        self.handlers.connected.push(Box::new(handler));
        self
    }

    /// A handler called once for each connection that has ended, with the reason, after its
    /// delegates were released by Callgate. Its panics are logged, and keep no other handler from running.
    pub fn client_disconnected(
        mut self,
        handler: impl Fn(&Connection, &Error) + Send + Sync + 'static,
    ) -> HostBuilder {
        self.handlers.disconnected.push(Box::new(handler));
        self
    }

    /// A function that receives log messages, on any thread. A message is one line without control
    /// characters, of about 8 KiB at most, whatever a peer has sent. The function should not wait, since
    /// what is logged waits for it; it may call Callgate, and may close the host. Its own panics are
    /// dropped.
    pub fn log(mut self, log: impl Fn(LogLevel, &str) + Send + Sync + 'static) -> HostBuilder {
        self.handlers.log = Some(Log::new(log));
        self
    }

    fn with_name(mut self, what: &str, name: &str) -> HostBuilder {
        if let Err(error) = name::check_served(what, name) {
            self.fault.get_or_insert(error);
        }
        self
    }

    /// Makes the host, which listens when this returns.
    ///
    /// # Errors
    /// Invalid argument for a malformed endpoint, for a name that was given before and is empty, too long
    /// or has control characters, and for a second duplex delegate factory of an interface; address in use, access denied and others for
    /// one that cannot be listened at. Then it listens nowhere.
    pub fn start(self) -> Result<Host> {
        if let Some(fault) = self.fault {
            return Err(fault);
        }
        if self.endpoints.is_empty() {
            return Err(Error::new(Status::InvalidArgument, "a host needs at least one endpoint"));
        }
        let mut listeners = Vec::new();
        for endpoint in &self.endpoints {
            listeners.push(transport::listen(&endpoint.parse::<Endpoint>()?)?);
        }
        let roster = Arc::new(Roster::new(self.handlers));
        let shared = Arc::new(Shared {
            runtime: Runtime::new(roster.clone(), self.limits),
            roster,
            endpoints: listeners.iter().map(|listener| listener.endpoint().clone()).collect(),
            stoppers: listeners.iter().map(|listener| listener.stopper()).collect(),
            life: Mutex::new(Life::Open),
            changed: Condvar::new(),
        });
        let host = Host(Arc::new(HostCore(shared.clone())));
        for listener in listeners {
            let shared = shared.clone();
            host.0 .0.runtime.workers.execute(move || accept::run(&shared, listener))?;
        }
        Ok(host)
    }
}
