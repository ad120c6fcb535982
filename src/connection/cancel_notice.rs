//! Functions that run when the caller of an inbound call stops waiting.

use std::fmt;
use std::time::Instant;

use crate::connection::awaited::lost;
use crate::connection::state::cancelled::NoticeKey;
use crate::connection::state::inbound::Inbound;
use crate::connection::{Connection, Core};
use crate::error::Result;
use crate::sync::{Arc, Weak};
use crate::threads::timers::{Timed, Timer};
use crate::time;

/// A function registered by [`InboundCall::on_cancelled`](crate::InboundCall::on_cancelled); dropping this
/// removes it.
#[must_use = "dropping it removes the function"]
pub struct CancelNotice {
    connection: Connection,
    key: NoticeKey,
}

impl CancelNotice {
    /// Removes the function. Returns whether it will not run; false means that it has run, is running, or
    /// its call has its reply. Does not wait for a running function.
    pub fn remove(self) -> bool {
        self.take_back()
    }

    /// Identifies the function on this connection.
    pub(crate) fn number(&self) -> u64 {
        self.key.1
    }

    /// Runs the function soon on another thread; on this one if no other is available.
    pub(crate) fn run_soon(&self) {
        self.connection.0.run_notices(vec![self.key]);
    }

    fn take_back(&self) -> bool {
        self.connection.runtime().is_ours()
            && self.connection.0.incoming.cancelled.take(self.key).is_some()
    }
}

impl fmt::Debug for CancelNotice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CancelNotice({})", self.number())
    }
}

impl Drop for CancelNotice {
    fn drop(&mut self) {
        self.take_back();
    }
}

impl Connection {
    /// Registers a function; see [`InboundCall::on_cancelled`](crate::InboundCall::on_cancelled). The
    /// second value is whether the caller has already stopped waiting: then the function must be run.
    pub(super) fn note_function(
        &self,
        call: &Inbound,
        function: impl FnOnce() + Send + 'static,
    ) -> Result<(CancelNotice, bool)> {
        self.runtime().check()?;
        let cancelled = &self.0.incoming.cancelled;
        let key = cancelled.new_key(call.id);
        let watch = match call.deadline {
            Some(deadline) if !cancelled.contains(call.id) => {
                Some(self.0.watch_deadline(deadline, key)?)
            }
            _ => None,
        };
        let function = Box::new(move || {
            drop(watch);
            function();
        });
        // The deadline may have passed before the function was registered.
        let is_lost = lost(cancelled.note(key, function), call.deadline, time::now).is_some();
        Ok((CancelNotice { connection: self.clone(), key }, is_lost))
    }
}

impl Core {
    /// Runs the function when the deadline passes, unless the result is dropped first.
    fn watch_deadline(&self, deadline: Instant, key: NoticeKey) -> Result<(Timer, Arc<Expiry>)> {
        let expiry = Arc::new(Expiry { core: self.me.clone(), key });
        let expired: Weak<Expiry> = Arc::downgrade(&expiry);
        let runtime = &self.runtime;
        let timer = runtime.timers.add(deadline, expired, &runtime.workers)?;
        Ok((timer, expiry))
    }

    /// Runs functions soon, on a thread of the pool, since this thread may be waiting for a call of its
    /// own.
    pub(super) fn run_notices(&self, keys: Vec<NoticeKey>) {
        for key in keys {
            let connection = self.connection();
            self.runtime.completions.add(Box::new(move || {
                if let Some(function) = connection.0.incoming.cancelled.take(key) {
                    connection.runtime().run_handler("a function of on_cancelled", function);
                }
            }));
        }
    }
}

/// The deadline after which the caller of a call no longer waits.
struct Expiry {
    core: Weak<Core>,
    key: NoticeKey,
}

impl Timed for Expiry {
    fn expire(&self) {
        if let Some(core) = self.core.upgrade() {
            core.run_notices(vec![self.key]);
        }
    }
}
