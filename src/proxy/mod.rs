//! The caller's stand-in for an interface.

mod eager;
mod initialisation;
mod options;
mod pending_call;
mod prepared;
mod start;
mod verification;

use std::sync::OnceLock;
use std::time::{Duration, Instant};

use serde::de::DeserializeOwned;
use serde::Serialize;

use crate::connection::{is_serving, lane};
use crate::connection::{Connection, Line, Reply, Request, Runtime};
use crate::error::{Result, Status};
use crate::link::{CallTimes, ClientCore};
use crate::name;
use crate::proxy::initialisation::Initialisation;
use crate::proxy::options::PLAIN;
use crate::proxy::start::StartQueue;
use crate::proxy::verification::Verification;
use crate::sync::{Arc, Weak};
use crate::threads::scratch::with_value;
use crate::value::encode_arguments;

pub use options::{CallOptions, Timeout};
pub use pending_call::PendingCall;

/// The arguments of a call without any.
const NO_ARGUMENTS: &[u8] = &[0x90];

#[derive(Clone)]
pub(crate) enum Target {
    /// Uses the client's present connection, and survives reconnects.
    Client(Arc<ClientCore>),
    /// Uses this connection only, and ends with it.
    Connection(Connection),
}

impl Target {
    fn runtime(&self) -> &Arc<Runtime> {
        match self {
            Target::Connection(connection) => connection.runtime(),
            Target::Client(client) => &client.link.runtime,
        }
    }
}

/// The caller's stand-in for an interface. Any thread may use it; clones are the same proxy.
#[derive(Clone)]
pub struct Proxy(Arc<Inner>);

/// A proxy that is not kept alive.
pub(crate) struct WeakProxy(Weak<Inner>);

impl WeakProxy {
    pub fn upgrade(&self) -> Option<Proxy> {
        self.0.upgrade().map(Proxy)
    }
}

type Routine = dyn Fn(&Proxy) -> Result<()> + Send + Sync;

struct Inner {
    target: Target,
    interface: String,
    number: u64,
    verification: OnceLock<Verification>,
    initialisation: Option<(Arc<Initialisation>, Box<Routine>)>,
    start_queue: Arc<StartQueue>,
}

impl Proxy {
    pub(crate) fn new(target: Target, interface: &str) -> Result<Proxy> {
        Self::with(target, interface, None)
    }

    /// A client's proxy that runs a routine before it is used on a connection.
    pub(crate) fn with_initialisation(
        client: &Arc<ClientCore>,
        interface: &str,
        routine: Box<Routine>,
    ) -> Result<Proxy> {
        let initialisation = Some((Initialisation::new(), routine));
        let proxy = Self::with(Target::Client(client.clone()), interface, initialisation)?;
        proxy.be_eager(&client.link);
        Ok(proxy)
    }

    fn with(
        target: Target,
        interface: &str,
        initialisation: Option<(Arc<Initialisation>, Box<Routine>)>,
    ) -> Result<Proxy> {
        target.runtime().check()?;
        name::check("an interface's name", interface)?;
        let (interface, number) = (interface.to_owned(), lane::next_proxy());
        let (verification, start_queue) = (OnceLock::new(), Arc::default());
        let inner = Inner { target, interface, number, verification, initialisation, start_queue };
        Ok(Proxy(Arc::new(inner)))
    }

    /// The interface's name.
    pub fn interface(&self) -> &str {
        &self.0.interface
    }

    /// Calls a method with a tuple of arguments (`&()` for none), and waits for its result.
    ///
    /// # Errors
    /// Every outcome other than a result; [`Error::status`](crate::Error::status) says which, and
    /// [`Error::execution`](crate::Error::execution) whether the delegate ran.
    pub fn call<R: DeserializeOwned>(&self, method: &str, arguments: &impl Serialize) -> Result<R> {
        self.call_with(method, arguments, &PLAIN)
    }

    /// Calls a method with a tuple of arguments and with options.
    ///
    /// # Errors
    /// As [`Proxy::call`].
    pub fn call_with<R: DeserializeOwned>(
        &self,
        method: &str,
        arguments: &impl Serialize,
        options: &CallOptions,
    ) -> Result<R> {
        with_encoded(arguments, |arguments| self.call_encoded(method, arguments, options))?.decode()
    }

