//! Comparing the client's description of an interface with the host's, before the first call on each
//! connection.

use std::time::Instant;

use crate::cancel::Cancellation;
use crate::chunk::Chunk;
use crate::connection::{lane, Connection, Request};
use crate::contract::{Contract, Difference};
use crate::error::{Error, Execution, Result, Status};
use crate::link::Link;
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

    /// Whether the description is known to fit that of the host on this connection.
    #[inline]
    pub fn is_done(&self, connection: &Connection) -> bool {
        self.verified.load(Ordering::Relaxed) == connection.generation()
    }

    /// Compares the description with the host's, unless that was done on this connection. The first one to
    /// do so asks the host and waits for its reply. A host that has no description fits.
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
        if self.is_done(connection) {
            return Ok(());
        }
        self.compare(link, connection, deadline, cancellation)
    }

    #[cold]
    #[inline(never)]
    fn compare(
        &self,
        link: &Link,
        connection: &Connection,
        deadline: Option<Instant>,
        cancellation: Cancellation<'_>,
    ) -> Result<()> {
        let known = link.verdicts.of(&self.contract, connection);
        let verdict = match known {
            Some(verdict) => verdict,
            None => {
                let verdict = match self.ask(connection, deadline, cancellation)? {
                    Some(host) => judge(&self.contract, &host),
                    None => Ok(()),
                };
                link.verdicts.note(&self.contract, connection, &verdict);
                verdict
            }
        };
        if verdict.is_ok() {
            self.verified.store(connection.generation(), Ordering::Relaxed);
        }
        verdict
    }

    /// The host's description of the interface, if it has one that this version understands.
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
        Ok(document.and_then(|document| Contract::parse(&document).ok()))
    }
}

impl Proxy {
    /// Gives a client's proxy the description of its interface as this program knows it. Before the first
    /// call on each connection it is compared with the host's; if they do not fit, calls fail as *contract
    /// mismatch*, and none runs. A host without a description is taken to fit.
    ///
    /// # Errors
    /// Invalid argument if the description is of another interface, if the proxy has one, or for a
    /// connection's proxy.
    pub fn describe(&self, contract: &Contract) -> Result<()> {
        let refuse = |message: String| Err(Error::new(Status::InvalidArgument, message));
        let interface = self.interface();
        if contract.interface() != interface {
            let other = contract.interface();
            return refuse(format!(
                "the description is of '{other}', and the proxy of '{interface}'"
            ));
        }
        if !self.survives_connections() {
            return refuse("only a client's proxy takes a description".into());
        }
        match self.0.verification.set(Verification::new(contract)) {
            Ok(()) => Ok(()),
            Err(_) => refuse(format!("the proxy of '{interface}' already has a description")),
        }
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
            verification.check(link, connection, times.deadline, cancellation)
        })
    }
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
