//! Recognises the process that created an object.

#[cfg(windows)]
mod exit;
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

#[cfg(windows)]
use exit::{generation, watch, GONE};
#[cfg(unix)]
use fork::{generation, watch, GONE};

use crate::error::{Error, Result};
use std::sync::atomic::AtomicUsize;

/// The number of threads of this process that are spinning; kept here because a forked child starts from
/// zero.
pub(crate) static SPINNING: AtomicUsize = AtomicUsize::new(0);

/// The process in which an object was created. After a fork it differs from the child, and on Windows from what is left
/// of it once it exits and its other threads have ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Process(u32);

impl Process {
    /// The present process. From now on its forks are noticed.
    pub fn current() -> Process {
        watch();
        Process(generation())
    }

    /// A process that is not the present one.
    #[cfg(all(test, feature = "c-abi"))]
    pub fn another() -> Process {
        Process(generation() + 1)
    }

    /// The number of forks between the first process and this one. On Windows 1 while it exits.
    #[cfg(feature = "c-abi")]
    pub fn generation(self) -> u32 {
        self.0
    }

    /// Whether this is the present process. Costs one load, or a few on Windows, so every call can check it.
    #[inline]
    pub fn is_current(self) -> bool {
        self.0 == generation()
    }

    /// Fails if this is not the present process.
    ///
    /// # Errors
    /// Forked; on Windows closed.
    #[inline]
    pub fn check(self) -> Result<()> {
        if self.is_current() {
            return Ok(());
        }
        Err(Process::gone())
    }

    /// The error for an object of another process.
    #[cold]
    pub fn gone() -> Error {
        let (status, message) = GONE;
        Error::new(status, message)
    }
}

/// Where there are no such rights and signals.
#[cfg(not(unix))]
pub(crate) fn has_more_rights_than_its_user() -> bool {
    false
}

#[cfg(not(unix))]
pub(crate) fn block_signals() {}
