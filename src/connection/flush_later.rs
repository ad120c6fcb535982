//! Sends one-way calls that are held back soon, even if no other frame takes them along.

use crate::connection::Core;
use crate::sync::{Arc, Weak};
use crate::threads::monitor::{Again, Watched};

/// This fraction of the peer's credit may be held back before it is written, so that the peer serves some
/// calls while others accumulate.
const PART_OF_CREDIT: u64 = 4;

/// How many one-way calls are held back at most, if the peer's limit of unanswered calls is `credit`.
pub(super) fn most_held(credit: u64) -> usize {
    usize::try_from(credit / PART_OF_CREDIT).unwrap_or(usize::MAX)
}

/// Inspected by the monitor while a connection holds one-way calls back.
pub(super) struct Holding(Weak<Core>);

impl Holding {
    pub fn new(core: &Weak<Core>) -> Arc<Holding> {
        Arc::new(Holding(core.clone()))
    }
}

impl Watched for Holding {
    fn inspect(self: Arc<Self>) -> Again {
        let Some(core) = self.0.upgrade() else {
            return Again::Never;
        };
        let ticked = core.outbox.tick();
        // A broken connection has already been ended.
        core.after_sending(Ok(ticked.after)).ok();
        if ticked.again {
            Again::AfterATick
        } else {
            Again::Never
        }
    }
}

impl Core {
    /// Writes what is held back once a tick from now on; at once if no thread can be started for that.
    pub(super) fn watch_held(&self) {
        let holding: Arc<dyn Watched> = self.holding.clone();
        if !self.runtime.monitor.watch(Arc::downgrade(&holding), &self.runtime.workers) {
            self.after_sending(Ok(self.outbox.has_no_ticks())).ok();
        }
    }

    /// Writes what is held back, as far as that needs no waiting.
    pub(super) fn release_held(&self) {
        self.after_sending(Ok(self.outbox.release())).ok();
    }
}
