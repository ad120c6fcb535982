//! Ctrl-C, and being asked to end.

#[cfg_attr(unix, path = "unix.rs")]
#[cfg_attr(windows, path = "windows.rs")]
mod system;

use std::io;
use std::process;
use std::thread;

pub use system::flag;
use system::Signals;

/// The exit code of a program that Ctrl-C has ended, as shells have it.
const INTERRUPTED: i32 = 130;

/// Takes note of Ctrl-C, and of being asked to end, in place of ending at once.
pub struct Interrupts(Signals);

impl Interrupts {
    pub fn watch() -> io::Result<Interrupts> {
        Ok(Interrupts(Signals::watch()?))
    }

    /// Waits for the next one.
    pub fn wait(mut self) {
        self.0.next();
    }
}

/// Runs a function at the first Ctrl-C; the second ends the process.
pub fn on_first(function: impl FnOnce() + Send + 'static) -> io::Result<()> {
    let mut signals = Signals::watch()?;
    thread::Builder::new().name("interrupts".into()).spawn(move || {
        signals.next();
        function();
        signals.next();
        process::exit(INTERRUPTED);
    })?;
    Ok(())
}
