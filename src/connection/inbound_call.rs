//! A call as its delegate sees it.

use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use crate::connection::awaited::Interest;
use crate::connection::state::context::{Scope, Serving};
use crate::connection::state::inbound::Inbound;
use crate::connection::Connection;
use crate::error::{Error, Execution, Result, Status};
use crate::threads::scratch::with_scratch;
use crate::value;

/// A call to a delegate, which answers it: now, or, by keeping it, later and from any thread.
///
/// The caller gets exactly one answer: dropping the call without answering sends an error. Once the
/// caller has cancelled the call, or its deadline has passed, it gets an error that says so, whatever
/// the delegate answers. A one-way call needs no answer; answers to it go nowhere, and errors to the log.
pub struct InboundCall {
    inbound: Inbound,
    connection: Connection,
    answered: bool,
}

impl InboundCall {
    pub(crate) fn new(inbound: Inbound, connection: Connection) -> InboundCall {
        InboundCall { inbound, connection, answered: false }
    }

    /// The interface's name, as the caller gave it.
    pub fn interface(&self) -> &str {
        self.inbound.interface()
    }

    /// The method's name.
    pub fn method(&self) -> &str {
        self.inbound.method()
    }

    /// Which overload, where the caller said so.
    pub fn signature(&self) -> Option<&str> {
        self.inbound.signature()
    }

    /// The arguments: one MessagePack array, not yet looked at.
    pub fn arguments(&self) -> &[u8] {
        self.inbound.arguments()
    }

    /// The arguments as a tuple, e.g. `(i32, String)`, or as `()` for none. Texts and bytes may be
    /// borrowed of the call, e.g. `(&str, &str)`.
    ///
    /// # Errors
    /// Contract mismatch if they do not fit, or nest deeper than [`limits`](crate::Limits) allow;
    /// pass it to [`InboundCall::fail`].
    pub fn args<'a, T: Deserialize<'a>>(&'a self) -> Result<T> {
        value::decode_arguments(self.arguments()).map_err(|reason| {
            Error::new(
                Status::ContractMismatch,
                format!(
                    "the arguments do not fit {}.{}: {reason}",
                    self.interface(),
                    self.method()
                ),
            )
        })
    }

    /// Whether the caller waits for no answer.
    pub fn is_one_way(&self) -> bool {
        self.inbound.is_one_way()
    }

    /// The connection that it came by.
    pub fn connection(&self) -> &Connection {
        &self.connection
    }

    /// When the caller gives up, if ever.
    pub fn deadline(&self) -> Option<Instant> {
        self.inbound.deadline
    }

    /// Whether nobody waits for the answer any more: the caller has cancelled the call, its deadline has
    /// passed, or the connection has ended. Then a delegate may stop half-way and answer with what it has:
    /// the caller gets no result any more, but an error, *cancelled* or *timed out*.
    pub fn is_cancelled(&self) -> bool {
        self.interest().is_lost()
    }

    /// Waits until [`InboundCall::is_cancelled`]; false when the timeout passes before. Without a
    /// timeout it waits for as long as it takes.
    pub fn wait_cancelled(&self, timeout: Option<Duration>) -> bool {
        self.interest().wait_lost(timeout)
    }

    /// The caller's interest in the answer, to be asked about without holding the call.
    pub(crate) fn interest(&self) -> Interest {
        let &Inbound { id, deadline, .. } = &self.inbound;
        Interest { connection: self.connection.clone(), id, deadline }
    }

    /// Lets this thread act within the call, as the one does that serves it: calls that `work` makes
    /// are nested in this one. For threads of the program's own, to which a call was handed; calls that
    /// they make outside of it have no part in it.
    ///
    /// ```no_run
    /// # fn later(call: callgate::InboundCall, callback: callgate::Proxy) {
    /// std::thread::spawn(move || {
    ///     let confirmed = call.within(|| callback.call::<bool>("Confirm", &()));
    ///     call.answer(confirmed)
    /// });
    /// # }
    /// ```
    pub fn within<R>(&self, work: impl FnOnce() -> R) -> R {
        let _scope = Scope::enter(self.serving());
        work()
    }

