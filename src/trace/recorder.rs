//! One recording, and the thread that writes it.

use std::fs::File;
use std::path::Path;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use crate::log::LogLevel;
use crate::process::{self, Process};
use crate::sync::atomic::{AtomicBool, Ordering};
use crate::sync::{thread, Arc};
use crate::time;
use crate::trace::blocks::Block;
use crate::trace::frames::Kept;
use crate::trace::queue::{Added, Queue};
use crate::trace::{Trace, TraceFile};

/// How long dropping a host or client waits for its trace to be written.
const LINGER: Duration = Duration::from_secs(1);

/// Records the connections of one host or client. Clones are the same recorder; the file is complete when the
/// last one has been dropped and the thread has written it.
#[derive(Clone)]
pub(crate) struct Recorder(Arc<Recording>);

struct Recording {
    shared: Arc<Shared>,
}

/// What the thread has too.
pub(super) struct Shared {
    pub queue: Queue,
    /// Whether the file takes no more.
    has_stopped: AtomicBool,
    pub payloads: bool,
    limit: u64,
    pub kept: Kept,
    /// The process that has the thread.
    process: Process,
    /// When recording began, by both clocks.
    begun: Instant,
    epoch: Duration,
}

impl Recorder {
    /// Begins to record in `file`, or where the environment says. `None` if neither says anything, and after a
    /// failure, which `log` gets. Later it gets the reason if recording ends early.
    pub fn begin(
        file: Option<TraceFile>,
        log: impl Fn(LogLevel, &str) + Send + Sync + 'static,
    ) -> Option<Recorder> {
        let file = match file {
            Some(file) => file,
            None => match Trace::from_environment()?.create() {
                Ok(file) => file,
                Err(error) => {
                    log(LogLevel::Warning, &error.to_string());
                    return None;
                }
            },
        };
        let shared = Arc::new(Shared {
            queue: Queue::default(),
            has_stopped: AtomicBool::new(false),
            payloads: file.payloads,
            limit: file.limit,
            kept: Kept::default(),
            process: Process::current(),
            begun: time::now(),
            epoch: SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default(),
        });
        shared.add(&Block::Section);
        let theirs = shared.clone();
        let TraceFile { file, path, .. } = file;
        let log = Arc::new(log);
        let its_log = log.clone();
        let started = thread::Builder::new()
            .name("callgate-trace".into())
            .spawn(move || theirs.write(&file, &path, &*its_log));
        if let Err(error) = started {
            log(LogLevel::Warning, &format!("recording cannot start a thread: {error}"));
            return None;
        }
        Some(Recorder(Arc::new(Recording { shared })))
    }

    pub(super) fn shared(&self) -> &Shared {
        &self.0.shared
    }

    /// Waits until everything so far has been written, or until the deadline.
    pub fn flush(&self, deadline: Instant) {
        let shared = self.shared();
        if shared.process.is_current() {
            shared.queue.flush(deadline);
        }
    }

    /// Waits a little until everything so far has been written: the program may end now.
    pub fn flush_soon(&self) {
        self.flush(time::after(LINGER));
    }
}

impl Drop for Recording {
    fn drop(&mut self) {
        // In another process the lock may be held for ever.
        if self.shared.process.is_current() {
            self.shared.queue.close();
        }
    }
}

impl Shared {
    /// The present time, as files have it.
    pub fn time(&self) -> Duration {
        self.epoch + time::since(self.begun)
    }

    /// Whether the file takes no more, as in another process than the one that began it.
    pub fn has_stopped(&self) -> bool {
        self.has_stopped.load(Ordering::Relaxed) || !self.process.is_current()
    }

    /// Adds a block; false if it is left out.
    pub fn add(&self, block: &Block<'_>) -> bool {
        !self.has_stopped() && self.note(self.queue.add(block, self.limit, self.time()))
    }

    /// Adds a connection, and returns its number.
    pub fn add_interface(&self, block: &Block<'_>) -> Option<u32> {
        let (added, number) = self.queue.add_interface(block, self.limit, self.time());
        self.note(added).then_some(number)
    }

    fn note(&self, added: Added) -> bool {
        if added == Added::Full {
            self.has_stopped.store(true, Ordering::Relaxed);
        }
        added == Added::Yes
    }

    /// Writes until the recorder is dropped or has stopped.
    fn write(&self, file: &File, path: &Path, log: impl Fn(LogLevel, &str)) {
        process::block_signals();
        let written = self.queue.write_to(file);
        let why = match written {
            Err(error) => error.to_string(),
            Ok(true) => format!("its limit is {} bytes", self.limit),
            Ok(false) => return,
        };
        self.has_stopped.store(true, Ordering::Relaxed);
        log(LogLevel::Warning, &format!("recording to {} has stopped: {why}", path.display()));
    }
}
