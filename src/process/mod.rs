//! Which process made an object.

#[cfg(unix)]
mod fork;

#[cfg(unix)]
pub(crate) use fork::CloseOnFork;

use crate::error::{Error, Result, Status};
use std::sync::atomic::AtomicUsize;

/// Threads of this process that spin now; here because the child of a fork begins anew.
pub(crate) static SPINNING: AtomicUsize = AtomicUsize::new(0);

/// The process in which something was made: after a fork it can be told from the child's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Process(u32);

impl Process {
    /// The present one. From now on its forks are noticed.
    pub fn current() -> Process {
        fork::watch();
        Process(fork::generation())
    }

    /// How many forks it lies behind the first one.
    #[cfg(feature = "c-abi")]
    pub fn generation(self) -> u32 {
        self.0
    }

    /// Whether it is the present one. Costs one load, so that every call may ask.
    #[inline]
    pub fn is_current(self) -> bool {
        self.0 == fork::generation()
    }

    /// Fails if it is not the present one.
    ///
    /// # Errors
    /// Forked.
    #[inline]
    pub fn check(self) -> Result<()> {
        if self.is_current() {
            return Ok(());
        }
        Err(Process::forked())
    }

    /// What an object that was made before a fork answers.
    #[cold]
    pub fn forked() -> Error {
        Error::new(Status::Forked, "created before a fork; create a new one in the child")
    }
}

/// Without fork there is but one process.
#[cfg(not(unix))]
mod fork {
    pub(super) fn generation() -> u32 {
        0
    }

    pub(super) fn watch() {}
}
