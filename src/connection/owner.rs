//! What a connection needs from the host or client that owns it.

use std::borrow::Cow;
use std::time::{Duration, Instant};

use crate::connection::counts::Counts;
use crate::connection::delegates::Delegate;
use crate::connection::state::context::{with_context, CallContext, Scope};
use crate::connection::Connection;
use crate::error::{Error, Result, Status};
use crate::limits::{Limits, LOG_PERIOD};
use crate::log::{Log, LogEvent, LogLevel, LogTarget};
use crate::panics::caught;
use crate::process::Process;
use crate::sync::{Arc, Mutex, Weak};
use crate::threads::budget::Budget;
use crate::threads::completions::Completions;
use crate::threads::monitor::Monitor;
use crate::threads::pool::Workers;
use crate::threads::shutdown::Shutdown;
use crate::threads::throttle::{Frequent, Throttle, Verdict};
use crate::threads::timers::{Timed, Timer, Timers};
use crate::time;

/// The owner of connections.
pub(crate) trait Owner: Send + Sync + 'static {
    /// The interface that a name stands for.
    fn resolve<'a>(&self, name: &'a str) -> Cow<'a, str>;

    /// The number of this interface among the ordered ones, if it is ordered.
    fn ordered(&self, name: &[u8]) -> Option<usize>;

    /// A delegate for an interface on a connection, or none. Asked at most once for each, unless it fails.
    /// Runs user code.
    fn make_delegate(&self, interface: &str, by: &Connection) -> Result<Option<Arc<dyn Delegate>>>;

    /// The delegate of an interface that Callgate itself serves, or none.
    fn own_delegate(&self, interface: &str) -> Option<Arc<dyn Delegate>> {
        let _ = interface;
        None
    }

    /// The interfaces that it says it serves, for the error of a call to another one.
    fn declared(&self) -> Vec<&str> {
        Vec::new()
    }

    /// Called once when the connection has ended and its delegates are released. Runs user code.
    fn disconnected(&self, connection: &Connection, reason: &Error);

    /// Its log, if it has one. To log runs user code; see [`Runtime::log`].
    fn log(&self) -> Option<&Log>;
}

/// What all connections of one host or client share.
pub(crate) struct Runtime {
    pub owner: Arc<dyn Owner>,
    pub workers: Arc<Workers>,
    pub monitor: Arc<Monitor>,
    pub limits: Limits,
    pub budget: Arc<Budget>,
    pub timers: Arc<Timers>,
    pub completions: Arc<Completions>,
    pub counts: Counts,
    throttle: Throttle,
    /// Set while lines that were left out of the log wait to be counted in it.
    left_out: Mutex<Option<Timer>>,
    me: Weak<Runtime>,
    /// The progress of closing.
    shutdown: Arc<Shutdown>,
    /// The process that has its threads.
    process: Process,
}

impl Runtime {
    /// The runtime of a host or client with at most `connections` connections.
    pub fn new(owner: Arc<dyn Owner>, limits: Limits, connections: usize) -> Arc<Runtime> {
        let workers = Workers::new("callgate", limits.most_threads());
        let monitor = Monitor::new();
        Arc::new_cyclic(|me| Runtime {
            owner,
            completions: Completions::new(&workers, &monitor),
            workers,
            monitor,
            timers: Timers::new(),
            counts: Counts::default(),
            throttle: Throttle::default(),
            left_out: Mutex::new(None),
            me: me.clone(),
            shutdown: Arc::default(),
            budget: Budget::new(limits.host_inbound_bytes, connections),
            process: Process::current(),
            limits,
        })
    }

    /// Fails in a child that was forked later: there its threads are gone, and its locks may be held for
    /// ever. So it does on Windows once the process exits. Every public function checks this first.
    ///
    /// # Errors
    /// Forked; on Windows closed.
    #[inline]
    pub fn check(&self) -> Result<()> {
        self.process.check()
    }

    /// Whether this is the process that created it.
    #[inline]
    pub fn is_ours(&self) -> bool {
        self.process.is_current()
    }

