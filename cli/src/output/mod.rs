//! Printing: text and JSON, with colours on terminals alone.
//!
//! Everything goes through streams that remove colours unless they write to a terminal, and where `NO_COLOR`
//! is set.

mod one_line;
mod plain;

use std::fmt::Display;
use std::io::{self, IsTerminal, Write};

use serde::Serialize;

pub use one_line::{one_line, spaced};
pub use plain::{Plain, PlainWriter};

pub const BOLD: &str = "\x1b[1m";
pub const DIM: &str = "\x1b[2m";
pub const RED: &str = "\x1b[31m";
pub const RESET: &str = "\x1b[0m";

/// Prints a line to standard output.
pub fn line(text: &dyn Display) -> io::Result<()> {
    writeln!(anstream::stdout().lock(), "{text}")
}

/// Prints a line to standard error. If that is closed, there is nobody to tell.
pub fn note(text: &dyn Display) {
    writeln!(anstream::stderr().lock(), "{text}").ok();
}

/// Prints a value as JSON: on one line, or readable where a person reads it.
pub fn json(value: &impl Serialize) -> Result<(), serde_json::Error> {
    match io::stdout().is_terminal() {
        true => readable_json(value),
        false => {
            let mut out = io::BufWriter::new(io::stdout().lock());
            spaced(&mut out, value)?;
            writeln!(out).and_then(|()| out.flush()).map_err(serde_json::Error::io)
        }
    }
}

/// Prints a value as JSON on several lines.
pub fn readable_json(value: &impl Serialize) -> Result<(), serde_json::Error> {
    let mut out = PlainWriter(io::BufWriter::new(io::stdout().lock()));
    serde_json::to_writer_pretty(&mut out, value)?;
    writeln!(out).and_then(|()| out.flush()).map_err(serde_json::Error::io)
}

/// A number of things: `1 connection`, `2 connections`.
pub fn counted(count: u64, what: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {what}{plural}")
}
