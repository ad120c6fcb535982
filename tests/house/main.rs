//! Checks the arrangement of the sources: which layer imports from which, how long files are, that each
//! concept has one word, that documents refer to what exists, that each planted fault still applies, and that some
//! functions of Windows are not called. The rules are not written here, but where people read them:
//! - the layers of `src/` are a table in ARCHITECTURE.md, those of the Python package one in its README.md,
//! - the words are those of `words.txt` beside this file.

mod files;
mod findings;
mod layers;
mod lengths;
mod python;
mod references;
mod rust;
mod sabotages;
mod windows;
mod words;
