//! Whether anybody waits for a call's answer.

use std::time::{Duration, Instant};

use crate::connection::Connection;

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
            || self.connection.0.withdrawn.contains(self.id)
            || self.deadline.is_some_and(|deadline| deadline <= Instant::now())
    }

    /// See [`InboundCall::wait_cancelled`].
    pub fn wait_lost(&self, timeout: Option<Duration>) -> bool {
        if !self.connection.runtime().is_ours() {
            return true;
        }
        let patience = timeout.and_then(|timeout| Instant::now().checked_add(timeout));
        let first = match (self.deadline, patience) {
            (Some(deadline), Some(patience)) => Some(deadline.min(patience)),
            (deadline, patience) => deadline.or(patience),
        };
        self.connection.0.withdrawn.wait(self.id, first) || self.is_lost()
    }
}
