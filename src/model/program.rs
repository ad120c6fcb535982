//! The programs of a model: callers and delegates, whose every step the checker chooses.

use std::time::Duration;

use super::ledger::{Kind, Ledger};
use crate::cancel::CancelToken;
use crate::connection::InboundCall;
use crate::error::{Error, Result, Status};
use crate::proxy::{CallOptions, Proxy, Timeout};
use crate::sync::modelled::explore::{choose, one_of, perhaps};
pub(super) use crate::sync::modelled::thread::sleep;
use crate::sync::{thread, Arc, Condvar, Mutex};
use crate::time;

/// The interface that both sides serve.
pub(super) const INTERFACE: &str = "I";

/// The deepest nesting of calls.
const DEEPEST: u8 = 2;

/// A one-way call that has not run after this number of milliseconds is lost.
const TRIES: u32 = 2000;

/// What calls of a model may do.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Habits {
    /// Deadlines may pass.
    pub hurried: bool,
    /// Calls may be cancelled.
    pub cancels: bool,
    /// Delegates may call back.
    pub nests: bool,
    /// Delegates may take longer than a tick.
    pub slow: bool,
    /// Threads may fail to start. Then nobody may read for a delegate that waits.
    pub scarce: bool,
    /// Nothing needs a tick: there are no one-way calls, which may be held back until one, and delegates
    /// start no calls, for which they would wait without Callgate's knowledge.
    pub quick: bool,
}

/// What the callers and delegates of a model share.
#[derive(Default)]
pub(super) struct Program {
    pub ledger: Ledger,
    pub habits: Habits,
    threads: Mutex<Vec<thread::JoinHandle<()>>>,
    /// How many deadlines had passed because nothing else happened when the last caller had its outcomes.
    forced: Mutex<usize>,
}

impl Program {
    pub fn new(habits: Habits) -> Arc<Program> {
        Arc::new(Program { habits, ..Program::default() })
    }

    /// Runs a thread that [`Program::join`] waits for.
    pub fn spawn(&self, run: impl FnOnce() + Send + 'static) {
        let thread = thread::spawn(run);
        self.threads.lock().push(thread);
    }

    /// Notes that a caller has its outcomes.
    pub fn caller_ends(&self) {
        *self.forced.lock() = time::model::forced_deadlines();
    }

    /// How many deadlines callers had to wait for.
    pub fn forced_deadlines(&self) -> usize {
        *self.forced.lock()
    }

    /// Waits for all threads.
    pub fn join(&self) {
        loop {
            let Some(thread) = self.threads.lock().pop() else { return };
            thread.join().unwrap();
        }
    }

    /// Waits until all one-way calls have run; their callers get no notice of that.
    pub fn await_one_way_calls(&self) {
        for _ in 0..TRIES {
            if self.ledger.one_way_call_left().is_none() {
                return;
            }
            sleep(Duration::from_millis(1));
        }
        panic!("one-way call {:?} is lost", self.ledger.one_way_call_left());
    }

    /// Makes a call of any kind, and waits for its outcome.
    pub fn call(self: &Arc<Self>, proxy: &Proxy, within: Option<usize>, depth: u8) {
        let quick = self.habits.quick;
        match choose(4) {
            0 if !quick => self.one_way(proxy, within, depth),
            1 if !quick || within.is_none() => self.start(proxy, within, depth),
            _ => self.call_and_wait(proxy, within, depth),
        }
    }

    pub fn one_way(self: &Arc<Self>, proxy: &Proxy, within: Option<usize>, depth: u8) {
        let number = self.ledger.begin(Kind::OneWay, within);
        let mut options = self.options();
        if within.is_some() {
            // It may wait for credit that the calls around it hold.
            options.timeout = Timeout::After(Duration::from_millis(2));
        }
        let sent = proxy.one_way_bytes("Do", &arguments(number, depth), &options);
        self.ledger.end(number, sent);
    }

    /// Makes a call, and waits for its outcome.
    pub fn call_and_wait(self: &Arc<Self>, proxy: &Proxy, within: Option<usize>, depth: u8) {
        let number = self.ledger.begin(Kind::Call, within);
        let reply = proxy.call_bytes("Do", &arguments(number, depth), &self.options());
        self.ledger.end(number, reply.map(|reply| check_result(number, &reply)));
    }

    fn start(self: &Arc<Self>, proxy: &Proxy, within: Option<usize>, depth: u8) {
        let number = self.ledger.begin(Kind::Started, within);
        let gate = Arc::new(Gate::default());
        let (program, opens) = (self.clone(), gate.clone());
        let done = move |reply: Result<crate::Reply>| {
            program.ledger.end(number, reply.map(|reply| check_result(number, &reply)));
            opens.open();
        };
        proxy.start_bytes("Do", arguments(number, depth), &self.options(), done).unwrap();
        gate.wait();
    }

    fn options(self: &Arc<Self>) -> CallOptions {
        let mut options = CallOptions { timeout: Timeout::Never, ..CallOptions::default() };
        if self.habits.hurried && one_of(3) {
            options.timeout = Timeout::After(Duration::from_millis(choose(4) as u64));
        }
        if self.habits.cancels && one_of(3) {
            let token = CancelToken::new();
            options.cancel = Some(token.clone());
            self.spawn(move || token.cancel());
        }
        options
    }

    /// Serves a call, as a delegate.
    pub fn serve(self: &Arc<Self>, call: InboundCall) {
        let (number, depth) = read_arguments(call.arguments());
        self.ledger.run(number);
        if self.habits.nests && depth < DEEPEST && one_of(3) {
            let back = call.connection().proxy(INTERFACE).unwrap();
            self.call(&back, Some(number), depth + 1);
        }
        if self.habits.slow && one_of(4) {
            sleep(Duration::from_millis(2));
        }
        if one_of(4) {
            let program = self.clone();
            return self.spawn(move || program.reply(number, call));
        }
        self.reply(number, call);
    }

    fn reply(&self, number: usize, call: InboundCall) {
        let waits = self.habits.cancels && self.habits.slow && one_of(4);
        let cancelled = waits && call.wait_cancelled(Some(Duration::from_millis(1)));
        let replied = match perhaps() || cancelled {
            true => call.reply_bytes(&result(number)),
            false => call.fail(Error::remote_error("Failed", "as it was to")),
        };
        if let Err(error) = replied {
            assert_ne!(error.status(), Status::Internal, "{error:?}");
        }
    }
}

/// Something that happens once.
#[derive(Default)]
pub(super) struct Gate {
    open: Mutex<bool>,
    changed: Condvar,
}

impl Gate {
    pub fn open(&self) {
        *self.open.lock() = true;
        self.changed.notify_all();
    }

    pub fn wait(&self) {
        let mut open = self.open.lock();
        while !*open {
            self.changed.wait(&mut open);
        }
    }
}

/// An array of the call's number, its depth, and some padding.
fn arguments(number: usize, depth: u8) -> Vec<u8> {
    let mut arguments = vec![0x93, 0xcd, (number >> 8) as u8, number as u8, depth, 0xc4];
    let more = if one_of(4) { 30 } else { 0 };
    arguments.push(more);
    arguments.resize(arguments.len() + usize::from(more), 0);
    arguments
}

fn read_arguments(arguments: &[u8]) -> (usize, u8) {
    (usize::from(arguments[2]) << 8 | usize::from(arguments[3]), arguments[4])
}

fn result(number: usize) -> [u8; 3] {
    [0xcd, (number >> 8) as u8, number as u8]
}

fn check_result(number: usize, reply: &[u8]) {
    assert_eq!(reply, result(number), "the result of another call");
}
