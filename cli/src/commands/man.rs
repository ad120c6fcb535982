//! `callgate man`, for packages.

use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::CommandFactory;

use crate::command_line::CommandLine;
use crate::failure::Failure;

/// Write the manual pages into a folder.
#[derive(clap::Args)]
#[command(hide = true)]
pub struct Man {
    /// The folder, which is made if it does not exist.
    folder: PathBuf,
}

impl Man {
    pub fn run(&self) -> Result<ExitCode, Failure> {
        fs::create_dir_all(&self.folder)?;
        clap_mangen::generate_to(CommandLine::command(), &self.folder)?;
        Ok(ExitCode::SUCCESS)
    }
}
