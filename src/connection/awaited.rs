//! Whether anybody waits for a call's answer.

use std::time::{Duration, Instant};

use crate::connection::Connection;
use crate::error::{Error, Execution, Result, Status};
use crate::time;

/// Whether a caller still waits for its answer.
pub(crate) struct Interest {
    pub(super) connection: Connection,
    pub(super) id: Option<u64>,
    pub(super) deadline: Option<Instant>,
}

impl Interest {
    /// See [`InboundCall::is_cancelled`].
    pub fn is_lost(&self) -> bool {
        !self.connection.runtime().is_ours()
            || lost(self.connection.0.cancelled.contains(self.id), self.deadline, time::now)
                .is_some()
    }

    /// See [`InboundCall::wait_cancelled`].
    pub fn wait_lost(&self, timeout: Option<Duration>) -> bool {
        if !self.connection.runtime().is_ours() {
            return true;
        }
        let patience = timeout.map(time::after);
        let first = time::earlier(self.deadline, patience);
        self.connection.0.cancelled.wait(self.id, first) || self.is_lost()
    }
}

/// Why nobody waits for an answer any more, if nobody does. Once true it stays true, so that what a
/// delegate was told before it answered is known when its answer is sent.
#[inline]
pub(super) fn lost(
    cancelled: bool,
    deadline: Option<Instant>,
    now: impl FnOnce() -> Instant,
) -> Option<Status> {
    if cancelled {
        return Some(Status::Cancelled);
    }
    deadline.filter(|deadline| *deadline <= now()).map(|_| Status::TimedOut)
}

/// What leaves in place of a delegate's answer once nobody waits for it, for that reason.
#[inline]
pub(super) fn instead_of(outcome: Result<&[u8], &Error>, lost: Option<Status>) -> Option<Error> {
    lost.map(|lost| not_awaited(outcome, lost))
}

#[cold]
fn not_awaited(outcome: Result<&[u8], &Error>, lost: Status) -> Error {
    let message = match lost {
        Status::Cancelled => "the call was cancelled before its delegate replied",
        _ => "the deadline passed before the delegate replied",
    };
    let execution = outcome.map_or_else(Error::execution, |_| Execution::Ran);
    Error::new(lost, message).with_execution(execution)
}