    /// Calls a method with arguments that are already encoded as one MessagePack array. No bytes mean no
    /// arguments.
    ///
    /// # Errors
    /// As [`Proxy::call`].
    pub fn call_bytes(
        &self,
        method: &str,
        arguments: &[u8],
        options: &CallOptions,
    ) -> Result<Reply> {
        self.call_encoded(method, or_no_arguments(arguments), options)
    }

    #[inline]
    fn call_encoded(&self, method: &str, arguments: &[u8], options: &CallOptions) -> Result<Reply> {
        self.send(method, arguments, options, |connection, request, deadline| {
            connection.0.call(request, deadline)
        })
    }

    /// Sends a one-way call: returns once it is queued, and never reports its outcome. One-way calls in
    /// quick succession are sent together, a moment later; [`Client::flush`](crate::Client::flush) waits
    /// until they are sent, and closing or dropping the client sends them first. Calls still unsent when
    /// the connection is lost are dropped, and the log reports how many.
    ///
    /// # Errors
    /// If it was not queued.
    pub fn one_way(&self, method: &str, arguments: &impl Serialize) -> Result<()> {
        self.one_way_with(method, arguments, &PLAIN)
    }

    /// Sends a one-way call with options. Its timeout limits how long it waits for a connection and for the
    /// peer to catch up.
    ///
    /// # Errors
    /// As [`Proxy::one_way`].
    pub fn one_way_with(
        &self,
        method: &str,
        arguments: &impl Serialize,
        options: &CallOptions,
    ) -> Result<()> {
        with_encoded(arguments, |arguments| self.one_way_encoded(method, arguments, options))
    }

    /// Sends a one-way call with arguments that are already encoded as one MessagePack array. No bytes mean
    /// no arguments.
    ///
    /// # Errors
    /// As [`Proxy::one_way`].
    pub fn one_way_bytes(
        &self,
        method: &str,
        arguments: &[u8],
        options: &CallOptions,
    ) -> Result<()> {
        self.one_way_encoded(method, or_no_arguments(arguments), options)
    }

    #[inline]
    fn one_way_encoded(&self, method: &str, arguments: &[u8], options: &CallOptions) -> Result<()> {
        self.send(method, arguments, options, |connection, request, deadline| {
            connection.0.one_way(request, deadline)
        })
    }

