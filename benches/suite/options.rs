//! The command line of the suite.

use std::path::{Path, PathBuf};

use crate::rows::{Row, ALL};

pub struct Options {
    pub is_quick: bool,
    pub json: PathBuf,
    pub rows: Vec<&'static Row>,
}

impl Options {
    /// Parses the command line.
    pub fn parse(words: &[&str]) -> Result<Options, String> {
        let mut options = Options { is_quick: false, json: default_json(), rows: Vec::new() };
        let mut words = words.iter();
        while let Some(&word) = words.next() {
            match word {
                // Cargo passes this itself.
                "--bench" => {}
                "--quick" => options.is_quick = true,
                "--json" => options.json = words.next().ok_or("--json needs a file")?.into(),
                _ => options.choose(word)?,
            }
        }
        if options.rows.is_empty() {
            options.rows = ALL.to_vec();
        }
        Ok(options)
    }

    /// Adds the row with this name; if there is none, those whose names begin with it and a hyphen.
    fn choose(&mut self, name: &str) -> Result<(), String> {
        let exactly: Vec<&Row> = ALL.iter().filter(|row| row.name == name).copied().collect();
        let prefix = format!("{name}-");
        let kind = ALL.iter().filter(|row| row.name.starts_with(&prefix)).copied();
        let chosen = if exactly.is_empty() { kind.collect() } else { exactly };
        if chosen.is_empty() {
            return Err(format!("there is no row '{name}'"));
        }
        self.rows.extend(chosen);
        Ok(())
    }
}

/// Beside the other build results.
fn default_json() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("bench.json")
}

pub fn usage() -> String {
    let mut usage = String::from(
        "cargo bench --bench suite -- [--quick] [--json FILE] [ROW...]\n\n\
         Without rows, all of these; echo stands for all echo-...:\n",
    );
    for row in ALL {
        usage += &format!("  {:<16} {}\n", row.name, row.title);
    }
    usage
        + &format!(
            "\nThe figures go to {} unless --json names another file.\n",
            default_json().display()
        )
}
