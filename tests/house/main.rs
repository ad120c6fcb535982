//! Checks the arrangement of the sources: which layer imports from which, how long files are, that each
//! concept has one word, and that documents refer to what exists. The rules are not written here, but where
//! people read them:
//! - the layers of `src/` are the table in ARCHITECTURE.md,
//! - the words are those of `words.txt` beside this file.

mod files;
mod findings;
mod layers;
mod lengths;
mod references;
mod rust;
mod words;