    /// Makes a call, and counts its failure.
    fn send<R>(
        &self,
        method: &str,
        arguments: &[u8],
        options: &CallOptions,
        act: impl Fn(&Connection, &Request<'_>, Option<Instant>) -> Result<R>,
    ) -> Result<R> {
        let sent = self.try_send(method, arguments, options, act);
        if let Err(error) = &sent {
            self.runtime().counts.made_errors.note(error.status());
        }
        sent
    }

    #[inline]
    fn try_send<R>(
        &self,
        method: &str,
        arguments: &[u8],
        options: &CallOptions,
        act: impl Fn(&Connection, &Request<'_>, Option<Instant>) -> Result<R>,
    ) -> Result<R> {
        self.check(method, options)?;
        let metadata = options.raw_metadata()?;
        let request = Request {
            interface: &self.0.interface,
            method,
            signature: options.signature.as_deref(),
            metadata: metadata.as_deref(),
            arguments,
            lane: lane::of(self.0.number),
            cancellation: options.cancellation(),
        };
        let times = self.times(options);
        if self.0.start_queue.is_busy() {
            let line = self.line();
            self.0.start_queue.wait_turn(
                line,
                request.lane,
                times.deadline,
                request.cancellation,
            )?;
        }
        self.act(&request, &times, None, |connection| act(connection, &request, times.deadline))
    }

    /// Runs `act` with the connection for calls, after waiting for it and for its initialisation.
    /// `failures` is the number of failed initialisations when the call was made, if that was earlier.
    pub(crate) fn act<R>(
        &self,
        request: &Request<'_>,
        times: &CallTimes,
        failures: Option<u64>,
        act: impl Fn(&Connection) -> Result<R>,
    ) -> Result<R> {
        let link = match &self.0.target {
            Target::Connection(connection) => return act(connection),
            Target::Client(client) => &client.link,
        };
        link.with_connection(times, request.cancellation, |connection| {
            if let Some(verification) = self.0.verification.get() {
                verification.check(link, connection, times.deadline, request.cancellation)?;
            }
            if let Some((initialisation, _)) = &self.0.initialisation {
                let start = || self.start_initialisation(link, connection);
                let deadline = times.deadline;
                initialisation.wait(connection, deadline, request.cancellation, failures, start)?;
            }
            act(connection)
        })
    }

    /// The connection for a call that must not wait, if there is one.
    pub(crate) fn ready_connection(&self) -> Option<Connection> {
        match &self.0.target {
            Target::Connection(connection) => Some(connection.clone()),
            Target::Client(client) => client.link.connection_now().filter(|connection| {
                let (verification, initialisation) =
                    (self.0.verification.get(), self.0.initialisation.as_ref());
                verification
                    .is_none_or(|verification| verification.is_settled(&client.link, connection))
                    && initialisation
                        .is_none_or(|(initialisation, _)| initialisation.is_done(connection))
            }),
        }
    }

    /// Whether the proxy moves to the next connection when one is lost.
    pub(crate) fn survives_connections(&self) -> bool {
        matches!(self.0.target, Target::Client(_))
    }

    /// The same proxy, without keeping it alive.
    pub(crate) fn downgrade(&self) -> WeakProxy {
        WeakProxy(Arc::downgrade(&self.0))
    }

    pub(crate) fn runtime(&self) -> &Arc<Runtime> {
        self.0.target.runtime()
    }

    /// Validates a call before it changes anything.
    #[inline]
    fn check(&self, method: &str, options: &CallOptions) -> Result<()> {
        self.runtime().check()?;
        if let Some(token) = &options.cancel {
            token.check()?;
        }
        name::check("a method's name", method)
    }

    pub(crate) fn start_queue(&self) -> &StartQueue {
        &self.0.start_queue
    }

    /// The line in which a call of this thread waits to be sent.
    pub(crate) fn line(&self) -> Line {
        if !is_serving() {
            return Line::Root;
        }
        let initialisation = self.0.initialisation.as_ref();
        if initialisation.is_some_and(|(initialisation, _)| initialisation.is_running_here()) {
            return Line::Routine;
        }
        let connection = match &self.0.target {
            Target::Connection(connection) => Some(connection.clone()),
            Target::Client(client) => client.link.connection_now(),
        };
        match connection.is_some_and(|connection| connection.0.is_serving()) {
            true => Line::Nested,
            false => Line::Root,
        }
    }

    /// How long a call made now waits for a connection.
    pub(crate) fn connection_timeout(&self) -> Option<Duration> {
        match &self.0.target {
            Target::Connection(_) => None,
            Target::Client(client) => Some(client.link.connection_timeout()),
        }
    }

    /// The number of failed initialisations.
    pub(crate) fn failures(&self) -> Option<u64> {
        self.0.initialisation.as_ref().map(|(initialisation, _)| initialisation.failures())
    }

    /// The deadlines of a call made now with these options.
    pub(crate) fn times(&self, options: &CallOptions) -> CallTimes {
        options.times(self.runtime().limits.call_timeout)
    }
}

impl Connection {
    /// Creates a proxy of an interface that the peer serves on this connection. It stops working when the
    /// connection ends.
    ///
    /// # Errors
    /// Invalid argument for a name that is empty, too long or contains control characters.
    pub fn proxy(&self, interface: &str) -> Result<Proxy> {
        Proxy::new(Target::Connection(self.clone()), interface)
    }
}

impl std::fmt::Debug for Proxy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Proxy({})", self.0.interface)
    }
}

/// A frame must have a payload: without one the peer would end the connection.
fn or_no_arguments(arguments: &[u8]) -> &[u8] {
    match arguments {
        [] => NO_ARGUMENTS,
        arguments => arguments,
    }
}

/// Runs `work` with encoded arguments, in a reused chunk of this thread.
pub(crate) fn with_encoded<R>(
    arguments: &impl Serialize,
    work: impl FnOnce(&[u8]) -> Result<R>,
) -> Result<R> {
    with_value(|bytes| match encode_arguments(bytes, arguments) {
        Ok(()) => work(bytes),
        Err(reason) => {
            Err(reason.into_error(Status::InvalidArgument, "the arguments cannot be encoded"))
        }
    })
}
