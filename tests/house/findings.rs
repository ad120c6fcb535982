//! The findings of a check.

use std::fmt;

/// A place in a file, what is wrong there and how to fix it.
pub struct Finding {
    pub file: String,
    pub line: usize,
    pub what: String,
    pub advice: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}\n    {}", self.file, self.line, self.what, self.advice)
    }
}

/// Fails with all of them, if there are any.
pub fn require_none(findings: &[Finding]) {
    let lines: Vec<String> = findings.iter().map(Finding::to_string).collect();
    assert!(lines.is_empty(), "{} findings:\n\n{}\n", lines.len(), lines.join("\n\n"));
}
