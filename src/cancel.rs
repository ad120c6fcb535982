//! Cancellation: how another thread cancels a call.

use std::fmt;
use std::time::{Duration, Instant};

use crate::error::{Error, Result, Status};
use crate::process::Process;
use crate::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use crate::sync::{Arc, Condvar, Mutex, MutexGuard};
use crate::time;

/// Cancels waiting calls: put it into their [`CallOptions`](crate::CallOptions), and call
/// [`CancelToken::cancel`] from any thread. The calls return at once as *cancelled*, and their delegates
/// can notice. Clones are the same token.
#[derive(Clone)]
pub struct CancelToken(Arc<Shared>);

type Wake = Arc<dyn Fn() + Send + Sync>;

struct Shared {
    cancelled: AtomicBool,
    next: AtomicU64,
    /// What to wake on cancellation, by registration number.
    wakes: Mutex<Vec<(u64, Wake)>>,
    process: Process,
}

impl CancelToken {
    /// Creates a token that is not cancelled.
    pub fn new() -> CancelToken {
        CancelToken(Arc::new(Shared {
            cancelled: AtomicBool::new(false),
            next: AtomicU64::new(0),
            wakes: Mutex::new(Vec::new()),
            process: Process::current(),
        }))
    }

    /// Cancels all calls that use the token, now and later.
    pub fn cancel(&self) {
        self.0.cancelled.store(true, Ordering::SeqCst);
        if !self.0.process.is_current() {
            // The calls that it would wake are gone.
            return;
        }
        let wakes = self.0.wakes.lock().clone();
        for (_, wake) in wakes {
            wake();
        }
    }

    /// Whether the token was cancelled.
    pub fn is_cancelled(&self) -> bool {
        self.0.cancelled.load(Ordering::SeqCst)
    }

    /// Fails if the token was created in another process.
    pub(crate) fn check(&self) -> Result<()> {
        self.0.process.check()
    }

    /// Calls `wake` on cancellation, on the cancelling thread, until the registration is dropped; at once
    /// if the token is already cancelled. So register first, then check.
    pub(crate) fn on_cancel(&self, wake: impl Fn() + Send + Sync + 'static) -> Registration {
        let number = self.0.next.fetch_add(1, Ordering::Relaxed);
        let wake: Wake = Arc::new(wake);
        self.0.wakes.lock().push((number, wake.clone()));
        if self.is_cancelled() {
            wake();
        }
        Registration { token: self.0.clone(), number }
    }
}

impl Default for CancelToken {
    fn default() -> CancelToken {
        CancelToken::new()
    }
}

impl fmt::Debug for CancelToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CancelToken(cancelled: {})", self.is_cancelled())
    }
}

/// How often a [`Check`] is called: often enough for a user who presses Ctrl-C, rarely enough to cost
/// nothing.
const CHECK_EVERY: Duration = Duration::from_millis(50);

/// A function that the calling thread runs about every 50 ms while its call waits for a connection, for the
/// peer to catch up, or for the reply. If it returns true, the call ends as *cancelled*. It is meant for
/// threads with other duties, such as an interpreter that must check for signals.
///
/// It runs without any lock held, and may call Callgate.
#[derive(Clone)]
pub struct Check(Arc<dyn Fn() -> bool + Send + Sync>);

impl Check {
    /// Creates a check from a function.
    pub fn new(cancels: impl Fn() -> bool + Send + Sync + 'static) -> Check {
        Check(Arc::new(cancels))
    }
}

impl fmt::Debug for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Check")
    }
}

/// What can cancel a call before its deadline.
#[derive(Clone, Copy, Default)]
pub(crate) struct Cancellation<'a> {
    pub token: Option<&'a CancelToken>,
    pub check: Option<&'a Check>,
}

impl<'a> Cancellation<'a> {
    /// Whether the token was cancelled.
    pub fn is_cancelled(&self) -> bool {
        self.token.is_some_and(CancelToken::is_cancelled)
    }

    /// Calls `wake` on cancellation, as [`CancelToken::on_cancel`] does.
    pub fn on_cancel(&self, wake: impl Fn() + Send + Sync + 'static) -> Option<Registration> {
        self.token.map(|token| token.on_cancel(wake))
    }

    /// How long to wait: until the next check or the deadline, whichever is first.
    pub fn until(&self, deadline: Option<Instant>) -> Option<Instant> {
        if self.check.is_none() {
            return deadline;
        }
        time::earlier(deadline, Some(time::after(CHECK_EVERY)))
    }

    /// Runs the check, which is user code.
    pub fn check(&self) -> bool {
        self.check.is_some_and(|check| (check.0)())
    }

    /// Waits until `look` returns a value, and returns that with the lock held. `look` runs under the lock,
    /// first at once and then whenever `changed` is signalled.
    ///
    /// `wake` runs on the cancelling thread. It must take the lock and signal `changed`, so that this
    /// thread is not between looking and sleeping.
    pub fn wait<'l, T, R>(
        &self,
        lock: &'l Mutex<T>,
        changed: &Condvar,
        deadline: Option<Instant>,
        wake: impl Fn() + Send + Sync + 'static,
        mut look: impl FnMut(&mut T) -> Option<R>,
    ) -> std::result::Result<(R, MutexGuard<'l, T>), GaveUp> {
        let mut state = lock.lock();
        if let Some(found) = look(&mut state) {
            return Ok((found, state));
        }
        drop(state);
        let _registration = self.on_cancel(wake);
        state = lock.lock();
        loop {
            if let Some(found) = look(&mut state) {
                return Ok((found, state));
            }
            if self.is_cancelled() {
                return Err(GaveUp::Cancelled);
            }
            let until = self.until(deadline);
            let late = match until {
                None => {
                    changed.wait(&mut state);
                    false
                }
                Some(until) => changed.wait_until(&mut state, until).timed_out(),
            };
            if late && until == deadline {
                return look(&mut state).map(|found| (found, state)).ok_or(GaveUp::TimedOut);
            }
            if late {
                // User code runs without the lock.
                drop(state);
                if self.check() {
                    return Err(GaveUp::Cancelled);
                }
                state = lock.lock();
            }
        }
    }
}

/// Why [`Cancellation::wait`] ended without a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum GaveUp {
    Cancelled,
    TimedOut,
}

impl GaveUp {
    /// The error of a call that gave up; `during` completes the message after "while".
    pub fn error(self, during: &str) -> Error {
        match self {
            GaveUp::Cancelled => {
                Error::new(Status::Cancelled, format!("the call was cancelled while {during}"))
            }
            GaveUp::TimedOut => {
                Error::new(Status::TimedOut, format!("the deadline passed while {during}"))
            }
        }
    }
}

/// A registration of [`CancelToken::on_cancel`]; dropping it ends it.
pub(crate) struct Registration {
    token: Arc<Shared>,
    number: u64,
}

impl Drop for Registration {
    fn drop(&mut self) {
        if !self.token.process.is_current() {
            return;
        }
        self.token.wakes.lock().retain(|(number, _)| *number != self.number);
    }
}
