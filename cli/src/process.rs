//! Other processes of this machine.

use std::fs;

/// The name of a process, for information: a process may call itself as it likes.
pub fn name(pid: u32) -> Option<String> {
    let name = fs::read_to_string(format!("/proc/{pid}/comm")).ok()?;
    Some(name.trim_end().to_owned())
}
