//! A call as its delegate sees it.

use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use crate::connection::awaited::Interest;
use crate::connection::state::context::{CallContext, Scope};
use crate::connection::state::inbound::Inbound;
use crate::connection::{CancelNotice, Connection};
use crate::error::{Error, Execution, Result, Status};
use crate::threads::scratch::with_value;
use crate::value;

const NIL: &[u8] = &[0xc0];

/// A call to a delegate, which replies to it now, or keeps it and replies later, from any thread.
///
/// The caller gets exactly one reply: dropping the call without replying sends an error. If the caller
/// cancelled the call, or its deadline passed, the caller gets the error for that, whatever the delegate
/// replies. A one-way call needs no reply: results are discarded, and errors are logged.
pub struct InboundCall {
    inbound: Inbound,
    connection: Connection,
    answered: bool,
}

impl InboundCall {
    pub(crate) fn new(inbound: Inbound, connection: Connection) -> InboundCall {
        InboundCall { inbound, connection, answered: false }
    }

    /// The interface's name, as the caller spells it.
    pub fn interface(&self) -> &str {
        self.inbound.interface()
    }

    /// The method's name.
    pub fn method(&self) -> &str {
        self.inbound.method()
    }

    /// The signature that selects an overload, if the caller sent one.
    pub fn signature(&self) -> Option<&str> {
        self.inbound.signature()
    }

    /// The arguments: one MessagePack array, undecoded.
    pub fn arguments(&self) -> &[u8] {
        self.inbound.arguments()
    }

