//! Whether the caller still waits for a call's reply.

use std::time::{Duration, Instant};

use crate::connection::Connection;
use crate::error::{Error, Execution, Result, Status};
use crate::time;

/// A handle for asking whether the caller still waits.
pub(crate) struct Interest {
    pub(super) connection: Connection,
    pub(super) id: Option<u64>,
    pub(super) deadline: Option<Instant>,
}

impl Interest {
    /// See [`InboundCall::is_cancelled`](crate::InboundCall::is_cancelled).
    pub fn is_lost(&self) -> bool {
        !self.connection.runtime().is_ours()
            || lost(
                self.connection.0.incoming.cancelled.contains(self.id),
                self.deadline,
                time::now,
            )
            .is_some()
    }

    /// See [`InboundCall::wait_cancelled`](crate::InboundCall::wait_cancelled).
    pub fn wait_lost(&self, timeout: Option<Duration>) -> bool {
        if !self.connection.runtime().is_ours() {
            return true;
        }
        let patience = timeout.map(time::after);
        let first = time::earlier(self.deadline, patience);
        self.connection.0.incoming.cancelled.wait(self.id, first) || self.is_lost()
    }
}

/// Why the caller no longer waits, if so. Once it no longer waits it never waits again, so a delegate that
/// was told so before it replied cannot have its reply taken for a result.
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

/// The error that replaces a delegate's reply once the caller no longer waits.
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
    Error::new(lost, message).of_call(execution)
}
