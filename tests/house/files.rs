//! The files of the repository, by their paths from its root.

use std::fs;
use std::path::{Path, PathBuf};

/// Folders with generated files.
const MADE: [&str; 6] = ["target", "obj", "build", "dist", "node_modules", "__pycache__"];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The text of a file.
pub fn text(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The files in a folder and its subfolders, sorted, whose names end in one of these extensions; an empty
/// extension stands for names without a dot.
pub fn in_folder(folder: &str, extensions: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    collect(&root().join(folder), extensions, &mut found);
    found.sort();
    assert!(!found.is_empty(), "{folder}: no files of these kinds: {extensions:?}");
    found
}

fn collect(folder: &Path, extensions: &[&str], found: &mut Vec<String>) {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{folder:?}: {error}"));
    for entry in entries {
        let path = entry.expect("the folder can be read").path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if name.starts_with('.') || path.is_symlink() {
            continue;
        }
        if path.is_dir() {
            if !MADE.contains(&&*name) {
                collect(&path, extensions, found);
            }
        } else if extensions.contains(&name.split_once('.').map_or("", |(_, end)| end)) {
            let path = path.strip_prefix(root()).expect("it is in the repository");
            found.push(path.to_string_lossy().replace('\\', "/"));
        }
    }
}

/// Whether a file or folder exists.
pub fn exists(path: &str) -> bool {
    root().join(path).exists()
}