    /// What a thread runs that serves it.
    pub(crate) fn serving(&self) -> Serving {
        self.connection.serving(&self.inbound)
    }

    /// What the caller sent along, e.g. a trace context.
    pub fn metadata(&self) -> Vec<(&str, &str)> {
        self.inbound.metadata()
    }

    /// Answers with a value.
    ///
    /// # Errors
    /// As [`InboundCall::reply_bytes`]; and if the value cannot be encoded, of which the caller is
    /// told too.
    pub fn reply<T: Serialize + ?Sized>(mut self, value: &T) -> Result<()> {
        with_scratch(|bytes| {
            let encoded = value::encode(bytes, value);
            // Not before: encoding may run the program's own code, which may panic.
            self.answered = true;
            let Err(reason) = encoded else { return self.send(Ok(bytes)) };
            let error = Error::new(
                Status::ContractMismatch,
                format!("the result of {} cannot be encoded: {reason}", self.method()),
            )
            .with_execution(Execution::Ran);
            self.send(Err(&error))?;
            Err(error)
        })
    }

    /// Answers with a value or an error, whichever there is.
    ///
    /// # Errors
    /// As [`InboundCall::reply`] and [`InboundCall::fail`].
    pub fn answer<T: Serialize>(self, outcome: Result<T>) -> Result<()> {
        match outcome {
            Ok(value) => self.reply(&value),
            Err(error) => self.fail(error),
        }
    }

    /// Answers with one MessagePack value.
    ///
    /// # Errors
    /// Limit exceeded if it is larger than the caller accepts, of which the caller is told too; or
    /// why the connection has ended.
    pub fn reply_bytes(mut self, result: &[u8]) -> Result<()> {
        self.answered = true;
        self.send(Ok(result))
    }

    /// Answers with one MessagePack value that a function finds in the arguments, and which is sent from
    /// where it stands: large ones go back without a copy.
    ///
    /// # Errors
    /// As [`InboundCall::reply_bytes`].
    pub fn reply_from_arguments(
        mut self,
        find: impl for<'a> FnOnce(&'a [u8]) -> &'a [u8],
    ) -> Result<()> {
        let result = find(self.inbound.arguments());
        self.answered = true;
        self.send(Ok(result))
    }

    /// Answers with an error. Its status is told as it is; an execution of *not run* is taken at its
    /// word.
    ///
    /// # Errors
    /// Why the connection has ended.
    pub fn fail(mut self, error: Error) -> Result<()> {
        self.answered = true;
        self.send(Err(&error))
    }

    fn send(&self, outcome: Result<&[u8], &Error>) -> Result<()> {
        self.connection.runtime().check()?;
        self.connection.answer(&self.inbound, outcome)
    }

    /// Answers that the interface has no such method.
    ///
    /// # Errors
    /// Why the connection has ended.
    pub fn fail_no_method(self) -> Result<()> {
        let error = Error::new(
            Status::ContractMismatch,
            format!("interface '{}' has no method '{}'", self.interface(), self.method()),
        );
        self.fail(error)
    }
}

impl Drop for InboundCall {
    fn drop(&mut self) {
        let panicking = std::thread::panicking();
        // A one-way call needs no answer: returning from it is success.
        let needs_none = self.is_one_way() && !panicking;
        if self.answered || needs_none || !self.connection.runtime().is_ours() {
            return;
        }
        let error = if panicking {
            Error::new(Status::Internal, format!("the delegate panicked in {}", self.method()))
        } else {
            Error::new(
                Status::RemoteError,
                format!("the delegate dropped the call to {} without an answer", self.method()),
            )
        };
        // With the connection gone there is nobody to tell.
        let _ = self.connection.answer(&self.inbound, Err(&error.with_execution(Execution::Ran)));
    }
}
