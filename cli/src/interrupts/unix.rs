//! Signals.

use std::io;
use std::sync::atomic::AtomicBool;
use std::sync::Arc;

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator;

/// The signals that arrive from now on.
pub struct Signals(iterator::Signals);

impl Signals {
    pub fn watch() -> io::Result<Signals> {
        Ok(Signals(iterator::Signals::new([SIGINT, SIGTERM])?))
    }

    /// Waits for the next one.
    pub fn next(&mut self) {
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
