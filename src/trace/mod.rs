//! Records what passes on connections in a file, for people and for tools to read later.
//!
//! A tap wraps the halves of a stream and copies what passes into a queue, from which a thread writes. The
//! program never waits for that thread: what does not fit the queue is left out and counted.
//! docs/internals/traces.md describes the file.

mod blocks;
mod file;
mod frames;
mod queue;
mod recorder;
mod tap;

use std::env;
use std::path::{Path, PathBuf};

use crate::error::Result;

pub(crate) use file::TraceFile;
pub(crate) use recorder::Recorder;
pub(crate) use tap::Role;

/// Records in this file, or in this folder.
const FILE_VARIABLE: &str = "CALLGATE_TRACE";

/// If it is 1, payloads are recorded too.
const PAYLOADS_VARIABLE: &str = "CALLGATE_TRACE_PAYLOADS";

/// The size of a file at which recording stops, unless the program sets another.
const DEFAULT_LIMIT: u64 = 64 * 1024 * 1024;

/// Where and what a host or client records. See [`HostBuilder::trace`](crate::HostBuilder::trace).
#[derive(Clone, Debug)]
pub struct Trace {
    file: PathBuf,
    payloads: bool,
    limit: u64,
}

impl Trace {
    /// A recording in a new file, which only this user may read. In the name, `%p` stands for the process
    /// id, `%n` for the number of the recording in this process, counted from 1, and `%%` for a percent
    /// sign. For a folder, the name is `callgate-%p-%n.pcapng` in it.
    ///
    /// A file that exists is never written to.
    pub fn to_file(file: impl AsRef<Path>) -> Trace {
        Trace { file: file.as_ref().into(), payloads: false, limit: DEFAULT_LIMIT }
    }

    /// Sets whether arguments, results and the data of errors are recorded. By default they are not; names,
    /// metadata and the messages of errors always are.
    pub fn payloads(mut self, payloads: bool) -> Trace {
        self.payloads = payloads;
        self
    }

    /// Sets the size of the file, in bytes, at which recording stops: by default 64 MiB.
    pub fn limit(mut self, bytes: u64) -> Trace {
        self.limit = bytes;
        self
    }

    /// Creates its file.
    ///
    /// # Errors
    /// Invalid argument if the file exists or its folder does not, access denied if it may not be created.
    pub(crate) fn create(&self) -> Result<TraceFile> {
        TraceFile::create(self)
    }

    /// What the environment asks for. A program that runs with more rights than its user has is not asked:
    /// the user could make it write where the user may not.
    fn from_environment() -> Option<Trace> {
        let file = env::var_os(FILE_VARIABLE).filter(|file| !file.is_empty())?;
        if crate::process::has_more_rights_than_its_user() {
            return None;
        }
        let payloads = env::var_os(PAYLOADS_VARIABLE).is_some_and(|value| value == "1");
        Some(Trace::to_file(PathBuf::from(file)).payloads(payloads))
    }
}
