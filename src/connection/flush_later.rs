//! Sees to it that one-way calls which are held back leave soon, though no other frame takes them along.

use crate::connection::Core;
use crate::sync::{Arc, Weak};
use crate::threads::monitor::{Again, Watched};

/// A part of the peer's credit of calls: before so many are held back they are written, so that the peer
/// serves some while others gather.
const PART_OF_CREDIT: u64 = 4;

/// How many one-way calls are enough for a write, where the peer takes that many unanswered ones.
pub(super) fn most_held(credit: u64) -> usize {
    usize::try_from(credit / PART_OF_CREDIT).unwrap_or(usize::MAX)
}

/// What the monitor inspects while a connection holds one-way calls back.
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
        // A connection that broke has been ended.
        core.after_sending(Ok(ticked.after)).ok();
        if ticked.again {
            Again::AfterATick
        } else {
            Again::Never
        }
    }
}

impl Core {
    /// Has what is held back written from now on, once a tick; or now, if no thread can be had for that.
    pub(super) fn watch_held(&self) {
        let holding: Arc<dyn Watched> = self.holding.clone();
        if !self.runtime.monitor.watch(Arc::downgrade(&holding), &self.runtime.workers) {
            self.after_sending(Ok(self.outbox.has_no_ticks())).ok();
        }
    }

    /// Has what is held back written now, as far as that goes without waiting.
    pub(super) fn release_held(&self) {
        self.after_sending(Ok(self.outbox.release())).ok();
    }
}
