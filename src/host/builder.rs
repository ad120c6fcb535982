//! Setting up a host.

use crate::connection::{Connection, Delegate, Runtime};
use crate::contract::Contract;
use crate::error::{Error, Result, Status};
use crate::host::about::{About, Declared};
use crate::host::connections::{Connections, Handlers};
use crate::host::quota::Quota;
use crate::host::{accept, Host, HostCore, Phase, Shared};
use crate::limits::Limits;
use crate::log::{Log, LogEvent};
use crate::name;
use crate::proxy::Proxy;
use crate::sync::{Arc, Condvar, Mutex};
use crate::trace::{Recorder, Trace};
use crate::transport::{self, Endpoint, Guard};

/// Sets up a host. See [`Host::builder`].
pub struct HostBuilder {
    endpoints: Vec<String>,
    limits: Limits,
    handlers: Handlers,
    declared: Declared,
    is_described: bool,
    trace: Option<Trace>,
    /// An error of an earlier setting, which [`HostBuilder::start`] returns.
    fault: Option<Error>,
}

impl HostBuilder {
    pub(super) fn new() -> HostBuilder {
        HostBuilder {
            endpoints: Vec::new(),
            limits: Limits::default(),
            handlers: Handlers { log: Log::by_default(), ..Handlers::default() },
            declared: Declared::default(),
            is_described: true,
            trace: None,
            fault: None,
        }
    }

    /// Adds an endpoint to listen on, e.g. `pipe://my-service` or `tcp://127.0.0.1:0`. At least one is
    /// required. TCP is limited to loopback addresses, since it has neither authentication nor encryption;
    /// `tcp://0.0.0.0:4000?insecure=1` accepts calls from everywhere all the same.
    pub fn endpoint(mut self, endpoint: &str) -> HostBuilder {
        self.endpoints.push(endpoint.into());
        self
    }

    /// Replaces the default limits.
    pub fn limits(mut self, limits: Limits) -> HostBuilder {
        self.limits = limits;
        self
    }

    /// Adds a delegate factory. When a connection first calls an interface, factories are asked in the
    /// order added, until one returns a delegate; `None` leaves it to the next. An error goes to the
    /// caller, and the next call asks the factories again.
    ///
    /// It runs on any thread, and may block and call Callgate. Calling the interface that it is creating a
    /// delegate for, on the same connection, returns *would deadlock*.
    pub fn delegate_factory(
        mut self,
        factory: impl Fn(&str, &Connection) -> Result<Option<Arc<dyn Delegate>>> + Send + Sync + 'static,
    ) -> HostBuilder {
        self.handlers.factories.push(Box::new(factory));
        self
    }

    /// Adds a factory that serves one interface, with a delegate of its own for each connection.
    pub fn delegate<D: Delegate>(
        self,
        interface: &str,
        make: impl Fn(&Connection) -> D + Send + Sync + 'static,
    ) -> HostBuilder {
        let interface = interface.to_owned();
        let mut named = self.with_name("an interface's name", &interface);
        named.declared.add_name(&interface);
        named.delegate_factory(move |asked, connection| {
            Ok((*asked == *interface).then(|| Arc::new(make(connection)) as Arc<dyn Delegate>))
        })
    }

