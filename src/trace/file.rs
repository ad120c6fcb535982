//! The files of recordings.

use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use crate::error::{Error, Result, Status};
use crate::trace::Trace;

/// The name of a file in a folder.
const IN_FOLDER: &str = "callgate-%p-%n.pcapng";

/// The number of files that this process has created or tried to.
static COUNT: AtomicU64 = AtomicU64::new(0);

/// A new file, and what to record in it.
pub(crate) struct TraceFile {
    pub(super) file: File,
    pub(super) path: PathBuf,
    pub(super) payloads: bool,
    pub(super) limit: u64,
}

impl TraceFile {
    pub(super) fn create(trace: &Trace) -> Result<TraceFile> {
        let path = expanded(&trace.file);
        match create(&path) {
            Ok(file) => Ok(TraceFile { file, path, payloads: trace.payloads, limit: trace.limit }),
            Err(error) => {
                let status = match error.kind() {
                    ErrorKind::PermissionDenied => Status::AccessDenied,
                    _ => Status::InvalidArgument,
                };
                let advice = match error.kind() {
                    ErrorKind::AlreadyExists => " (with %p and %n in the name each is new)",
                    _ => "",
                };
                let what = format!("cannot create the trace {}{advice}", path.display());
                Err(Error::from_io(status, what, &error))
            }
        }
    }
}

/// Creates a file that nothing has opened before: not another's file, nor what a symbolic link leads to.
fn create(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// The path that a name stands for. A name that is not UTF-8 stands for itself.
fn expanded(name: &Path) -> PathBuf {
    let number = COUNT.fetch_add(1, Ordering::Relaxed) + 1;
    let name = if name.is_dir() { name.join(IN_FOLDER) } else { name.to_owned() };
    match name.to_str() {
        Some(text) => expand(text, std::process::id(), number).into(),
        None => name,
    }
}

fn expand(text: &str, process: u32, number: u64) -> String {
    let mut parts = text.split('%');
    let mut expanded = parts.next().unwrap_or_default().to_owned();
    while let Some(part) = parts.next() {
        let mut rest = part.chars();
        match rest.next() {
            Some('p') => expanded += &process.to_string(),
            Some('n') => expanded += &number.to_string(),
            Some(other) => expanded.extend(['%', other]),
            // Of two percent signs one stays, with what follows them.
            None => {
                expanded.push('%');
                rest = parts.next().unwrap_or_default().chars();
            }
        }
        expanded += rest.as_str();
    }
    expanded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_expanded() {
        for (name, expected) in [
            ("trace", "trace"),
            ("%p", "7"),
            ("a-%p-%n.pcapng", "a-7-3.pcapng"),
            ("100%%p", "100%p"),
            ("%%%p", "%7"),
            ("%x%", "%x%"),
            ("é%né", "é3é"),
        ] {
            assert_eq!(expand(name, 7, 3), expected, "{name}");
        }
    }
}
