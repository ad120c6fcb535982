//! Recognises the process that created an object.

#[cfg(unix)]
mod fork;
#[cfg(windows)]
mod module;
#[cfg(unix)]
mod system;

#[cfg(unix)]
pub(crate) use fork::CloseOnFork;
#[cfg(unix)]
pub(crate) use system::{block_signals, has_more_rights_than_its_user};

use crate::error::{Error, Result, Status};
use std::sync::atomic::AtomicUsize;

/// The number of threads of this process that are spinning; kept here because a forked child starts from
/// zero.
pub(crate) static SPINNING: AtomicUsize = AtomicUsize::new(0);

/// The process in which an object was created; after a fork it differs from the child.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Process(u32);

impl Process {
    /// The present process. From now on its forks are noticed.
    pub fn current() -> Process {
        fork::watch();
        Process(fork::generation())
    }

    /// The number of forks between the first process and this one.
    #[cfg(feature = "c-abi")]
    pub fn generation(self) -> u32 {
        self.0
    }

    /// Whether this is the present process. Costs one load, so every call can check it.
    #[inline]
    pub fn is_current(self) -> bool {
        self.0 == fork::generation()
    }

    /// Fails if this is not the present process.
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

    /// The error for an object that was created before a fork.
    #[cold]
    pub fn forked() -> Error {
        Error::new(Status::Forked, "created before a fork; create a new one in the child")
    }
}

/// Without fork there is only one process.
#[cfg(not(unix))]
mod fork {
    pub(super) fn generation() -> u32 {
        0
    }

    pub(super) fn watch() {
        #[cfg(windows)]
        super::module::pin();
    }
}

/// Where there are no such rights and signals.
#[cfg(not(unix))]
pub(crate) fn has_more_rights_than_its_user() -> bool {
    false
}

#[cfg(not(unix))]
pub(crate) fn block_signals() {}
