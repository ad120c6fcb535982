//! Calls that were started and not waited for.
//!
//! A ticket stands for one such call, from its start to its only outcome, whoever brings it: the
//! answer, the end of the connection, the deadline or a cancellation.

use std::time::Instant;

use crate::cancel::Registration;
use crate::connection::call::Reply;
use crate::connection::start::InFlight;
use crate::error::{Error, Result, Status};
use crate::sync::{Arc, Mutex, Weak};
use crate::threads::pool::Workers;
use crate::threads::timers::{Timed, Timer, Timers};

/// What a started call's outcome is given to. Must not wait.
pub(crate) type Done = Box<dyn FnOnce(Result<Reply>) + Send>;

struct Stage {
    /// Until there is an outcome.
    done: Option<Done>,
    /// Once the call has been given to a connection.
    sent: Option<InFlight>,
    registration: Option<Registration>,
    timer: Option<Timer>,
}

/// One started call.
pub(crate) struct StartedCall(Mutex<Stage>);

impl StartedCall {
    pub fn new(done: Done) -> Arc<StartedCall> {
        let stage = Stage { done: Some(done), sent: None, registration: None, timer: None };
        Arc::new(StartedCall(Mutex::new(stage)))
    }

    /// Whether there is an outcome already.
    pub fn is_done(&self) -> bool {
        self.0.lock().done.is_none()
    }

    /// Notes where it was sent, before it is. False if there is an outcome already.
    pub fn attach(&self, sent: InFlight) -> bool {
        let mut stage = self.0.lock();
        stage.sent = Some(sent);
        stage.done.is_some()
    }

    /// Forgets where it was sent, since it did not leave.
    pub fn detach(&self) {
        self.0.lock().sent = None;
    }

    /// Ends it as timed out when the deadline passes.
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
        // Otherwise the timer is dropped, after the lock.
        if stage.done.is_some() {
            stage.timer = Some(timer);
        }
        Ok(())
    }

    /// Notes what can cancel it.
    pub fn hold(&self, registration: Registration) {
        self.0.lock().registration = Some(registration);
    }

    /// Gives it its outcome, if it has none yet.
    pub fn finish(&self, outcome: Result<Reply>) {
        let mut stage = self.0.lock();
        let done = stage.done.take();
        let (sent, registration) = (stage.sent.take(), stage.registration.take());
        let timer = stage.timer.take();
        drop(stage);
        drop((sent, registration, timer));
        if let Some(done) = done {
            done(outcome);
        }
    }

    /// Ends it because its caller waits no longer. A call that was sent knows best how far it got.
    pub fn cancel(&self, status: Status) {
        let sent = self.0.lock().sent.clone();
        match sent {
            Some(sent) => sent.cancel(status),
            None => self.finish(Err(cancelled(status))),
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
