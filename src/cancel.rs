//! Cancellation: how a caller withdraws from another thread.

use std::fmt;
use std::time::{Duration, Instant};

use crate::error::Result;
use crate::process::Process;
use crate::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use crate::sync::{Arc, Mutex};

/// Withdraws calls that are waiting: give it to calls in their
/// [`CallOptions`](crate::CallOptions), and call [`CancelToken::cancel`] from any thread. They return at
/// once as cancelled; their delegates learn of it. Clones are the same token.
#[derive(Clone)]
pub struct CancelToken(Arc<Shared>);

type Wake = Arc<dyn Fn() + Send + Sync>;

struct Shared {
    cancelled: AtomicBool,
    next: AtomicU64,
    /// What to wake, by number.
    wakes: Mutex<Vec<(u64, Wake)>>,
    process: Process,
}

impl CancelToken {
    /// A token that is not cancelled.
    pub fn new() -> CancelToken {
        CancelToken(Arc::new(Shared {
            cancelled: AtomicBool::new(false),
            next: AtomicU64::new(0),
            wakes: Mutex::new(Vec::new()),
            process: Process::current(),
        }))
    }

    /// Withdraws all calls that have the token, now and later.
    pub fn cancel(&self) {
        self.0.cancelled.store(true, Ordering::SeqCst);
        if !self.0.process.is_current() {
            // The calls that it would wake are the parent's.
            return;
        }
        let wakes = self.0.wakes.lock().clone();
        for (_, wake) in wakes {
            wake();
        }
    }

    /// Whether it was cancelled.
    pub fn is_cancelled(&self) -> bool {
        self.0.cancelled.load(Ordering::SeqCst)
    }

    /// Fails in a child that was forked since the token was made.
    pub(crate) fn check(&self) -> Result<()> {
        self.0.process.check()
    }

    /// Calls `wake` when it is cancelled, on that thread, until the registration is dropped. If it
    /// is cancelled already, at once; so look after registering, not before.
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

/// How often a [`Check`] is asked: often enough for who presses Ctrl-C, seldom enough to cost nothing.
const CHECK_EVERY: Duration = Duration::from_millis(50);

/// A function that is asked, every 50 ms, by a thread that waits in a call, while it waits for a
/// connection, for the peer to catch up, and for the answer. When it answers true, the call ends as
/// cancelled. It is for threads with other duties, such as an interpreter's, which looks for signals.
///
/// No lock is held while it runs, and it may call Callgate.
#[derive(Clone)]
pub struct Check(Arc<dyn Fn() -> bool + Send + Sync>);

impl Check {
    /// A check by that function.
    pub fn new(withdraws: impl Fn() -> bool + Send + Sync + 'static) -> Check {
        Check(Arc::new(withdraws))
    }
}

impl fmt::Debug for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Check")
    }
}

/// What can withdraw a call before its deadline.
#[derive(Clone, Copy, Default)]
pub(crate) struct Withdrawal<'a> {
    pub token: Option<&'a CancelToken>,
    pub check: Option<&'a Check>,
}

impl<'a> Withdrawal<'a> {
    /// Whether the token was cancelled.
    pub fn is_cancelled(&self) -> bool {
        self.token.is_some_and(CancelToken::is_cancelled)
    }

    /// Calls `wake` when the token is cancelled, as [`CancelToken::on_cancel`] does.
    pub fn on_cancel(&self, wake: impl Fn() + Send + Sync + 'static) -> Option<Registration> {
        self.token.map(|token| token.on_cancel(wake))
    }

    /// Until when to wait before asking the check, or for the deadline, whichever is first.
    pub fn until(&self, deadline: Option<Instant>) -> Option<Instant> {
        if self.check.is_none() {
            return deadline;
        }
        let soon = Instant::now() + CHECK_EVERY;
        Some(deadline.map_or(soon, |deadline| deadline.min(soon)))
    }

    /// Asks the check. Runs user code.
    pub fn check(&self) -> bool {
        self.check.is_some_and(|check| (check.0)())
    }
}

/// What [`CancelToken::on_cancel`] has registered, until it is dropped.
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
