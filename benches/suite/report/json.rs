//! All figures, for programs to read.

use std::fs;
use std::path::Path;

use serde::Serialize;

use crate::measure::Outcome;
use crate::placement::Placement;
use crate::rows::Row;
use crate::run::Verdict;
use crate::work::fixed_loop;

#[derive(Serialize)]
pub struct Report {
    is_quick: bool,
    processors: usize,
    /// How long this machine takes for a fixed loop, as a measure of its speed.
    fixed_loop_ms: f64,
    results: Vec<Entry>,
}

#[derive(Serialize)]
struct Entry {
    row: &'static str,
    title: &'static str,
    placement: Placement,
    #[serde(flatten)]
    result: Ending,
}

#[derive(Serialize)]
#[serde(rename_all = "lowercase")]
enum Ending {
    Measured(Outcome),
    Skipped(String),
    Failed(String),
}

impl Report {
    pub fn new(is_quick: bool, processors: usize) -> Report {
        let fixed_loop_ms = fixed_loop().as_secs_f64() * 1e3;
        Report { is_quick, processors, fixed_loop_ms, results: Vec::new() }
    }

    pub fn add(&mut self, row: &Row, placement: Placement, verdict: Result<Verdict, String>) {
        let result = match verdict {
            Ok(Ok(outcome)) => Ending::Measured(outcome),
            Ok(Err(reason)) => Ending::Skipped(reason),
            Err(failure) => Ending::Failed(failure),
        };
        self.results.push(Entry { row: row.name, title: row.title, placement, result });
    }

    /// Writes the report to a file.
    pub fn write(&self, file: &Path) {
        let text = serde_json::to_string_pretty(self).expect("figures can be written");
        fs::write(file, text).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    }

    pub fn has_failed(&self) -> bool {
        self.results.iter().any(|entry| matches!(entry.result, Ending::Failed(_)))
    }

    /// The last line on the terminal.
    pub fn conclusion(&self, file: &Path) -> String {
        let count =
            |is: fn(&Ending) -> bool| self.results.iter().filter(|entry| is(&entry.result)).count();
        format!(
            "fixed loop: {:.1} ms\n{} measured, {} skipped, {} failed; all figures are in {}",
            self.fixed_loop_ms,
            count(|ending| matches!(ending, Ending::Measured(_))),
            count(|ending| matches!(ending, Ending::Skipped(_))),
            count(|ending| matches!(ending, Ending::Failed(_))),
            file.display()
        )
    }
}
