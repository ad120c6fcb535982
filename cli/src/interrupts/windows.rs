//! Events of the console: Ctrl-C, Ctrl-Break, its window being closed.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver};
use std::sync::Arc;

/// The events that arrive from now on. A process can watch them once.
pub struct Signals(Receiver<()>);

impl Signals {
    pub fn watch() -> io::Result<Signals> {
        let (event, events) = mpsc::channel();
        handle(move || {
            event.send(()).ok();
        })?;
        Ok(Signals(events))
    }

    /// Waits for the next one.
    pub fn next(&mut self) {
        // The handler, and with it the sender, lasts as long as the process.
        self.0.recv().ok();
    }
}

/// Becomes true at the first event.
pub fn flag() -> io::Result<Arc<AtomicBool>> {
    let flag = Arc::new(AtomicBool::new(false));
    let happened = flag.clone();
    handle(move || happened.store(true, Ordering::SeqCst))?;
    Ok(flag)
}

fn handle(event: impl FnMut() + Send + 'static) -> io::Result<()> {
    ctrlc::set_handler(event).map_err(io::Error::other)
}
