//! The caller's handle to a started call.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use crate::connection::{Done, Reply};
use crate::error::{Error, Result};
use crate::process::Process;
use crate::sync::{Arc, Condvar, Mutex};
use crate::time;

#[derive(Default)]
struct Shared {
    outcome: Option<Result<Reply>>,
    waker: Option<Waker>,
}

/// A started call: wait for its result, or `await` it. Dropping this does not cancel the call.
pub struct PendingCall<R, E = Error> {
    shared: Arc<(Mutex<Shared>, Condvar)>,
    process: Process,
    read: Read<R, E>,
}

/// Converts the outcome of a call to the caller's type.
pub(crate) type Read<R, E> = fn(Result<Reply>) -> Result<R, E>;

impl<R, E> PendingCall<R, E> {
    /// A pending call, and the function that completes it.
    pub(crate) fn new(read: Read<R, E>) -> (PendingCall<R, E>, Done) {
        let shared = Arc::new((Mutex::new(Shared::default()), Condvar::new()));
        let theirs = shared.clone();
        let done: Done = Box::new(move |outcome| {
            let mut waiting = theirs.0.lock();
            waiting.outcome = Some(outcome);
            let waker = waiting.waker.take();
            drop(waiting);
            theirs.1.notify_all();
            if let Some(waker) = waker {
                waker.wake();
            }
        });
        (PendingCall { shared, process: Process::current(), read }, done)
    }

    /// Whether the call has its outcome.
    pub fn is_done(&self) -> bool {
        !self.process.is_current() || self.shared.0.lock().outcome.is_some()
    }

    /// Waits for the outcome at most this long; returns whether there is one. The call continues either
    /// way.
    pub fn wait_for(&self, timeout: Duration) -> bool {
        if !self.process.is_current() {
            return true;
        }
        let (waiting, changed) = &*self.shared;
        let deadline = time::after(timeout);
        let mut waiting = waiting.lock();
        while waiting.outcome.is_none() {
            if changed.wait_until(&mut waiting, deadline).timed_out() {
                break;
            }
        }
        waiting.outcome.is_some()
    }

    /// Waits for the result, until the call's own deadline.
    ///
    /// # Errors
    /// As [`Proxy::call`](crate::Proxy::call).
    pub fn wait(self) -> Result<R, E> {
        if let Err(gone) = self.process.check() {
            return (self.read)(Err(gone));
        }
        let (waiting, changed) = &*self.shared;
        let mut waiting = waiting.lock();
        let outcome = loop {
            match waiting.outcome.take() {
                Some(outcome) => break outcome,
                None => changed.wait(&mut waiting),
            }
        };
        drop(waiting);
        (self.read)(outcome)
    }
}

impl<R, E> Future for PendingCall<R, E> {
    type Output = Result<R, E>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<R, E>> {
        if let Err(gone) = self.process.check() {
            return Poll::Ready((self.read)(Err(gone)));
        }
        let mut waiting = self.shared.0.lock();
        match waiting.outcome.take() {
            Some(outcome) => {
                drop(waiting);
                Poll::Ready((self.read)(outcome))
            }
            None => {
                waiting.waker = Some(context.waker().clone());
                Poll::Pending
            }
        }
    }
}
