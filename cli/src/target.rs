//! The host that a command talks to.

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use callgate::{
    CallOptions, Client, ClientBuilder, Connection, Contract, Endpoint, Error, Execution, Proxy,
    Status,
};
use serde::de::IgnoredAny;

use crate::counters::Counters;
use crate::duration;
use crate::failure::Failure;
use crate::gateway::Sidecar;

/// The interface by which a host describes itself.
const HOST_INTERFACE: &str = "callgate.Host";

/// How services of NATS begin, which are reached through a gateway.
const NATS: &str = "nats://";

/// Which host, and how long to wait for it.
#[derive(clap::Args)]
pub struct Target {
    /// Where the host listens, e.g. pipe://calculator. Hosts that can stand in for one another are separated by commas:
    /// 'tcp://one:4000, tcp://two:4000'. nats://SERVER:PORT/SERVICE is a service that gateways offer.
    #[arg(value_name = "ENDPOINT", value_parser = endpoints)]
    pub endpoints: String,
    /// How long to wait for a connection.
    #[arg(long, value_name = "TIME", default_value = "3s", value_parser = duration::parse)]
    pub connect_timeout: Duration,
    #[arg(skip)]
    gateway: OnceCell<Arc<Sidecar>>,
}

/// Reads an endpoint or several, or a service, and returns them as they are printed.
///
/// # Errors
/// Invalid argument if they are malformed.
pub fn endpoints(text: &str) -> Result<String, Error> {
    if text.starts_with(NATS) {
        return Ok(text.to_owned());
    }
    let list = Endpoint::parse_list(text)?;
    Ok(list.iter().map(Endpoint::to_string).collect::<Vec<_>>().join(", "))
}

impl Target {
    /// The host at these endpoints.
    pub fn new(endpoints: String, connect_timeout: Duration) -> Target {
        Target { endpoints, connect_timeout, gateway: OnceCell::new() }
    }

    /// A client of the host, to be set up. For a service, starts a gateway that lives as long as this target and the
    /// [`Host`] made of it.
    ///
    /// # Errors
    /// There is no gateway, or it does not start.
    pub fn builder(&self) -> Result<ClientBuilder, Failure> {
        if !self.endpoints.starts_with(NATS) {
            return Ok(Client::builder(&self.endpoints));
        }
        if self.gateway.get().is_none() {
            self.gateway.set(Arc::new(Sidecar::start(&self.endpoints)?)).ok();
        }
        Ok(Client::builder(self.gateway.get().expect("it was set").endpoint()))
    }

    /// Connects.
    ///
    /// # Errors
    /// Channel faulted if there is no connection within the timeout.
    pub fn connect(&self) -> Result<Host, Failure> {
        self.connect_with(self.builder()?)
    }

    /// Connects a client that has been set up.
    ///
    /// # Errors
    /// As [`Target::connect`].
    pub fn connect_with(&self, builder: ClientBuilder) -> Result<Host, Failure> {
        let host = self.host(builder)?;
        host.wait_connected(self.connect_timeout)?;
        Ok(host)
    }

    /// Takes a client that has been set up, and does not wait for a connection.
    ///
    /// # Errors
    /// As [`ClientBuilder::connect`].
    pub fn host(&self, builder: ClientBuilder) -> Result<Host, Failure> {
        let client = builder.connect()?;
        client.set_connection_timeout(self.connect_timeout);
        let about = client.proxy(HOST_INTERFACE)?;
        let gateway = self.gateway.get().cloned();
        Ok(Host { client, about, endpoints: self.endpoints.clone(), _gateway: gateway })
    }
}

/// A host.
#[derive(Clone)]
pub struct Host {
    pub client: Client,
    about: Proxy,
    endpoints: String,
    _gateway: Option<Arc<Sidecar>>,
}

/// What a host says about its process.
pub struct HostStatus {
    pub version: String,
    pub uptime: Duration,
}

impl Host {
    /// Waits for a connection.
    ///
    /// # Errors
    /// Channel faulted if there is no connection within the timeout.
    pub fn wait_connected(&self, timeout: Duration) -> Result<(), Error> {
        match self.client.wait_connected(Some(timeout)) {
            Err(error) if error.status() == Status::TimedOut => {
                Err(self.unreachable(timeout, &error))
            }
            outcome => outcome,
        }
    }

