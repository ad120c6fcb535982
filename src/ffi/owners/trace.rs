//! Traces

use std::ffi::c_char;

use crate::ffi::arguments::name;
use crate::ffi::options::{read, Options};
use crate::{Result, Trace};

/// Records what passes on the connections of a host or client in a file. Without it, the variables
/// CALLGATE_TRACE and CALLGATE_TRACE_PAYLOADS of the environment decide. Recording never makes the program
/// wait: what cannot be written in time is left out and counted, and if the file cannot grow, recording ends
/// with a line in the log. Closing or freeing the host or client waits up to a second until the file is complete.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct callgate_trace {
    /// sizeof(callgate_trace).
    pub struct_size: usize,
    /// The file, which must not exist yet; only this user may read it. "%p" stands for the process id, "%n"
    /// for the number of the recording in this process, and "%%" for a percent sign. For a folder, the name is
    /// "callgate-%p-%n.pcapng" in it.
    pub file: *const c_char,
    /// The size of the file, in bytes, at which recording stops. 0 means 64 MiB.
    pub limit: u64,
    /// Unless 0, arguments, results and the data of errors are recorded too.
    pub payloads: u8,
}

// SAFETY: numbers and a pointer that may be NULL; `struct_size` first.
unsafe impl Options for callgate_trace {
    const NAME: &'static str = "callgate_trace";
}

/// Reads the setting; `None` if the program has none.
///
/// # Safety
/// `trace` is NULL or as the header describes it.
pub(in crate::ffi) unsafe fn read_trace(trace: *const callgate_trace) -> Result<Option<Trace>> {
    if trace.is_null() {
        return Ok(None);
    }
    // SAFETY: promised by the caller.
    let (given, file) = unsafe {
        let given = read(trace).complete()?;
        (given, name(given.file, "file")?)
    };
    let trace = Trace::to_file(file).payloads(given.payloads != 0);
    Ok(Some(match given.limit {
        0 => trace,
        limit => trace.limit(limit),
    }))
}
