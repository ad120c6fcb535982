//! Calls of a proxy that are started and not waited for. Starting never waits: what cannot be sent at
//! once, for want of a connection or of credit, is sent by a thread of the pool, in order.

use std::collections::VecDeque;
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::time::{Duration, Instant};

use serde::de::DeserializeOwned;
use serde::Serialize;

use crate::cancel::{CancelToken, Withdrawal};
use crate::connection::{
    serving, Connection, Done, LogLevel, Reply, Request, Scope, Serving, Ticket, Waiting,
};
use crate::error::{Error, Execution, Result, Status};
use crate::proxy::started::{PendingCall, Read};
use crate::proxy::{with_encoded, CallOptions, Prepared, Proxy};
use crate::sync::atomic::{AtomicBool, Ordering};
use crate::sync::{Arc, Condvar, Mutex};

/// A call that waits to be sent.
struct Queued {
    ticket: Arc<Ticket>,
    call: Prepared,
    arguments: Vec<u8>,
    deadline: Option<Instant>,
    /// What it was made within.
    within: Option<Serving>,
}

/// The calls of one proxy that wait to be sent.
#[derive(Default)]
pub(crate) struct Starter {
    /// None when nothing waits and nobody sends.
    queue: Mutex<Option<VecDeque<Arc<Queued>>>>,
    /// Whether there is a queue; for those who only want to know that.
    busy: AtomicBool,
    idle: Condvar,
}

/// A caller that can be cancelled looks for that so often.
const LOOK_AGAIN: Duration = Duration::from_millis(10);

impl Starter {
    /// Waits until what was started before has been sent, so that a thread's calls stay in order.
    pub fn wait_idle(&self, deadline: Option<Instant>, withdrawal: Withdrawal<'_>) -> Result<()> {
        if !self.busy.load(Ordering::Acquire) {
            return Ok(());
        }
        let mut queue = self.queue.lock();
        while queue.is_some() {
            if withdrawal.is_cancelled() {
                return Err(waited(Status::Cancelled, "the call was cancelled"));
            }
            if deadline.is_some_and(|deadline| Instant::now() >= deadline) {
                return Err(waited(Status::TimedOut, "the deadline passed"));
            }
            let soon = withdrawal.token.and_then(|_| Instant::now().checked_add(LOOK_AGAIN));
            let until = withdrawal.until(deadline);
            match [until, soon].into_iter().flatten().min() {
                None => self.idle.wait(&mut queue),
                Some(until) => drop(self.idle.wait_until(&mut queue, until)),
            }
            if queue.is_some() && withdrawal.check.is_some() {
                drop(queue);
                if withdrawal.check() {
                    return Err(waited(Status::Cancelled, "the call was cancelled"));
                }
                queue = self.queue.lock();
            }
        }
        Ok(())
    }

    /// Begins a queue, if there is none; else queues the call behind others.
    fn enter(&self, queued: Arc<Queued>) -> Option<Arc<Queued>> {
        let mut queue = self.queue.lock();
        if let Some(queue) = &mut *queue {
            queue.push_back(queued);
            return None;
        }
        *queue = Some(VecDeque::new());
        self.busy.store(true, Ordering::Release);
        Some(queued)
    }

    /// Puts a call back that was first and could not be sent; tells whether any wait now.
    fn leave(&self, unsent: Option<Arc<Queued>>) -> bool {
        let mut queue = self.queue.lock();
        if let (Some(queue), Some(unsent)) = (&mut *queue, unsent) {
            queue.push_front(unsent);
        }
        self.close_if_empty(&mut queue)
    }

    /// The next call to send; none when the queue is over.
    fn next(&self) -> Option<Arc<Queued>> {
        let mut queue = self.queue.lock();
        let next = queue.as_mut().and_then(VecDeque::pop_front);
        if next.is_none() {
            self.close_if_empty(&mut queue);
        }
        next
    }

    fn close_if_empty(&self, queue: &mut Option<VecDeque<Arc<Queued>>>) -> bool {
        let waits = queue.as_ref().is_some_and(|queue| !queue.is_empty());
        if !waits {
            *queue = None;
            self.busy.store(false, Ordering::Release);
            self.idle.notify_all();
        }
        waits
    }
}

/// Whether a call did not leave because its connection ended.
fn is_its_end(connection: &Connection, error: &Error) -> bool {
    let ended = connection.ended().is_some_and(|reason| reason.status() == error.status());
    ended && error.execution() == Execution::NotRun
}

fn waited(status: Status, what: &str) -> Error {
    Error::new(status, format!("{what} while earlier calls of the proxy waited to be sent"))
}

impl Proxy {
    /// Starts a call and returns at once; the result can be waited for, or awaited. As long as there is
    /// the proxy, a call that had not left when its connection ended goes by the client's next one.
    ///
    /// # Errors
    /// Invalid argument for a name or arguments that cannot be sent. All other failures are outcomes of
    /// the call.
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