    fn unreachable(&self, timeout: Duration, error: &Error) -> Error {
        let (endpoints, timeout) = (&self.endpoints, duration::short(timeout));
        let message = format!("no connection to {endpoints} within {timeout}");
        let made = Error::new(Status::ChannelFaulted, message);
        match error.cause() {
            Some(cause) => made.with_cause(cause.clone()),
            None => made,
        }
    }

    /// The names of the interfaces that the host declares.
    ///
    /// # Errors
    /// Contract mismatch if the host does not describe itself.
    pub fn interfaces(&self) -> Result<Vec<String>, Error> {
        self.about.call("Interfaces", &()).map_err(undescribed)
    }

    /// The description of an interface, if the host has one.
    ///
    /// # Errors
    /// Contract mismatch if the host does not describe itself; invalid argument if what it sends is no
    /// description.
    pub fn describe(&self, interface: &str) -> Result<Option<Contract>, Error> {
        let document: Option<String> =
            self.about.call("Describe", &(interface,)).map_err(undescribed)?;
        document.as_deref().map(Contract::parse).transpose()
    }

    /// The description of an interface that must have one.
    ///
    /// # Errors
    /// As [`Host::describe`]; contract mismatch if the host has no description of it.
    pub fn described(&self, interface: &str) -> Result<Contract, Error> {
        self.describe(interface)?.ok_or_else(|| self.missing(interface))
    }

    fn missing(&self, interface: &str) -> Error {
        let is_declared = self.interfaces().is_ok_and(|all| all.iter().any(|it| it == interface));
        let message = match is_declared {
            true => format!("the host serves '{interface}', but has no description of it"),
            false => format!(
                "the host does not declare '{interface}'; `callgate list` shows what it does"
            ),
        };
        Error::new(Status::ContractMismatch, message)
    }

    /// The description of an interface, if there is one: a host that describes nothing has none.
    ///
    /// # Errors
    /// As [`Proxy::call`](callgate::Proxy::call).
    pub fn contract(&self, interface: &str) -> Result<Option<Contract>, Error> {
        match self.describe(interface) {
            Err(error) if error.status() == Status::ContractMismatch => Ok(None),
            outcome => outcome,
        }
    }

    /// What the host says about its process.
    ///
    /// # Errors
    /// As [`Host::interfaces`].
    pub fn status(&self, options: &CallOptions) -> Result<HostStatus, Error> {
        let status: BTreeMap<String, serde_json::Value> =
            self.about.call_with("Status", &(), options).map_err(undescribed)?;
        let version = status.get("version").and_then(|it| it.as_str()).unwrap_or("?");
        let uptime = status.get("uptime_ms").and_then(|it| it.as_u64()).unwrap_or(0);
        Ok(HostStatus { version: version.into(), uptime: Duration::from_millis(uptime) })
    }

    /// What the host has counted.
    ///
    /// # Errors
    /// Contract mismatch if the host has no counters for its clients.
    pub fn counters(&self, options: &CallOptions) -> Result<Counters, Error> {
        self.about
            .call_with("Counters", &(), options)
            .map_err(|error| unserved(error, "report its counters"))
    }

    /// Calls the host, and waits for its reply, whether or not it describes itself.
    ///
    /// # Errors
    /// As [`Proxy::call`](callgate::Proxy::call).
    pub fn ping(&self, options: &CallOptions) -> Result<(), Error> {
        match self.about.call_with::<IgnoredAny>("Status", &(), options) {
            Err(error) if error.status() == Status::ContractMismatch => Ok(()),
            outcome => outcome.map(drop),
        }
    }

    /// The present connection.
    pub fn connection(&self) -> Option<Connection> {
        self.client.connection()
    }
}

fn undescribed(error: Error) -> Error {
    unserved(error, "describe itself")
}

/// The error of a host that did not run a call of its own interface.
fn unserved(error: Error, what: &str) -> Error {
    if error.status() != Status::ContractMismatch || error.execution() != Execution::NotRun {
        return error;
    }
    let message = format!(
        "the host does not {what}: it is older than this tool, or its program has switched that off"
    );
    Error::new(Status::ContractMismatch, message).with_execution(error.execution())
}
