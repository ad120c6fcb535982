//! A watchdog for tests that may hang.

use std::panic;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

/// Far longer than any of these tests takes.
const LIMIT: Duration = Duration::from_secs(60);

/// Runs a test, and fails it if it hangs.
pub(super) fn watched(test: impl FnOnce() + Send + 'static) {
    let (done, finished) = mpsc::channel();
    let runner = thread::spawn(move || {
        test();
        done.send(()).ok();
    });
    let waited = finished.recv_timeout(LIMIT);
    assert_ne!(waited, Err(RecvTimeoutError::Timeout), "the test hangs");
    if let Err(panic) = runner.join() {
        panic::resume_unwind(panic);
    }
}
