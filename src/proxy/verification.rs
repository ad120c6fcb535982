//! Comparing the client's description of an interface with the host's, before the first call on each
//! connection.

use std::time::Instant;

use crate::cancel::Cancellation;
use crate::chunk::Chunk;
use crate::connection::{lane, Connection, Request};
use crate::contract::{Contract, Difference};
use crate::error::{Error, Execution, Result, Status};
use crate::link::{Link, Verify};
use crate::log::{LogEvent, LogLevel, LogTarget};
use crate::name::HOST_INTERFACE;
use crate::proxy::{CallOptions, Proxy, Target};
use crate::sync::atomic::{AtomicU64, Ordering};
use crate::value::encode_arguments;

/// How many differences an error lists; it counts the others.
const LISTED: usize = 5;

/// A proxy's description of its interface, and on which connection it was last found to fit.
pub(super) struct Verification {
    contract: Contract,
    /// The question to the host waits for no call of the proxy.
    lane: u64,
    verified: AtomicU64,
}

impl Verification {
    pub fn new(contract: &Contract) -> Verification {
        let lane = lane::of(lane::next_proxy());
        Verification { contract: contract.clone(), lane, verified: AtomicU64::new(0) }
    }

    #[inline]
    fn is_done(&self, connection: &Connection) -> bool {
        self.verified.load(Ordering::Relaxed) == connection.generation()
    }

    /// Whether a call need not ask the host: the description fits that of the host on this connection, or the
    /// client does not compare. Never waits.
    #[inline]
    pub fn is_settled(&self, link: &Link, connection: &Connection) -> bool {
        self.is_done(connection) || self.settle(link, connection)
    }

    /// Notes that the description fits, if another proxy's comparison has shown it.
    #[cold]
    #[inline(never)]
    fn settle(&self, link: &Link, connection: &Connection) -> bool {
        let fits = match link.agreement.verify {
            Verify::Never => true,
            Verify::AtFirstCall | Verify::WhenConnecting => {
                matches!(link.verdicts.of(&self.contract, connection), Some(Ok(())))
            }
        };
        if fits {
            self.verified.store(connection.generation(), Ordering::Relaxed);
        }
        fits
    }

    /// Compares the description with the host's, unless that was done on this connection or the client
    /// does not want it. The first one to do so asks the host and waits for its reply. A host that has no
    /// description fits.
    ///
    /// # Errors
    /// Contract mismatch, with the differences; those of a call. No call has run.
    #[inline]
    pub fn check(
        &self,
        link: &Link,
        connection: &Connection,
        deadline: Option<Instant>,
        cancellation: Cancellation<'_>,
    ) -> Result<()> {
        if self.is_settled(link, connection) {
            return Ok(());
        }
        self.check_first(link, connection, deadline, cancellation)
    }

    #[cold]
    #[inline(never)]
    fn check_first(
        &self,
        link: &Link,
        connection: &Connection,
        deadline: Option<Instant>,
        cancellation: Cancellation<'_>,
    ) -> Result<()> {
        let verdict = self.compare(link, connection, deadline, cancellation)?.0;
        if verdict.is_ok() {
            self.verified.store(connection.generation(), Ordering::Relaxed);
        }
        verdict
    }

    /// Whether the description fits the host's, and whether that is news on this connection.
    fn compare(
        &self,
        link: &Link,
        connection: &Connection,
        deadline: Option<Instant>,
        cancellation: Cancellation<'_>,
    ) -> Result<(Result<()>, bool)> {
        if let Some(verdict) = link.verdicts.of(&self.contract, connection) {
            return Ok((verdict, false));
        }
        let verdict = match self.ask(connection, deadline, cancellation)? {
            Some(host) => {
                let host = with_served_callback(host, link);
                judge(&link.agreement.complete(&self.contract, &host), &host)
            }
            None => Ok(()),
        };
        let is_new = link.verdicts.note(&self.contract, connection, &verdict);
        Ok((verdict, is_new))
    }

    /// The host's description of the interface, if it has one that this version understands. It is under the
    /// name that the proxy uses, which may be an alias at the host.
    fn ask(
        &self,
        connection: &Connection,
        deadline: Option<Instant>,
        cancellation: Cancellation<'_>,
    ) -> Result<Option<Contract>> {
        let mut arguments = Chunk::new();
        let interface = self.contract.interface();
        encode_arguments(&mut arguments, &(interface,)).map_err(|reason| {
            reason.into_error(Status::LimitExceeded, "the question to the host")
        })?;
        let request = Request {
            interface: HOST_INTERFACE,
            method: "Describe",
            signature: None,
            metadata: None,
            arguments: &arguments,
            lane: self.lane,
            cancellation,
        };
        let document = match connection.0.call(&request, deadline) {
            Ok(reply) => reply.decode::<Option<String>>().ok().flatten(),
            // A host that describes nothing.
            Err(error) if error.status() == Status::ContractMismatch => None,
            Err(error) => return Err(error.of_call(Execution::NotRun)),
        };
        let described = document.and_then(|document| Contract::parse(&document).ok());
        Ok(described.and_then(|host| host.under_name(interface).ok()))
    }
}

