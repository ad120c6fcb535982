//! Asynchronous calls of a proxy. Starting one never waits: if it cannot be sent at once, for lack of a
//! connection or of credit, a thread of the pool sends it, in order.

use serde::de::DeserializeOwned;
use serde::Serialize;

use crate::cancel::CancelToken;
use crate::chunk::Chunk;
use crate::connection::{
    current_context, Blocking, CallContext, Connection, Done, Line, Reply, Request, Scope,
    SendQueue, StartedCall, Waits,
};
use crate::error::{Error, Result, Status};
use crate::link::CallTimes;
use crate::proxy::pending_call::{PendingCall, Read};
use crate::proxy::prepared::Prepared;
use crate::proxy::{with_encoded, CallOptions, Proxy, NO_ARGUMENTS};
use crate::sync::Arc;
use crate::time;

/// A call that waits to be sent.
pub(crate) struct Queued {
    started: Arc<StartedCall>,
    call: Prepared,
    arguments: Chunk,
    times: CallTimes,
    /// The number of failed initialisations of the proxy when the call was made.
    failures: Option<u64>,
    line: Line,
    /// The call that it is nested in.
    within: Option<CallContext>,
}

impl Waits for Queued {
    fn line(&self) -> Line {
        self.line
    }

    fn lane(&self) -> u64 {
        self.call.lane
    }
}

/// The calls of one proxy that wait to be sent.
pub(crate) type StartQueue = SendQueue<Queued>;

impl Proxy {
    /// Starts a call and returns at once; the result can be waited for, or awaited. While the proxy exists,
    /// a call that was unsent when its connection ended, or that a closing host has refused, is sent on the
    /// client's next one.
    ///
    /// # Errors
    /// Invalid argument for an invalid name, or for arguments that cannot be encoded. All other failures
    /// are outcomes of the call.
    pub fn start<R: DeserializeOwned>(
        &self,
        method: &str,
        arguments: &impl Serialize,
        options: &CallOptions,
    ) -> Result<PendingCall<R>> {
        let (pending, done) = PendingCall::new(|outcome| outcome?.decode());
        self.start_encoded(method, arguments, options, done)?;
        Ok(pending)
    }

    /// Starts a call whose outcome `read` converts; a failure to start is an outcome too.
    pub(crate) fn start_read<R, E>(
        &self,
        method: &str,
        arguments: &impl Serialize,
        options: &CallOptions,
        read: Read<R, E>,
    ) -> PendingCall<R, E> {
        let (pending, done) = PendingCall::new(read);
        match self.start_encoded(method, arguments, options, done) {
            Ok(()) => pending,
            Err(error) => {
                let (failed, done) = PendingCall::new(read);
                done(Err(error));
                failed
            }
        }
    }

    fn start_encoded(
        &self,
        method: &str,
        arguments: &impl Serialize,
        options: &CallOptions,
        done: Done,
    ) -> Result<()> {
        with_encoded(arguments, |arguments| {
            self.start_with(method, copy_of(arguments)?, options, done)
        })
    }

    /// Starts a call with arguments that are already encoded as one MessagePack array, and returns at once.
    /// No bytes mean no arguments. `done` gets the outcome, once, on a thread of the pool; it may block and
    /// call Callgate.
    ///
    /// # Errors
    /// As [`Proxy::start`]; `done` is then dropped.
    pub fn start_bytes(
        &self,
        method: &str,
        arguments: Vec<u8>,
        options: &CallOptions,
        done: impl FnOnce(Result<Reply>) + Send + 'static,
    ) -> Result<()> {
        let arguments = if arguments.is_empty() { NO_ARGUMENTS.to_vec() } else { arguments };
        self.start_with(method, arguments.into(), options, self.dispatched(done))
    }

    /// The same with a copy of the arguments.
    #[cfg(feature = "c-abi")]
    pub(crate) fn start_copy(
        &self,
        method: &str,
        arguments: &[u8],
        options: &CallOptions,
        done: impl FnOnce(Result<Reply>) + Send + 'static,
    ) -> Result<()> {
        let arguments = copy_of(crate::proxy::or_no_arguments(arguments))?;
        self.start_with(method, arguments, options, self.dispatched(done))
    }

    /// Runs `done` on a thread of the pool.
    fn dispatched(&self, done: impl FnOnce(Result<Reply>) + Send + 'static) -> Done {
        let runtime = self.runtime().clone();
        Box::new(move |outcome| {
            let completions = runtime.completions.clone();
            completions.add(Box::new(move || {
                runtime.run_handler("the completion of a call", || done(outcome));
            }));
        })
    }

    fn start_with(
        &self,
        method: &str,
        arguments: Chunk,
        options: &CallOptions,
        done: Done,
    ) -> Result<()> {
        let call = self.prepare(method, options)?;
        let connection_timeout = self.connection_timeout();
        let times = CallTimes { connection_timeout, ..self.times(options) };
        let runtime = self.runtime();
        let started = StartedCall::new(done, runtime.counts.made_errors.clone());
        if let Some(deadline) = times.deadline {
            if let Err(error) = started.set_deadline(deadline, &runtime.timers, &runtime.workers) {
                started.finish(Err(error));
                return Ok(());
            }
        }
        if let Some(token) = &call.cancel {
            let cancelled = Arc::downgrade(&started);
            started.hold(token.on_cancel(move || {
                if let Some(started) = cancelled.upgrade() {
                    started.cancel(Status::Cancelled);
                }
            }));
        }
        let (failures, line, within) = (self.failures(), self.line(), current_context());
        let queued = Queued { started, call, arguments, times, failures, line, within };
        self.start_or_queue(Arc::new(queued));
        Ok(())
    }