    /// Logs an event, which is made only if there is a log. A panic of the log cannot be logged, and is ignored.
    pub fn log<'a>(&self, event: impl FnOnce() -> LogEvent<'a>) {
        if let Some(log) = self.owner.log() {
            let _ = caught(|| self.inside(|| log.write(event())));
        }
    }

    /// A function that logs as long as the host or client exists.
    pub fn logger(&self) -> impl Fn(LogLevel, &str) + Send + Sync + 'static {
        let me = self.me.clone();
        move |level, message| {
            if let Some(runtime) = me.upgrade() {
                runtime.log(|| LogEvent::new(level, LogTarget::Transport, message));
            }
        }
    }

    /// Logs an event that a peer can cause at any rate. Beyond a few in a second, events of a kind are left
    /// out; soon another event says how many.
    pub fn log_frequent<'a>(&self, kind: Frequent, event: impl FnOnce() -> LogEvent<'a>) {
        match self.throttle.judge(kind, time::now()) {
            Verdict::Log => self.log(event),
            Verdict::LeaveOutFirst => self.count_left_out_later(),
            Verdict::LeaveOut => {}
        }
    }

    fn count_left_out_later(&self) {
        let mut left_out = self.left_out.lock();
        if left_out.is_none() {
            let me: Weak<dyn Timed> = self.me.clone();
            // Without a thread for it the count is logged when the host or client is closed.
            *left_out = self.timers.add(time::after(LOG_PERIOD), me, &self.workers).ok();
        }
    }

    fn count_left_out(&self) {
        drop(self.left_out.lock().take());
        for (kind, count) in self.throttle.take_left_out() {
            self.log(|| {
                let message = format!("{count} more {} were not logged", kind.events());
                LogEvent::new(kind.level(), kind.target(), message).count(count)
            });
        }
    }

    /// Whether this thread runs a call or a handler of this host or client, or belongs to it: such a thread
    /// may be the one that closing would wait for.
    pub fn is_inside(&self) -> bool {
        with_context(|context| context.is_some_and(|it| it.runtime == self.address()))
            || self.workers.has_this_thread()
    }

    /// Whether this thread runs a handler of this host or client, outside any call.
    pub fn is_in_handler(&self) -> bool {
        with_context(|context| {
            context.is_some_and(|it| it.runtime == self.address() && it.connection == 0)
        })
    }

    /// Runs a handler of the program, in a scope that counts as inside.
    pub fn inside<R>(&self, handler: impl FnOnce() -> R) -> R {
        let _scope = Scope::enter(CallContext::handler(self.address()));
        handler()
    }

    /// Runs a handler of the program, and logs its panic.
    pub fn run_handler(&self, what: &str, handler: impl FnOnce()) {
        if let Err(panic) = caught(|| self.inside(handler)) {
            self.log_frequent(Frequent::Panic, || {
                let message = format!("{what} panicked: {panic}");
                LogEvent::new(LogLevel::Error, LogTarget::Connection, message)
            });
        }
    }

    /// Whether the host or client is being closed.
    pub fn is_closing(&self) -> bool {
        self.workers.is_closed()
    }

    /// Identifies the runtime.
    pub fn address(&self) -> usize {
        self as *const Runtime as usize
    }

    /// Closes, which waits for the calls that run here. Called inside such a call, it would wait for
    /// itself; then closing happens in the background, and this returns at once.
    pub fn close_by(
        self: Arc<Self>,
        timeout: Duration,
        close: impl FnOnce(Instant) -> Result<()> + Send + 'static,
    ) -> Result<()> {
        if self.is_inside() {
            let shutdown = self.shutdown.clone();
            return shutdown.in_background(move || {
                self.workers.adopt_this_thread();
                if let Err(error) = close(time::after(timeout)) {
                    self.log(|| {
                        let message =
                            format!("closing in the background did not complete: {error}");
                        LogEvent::new(LogLevel::Warning, LogTarget::Connection, message)
                            .error(&error)
                    });
                }
            });
        }
        let deadline = time::after(timeout);
        close(deadline)?;
        match self.shutdown.wait(Some(deadline)) {
            true => Ok(()),
            false => Err(still_running()),
        }
    }

    /// Ends all threads. What is not done by the deadline continues in the background; see
    /// [`Runtime::wait_closed`].
    pub fn close(self: &Arc<Self>, deadline: Instant) -> Result<()> {
        self.count_left_out();
        if self.close_now(deadline) {
            self.shutdown.note_closed();
            return Ok(());
        }
        if self.shutdown.begin_finishing() {
            let runtime = self.clone();
            let finished = self.shutdown.in_background(move || {
                runtime.workers.adopt_this_thread();
                while !runtime.close_now(time::after(time::LONG)) {}
                runtime.shutdown.note_closed();
            });
            if let Err(error) = finished {
                self.log(|| {
                    let message = format!("no thread could be started to finish closing: {error}");
                    LogEvent::new(LogLevel::Error, LogTarget::Transport, message).error(&error)
                });
            }
        }
        Err(still_running())
    }

    /// Waits until a close is complete.
    ///
    /// # Errors
    /// Timed out; would deadlock inside a call or handler of this host or client.
    pub fn wait_closed(&self, timeout: Option<Duration>) -> Result<()> {
        self.check()?;
        if self.is_inside() {
            let message = "this delegate or handler would wait for itself to return";
            return Err(Error::new(Status::WouldDeadlock, message));
        }
        let deadline = timeout.map(time::after);
        match self.shutdown.wait(deadline) {
            true => Ok(()),
            false => Err(Error::new(Status::TimedOut, "closing did not finish in time")),
        }
    }

    /// Ends all threads, and waits for them until the deadline.
    pub fn close_now(&self, deadline: Instant) -> bool {
        self.monitor.close();
        self.timers.close();
        self.completions.close();
        self.workers.close(deadline)
    }
}

impl Timed for Runtime {
    /// The log is the program's code, so it runs on a thread of the pool.
    fn expire(&self) {
        if let Some(runtime) = self.me.upgrade() {
            // Without a thread for it the job runs here, when it is dropped.
            self.workers.execute_or_run_here(move || runtime.count_left_out());
        }
    }
}

fn still_running() -> Error {
    Error::new(
        Status::TimedOut,
        "a delegate or handler has not returned; closing continues in the background",
    )
}
