//! Calls that were started and not waited for.
//!
//! A ticket stands for one such call, from its start to its only outcome, whoever brings it: the
//! answer, the end of the connection, the deadline or a cancellation.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use crate::cancel::Registration;
use crate::connection::calling::Reply;
use crate::connection::starting::Sent;
use crate::connection::workers::Workers;
use crate::error::{Error, Result, Status};
use crate::sync::{Arc, Condvar, Mutex, MutexGuard, Weak};

/// The thread that watches deadlines goes after having had none to watch for so long.
const IDLE_TIMEOUT: Duration = Duration::from_secs(5);

/// What a started call's outcome is given to. Must not wait.
pub(crate) type Done = Box<dyn FnOnce(Result<Reply>) + Send>;

struct Stage {
    /// Until there is an outcome.
    done: Option<Done>,
    /// Once the call has been given to a connection.
    sent: Option<Sent>,
    registration: Option<Registration>,
    timer: Option<(Weak<Timers>, (Instant, u64))>,
}

/// One started call.
pub(crate) struct Ticket(Mutex<Stage>);

impl Ticket {
    pub fn new(done: Done) -> Arc<Ticket> {
        let stage = Stage { done: Some(done), sent: None, registration: None, timer: None };
        Arc::new(Ticket(Mutex::new(stage)))
    }

    /// Whether there is an outcome already.
    pub fn is_done(&self) -> bool {
        self.0.lock().done.is_none()
    }

    /// Notes where it was sent, before it is. False if there is an outcome already.
    pub fn attach(&self, sent: Sent) -> bool {
        let mut stage = self.0.lock();
        stage.sent = Some(sent);
        stage.done.is_some()
    }

    /// Forgets where it was sent, since it did not leave.
    pub fn detach(&self) {
        self.0.lock().sent = None;
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
        if let Some((timers, key)) = timer {
            if let Some(timers) = timers.upgrade() {
                timers.remove(key);
            }
        }
        drop((sent, registration));
        if let Some(done) = done {
            done(outcome);
        }
    }

    /// Ends it because its caller waits no longer. A call that was sent knows best how far it got.
    pub fn withdraw(&self, status: Status) {
        let sent = self.0.lock().sent.clone();
        match sent {
            Some(sent) => sent.withdraw(status),
            None => self.finish(Err(withdrawn(status))),
        }
    }
}

fn withdrawn(status: Status) -> Error {
    let message = match status {
        Status::Cancelled => "the call was cancelled before it was sent",
        _ => "the deadline passed before the call was sent",
    };
    Error::new(status, message)
}

/// The deadlines of started calls, kept by one thread while there are any.
pub(crate) struct Timers {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    tickets: BTreeMap<(Instant, u64), Weak<Ticket>>,
    count: u64,
    running: bool,
    /// When the thread looks again, if it sleeps.
    looks: Option<Instant>,
    closed: bool,
}

impl Timers {
    pub fn new() -> Arc<Timers> {
        Arc::new(Timers { state: Mutex::new(State::default()), changed: Condvar::new() })
    }

    /// Withdraws the ticket as timed out when the deadline passes.
    pub fn add(self: &Arc<Self>, deadline: Instant, ticket: &Arc<Ticket>, workers: &Arc<Workers>) {
        let mut state = self.state.lock();
        state.count += 1;
        let key = (deadline, state.count);
        state.tickets.insert(key, Arc::downgrade(ticket));
        let start = !std::mem::replace(&mut state.running, true);
        let wake = state.looks.is_some_and(|looks| deadline < looks);
        drop(state);
        ticket.0.lock().timer = Some((Arc::downgrade(self), key));
        if ticket.is_done() {
            self.remove(key);
        }
        let timers = self.clone();
        if start && workers.execute(move || timers.run()).is_err() {
            self.state.lock().running = false;
        }
        if wake {
            self.changed.notify_one();
        }
    }

    fn remove(&self, key: (Instant, u64)) {
        self.state.lock().tickets.remove(&key);
    }

    fn run(&self) {
        let mut state = self.state.lock();
        while !state.closed {
            let now = Instant::now();
            let next = state.tickets.first_key_value().map(|(key, _)| *key);
            match next {
                Some(key) if key.0 <= now => {
                    let ticket = state.tickets.remove(&key);
                    drop(state);
                    if let Some(ticket) = ticket.and_then(|ticket| ticket.upgrade()) {
                        ticket.withdraw(Status::TimedOut);
                    }
                    state = self.state.lock();
                }
                Some(key) => {
                    self.sleep(&mut state, key.0);
                }
                None => {
                    let idle = self.sleep(&mut state, now + IDLE_TIMEOUT);
                    if idle && state.tickets.is_empty() {
                        break;
                    }
                }
            }
        }
        state.running = false;
    }

    /// Sleeps until then, or until there is an earlier deadline; true if the time has come.
    fn sleep(&self, state: &mut MutexGuard<'_, State>, until: Instant) -> bool {
        state.looks = Some(until);
        let late = self.changed.wait_until(state, until).timed_out();
        state.looks = None;
        late
    }

    /// Ends the thread.
    pub fn close(&self) {
        self.state.lock().closed = true;
        self.changed.notify_all();
    }
}
