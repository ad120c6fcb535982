//! Ctrl-C, and being asked to end.

use std::io;
use std::process;
use std::sync::atomic::AtomicBool;
use std::sync::Arc;
use std::thread;

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

/// The exit code of a program that Ctrl-C has ended, as shells have it.
const INTERRUPTED: i32 = 130;

/// Takes note of Ctrl-C, and of being asked to end, in place of ending at once.
pub struct Interrupts(Signals);

impl Interrupts {
    pub fn watch() -> io::Result<Interrupts> {
        Ok(Interrupts(Signals::new([SIGINT, SIGTERM])?))
    }

    /// Waits for the next one.
    pub fn wait(mut self) {
        self.0.forever().next();
    }
}

/// Becomes true at Ctrl-C, and when the process is asked to end.
pub fn flag() -> io::Result<Arc<AtomicBool>> {
    let flag = Arc::new(AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM, SIGHUP] {
        signal_hook::flag::register(signal, flag.clone())?;
    }
    Ok(flag)
}

/// Runs a function at the first Ctrl-C; the second ends the process.
pub fn on_first(function: impl FnOnce() + Send + 'static) -> io::Result<()> {
    let mut signals = Signals::new([SIGINT, SIGTERM])?;
    thread::Builder::new().name("interrupts".into()).spawn(move || {
        let mut received = signals.forever();
        received.next();
        function();
        received.next();
        process::exit(INTERRUPTED);
    })?;
    Ok(())
}
