//! Keeps this library from being unloaded while its threads run, as `-z nodelete` does on Linux.

use std::ptr;
use std::sync::atomic::{AtomicBool, Ordering};
use windows_sys::Win32::System::LibraryLoader::{
    GetModuleHandleExW, GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS, GET_MODULE_HANDLE_EX_FLAG_PIN,
};

/// Whether the module that contains this library stays until the process ends.
static PINNED: AtomicBool = AtomicBool::new(false);

/// Pins the module. If that fails, the next object tries again.
pub(super) fn pin() {
    if PINNED.load(Ordering::Relaxed) {
        return;
    }
    let flags = GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS | GET_MODULE_HANDLE_EX_FLAG_PIN;
    let inside = ptr::from_ref(&PINNED).cast();
    let mut module = ptr::null_mut();
    // SAFETY: the address is within this module, and the result is writable.
    let pinned = unsafe { GetModuleHandleExW(flags, inside, &mut module) };
    PINNED.store(pinned != 0, Ordering::Relaxed);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_module_is_pinned() {
        pin();
        assert!(PINNED.load(Ordering::Relaxed));
    }
}