    /// The arguments as a tuple, e.g. `(i32, String)`, or as `()` for none. Text and bytes may be borrowed
    /// from the call, e.g. `(&str, &str)`.
    ///
    /// # Errors
    /// Contract mismatch if they do not fit, or nest deeper than [`limits`](crate::Limits) allow; pass it
    /// to [`InboundCall::fail`].
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
            .with_execution(Execution::NotRun)
        })
    }

    /// Whether this is a one-way call, whose caller does not wait for a reply.
    pub fn is_one_way(&self) -> bool {
        self.inbound.is_one_way()
    }

    /// The connection that the call came on.
    pub fn connection(&self) -> &Connection {
        &self.connection
    }

    /// When the caller stops waiting, if ever.
    pub fn deadline(&self) -> Option<Instant> {
        self.inbound.deadline
    }

    /// Whether the caller no longer waits: it cancelled the call, the deadline passed, or the connection
    /// ended. A delegate may then stop early and reply with what it has: the caller gets *cancelled* or
    /// *timed out*, never the result.
    pub fn is_cancelled(&self) -> bool {
        self.interest().is_lost()
    }

    /// Waits until [`InboundCall::is_cancelled`]; false if the timeout passes first. `None` waits without
    /// limit.
    pub fn wait_cancelled(&self, timeout: Option<Duration>) -> bool {
        self.interest().wait_lost(timeout)
    }

    /// Runs a function when the caller stops waiting, as [`InboundCall::is_cancelled`] defines it; soon, if
    /// it has stopped already. A one-way call is cancelled only by the end of its connection.
    ///
    /// The function runs at most once, on a thread of the host or client. It may block, may call through
    /// proxies, and may close anything; a panic is logged. It does not start after the reply, or after the
    /// [`CancelNotice`] was dropped. Replying does not wait for a running function. Once the function has
    /// started, no result reaches the caller.
    ///
    /// ```no_run
    /// # fn later(call: callgate::InboundCall, child: std::process::Child) -> callgate::Result<()> {
    /// let child = std::sync::Arc::new(std::sync::Mutex::new(child));
    /// let stopped = child.clone();
    /// let _notice = call.on_cancelled(move || {
    ///     let _ = stopped.lock().unwrap().kill();
    /// })?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// Limit exceeded if no thread can be started to watch the call's deadline; closed if the host or
    /// client has just been closed. The function is then dropped.
    pub fn on_cancelled(&self, function: impl FnOnce() + Send + 'static) -> Result<CancelNotice> {
        let (notice, is_lost) = self.note_function(function)?;
        if is_lost {
            notice.run_soon();
        }
        Ok(notice)
    }

    /// The same, but a function that is registered too late must be run by the caller, which may hold a
    /// lock at this point.
    pub(crate) fn note_function(
        &self,
        function: impl FnOnce() + Send + 'static,
    ) -> Result<(CancelNotice, bool)> {
        self.connection.note_function(&self.inbound, function)
    }

    /// Whether the caller still waits, for use without holding the call.
    pub(crate) fn interest(&self) -> Interest {
        let &Inbound { id, deadline, .. } = &self.inbound;
        Interest { connection: self.connection.clone(), id, deadline }
    }

    /// Makes this thread act on behalf of the call, like the thread that serves it: calls made by `work`
    /// are nested in this one. For the program's own threads that take over a call. Calls that they make
    /// outside of `work` are independent of it.
    ///
    /// ```no_run
    /// # fn later(call: callgate::InboundCall, callback: callgate::Proxy) {
    /// std::thread::spawn(move || {
    ///     let confirmed = call.within(|| callback.call::<bool>("Confirm", &()));
    ///     call.reply_with(confirmed)
    /// });
    /// # }
    /// ```
    pub fn within<R>(&self, work: impl FnOnce() -> R) -> R {
        let _scope = Scope::enter(self.serving());
        work()
    }

    /// The context of a thread that serves this call.
    pub(crate) fn serving(&self) -> CallContext {
        self.connection.serving(&self.inbound)
    }

    /// The metadata that the caller sent, e.g. a trace context.
    pub fn metadata(&self) -> Vec<(&str, &str)> {
        self.inbound.metadata()
    }

    /// Replies with a value.
    ///
    /// # Errors
    /// As [`InboundCall::reply_bytes`]; and contract mismatch if the value cannot be encoded, which the
    /// caller gets too.
    pub fn reply<T: Serialize + ?Sized>(mut self, value: &T) -> Result<()> {
        with_value(|bytes| {
            let encoded = value::encode(bytes, value);
            // Not earlier: encoding may run the program's code, which may panic.
            self.answered = true;
            let Err(reason) = encoded else { return self.send(Ok(bytes)) };
            let what = format_args!("the result of {} cannot be encoded", self.method());
            let error = reason.into_error(Status::ContractMismatch, what);
            let error = error.with_execution(Execution::Ran);
            self.send(Err(&error))?;
            Err(error)
        })
    }

    /// Replies with a value or an error.
    ///
    /// # Errors
    /// As [`InboundCall::reply`] and [`InboundCall::fail`].
    pub fn reply_with<T: Serialize>(self, outcome: Result<T>) -> Result<()> {
        match outcome {
            Ok(value) => self.reply(&value),
            Err(error) => self.fail(error),
        }
    }

    /// Replies with one MessagePack value. No bytes mean nil.
    ///
    /// # Errors
    /// Limit exceeded if it is larger than the caller accepts, which the caller gets too; or the reason why
    /// the connection has ended.
    pub fn reply_bytes(mut self, result: &[u8]) -> Result<()> {
        self.answered = true;
        self.send(Ok(or_nil(result)))
    }

    /// Replies with one MessagePack value that `find` locates in the arguments. It is sent without being
    /// copied. No bytes mean nil.
    ///
    /// # Errors
    /// As [`InboundCall::reply_bytes`].
    pub fn reply_from_arguments(
        mut self,
        find: impl for<'a> FnOnce(&'a [u8]) -> &'a [u8],
    ) -> Result<()> {
        let result = find(self.inbound.arguments());
        self.answered = true;
        self.send(Ok(or_nil(result)))
    }

    /// Replies with an error. It reaches the caller with execution *ran*, even if it is the outcome of a
    /// call that the delegate made and that did not run. There are two exceptions: an error from
    /// [`InboundCall::args`], and one whose execution the delegate has set with [`Error::with_execution`],
    /// keep their execution. *Not run* means that the caller may safely call again.
    ///
    /// # Errors
    /// The reason why the connection has ended.
    pub fn fail(mut self, error: Error) -> Result<()> {
        self.answered = true;
        self.send(Err(&error.of_delegate()))
    }

    fn send(&self, outcome: Result<&[u8], &Error>) -> Result<()> {
        self.connection.runtime().check()?;
        self.connection.reply(&self.inbound, outcome)
    }

    /// Replies that the interface has no such method.
    ///
    /// # Errors
    /// The reason why the connection has ended.
    pub fn fail_no_method(self) -> Result<()> {
        let error = Error::new(
            Status::ContractMismatch,
            format!("interface '{}' has no method '{}'", self.interface(), self.method()),
        );
        self.fail(error.with_execution(Execution::NotRun))
    }
}

/// A frame must have a payload: without one the peer would end the connection.
fn or_nil(result: &[u8]) -> &[u8] {
    match result {
        [] => NIL,
        result => result,
    }
}

impl Drop for InboundCall {
    fn drop(&mut self) {
        let panicking = std::thread::panicking();
        // A one-way call needs no reply: returning from it is success.
        let needs_none = self.is_one_way() && !panicking;
        if self.answered || needs_none || !self.connection.runtime().is_ours() {
            return;
        }
        let error = if panicking {
            Error::new(Status::Internal, format!("the delegate panicked in {}", self.method()))
        } else {
            Error::new(
                Status::RemoteError,
                format!("the delegate dropped the call to {} without replying", self.method()),
            )
        };
        // The connection is gone, and the caller with it.
        let _ = self.connection.reply(&self.inbound, Err(&error.with_execution(Execution::Ran)));
    }
}