impl Proxy {
    /// Gives a client's proxy the description of its interface as this program knows it. Before the first
    /// call on each connection it is compared with the host's; if they do not fit, calls fail as *contract
    /// mismatch*, and none runs. A host without a description is taken to fit.
    /// [`ClientBuilder::verify`](crate::ClientBuilder::verify) sets when they are compared.
    ///
    /// # Errors
    /// Invalid argument if the description is of another interface, if the proxy has one (typed proxies
    /// do), or for a connection's proxy.
    pub fn describe(&self, contract: &Contract) -> Result<()> {
        let refuse = |message: String| Err(Error::new(Status::InvalidArgument, message));
        let interface = self.interface();
        if contract.interface() != interface {
            let other = contract.interface();
            return refuse(format!(
                "the description is of '{other}', and the proxy of '{interface}'"
            ));
        }
        let Target::Client(client) = &self.0.target else {
            return refuse("only a client's proxy takes a description".into());
        };
        if self.0.verification.set(Verification::new(contract)).is_err() {
            return refuse(format!("the proxy of '{interface}' already has a description"));
        }
        if client.link.agreement.verify == Verify::WhenConnecting {
            self.verify_when_connecting(&client.link);
        }
        Ok(())
    }

    /// As [`Proxy::describe`], with the text of the description. A text that the client has compared is not read
    /// again: bindings give each typed proxy the text of its interface.
    #[cfg(feature = "c-abi")]
    pub(crate) fn describe_by(&self, document: &str) -> Result<()> {
        let known = match &self.0.target {
            Target::Client(client) => client.link.verdicts.description(document),
            Target::Connection(_) => None,
        };
        self.describe(&known.map_or_else(|| Contract::parse(document), Ok)?)
    }

    /// Gives a client's proxy a description, unless it has one.
    pub(crate) fn describe_unless_described(
        &self,
        contract: impl FnOnce() -> Result<Contract>,
    ) -> Result<()> {
        if !self.survives_connections() || self.0.verification.get().is_some() {
            return Ok(());
        }
        self.describe(&contract()?)
    }

    /// Compares the proxy's description with the host's now, rather than at the first call. Does nothing
    /// without a description.
    ///
    /// # Errors
    /// Contract mismatch with the differences; otherwise as [`Proxy::call`].
    pub fn verify(&self, options: &CallOptions) -> Result<()> {
        self.runtime().check()?;
        let Target::Client(client) = &self.0.target else { return Ok(()) };
        let Some(verification) = self.0.verification.get() else { return Ok(()) };
        let (link, times, cancellation) =
            (&client.link, self.times(options), options.cancellation());
        link.with_connection(&times, cancellation, |connection| {
            verification.compare(link, connection, times.deadline, cancellation)?.0
        })
    }

    /// Compares the description with the host's in the background. The log has the differences; without a
    /// thread, the first call compares.
    pub(super) fn start_verification(&self, link: &Link, connection: &Connection) {
        if self.0.verification.get().is_none() || link.agreement.verify != Verify::WhenConnecting {
            return;
        }
        let (proxy, connection) = (self.clone(), connection.clone());
        let started = link.runtime.workers.execute(move || {
            let Target::Client(client) = &proxy.0.target else { return };
            let Some(verification) = proxy.0.verification.get() else { return };
            let deadline = proxy.times(&CallOptions::default()).deadline;
            let never = Cancellation::default();
            let outcome = verification.compare(&client.link, &connection, deadline, never);
            if let Ok((Err(differences), true)) = outcome {
                client.link.runtime.log(|| {
                    let message = differences.message();
                    let event = LogEvent::new(LogLevel::Error, LogTarget::Client, message);
                    event
                        .connection(connection.id())
                        .interface(proxy.interface())
                        .error(&differences)
                });
            }
        });
        started.ok();
    }
}

/// A host's description, with the callback interface under the name by which the client serves it.
fn with_served_callback(host: Contract, link: &Link) -> Contract {
    let Some(called) = host.callback() else { return host };
    let served = link.runtime.owner.resolve(called.interface());
    if served == called.interface() {
        return host;
    }
    let renamed = called.under_name(&served).and_then(|callback| host.with_callback(&callback));
    renamed.unwrap_or(host)
}

/// The error of a call whose interface the two sides understand differently.
fn judge(caller: &Contract, host: &Contract) -> Result<()> {
    let differences = caller.differences(host);
    if differences.is_empty() {
        return Ok(());
    }
    let listed: Vec<String> = differences.iter().take(LISTED).map(Difference::to_string).collect();
    let more = match differences.len().saturating_sub(LISTED) {
        0 => String::new(),
        more => format!("; and {more} more"),
    };
    let message = format!(
        "this program and the host do not agree on '{}': {}{more}. Build both from the same interface",
        caller.interface(),
        listed.join("; "),
    );
    Err(Error::new(Status::ContractMismatch, message))
}
