//! Cancellation: how another thread cancels a call.

use std::fmt;
use std::time::{Duration, Instant};

use crate::error::Result;
use crate::process::Process;
use crate::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use crate::sync::{Arc, Mutex};
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
            // The calls that it would wake belong to the parent.
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

    /// Fails in a child that was forked after the token was created.
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
