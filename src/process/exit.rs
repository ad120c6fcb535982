//! What is left of a process that exits. Windows ends all other threads, wherever they are, and then destroys the
//! static objects of libraries and the locals of the last thread. Objects of Callgate are by then as in the child of
//! a fork: their threads are gone, and their locks may be held for ever.

use super::module;
use crate::error::Status;

/// The error for objects that were made before.
pub(super) const GONE: (Status, &str) =
    (Status::Closed, "the process exits, and its other threads have ended");

#[link(name = "ntdll")]
extern "system" {
    /// Microsoft documents it; windows-sys does not have it.
    fn RtlDllShutdownInProgress() -> u8;
}

/// 1 as soon as the other threads have ended, and 0 before.
#[inline]
pub(super) fn generation() -> u32 {
    // SAFETY: it only reads a flag of the process.
    u32::from(unsafe { RtlDllShutdownInProgress() } != 0)
}

/// Windows needs no preparation to know that. The library must stay loaded while its threads run.
pub(super) fn watch() {
    module::pin();
}
