//! Initialisation routines: what a proxy does first on every connection that it uses.
//!
//! The routine runs on a thread of its own, once per connection. Calls of the proxy wait for it, except
//! those that the routine makes or causes. If it fails, the waiting calls get the failure, and it runs
//! again after growing pauses while the connection lasts.

use std::time::{Duration, Instant};

use crate::cancel::Cancellation;
use crate::connection::{is_within, Connection};
use crate::error::{Error, Result, Status};
use crate::limits::{INITIALISATION_PAUSE, PAUSE_GROWTH};
use crate::panics::caught;
use crate::sync::{Arc, Condvar, Mutex};
use crate::time;

#[derive(Clone, Debug)]
enum Stage {
    /// Not begun for the present connection.
    Idle,
    /// The routine identified by `token` is running, or will run again after a pause.
    Running {
        generation: u64,
        scope_id: u64,
    },
    Done {
        generation: u64,
    },
}

struct State {
    stage: Stage,
    /// The number of failed attempts; the last failure is kept beside it.
    failures: u64,
    failure: Option<Error>,
}

impl State {
    /// What a caller must do next; `None` means wait. Fails if more attempts have failed than it has
    /// `seen`. If the caller must start the routine, this is recorded.
    fn next_step(
        &mut self,
        connection: &Connection,
        seen: &mut Option<u64>,
    ) -> Option<Result<Step>> {
        if let Some(reason) = connection.ended() {
            return Some(Err(reason));
        }
        let step = match step(&self.stage, connection) {
            Ok(Step::Go) => return Some(Ok(Step::Go)),
            Ok(step) => step,
            Err(error) => return Some(Err(error)),
        };
        if *seen.get_or_insert(self.failures) != self.failures {
            return Some(Err(failed(self.failure.clone())));
        }
        match step {
            Step::Start => {
                self.stage = Stage::Running { generation: connection.generation(), scope_id: 0 };
                Some(Ok(Step::Start))
            }
            Step::Go | Step::Wait => None,
        }
    }
}

/// The progress of one proxy's initialisation.
pub(crate) struct Initialisation {
    state: Mutex<State>,
    changed: Condvar,
}

/// What a caller that needs an initialised connection must do.
enum Step {
    Go,
    Start,
    Wait,
}

impl Initialisation {
    pub fn new() -> Arc<Initialisation> {
        let state = State { stage: Stage::Idle, failures: 0, failure: None };
        Arc::new(Initialisation { state: Mutex::new(state), changed: Condvar::new() })
    }

    /// The number of failed attempts.
    pub fn failures(&self) -> u64 {
        self.state.lock().failures
    }

    /// Waits until the connection is initialised. If no thread is doing that yet, calls `start`, which must
    /// arrange for [`Initialisation::run`] on another thread. Fails once there are more failed attempts
    /// than `seen`, by default the present number.
    pub fn wait(
        self: &Arc<Self>,
        connection: &Connection,
        deadline: Option<Instant>,
        cancellation: Cancellation<'_>,
        mut seen: Option<u64>,
        start: impl Fn() -> Result<()>,
    ) -> Result<()> {
        loop {
            let waiting = self.clone();
            let wake = move || waiting.look_again();
            let look = |state: &mut State| state.next_step(connection, &mut seen);
            let found = cancellation.wait(&self.state, &self.changed, deadline, wake, look);
            match found.map(|(step, _)| step) {
                Ok(Ok(Step::Start)) => {
                    if let Err(error) = start() {
                        self.not_started();
                        return Err(failed(Some(error)));
                    }
                }
                Ok(Ok(Step::Go | Step::Wait)) => return Ok(()),
                Ok(Err(error)) => return Err(error),
                Err(gave_up) => {
                    return Err(gave_up.error("waiting for the initialisation routine"));
                }
            }
        }
    }

    /// Whether the connection is initialised, or this thread's call may be sent before it is.
    pub fn is_done(&self, connection: &Connection) -> bool {
        matches!(step(&self.state.lock().stage, connection), Ok(Step::Go))
    }

    /// Whether this thread runs the routine, or something that the routine caused.
    pub fn is_running_here(&self) -> bool {
        match self.state.lock().stage {
            Stage::Running { scope_id, .. } => is_within(scope_id),
            Stage::Idle | Stage::Done { .. } => false,
        }
    }

    /// Whether the connection is not initialised and nobody is doing it: then the caller must call
    /// [`Initialisation::run`].
    pub fn take_on(&self, connection: &Connection) -> bool {
        let mut state = self.state.lock();
        let needed = matches!(step(&state.stage, connection), Ok(Step::Start));
        if needed {
            state.stage = Stage::Running { generation: connection.generation(), scope_id: 0 };
        }
        needed
    }

    /// Runs the routine, which is user code, until it succeeds or the connection ends.
    pub fn run(&self, connection: &Connection, routine: impl Fn() -> Result<()>) {
        let generation = connection.generation();
        let mut pause = INITIALISATION_PAUSE.0;
        loop {
            let within = connection.routine();
            self.set(Stage::Running { generation, scope_id: within.scope_id() });
            let outcome = caught(|| within.run(&routine)).unwrap_or_else(|panic| {
                let message = format!("the initialisation routine panicked: {panic}");
                Err(Error::new(Status::Internal, message))
            });
            match outcome {
                _ if !connection.is_open() => return self.set(Stage::Idle),
                Ok(()) => return self.set(Stage::Done { generation }),
                Err(error) => self.fail(error),
            }
            if !self.pause(connection, pause) {
                return self.set(Stage::Idle);
            }
            pause = pause.mul_f64(PAUSE_GROWTH).min(INITIALISATION_PAUSE.1);
        }
    }

    fn fail(&self, error: Error) {
        let mut state = self.state.lock();
        state.failures += 1;
        state.failure = Some(error);
        self.changed.notify_all();
    }

    /// Waits before the next attempt; false if the connection has ended.
    fn pause(&self, connection: &Connection, pause: Duration) -> bool {
        let until = time::after(pause);
        let mut state = self.state.lock();
        while connection.is_open() && !self.changed.wait_until(&mut state, until).timed_out() {}
        connection.is_open()
    }

    fn set(&self, stage: Stage) {
        self.state.lock().stage = stage;
        self.changed.notify_all();
    }

    /// Called if the thread for the routine could not be started.
    pub fn not_started(&self) {
        self.set(Stage::Idle);
    }

    /// Wakes waiting callers when a connection has ended.
    pub fn look_again(&self) {
        // Under the lock, so that no thread is between checking and sleeping.
        let _state = self.state.lock();
        self.changed.notify_all();
    }
}

fn step(stage: &Stage, connection: &Connection) -> Result<Step> {
    let current = connection.generation();
    match stage {
        Stage::Done { generation } if *generation == current => Ok(Step::Go),
        Stage::Running { generation, scope_id } if is_within(*scope_id) => {
            if *generation == current {
                return Ok(Step::Go);
            }
            let message = "the connection that the initialisation routine works on was lost";
            Err(Error::new(Status::ChannelFaulted, message))
        }
        Stage::Running { .. } => Ok(Step::Wait),
        Stage::Idle | Stage::Done { .. } => Ok(Step::Start),
    }
}

fn failed(cause: Option<Error>) -> Error {
    let error = Error::new(Status::InitialisationFailed, "the initialisation routine failed");
    match cause {
        Some(cause) => error.with_cause(cause),
        None => error,
    }
}