    /// Starts a call whose outcome is made by `read`; what keeps it from being started is one too.
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
            self.start_with(method, arguments.to_vec(), options, done)
        })
    }

    /// Starts a call with arguments that are one MessagePack array already, and returns at once. The
    /// outcome is given to `done`, once, on a thread of the pool; it may wait and call Callgate.
    ///
    /// # Errors
    /// As [`Proxy::start`]; then `done` is dropped.
    pub fn start_bytes(
        &self,
        method: &str,
        arguments: Vec<u8>,
        options: &CallOptions,
        done: impl FnOnce(Result<Reply>) + Send + 'static,
    ) -> Result<()> {
        let runtime = self.runtime().clone();
        let dispatched = Box::new(move |outcome| {
            let workers = runtime.workers.clone();
            workers.execute_surely(move || {
                let completed = AssertUnwindSafe(|| runtime.inside(|| done(outcome)));
                if catch_unwind(completed).is_err() {
                    runtime.log(LogLevel::Error, "the completion of a call panicked");
                }
            });
        });
        self.start_with(method, arguments, options, dispatched)
    }

    fn start_with(
        &self,
        method: &str,
        arguments: Vec<u8>,
        options: &CallOptions,
        done: Done,
    ) -> Result<()> {
        let call = self.prepare(method, options)?;
        let deadline = self.deadline(options);
        let ticket = Ticket::new(done);
        let runtime = self.runtime();
        if let Some(deadline) = deadline {
            runtime.timers.add(deadline, &ticket, &runtime.workers);
        }
        if let Some(token) = &call.cancel {
            let cancelled = Arc::downgrade(&ticket);
            ticket.hold(token.on_cancel(move || {
                if let Some(ticket) = cancelled.upgrade() {
                    ticket.withdraw(Status::Cancelled);
                }
            }));
        }
        let within = serving();
        self.start_or_queue(Arc::new(Queued { ticket, call, arguments, deadline, within }));
        Ok(())
    }

    /// Sends a call if that needs no waiting and nothing waits before it.
    fn start_or_queue(&self, queued: Arc<Queued>) {
        // While this one is being sent, others queue up behind it.
        let Some(queued) = self.starter().enter(queued) else { return };
        let (unsent, failure) = match self.try_start(&queued) {
            Ok(true) => (None, None),
            Ok(false) => (Some(queued), None),
            Err(error) => (None, Some((queued, error))),
        };
        if self.starter().leave(unsent) {
            let proxy = self.clone();
            self.runtime().workers.execute_surely(move || proxy.start_queued());
        }
        if let Some((queued, error)) = failure {
            queued.ticket.finish(Err(error));
        }
    }

    /// Sends what is queued, waiting for connections and credit.
    fn start_queued(&self) {
        while let Some(queued) = self.starter().next() {
            if queued.ticket.is_done() {
                continue;
            }
            let _within = queued.within.clone().map(Scope::enter);
            let request = queued.call.request(self.interface(), &queued.arguments);
            let sent = self.act(&request, queued.deadline, |connection| {
                queued.give_to(self, connection, &request, Waiting::Yes)
            });
            if let Err(error) = sent {
                queued.ticket.finish(Err(error));
            }
        }
    }

    /// Sends a call if it need not wait for anything.
    fn try_start(&self, queued: &Arc<Queued>) -> Result<bool> {
        let Some(connection) = self.ready_connection() else {
            return Ok(false);
        };
        let request = queued.call.request(self.interface(), &queued.arguments);
        match queued.give_to(self, &connection, &request, Waiting::No) {
            Err(error) if self.survives_connections() && is_its_end(&connection, &error) => {
                Ok(false)
            }
            outcome => outcome,
        }
    }

    /// Has a call go by the next connection, since the one that it was given to ended before it left.
    /// Does not wait.
    fn start_again(&self, queued: Arc<Queued>, failure: Error) {
        queued.ticket.detach();
        // Who gave it up meanwhile found only what had ended.
        if let Some(status) = queued.given_up() {
            return queued.ticket.withdraw(status);
        }
        // Behind others, if any wait: nothing is in order across a reconnect.
        let Some(queued) = self.starter().enter(queued) else { return };
        self.starter().leave(Some(queued));
        let proxy = self.clone();
        if self.runtime().workers.execute(move || proxy.start_queued()).is_err() {
            while let Some(queued) = self.starter().next() {
                queued.ticket.finish(Err(failure.clone()));
            }
        }
    }
}

impl Queued {
    fn give_to(
        self: &Arc<Self>,
        proxy: &Proxy,
        connection: &Connection,
        request: &Request<'_>,
        waiting: Waiting,
    ) -> Result<bool> {
        let attach = |sent| self.ticket.attach(sent);
        // A call under way keeps neither its client nor its connection.
        let (proxy, used) = (proxy.downgrade(), Arc::downgrade(&connection.0));
        let queued = self.clone();
        let done = move |outcome: Result<Reply>| {
            let error = match outcome {
                Err(error) => error,
                reply => return queued.ticket.finish(reply),
            };
            let by_its_end =
                used.upgrade().is_some_and(|core| is_its_end(&Connection(core), &error));
            match proxy.upgrade().filter(|proxy| by_its_end && proxy.survives_connections()) {
                Some(proxy) => proxy.start_again(queued, error),
                None => queued.ticket.finish(Err(error)),
            }
        };
        connection.0.start(request, self.deadline, waiting, attach, done)
    }

    /// Why its caller waits no longer, if so.
    fn given_up(&self) -> Option<Status> {
        if self.call.cancel.as_ref().is_some_and(CancelToken::is_cancelled) {
            return Some(Status::Cancelled);
        }
        let late = self.deadline.is_some_and(|deadline| Instant::now() >= deadline);
        late.then_some(Status::TimedOut)
    }
}
