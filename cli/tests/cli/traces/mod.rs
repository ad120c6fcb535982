//! Recordings, and what `trace` makes of them.

mod files;
mod play;
mod show;

use std::path::{Path, PathBuf};

use callgate::{Host, Trace};
use serde_json::Value;

use crate::support::{builder, callgate, unique};

/// A folder of its own, removed on drop.
pub struct Folder(PathBuf);

impl Folder {
    pub fn new(name: &str) -> Folder {
        let path = std::env::temp_dir().join(unique(name));
        std::fs::create_dir(&path).expect("the folder is new");
        Folder(path)
    }

    pub fn path(&self) -> &Path {
        &self.0
    }

    /// The path of a file in it.
    pub fn file(&self, name: &str) -> String {
        self.0.join(name).to_str().expect("UTF-8").to_owned()
    }

    /// The names of its files.
    pub fn names(&self) -> Vec<String> {
        let files = std::fs::read_dir(&self.0).expect("it exists");
        let names = files.map(|file| file.unwrap().file_name().into_string().expect("UTF-8"));
        let mut names: Vec<_> = names.collect();
        names.sort();
        names
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).ok();
    }
}

/// A host that records.
fn recording_host(name: &str, trace: Trace) -> (Host, String) {
    let endpoint = format!("pipe://{}", unique(name));
    let host = builder(&endpoint).trace(trace).start().expect("it listens");
    (host, endpoint)
}

/// The events of a trace, as `show` prints them.
fn events(file: &str) -> Vec<Value> {
    let shown = callgate(&["--json", "trace", "show", file]).succeeded();
    shown.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

/// The messages of a kind among events.
fn of_kind<'a>(events: &'a [Value], kind: &str) -> Vec<&'a Value> {
    events.iter().filter(|event| event["kind"] == kind).collect()
}
