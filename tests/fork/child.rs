//! Forking.

use std::panic::{catch_unwind, AssertUnwindSafe};

/// After this many seconds the system kills a child that hangs.
const PATIENCE: u32 = 20;

/// How a child exits.
#[derive(Clone, Copy, Debug)]
pub enum Leaving {
    /// At once.
    AtOnce,
    /// Runs everything that runs at the end of a program.
    Exit,
}

/// Runs `act` in a child, and returns whether it completed.
pub fn in_child(leaving: Leaving, act: impl FnOnce()) -> bool {
    // SAFETY: the child does what this library allows, and can allocate memory (the system ensures that).
    let child = unsafe { libc::fork() };
    if child == 0 {
        // SAFETY: takes a number; kills the child if it hangs.
        unsafe { libc::alarm(PATIENCE) };
        let code = i32::from(catch_unwind(AssertUnwindSafe(act)).is_err());
        match leaving {
            // SAFETY: ends the process.
            Leaving::AtOnce => unsafe { libc::_exit(code) },
            Leaving::Exit => std::process::exit(code),
        }
    }
    assert_ne!(child, -1);
    let mut status = 0;
    // SAFETY: the status is writable.
    assert_eq!(unsafe { libc::waitpid(child, &mut status, 0) }, child);
    status == 0
}
