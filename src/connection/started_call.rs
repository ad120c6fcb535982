//! A call that was started and is not waited for: from its start to its single outcome, whether that is the
//! reply, the end of the connection, the deadline or a cancellation.

use std::time::Instant;

use crate::cancel::Registration;
use crate::connection::call::Reply;
use crate::connection::start::InFlight;
use crate::counters::ErrorCounts;
use crate::error::{Error, Result, Status};
use crate::sync::{Arc, Mutex, MutexGuard, Weak};
use crate::threads::pool::Workers;
use crate::threads::timers::{Timed, Timer, Timers};

/// Receives the outcome of a started call. Must not wait.
pub(crate) type Done = Box<dyn FnOnce(Result<Reply>) + Send>;

struct Stage {
    /// `None` once there is an outcome.
    done: Option<Done>,
    /// Set once the call has been given to a connection.
    sent: Option<InFlight>,
    registration: Option<Registration>,
    timer: Option<Timer>,
    /// Counts it if it fails.
    errors: Arc<ErrorCounts>,
}

/// One started call.
pub(crate) struct StartedCall(Mutex<Stage>);

impl StartedCall {
    pub fn new(done: Done, errors: Arc<ErrorCounts>) -> Arc<StartedCall> {
        let stage = Stage { done: Some(done), sent: None, registration: None, timer: None, errors };
        Arc::new(StartedCall(Mutex::new(stage)))
    }

    /// Whether there is an outcome.
    pub fn is_done(&self) -> bool {
        self.0.lock().done.is_none()
    }

    /// Notes where the call is sent, before it is sent. False if there is already an outcome.
    pub fn attach(&self, sent: InFlight) -> bool {
        let mut stage = self.0.lock();
        stage.sent = Some(sent);
        stage.done.is_some()
    }

    /// Forgets where the call was sent, because it was not.
    pub fn detach(&self) {
        self.0.lock().sent = None;
    }

    /// Ends the call as timed out when the deadline passes.
    ///
    /// # Errors
    /// As [`Timers::add`].
    pub fn set_deadline(
        self: &Arc<Self>,
        deadline: Instant,
        timers: &Arc<Timers>,
        workers: &Arc<Workers>,
    ) -> Result<()> {
        let this: Weak<StartedCall> = Arc::downgrade(self);
        let timer = timers.add(deadline, this, workers)?;
        let mut stage = self.0.lock();
        // Otherwise the timer is dropped, after the lock is released.
        if stage.done.is_some() {
            stage.timer = Some(timer);
        }
        Ok(())
    }

    /// Keeps the registration of its cancel token.
    pub fn hold(&self, registration: Registration) {
        self.0.lock().registration = Some(registration);
    }

    /// Sets its outcome, if it has none.
    pub fn finish(&self, outcome: Result<Reply>) {
        StartedCall::end(self.0.lock(), outcome);
    }

    fn end(mut stage: MutexGuard<'_, Stage>, outcome: Result<Reply>) {
        let done = stage.done.take();
        let (sent, registration) = (stage.sent.take(), stage.registration.take());
        let timer = stage.timer.take();
        if let (Some(_), Err(error)) = (&done, &outcome) {
            stage.errors.note(error.status());
        }
        drop(stage);
        drop((sent, registration, timer));
        if let Some(done) = done {
            done(outcome);
        }
    }

    /// Ends the call because its caller no longer waits. A call that was sent knows best how far it got.
    pub fn cancel(&self, status: Status) {
        let stage = self.0.lock();
        match stage.sent.clone() {
            Some(sent) => {
                drop(stage);
                sent.cancel(status);
            }
            // Under the same lock, so that it is not sent meanwhile.
            None => StartedCall::end(stage, Err(cancelled(status))),
        }
    }
}

impl Timed for StartedCall {
    fn expire(&self) {
        self.cancel(Status::TimedOut);
    }
}

fn cancelled(status: Status) -> Error {
    let message = match status {
        Status::Cancelled => "the call was cancelled before it was sent",
        _ => "the deadline passed before the call was sent",
    };
    Error::new(status, message)
}
