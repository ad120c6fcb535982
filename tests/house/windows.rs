//! Functions of Windows that the transport does without.

use crate::files;
use crate::findings::{require_none, Finding};

/// Their names, and why none of them is called. docs/internals/windows.md says what takes their places.
const AVOIDED: [(&str, &str); 7] = [
    (
        "DisconnectNamedPipe",
        "it throws away what the peer has not read, and instances are not used again",
    ),
    ("FlushFileBuffers", "it waits for a peer that may never read"),
    ("SetNamedPipeHandleState", "pipes stay in the mode in which they were created"),
    ("CancelIo", "it cancels the operations of one thread alone"),
    ("CancelSynchronousIo", "it misses a thread that does not wait yet"),
    ("GENERIC_WRITE", "it contains the right to create instances"),
    ("NMPWAIT_WAIT_FOREVER", "nothing can stop that wait"),
];

#[test]
fn the_transport_does_without_some_functions() {
    let mut findings = Vec::new();
    for file in files::in_folder("src/transport/windows", &["rs"]) {
        for (number, line) in files::text(&file).lines().enumerate() {
            let mut words = line.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
            let comments = line.trim_start().starts_with("//");
            let avoided = words.find_map(|word| AVOIDED.iter().find(|(name, _)| *name == word));
            if let (Some((name, why)), false) = (avoided, comments) {
                findings.push(Finding {
                    file: file.clone(),
                    line: number + 1,
                    what: format!("uses {name}"),
                    advice: format!("Do without: {why}."),
                });
            }
        }
    }
    require_none(&findings);
}