    /// Adds the duplex delegate factory of an interface. It also gets a proxy of the caller's callback
    /// interface on that connection. The proxy may be used in the factory or in a call, or kept and used
    /// from any thread until the connection ends. Duplex factories take precedence over plain ones.
    ///
    /// An interface can have only one; a second makes [`HostBuilder::start`] fail.
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
        named.declared.add_name(interface);
        let duplex = &mut named.handlers.duplex;
        let before = duplex.insert(interface.into(), (callback.into(), Box::new(factory)));
        if before.is_some() {
            let message = format!("'{interface}' already has a duplex delegate factory");
            named.fault.get_or_insert(Error::new(Status::InvalidArgument, message));
        }
        named
    }

    /// Makes the calls of each connection to this interface run one at a time, in order of arrival. Calls
    /// nested in a running one do not wait for it. The next one in order starts even if
    /// [`Limits::running_calls`](crate::Limits::running_calls) others are running.
    pub fn ordered(self, interface: &str) -> HostBuilder {
        let mut named = self.with_name("an interface's name", interface);
        named.handlers.ordered.push(interface.into());
        named
    }

    /// Describes an interface that the host serves to those who ask, among them clients that compare it with
    /// their own description before their first call. The latest description of an interface counts; it replaces
    /// that of a typed interface.
    pub fn describe(self, contract: &Contract) -> HostBuilder {
        let mut named = self.with_name("an interface's name", contract.interface());
        named.declared.add_contract(contract);
        named
    }

    /// Adds the description that a typed interface has, unless the host has one of it.
    pub(crate) fn describe_unless_described(mut self, contract: Result<Contract>) -> HostBuilder {
        match contract {
            Ok(contract) => self.declared.add_if_missing(&contract),
            Err(error) => _ = self.fault.get_or_insert(error),
        }
        self
    }

    /// Declares an interface that a delegate factory serves, so that clients find its name. Interfaces of
    /// [`HostBuilder::delegate`], of duplex factories and of descriptions need no declaration.
    pub fn declare(self, interface: &str) -> HostBuilder {
        let mut named = self.with_name("an interface's name", interface);
        named.declared.add_name(interface);
        named
    }

    /// Whether clients may ask what the host serves, through the interface `callgate.Host`. They may, unless
    /// this is set to false. A client that may not connect may not ask either.
    pub fn described(mut self, described: bool) -> HostBuilder {
        self.is_described = described;
        self
    }

    /// Makes every interface name that begins with `prefix` an alias of the interface. The longest matching
    /// prefix wins.
    pub fn interface_alias(mut self, prefix: &str, interface: &str) -> HostBuilder {
        if let Err(error) = self.handlers.aliases.add(prefix, interface) {
            self.fault.get_or_insert(error);
        }
        self
    }

    /// Adds a handler that runs for each new connection, before any of its calls. If it panics, the panic
    /// is logged, and the other handlers still run.
    pub fn client_connected(
        mut self,
        handler: impl Fn(&Connection) + Send + Sync + 'static,
    ) -> HostBuilder {
        self.handlers.connected.push(Box::new(handler));
        self
    }

    /// Adds a handler that runs once for each connection that has ended, with the reason, after Callgate
    /// has released the connection's delegates. If it panics, the panic is logged, and the other handlers
    /// still run.
    pub fn client_disconnected(
        mut self,
        handler: impl Fn(&Connection, &Error) + Send + Sync + 'static,
    ) -> HostBuilder {
        self.handlers.disconnected.push(Box::new(handler));
        self
    }

    /// Sets a function that receives the host's log, on any thread, in place of the subscriber of `tracing`
    /// (feature `tracing`). The function should not wait, since the operation that logs waits for it. It may
    /// call Callgate, and may close the host. Its panics are ignored.
    pub fn log(mut self, log: impl Fn(&LogEvent<'_>) + Send + Sync + 'static) -> HostBuilder {
        self.handlers.log = Some(Log::new(log));
        self
    }

    /// Records what passes on the host's connections in a file. Without this setting the variables
    /// `CALLGATE_TRACE` and `CALLGATE_TRACE_PAYLOADS` of the environment decide: the first has the name of
    /// the file or folder ([`Trace::to_file`]), and the second is 1 if payloads are recorded too.
    ///
    /// Recording never makes the host wait: what cannot be written in time is left out and counted. If the
    /// file cannot grow, recording ends with a line in the log. Closing or dropping the host waits until
    /// the file is complete, after its connections have ended, for at most a second.
    pub fn trace(mut self, trace: Trace) -> HostBuilder {
        self.trace = Some(trace);
        self
    }

    fn with_name(mut self, what: &str, name: &str) -> HostBuilder {
        if let Err(error) = name::check_served(what, name) {
            self.fault.get_or_insert(error);
        }
        self
    }

    /// Creates the host. When this returns, it listens.
    ///
    /// # Errors
    /// Invalid argument for a malformed endpoint, for an earlier setting whose name is empty, too long or
    /// contains control characters, or for a second duplex delegate factory of an interface; address in
    /// use, access denied and others if an endpoint cannot be listened on, or if the file of
    /// [`HostBuilder::trace`] cannot be created. The host then listens nowhere.
    pub fn start(mut self) -> Result<Host> {
        if let Some(fault) = self.fault {
            return Err(fault);
        }
        if self.endpoints.is_empty() {
            return Err(Error::new(Status::InvalidArgument, "a host needs at least one endpoint"));
        }
        let mut listeners = Vec::new();
        for endpoint in &self.endpoints {
            let endpoint = endpoint.parse::<Endpoint>()?;
            let guard = Guard::of_host(&endpoint)?;
            listeners.push((transport::listen(&endpoint)?, guard));
        }
        let trace = self.trace.as_ref().map(Trace::create).transpose()?;
        let endpoints: Vec<_> =
            listeners.iter().map(|(listener, _)| listener.endpoint().clone()).collect();
        self.handlers.about = self.is_described.then(|| Arc::new(About::new(self.declared)));
        let quota = Quota::new(&self.limits, &endpoints);
        let connections = Arc::new(Connections::new(self.handlers, quota));
        let places = self.limits.connections;
        let runtime = Runtime::new(connections.clone(), self.limits, places);
        let shared = Arc::new(Shared {
            recorder: Recorder::begin(trace, runtime.logger()),
            runtime,
            connections,
            endpoints,
            stoppers: listeners.iter().map(|(listener, _)| listener.stopper()).collect(),
            phase: Mutex::new(Phase::Open),
            changed: Condvar::new(),
        });
        let host = Host(Arc::new(HostCore(shared.clone())));
        for (listener, guard) in listeners {
            let shared = shared.clone();
            host.0 .0.runtime.workers.execute(move || accept::run(&shared, listener, guard))?;
        }
        Ok(host)
    }
}