    /// Sends a call if that needs no waiting and nothing is queued before it.
    fn start_or_queue(&self, queued: Arc<Queued>) {
        let (line, start_queue) = (queued.line, self.start_queue());
        // While this call is being sent, later ones queue up behind it.
        if !start_queue.enter(queued.clone()) {
            return;
        }
        let more = match self.try_start(&queued) {
            Ok(false) => true,
            Ok(true) => start_queue.leave(line),
            Err(error) => {
                let more = start_queue.leave(line);
                queued.started.finish(Err(error));
                more
            }
        };
        if more {
            self.work_off(line, None);
        }
    }

    /// Lets a thread of the pool send what is queued in a line. If no thread is available, all of it fails
    /// with `reason`, since sending it here could take long.
    fn work_off(&self, line: Line, reason: Option<Error>) {
        let proxy = self.clone();
        let Err(error) = self.runtime().workers.execute(move || proxy.start_queued(line)) else {
            return;
        };
        let error = reason.unwrap_or(error);
        while let Some(queued) = self.start_queue().first(line) {
            queued.started.finish(Err(error.clone()));
            if !self.start_queue().leave(line) {
                return;
            }
        }
    }

    /// Sends what is queued in a line, waiting for connections and for credit.
    fn start_queued(&self, line: Line) {
        while let Some(queued) = self.start_queue().first(line) {
            if !queued.started.is_done() {
                self.start_waiting(&queued);
            }
            if !self.start_queue().leave(line) {
                return;
            }
        }
    }

    /// Sends a call, waiting for a connection and for credit.
    fn start_waiting(&self, queued: &Arc<Queued>) {
        let _within = queued.within.clone().map(Scope::enter);
        let request = queued.call.request(self.interface(), &queued.arguments);
        let sent = self.act(&request, &queued.times, queued.failures, |connection| {
            queued.give_to(self, connection, &request, Blocking::Until(queued.times.deadline))
        });
        if let Err(error) = sent {
            queued.started.finish(Err(error));
        }
    }

    /// Sends a call if it need not wait for anything.
    fn try_start(&self, queued: &Arc<Queued>) -> Result<bool> {
        let Some(connection) = self.ready_connection() else {
            return Ok(false);
        };
        let request = queued.call.request(self.interface(), &queued.arguments);
        match queued.give_to(self, &connection, &request, Blocking::Never) {
            Err(error) if self.survives_connections() && queued.may_go_on(&connection, &error) => {
                Ok(false)
            }
            outcome => outcome,
        }
    }

    /// Sends a call on the next connection, because it did not run on this one. Does not wait.
    fn start_again(&self, queued: Arc<Queued>, failure: Error) {
        queued.started.detach();
        // A cancellation or deadline that came meanwhile found only the ended connection.
        if let Some(status) = queued.given_up() {
            return queued.started.cancel(status);
        }
        // Behind any calls that wait: nothing is ordered across a reconnect.
        let line = queued.line;
        if !self.start_queue().enter(queued) {
            return;
        }
        self.work_off(line, Some(failure));
    }
}

impl Queued {
    fn give_to(
        self: &Arc<Self>,
        proxy: &Proxy,
        connection: &Connection,
        request: &Request<'_>,
        blocking: Blocking,
    ) -> Result<bool> {
        let attach = |sent| self.started.attach(sent);
        // A call in flight keeps neither its client nor its connection alive.
        let (proxy, used) = (proxy.downgrade(), Arc::downgrade(&connection.0));
        let queued = self.clone();
        let done = move |outcome: Result<Reply>| {
            let error = match outcome {
                Err(error) => error,
                reply => return queued.started.finish(reply),
            };
            let may_go_on =
                used.upgrade().is_some_and(|core| queued.may_go_on(&Connection(core), &error));
            match proxy.upgrade().filter(|proxy| may_go_on && proxy.survives_connections()) {
                Some(proxy) => proxy.start_again(queued, error),
                None => queued.started.finish(Err(error)),
            }
        };
        connection.0.start(request, self.times.deadline, blocking, attach, done)
    }

    /// Whether a call with this outcome may be sent on the next connection.
    fn may_go_on(&self, connection: &Connection, error: &Error) -> bool {
        connection.has_kept_from_running(error, self.within.as_ref())
    }

    /// Why the caller no longer waits, if so.
    fn given_up(&self) -> Option<Status> {
        if self.call.cancel.as_ref().is_some_and(CancelToken::is_cancelled) {
            return Some(Status::Cancelled);
        }
        let late = time::has_passed(self.times.deadline);
        late.then_some(Status::TimedOut)
    }
}

/// A copy of arguments, to send later.
fn copy_of(arguments: &[u8]) -> Result<Chunk> {
    Chunk::copy_of(&[arguments]).map_err(|reason| {
        let message = format!("the arguments cannot be kept until they are sent: {reason}");
        Error::new(Status::LimitExceeded, message)
    })
}
