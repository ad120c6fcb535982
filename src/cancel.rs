//! Cancellation: how a caller withdraws from another thread.

use std::fmt;

use crate::error::Result;
use crate::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use crate::sync::{Arc, Mutex};
use crate::transport::Process;

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
