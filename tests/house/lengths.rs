//! Limits the length of files.

use crate::files;
use crate::findings::{require_none, Finding};

const MOST_LINES: usize = 400;

/// The folders of handwritten code; generated files (`include/`) may be longer.
const FOLDERS: [&str; 10] = [
    "src",
    "cli",
    "gateway",
    "macros",
    "bindings",
    "tests",
    "benches",
    "ci",
    "examples",
    "examples-c",
];

const EXTENSIONS: [&str; 9] = ["rs", "py", "pyi", "c", "h", "hpp", "cpp", "cs", ""];

#[test]
fn no_file_is_longer_than_400_lines() {
    let files = FOLDERS.iter().flat_map(|folder| files::in_folder(folder, &EXTENSIONS));
    let findings = files.filter_map(|file| {
        let lines = files::text(&file).lines().count();
        (lines > MOST_LINES).then(|| Finding {
            file,
            line: lines,
            what: format!("{lines} lines, more than {MOST_LINES}"),
            advice: "Give one of the things it does a file of its own.".to_owned(),
        })
    });
    require_none(&findings.collect::<Vec<_>>());
}
